"""Tries an ONNX network of another program on random tiles: what it gives, and for how many tiles at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

from ..compute.failures import is_out_of_memory
from ..compute.memory import free_memory
from ..contract.errors import JobError, first_line, format_bytes
from ..contract.jobs import AUTOMATIC
from ..contract.model_card import Card
from ..contract.translation import tr
from ..models.onnx_safety import check_onnx
from ..runtimes.graph_runners import in_batches, onnx_runner
from ..runtimes.random_tiles import random_tiles
from .onnx_file import pass_bytes
from .onnx_form import CLASSES, LOGITS, SHARES, InputForm, OutputForm, open_ended

#: What a network can be said to give; "automatic": by the file and the values.
OUTPUT_KINDS = (AUTOMATIC, LOGITS, SHARES, CLASSES)

#: Operators that keep what a value means.
_KEEPING = (
    "Identity", "Cast", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Resize", "Upsample", "Clip",
)  # fmt: skip

#: Operators that make shares and classes.
_MAKING = {"Softmax": SHARES, "Sigmoid": SHARES, "HardSigmoid": SHARES, "ArgMax": CLASSES}

#: By how much shares may miss 0, 1 and their sum of 1, and results of one tile those of two.
_TOLERANCE = 1e-2

#: The lowest resolution of an output: a pixel for so many px of the tile.
_MAX_STRIDE = 16

Array = NDArray[np.float32]


def find_batch(
    proto: ModelProto, inputs: Sequence[InputForm], output: str, card: Card, path: str
) -> int:
    """The batch size of a network that declares none: 0, any, or 1 where it gives something else for two tiles."""
    tiles = random_tiles(card, 2)
    singles = run_trial(open_ended(proto, inputs, output, 1), tiles, 1, path)
    try:
        both = run_trial(open_ended(proto, inputs, output, 0), tiles, 0, path)
    except JobError:
        return 1
    is_same = both.shape == singles.shape and np.allclose(
        both, singles, rtol=_TOLERANCE, atol=_TOLERANCE, equal_nan=True
    )
    return 0 if is_same else 1


def find_output(
    proto: ModelProto,
    inputs: Sequence[InputForm],
    output: str,
    kind: str,
    card: Card,
    batch: int,
    path: str,
) -> OutputForm:
    """Finds out what a network gives for each pixel of a tile.

    Args:
        proto: The network.
        inputs: Its streams.
        output: Name of its output.
        kind: A kind of ``OUTPUT_KINDS``.
        card: A card with bands, tile sizes and classes.
        batch: The only batch size that it takes; 0: any.
        path: Its file, for messages.

    Raises:
        JobError: If it cannot be run, or its output is not a map of the tile.
    """
    tiles = random_tiles(card, 1)
    values = run_trial(open_ended(proto, inputs, output, batch), tiles, batch, path)
    is_last = _is_channels_last(values.shape, inputs[0].is_channels_last)
    maps = values if values.ndim == 4 else values[:, None] if values.ndim == 3 else None
    if maps is None:
        raise _shape_error(path, output, values.shape, card)
    if values.ndim == 4 and is_last:
        maps = np.moveaxis(maps, 3, 1)
    _, channels, height, width = maps.shape
    stride = card.tile_size / max(height, 1)
    if height != width or not stride.is_integer() or stride > _MAX_STRIDE:
        raise _shape_error(path, output, values.shape, card)
    if kind == AUTOMATIC:
        kind = _meaning(proto, output, maps, path)
    if kind == CLASSES and channels > 1:
        raise _shape_error(path, output, values.shape, card)
    is_normalised = _is_normalised(maps) if kind == SHARES else True
    count = len(card.classes) if kind == CLASSES else channels
    return OutputForm(output, kind, count, is_last, height, is_normalised)


def run_trial(proto: ModelProto, tiles: dict[str, Array], batch: int, path: str) -> Array:
    """Runs a network with ONNX Runtime.

    Raises:
        JobError: If it cannot be run, or the memory does not suffice.
    """
    inferred = check_onnx(proto, path)  # with the size of its tiles, which its file may leave open
    needed, free = pass_bytes(inferred), free_memory()
    if needed > free:
        raise JobError(
            tr(
                "The network {} takes {} of memory or more for one tile, and {} are free: export it with smaller "
                "tiles or fewer channels."
            ).format(path, format_bytes(needed), format_bytes(free))
        )
    try:
        return in_batches(onnx_runner(1, proto.SerializeToString()), batch)(tiles)
    except Exception as error:  # the runtime raises its own errors
        if is_out_of_memory(error):
            raise
        raise JobError(
            tr("ONNX Runtime cannot run the network {}: {}.").format(path, first_line(error))
        ) from error


def _is_channels_last(shape: tuple[int, ...], is_input_last: bool) -> bool:
    """Whether channels are the last axis; where the shape is ambiguous, as in the input."""
    if len(shape) != 4:
        return False
    _, second, third, last = shape
    is_first, is_last = third == last, second == third
    return is_last if is_first != is_last else is_input_last


def _meaning(proto: ModelProto, output: str, maps: Array, path: str) -> str:
    """The meaning of an output's values, from the operator that made them, their type and the values."""
    makers = {name: node for node in proto.graph.node for name in node.output}
    node = makers.get(output)
    while node is not None and node.op_type in _KEEPING:
        node = makers.get(node.input[0])
    if node is not None and node.op_type in _MAKING:
        return _MAKING[node.op_type]
    if not np.issubdtype(maps.dtype, np.floating):
        return CLASSES
    if _is_outside(maps):
        return LOGITS
    if maps.shape[1] == 1:
        raise JobError(
            tr(
                "The network {} does not say what its values are: give output_kind as {}, {} or {}."
            ).format(path, LOGITS, SHARES, CLASSES)
        )
    return SHARES if _is_normalised(maps) else LOGITS


def _is_outside(maps: Array) -> bool:
    """Whether values are too small or too large to be shares."""
    return bool((maps < -_TOLERANCE).any() or (maps > 1 + _TOLERANCE).any())


def _is_normalised(maps: Array) -> bool:
    """Whether the shares of all classes add up to 1."""
    return bool((np.abs(maps.sum(axis=1) - 1) < _TOLERANCE).all())


def _shape_error(path: str, output: str, shape: tuple[int, ...], card: Card) -> JobError:
    return JobError(
        tr(
            "The output {} of the network {} is {} for a tile of {} px: a map of the tile is needed, with a channel for "
            "each class, or with one. Give graph_output if another output is meant."
        ).format(output, path, " x ".join(map(str, shape)), card.tile_size)
    )
