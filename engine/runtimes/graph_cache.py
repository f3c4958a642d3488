"""ONNX graphs of model files in the user's cache, compared once on each machine; nothing here needs torch.

A graph is kept with the probabilities that its network gives for random tiles, so that ONNX Runtime can be compared
with the network where torch is not installed. The graph of an imported ONNX network is in its model file.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..compute.failures import is_out_of_memory
from ..compute.processor import processor_name
from ..contract.architectures import ONNX
from ..contract.card_reader import read_card
from ..contract.errors import DeviceError, EngineError, JobError, ModelFileError
from ..contract.file_identity import file_hash
from ..contract.light_engine import NOT_PREPARED
from ..contract.model_card import Card
from ..contract.prepared_models import graph_name, hash_key
from ..contract.translation import tr
from ..contract.version import engine_version
from ..models.graph_file import read_graph
from .graph_runners import GraphRunner, cannot_run, in_batches, load_runner
from .probability_checks import probability_difference
from .random_tiles import random_tiles
from .runtime_config import ONNX_RUNTIME, TORCH, is_installed
from .user_cache import (
    Entry,
    discard_entry,
    has_entry,
    read_entry,
    read_json,
    write_entry,
    write_json,
)

#: Batch size of a trained network's graph: each thread computes a tile at a time, and one size is exported fastest.
CACHED_BATCH = 1

#: Random tiles with which a graph is compared with its network.
_TILES = 2

#: Rows and columns of a tile whose probabilities are kept for the comparison, at most twice as many.
_KEPT = 128


@dataclass(frozen=True)
class ModelGraph:
    """The graph of a model file.

    Attributes:
        name: Its name in the cache.
        identity: What distinguishes it and its expected probabilities from others: SHA-256, of the model file or of
            both.
        content: The bytes of the ONNX file.
        batch: The only batch size that it takes; 0: any.
        expected: The probabilities that its network gives, see ``sample``; None: the graph is the network.
    """

    name: str
    identity: str
    content: bytes
    batch: int
    expected: NDArray[np.float32] | None


def find_graph(path: str, card: Card, fused: bool) -> ModelGraph | None:
    """The graph of an ONNX network, or the graph of a trained network if it is in the cache.

    Args:
        path: The model file.
        card: Its card.
        fused: Whether the graph takes the auxiliary stream.

    Raises:
        ModelFileError: If the file of an ONNX network was changed.
    """
    name = graph_name(path, fused)
    if card.architecture == ONNX:
        content, batch = read_graph(path), _checked_batch(path, card)
        return ModelGraph(name, file_hash(path), content, batch, None)
    graph, expected = read_entry(name), read_entry(_reference_name(name))
    if graph is None or expected is None:
        return None
    return _trained_graph(name, graph, expected)


def store_graph(
    path: str, fused: bool, content: bytes, probabilities: NDArray[np.float32]
) -> ModelGraph:
    """Keeps the graph of a trained network in the cache.

    Args:
        path: The model file.
        fused: Whether the graph takes the auxiliary stream.
        content: The bytes of the ONNX file.
        probabilities: Those (B, K, T, T) that the network gives for ``comparison_tiles``.
    """
    name, buffer = graph_name(path, fused), io.BytesIO()
    np.save(buffer, sample(probabilities))
    expected = write_entry(_reference_name(name), buffer.getvalue())
    return _trained_graph(name, write_entry(name, content), expected)


def comparison_tiles(card: Card, fused: bool) -> dict[str, NDArray[np.float32]]:
    """The tiles of each stream by input name with which a graph is compared with its network."""
    return random_tiles(card, _TILES, fused)


def sample(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Evenly spaced rows and columns of probabilities (B, K, T, T), for the comparison."""
    step = max(1, probabilities.shape[-1] // _KEPT)
    return np.ascontiguousarray(probabilities[:, :, ::step, ::step])


def load_graph(graph: ModelGraph, card: Card, fused: bool, threads: int) -> GraphRunner:
    """Loads a graph; at its first use on this processor its probabilities are compared with its network's.

    A graph that ONNX Runtime refuses is removed from the cache, so that the next run does not find it.

    Args:
        graph: The graph.
        card: The card of its model file.
        fused: Whether it takes the auxiliary stream.
        threads: Number of threads of a pass.

    Raises:
        EngineError: If ONNX Runtime cannot run the graph, or the graph gives other probabilities.
    """
    try:
        return _load_compared(graph, card, fused, threads)
    except Exception as error:  # of the comparison, or of a graph that takes other tiles
        if graph.expected is None or is_out_of_memory(error):
            raise
        discard_entry(graph.name)
        refusal = error if isinstance(error, EngineError) else cannot_run(card, error)
        text = tr("{} Its prepared graph is removed from the cache: run it again.")
        raise EngineError(text.format(refusal)) from error


def _load_compared(graph: ModelGraph, card: Card, fused: bool, threads: int) -> GraphRunner:
    run = in_batches(load_runner(threads, graph.content, card), graph.batch)
    if graph.expected is None:
        return run
    comparison = _comparison_name(graph.identity)
    if "difference" not in read_json(comparison):
        difference = _difference(graph.expected, card, fused, run)
        write_json(comparison, {"difference": difference})
    return run


def check_model(path: str) -> None:
    """Makes sure that a model file can be used, before a scene is opened; most of the work is done once a file.

    Raises:
        ModelFileError: If it is damaged.
        DeviceError: If it needs torch, which is not installed.
    """
    card = read_card(path)
    if card.architecture == ONNX:
        _checked_batch(path, card)
    elif not any(_is_stored(path, fused) for fused in (True, False)):
        require_torch(path)
        from ..models.model_file import check_weights  # only here, because torch takes seconds

        check_weights(path)


def require_torch(path: str) -> None:
    """Refuses a model file whose graph is not in the cache where torch is not installed.

    Raises:
        DeviceError: With what to do.
    """
    if not is_installed(TORCH):
        raise DeviceError(tr(NOT_PREPARED).format(path))


def _difference(expected: NDArray[np.float32], card: Card, fused: bool, run: GraphRunner) -> float:
    """The largest difference between a graph's probabilities and the expected ones, for one tile and for several."""
    tiles = comparison_tiles(card, fused)
    first = {name: values[:1] for name, values in tiles.items()}
    return max(
        probability_difference(sample(run(values)), expected[: len(values["image"])], card)
        for values in (tiles, first)
    )


def _trained_graph(name: str, graph: Entry, expected: Entry) -> ModelGraph:
    probabilities = np.load(io.BytesIO(expected.content))
    identity = graph.sha256 + expected.sha256
    return ModelGraph(name, identity, graph.content, CACHED_BATCH, probabilities)


def _checked_batch(path: str, card: Card) -> int:
    """The only batch size that the graph in a model file takes, 0: any; the graph is checked once.

    Raises:
        ModelFileError: If it is not safe to run, or not what the card says.
    """
    name = f"check-{hash_key({'imported': file_hash(path), 'engine': engine_version()})}.json"
    batch = read_json(name).get("batch")
    if not isinstance(batch, int):
        from ..models.graph_check import check_graph  # only here, because onnx takes a moment

        try:
            batch = check_graph(read_graph(path), card, path)
        except JobError as error:
            raise ModelFileError(str(error)) from error
        write_json(name, {"batch": batch})
    return batch


def _is_stored(path: str, fused: bool) -> bool:
    name = graph_name(path, fused)
    return read_entry(_reference_name(name)) is not None and has_entry(name)


def _comparison_name(graph: str) -> str:
    """The cache entry for the comparison of a graph of that identity; other processors compute differently."""
    import onnxruntime  # the import takes a while

    facts = {
        "graph": graph,
        "runtime": ONNX_RUNTIME,
        "version": onnxruntime.__version__,
        "processor": processor_name(),
    }
    return f"check-{hash_key(facts)}.json"


def _reference_name(graph: str) -> str:
    """The cache entry for the expected probabilities of a graph."""
    return graph.replace("graph-", "reference-").replace(".onnx", ".npy")
