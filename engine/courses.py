"""How one model goes over a scene: which tiles, from which row on, and what of them is new."""

from __future__ import annotations

from dataclasses import dataclass

from .windows import Slot, Tiling, Window


@dataclass(frozen=True)
class Course:
    """The tiles of a region that a model has not finished yet.

    Attributes:
        tiling: All tiles; what they cover may be more than the region.
        region: What is mapped, on the image's grid.
        done: Rows of the region that are finished already.
    """

    tiling: Tiling
    region: Window
    done: int = 0

    @property
    def first(self) -> int:
        """The number of the first strip that finishes a new row."""
        return self.tiling.strip_at(self.region.row - self.tiling.region.row + self.done)

    @property
    def start(self) -> int:
        """The number of the first strip to compute: the one above, for what fades into the first."""
        return max(self.first - 1, 0)

    @property
    def first_row(self) -> int:
        """The first row of the image that is looked at."""
        return self.tiling.region.row + self.tiling.strips[self.start].rows.start

    @property
    def tiles_before(self) -> int:
        """How many tiles need not be computed."""
        return sum(len(strip.cols) for strip in self.tiling.strips[: self.start])

    def is_new(self, rows: Slot) -> bool:
        """Whether a strip finishes rows that are not finished."""
        return rows.begin >= self.tiling.strips[self.first].rows.begin

    def part(self, rows: Slot) -> tuple[slice, slice]:
        """The rows and columns of a finished strip that lie in the region and are new."""
        seen, region, height = self.tiling.region, self.region, rows.end - rows.begin
        first = min(max(region.row + self.done - seen.row - rows.begin, 0), height)
        last = min(max(region.row_stop - seen.row - rows.begin, 0), height)
        left = region.col - seen.col
        return slice(first, max(first, last)), slice(left, left + region.width)
