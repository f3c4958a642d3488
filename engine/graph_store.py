"""Graphs of model files, translated once, kept in the cache and checked before they are used."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import torch
from torch import nn

from .errors import EngineError, first_line
from .memory import is_exhausted
from .model_file import Card, file_hash
from .onnx_graph import Run, check_size, compare, translated
from .runtime_cache import keep, keep_facts, kept, kept_facts, key_of
from .version import engine_version


def is_kept(path: str, fused: bool) -> bool:
    """Whether the graph of a model file has been translated already."""
    return kept(_name(path, fused)) is not None


def checked_graph(
    path: str,
    network: nn.Module,
    card: Card,
    fused: bool,
    runtime: str,
    start: Callable[[bytes], Run],
) -> Run:
    """What runs the graph of a model file, after it gave the network's own probabilities once.

    Args:
        path: The model file.
        network: Its network, giving probabilities; on the CPU in fp32.
        card: Its card.
        fused: Whether the graph takes the auxiliary stream.
        runtime: The package that runs it.
        start: Makes that of the graph's bytes.

    Raises:
        EngineError: If the network cannot be translated, or the graph gives other probabilities.
    """
    name = _name(path, fused)
    graph = kept(name)
    if graph is None:
        check_size(network, path)
        graph = translated(network, card, fused).SerializeToString()
        keep(name, graph)
    try:
        run = start(graph)
    except Exception as error:  # each runtime has errors of its own
        if is_exhausted(error):
            raise
        raise EngineError(
            f"{runtime} cannot run the network {card.architecture} ({first_line(error)}): choose another "
            "runtime."
        ) from error
    version = importlib.import_module(runtime).__version__
    note = f"check-{key_of({'graph': name, 'runtime': runtime, 'version': version})}.json"
    if "difference" not in kept_facts(note):
        difference = compare(network, card, run, fused, batches=(1,))
        keep_facts(note, {"difference": difference})
    return run


def _name(path: str, fused: bool) -> str:
    facts = {
        "model": file_hash(path),
        "fused": fused,
        "torch": torch.__version__,
        "engine": engine_version(),
    }
    return f"graph-{key_of(facts)}.onnx"
