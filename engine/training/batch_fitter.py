"""Fits the batches of a training into memory: at its start, and whenever they turn out to be too large."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ..compute.distributed import all_gather, describe_step
from ..compute.rank_info import RankInfo
from ..contract.jobs import TrainJob
from ..contract.protocol import Emit, Metric, Warned
from ..contract.translation import tr
from .batch_size import (
    StepBatches,
    TrialFunction,
    find_batch_size,
    keep_recipe_step,
    max_batch_windows,
)


class BatchFitter:
    """Chooses the batches of a training, and smaller ones when they do not fit into memory.

    Args:
        job: The training job, with its recipe.
        pastes: Whether the augmentation pastes from one window of a batch into another.
        record: Callback for the batches from the next step on.
        emit: Callback for the batches as a message, and for warnings.
    """

    def __init__(
        self, job: TrainJob, pastes: bool, record: Callable[[StepBatches], None], emit: Emit
    ) -> None:
        self._job, self._pastes, self._record, self._emit = job, pastes, record, emit

    def choose(
        self, trial: TrialFunction, windows: int, torch_device: torch.device
    ) -> tuple[int, StepBatches]:
        """The batch size and the batches of a new training.

        Args:
            trial: Runs a training step on a number of windows without side effects.
            windows: Number of windows per epoch.
            torch_device: The device.
        """
        job = self._job
        if job.batch_size:
            return job.batch_size, StepBatches(job.batch_size, job.accumulation)
        # The windows of an epoch are divided among all processes.
        most = max_batch_windows(windows // RankInfo.from_environment().world_size)
        size = min(all_gather(find_batch_size(trial, most, torch_device)))
        return size, keep_recipe_step(size, job.accumulation)

    def begin(self, batches: StepBatches) -> None:
        """Records and tells the batches of a new or resumed training."""
        self._change(batches)
        ranks, text = RankInfo.from_environment(), tr("Learning from {}.").format(batches)
        if ranks.is_distributed:
            text = describe_step(ranks, batches.size, batches.accumulation)
        values = {"batch_size": batches.size, "accumulation": batches.accumulation}
        self._emit(Metric(text, values))

    def run(
        self, attempt: Callable[[StepBatches], float | None], batches: StepBatches, what: str
    ) -> tuple[float, StepBatches]:
        """The result of an attempt, and its batches: smaller ones if the given do not fit.

        Args:
            attempt: Trains with batches; returns None if they do not fit into memory.
            batches: The first batches to try.
            what: What begins again with smaller batches, for the warning, such as ``tr("Trial")``.
        """
        while (result := attempt(batches)) is None:
            smaller = batches.halve()
            self._emit(
                Warned(
                    tr(
                        "{}: batches of {} do not fit into the memory, so it begins again with {}."
                    ).format(what, batches.size, smaller)
                )
            )
            self._change(smaller)
            batches = smaller
        return result, batches

    def _change(self, batches: StepBatches) -> None:
        self._record(batches)
        if batches.size == 1 != self._job.batch_size and self._pastes:
            self._emit(
                Warned(
                    tr(
                        "The augmentation copy-paste does nothing now: a batch of one tile has no other to "
                        "paste from."
                    )
                )
            )
