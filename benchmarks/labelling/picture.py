"""Draws the learning curves: the score over labelled pixels and over CPU time, a column of panels for each data set."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

#: Colours of a palette that colour-blind people can distinguish, by the beginning of an arm's name.
_COLOURS = {
    "wrong": "#009e73",
    "suggested": "#0072b2",
    "random": "#d55e00",
    "everything": "#555555",
}

#: Of each round the labelled pixels, the CPU minutes so far, and the score.
Curve = Sequence[tuple[float, float, float]]

#: What the rows of panels are drawn over.
_AXES = ("labelled pixels", "CPU minutes")


def draw(curves: Mapping[str, Mapping[str, Sequence[Curve]]], path: Path) -> None:
    """Writes a PNG.

    Args:
        curves: The curves of all seeds by data set and arm.
        path: The file to write.
    """
    figure = Figure(figsize=(4 * len(curves), 6.4), layout="constrained")
    panels = figure.subplots(len(_AXES), len(curves), squeeze=False)
    for column, (title, arms) in enumerate(curves.items()):
        for row, label in enumerate(_AXES):
            axes = panels[row, column]
            for arm, each in arms.items():
                points = [*zip(*median_curve(each))]
                axes.plot(points[row], points[-1], markersize=4, label=arm, **_style(arm))
            axes.set(title=title, xlabel=label, ylabel="score", xscale="log")
            axes.grid(alpha=0.3)
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=8)
    figure.savefig(path, dpi=90)


def _style(arm: str) -> dict[str, str]:
    """Colour, line and marker of an arm."""
    return {
        "color": _COLOURS[arm.split()[0]],
        "linestyle": "--" if "points" in arm else "-",
        "marker": "s" if "squares" in arm else "o",
    }


def median_curve(each: Sequence[Curve]) -> Curve:
    """The medians of the seeds, by round."""
    found = []
    for rounds in zip(*each):
        pixels, minutes, scores = (statistics.median(values) for values in zip(*rounds))
        found.append((pixels, minutes, scores))
    return found
