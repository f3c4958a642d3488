"""The Dice score of building competitions, from two tables of run lengths; no picture is needed.

Dice of an image with the masks A and B: (2 |A and B| + s) / (|A| + |B| + s) with s = 1e-7. The score is the mean
over all images but those whose masks are both empty.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..contract.errors import LabelError, format_count, join_names
from ..contract.protocol import Event, Progress, Warned
from ..contract.translation import tr
from .rle import count_common_pixels
from .rle_tables import ID, TableRow, parse_row_runs, read_masks

#: Keeps the quotient defined.
_SMOOTH = 1e-7

#: Maximum number of ids in a message.
_MAX_NAMES = 5

#: Images between two progress events.
_PROGRESS_STEP = 100


@dataclass(frozen=True)
class DiceScore:
    """The mean Dice of a submission.

    Attributes:
        mean: The mean over the scored images; None if there are none.
        images: Number of scored images.
        skipped: Number of images whose masks are empty in both tables.
    """

    mean: float | None
    images: int
    skipped: int

    def sentence(self) -> str:
        """The score as a sentence."""
        if self.mean is None:
            skipped = format_count(self.skipped, "{} image", "{} images")
            return tr("There is no score: both tables have empty masks only, of {}.").format(
                skipped
            )
        images = format_count(self.images, "{} image", "{} images")
        if not self.skipped:
            return tr("Mean Dice {:.4f} over {}.").format(self.mean, images)
        text = tr("Mean Dice {:.4f} over {}; {} without a mask in either are left out.")
        return text.format(self.mean, images, self.skipped)

    def as_dict(self) -> dict[str, Any]:
        """The score as outputs of a job."""
        return {"mean_dice": self.mean, "images": self.images, "skipped": self.skipped}


def is_table(path: str) -> bool:
    """Whether a path names a table rather than a raster or polygons."""
    return path.lower().endswith(".csv")


def score(submission: Path, truth: Path, emit: Callable[[Event], None]) -> DiceScore:
    """The mean Dice of a submission; both tables count pixels in the same order.

    Args:
        submission: The table to score, with img_id and mask_rle.
        truth: The table with the true masks of all images to score.
        emit: Callback for progress and warning events.

    Raises:
        LabelError: If a table cannot be used, or the submission lacks an image.
    """
    predicted, expected = read_masks(submission), read_masks(truth)
    missing = [name for name in expected if name not in predicted]
    if missing:
        raise LabelError(
            tr(
                "The submission {} lacks {} of {} ({}): every {} needs a row, with -1 where the mask is "
                "empty."
            ).format(submission, *_listed(missing, truth), ID)
        )
    unknown = [name for name in predicted if name not in expected]
    if unknown:
        text = tr("Not in {} and so not scored: {} of {} ({}).")
        emit(Warned(text.format(truth, *_listed(unknown, submission))))
    scores: list[float] = []
    for number, (name, row) in enumerate(expected.items(), start=1):
        dice = _dice(predicted[name], row)
        scores += [] if dice is None else [dice]
        if number % _PROGRESS_STEP == 0 or number == len(expected):
            emit(Progress(number / len(expected), tr("Comparing")))
    mean = sum(scores) / len(scores) if scores else None
    return DiceScore(mean, len(scores), len(expected) - len(scores))


def _dice(predicted: TableRow, expected: TableRow) -> float | None:
    """The Dice of two masks; None if both are empty."""
    one, other = parse_row_runs(predicted), parse_row_runs(expected)
    pixels = sum(int((stops - starts).sum()) for starts, stops in (one, other))
    return (2 * count_common_pixels(one, other) + _SMOOTH) / (pixels + _SMOOTH) if pixels else None


def _listed(names: list[str], table: Path) -> tuple[str, Path, str]:
    """The number of images, their table and the first names."""
    count = format_count(len(names), "{} image", "{} images")
    return count, table, join_names(names, _MAX_NAMES)
