"""Scores of a confusion matrix for pages: a row for each class, the matrix as a picture, and its largest confusions.

The macros of ``templates/scores.html`` show them; reports of trainings and of evaluations share both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from ..contract.translation import tr
from .charts import INK, SERIES, chart, to_rgb, to_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Pixel counts (N, N): rows are the true classes, columns the mapped ones.
Matrix = Sequence[Sequence[int]]

#: Colours of a picture's cells: right on the diagonal, wrong beside it.
_RIGHT, _WRONG = SERIES[0], SERIES[5]

#: Cells from this share on have white text, others the page's.
_DARK_CELL = 0.55

#: Most classes whose cells have room for a number; above the second, cells are one picture instead of shapes.
_MAX_WITH_NUMBERS, _MAX_AS_SHAPES = 14, 30


@dataclass(frozen=True)
class ClassScores:
    """The scores of one class, 0..1; NaN where a score is undefined because its denominator is 0.

    Attributes:
        name: The class's name.
        colour: Its colour, ``#rrggbb``.
        iou: Intersection over union.
        precision: Share of the pixels mapped as this class that are it (user's accuracy).
        recall: Share of the pixels of this class that are mapped as it (producer's accuracy).
        f1: Harmonic mean of precision and recall, equal to the Dice coefficient.
        true_pixels: Pixels that are of this class in the labels.
        mapped_pixels: Compared pixels that are of this class in the mask.
    """

    name: str
    colour: str
    iou: float
    precision: float
    recall: float
    f1: float
    true_pixels: int
    mapped_pixels: int


@dataclass(frozen=True)
class Confusion:
    """Pixels of one class that are mapped as another.

    Attributes:
        true: Name of the true class.
        mapped: Name of the class in the mask.
        pixels: Number of pixels.
        share: Their share of the pixels of the true class, 0..1.
    """

    true: str
    mapped: str
    pixels: int
    share: float


def class_scores(
    matrix: Matrix, names: Sequence[str], colours: Sequence[str]
) -> tuple[ClassScores, ...]:
    """The scores of every class of a confusion matrix.

    Args:
        matrix: Pixel counts: rows truth, columns prediction.
        names: Names of the classes, in the matrix's order.
        colours: Their colours, ``#rrggbb``.
    """
    counts = np.asarray(matrix, np.float64).reshape(len(names), len(names))
    hits, true, mapped = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN, as intended for absent classes
        columns = (
            hits / (true + mapped - hits),
            hits / mapped,
            hits / true,
            2 * hits / (true + mapped),
        )
    found = []
    for n, (name, colour) in enumerate(zip(names, colours, strict=True)):
        iou, precision, recall, f1 = (float(column[n]) for column in columns)
        found.append(
            ClassScores(name, colour, iou, precision, recall, f1, int(true[n]), int(mapped[n]))
        )
    return tuple(found)


def largest_class(matrix: Matrix, names: Sequence[str]) -> tuple[str, float]:
    """Name of the class with the most labelled pixels, and their share: what a mask of this class alone gets right."""
    true = np.asarray(matrix, np.int64).reshape(len(names), len(names)).sum(axis=1)
    largest = int(true.argmax())
    return names[largest], float(true[largest] / max(1, true.sum()))


def largest_confusions(
    matrix: Matrix, names: Sequence[str], most: int = 3
) -> tuple[Confusion, ...]:
    """The pairs of classes with the most pixels in the wrong class, largest first; at most ``most``."""
    counts = np.asarray(matrix, np.int64).reshape(len(names), len(names))
    wrong = counts - np.diag(counts.diagonal())
    order = np.argsort(wrong, axis=None, kind="stable")[::-1][:most]
    pairs = [divmod(int(flat), len(names)) for flat in order if wrong.flat[flat]]
    return tuple(
        Confusion(names[t], names[m], int(wrong[t, m]), float(wrong[t, m] / counts[t].sum()))
        for t, m in pairs
    )


def confusion_chart(matrix: Matrix, names: Sequence[str]) -> Markup:
    """The confusion matrix as a picture: each row is a true class, its cells are shares of that class.

    Args:
        matrix: Pixel counts: rows truth, columns prediction.
        names: Names of the classes, in the matrix's order.
    """
    counts = np.asarray(matrix, np.float64).reshape(len(names), len(names))
    with np.errstate(invalid="ignore"):
        shares = counts / counts.sum(axis=1, keepdims=True)
    classes = len(names)
    side = min(9.0, 2.2 + 0.55 * classes)
    with chart(side, side * 0.85) as figure:
        axes = figure.add_subplot()
        cells = np.nan_to_num(shares)
        colours = np.empty((classes, classes, 4))
        colours[..., :3] = to_rgb(_WRONG)
        colours[np.diag_indices(classes)] = (*to_rgb(_RIGHT), 1.0)
        # Transparent where there is nothing, so that the picture fits light and dark pages.
        colours[..., 3] = cells
        axes.pcolormesh(colours, rasterized=classes > _MAX_AS_SHAPES)
        if classes <= _MAX_WITH_NUMBERS:
            _write_shares(axes, shares)
        _name_axes(axes, names)
        description = tr("Confusion matrix: for each true class, the share mapped as each class")
        return to_svg(figure, description)


def _write_shares(axes: Axes, shares: NDArray[np.float64]) -> None:
    """Writes each share in percent into its cell; nothing where it is 0 or undefined."""
    for (row, col), share in np.ndenumerate(shares):
        if share > 0:
            text = "<1" if share < 0.005 else ">99" if 0.995 <= share < 1 else f"{100 * share:.0f}"
            axes.text(
                col + 0.5,
                row + 0.5,
                text,
                ha="center",
                va="center",
                color="white" if share >= _DARK_CELL else INK,
            )


def _name_axes(axes: Axes, names: Sequence[str]) -> None:
    ticks = np.arange(len(names)) + 0.5
    shown = [name if len(name) <= 18 else f"{name[:17]}…" for name in names]
    size = 9 if len(names) <= _MAX_WITH_NUMBERS else 6
    axes.set_xticks(ticks, shown, rotation=45, ha="right", rotation_mode="anchor", fontsize=size)
    axes.set_yticks(ticks, shown, fontsize=size)
    axes.invert_yaxis()
    axes.grid(False)
    axes.tick_params(length=0)
    axes.set_aspect("equal")
    axes.set_xlabel(tr("mapped as"))
    axes.set_ylabel(tr("labelled as"))
