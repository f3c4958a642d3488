"""Operations that are translated to ONNX in another way: the values of torch, in a graph of ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.runtimes.onnx_translations import TRANSLATIONS

OPERATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu": F.gelu,
    "gelu_with_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "softmax_of_channels": lambda x: x.softmax(dim=1),
    "softmax_of_columns": lambda x: x.softmax(dim=-1),
    "size": lambda x: F.interpolate(x, size=(20, 33), mode="bilinear"),
    "smaller": lambda x: F.interpolate(x, size=(5, 7), mode="bilinear"),
    "scale": lambda x: F.interpolate(x, scale_factor=2.5, mode="bilinear"),
    "large": lambda x: F.interpolate(x[:, :1], size=(520, 33), mode="bilinear"),
    "twice": lambda x: F.interpolate(x.repeat(1, 1, 9, 1), scale_factor=2, mode="bilinear"),
    "by_a_fraction": lambda x: F.interpolate(x.repeat(1, 1, 9, 1), (100, 33), mode="bilinear"),
    "corners": lambda x: F.interpolate(x, (16, 24), mode="bilinear", align_corners=True),
    "finite": lambda x: (x.log() / (x > 1)).nan_to_num(0.0, posinf=0.0, neginf=0.0),
    "numbers": lambda x: (x.log() / (x > 1)).nan_to_num(),
    "own_numbers": lambda x: (x.log() / (x < 1)).nan_to_num(1.0, posinf=2.0, neginf=3.0),
}


class Operations(nn.Module):
    def forward(self, values: Tensor) -> list[Tensor]:
        return [operation(values) for operation in OPERATIONS.values()]


def test_the_graph_gives_the_values_of_torch(tmp_path: Path) -> None:
    values = 3 * torch.randn(2, 3, 8, 12, generator=torch.Generator().manual_seed(0))
    program = torch.onnx.export(
        Operations().eval(),
        (values,),
        output_names=[*OPERATIONS],
        dynamic_shapes={"values": {0: torch.export.Dim("batch")}},
        opset_version=18,
        dynamo=True,
        verbose=False,
        custom_translation_table=TRANSLATIONS,
    )
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    session = onnxruntime.InferenceSession(program.model_proto.SerializeToString(), options)
    for count in (1, 2):
        found = session.run(None, {"values": values[:count].numpy()})
        for (name, operation), actual in zip(OPERATIONS.items(), found):
            expected = operation(values[:count]).numpy()
            assert actual.shape == expected.shape, name
            tolerance = 1e-4 if name == "large" else 1e-5  # Resize rounds its coordinates
            assert np.abs(actual - expected).max() < tolerance, name
    used = {node.op_type for node in onnx.load(options.optimized_model_filepath).graph.node}
    assert {"Gelu", "Softmax", "MatMul"} <= used and "Erf" not in used
    resized = [node for node in program.model_proto.graph.node if node.op_type == "Resize"]
    assert [[*node.output] for node in resized] == [["large"], ["twice"]]
