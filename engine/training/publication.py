"""The end of a training: its best weights are calibrated, examined and written as the model file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from torch import nn

from ..compute.distributed import share_weights
from ..compute.rank_info import RankInfo
from ..contract.errors import JobError
from ..contract.protocol import Emit, Metric, Warned
from ..contract.translation import tr
from ..sampling.window_dataset import TrainingWindows, ValidationWindows
from .checkpoints import Checkpoints
from .contribution import measure_contribution
from .history import write_history
from .model_calibration import calibrate
from .out_of_fold import with_fold
from .training_land import fit_land_summary
from .training_plan import TrainingPlan
from .training_state import TrainingProgress
from .training_time import TrainingTime
from .validation import Validator

#: Shares of the end of a training after which its model is calibrated, and its streams and bands are compared.
_CALIBRATED, _COMPARED = 0.35, 0.85


def publish(
    network: nn.Module,
    progress: TrainingProgress,
    plan: TrainingPlan,
    checkpoints: Checkpoints,
    windows: TrainingWindows,
    held_out: ValidationWindows,
    validator: Validator,
    time: TrainingTime,
    emit: Emit,
    on_progress: Callable[[float, str], None],
) -> TrainingProgress:
    """Calibrates the best weights, summarises the training land, measures what streams and bands contribute, and
    writes model file and history.

    Args:
        network: The network that is saved, whose weights are replaced by the best ones.
        progress: The progress of the training, with best weights.
        plan: Its job.
        checkpoints: Its checkpoints.
        windows: The training windows.
        held_out: The validation windows.
        validator: Validates on these.
        time: The time of the training, which limits the comparison.
        emit: Callback for the results.
        on_progress: Callback for the finished share of this and a text.

    Returns:
        The progress with the final card.
    """
    job = plan.job
    on_progress(0.0, tr("Calibrating the probabilities"))
    card = checkpoints.restore_best(network, progress.card)
    share_weights(network)
    length = replace(progress.length, epochs=progress.epochs)
    with time.calibration(length):
        land = fit_land_summary(network, windows, validator, length, job.seed)
        card, text = calibrate(network, card, validator, job.seed, [land])
    card = land.finish(card)

    def on_comparison(share: float) -> None:
        on_progress(_CALIBRATED + (_COMPARED - _CALIBRATED) * share, comparing)

    comparing = tr("Measuring what streams and bands contribute")
    on_comparison(0.0)
    most = time.comparable_windows(length)
    found = measure_contribution(network, card, held_out, validator, most, job.seed, on_comparison)
    measured = {"contribution": found, "baseline": progress.baseline}
    kept = {name: record for name, record in measured.items() if record}
    card = replace(card, metrics={**card.metrics, **kept})
    if plan.fold:
        on_progress(_COMPARED, tr("Scoring the fold that the model did not see"))
        card = with_fold(network, card, progress, plan, checkpoints.key, held_out, validator)
    if RankInfo.from_environment().is_main_process:
        try:
            write_history(job.output, card.metrics["epoch"], progress.history)
        except JobError as error:  # the model is worth more than its curves
            emit(Warned(str(error)))
    checkpoints.publish(network, card)
    emit(Metric(text, {"calibration": card.metrics["calibration"]}))
    return time.finish(replace(progress, card=card))
