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

#: The streams of a model that sees one grey band.
GREY, NO_SECOND_STREAM = ImageCard(1, ("grey",), "uint8"), AuxiliaryCard()


def write_model(
    path: Path, image: ImageCard = GREY, auxiliary: AuxiliaryCard = NO_SECOND_STREAM, **more: Any
) -> None:
    """Writes a model file of two classes that holds a card and no weights."""
    classes = class_table({0: "land", 1: "water"})
    card = Card("dualstream-dformer", "mit-b0", 1, 32, image, auxiliary, classes, **more)
    header = json.dumps({"__metadata__": {CARD_KEY: json.dumps(card_to_dict(card))}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header)
