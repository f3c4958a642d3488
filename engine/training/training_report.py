"""The page about a training: rewritten after its epochs, as often as that costs hardly any time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from torch import nn

from ..compute.devices import Device
from ..compute.rank_info import RankInfo
from ..contract.checkpoint_files import report_path
from ..contract.errors import RasterError, first_line
from ..contract.model_card import Card
from ..contract.protocol import Emit, Event, Warned
from ..contract.translation import tr
from ..reports.training_page import write_training_report
from ..reports.training_values import FINISHED, INTERRUPTED, RUNNING, Panels, TrainingValues
from ..sampling.band_statistics import Scaling
from ..sampling.survey import Survey
from ..sampling.window_dataset import ValidationWindows
from .initial_network import build_initial_network
from .report_facts import automatic_choices, training_facts
from .sample_panels import draw_changes, draw_panels
from .training_plan import TrainingPlan
from .training_state import TrainingProgress
from .training_time import FEW_STEPS
from .validation import Validator

#: Least time between two writings, s, and the largest share of the time that they take.
_MIN_INTERVAL, _MAX_SHARE = 3.0, 0.02


def report_of(plan: TrainingPlan) -> Path | None:
    """The page of a training, which the first process writes; None: this process writes none."""
    if not RankInfo.from_environment().is_main_process:
        return None
    return report_path(plan.job.output, plan.job.report)


def keep_warnings(emit: Emit, warnings: list[str]) -> Emit:
    """A callback that also adds the messages of warnings to a list."""

    def emit_and_keep(event: Event) -> None:
        if isinstance(event, Warned):
            warnings.append(event.message)
        emit(event)

    return emit_and_keep


class TrainingReport:
    """The page about a training. A page that cannot be written is a warning, and the training goes on.

    Args:
        path: The page.
        plan: The training job.
        data: Its data.
        card: The card without scores.
        scaling: The streams' scaling.
        device: The device.
        warnings: The warnings so far; later ones are added by their owner.
        emit: Callback for warnings.
    """

    def __init__(
        self,
        path: Path,
        plan: TrainingPlan,
        data: Survey,
        card: Card,
        scaling: Scaling,
        device: Device,
        warnings: Sequence[str],
        emit: Emit,
    ) -> None:
        self._path, self._plan, self._data, self._device = path, plan, data, device
        self._card, self._scaling = card, scaling
        self._warnings, self._emit = warnings, emit
        self._facts = training_facts(plan, data, card, device)
        self._latest: TrainingProgress | None = None
        self._next_time, self._has_failed = 0.0, False

    def update(self, progress: TrainingProgress) -> None:
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

    def finish(
        self,
        progress: TrainingProgress,
        network: nn.Module,
        windows: ValidationWindows,
        validator: Validator,
    ) -> None:
        """Writes the page of the finished training.

        Args:
            progress: The progress with the final card.
            network: The network with its final weights.
            windows: The validation windows.
            validator: Has gone through them with these weights.
        """
        self._latest = None
        panels: tuple[Panels, ...] = ()
        changes: tuple[Panels, ...] = ()
        try:
            panels = draw_panels(network, progress.card, windows, validator)
            changes = self._changes(progress, network, windows, validator)
        except Exception as error:  # memory may run out; the model is written already
            self._warn(error)
        self._write(progress, FINISHED, panels, changes)

    def _changes(
        self,
        progress: TrainingProgress,
        network: nn.Module,
        windows: ValidationWindows,
        validator: Validator,
    ) -> tuple[Panels, ...]:
        """Where the masks differ from those of the model from which the training started."""
        start, card = self._plan.start, progress.card
        if not start or not start.knows(card.classes) or not card.metrics["epoch"]:
            return ()
        before = build_initial_network(self._plan, self._card, self._scaling)
        # A user who maps with that model sees its mask at its own threshold.
        cards = replace(self._card, threshold=start.threshold(card)), card
        return draw_changes(
            before.to(self._device.torch_device), network, cards, windows, validator
        )

    def _write(
        self,
        progress: TrainingProgress,
        state: str,
        panels: tuple[Panels, ...] = (),
        changes: tuple[Panels, ...] = (),
    ) -> None:
        steps = progress.steps(RankInfo.from_environment().world_size)
        values = TrainingValues(
            state=state,
            epochs=progress.length.epochs,
            seconds=progress.seconds,
            device=self._device.name,
            metrics=progress.card.metrics,
            history=progress.history,
            stop=progress.stop,
            choices=automatic_choices(self._plan, self._data, self._device, progress),
            warnings=tuple(dict.fromkeys(self._warnings)),
            panels=panels,
            changes=changes,
            steps=steps,
            has_hardly_begun=steps < FEW_STEPS and not (progress.stop or self._plan.start),
            baseline=progress.baseline,
        )
        try:
            write_training_report(self._path, self._facts, values)
        except Exception as error:  # whatever is wrong with a page must not end a training
            self._warn(error)

    def _warn(self, error: Exception) -> None:
        """Warns once about a page that cannot be made."""
        if not self._has_failed:
            is_told = isinstance(error, RasterError)
            text = tr("The report {} is incomplete ({}): the training goes on.").format(
                self._path, first_line(error)
            )
            self._emit(Warned(str(error) if is_told else text))
        self._has_failed = True
