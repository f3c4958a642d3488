"""ONNX graphs of model files: exported once, compared with torch once, and kept in the user's cache.

The graph of an imported ONNX network is in its model file: other runtimes are compared with ONNX Runtime.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..compute.memory import is_out_of_memory
from ..compute.processor import processor_name
from ..contract.errors import EngineError, first_line
from ..contract.file_identity import file_hash
from ..contract.model_card import Card
from ..contract.translation import tr
from ..contract.version import engine_version
from .onnx_export import GraphRunner, check_size, export_network, max_difference
from .runtime_config import EXPORT_PACKAGES, installed_versions
from .user_cache import hash_key, read_entry, read_json, write_entry, write_json


def load_graph(
    path: str,
    network: nn.Module,
    card: Card,
    fused: bool,
    runtime: str,
    load: Callable[[bytes], GraphRunner],
) -> GraphRunner:
    """Loads the graph of a model file; at its first use its probabilities are compared with torch's.

    Args:
        path: The model file.
        network: Its network, which returns probabilities; on the CPU in fp32.
        card: Its card.
        fused: Whether the graph takes the auxiliary stream.
        runtime: The package that runs the graph.
        load: Makes a function that runs the graph from the graph's bytes.

    Raises:
        EngineError: If the network cannot be exported, if the runtime cannot run the graph, or if the graph
            gives other probabilities.
    """
    name = _graph_name(path, fused)
    graph = read_entry(name)
    if graph is None:
        check_size(network, path)
        graph = export_network(network, card, fused).SerializeToString()
        write_entry(name, graph)
    run = _start(load, graph, card, runtime)
    comparison = _comparison_name(name, runtime)
    if "difference" not in read_json(comparison):
        write_json(comparison, {"difference": max_difference(network, card, run, fused)})
    return run


def load_imported(
    path: str,
    graph: bytes,
    card: Card,
    runtime: str,
    load: Callable[[bytes], GraphRunner],
    load_reference: Callable[[bytes], GraphRunner],
) -> GraphRunner:
    """Loads the graph in a model file; at its first use its probabilities are compared with a reference's.

    Args:
        path: The model file.
        graph: The bytes of the graph.
        card: The file's card.
        runtime: The package that runs the graph.
        load: As in ``load_graph``.
        load_reference: The same for the runtime that others are compared with; may be ``load``.

    Raises:
        EngineError: If the runtime cannot run the graph, or gives other probabilities.
    """
    # Only here, because onnx takes a moment to import.
    from ..models.graph_check import fixed_batch
    from ..models.onnx_file import parse_onnx

    batch = fixed_batch(parse_onnx(graph, path))
    run = in_batches(_start(load, graph, card, runtime), batch)
    if load is load_reference:
        return run
    comparison = _comparison_name(_graph_name(path, True), runtime)
    if "difference" not in read_json(comparison):
        reference = in_batches(load_reference(graph), batch)

        def expected(**values: Tensor) -> Tensor:
            arrays = {name: value.numpy() for name, value in values.items()}
            return torch.from_numpy(reference(arrays))

        write_json(comparison, {"difference": max_difference(expected, card, run)})
    return run


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


def _start(
    load: Callable[[bytes], GraphRunner], graph: bytes, card: Card, runtime: str
) -> GraphRunner:
    try:
        return load(graph)
    except Exception as error:  # each runtime raises its own errors
        if is_out_of_memory(error):
            raise
        raise EngineError(
            tr("{} cannot run the network {} ({}): choose another runtime.").format(
                runtime, card.architecture, first_line(error)
            )
        ) from error


def _comparison_name(graph: str, runtime: str) -> str:
    """The cache entry for the comparison of a graph; other processors compute differently."""
    facts = {
        "graph": graph,
        "runtime": runtime,
        "version": importlib.import_module(runtime).__version__,
        "processor": processor_name(),
    }
    return f"check-{hash_key(facts)}.json"


def _graph_name(path: str, fused: bool) -> str:
    """The cache entry for the graph of a model file."""
    facts = {
        "model": file_hash(path),
        "fused": fused,
        "torch": torch.__version__,
        "translators": installed_versions(EXPORT_PACKAGES),
        "engine": engine_version(),
    }
    return f"graph-{hash_key(facts)}.onnx"
