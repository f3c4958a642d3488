"""Metadata of an ONNX file, with which the QGIS plugin Deepness computes the same mask as the engine.

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

import json

from rasterio.crs import CRS
from rasterio.errors import CRSError

from ..contract.model_card import Card, ImageCard

#: Overlap of tiles, percent: an eighth of a tile, as in segment.
_OVERLAP = 13


def deepness_metadata(card: Card) -> dict[str, str]:
    """Deepness's metadata of a model, JSON by key; empty for a model of two streams."""
    if card.auxiliary.bands:
        return {}
    bands = card.image.bands
    values = {
        "model_type": "Segmentor",
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
