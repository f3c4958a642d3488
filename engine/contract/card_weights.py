"""The weights of a model file as its header lists them: how many there are, and whether they fit the card."""

from __future__ import annotations

import math
from pathlib import Path

from .architectures import ONNX
from .errors import ModelFileError
from .model_card import LAST_LAYERS, Card
from .safetensors_header import Header
from .translation import tr
from .unlike import LAND_SUMMARY, LAND_WEIGHT, MAX_LAND_NUMBERS, has_land_summary

#: The buffers of band statistics in every network's weights, and the stream of each.
STATISTICS = {
    f"{stream}_normalisation.{name}": stream
    for stream in ("image", "auxiliary")
    for name in ("mean", "std")
}

#: The tensor with the bytes of the graph of an ONNX network.
GRAPH = "graph"

#: Endings of the names of numbers that are measured, not trained: those of batch normalisation.
_MEASURED = ("running_mean", "running_var", "num_batches_tracked")

#: Prefixes of the names of the weights of a network's last layer.
_LAST_LAYER = tuple(f"{layer}." for layer in LAST_LAYERS.values())


def count_parameters(header: Header) -> int:
    """Number of trained weights in a model file; 0 for an ONNX network, whose file does not list them."""
    return sum(
        math.prod(entry.shape)
        for name, entry in header.tensors.items()
        if name not in (*STATISTICS, GRAPH)
        and not name.startswith(LAND_SUMMARY)
        and not name.endswith(_MEASURED)
    )


def check_shapes(card: Card, header: Header, path: str | Path) -> None:
    """Makes sure that the weights in a header fit the card's bands and logits.

    Raises:
        ModelFileError: If they do not.
    """
    if card.architecture == ONNX:
        entry = header.tensors.get(GRAPH)
        if entry is None or len(header.tensors) > 1 or entry.dtype != "U8" or len(entry.shape) != 1:
            raise weights_error(
                path, tr("it must hold {} as bytes, and nothing else").format(GRAPH)
            )
        return
    for name, stream in STATISTICS.items():
        entry = header.tensors.get(name)
        bands = card.image.bands if stream == "image" else card.auxiliary.bands
        if entry and entry.shape != (bands,):
            raise weights_error(path, tr("{} is {}, for {} bands").format(name, entry.shape, bands))
    land = header.tensors.get(LAND_WEIGHT)
    if has_land_summary(card) != (land is not None):
        text = tr("{} is missing") if land is None else tr("{} is unknown")
        raise weights_error(path, text.format(LAND_WEIGHT))
    if land and (len(land.shape) != 2 or not 0 < math.prod(land.shape) <= MAX_LAND_NUMBERS):
        raise weights_error(path, tr("{} is {}, not {}").format(LAND_WEIGHT, land.shape, "D x C"))
    last = {name: e.shape for name, e in header.tensors.items() if name.startswith(_LAST_LAYER)}
    if last and not any(shape[:1] == (card.logits,) for shape in last.values()):
        name, shape = next(iter(last.items()))
        raise weights_error(path, tr("{} is {}, for {} logits").format(name, shape, card.logits))


def weights_error(path: str | Path, reason: str) -> ModelFileError:
    """The error for a file whose weights do not belong to the network that its card names."""
    return ModelFileError(
        tr(
            "The weights in {} do not fit its card: it was changed, or written by another version of "
            "DualStream ({}). Take another file, or train the model again."
        ).format(path, reason)
    )
