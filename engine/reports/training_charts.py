"""The charts of a training's report: learning curves, blocks, bands and calibration."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from ..contract.translation import tr
from .charts import INK, SERIES, chart, to_svg
from .training_values import SceneBlocks

#: Colours of training and validation, in curves and on the map.
TRAINING_COLOUR, VALIDATION_COLOUR = SERIES[0], SERIES[1]

#: Largest number of scenes on the map, and scenes beside each other.
MAX_SCENES, _ACROSS = 12, 4

#: Longer side of a scene's map, cells.
_MAP_CELLS = 200


def learning_curves(history: Sequence[Mapping[str, Any]], best_epoch: int | None) -> Markup:
    """Losses and mIoU over the epochs, with the epoch of the model."""
    with chart(9.5, 3.1) as figure:
        losses, scores = figure.subplots(1, 2)
        _curve(losses, history, "loss", tr("training"), TRAINING_COLOUR)
        _curve(losses, history, "validation_loss", tr("validation"), VALIDATION_COLOUR)
        losses.set_title(tr("Loss"))
        _curve(scores, history, "miou", tr("mIoU in validation"), VALIDATION_COLOUR)
        scores.set_title(tr("Score"))
        for axes in (losses, scores):
            if axes.get_ylim()[0] > 0:  # else small differences would look large
                axes.set_ylim(bottom=0)
            axes.set_xlabel(tr("epoch"))
            axes.xaxis.get_major_locator().set_params(integer=True)
            if history:
                axes.set_xlim(history[0]["epoch"] - 0.5, history[-1]["epoch"] + 0.5)
            if best_epoch is not None:
                label = tr("epoch of the model")
                axes.axvline(best_epoch, color=INK, linewidth=1, linestyle=":", label=label)
            if axes.get_legend_handles_labels()[0]:
                axes.legend(fontsize=9)
        return to_svg(figure, tr("Loss of training and validation, and mIoU, over the epochs"))


def _curve(
    axes: Axes, history: Sequence[Mapping[str, Any]], name: str, label: str, colour: str
) -> None:
    """A curve of the epochs that have a number; single epochs are points."""
    points = [(epoch["epoch"], epoch[name]) for epoch in history if _is_number(epoch.get(name))]
    if points:
        marker = "o" if len(points) < 30 else ""
        axes.plot(*zip(*points), color=colour, label=label, marker=marker, markersize=3)


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def block_map(scenes: Sequence[SceneBlocks]) -> Markup:
    """Where the training and the validation blocks lie, of the first scenes."""
    shown = scenes[:MAX_SCENES]
    across = min(len(shown), _ACROSS)
    down = -(-len(shown) // across)
    with chart(2.4 * across if across > 1 else 4.0, 2.5 * down if across > 1 else 3.6) as figure:
        for axes in figure.subplots(down, across, squeeze=False).flat[len(shown) :]:
            axes.remove()
        for axes, scene in zip(figure.axes, shown):
            axes.imshow(_block_picture(scene), interpolation="nearest")
            axes.axis("off")
            axes.set_title(_short(scene.name), fontsize=8)
        return to_svg(figure, tr("Map of the training and validation blocks of each scene"))


def _block_picture(scene: SceneBlocks) -> np.ndarray[Any, Any]:
    """The blocks as colours (h, w, 4), reduced; transparent elsewhere."""
    blocks = [*scene.training, *scene.validation]
    height = max(row + rows for row, _, rows, _ in blocks)
    width = max(col + cols for _, col, _, cols in blocks)
    scale = min(1.0, _MAP_CELLS / max(height, width))
    picture = np.zeros((math.ceil(height * scale), math.ceil(width * scale), 4))
    for parts, colour in (
        (scene.training, TRAINING_COLOUR),
        (scene.validation, VALIDATION_COLOUR),
    ):
        for row, col, rows, cols in parts:
            top, left = int(row * scale), int(col * scale)
            below, right = math.ceil((row + rows) * scale), math.ceil((col + cols) * scale)
            picture[top:below, left:right] = to_rgba(colour)
            # Thin gaps separate neighbouring blocks, where there is room for them.
            if min(below - top, right - left) > 4:
                picture[top, left:right] = picture[top:below, left] = 0
    return picture


def _short(name: str, most: int = 24) -> str:
    return name if len(name) <= most else f"{name[: most // 2 - 1]}…{name[-most // 2 :]}"


def _band_names(bands: Sequence[Mapping[str, Any]]) -> list[str]:
    """The bands' names; without that of their file, which precedes them, if all auxiliary bands have the same one."""
    names = [str(band["name"]) for band in bands]
    parts = [part.partition(": ") for name in names for part in name.split(" – ")]
    files = {file for file, colon, _ in parts if colon}
    own = f"{files.pop()}: " if len(files) == 1 else ""
    return [name.replace(own, "") for name in names]


def band_chart(bands: Sequence[Mapping[str, Any]]) -> Markup:
    """The mIoU that each band's shuffling costs."""
    with chart(6.5, 0.7 + 0.27 * len(bands)) as figure:
        axes = figure.add_subplot()
        colours = [SERIES[0] if band["stream"] == "image" else SERIES[2] for band in bands]
        streams = {"image": tr("{} (image)"), "auxiliary": tr("{} (auxiliary)")}
        names = [
            streams[band["stream"]].format(_short(name, 40))
            for band, name in zip(bands, _band_names(bands))
        ]
        places = np.arange(len(bands))
        axes.barh(places, [band["lost"] or 0.0 for band in bands], color=colours, height=0.7)
        axes.set_yticks(places, names, fontsize=9)
        axes.invert_yaxis()
        axes.set_axisbelow(True)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_xlabel(tr("mIoU lost when the band is shuffled"))
        return to_svg(figure, tr("mIoU lost when each band is shuffled"))


def calibration_chart(
    before: Sequence[Sequence[float]], after: Sequence[Sequence[float]]
) -> Markup:
    """Accuracy over confidence, before and after calibration; points grow with their pixels."""
    with chart(4.6, 3.6) as figure:
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle=":", label=tr("exact"))
        curves = [
            (tr("before calibration"), before, SERIES[3]),
            (tr("after calibration"), after, SERIES[0]),
        ]
        for label, points, colour in curves if before != after else curves[1:]:
            if points:
                confidence, accuracy, shares = zip(*points)
                axes.plot(confidence, accuracy, color=colour, label=label)
                axes.scatter(
                    confidence, accuracy, s=[12 + 60 * share for share in shares], color=colour
                )
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.set_xlabel(tr("confidence"))
        axes.set_ylabel(tr("accuracy"))
        axes.legend(fontsize=9)
        return to_svg(figure, tr("Accuracy of the pixels over their confidence"))
