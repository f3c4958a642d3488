"""The network of a model file that holds an ONNX graph instead of weights: it runs with a graph runtime only.

The graph has the form of an exported model: inputs ``image`` (B, C, T, T) and, of two streams, ``auxiliary``
(B, Ca, t, t) with physical values, NaN where missing; output ``probabilities`` (B, K, T, T). The batch size is free,
or a fixed number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from ..contract.errors import JobError
from ..contract.translation import tr

if TYPE_CHECKING:
    from onnx import ModelProto

#: Names of the inputs and of the output.
IMAGE, AUXILIARY, PROBABILITIES = "image", "auxiliary", "probabilities"


class GraphNetwork(nn.Module):
    """An ONNX graph as the only state of a module.

    Args:
        size: Number of bytes of the graph.

    Attributes:
        graph: The bytes of the ONNX file.
    """

    graph: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        self.register_buffer("graph", torch.zeros(size, dtype=torch.uint8))

    @classmethod
    def of(cls, proto: ModelProto) -> GraphNetwork:
        """The network of a graph in the form of an exported model."""
        content = proto.SerializeToString(deterministic=True)
        network = cls(len(content))
        network.graph.copy_(torch.from_numpy(np.frombuffer(content, np.uint8).copy()))
        return network

    def content(self) -> bytes:
        """The bytes of the ONNX file."""
        return self.graph.numpy().tobytes()

    def forward(self, *_: Tensor | None) -> Tensor:
        """Refuses: torch cannot compute the graph.

        Raises:
            JobError: Always.
        """
        raise JobError(
            tr("An ONNX network runs with ONNX Runtime or OpenVINO, and cannot be trained further.")
        )
