"""The page about a training: rewritten after its epochs, as often as that costs hardly any time."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from ..contract.errors import RasterError, first_line
from ..contract.model_card import Card
from ..contract.protocol import Warned
from ..contract.translation import tr
from ..planning.training_context import TrainingContext
from ..planning.training_length import more_steps_advice
from ..reports.training_page import write_training_report
from ..reports.training_values import FINISHED, INTERRUPTED, RUNNING, Panels
from ..training.initial_network import build_initial_network
from ..training.training_run import TrainedNetwork
from ..training.training_state import TrainingProgress
from .report_facts import automatic_choices, training_facts
from .sample_panels import draw_changes, draw_panels

#: Least time between two writings, s, and the largest share of the time that they take.
_MIN_INTERVAL = 3.0
_MAX_SHARE = 0.02


class TrainingReport:
    """The page about a training. A page that cannot be written is a warning, and the training continues.

    Args:
        path: The page.
        context: The training.
    """

    def __init__(self, path: Path, context: TrainingContext) -> None:
        self._path = path
        self._context = context
        self._values = training_facts(context)
        self._latest: TrainingProgress | None = None
        self._next_time = 0.0
        self._has_failed = False

    def on_epoch(self, progress: TrainingProgress) -> None:
        """Rewrites the page after an epoch, if the last writing is long enough ago."""
        self._latest = progress
        start = time.monotonic()
        if start >= self._next_time:
            self._write(progress, RUNNING)
            end = time.monotonic()
            self._next_time = end + max(_MIN_INTERVAL, (end - start) / _MAX_SHARE)

    def interrupt(self) -> None:
        """Writes into the page that the training was interrupted, if an epoch of this run was finished."""
        if self._latest:
            self._write(self._latest, INTERRUPTED)

    def finish(self, progress: TrainingProgress, trained: TrainedNetwork) -> None:
        """Writes the page of the finished training.

        Args:
            progress: The progress with the final card.
            trained: The network with its final weights, and its validator, which has gone through its windows with them.
        """
        self._latest = None
        start = time.monotonic()
        panels: tuple[Panels, ...] = ()
        changes: tuple[Panels, ...] = ()
        try:
            panels = draw_panels(
                trained.network, progress.card, trained.held_out, trained.validator
            )
            changes = self._changes(progress.card, trained)
        except Exception as error:  # memory may run out; the model is written already
            self._warn(error)
        seconds = progress.seconds + time.monotonic() - start
        self._write(replace(progress, seconds=seconds), FINISHED, panels, changes)

    def _changes(self, card: Card, trained: TrainedNetwork) -> tuple[Panels, ...]:
        """Where the masks differ from those of the model from which the training started."""
        context, start = self._context, self._context.plan.start
        if not start or not start.knows(card.classes) or not card.metrics["epoch"]:
            return ()
        before = build_initial_network(context.plan, context.card, context.scaling)
        # A user who maps with that model sees its mask at its own threshold.
        earlier = replace(context.card, threshold=start.threshold(card))
        return draw_changes(
            before.to(context.device.torch_device),
            trained.network,
            (earlier, card),
            trained.held_out,
            trained.validator,
        )

    def _write(
        self,
        progress: TrainingProgress,
        state: str,
        panels: tuple[Panels, ...] = (),
        changes: tuple[Panels, ...] = (),
    ) -> None:
        context = self._context
        steps = progress.steps(context.ranks.world_size)
        values = replace(
            self._values,
            state=state,
            epochs=progress.length.epochs,
            seconds=progress.seconds,
            metrics=progress.card.metrics,
            history=progress.history,
            stop=progress.stop,
            choices=automatic_choices(context, progress),
            warnings=tuple(dict.fromkeys(context.warnings)),
            panels=panels,
            changes=changes,
            steps=steps,
            more_steps=self._more_steps(progress, steps),
            baseline=progress.baseline,
        )
        try:
            write_training_report(self._path, values)
        except Exception as error:  # whatever is wrong with a page must not end a training
            self._warn(error)

    def _more_steps(self, progress: TrainingProgress, steps: int) -> str:
        """The advice for few steps; empty for a training that started from a model, or no longer learnt."""
        job = self._context.job
        if job.start or (progress.stop and not job.minutes):
            return ""
        seconds = 60 * job.minutes or progress.seconds
        return more_steps_advice(steps, max(1, job.folds) * seconds, job.tile_size)

    def _warn(self, error: Exception) -> None:
        """Warns once about a page that cannot be made."""
        if not self._has_failed:
            is_told = isinstance(error, RasterError)
            text = tr("The report {} is incomplete ({}): the training continues.").format(
                self._path, first_line(error)
            )
            self._context.emit(Warned(str(error) if is_told else text))
        self._has_failed = True
