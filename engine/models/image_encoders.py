"""Image encoders by name: MiT from transformers, any other pyramid from timm."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from ..contract.encoders import IMAGENET
from ..contract.errors import JobError
from .imagenet_weights import find_encoder_weights, read_encoder_weights
from .mix_transformer import ENCODERS, MixTransformer
from .timm_pyramid import TimmPyramid
from .weight_files import SUFFIXES, read_state

#: An encoder with ``stages``, ``channels`` and ``heads``.
ImageEncoder = MixTransformer | TimmPyramid

#: File of weights in a folder as the model hub has it.
_HUB_FILE = "model.safetensors"


def build_encoder(encoder: str, bands: int, pretrained: str = "") -> ImageEncoder:
    """Builds an encoder with features at strides 4, 8, 16 and 32.

    Args:
        encoder: ``mit-b0`` to ``mit-b5``, or the name of a pyramid in timm.
        bands: Bands of its input; a pretrained stem is adapted to them.
        pretrained: ``imagenet`` for its own ImageNet weights; for MiT a folder with a SegFormer checkpoint or a hub id
            with revision (``name@revision``); for timm a file of weights, or a folder with model.safetensors; empty:
            random weights.

    Raises:
        JobError: If there is no such encoder, or the weights cannot be used for it.
    """
    if encoder in ENCODERS or encoder.startswith("mit-"):
        if pretrained == IMAGENET:
            pretrained = str(find_encoder_weights(encoder).path)
        return MixTransformer(encoder, bands, pretrained)
    weights = _read_weights(encoder, pretrained) if pretrained else None
    return TimmPyramid(encoder, bands, weights)


def _read_weights(encoder: str, source: str) -> dict[str, Tensor]:
    """The weights of timm's classifier with an encoder."""
    if source == IMAGENET:
        return read_encoder_weights(encoder)
    path = Path(source)
    if path.is_dir():
        path /= _HUB_FILE
    if path.suffix.lower() not in SUFFIXES:
        raise JobError(
            f"The pretrained weights {source!r} are neither {IMAGENET}, nor a file that ends in "
            f"{' or '.join(SUFFIXES)}, nor a folder with {_HUB_FILE}: the encoder {encoder} starts from one of these."
        )
    return read_state(str(path))
