"""Fits the batches of a training into memory: at its start, and whenever they turn out to be too large."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import torch

from ..compute.distributed import all_gather, describe_step
from ..compute.failures import is_out_of_memory
from ..compute.rank_info import RankInfo
from ..contract.errors import JobError
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

Batches = TypeVar("Batches")
Result = TypeVar("Result")


def run_until_it_fits(
    attempt: Callable[[Batches], Result],
    batches: Batches,
    can_halve: Callable[[Batches], bool],
    halve: Callable[[Batches], Batches],
) -> tuple[Result, Batches]:
    """Repeats an attempt with smaller batches until they fit into memory.

    Args:
        attempt: Callback that computes something in batches.
        batches: The first batches to try.
        can_halve: Whether batches can be smaller.
        halve: Callback that restores the state before the attempt and returns smaller batches.

    Returns:
        The result, and the batches that fit.

    Raises:
        Exception: The error of the attempt if the batches cannot be smaller, or memory is not the reason.
    """
    while True:
        try:
            return attempt(batches), batches
        except Exception as error:
            if not is_out_of_memory(error) or not can_halve(batches):
                raise
        # After the handler nothing refers to the batch any more.
        batches = halve(batches)


class BatchFitter:
    """Chooses the batches of a training, and smaller ones when they do not fit into memory.

    Args:
        job: The training job, with its recipe.
        pastes: Whether the augmentation pastes from one window of a batch into another.
        ranks: The rank of this process.
        emit: Callback for the batches as a message, and for warnings.
    """

    def __init__(self, job: TrainJob, pastes: bool, ranks: RankInfo, emit: Emit) -> None:
        self._job, self._pastes = job, pastes
        self._ranks, self._emit = ranks, emit

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
        most = max_batch_windows(windows // self._ranks.world_size)
        size = min(all_gather(find_batch_size(trial, most, torch_device)))
        return size, keep_recipe_step(size, job.accumulation)

    def report(self, batches: StepBatches) -> None:
        """Reports the batches of a new or resumed training."""
        self._warn_about_paste(batches)
        text = tr("Learning from {}.").format(batches)
        if self._ranks.is_distributed:
            text = describe_step(self._ranks, batches.size, batches.accumulation)
        values = {"batch_size": batches.size, "accumulation": batches.accumulation}
        self._emit(Metric(text, values))

    def run(
        self,
        attempt: Callable[[StepBatches], float],
        batches: StepBatches,
        restore: Callable[[], None],
        what: str,
    ) -> tuple[float, StepBatches]:
        """The result of an attempt, and its batches: smaller ones if the given do not fit.

        Args:
            attempt: Callback that trains with batches.
            batches: The first batches to try.
            restore: Callback that restores the state before the attempt.
            what: What begins again with smaller batches, for the warning, such as ``tr("Trial")``.

        Raises:
            JobError: If the batches of several processes do not fit.
        """
        return run_until_it_fits(
            attempt, batches, self._can_halve, partial(self._halve, restore, what)
        )

    def _can_halve(self, batches: StepBatches) -> bool:
        if batches.size == 1:
            return False
        if self._ranks.is_distributed:  # the other processes wait for this one
            raise JobError(too_large_message(batches))
        return True

    def _halve(self, restore: Callable[[], None], what: str, batches: StepBatches) -> StepBatches:
        restore()
        smaller = batches.halve()
        text = tr("{}: batches of {} do not fit into the memory, so it begins again with {}.")
        self._emit(Warned(text.format(what, batches.size, smaller)))
        self._warn_about_paste(smaller)
        return smaller

    def _warn_about_paste(self, batches: StepBatches) -> None:
        if batches.size == 1 != self._job.batch_size and self._pastes:
            self._emit(
                Warned(
                    tr(
                        "The augmentation copy-paste does nothing now: a batch of one tile has no other to "
                        "paste from."
                    )
                )
            )


def too_large_message(batches: StepBatches) -> str:
    """Advises smaller batches with exactly as many windows per step, with which the training can resume."""
    windows = batches.windows
    size = next(n for n in range(batches.size // 2, 0, -1) if windows % n == 0)
    return tr(
        "Batches of {} do not fit into the memory of every device: give batch_size {} and accumulation {}."
    ).format(batches.size, size, windows // size)
