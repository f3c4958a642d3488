"""The page about a training, while it runs and once it has finished."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..contract.translation import tr
from ..scores.score_interval import miou_interval
from .advice import LEAST_TILES, training_advice
from .embedded_pictures import picture_address
from .page import write_report
from .score_tables import class_scores, confusion_chart, largest_class, largest_confusions
from .training_charts import (
    MAX_SCENES,
    TRAINING_COLOUR,
    VALIDATION_COLOUR,
    band_chart,
    block_map,
    calibration_chart,
    learning_curves,
)
from .training_values import RUNNING, Panels, SceneBlocks, TrainingValues

#: Interval at which an open page of a running training reads the file again, s.
REFRESH_SECONDS = 15

#: Width of a picture of a tile, px.
_PICTURE_WIDTH = 256


@dataclass(frozen=True)
class _Change:
    """A row of the table of changes: name and colour of a class, and its IoU before and after."""

    name: str
    colour: str
    before: float
    after: float

    @property
    def difference(self) -> float:
        """The gain in IoU."""
        return self.after - self.before


@dataclass(frozen=True)
class _Stream:
    """A row of the table of streams: name of the case, mIoU, and IoU of each class."""

    name: str
    miou: float
    iou: Sequence[float]


def write_training_report(path: str | Path, values: TrainingValues) -> None:
    """Writes the page; a page that a browser shows reads it again while the training runs.

    Raises:
        RasterError: If it cannot be written.
    """
    metrics = values.metrics
    best = metrics.get("epoch") if metrics else None
    write_report(
        path,
        "training.html",
        values=values,
        metrics=metrics,
        epoch=values.history[-1]["epoch"] if values.history else 0,
        refresh=REFRESH_SECONDS if values.state == RUNNING else 0,
        advice=training_advice(values),
        curves=learning_curves(values.history, best) if values.history else "",
        interval=miou_interval(metrics.get("confusion", ())) if values.has_marks else None,
        **_scores(values),
        **_contribution(metrics.get("contribution", {})),
        **_calibration(metrics.get("calibration", {})),
        panels=[_panels(panels) for panels in values.panels],
        compared=_compared(values, best or 0),
        changes=[_panels(panels) for panels in values.changes],
        **_map(values.scenes),
        training_colour=TRAINING_COLOUR,
        validation_colour=VALIDATION_COLOUR,
    )


def _scores(values: TrainingValues) -> dict[str, Any]:
    """The table of classes and the confusion matrix of the best weights."""
    matrix = values.metrics.get("confusion")
    if not matrix:
        return {"rows": (), "confusion": "", "largest": (), "commonest": None}
    names = [entry.name for entry in values.classes]
    colours = [entry.colour for entry in values.classes]
    return {
        "rows": class_scores(matrix, names, colours),
        "confusion": confusion_chart(matrix, names),
        "largest": largest_confusions(matrix, names),
        "commonest": largest_class(matrix, names),
    }


def _compared(values: TrainingValues, best: int) -> tuple[_Change, ...]:
    """IoU before the first epoch and at the best one, with the mean as the last row; empty without both.

    Both are from the history, before calibration: a threshold is chosen for the final weights only.
    """
    scored = {epoch["epoch"]: epoch for epoch in values.history if epoch.get("iou")}
    if not best or not {0, best} <= scored.keys():
        return ()
    before, after = scored[0], scored[best]
    rows = [
        _Change(entry.name, entry.colour, before["iou"][entry.name], after["iou"][entry.name])
        for entry in values.classes
    ]
    return (*rows, _Change(tr("mean"), "", before["miou"], after["miou"]))


def _contribution(record: Mapping[str, Any]) -> dict[str, Any]:
    """The table of streams and the chart of bands."""
    titles = {
        "both": tr("both streams"),
        "image": tr("image alone"),
        "auxiliary": tr("auxiliary alone"),
    }
    miou, iou = record.get("miou", {}), record.get("iou", {})
    streams = [
        _Stream(title, miou[case], iou[case]) for case, title in titles.items() if case in miou
    ]
    bands = record.get("bands", ())
    return {
        "contribution": record,
        "least_tiles": LEAST_TILES,
        "streams": streams if len(streams) > 1 else (),
        "bands": band_chart(bands) if bands else "",
    }


def _calibration(record: Mapping[str, Any]) -> dict[str, Any]:
    after = record.get("curve_after", ())
    is_known = bool(after) and not math.isnan(record["ece_after"])
    curve = calibration_chart(record["curve_before"], after) if is_known else ""
    return {"calibration": record, "reliability": curve}


def _panels(panels: Panels) -> tuple[str, list[tuple[str, str, int]]]:
    """Title, and caption, address and height of each picture."""
    return panels.title, [
        (caption, picture_address(colours, _PICTURE_WIDTH), _shown_height(colours.shape))
        for caption, colours in panels.pictures
    ]


def _shown_height(shape: Sequence[int]) -> int:
    """Height of a picture of a shape (h, w, 3) at the width of the page's pictures, px."""
    return round(shape[0] * _PICTURE_WIDTH / shape[1])


def _map(scenes: Sequence[SceneBlocks]) -> dict[str, Any]:
    """The map of the scenes that are divided, and how many scenes are for what."""
    divided = [scene for scene in scenes if scene.training and scene.validation]
    return {
        "blocks": block_map(divided) if divided else "",
        "maps": min(len(divided), MAX_SCENES),
        "divided": len(divided),
        "training_scenes": sum(not scene.validation for scene in scenes),
        "validation_scenes": sum(not scene.training for scene in scenes),
    }
