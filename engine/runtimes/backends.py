"""Creates the forward pass of a model file in a runtime configuration; torch is imported when it is needed.

``rule.py`` chooses the configuration, and ``network.py`` splits batches that do not fit into memory.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..compute.arrays import Array
from ..compute.devices import Device, choose_device
from ..compute.threads import thread_count
from ..contract.architectures import ONNX
from ..contract.card_reader import read_card
from .graph_cache import ModelGraph, find_graph, load_graph, require_torch
from .graph_runners import GraphBackend
from .runtime_config import RuntimeConfig, check_installed

if TYPE_CHECKING:
    from torch import nn


class Backend(Protocol):
    """Forward pass without gradients."""

    def __call__(self, images: Array, auxiliary: Array | None) -> Array:
        """Computes probabilities.

        Args:
            images: (B, C, T, T), physical values in fp32, NaN where missing; for graphs in numpy,
                for torch on the network's device.
            auxiliary: (B, Ca, t, t), physical values of the auxiliary stream, or None.

        Returns:
            (B, K, T, T) in fp32, of the same kind as the tiles; a network with a land summary has one more
            plane, how unlike the training a pixel is, from 0 to 1.
        """
        ...


class BackendFactory:
    """Creates the backends of one model file on one device.

    All PyTorch backends share one copy of the weights, in the memory format of the latest backend: creating one
    invalidates the earlier ones of another memory format.

    Args:
        path: The model file.
        device: Device of the network.
        fused: Whether the caller has an auxiliary stream.

    Attributes:
        card: The model's card.
        name: The file's name, for messages.
        fused: Whether both the caller and the network have an auxiliary stream.
        device: Device of the network: for an ONNX network the processor in fp32, whatever was asked for.

    Raises:
        ModelFileError: If the file cannot be read.
    """

    def __init__(self, path: str, device: Device, fused: bool) -> None:
        self.card, self.name = read_card(path), Path(path).name
        self.fused = fused and self.card.auxiliary.bands > 0
        self.is_onnx = self.card.architecture == ONNX
        self.device = choose_device("cpu", "fp32") if self.is_onnx else device
        self._path = path
        self._threads = thread_count()  # read before a lane lowers it

    @cached_property
    def graph(self) -> ModelGraph | None:
        """The model's graph: that of an ONNX network, or of the cache; None if there is none.

        Raises:
            ModelFileError: If the file of an ONNX network was changed.
        """
        return find_graph(self._path, self.card, self.fused)

    @cached_property
    def _network(self) -> nn.Module:
        """The network with its weights, which returns probabilities."""
        require_torch(self._path)
        from ..models.inference_form import inference_form
        from ..models.model_file import load_model
        from .torch_backends import ProbabilityNetwork

        return ProbabilityNetwork(inference_form(load_model(self._path)[0])).eval()

    def make(self, config: RuntimeConfig) -> Backend:
        """Creates the backend of a configuration.

        Raises:
            EngineError: If the runtime is not installed, or cannot run this network.
        """
        if config.is_graph:
            check_installed(config.runtime)
            return self._graph_backend(config.lanes)
        network = self._network
        import torch

        from ..models.inference_form import with_weights_in
        from .torch_backends import TorchBackend

        layout = torch.channels_last if config.channels_last else torch.contiguous_format
        network.to(self.device.torch_device, memory_format=layout)  # type: ignore[call-overload]
        device = replace(self.device, precision=config.precision, is_precision_auto=False)
        network = with_weights_in(network, config.precision)
        return TorchBackend(network, device, config.channels_last, config.lanes)

    def _graph_backend(self, lanes: int) -> Backend:
        graph = self.graph
        if graph is None:
            graph = self.graph = self._write_graph()
        # All lanes share the session's thread pool, and the thread of each lane computes too.
        threads = max(1, self._threads - lanes + 1)
        run = load_graph(graph, self.card, self.fused, threads)
        takes_both = self.card.auxiliary.bands > 0 if self.is_onnx else self.fused
        return GraphBackend(run, self.card if takes_both else None)

    def _write_graph(self) -> ModelGraph:
        network = self._network
        import torch

        from .onnx_export import write_graph

        network.to(memory_format=torch.contiguous_format)
        return write_graph(self._path, network, self.card, self.fused)
