"""Small ONNX networks of other programs, made node by node: a class depends on a pixel's own bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

#: Means and standard deviations of the bands, in shares of 255.
MEAN, STD = (0.5, 0.4, 0.3), (0.2, 0.25, 0.3)

FLOAT = TensorProto.FLOAT


def weights(bands: int, channels: int) -> NDArray[np.float32]:
    """Weights (K, C) of a pixel's bands."""
    rng = np.random.default_rng(10 * bands + channels)
    return rng.normal(size=(channels, bands)).astype(np.float32)


def scores(pixels: NDArray[Any], channels: int) -> NDArray[np.float32]:
    """What ``network`` computes before its last operator: (K, H, W) of pixels (C, H, W) of 8 bits."""
    shape = (-1, 1, 1)
    scaled = (pixels / 255 - np.reshape(MEAN, shape)) / np.reshape(STD, shape)
    return np.einsum("kc,chw->khw", weights(len(pixels), channels), scaled).astype(np.float32)


def network(
    channels: int = 3,
    last: str = "",
    layout: str = "NCHW",
    batch: int | str = "n",
    tile: int | str = 64,
    bands: int | str = 3,
    opset: int = 17,
    second: int = 0,
    pool: int = 1,
    metadata: Mapping[str, str] | None = None,
) -> onnx.ModelProto:
    """A convolution of 1 x 1 px.

    Args:
        channels: Its outputs.
        last: What follows: an operator, "classes" (class values in place of scores), or nothing.
        layout: Order of the axes of input and output.
        batch: Declared batch size.
        tile: Declared side of a tile.
        bands: Declared number of bands.
        opset: Operator set.
        second: Bands of a second input, whose mean is added to the scores; 0: none.
        pool: Factor of the output's resolution.
        metadata: Metadata of the file.
    """
    is_last = layout == "NHWC"
    count = bands if isinstance(bands, int) else 3
    dims = [batch, tile, tile, bands] if is_last else [batch, bands, tile, tile]
    inputs = [helper.make_tensor_value_info("input", FLOAT, dims)]
    stored = [numpy_helper.from_array(weights(count, channels)[:, :, None, None], "w")]
    nodes, value = [], "input"

    def add(kind: str, *names: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, [*names], [f"v{len(nodes)}"], **attributes))
        return f"v{len(nodes) - 1}"

    if is_last:
        value = add("Transpose", value, perm=[0, 3, 1, 2])
    value = add("Conv", value, "w")
    if second:
        inputs.append(helper.make_tensor_value_info("coarse", FLOAT, [batch, second, 8, 8]))
        value = add("Add", value, add("GlobalAveragePool", "coarse"))
    if pool > 1:
        value = add("AveragePool", value, kernel_shape=[pool, pool], strides=[pool, pool])
    if last == "classes":
        value = add("ArgMax", value, axis=1, keepdims=0)
    elif last == "Softmax":
        value = add(last, value, axis=1)
    elif last:
        value = add(last, value)
    if is_last and last != "classes":
        value = add("Transpose", value, perm=[0, 2, 3, 1])
    kind = TensorProto.INT64 if last == "classes" else FLOAT
    output = helper.make_tensor_value_info(value, kind, None)
    graph = helper.make_graph(nodes, "g", inputs, [output], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    helper.set_model_props(model, dict(metadata or {}))
    return model


def write(path: Path, model: onnx.ModelProto | bytes) -> str:
    """Writes a file; its path."""
    path.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
    return str(path)


def class_names(count: int) -> Sequence[str]:
    """Classes 0, 1, ... as the job names them."""
    return tuple(f"{value}=class {value}" for value in range(count))
