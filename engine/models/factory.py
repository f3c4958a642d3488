"""Builds a network from the name of its architecture and the sizes of its inputs."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from ..contract.architectures import architecture as find_architecture
from ..contract.architectures import parse_smp_name
from ..contract.errors import JobError, format_count
from ..contract.model_card import MAX_BANDS, MAX_CLASSES, MAX_TILE_SIZE, tile_flaw


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
    """Builds a network, called as ``model(pixel_values, air_values) -> {"logits": (B, K, H, W), ...}``.

    Args:
        architecture: A name of ``architectures.ARCHITECTURES``, or smp:Architecture:encoder.
        encoder: The vision encoder, ``mit-b0`` to ``mit-b5``, if the architecture's name does not include it.
        bands: Bands of the image stream, at least 1.
        auxiliary_bands: Bands of the auxiliary stream; 0: image only.
        classes: Logits per pixel K; 1: sigmoid, more: softmax.
        tile_size: Side of a tile in image pixels, a multiple of 32 up to 8192.
        auxiliary_tile_size: Side of the same tile in auxiliary pixels.
        pretrained: Weights of the encoder, see ``MixTransformer`` and ``SmpNetwork``; empty: random weights.

    Raises:
        JobError: If a name is unknown, a number is out of range, or the pretrained weights cannot
            be used.
    """
    chosen = find_architecture(architecture)
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
    encoder = chosen.encoder or encoder
    # Imported here, because transformers and segmentation-models-pytorch take seconds.
    if chosen.family == "smp":
        from .smp_network import SmpNetwork

        smp_names = parse_smp_name(architecture)
        return SmpNetwork(*smp_names, bands, classes, pretrained, tile_size)
    if chosen.family == "cmx":
        from .cmx import CMX

        return CMX(encoder, bands, auxiliary_bands, classes, pretrained)
    if chosen.family != "dualstream-dformer":
        raise JobError(f"There is no network for the family {chosen.family!r} of {architecture}.")
    from .dualstream import DualStreamDFormer

    return DualStreamDFormer(
        encoder, bands, auxiliary_bands, classes, auxiliary_tile_size, pretrained
    )


def build_on_meta(build: Callable[[], nn.Module]) -> nn.Module:
    """Builds a network for its names and shapes, on the meta device (without memory) if its library can.

    Raises:
        JobError: If there is no such network.
    """
    try:
        with torch.device("meta"):
            return build()
    except Exception as error:  # some encoders compute with values while they are built
        if isinstance(error, JobError) and "meta tensor" not in str(error):
            raise  # in memory it would fail too
        return build()
