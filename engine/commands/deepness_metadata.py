"""What the QGIS plugin Deepness reads in an ONNX file, so that it gives a network's own mask.

As of its version 0.6 (``models/model_base.py``, ``map_processor_segmentation.py`` of
PUTvision/qgis-plugin-deepness), Deepness

- takes models of one input (B, C, T, T); a batch size that has a name is free;
- feeds ``(pixel / 255 - standardization_mean) / standardization_std`` in fp32, whatever the pixels'
  type. With mean 0 and deviation 1 / 255, all that a network here needs, raw values arrive, those of 16
  bits too. Older versions divide by 255 and no more: their masks are wrong;
- sets probabilities below ``seg_thresh`` to 0, then takes of one channel what is not 0 as class 1, and of
  several the largest. So the threshold is the model's for one channel, and 0 for several;
- takes the median of the finished mask over squares of ``seg_small_segment`` pixels, made odd: 9 x 9 by
  default, which changes 3 to 5 % of the pixels. With 0 the mask stays as it is;
- reads at ``resolution`` centimetres a pixel, in the units of a metric coordinate system. It lays tiles
  side by side with an overlap in percent, without blending;
- knows no missing pixels: it feeds what the raster holds there.
"""

from __future__ import annotations

import json

from rasterio.crs import CRS
from rasterio.errors import CRSError

from ..contract.model_card import Card, ImageCard

#: An eighth of a tile, as segment overlaps them, in percent.
_OVERLAP = 13


def deepness_metadata(card: Card) -> dict[str, str]:
    """Deepness's metadata keys of a model and their JSON values; none of a model of two streams."""
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
    """A pixel's width in metres of the map, which is what Deepness compares; 0: the map has none."""
    try:
        crs = CRS.from_user_input(image.crs) if image.crs else None
    except CRSError:
        return 0.0
    if crs is None or not crs.is_projected or not image.pixel_size:
        return 0.0
    return image.pixel_size[0] * float(crs.linear_units_factor[1])
