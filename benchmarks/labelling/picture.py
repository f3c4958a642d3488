"""Draws the learning curves: the score over the number of labelled tiles, one panel for each data set."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

#: Blue and orange of a palette that colour-blind people can tell apart.
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
            medians = [statistics.median(column) for column in zip(*rows)]
            axes.plot(
                counts[: len(medians)], medians, "o-", color=_COLOURS[arm], linewidth=2, label=arm
            )
        axes.set(title=title, xlabel="labelled tiles", ylabel="IoU", xticks=counts)
        axes.grid(alpha=0.3)
        axes.legend(loc="lower right")
    figure.savefig(path, dpi=110)
