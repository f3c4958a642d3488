"""The card of a model file: its network, its training data, its classes and its scores.

The card is JSON in the file's metadata (``docs/model-file.md`` documents it). ``card_reader`` reads and checks it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from .class_table import ClassTable, to_records
from .translation import tr

#: Version of the card's format. 2 added threshold and ground, 3 the background of a class, 4 pretrained.
FORMAT = 4

#: Key of the card in the file's metadata.
CARD_KEY = "dualstream"

#: Smallest and largest side of a tile, px, and their step: every encoder halves a tile five times.
MIN_TILE_SIZE = 32
MAX_TILE_SIZE = 8192
TILE_STEP = 32

#: Largest numbers of bands (imaging spectrometers have some hundreds) and of classes.
MAX_BANDS, MAX_CLASSES = 10_000, 65_535


#: Smallest and largest standard deviation of a band, in any unit: columns of gases reach 1e24 molecules per cm2.
MIN_DEVIATION, MAX_DEVIATION = 1e-27, 1e27

#: Dotted name of the last layer, or of the head that contains it, of each family of networks.
LAST_LAYERS = {
    "dualstream-dformer": "head",
    "cmx": "decoder.logits",
    "smp": "network.segmentation_head",
    "segformer": "network.decode_head.classifier",
    "sketch": "head",
}


@dataclass(frozen=True)
class ImageCard:
    """The image stream as trained.

    Attributes:
        bands: Number of bands.
        band_names: Names of the bands in the training data.
        dtype: Data type of the training pixels.
        low: Physical value of each band that is scaled to 0.
        high: Physical value of each band that is scaled to 1.
        pixel_size: Width and height of a pixel in units of ``crs``.
        crs: Coordinate system of the training image, or "".
        chosen: Bands that were chosen from the training images, counted from 1; none: all.
        of: Number of bands, with alpha, from which they were chosen; 0: unknown.
        ground: Ground resolution, m per pixel; 0: unknown.
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
        band_names: Names of the bands in the training data.
        mean: Mean of each band in physical units.
        std: Standard deviation of each band.
        chosen: Bands that were chosen from the stack, counted from 1 through all files; none: all.
        of: Number of bands, with alpha, from which they were chosen; 0: unknown.
    """

    bands: int = 0
    tile_size: int = 0
    band_names: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    chosen: tuple[int, ...] = ()
    of: int = 0


@dataclass(frozen=True)
class PretrainedCard:
    """The pretrained weights that the encoder started from; empty: random weights.

    Attributes:
        origin: Package with its version, hub id with the revision, or name of a file.
        licence: Their licence; empty if it is not known.
    """

    origin: str = ""
    licence: str = ""


@dataclass(frozen=True)
class Card:
    """The description of a model in its file.

    Attributes:
        architecture: The network's name.
        encoder: Its vision encoder.
        logits: Logits per pixel: 1 for two classes (sigmoid), else one per class (softmax).
        tile_size: Side of a tile in image pixels, in training and inference.
        image: The image stream.
        auxiliary: The auxiliary stream.
        classes: The class table.
        threshold: For two classes, the smallest probability of the second class.
        metrics: Validation scores of the weights.
        provenance: Engine version, date, job, training data.
        pretrained: The weights that the encoder started from, with their licence.
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
    pretrained: PretrainedCard = field(default_factory=PretrainedCard)


def logits_for(classes: int) -> int:
    """Logits per pixel for a number of classes; two classes need one."""
    return 1 if classes == 2 else classes


def tile_flaw(side: int, step: int = TILE_STEP) -> str:
    """The sentence about a side, px, that no network's tiles can have; empty if they can."""
    if MIN_TILE_SIZE <= side <= MAX_TILE_SIZE and side % step == 0:
        return ""
    if step == 1:
        return tr("The tile size must be from {} to {} px, not {}.").format(
            MIN_TILE_SIZE, MAX_TILE_SIZE, side
        )
    return tr("The tile size must be from {} to {} px and a multiple of {}, not {}.").format(
        MIN_TILE_SIZE, MAX_TILE_SIZE, TILE_STEP, side
    )


def card_to_dict(card: Card) -> dict[str, Any]:
    """The card as JSON-serialisable values, in the form that a model file stores."""
    return {**asdict(card), "format": FORMAT, "classes": to_records(card.classes)}


def deviation_flaw(name: str, deviations: Sequence[float]) -> str:
    """Why a stream cannot be divided by standard deviations, as part of a sentence; empty if it can.

    Args:
        name: Their name in the sentence.
        deviations: The standard deviation of each band.
    """
    for band, value in enumerate(deviations, 1):
        if not MIN_DEVIATION <= value <= MAX_DEVIATION:
            text = tr(
                "{} of band {} is {:g}, and must be from {:g} to {:g}, because bands are divided by it"
            )
            return text.format(name, band, value, MIN_DEVIATION, MAX_DEVIATION)
    return ""
