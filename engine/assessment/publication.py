"""The end of a training: its best weights are calibrated, examined and written as the model file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..compute.distributed import share_weights
from ..contract.errors import JobError
from ..contract.model_card import Card
from ..contract.protocol import Metric, Warned
from ..contract.translation import tr
from ..planning.training_context import TrainingContext
from ..planning.training_length import TrainingLength
from ..training.checkpoints import Checkpoints
from ..training.history import write_history
from ..training.training_run import TrainedNetwork
from ..training.training_state import TrainingProgress
from .contribution import measure_contribution
from .fold_training import with_fold
from .model_calibration import calibrate
from .training_land import fit_land_summary

#: Shares of the end of a training after which its model is calibrated, and its streams and bands are compared.
_CALIBRATED, _COMPARED = 0.35, 0.85


def publish(
    context: TrainingContext,
    checkpoints: Checkpoints,
    trained: TrainedNetwork,
    progress: TrainingProgress,
) -> TrainingProgress:
    """Calibrates the best weights, summarises the training land, measures what streams and bands contribute, and
    writes model file and history.

    Args:
        context: The training.
        checkpoints: Its checkpoints, with the best weights.
        trained: Its network, whose weights are replaced by the best ones.
        progress: Its progress, with the score of the pixel classifier.

    Returns:
        The progress with the final card.

    Raises:
        JobError: If the model file cannot be written.
    """
    job, network = context.job, trained.network
    trained.reporter.finish(0.0, tr("Calibrating the probabilities"))
    card = checkpoints.restore_best(network, progress.card)
    share_weights(network)
    length = replace(progress.length, epochs=progress.epochs)
    with trained.time.calibration(length):
        land = fit_land_summary(network, trained.windows, trained.validator, length, job.seed)
        card, text = calibrate(network, card, trained.validator, job.seed, [land])
    card = land.finish(card)
    measured = {
        "contribution": _contribution(trained, card, length, job.seed),
        "baseline": progress.baseline,
    }
    kept = {name: record for name, record in measured.items() if record}
    card = replace(card, metrics={**card.metrics, **kept})
    if context.plan.fold:
        trained.reporter.finish(_COMPARED, tr("Scoring the fold that the model did not see"))
        card = with_fold(context, checkpoints.key, trained, card)
    if context.ranks.is_main_process:
        try:
            write_history(job.output, card.metrics["epoch"], progress.history)
        except JobError as error:  # the model is worth more than its curves
            context.emit(Warned(str(error)))
    checkpoints.publish(network, card)
    context.emit(Metric(text, {"calibration": card.metrics["calibration"]}))
    return trained.time.finish(replace(progress, card=card))


def _contribution(
    trained: TrainedNetwork, card: Card, length: TrainingLength, seed: int
) -> dict[str, Any]:
    """The contribution of streams and bands, as a record of the card."""

    def on_progress(share: float) -> None:
        text = tr("Measuring what streams and bands contribute")
        trained.reporter.finish(_CALIBRATED + (_COMPARED - _CALIBRATED) * share, text)

    on_progress(0.0)
    return measure_contribution(
        network=trained.network,
        card=card,
        windows=trained.held_out,
        validator=trained.validator,
        most=trained.time.comparable_windows(length),
        seed=seed,
        on_progress=on_progress,
    )
