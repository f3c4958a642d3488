"""Model files with a card but without weights: the plugin accepts them, no engine can run them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dualstream_qgis.engine.contract.class_table import class_table
from dualstream_qgis.engine.contract.model_card import (
    CARD_KEY,
    AuxiliaryCard,
    Card,
    ImageCard,
    card_to_dict,
)
from dualstream_qgis.engine.contract.unlike import LAND_WEIGHT, UNLIKE

#: The streams of a model that sees one grey band.
GREY, NO_SECOND_STREAM = ImageCard(1, ("grey",), "uint8"), AuxiliaryCard()


def write_model(
    path: Path,
    image: ImageCard = GREY,
    auxiliary: AuxiliaryCard = NO_SECOND_STREAM,
    has_land_summary: bool = False,
    **more: Any,
) -> None:
    """Writes a model file of two classes that holds a card and no weights, but for a summary of its land."""
    if has_land_summary:
        more["metrics"] = {UNLIKE: {}}
    classes = class_table({0: "land", 1: "water"})
    card = Card("dualstream-dformer", "mit-b0", 1, 32, image, auxiliary, classes, **more)
    entries: dict[str, Any] = {"__metadata__": {CARD_KEY: json.dumps(card_to_dict(card))}}
    if has_land_summary:
        entries[LAND_WEIGHT] = {"dtype": "F32", "shape": [1, 1], "data_offsets": [0, 4]}
    header = json.dumps(entries).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4 * has_land_summary))
