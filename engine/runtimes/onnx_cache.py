"""ONNX graphs of model files: exported once, compared with torch once, and kept in the user's cache."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import torch
from torch import nn

from ..compute.devices import processor_name
from ..compute.memory import is_out_of_memory
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
    try:
        run = load(graph)
    except Exception as error:  # each runtime raises its own errors
        if is_out_of_memory(error):
            raise
        raise EngineError(
            tr("{} cannot run the network {} ({}): choose another runtime.").format(
                runtime, card.architecture, first_line(error)
            )
        ) from error
    comparison = _comparison_name(name, runtime)
    if "difference" not in read_json(comparison):
        write_json(comparison, {"difference": max_difference(network, card, run, fused)})
    return run


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
