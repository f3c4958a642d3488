"""Builds a network from the name of its architecture and the sizes of its inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import nn

from ..contract.architectures import ONNX, parse_segformer_name, parse_smp_name
from ..contract.architectures import architecture as find_architecture
from ..contract.encoders import CPU_ENCODER
from ..contract.errors import JobError, format_count
from ..contract.model_card import MAX_BANDS, MAX_CLASSES, MAX_TILE_SIZE, tile_flaw
from ..contract.translation import tr
from .pyramid_encoder import PyramidEncoder

if TYPE_CHECKING:
    from .imagenet_weights import ImageNetWeights


def build_model(
    architecture: str,
    *,
    encoder: str = CPU_ENCODER,
    bands: int = 4,
    auxiliary_bands: int = 48,
    classes: int = 1,
    tile_size: int = 512,
    auxiliary_tile_size: int = 64,
    pretrained: str = "",
) -> nn.Module:
    """Builds a network, called as ``model(pixel_values, auxiliary_values) -> {"logits": (B, K, H, W), ...}``.

    Args:
        architecture: A name of ``architectures.ARCHITECTURES``, smp:Architecture:encoder, or segformer:encoder:width.
        encoder: The image encoder, see ``image_encoders.build_encoder``, if the architecture's name does not include
            it.
        bands: Bands of the image stream, at least 1.
        auxiliary_bands: Bands of the auxiliary stream; 0: image only.
        classes: Logits per pixel K; 1: sigmoid, more: softmax.
        tile_size: Side of a tile in image pixels, a multiple of 32 up to 8192.
        auxiliary_tile_size: Side of the same tile in auxiliary pixels.
        pretrained: Weights of the encoder, see ``image_encoders`` and ``pretrained_encoders``; empty: random weights.

    Raises:
        JobError: If a name is unknown, a number is out of range, or the pretrained weights cannot
            be used.
    """
    chosen = find_architecture(architecture)
    _check_sizes(bands, auxiliary_bands, classes, tile_size, auxiliary_tile_size)
    if not chosen.takes_auxiliary:
        _check_image_alone(architecture, auxiliary_bands)
        return _image_network(architecture, chosen.family, bands, classes, pretrained, tile_size)
    encoder = chosen.encoder or encoder
    # Imported here, because transformers takes seconds.
    if chosen.family == "cmx":
        from .cmx import CMX

        return _checked(CMX(encoder, bands, auxiliary_bands, classes, pretrained), tile_size)
    if chosen.family == "dualstream-dformer":
        from .dualstream import DualStreamDFormer

        network = DualStreamDFormer(
            encoder, bands, auxiliary_bands, classes, auxiliary_tile_size, pretrained
        )
        return _checked(network, tile_size)
    if chosen.family == "sketch":
        from .sketch_network import SketchNetwork

        return SketchNetwork(bands, auxiliary_bands, classes, pretrained)
    raise _no_network(architecture, chosen.family)


def _image_network(
    architecture: str, family: str, bands: int, classes: int, pretrained: str, tile_size: int
) -> nn.Module:
    """A network that sees the image only; the arguments are those of ``build_model``."""
    # Imported here, because transformers and segmentation-models-pytorch take seconds.
    if family == "smp":
        from .smp_network import SmpNetwork

        name, encoder = parse_smp_name(architecture)
        return SmpNetwork(name, encoder, bands, classes, pretrained, tile_size)
    if family == "segformer":
        from .segformer_network import SegformerNetwork

        encoder, width = parse_segformer_name(architecture)
        return SegformerNetwork(encoder, width, bands, classes, pretrained)
    raise _no_network(architecture, family)


def _no_network(architecture: str, family: str) -> JobError:
    if family == ONNX:
        return JobError(
            tr("An ONNX network is not built here: import it from its file (import, weights).")
        )
    return JobError(
        tr("There is no network for the family {!r} of {}.").format(family, architecture)
    )


def _check_image_alone(architecture: str, auxiliary_bands: int) -> None:
    if auxiliary_bands:
        count = format_count(auxiliary_bands, "{} auxiliary band", "{} auxiliary bands")
        raise JobError(
            tr(
                "The network {} sees the image only, not {} as well: leave the auxiliary rasters "
                "out, or choose a network of two streams."
            ).format(architecture, count)
        )


def _check_sizes(
    bands: int, auxiliary_bands: int, classes: int, tile_size: int, auxiliary_tile_size: int
) -> None:
    if flaw := tile_flaw(tile_size):
        raise JobError(flaw)
    for name, value, minimum, maximum in (
        (tr("The number of image bands"), bands, 1, MAX_BANDS),
        (tr("The number of auxiliary bands"), auxiliary_bands, 0, MAX_BANDS),
        (tr("The number of classes"), classes, 1, MAX_CLASSES),
        (
            tr("The auxiliary tile size"),
            auxiliary_tile_size,
            1 if auxiliary_bands else 0,
            MAX_TILE_SIZE,
        ),
    ):
        if value < minimum:
            raise JobError(tr("{} must be at least {}, not {}.").format(name, minimum, value))
        if value > maximum:
            raise JobError(tr("{} must be at most {}, not {}.").format(name, maximum, value))


def _checked(network: nn.Module, tile_size: int) -> nn.Module:
    """The network, if its encoders take tiles of ``tile_size`` px."""
    for module in network.children():
        if isinstance(module, PyramidEncoder):
            module.check_tile(tile_size)
    return network


def find_pretrained(architecture: str, encoder: str, may_fetch: bool = True) -> ImageNetWeights:
    """Finds the ImageNet weights of a network's encoder; fetches them once if need be.

    Args:
        architecture: The network's name.
        encoder: Its encoder.
        may_fetch: Whether to use the network; otherwise weights that were never fetched are an error.

    Raises:
        JobError: If there are none, or they cannot be fetched.
    """
    if find_architecture(architecture).family == "smp":
        from .pretrained_encoders import find_smp_weights

        return find_smp_weights(parse_smp_name(architecture)[1], may_fetch)
    from .imagenet_weights import find_encoder_weights

    return find_encoder_weights(encoder, may_fetch)


def encoder_source(architecture: str, encoder: str) -> tuple[str, str]:
    """Package or hub id of the ImageNet weights of a network's encoder, and their licence; empty if not known."""
    if find_architecture(architecture).family == "smp":
        from .pretrained_encoders import smp_weights_source

        return smp_weights_source(parse_smp_name(architecture)[1])
    from .imagenet_weights import weights_source

    return weights_source(encoder)


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
