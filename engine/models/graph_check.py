"""Checks whether the graph in a model file is safe to run, and has the inputs and outputs of the card."""

from __future__ import annotations

import onnx.checker
from onnx import ModelProto, TensorProto, ValueInfoProto

from ..contract.errors import JobError, first_line
from ..contract.model_card import Card
from ..contract.translation import tr
from .graph_file import AUXILIARY, IMAGE, output_names
from .onnx_safety import check_onnx, parse_onnx


def check_graph(content: bytes, card: Card, path: str) -> int:
    """Makes sure that a graph is safe to run and takes and gives what a card says.

    Args:
        content: The bytes of the ONNX file.
        card: The card.
        path: Its file, for messages.

    Returns:
        The fixed batch size; 0: any.

    Raises:
        JobError: If not.
    """
    proto = parse_onnx(content, path)
    check_onnx(proto, path)
    try:
        onnx.checker.check_model(proto)
    except onnx.checker.ValidationError as error:
        raise JobError(
            tr("The network in {} is damaged: {}.").format(path, first_line(error))
        ) from error
    stream, side = card.auxiliary, card.tile_size
    wanted = {IMAGE: (card.image.bands, side, side)}
    if stream.bands:
        wanted[AUXILIARY] = (stream.bands, stream.tile_size, stream.tile_size)
    planes = zip(output_names(card), (card.logits, 1))
    outputs = {name: (count, side, side) for name, count in planes}
    # Inputs are given by name; runtimes return outputs in the graph's order.
    for given, expected, is_ordered in (
        (proto.graph.input, wanted, False),
        (proto.graph.output, outputs, True),
    ):
        found = {value.name: dims_of(value) for value in given}
        shapes = {name: dims[1:] for name, dims in found.items()}
        floats = all(value.type.tensor_type.elem_type == TensorProto.FLOAT for value in given)
        is_fit = shapes == expected and floats and all(len(dims) == 4 for dims in found.values())
        if not is_fit or (is_ordered and [*shapes] != [*expected]):
            raise JobError(
                tr(
                    "The network in {} has {}, and its card describes {}: the file was changed."
                ).format(path, shapes, expected)
            )
    return fixed_batch(proto)


def fixed_batch(proto: ModelProto) -> int:
    """The only batch size that a graph takes; 0: any."""
    return max(dims_of(value)[0] for value in proto.graph.input)


def dims_of(value: ValueInfoProto) -> tuple[int, ...]:
    """The shape of an input or output; 0 where it is free."""
    return tuple(max(size.dim_value, 0) for size in value.type.tensor_type.shape.dim)
