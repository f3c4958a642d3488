"""What the encoders of segmentation-models-pytorch start from: ImageNet weights, or those of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import timm
import torch
from torch import Tensor, nn

from ..contract.errors import JobError, first_line
from .stems import adapt_stem
from .weight_files import SUFFIXES, fill_counters, read_state, to_smp_name

#: Fetches the weights that segmentation-models-pytorch itself offers for an encoder.
IMAGENET = "imagenet"

#: What the encoder's weights begin with in a file of a whole network: one of ours, or of the library's.
_WHOLE = ("network.encoder.", "encoder.")

#: The last layers of classifiers, which no encoder has.
_CLASSIFIERS = ("classifier", "fc", "head", "last_linear")

#: How many weights a refusal names.
_SHOWN = 5


def encoder_weights(
    source: str, name: str, encoder: nn.Module, bands: int, fetch: Callable[[], nn.Module]
) -> dict[str, Tensor]:
    """The encoder's state dict from ``source``, its first layer made to fit ``bands``.

    Args:
        source: ``IMAGENET``, or a file (.safetensors, .pth, .pt) with the state dict of such an
            encoder as segmentation-models-pytorch or timm names its weights, or of a whole network
            that has it. Layers of a classifier are left out.
        name: The encoder's name.
        encoder: The encoder as built.
        bands: Bands of its input.
        fetch: Builds the same encoder, for three bands, with the library's own weights.

    Raises:
        JobError: If the weights cannot be fetched or read, or are not those of this encoder.
    """
    if source == IMAGENET:
        given = _fetched(name, fetch)
    elif Path(source).suffix.lower() in SUFFIXES:
        given = read_state(source)
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
    own = _named(given, expected)
    beyond = _beyond(name)
    kept = {n: v for n, v in own.items() if n in expected or not beyond(n)}
    return fill_counters(_with_stem(kept, expected, bands), expected, refuse, _SHOWN)


def _fetched(name: str, fetch: Callable[[], nn.Module]) -> dict[str, Tensor]:
    try:
        return fetch().state_dict()
    except Exception as error:  # the hub's client raises what its HTTP library raises
        raise JobError(
            f"The ImageNet weights of the encoder {name} could not be fetched ({first_line(error)}): the "
            "network is off, or the library has none for it. Give a file that holds weights, "
            f"{' or '.join(SUFFIXES)}, or none to start from random ones."
        ) from error


def _named(given: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The encoder's part of a state dict, under the names that it has here."""
    for prefix in _WHOLE:
        part = {n.removeprefix(prefix): v for n, v in given.items() if n.startswith(prefix)}
        if part:
            given = part
            break
    return {to_smp_name(name, expected): value for name, value in given.items()}


def _beyond(name: str) -> Callable[[str], bool]:
    """Says of a weight's name whether it is one of the classifier that the encoder was cut from."""
    whole: set[str] = set()
    if name.startswith("tu-"):
        with torch.device("meta"):
            whole = {*timm.create_model(name.removeprefix("tu-")).state_dict()}
    return lambda weight: weight in whole or weight.split(".")[0] in _CLASSIFIERS


def _with_stem(
    state: dict[str, Tensor], expected: Mapping[str, Tensor], bands: int
) -> dict[str, Tensor]:
    """The weights with those convolutions adapted that differ from the network in the bands only."""
    adapted = {}
    for name, value in state.items():
        shape = expected[name].shape if name in expected else value.shape
        is_stem = (
            value.ndim == 4 and shape == (value.shape[0], bands, *value.shape[2:])
        ) and value.shape[1] != bands
        adapted[name] = adapt_stem(value, bands) if is_stem else value
    return adapted
