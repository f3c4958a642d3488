"""Draws the learning curves: the score over the number of labelled pixels, one panel for each data set."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

#: Colours of a palette that colour-blind people can tell apart, by the beginning of an arm's name.
_COLOURS = {
    "wrong": "#009e73",
    "suggested": "#0072b2",
    "random": "#d55e00",
    "everything": "#555555",
}

#: Labelled pixels and score of each round.
Curve = Sequence[tuple[int, float]]


def draw(curves: Mapping[str, Mapping[str, Sequence[Curve]]], path: Path) -> None:
    """Writes a PNG.

    Args:
        curves: The curves of all seeds by data set and arm.
        path: The file to write.
    """
    figure = Figure(figsize=(4.2 * len(curves), 4), layout="constrained")
    panels = figure.subplots(1, len(curves), squeeze=False)[0]
    for axes, (title, arms) in zip(panels, curves.items()):
        for arm, each in arms.items():
            line = "--" if "sketch" in arm else "-"
            style = {"color": _COLOURS[arm.split()[0]], "linestyle": line}
            amounts, scores = zip(*median_curve(each))
            marker = "s" if "squares" in arm else "o"
            axes.plot(amounts, scores, marker=marker, markersize=4, label=arm, **style)
        axes.set(title=title, xlabel="labelled pixels", ylabel="score", xscale="log")
        axes.grid(alpha=0.3)
    panels[0].legend(fontsize=7)
    figure.savefig(path, dpi=110)


def median_curve(each: Sequence[Curve]) -> Curve:
    """The medians of the seeds, by round."""
    return [
        (round(statistics.median(n for n, _ in ones)), statistics.median(s for _, s in ones))
        for ones in zip(*each)
    ]
