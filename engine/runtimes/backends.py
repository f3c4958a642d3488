"""Forward passes from tiles of physical values to probabilities, one class for each kind of runtime.

``BackendFactory`` creates the backend of a configuration. ``autotune.py`` chooses the configuration, and
``network.py`` splits batches that do not fit into memory.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from ..compute.cpu_lanes import limit_lanes
from ..compute.devices import Device, choose_device
from ..compute.memory import is_out_of_memory
from ..contract.errors import DeviceError, first_line
from ..contract.model_card import Card
from ..contract.translation import tr
from ..models.graph_network import GraphNetwork
from ..models.inference_form import inference_form, with_weights_in
from ..models.model_file import load_model
from .onnx_cache import load_graph, load_imported
from .onnx_export import GraphRunner, ProbabilityNetwork
from .runtime_config import (
    COMPILED,
    GRAPH_RUNTIMES,
    ONNX_RUNTIME,
    OPENVINO,
    RuntimeConfig,
    check_installed,
)


class Backend(Protocol):
    """Forward pass in inference mode."""

    def __call__(self, images: Tensor, auxiliary: Tensor | None) -> Tensor:
        """Computes probabilities.

        Args:
            images: (B, C, T, T), physical values in fp32, NaN where missing.
            auxiliary: (B, Ca, t, t), physical values of the auxiliary stream, or None.

        Returns:
            (B, K, T, T) in fp32, on the device of the tiles.
        """
        ...


class BackendFactory:
    """Creates the backends of one model file on one device.

    All PyTorch backends share one copy of the weights, in the memory format of the latest backend: creating one
    invalidates the earlier ones.

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
        model, self.card = load_model(path)
        self.fused = fused and self.card.auxiliary.bands > 0
        self._graph = model.content() if isinstance(model, GraphNetwork) else b""
        self.device = choose_device("cpu", "fp32") if self._graph else device
        self._path, self.name = path, Path(path).name
        self._threads = torch.get_num_threads()  # read before a lane lowers it
        self._network: nn.Module = ProbabilityNetwork(inference_form(model)).eval()

    def make(self, config: RuntimeConfig) -> Backend:
        """Creates the backend of a configuration.

        Raises:
            EngineError: If the runtime is not installed, or cannot run this network.
        """
        if config.runtime in GRAPH_RUNTIMES:
            return self._graph_backend(config.runtime, config.lanes)
        layout = torch.channels_last if config.channels_last else torch.contiguous_format
        self._network = self._network.to(self.device.torch_device, memory_format=layout)  # type: ignore[call-overload]
        device = Device(self.device.torch_device, self.device.name, config.precision)
        network = with_weights_in(self._network, config.precision)
        if config.runtime == COMPILED:
            return CompiledBackend(network, device, config.channels_last)
        return TorchBackend(network, device, config.channels_last, config.lanes)

    def _graph_backend(self, runtime: str, lanes: int) -> Backend:
        check_installed(runtime)
        self._network = self._network.to(memory_format=torch.contiguous_format)
        # All lanes share the session's thread pool, and the thread of each lane computes too.
        threads = max(1, self._threads - lanes + 1)
        load = partial(_GRAPH_LOADERS[runtime], threads)
        if self._graph:
            reference = load if runtime == ONNX_RUNTIME else partial(onnx_runner, threads)
            run = load_imported(self._path, self._graph, self.card, runtime, load, reference)
            return GraphBackend(run, self.card if self.card.auxiliary.bands else None)
        run = load_graph(self._path, self._network, self.card, self.fused, runtime, load)
        return GraphBackend(run, self.card if self.fused else None)


class TorchBackend:
    """PyTorch in eager mode. Several threads may call it.

    Args:
        network: Maps physical values to probabilities.
        device: The device and the precision.
        channels_last: Whether tensors have torch's memory format ``channels_last`` (NHWC).
        lanes: Number of threads that call it at the same time.
    """

    def __init__(
        self, network: nn.Module, device: Device, channels_last: bool, lanes: int = 1
    ) -> None:
        self._network, self._device, self._lanes = network, device, lanes
        self._layout = torch.channels_last if channels_last else torch.contiguous_format

    @torch.inference_mode()
    def __call__(self, images: Tensor, auxiliary: Tensor | None) -> Tensor:
        """See ``Backend``."""
        limit_lanes(self._lanes)
        images = images.contiguous(memory_format=self._layout)
        if auxiliary is not None:
            auxiliary = auxiliary.contiguous(memory_format=self._layout)
        with self._device.autocast(), _cudnn_benchmark(self._device):
            probabilities: Tensor = self._network(images, auxiliary)
        return probabilities.contiguous()


class CompiledBackend(TorchBackend):
    """``torch.compile`` for one batch size; on NVIDIA GPUs the whole pass is one CUDA graph."""

    def __init__(self, network: nn.Module, device: Device, channels_last: bool) -> None:
        compiled: Any = torch.compile(network, mode="reduce-overhead", dynamic=False)
        super().__init__(compiled, device, channels_last)
        self._has_run = False

    @torch.inference_mode()
    def __call__(self, images: Tensor, auxiliary: Tensor | None) -> Tensor:
        """See ``Backend``.

        Raises:
            DeviceError: If torch cannot compile here.
        """
        try:
            # A copy: the next run of the CUDA graph writes into the same memory.
            probabilities = super().__call__(images, auxiliary).clone()
        except Exception as error:  # missing or broken compilers raise many kinds
            # After a CUDA error no runtime works on the GPU in this process.
            is_cuda = str(error).startswith("CUDA error")
            if self._has_run or is_cuda or is_out_of_memory(error):
                raise
            raise DeviceError(
                tr("torch.compile does not work here ({}): choose another runtime.").format(
                    first_line(error)
                )
            ) from error
        self._has_run = True
        return probabilities


class GraphBackend:
    """ONNX Runtime or OpenVINO on the CPU, for tiles on any device. Several threads may call it if ``run`` allows that.

    Args:
        run: Runs the graph.
        card: The model's card if the graph takes the auxiliary stream, else None.
    """

    def __init__(self, run: GraphRunner, card: Card | None) -> None:
        self._run, self._card = run, card

    def __call__(self, images: Tensor, auxiliary: Tensor | None) -> Tensor:
        """See ``Backend``."""
        inputs = {"image": images.contiguous().cpu().numpy()}
        if self._card is not None:
            if auxiliary is None:
                stream = self._card.auxiliary
                shape = (len(images), stream.bands, stream.tile_size, stream.tile_size)
                auxiliary = images.new_full(shape, torch.nan)
            inputs["auxiliary"] = auxiliary.contiguous().cpu().numpy()
        return torch.from_numpy(self._run(inputs)).to(images.device)


def pad_batch(values: Tensor, batch: int) -> Tensor:
    """Pads tiles (B, C, T, T) with tiles of zeros to (batch, C, T, T)."""
    return F.pad(values, (0, 0, 0, 0, 0, 0, 0, batch - len(values)))


@contextmanager
def _cudnn_benchmark(device: Device) -> Iterator[None]:
    """Lets cuDNN search for the fastest algorithms, which is worthwhile because all tiles have the same size.

    The setting is restored after each pass: other networks of the process may have inputs of varying size.
    """
    before = torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = before or device.torch_device.type == "cuda"
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = before


def onnx_runner(threads: int, graph: bytes) -> GraphRunner:
    """A function that runs a graph with ONNX Runtime on a number of threads."""
    import onnxruntime  # the import takes a while, and most runs do not need it

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    # Idle threads spin for a moment before they sleep, which is an eighth faster in benchmarks.
    options.add_session_config_entry("session.intra_op.allow_spinning", "1")
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def run(inputs: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        probabilities: NDArray[np.float32] = session.run(None, inputs)[0]
        return probabilities

    return run


def _openvino(threads: int, graph: bytes) -> GraphRunner:
    openvino = importlib.import_module("openvino")  # an optional package
    properties = {
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
        # The default is bf16 on processors that support it.
        "INFERENCE_PRECISION_HINT": "f32",
    }
    core = openvino.Core()
    request = core.compile_model(core.read_model(graph), "CPU", properties).create_infer_request()

    def run(inputs: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        # A copy: the next run writes into the same memory.
        return np.array(request.infer(inputs)[0])

    return run


#: The function that loads a graph for each runtime of ``GRAPH_RUNTIMES``.
_GRAPH_LOADERS = {ONNX_RUNTIME: onnx_runner, OPENVINO: _openvino}
