"""Counts of the pixels of a place, and its scores: IoU with its interval, outlines, shares and calibration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.scores.outlines import OutlineCounter, mean_f1

#: Side of the squares that the interval draws, px; a smaller scene is one square.
_SQUARE = 512

#: Draws for the interval; and bins of certainty for the calibration error.
_DRAWS, _BINS = 1000, 20

#: Tolerance of outlines, px.
_TOLERANCE = 2.0


@dataclass(frozen=True)
class PlaceScore:
    """Scores of the scenes of a place.

    Attributes:
        iou: Mean IoU of the reported classes.
        interval: 5 % and 95 % quantile of ``iou`` when squares are drawn with replacement.
        by_class: IoU of every class.
        outline_f1: Boundary F1 of the reported classes, 2 px, mean of the scenes.
        mapped: Share of the pixels that the mask gives the reported classes.
        true: Share of the pixels that have them.
        ece: Expected calibration error of the probability of the mask's class; NaN without probabilities.
    """

    iou: float
    interval: tuple[float, float]
    by_class: tuple[float, ...]
    outline_f1: float
    mapped: float
    true: float
    ece: float

    def __str__(self) -> str:
        return (
            f"{self.iou:.3f} [{self.interval[0]:.2f} {self.interval[1]:.2f}], outlines {self.outline_f1:.2f}, "
            f"{self.mapped:.1%} mapped of {self.true:.1%}, ECE {self.ece:.3f}, "
            f"classes {' '.join(f'{value:.2f}' for value in self.by_class)}"
        )


@dataclass
class Tally:
    """Counts the pixels of scenes.

    Attributes:
        classes: Number of classes.
        reported: Indices of the classes whose mean is reported.
        squares: Pixels (true, mapped) of each square.
        outline_f1: Boundary F1 of the reported classes in each scene that has one.
        bins: Pixels, sum of certainty, and correct pixels by certainty (3, bins).
    """

    classes: int
    reported: Sequence[int]
    squares: list[np.ndarray] = field(default_factory=list)
    outline_f1: list[float] = field(default_factory=list)
    bins: np.ndarray = field(default_factory=lambda: np.zeros((3, _BINS)))

    @classmethod
    def of_all(cls, parts: Iterable[Tally]) -> Tally:
        """The counts of several trainings together."""
        first, *others = parts
        whole = cls(first.classes, first.reported)
        for part in (first, *others):
            whole.squares += part.squares
            whole.outline_f1 += part.outline_f1
            whole.bins += part.bins
        return whole

    def add(self, mapped: np.ndarray, true: np.ndarray, certainty: np.ndarray | None) -> None:
        """Counts a scene.

        Args:
            mapped: Class indices of the mask (H, W), negative without a class.
            true: Those of the labels (H, W).
            certainty: Probability of the mask's class (H, W), 0..1.
        """
        missing = (mapped < 0) | (true < 0)
        mapped, true = np.where(missing, -1, mapped), np.where(missing, -1, true)
        counter = OutlineCounter(self.classes, _TOLERANCE)
        counter.add(mapped, true, slice(0, len(mapped)))
        f1 = mean_f1([counter.scores()[number] for number in self.reported])
        self.outline_f1 += [f1] if np.isfinite(f1) else []
        pairs = np.where(missing, self.classes**2, true * self.classes + mapped)
        for row in range(0, pairs.shape[0], _SQUARE):
            for column in range(0, pairs.shape[1], _SQUARE):
                square = pairs[row : row + _SQUARE, column : column + _SQUARE]
                counts = np.bincount(square.ravel(), minlength=self.classes**2 + 1)[:-1]
                self.squares.append(counts.reshape(self.classes, self.classes))
        if certainty is not None:
            known = ~missing & np.isfinite(certainty)
            values, right = certainty[known], (mapped == true)[known]
            bins = np.minimum((values * _BINS).astype(int), _BINS - 1)
            for row, weights in enumerate((None, values, right)):
                self.bins[row] += np.bincount(bins, weights, minlength=_BINS)

    def score(self) -> PlaceScore:
        """The scores."""
        squares, chosen = np.stack(self.squares), list(self.reported)
        draws = np.random.default_rng(0).integers(len(squares), size=(_DRAWS, len(squares)))
        drawn = [_ious(squares[rows].sum(0))[chosen].mean() for rows in draws]
        matrix = squares.sum(0)
        count, certain, right = self.bins
        return PlaceScore(
            iou=float(_ious(matrix)[chosen].mean()),
            interval=(float(np.quantile(drawn, 0.05)), float(np.quantile(drawn, 0.95))),
            by_class=tuple(map(float, _ious(matrix))),
            outline_f1=float(np.mean(self.outline_f1)) if self.outline_f1 else np.nan,
            mapped=float(matrix[:, chosen].sum() / matrix.sum()),
            true=float(matrix[chosen].sum() / matrix.sum()),
            ece=float(np.abs(certain - right).sum() / count.sum()) if count.sum() else np.nan,
        )


def _ious(matrix: np.ndarray) -> np.ndarray:
    """IoU of each class (N,); 0 for one that is nowhere."""
    hits = np.diag(matrix)
    either = matrix.sum(0) + matrix.sum(1) - hits
    return hits / np.maximum(either, 1)
