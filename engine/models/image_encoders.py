"""Image encoders by name: MiT from transformers, any other pyramid from timm; only the library in use is imported."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from ..contract.encoders import IMAGENET
from ..contract.errors import JobError, join_choices
from ..contract.translation import tr
from .pyramid_encoder import PyramidEncoder
from .weight_files import SUFFIXES, read_state

#: File of weights in a folder as the model hub has it.
_HUB_FILE = "model.safetensors"


def build_encoder(encoder: str, bands: int, pretrained: str = "") -> PyramidEncoder:
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
    if encoder.startswith("mit-"):
        from .mix_transformer import MixTransformer

        return MixTransformer(encoder, bands, _segformer_weights(encoder, pretrained))
    from .timm_pyramid import TimmPyramid

    weights = _timm_weights(encoder, pretrained) if pretrained else None
    return TimmPyramid(encoder, bands, weights)


def _segformer_weights(encoder: str, source: str) -> str:
    """Folder or hub id of a SegFormer checkpoint."""
    if source != IMAGENET:
        return source
    from .imagenet_weights import find_encoder_weights

    return str(find_encoder_weights(encoder).path)


def _timm_weights(encoder: str, source: str) -> dict[str, Tensor]:
    """The weights of timm's classifier with an encoder."""
    if source == IMAGENET:
        from .imagenet_weights import read_encoder_weights

        return read_encoder_weights(encoder)
    path = Path(source)
    if path.is_dir():
        path /= _HUB_FILE
    if path.suffix.lower() not in SUFFIXES:
        raise JobError(
            tr(
                "The pretrained weights {!r} are neither {}, nor a file that ends in {}, nor a "
                "folder with {}: the encoder {} starts from one of these."
            ).format(source, IMAGENET, join_choices(SUFFIXES), _HUB_FILE, encoder)
        )
    return read_state(str(path))
