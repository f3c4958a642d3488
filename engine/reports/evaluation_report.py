"""The report of an evaluation: how far a mask can be trusted, in sentences, tables and pictures."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..contract.errors import format_count
from ..contract.quantities import area_unit
from ..contract.translation import tr
from ..scores.area_estimates import AreaEstimates, Interval
from ..scores.objects import ObjectScore
from ..scores.outlines import OutlineScore
from .charts import SERIES, to_rgb
from .page import format_percent, format_whole, write_report
from .score_tables import class_scores, confusion_chart, largest_class, largest_confusions

#: Sides of the pictures of places, in pixels of the page.
_PLACE_SIDE = 230

#: Colour of wrong pixels, and of compared ones that are right.
_WRONG, _RIGHT = SERIES[5], "#7f7f7f"

#: Below this IoU a sentence names the weakest class.
_WEAK = 0.9

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Place:
    """A part of the mask with many wrong pixels.

    Attributes:
        row: First row in the mask.
        col: First column in the mask.
        wrong: Number of wrong pixels.
        mapped: Class indices of the mask (H, W), negative where there is no class.
        true: Class indices of the labels (H, W), negative where there is none.
    """

    row: int
    col: int
    wrong: int
    mapped: NDArray[np.int64]
    true: NDArray[np.int64]


@dataclass(frozen=True)
class Evaluation:
    """All numbers of an evaluation.

    Attributes:
        mask: Path of the mask.
        labels: Path of the labels.
        names: Names of the classes.
        colours: Colours of the classes, ``#rrggbb``.
        matrix: Pixel counts: rows truth, columns prediction.
        miou: Mean IoU.
        pixel_accuracy: Share of right pixels.
        mean_f1: Mean F1, the same as mean Dice.
        tolerance: Distance up to which outlines agree, px.
        tolerance_m: The same in metres; 0: unknown.
        outlines: Score of each class's outlines; none for a sample.
        objects: Objects of each foreground class by index; None for a class with too many; none for a sample.
        sampling: How the sample was drawn, "random" or "stratified"; "none": the labels are not a sample.
        estimates: Estimates from the sample, areas in m2 or pixels.
        area_unit: "m2" or "px".
        wrong: Share of wrong pixels in the cells of a coarse grid (h, w), NaN where none is compared.
        places: The places with the most wrong pixels.
    """

    mask: str
    labels: str
    names: Sequence[str]
    colours: Sequence[str]
    matrix: Sequence[Sequence[int]]
    miou: float
    pixel_accuracy: float
    mean_f1: float
    tolerance: float
    tolerance_m: float
    outlines: Sequence[OutlineScore]
    objects: Mapping[int, ObjectScore | None]
    sampling: str
    estimates: AreaEstimates | None
    area_unit: str
    wrong: NDArray[np.float64]
    places: Sequence[Place]

    @property
    def pixels(self) -> int:
        """Number of compared pixels."""
        return sum(map(sum, self.matrix))


def write_evaluation(path: str | Path, found: Evaluation) -> None:
    """Writes the report as one HTML file.

    Raises:
        RasterError: If it cannot be written.
    """
    rows = class_scores(found.matrix, found.names, found.colours)
    write_report(
        path,
        "evaluation.html",
        found=found,
        rows=rows,
        sentences=list(sentences(found)),
        confusion=confusion_chart(found.matrix, found.names),
        largest=largest_confusions(found.matrix, found.names),
        outlines=list(zip(rows, found.outlines, strict=False)),
        objects=[(rows[number], score) for number, score in found.objects.items()],
        estimates=_estimate_rows(found),
        area_unit=_area_unit(found)[0],
        overview=_png(_overview(found.wrong)),
        places=[(place, *_place_pictures(place, found.colours)) for place in found.places],
        place_side=_PLACE_SIDE,
    )


def sentences(found: Evaluation) -> Iterator[str]:
    """Sentences about the numbers, the most important first."""
    rows = class_scores(found.matrix, found.names, found.colours)
    if found.estimates is not None:
        yield _sampled_accuracy(found.estimates.overall)
        for number in found.estimates.unsampled:
            samples = format_count(found.estimates.samples[number], "{} sample", "{} samples")
            yield tr(
                "The mapped class {} has {}: an interval needs two in each mapped class, so some are missing here. Label "
                "more pixels where the mask shows it."
            ).format(found.names[number], samples)
    else:
        yield tr("{} of the {} labelled pixels have the right class in the mask.").format(
            format_percent(found.pixel_accuracy), format_whole(found.pixels)
        )
        name, share = largest_class(found.matrix, found.names)
        if share < 1:
            yield tr("A mask that shows {} everywhere would have {} of them right.").format(
                name, format_percent(share)
            )
    # A class that the labels lack has no recall, and its IoU says nothing about the mask.
    present = [row for row in rows if not math.isnan(row.iou) and not math.isnan(row.recall)]
    weakest = min(present, key=lambda row: row.iou, default=None)
    if weakest is not None and weakest.iou < _WEAK and len(present) > 1:
        yield tr(
            "The weakest class is {}: {} of it is found, and {} of what is mapped as it is right."
        ).format(weakest.name, format_percent(weakest.recall), format_percent(weakest.precision))
    for number, score in found.objects.items():
        if score is not None and score.true:
            counts = map(format_whole, (score.found, score.true, score.missed, score.false))
            yield tr(
                "Objects of {}: {} of {} found, {} missed, and {} in the mask that are not in the labels."
            ).format(found.names[number], *counts)


def _sampled_accuracy(overall: Interval) -> str:
    share = format_percent(overall.value)
    if math.isnan(overall.half_width):
        return tr("By the sample, {} of the mapped land has the right class.").format(share)
    return tr(
        "By the sample, {} of the mapped land has the right class, give or take {:.1f} percentage points (95 % confidence)."
    ).format(share, 100 * overall.half_width)


def _estimate_rows(found: Evaluation) -> list[dict[str, object]]:
    """A row for each class: mapped and estimated area with its margin, user's and producer's accuracy."""
    if found.estimates is None:
        return []
    one, factor = found.estimates, _area_unit(found)[1]
    return [
        {
            "name": name,
            "colour": colour,
            "samples": one.samples[n],
            "mapped": one.mapped[n] * factor,
            "area": one.areas[n].value * factor,
            "margin": one.areas[n].half_width * factor,
            "users": one.users[n],
            "producers": one.producers[n],
        }
        for n, (name, colour) in enumerate(zip(found.names, found.colours, strict=True))
    ]


def _area_unit(found: Evaluation) -> tuple[str, float]:
    """A unit that suits the areas, and what one m2 or pixel is in it."""
    if found.area_unit != "m2":
        return tr("pixels"), 1.0
    unit, size = area_unit(sum(found.estimates.mapped) if found.estimates else 0.0)
    return unit, 1 / size


def _overview(wrong: NDArray[np.float64]) -> Bytes:
    """A picture (h, w, 4): wrong in strong colour, right faint, transparent where nothing is compared."""
    picture = np.zeros((*wrong.shape, 4), np.uint8)
    share = np.nan_to_num(wrong)[..., None]
    colour = share * 255 * np.array(to_rgb(_WRONG)) + (1 - share) * 255 * np.array(to_rgb(_RIGHT))
    picture[..., :3] = colour.round()
    # A single wrong pixel in a cell is seen too.
    picture[..., 3] = np.where(np.isnan(wrong), 0, 60 + 195 * np.sqrt(np.nan_to_num(wrong)))
    return picture


def _place_pictures(place: Place, colours: Sequence[str]) -> tuple[str, str, str]:
    """The mask, the labels and where both differ, as addresses of pictures."""
    palette = np.array([*(to_rgb(colour) for colour in colours), (0.5, 0.5, 0.5)])
    shown = []
    for indices in (place.mapped, place.true):
        rgb = (255 * palette[np.where(indices < 0, -1, indices)]).round().astype(np.uint8)
        alpha = np.where(indices < 0, 0, 255).astype(np.uint8)
        shown.append(_png(np.dstack([rgb, alpha])))
    compared = (place.mapped >= 0) & (place.true >= 0)
    wrong = np.where(compared, (place.mapped != place.true).astype(float), np.nan)
    return shown[0], shown[1], _png(_overview(wrong))


def _png(pixels: Bytes) -> str:
    """A picture (H, W, 4) as an address that holds it, for a page without files beside it."""
    buffer = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
