"""The score of building competitions, from two tables of run lengths; no picture is needed.

Dice of an image with the masks A and B: (2 |A and B| + s) / (|A| + |B| + s) with s = 1e-7. Images whose
masks are both empty are skipped, and the score is the mean over the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..contract.errors import LabelError, format_count, join_names
from ..contract.protocol import Event, Progress, Warned
from .rle import Runs, shared_pixels
from .rle_tables import ID, Row, parse_row_runs, read_masks

#: What a table's name ends in.
TABLE_SUFFIX = ".csv"

#: Keeps the quotient defined.
_SMOOTH = 1e-7

#: Ids that a message names.
_NAMED = 5

#: Images between two words of progress.
_EVERY = 100


@dataclass(frozen=True)
class DiceScore:
    """The mean Dice of a submission.

    Attributes:
        mean: The mean over the images that count; None where none does.
        images: How many count.
        skipped: How many do not: their masks are empty in both tables.
    """

    mean: float | None
    images: int
    skipped: int

    def sentence(self) -> str:
        """The score for a person."""
        if self.mean is None:
            return f"There is no score: both tables have empty masks only, of {format_count(self.skipped, 'image')}."
        without = f"; {self.skipped} without a mask in either are left out" if self.skipped else ""
        return f"Mean Dice {self.mean:.4f} over {format_count(self.images, 'image')}{without}."

    def as_dict(self) -> dict[str, Any]:
        """The score for programs."""
        return {"mean_dice": self.mean, "images": self.images, "skipped": self.skipped}


def is_table(path: str) -> bool:
    """Whether a path names a table rather than a raster or polygons."""
    return path.lower().endswith(TABLE_SUFFIX)


def score(submission: Path, truth: Path, emit: Callable[[Event], None]) -> DiceScore:
    """The mean Dice of a submission; both tables count pixels in the same order.

    Args:
        submission: The table with img_id and mask_rle to score.
        truth: Another, which says what is right and which images count.
        emit: Is told progress, and of images that the truth does not know.

    Raises:
        LabelError: If a table cannot be used, or the submission lacks an image.
    """
    given, wanted = read_masks(submission), read_masks(truth)
    missing = [name for name in wanted if name not in given]
    if missing:
        raise LabelError(
            f"The submission {submission} lacks {_listed(missing)} of {truth}: every {ID} needs a row, "
            "with -1 where the mask is empty."
        )
    unknown = [name for name in given if name not in wanted]
    if unknown:
        emit(Warned(f"Not in {truth} and so not scored: {_listed(unknown)} of {submission}."))
    found: list[float] = []
    for number, (name, row) in enumerate(wanted.items(), start=1):
        dice = _dice(given[name], row)
        found += [] if dice is None else [dice]
        if number % _EVERY == 0 or number == len(wanted):
            emit(Progress(number / len(wanted), "comparing"))
    mean = sum(found) / len(found) if found else None
    return DiceScore(mean, len(found), len(wanted) - len(found))


def _dice(one: Row, other: Row) -> float | None:
    """The Dice of two masks; None where both are empty."""
    found, true = parse_row_runs(one), parse_row_runs(other)
    pixels = _pixels(found) + _pixels(true)
    return (2 * shared_pixels(found, true) + _SMOOTH) / (pixels + _SMOOTH) if pixels else None


def _pixels(mask: Runs) -> int:
    return int((mask[1] - mask[0]).sum())


def _listed(names: list[str]) -> str:
    return f"{format_count(len(names), 'image')}, {join_names(names, _NAMED)},"
