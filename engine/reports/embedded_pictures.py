"""Pictures inside a page, as data addresses."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: Quality of JPEG pictures, 1..95.
_QUALITY = 82


def picture_address(colours: NDArray[np.uint8], width: int) -> str:
    """Colours (H, W, 3) as the ``src`` of an image element, as PNG or JPEG, whichever is smaller.

    Args:
        colours: The picture.
        width: Largest width; a wider picture is reduced, px.
    """
    picture = Image.fromarray(colours)
    if picture.width > width:
        size = width, max(1, round(picture.height * width / picture.width))
        picture = picture.resize(size, Image.Resampling.BOX)
    files = {kind: _encoded(picture, kind) for kind in ("PNG", "JPEG")}
    kind = min(files, key=lambda one: len(files[one]))
    return f"data:image/{kind.lower()};base64,{base64.b64encode(files[kind]).decode('ascii')}"


def _encoded(picture: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    options = {"quality": _QUALITY} if kind == "JPEG" else {"optimize": True}
    picture.save(buffer, format=kind, **options)
    return buffer.getvalue()
