"""A network of another program, as ``import`` has read and recognised it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from ..contract.errors import JobError


@dataclass(frozen=True)
class PixelScaling:
    """How a program scaled its pixels: ``(value / maximum - mean) / std``.

    Attributes:
        mean: Mean of each band, as a share of ``maximum``.
        std: Standard deviation of each band, as a share of ``maximum``.
        maximum: The pixel value that was scaled to 1.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    maximum: float


@dataclass(frozen=True)
class ForeignNetwork:
    """A network of another program by our names.

    Attributes:
        architecture: The name of the network here.
        source: The file of weights.
        state: The weights by the names of ``part``.
        refuse: Makes the error for weights that do not fit, with a reason.
        bands: Bands of the image.
        logits: Logits per pixel.
        auxiliary_bands: Bands of the auxiliary stream; 0: none.
        part: Dotted name of the submodule that ``state`` belongs to; empty: the network.
        class_names: Names of the classes in the network's order, if the files say so; background first of one logit.
        scaling: How the image was scaled, if the files say so.
        tile_size: Side of the training's images, px, if the files say so; else 0.
        is_rgb: Whether three bands are known to be red, green and blue.
        left_out: Names in the file that are outside of the network, but for those of losses and scores.
    """

    architecture: str
    source: Path
    state: Mapping[str, Tensor]
    refuse: Callable[[str], JobError]
    bands: int
    logits: int
    auxiliary_bands: int = 0
    part: str = ""
    class_names: tuple[str, ...] = ()
    scaling: PixelScaling | None = None
    tile_size: int = 0
    is_rgb: bool = False
    left_out: tuple[str, ...] = ()
