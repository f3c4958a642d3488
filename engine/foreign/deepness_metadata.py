"""Writes and reads the metadata by which the QGIS plugin Deepness computes the same mask as the engine.

Deepness 0.6 (``models/model_base.py``, ``map_processor_segmentation.py`` of PUTvision/qgis-plugin-deepness)

- accepts models with one input (B, C, T, T); a named batch size is free;
- feeds ``(pixel / 255 - standardization_mean) / standardization_std`` in fp32 for every data type. With mean 0
  and deviation 1 / 255 the network gets raw values, also of 16 bits. Older versions only divide by 255, so that
  their masks are wrong;
- sets probabilities below ``seg_thresh`` to 0; then class 1 is every pixel that is not 0 for one channel, and the
  class is the largest channel for several. So the threshold is the model's for one channel, and 0 for several;
- applies a median filter of ``seg_small_segment`` pixels, made odd, to the mask: 9 x 9 by default, which changes
  3 to 5 % of the pixels; 0 turns it off;
- reads at ``resolution`` centimetres per pixel, in the units of a metric coordinate system, and places tiles with
  an overlap in percent, without blending;
- has no missing pixels: it feeds the raster's nodata value.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rasterio.crs import CRS
from rasterio.errors import CRSError

from ..contract.errors import JobError
from ..contract.model_card import Card, ImageCard
from ..contract.plain_text import shorten
from ..contract.strict_json import parse_json
from ..contract.translation import tr

#: Overlap of tiles, percent: an eighth of a tile, as in segment.
_OVERLAP = 13

#: Its name for a network that segments.
_SEGMENTOR = "Segmentor"

#: Keys of the names of classes, the newer one first, and the other keys that are read.
_NAMES = ("class_names", "names")
_KEYS = (
    "model_type",
    "tile_size",
    "resolution",
    "seg_thresh",
    "standardization_mean",
    "standardization_std",
)

#: Longest value of a key, in characters.
_MAX_TEXT = 100_000


def deepness_metadata(card: Card) -> dict[str, str]:
    """Deepness's metadata of a model, JSON by key; empty for a model of two streams."""
    if card.auxiliary.bands:
        return {}
    bands = card.image.bands
    values = {
        "model_type": _SEGMENTOR,
        "class_names": {str(index): entry.name for index, entry in enumerate(card.classes)},
        "tile_size": card.tile_size,
        "tiles_overlap": _OVERLAP,
        "seg_thresh": card.threshold if card.logits == 1 else 0.0,
        "seg_small_segment": 0,
        "standardization_mean": [0.0] * bands,
        "standardization_std": [1 / 255] * bands,
    }
    if metres := _map_metres(card.image) or card.image.ground:
        values["resolution"] = 100 * metres
    return {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}


def _map_metres(image: ImageCard) -> float:
    """Width of a pixel in metres of the map, which Deepness compares; 0 if the map is not metric."""
    try:
        crs = CRS.from_user_input(image.crs) if image.crs else None
    except CRSError:
        return 0.0
    if crs is None or not crs.is_projected or not image.pixel_size:
        return 0.0
    return image.pixel_size[0] * float(crs.linear_units_factor[1])


@dataclass(frozen=True)
class DeepnessFacts:
    """The metadata of a file for Deepness.

    Attributes:
        class_names: Names by the number of the output; of one output those of values 0 and 1.
        mean: Mean of each band, in shares of 255; empty: 0.
        std: Standard deviation of each band, in shares of 255; empty: 1.
        tile_size: Side of a tile in px; 0: unknown.
        ground: Ground resolution, m per pixel; 0: unknown.
        threshold: The smallest probability of a class; 0: unknown.
    """

    class_names: dict[int, str]
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    tile_size: int = 0
    ground: float = 0.0
    threshold: float = 0.0


def read_deepness(metadata: Mapping[str, str], path: str) -> DeepnessFacts | None:
    """The metadata of a file for Deepness; None if it has none.

    Raises:
        JobError: If they are damaged, or of a network that does not segment.
    """
    known = {name: metadata[name] for name in (*_NAMES, *_KEYS) if name in metadata}
    if not known:
        return None
    try:
        values = {name: _value(name, text) for name, text in known.items()}
        names: dict[Any, Any] = next((values[name] for name in _NAMES if name in values), {})
        facts = DeepnessFacts(
            {int(number): str(name) for number, name in names.items()},
            tuple(map(float, values.get("standardization_mean", ()))),
            tuple(map(float, values.get("standardization_std", ()))),
            int(values.get("tile_size", 0)),
            float(values.get("resolution", 0)) / 100,
            float(values.get("seg_thresh", 0)),
        )
    except (
        ValueError,
        TypeError,
        AttributeError,
        SyntaxError,
        MemoryError,
        RecursionError,
    ) as error:
        raise JobError(
            tr("The metadata of {} are damaged: {}.").format(path, shorten(str(error)))
        ) from error
    kind = str(values.get("model_type", _SEGMENTOR))
    if kind.casefold() != _SEGMENTOR.casefold():
        raise JobError(
            tr("The network {} is a {} by its metadata, and only a {} gives masks.").format(
                path, shorten(kind), _SEGMENTOR
            )
        )
    return facts


def _value(name: str, text: str) -> Any:
    """A value of the metadata; older files have the names of classes as a Python dictionary."""
    if len(text) > _MAX_TEXT:
        raise ValueError(tr("{} has {} characters").format(name, len(text)))
    try:
        return parse_json(text)
    except ValueError:
        if name not in _NAMES:
            raise
    return ast.literal_eval(text)
