"""ONNX graphs of model files: exported once, kept in the user's cache, and compared with torch before use."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import torch
from torch import nn

from ..compute.devices import processor_name
from ..compute.memory import is_out_of_memory
from ..contract.errors import EngineError, first_line
from ..contract.model_card import Card
from ..contract.version import engine_version
from ..models.model_file import file_hash
from .onnx_export import GraphRunner, check_size, export_network, max_difference
from .runtime_config import EXPORT_PACKAGES, versions
from .user_cache import hash_key, read_entry, read_json, write_entry, write_json


def load_graph(
    path: str,
    network: nn.Module,
    card: Card,
    fused: bool,
    runtime: str,
    start: Callable[[bytes], GraphRunner],
) -> GraphRunner:
    """A function that runs the graph of a model file; at first use its probabilities are compared with torch's.

    Args:
        path: The model file.
        network: Its network, which gives probabilities; on the CPU in fp32.
        card: Its card.
        fused: Whether the graph takes the auxiliary stream.
        runtime: The package that runs the graph.
        start: Makes the function from the graph's bytes.

    Raises:
        EngineError: If the network cannot be exported, if the runtime cannot run the graph, or if the graph
            gives other probabilities.
    """
    name = _name(path, fused)
    graph = read_entry(name)
    if graph is None:
        check_size(network, path)
        graph = export_network(network, card, fused).SerializeToString()
        write_entry(name, graph)
    try:
        run = start(graph)
    except Exception as error:  # each runtime has errors of its own
        if is_out_of_memory(error):
            raise
        raise EngineError(
            f"{runtime} cannot run the network {card.architecture} ({first_line(error)}): choose another "
            "runtime."
        ) from error
    note = _note(name, runtime)
    if "difference" not in read_json(note):
        write_json(note, {"difference": max_difference(network, card, run, fused)})
    return run


def _note(graph: str, runtime: str) -> str:
    """The name of the note that a graph was compared; other processors compute differently."""
    facts = {
        "graph": graph,
        "runtime": runtime,
        "version": importlib.import_module(runtime).__version__,
        "processor": processor_name(),
    }
    return f"check-{hash_key(facts)}.json"


def _name(path: str, fused: bool) -> str:
    facts = {
        "model": file_hash(path),
        "fused": fused,
        "torch": torch.__version__,
        "translators": versions(EXPORT_PACKAGES),
        "engine": engine_version(),
    }
    return f"graph-{hash_key(facts)}.onnx"
