"""Builds a network from its architecture's name and its inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from ..contract.architectures import architecture as known_architecture
from ..contract.architectures import parse_smp_name
from ..contract.errors import JobError, format_count
from ..contract.model_card import MAX_BANDS, MAX_CLASSES, MAX_TILE_SIZE, tile_flaw


def _dualstream_dformer(
    *,
    encoder: str,
    bands: int,
    auxiliary_bands: int,
    classes: int,
    auxiliary_tile_size: int,
    pretrained: str,
    **_: Any,
) -> nn.Module:
    from .dualstream import DualStreamDFormer

    return DualStreamDFormer(
        encoder, bands, auxiliary_bands, classes, auxiliary_tile_size, pretrained
    )


def _cmx(
    *, encoder: str, bands: int, auxiliary_bands: int, classes: int, pretrained: str, **_: Any
) -> nn.Module:
    from .cmx import CMX

    return CMX(encoder, bands, auxiliary_bands, classes, pretrained)


def _smp(
    *, architecture: str, bands: int, classes: int, tile_size: int, pretrained: str, **_: Any
) -> nn.Module:
    from .smp_network import SmpNetwork

    return SmpNetwork(*parse_smp_name(architecture), bands, classes, pretrained, tile_size)


#: What builds the networks of a family; given all of ``build_model``'s options by keyword.
_BUILDERS: dict[str, Callable[..., nn.Module]] = {
    "dualstream-dformer": _dualstream_dformer,
    "cmx": _cmx,
    "smp": _smp,
}


def build_model(
    architecture: str,
    *,
    encoder: str = "mit-b1",
    bands: int = 4,
    auxiliary_bands: int = 48,
    classes: int = 1,
    tile_size: int = 512,
    auxiliary_tile_size: int = 64,
    pretrained: str = "",
) -> nn.Module:
    """A network, called as ``model(pixel_values, air_values) -> {"logits": (B, K, H, W), ...}``.

    Args:
        architecture: A name of ``architectures.ARCHITECTURES``, or smp:Architecture:encoder.
        encoder: The vision encoder, ``mit-b0`` to ``mit-b5``, where the name does not say it.
        bands: Bands of the image stream, at least 1.
        auxiliary_bands: Bands of the auxiliary stream; 0: image only, as networks of one stream
            always are.
        classes: Logits per pixel K; 1: sigmoid, more: softmax.
        tile_size: Side of a tile in image pixels, a multiple of 32 up to 8192.
        auxiliary_tile_size: Side of the same tile in auxiliary pixels.
        pretrained: Weights of the encoder, see ``MixTransformer`` and ``SmpNetwork``; empty: random
            weights.

    Raises:
        JobError: If a name is unknown, a number is out of range, or the pretrained weights cannot
            be used.
    """
    chosen = known_architecture(architecture)
    if flaw := tile_flaw(tile_size):
        raise JobError(f"The tile size {flaw}.")
    for name, value, minimum, maximum in (
        ("number of image bands", bands, 1, MAX_BANDS),
        ("number of auxiliary bands", auxiliary_bands, 0, MAX_BANDS),
        ("number of classes", classes, 1, MAX_CLASSES),
        ("auxiliary tile size", auxiliary_tile_size, 1 if auxiliary_bands else 0, MAX_TILE_SIZE),
    ):
        if value < minimum:
            raise JobError(f"The {name} must be at least {minimum}, not {value}.")
        if value > maximum:
            raise JobError(f"The {name} must be at most {maximum}, not {value}.")
    if auxiliary_bands and not chosen.takes_auxiliary:
        raise JobError(
            f"The network {architecture} sees the image only, not {format_count(auxiliary_bands, 'auxiliary band')} "
            "as well: leave the auxiliary rasters out, or choose a network of two streams."
        )
    return _BUILDERS[chosen.family](
        architecture=architecture,
        encoder=chosen.encoder or encoder,
        bands=bands,
        auxiliary_bands=auxiliary_bands,
        classes=classes,
        tile_size=tile_size,
        auxiliary_tile_size=auxiliary_tile_size,
        pretrained=pretrained,
    )


def build_on_meta(build: Callable[[], nn.Module]) -> nn.Module:
    """A network for its names and shapes only, without memory where its library allows that.

    Raises:
        JobError: If there is no such network.
    """
    try:
        with torch.device("meta"):
            return build()
    except Exception as error:  # some encoders compute with numbers while they are built
        if isinstance(error, JobError) and "meta tensor" not in str(error):
            raise  # a second time it could take memory first
        return build()
