"""Draws the learning curves: the score over the number of labelled tiles, one panel for each data set."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

#: Blue and orange of a palette that colour-blind people can distinguish.
_COLOURS = {"suggest": "#0072b2", "random": "#d55e00"}

#: Scores (seed, round) by arm.
Scores = Mapping[str, Sequence[Sequence[float]]]


def draw(curves: Mapping[str, tuple[list[int], Scores]], path: Path) -> None:
    """Writes a PNG.

    Args:
        curves: Numbers of labelled tiles, and scores, by data set.
        path: The file to write.
    """
    figure = Figure(figsize=(4.2 * len(curves), 3.4), layout="constrained")
    for axes, (title, (counts, scores)) in zip(
        figure.subplots(1, len(curves), squeeze=False)[0], curves.items()
    ):
        for arm, rows in scores.items():
            for row in rows:
                axes.plot(counts[: len(row)], row, color=_COLOURS[arm], linewidth=0.7, alpha=0.5)
            middle = medians(rows)
            axes.plot(
                counts[: len(middle)], middle, "o-", color=_COLOURS[arm], linewidth=2, label=arm
            )
        axes.set(title=title, xlabel="labelled tiles", ylabel="IoU", xticks=counts)
        axes.grid(alpha=0.3)
        axes.legend(loc="lower right")
    figure.savefig(path, dpi=110)


def medians(rows: Sequence[Sequence[float]]) -> list[float]:
    """The median over the seeds, by round."""
    return [statistics.median(column) for column in zip(*rows)]


def tiles_for(score: float, counts: Sequence[int], curve: Sequence[float]) -> float | None:
    """The number of tiles from which on a curve (by round) has reached a score; None: never.

    Between rounds the curve is a straight line.
    """
    if curve[0] >= score:
        return float(counts[0])
    for index in range(1, len(curve)):
        if curve[index] >= score:
            part = (score - curve[index - 1]) / (curve[index] - curve[index - 1])
            return counts[index - 1] + part * (counts[index] - counts[index - 1])
    return None
