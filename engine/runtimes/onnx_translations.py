"""Translations of some operations of torch to ONNX, where ONNX Runtime is slow with the exporter's own.

Each gives the same values but for rounding. Measured with ONNX Runtime 1.31 on one thread: passes of DualStream-B1 and of
CMX-B0 take 0.80 times as long.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import onnx
import torch
from onnxscript import opset18 as op
from onnxscript.function_libs.torch_lib.ops.nn import aten_upsample_bilinear2d_vec
from torch.nn import functional as F

#: Longest side of a tile that matrix products resample, px: 2 channels of 512 px take 1.0 times as long as with ONNX's
#: own operation and 2 channels of 1024 px 2.5 times.
_MOST_PIXELS = 512

#: The same of a map before it is resampled to a multiple of its side, where ONNX's operation is exact. To four times the
#: side, 512 channels of 32 px take 0.5 times as long as matrix products as with it; to twice the side, 64 channels of
#: 64 px take 1.1 times as long and 44 channels of 128 px 3 times (AVX2).
_MOST_PIXELS_BEFORE = 64


def gelu(values: Any, approximate: str = "none") -> Any:
    """GELU, in the order of factors that ONNX Runtime recognises and computes in one pass."""
    if approximate != "none":
        cubic = op.Mul(_number(0.044715), op.Mul(values, op.Mul(values, values)))
        inner = op.Mul(_number(math.sqrt(2 / math.pi)), op.Add(values, cubic))
        share = op.Tanh(inner)
    else:
        share = op.Erf(op.Div(values, _number(math.sqrt(2))))
    return op.Mul(op.Mul(values, op.Add(share, _number(1))), _number(0.5))


def softmax(values: Any, dim: int, *_: object) -> Any:
    """Softmax, without the transposition that ONNX Runtime makes for an axis that is not the last one."""
    if dim in (-1, len(values.shape) - 1):
        return op.Softmax(values, axis=dim)
    axis: Any = op.Constant(value_ints=[dim])
    powers = op.Exp(op.Sub(values, op.ReduceMax(values, axis, keepdims=1)))
    return op.Div(powers, op.ReduceSum(powers, axis, keepdims=1))


def nan_to_num(
    values: Any, nan: float | None = None, posinf: float | None = None, neginf: float | None = None
) -> Any:
    """Numbers instead of NaN and infinity; one number for all three with one choice instead of three."""
    if nan is not None and nan == posinf == neginf:
        is_missing = op.IsNaN(op.Sub(values, values))  # infinity minus infinity is NaN
        return op.Where(is_missing, _number(nan), values)
    limit = torch.finfo(torch.float32).max
    values = op.Where(op.IsNaN(values), _number(nan or 0), values)
    for negative, number in ((0, posinf), (1, neginf)):
        is_infinite = op.IsInf(values, detect_negative=negative, detect_positive=1 - negative)
        default = -limit if negative else limit
        values = op.Where(is_infinite, _number(default if number is None else number), values)
    return values


def upsample_bilinear(
    values: Any,
    size: Sequence[int] | None,
    align_corners: bool,
    scales: Sequence[float] | None = None,
) -> Any:
    """Bilinear resampling of (B, C, H, W) as two matrix products: of columns, then of rows.

    Large maps are left to ONNX, because most of a matrix's weights are zero there. By other factors than whole numbers
    ONNX rounds coordinates, up to 1e-5 of the values, so only the largest are left to it.
    """
    rows, columns = (
        _resampling(
            values.shape[2 + axis],
            size[axis] if size else None,
            scales[axis] if scales else None,
            align_corners,
        )
        for axis in (0, 1)
    )
    is_exact = not align_corners and all(len(part) % part.shape[1] == 0 for part in (rows, columns))
    is_large = max(values.shape[2:]) > _MOST_PIXELS_BEFORE
    if (is_exact and is_large) or max(len(rows), len(columns)) > _MOST_PIXELS:
        return aten_upsample_bilinear2d_vec(values, size, align_corners, scales)
    return op.MatMul(_matrix(rows), op.MatMul(values, _matrix(columns.T)))


#: The translations by the operation of torch.
TRANSLATIONS: dict[Callable[..., Any], Callable[..., Any]] = {
    torch.ops.aten.gelu.default: gelu,
    torch.ops.aten.nan_to_num.default: nan_to_num,
    torch.ops.aten.softmax.int: softmax,
    torch.ops.aten._softmax.default: softmax,
    torch.ops.aten.upsample_bilinear2d.vec: upsample_bilinear,
}


def _number(value: float) -> Any:
    return op.Constant(value_float=float(value))


def _matrix(values: torch.Tensor) -> Any:
    return op.Constant(value=onnx.numpy_helper.from_array(values.contiguous().numpy()))


def _resampling(
    length: int, size: int | None, scale: float | None, align_corners: bool
) -> torch.Tensor:
    """The matrix (size, length) that resamples a column of ``length`` values."""
    unit = torch.eye(length)[None]
    found = F.interpolate(unit, size, scale, mode="linear", align_corners=align_corners)
    return found[0].T
