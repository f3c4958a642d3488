"""A simulated person who clicks what is wrong on the map, with the jitter and the mistakes of a hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .pools import COLUMNS, UNLABELLED, VIEW

#: Standard deviation of a click's place, px, and share of clicks with another class.
_JITTER, _MISTAKES = 3.0, 0.03

#: The middle is the one of the places whose distance from the edge is at least this part of the largest.
_WIDEST = 0.9

#: Half of the least width of a region that the person clicks, px: a hand misses what is narrower.
_NOTICED = 3.0


@dataclass(frozen=True)
class Click:
    """A marked pixel: its row and column in the scene, and its class."""

    row: int
    col: int
    value: int


class Person:
    """Knows the land by sight, and clicks.

    Args:
        truth: Class values of the scene (H, W), as the person sees them.
        height: Rows of the scene that may be labelled.
        seed: Seed of jitter and mistakes.
    """

    def __init__(self, truth: NDArray[np.uint8], height: int, seed: int) -> None:
        self._truth = truth[:height]
        self._random = np.random.default_rng(seed)
        self._values = [int(value) for value in np.unique(self._truth) if value != UNLABELLED]

    def begin(self, views: int) -> list[Click]:
        """The first clicks, before there is a map: one for each class in each of some random views."""
        count = len(self._truth) // VIEW * COLUMNS
        chosen = self._random.permutation(count)[:views]
        shown = set(self._truth.ravel().tolist()) - {UNLABELLED}
        nothing = np.full_like(self._truth, UNLABELLED)
        clicks = [click for n in chosen for click in self._click_view(int(n), nothing)]
        # Nobody begins without an example of a class: a person looks for one.
        missing = sorted(shown - {click.value for click in clicks})
        return [*clicks, *(self._click_region(self._truth == v, v, 0, 0) for v in missing)]

    def correct(self, mask: NDArray[np.uint8]) -> list[Click]:
        """One click at most for each class and view, in the middle of the largest region of it that is mapped wrongly."""
        views = len(self._truth) // VIEW * COLUMNS
        return [click for n in range(views) for click in self._click_view(n, mask)]

    def mark(self, row: int, col: int) -> Click:
        """A click at a place that the program asks for; its class may be a mistake."""
        height, width = self._truth.shape
        row, col = min(max(row, 0), height - 1), min(max(col, 0), width - 1)
        return Click(row, col, self._named(int(self._truth[row, col])))

    def _click_view(self, number: int, mask: NDArray[np.uint8]) -> Iterator[Click]:
        row, col = number // COLUMNS * VIEW, number % COLUMNS * VIEW
        part = (slice(row, row + VIEW), slice(col, col + VIEW))
        truth, mapped = self._truth[part], mask[part]
        for value in self._values:
            region = _largest((truth == value) & (mapped != value))
            if region is not None:
                yield self._click_region(region, value, row, col)

    def _click_region(self, region: NDArray[np.bool_], value: int, row: int, col: int) -> Click:
        """A click near the middle of a region; one that would miss the scene is moved to its edge."""
        inside = _inside(region)
        widest = np.argwhere(inside > _WIDEST * inside.max())
        middle = widest[np.linalg.norm(widest - widest.mean(axis=0), axis=1).argmin()]
        down, right = np.rint(middle + self._random.normal(0, _JITTER, 2)).astype(int).tolist()
        height, width = self._truth.shape
        row, col = min(max(row + down, 0), height - 1), min(max(col + right, 0), width - 1)
        return Click(row, col, self._named(value))

    def _named(self, value: int) -> int:
        """A class, or by mistake another one."""
        if self._random.random() >= _MISTAKES:
            return value
        return int(self._random.choice([other for other in self._values if other != value]))


def _largest(wrong: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """The largest connected region that is wide enough to be clicked, if there is one."""
    numbers, _ = ndimage.label(wrong)
    wide = np.unique(numbers[_inside(wrong) >= _NOTICED])
    if not len(wide):
        return None
    sizes = np.bincount(numbers.ravel())
    largest: NDArray[np.bool_] = numbers == wide[sizes[wide].argmax()]
    return largest


def _inside(region: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The distance (h, w) of each pixel of a region from its edge, px."""
    distance: NDArray[np.float64] = ndimage.distance_transform_edt(np.pad(region, 1))[1:-1, 1:-1]
    return distance
