"""Runs ONNX graphs with ONNX Runtime, on arrays of numpy; nothing here needs torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ..compute.arrays import Array
from ..compute.failures import is_out_of_memory
from ..compute.malloc import trim_memory
from ..contract.errors import EngineError, first_line
from ..contract.model_card import Card
from ..contract.translation import tr
from .runtime_config import ONNX_RUNTIME

#: Runs a graph: arrays by input name to its outputs (B, K, T, T), joined.
GraphRunner = Callable[[dict[str, NDArray[np.float32]]], NDArray[np.float32]]


class GraphBackend:
    """The forward pass of a graph. Several threads may call it if ``run`` allows that.

    Args:
        run: Runs the graph.
        card: The model's card if the graph takes the auxiliary stream, else None.
    """

    def __init__(self, run: GraphRunner, card: Card | None) -> None:
        self._run, self._card = run, card

    def __call__(self, images: Array, auxiliary: Array | None) -> Array:
        """See ``Backend``; takes and returns arrays of numpy."""
        inputs: dict[str, NDArray[np.float32]] = {"image": np.ascontiguousarray(images)}
        if self._card is not None:
            if auxiliary is None:
                stream = self._card.auxiliary
                shape = (len(images), stream.bands, stream.tile_size, stream.tile_size)
                auxiliary = np.full(shape, np.nan, np.float32)
            inputs["auxiliary"] = np.ascontiguousarray(auxiliary)
        return self._run(inputs)


def load_runner(threads: int, graph: bytes, card: Card) -> GraphRunner:
    """Loads a graph.

    Args:
        threads: Number of threads of a pass.
        graph: The bytes of the ONNX file.
        card: The model's card, for the message.

    Raises:
        EngineError: If ONNX Runtime cannot run the graph.
    """
    try:
        return onnx_runner(threads, graph)
    except Exception as error:  # the runtime raises its own errors
        if is_out_of_memory(error):
            raise
        raise cannot_run(card, error) from error


def cannot_run(card: Card, error: Exception) -> EngineError:
    """The error for a graph that ONNX Runtime cannot run, with its reason."""
    text = tr("{} cannot run the network {} ({}): choose another runtime.")
    return EngineError(text.format(ONNX_RUNTIME, card.architecture, first_line(error)))


def in_batches(run: GraphRunner, batch: int) -> GraphRunner:
    """A function that runs a graph for any number of tiles.

    Args:
        run: Runs the graph.
        batch: The only number of tiles that the graph takes; 0: any.
    """
    if not batch:
        return run

    def run_all(inputs: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        count = len(next(iter(inputs.values())))
        parts = []
        for begin in range(0, count, batch):
            indices = np.minimum(np.arange(begin, begin + batch), count - 1)
            part = run({name: values[indices] for name, values in inputs.items()})
            parts.append(part[: count - begin])
        return np.concatenate(parts)

    return run_all


def onnx_runner(threads: int, graph: bytes) -> GraphRunner:
    """A function that runs a graph with ONNX Runtime on a number of threads."""
    import onnxruntime  # the import takes a while, and most runs do not need it

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    # Idle threads spin for a moment before they sleep, which is an eighth faster in benchmarks.
    options.add_session_config_entry("session.intra_op.allow_spinning", "1")
    # Planned memory comes beside that of the first pass: 80 MiB for a U-Net's tile of 512 px, and no gain in time.
    options.enable_mem_pattern = False
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    trim_memory()  # reading a graph takes twice the memory of its weights

    def run(inputs: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        return _joined(session.run(None, inputs))

    return run


def _joined(outputs: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    return outputs[0] if len(outputs) == 1 else np.concatenate(outputs, axis=1)
