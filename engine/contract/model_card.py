"""The card of a model file: what its network is, what it was trained on, which classes it knows.

The card is JSON in the file's metadata, readable without this program (ARCHITECTURE.md documents it). It is
checked as a whole when it is read, here, so that the engine and the plugin refuse the same cards.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from .class_table import ClassTable, to_records

#: The card's format; a file with a higher one is from a newer DualStream. 2 added threshold and ground, 3 the
#: background of a class.
FORMAT = 3

#: Under which name the card lies in the file's metadata.
CARD_KEY = "dualstream"

#: The sides of a tile that a network may have, px: each halves it five times.
MIN_TILE_SIZE, MAX_TILE_SIZE, TILE_STEP = 32, 8192, 32

#: The most bands of a raster (imaging spectrometers have some hundreds), and the most classes of a mask.
MAX_BANDS, MAX_CLASSES = 10_000, 65_535


@dataclass(frozen=True)
class ImageCard:
    """The image stream as trained.

    Attributes:
        bands: Number of bands.
        band_names: Their names in the training data.
        dtype: The training pixels' type.
        low: Physical value of each band that becomes 0.
        high: Physical value of each band that becomes 1.
        pixel_size: Pixel width and height in units of ``crs``.
        crs: The training image's coordinate system, or "".
        chosen: Bands that were chosen from the training images, counted from 1; none: all.
        of: Out of how many bands (alpha counted too); 0 in files that do not say.
        ground: Metres of ground along a pixel's side; 0: unknown.
    """

    bands: int
    band_names: tuple[str, ...] = ()
    dtype: str = ""
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    pixel_size: tuple[float, ...] = ()
    crs: str = ""
    chosen: tuple[int, ...] = ()
    of: int = 0
    ground: float = 0.0


@dataclass(frozen=True)
class AuxiliaryCard:
    """The auxiliary stream as trained; no bands in an image-only model.

    Attributes:
        bands: Number of bands.
        tile_size: Side of a tile in auxiliary pixels.
        band_names: Their names in the training data.
        mean: Mean of each band in physical units.
        std: Standard deviation of each band.
        chosen: Bands that were chosen from the stack, counted from 1 through all files; none: all.
        of: Out of how many bands (alpha counted too); 0 in files that do not say.
    """

    bands: int = 0
    tile_size: int = 0
    band_names: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    chosen: tuple[int, ...] = ()
    of: int = 0


@dataclass(frozen=True)
class Card:
    """What a model file says of itself.

    Attributes:
        architecture: The network's name.
        encoder: Its vision encoder.
        logits: Logits per pixel: 1 for two classes (sigmoid), else one a class (softmax).
        tile_size: Side of a tile in image pixels; segmenting uses no other.
        image: The image stream.
        auxiliary: The auxiliary stream.
        classes: The class table.
        threshold: Of two classes, the probability from which on a pixel is the second.
        metrics: Validation scores of these weights.
        provenance: Engine version, date, job, training data.
    """

    architecture: str
    encoder: str
    logits: int
    tile_size: int
    image: ImageCard
    auxiliary: AuxiliaryCard
    classes: ClassTable
    threshold: float = 0.5
    metrics: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)


def logits_for(classes: int) -> int:
    """Logits per pixel that a number of classes needs: two classes need one."""
    return 1 if classes == 2 else classes


def tile_flaw(side: int) -> str:
    """Why no network sees tiles of a side, to follow what it is called in a sentence; empty if some may."""
    if MIN_TILE_SIZE <= side <= MAX_TILE_SIZE and side % TILE_STEP == 0:
        return ""
    return f"must be from {MIN_TILE_SIZE} to {MAX_TILE_SIZE} px and a multiple of {TILE_STEP}, not {side}"


def card_to_dict(card: Card) -> dict[str, Any]:
    """The card as it is written into a model file."""
    return {**asdict(card), "format": FORMAT, "classes": to_records(card.classes)}
