"""Operations that are translated to ONNX in another way: the values of torch, in a graph of ONNX Runtime."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.runtimes.onnx_translations import TRANSLATIONS

OPERATIONS = {
    "gelu": (F.gelu, "Gelu"),
    "gelu with tanh": (lambda x: F.gelu(x, approximate="tanh"), "Tanh"),
    "softmax of channels": (lambda x: x.softmax(dim=1), "ReduceMax"),
    "softmax of columns": (lambda x: x.softmax(dim=-1), "Softmax"),
    "size": (lambda x: F.interpolate(x, size=(20, 33), mode="bilinear"), "MatMul"),
    "smaller": (lambda x: F.interpolate(x, size=(5, 7), mode="bilinear"), "MatMul"),
    "scale": (lambda x: F.interpolate(x, scale_factor=2.5, mode="bilinear"), "MatMul"),
    "corners": (
        lambda x: F.interpolate(x, size=(16, 24), mode="bilinear", align_corners=True),
        "MatMul",
    ),
}


class Operation(nn.Module):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.run = OPERATIONS[name][0]

    def forward(self, values: Tensor) -> Tensor:
        found: Tensor = self.run(values)
        return found


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_graph_gives_the_values_of_torch(name: str, tmp_path) -> None:
    values = 3 * torch.randn(2, 3, 8, 12, generator=torch.Generator().manual_seed(0))
    shapes = {"values": {0: torch.export.Dim("batch")}}
    program = torch.onnx.export(
        Operation(name).eval(),
        (values,),
        dynamic_shapes=shapes,
        opset_version=18,
        dynamo=True,
        verbose=False,
        custom_translation_table=TRANSLATIONS,
    )
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    session = onnxruntime.InferenceSession(program.model_proto.SerializeToString(), options)
    for count in (1, 2):
        found = session.run(None, {"values": values[:count].numpy()})[0]
        expected = OPERATIONS[name][0](values[:count]).numpy()
        assert found.shape == expected.shape and np.abs(found - expected).max() < 1e-5
    optimized = (tmp_path / "optimized.onnx").read_bytes()
    assert OPERATIONS[name][1].encode() in optimized, "the operation that is fast there"
    assert b"Resize" not in optimized
