"""Pretrained weights for the encoders of segmentation-models-pytorch: from ImageNet, or from a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import segmentation_models_pytorch as smp
import timm
import torch
from torch import Tensor, nn

from ..contract.encoders import IMAGENET
from ..contract.errors import JobError, join_choices
from ..contract.translation import tr
from .imagenet_weights import (
    ImageNetWeights,
    find_encoder_weights,
    find_hub_weights,
    read_encoder_weights,
    weights_source,
)
from .stems import adapt_stem
from .weight_files import SUFFIXES, fill_counters, read_state
from .weight_names import likeliest_prefix, to_smp_name, without_prefix

#: The last layers of classifiers, which no encoder has.
_CLASSIFIERS = ("classifier", "fc", "head", "last_linear")

#: Number of weights that an error message names.
_MAX_NAMES = 5


#: Prefix of the library's names of timm's encoders, and of its older names of some of them.
_TIMM_PREFIX, _OLD_PREFIX = "tu-", "timm-"


def encoder_weights(source: str, name: str, encoder: nn.Module, bands: int) -> dict[str, Tensor]:
    """Loads the encoder's state dict from ``source``, its stem adapted to ``bands``.

    Args:
        source: ``IMAGENET``, or a file (.safetensors, .pth, .pt, .ckpt) with the state dict of the encoder, with the names
            of segmentation-models-pytorch or of timm, or of a network with this encoder. Layers of a classifier
            are left out.
        name: The encoder's name.
        encoder: The encoder as built.
        bands: Bands of its input.

    Raises:
        JobError: If the weights cannot be fetched or read, or belong to another encoder.
    """
    if source == IMAGENET:
        weights = _read_imagenet(name)
    elif Path(source).suffix.lower() in SUFFIXES:
        weights = read_state(source)
    else:
        raise JobError(
            tr(
                "The pretrained weights {!r} are neither {} nor a file that ends in {}: the encoder "
                "{} starts from one of these."
            ).format(source, IMAGENET, join_choices(SUFFIXES), name)
        )

    def refuse(reason: str) -> JobError:
        return JobError(
            tr(
                "The pretrained weights {} are not those of the encoder {} ({}): give those of this encoder, "
                "or name the network that they belong to."
            ).format(source, name, reason)
        )

    expected = encoder.state_dict()
    weights = _rename_to_smp(weights, expected)
    is_extra = _classifier_filter(name)
    weights = {n: v for n, v in weights.items() if n in expected or not is_extra(n)}
    return fill_counters(_adapt_stems(weights, expected, bands), expected, refuse, _MAX_NAMES)


def find_smp_weights(name: str, may_fetch: bool = True) -> ImageNetWeights:
    """Finds the ImageNet weights of an encoder of the library; fetches them once if need be and if it may.

    Raises:
        JobError: If there are none, or they cannot be fetched.
    """
    if timm_name := _timm_name(name):
        return find_encoder_weights(timm_name, may_fetch)
    repository = smp_weights_source(name)[0]
    if not repository:
        raise JobError(
            tr(
                "segmentation-models-pytorch has no ImageNet weights for the encoder {}: choose "
                "another encoder, give a file that holds weights, or none to start from random ones."
            ).format(name)
        )
    return find_hub_weights(repository, name, may_fetch)


def smp_weights_source(name: str) -> tuple[str, str]:
    """Package or hub id of the ImageNet weights of an encoder of the library, and their licence.

    Both are empty where there are none. The library pins the revision of its own, and names no licence.
    """
    if timm_name := _timm_name(name):
        return weights_source(timm_name)
    settings = smp.encoders.encoders.get(name, {}).get("pretrained_settings", {}).get(IMAGENET)
    return (f"{settings['repo_id']}@{settings['revision']}", "") if settings else ("", "")


def _read_imagenet(name: str) -> dict[str, Tensor]:
    if timm_name := _timm_name(name):
        return read_encoder_weights(timm_name)
    return read_state(str(find_smp_weights(name).path))


def _timm_name(name: str) -> str:
    """Returns timm's name of an encoder that the library takes from timm; empty for the library's own."""
    if name.startswith(_TIMM_PREFIX):
        return name.removeprefix(_TIMM_PREFIX)
    base = name.removeprefix(_OLD_PREFIX)
    if smp.encoders.is_equivalent_to_timm_universal(name):
        return f"tf_{base}" if "mobilenetv3" in base else base
    return base if base.startswith("tf_efficientnet_lite") else ""


def _rename_to_smp(
    weights: Mapping[str, Tensor], expected: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """The encoder's part of a state dict, with the names of segmentation-models-pytorch."""
    timm_names = [name.removeprefix("model.") for name in expected]
    known = {*expected, *timm_names, *(name.replace("_", ".", 1) for name in timm_names)}
    weights = without_prefix(weights, likeliest_prefix(weights, known))
    return {to_smp_name(name, expected): value for name, value in weights.items()}


def _classifier_filter(name: str) -> Callable[[str], bool]:
    """Predicate for weights of the encoder's classifier, which is not part of the network."""
    timm_names: set[str] = set()
    if name.startswith("tu-"):
        with torch.device("meta"):
            timm_names = {*timm.create_model(name.removeprefix("tu-")).state_dict()}
    return lambda weight: weight in timm_names or weight.split(".")[0] in _CLASSIFIERS


def _adapt_stems(
    weights: dict[str, Tensor], expected: Mapping[str, Tensor], bands: int
) -> dict[str, Tensor]:
    """The weights, with convolutions adapted whose shape differs from the network's in the bands only."""
    adapted = {}
    for name, value in weights.items():
        shape = expected[name].shape if name in expected else value.shape
        is_stem = value.ndim == 4 and shape == (value.shape[0], bands, *value.shape[2:])
        adapted[name] = adapt_stem(value, bands) if is_stem else value  # unchanged for equal bands
    return adapted
