"""The inputs of an ONNX network of another program: the stream of each, its layout and its size."""

from __future__ import annotations

from dataclasses import dataclass

from onnx import ModelProto, TensorProto, ValueInfoProto

from ..contract.errors import JobError, join_names
from ..contract.jobs import AUTOMATIC
from ..contract.model_card import MAX_BANDS, MAX_TILE_SIZE
from ..contract.translation import tr
from ..models.graph_check import dims_of
from ..models.graph_file import IMAGE

#: Layouts of the pixels of a tile; "automatic": by the shape.
NCHW, NHWC = "NCHW", "NHWC"
LAYOUTS = (AUTOMATIC, NCHW, NHWC)

#: Types of numbers that a network may take.
_KINDS = (TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.UINT8)


@dataclass(frozen=True)
class GraphInput:
    """An input of a graph that is a stream.

    Attributes:
        name: Its name.
        kind: Type of its numbers, of ``onnx.TensorProto``.
        is_channels_last: Whether it is (B, H, W, C).
        bands: Number of bands; 0: any.
        side: Side of a tile in px; 0: any.
        batch: The only batch size; 0: any.
    """

    name: str
    kind: int
    is_channels_last: bool
    bands: int
    side: int
    batch: int


def stream_inputs(proto: ModelProto, path: str, layout: str, image: str) -> list[GraphInput]:
    """The inputs of a network that are streams, the image first.

    Args:
        proto: The network.
        path: Its file, for messages.
        layout: A layout of ``LAYOUTS``.
        image: Name of the image's input; empty: "image", or the first.

    Raises:
        JobError: If an input cannot be a stream, there are more than two, or the layout is not clear.
    """
    stored = {tensor.name for tensor in proto.graph.initializer}
    values = [value for value in proto.graph.input if value.name not in stored]
    names = [value.name for value in values]
    if not 1 <= len(values) <= 2:
        raise JobError(
            tr(
                "The network {} has {} inputs ({}): one for the image, and optionally one for auxiliary rasters, can be "
                "used."
            ).format(path, len(values), join_names(names, 5))
        )
    if image and image not in names:
        raise JobError(
            tr("The network {} has no input {} (image_input): its inputs are {}.").format(
                path, image, ", ".join(names)
            )
        )
    first = image or (IMAGE if IMAGE in names else names[0])
    values.sort(key=lambda value: value.name != first)
    return [_stream(value, path, layout) for value in values]


def _stream(value: ValueInfoProto, path: str, layout: str) -> GraphInput:
    kind, dims = value.type.tensor_type.elem_type, dims_of(value)
    if kind not in _KINDS:
        name = (
            TensorProto.DataType.Name(kind).lower() if value.type.HasField("tensor_type") else "?"
        )
        raise JobError(
            tr(
                "The input {} of the network {} takes values of the type {}: pixels are numbers with a fraction, or bytes."
            ).format(value.name, path, name)
        )
    if len(dims) != 4:
        raise JobError(
            tr(
                "The input {} of the network {} has {} axes ({}): tiles have four, for number, bands, rows and columns."
            ).format(value.name, path, len(dims), " x ".join(map(str, dims)) or "-")
        )
    is_last = layout == NHWC if layout in (NCHW, NHWC) else _is_channels_last(value, dims, path)
    batch, *inner = dims
    bands = inner.pop(2 if is_last else 0)
    height, width = inner
    side = max(inner)
    if (height and width and height != width) or side > MAX_TILE_SIZE:
        raise JobError(
            tr(
                "The input {} of the network {} takes tiles of {} x {} px: they must be square, of {} px at most."
            ).format(value.name, path, height, width, MAX_TILE_SIZE)
        )
    if bands > MAX_BANDS:
        raise JobError(
            tr("The input {} of the network {} takes {} bands, more than {}: give layout.").format(
                value.name, path, bands, MAX_BANDS
            )
        )
    return GraphInput(value.name, kind, is_last, bands, side, batch)


def _is_channels_last(value: ValueInfoProto, dims: tuple[int, ...], path: str) -> bool:
    """Whether the bands are the last axis: the two axes of pixels are as long as each other, or both free."""
    _, second, third, last = dims
    if second == last != third or (second == third == last and second):
        raise JobError(
            tr(
                "The input {} of the network {} is {}, which does not say which axis has the bands: give layout as {} or {}."
            ).format(value.name, path, " x ".join(map(str, dims)), NCHW, NHWC)
        )
    return second == third != last
