"""Division of an optimizer step's windows into batches.

The number of windows a step learns from decides the training; how they are divided into batches decides little but
the time and the memory. So a step keeps its number of windows, if need be in more and smaller batches.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..contract.errors import format_count
from ..contract.jobs import TrainJob


@dataclass(frozen=True)
class StepBatches:
    """How the windows of a step are divided.

    Attributes:
        size: Windows a batch.
        accumulation: Batches a step.
    """

    size: int
    accumulation: int

    @property
    def windows(self) -> int:
        """Windows a step: the effective batch."""
        return self.size * self.accumulation

    def __str__(self) -> str:
        windows = f"{format_count(self.windows, 'window')} a step"
        if self.accumulation == 1:
            return f"{windows}, in one batch"
        return f"{windows}: batches of {self.size}, {self.accumulation} of them"

    def halve(self) -> StepBatches:
        """Batches of half the size, and as many that a step has as many windows, or nearly so."""
        return _of(self.windows, self.size // 2)


def keep_recipe_step(size: int, accumulation: int) -> StepBatches:
    """What becomes of a batch size that was found: a step keeps the windows it would have with the usual one.

    Only where a single batch has more than these, the step has them too.
    """
    return _of(TrainJob.batch_size * accumulation, size)


def _of(windows: int, size: int) -> StepBatches:
    return StepBatches(size, max(1, round(windows / size)))
