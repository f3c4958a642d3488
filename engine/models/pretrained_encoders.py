"""Pretrained weights for the encoders of segmentation-models-pytorch: from ImageNet, or from a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import timm
import torch
from torch import Tensor, nn

from ..contract.errors import JobError, first_line
from .stems import adapt_stem
from .weight_files import SUFFIXES, fill_counters, read_state, to_smp_name

#: The source of the weights that segmentation-models-pytorch offers for an encoder.
IMAGENET = "imagenet"

#: Prefixes of the encoder's weights in a file of a whole network: DualStream's, or the library's.
_ENCODER_PREFIXES = ("network.encoder.", "encoder.")

#: The last layers of classifiers, which no encoder has.
_CLASSIFIERS = ("classifier", "fc", "head", "last_linear")

#: Number of weights that an error message names.
_MAX_NAMES = 5


def encoder_weights(
    source: str, name: str, encoder: nn.Module, bands: int, fetch: Callable[[], nn.Module]
) -> dict[str, Tensor]:
    """Loads the encoder's state dict from ``source``, its stem adapted to ``bands``.

    Args:
        source: ``IMAGENET``, or a file (.safetensors, .pth, .pt) with the state dict of the encoder, with the names
            of segmentation-models-pytorch or of timm, or of a network with this encoder. Layers of a classifier
            are left out.
        name: The encoder's name.
        encoder: The encoder as built.
        bands: Bands of its input.
        fetch: Builds the same encoder, for three bands, with the library's ImageNet weights.

    Raises:
        JobError: If the weights cannot be fetched or read, or belong to another encoder.
    """
    if source == IMAGENET:
        weights = _fetch_imagenet(name, fetch)
    elif Path(source).suffix.lower() in SUFFIXES:
        weights = read_state(source)
    else:
        raise JobError(
            f"The pretrained weights {source!r} are neither {IMAGENET} nor a file that ends in "
            f"{' or '.join(SUFFIXES)}: the encoder {name} starts from one of these."
        )

    def refuse(reason: str) -> JobError:
        return JobError(
            f"The pretrained weights {source} are not those of the encoder {name} ({reason}): "
            "give those of this encoder, or name the network that they belong to."
        )

    expected = encoder.state_dict()
    weights = _rename_to_smp(weights, expected)
    is_extra = _classifier_filter(name)
    weights = {n: v for n, v in weights.items() if n in expected or not is_extra(n)}
    return fill_counters(_adapt_stems(weights, expected, bands), expected, refuse, _MAX_NAMES)


def _fetch_imagenet(name: str, fetch: Callable[[], nn.Module]) -> dict[str, Tensor]:
    try:
        return fetch().state_dict()
    except Exception as error:  # the hub's client raises the errors of its HTTP library
        raise JobError(
            f"The ImageNet weights of the encoder {name} could not be fetched ({first_line(error)}): the "
            "network is off, or the library has none for it. Give a file that holds weights, "
            f"{' or '.join(SUFFIXES)}, or none to start from random ones."
        ) from error


def _rename_to_smp(
    weights: Mapping[str, Tensor], expected: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """The encoder's part of a state dict, with the names of segmentation-models-pytorch."""
    for prefix in _ENCODER_PREFIXES:
        part = {n.removeprefix(prefix): v for n, v in weights.items() if n.startswith(prefix)}
        if part:
            weights = part
            break
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
