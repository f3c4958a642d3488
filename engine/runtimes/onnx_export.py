"""Exports a network as an ONNX graph, and compares the graph's probabilities with the network's.

The inputs of a graph are physical values, NaN where missing: ``image`` (B, C, T, T) and, with two streams,
``auxiliary`` (B, Ca, t, t). Its output is ``probabilities`` (B, K, T, T); with one logit, that of the second class. A
network with a land summary has a second output, ``unlike`` (B, 1, T, T), see ``land_summary``.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ..compute.failures import failed_event, is_out_of_memory
from ..contract.errors import EngineError, JobError, first_line
from ..contract.model_card import Card
from ..contract.protocol import Emit, Metric, Progress
from ..contract.translation import tr
from ..models.graph_file import PROBABILITIES, output_names
from ..models.inference_form import inference_form
from ..models.model_file import load_model
from .graph_cache import CACHED_BATCH, ModelGraph, comparison_tiles, load_graph, store_graph
from .graph_runners import GraphRunner
from .onnx_translations import TRANSLATIONS
from .probability_checks import TOLERANCE, check_finite, probability_difference
from .random_tiles import random_tiles
from .torch_backends import ProbabilityNetwork, joined

if TYPE_CHECKING:
    import onnx

#: The operator set and its file format, which programs of 2023 and later read.
_OPSET, _IR_VERSION = 18, 8

#: Largest model file that is prepared for a fast start, bytes: CMX-B2's has 266 MB.
_QUICK_BYTES = 300_000_000

#: The maximum size of a protocol buffer, bytes.
_MAX_FILE_BYTES = 2**31 - 1


def check_size(model: nn.Module, path: str) -> None:
    """Refuses a network whose weights do not fit into one ONNX file.

    Raises:
        JobError: If they do not fit.
    """
    size = sum(value.numel() * value.element_size() for value in model.state_dict().values())
    if size > _MAX_FILE_BYTES:
        raise JobError(
            tr(
                "The weights of {} have {:.1f} GiB, and one ONNX file holds 2 GiB at most: take a "
                "model with a smaller encoder."
            ).format(path, size / 2**30)
        )


def export_network(
    network: nn.Module,
    card: Card,
    fused: bool = True,
    outputs: Sequence[str] = (PROBABILITIES,),
    batch: int = 0,
) -> onnx.ModelProto:
    """Exports a network to ONNX, with its weights.

    Args:
        network: Maps physical values to probabilities, in evaluation mode on the CPU.
        card: The model's card.
        fused: Whether the graph takes the auxiliary stream, if the network has one; else it computes the image alone.
        outputs: Names of what the network returns: the probabilities, then what else it gives.
        batch: The only batch size that the graph takes; 0: any, which takes half as long again.

    Raises:
        EngineError: If the network uses an operation that ONNX does not have.
        ModelFileError: If the network's probabilities are not finite.
        MemoryError: If the memory did not suffice.
    """
    # Two tiles where the size is open: torch takes a size of one for a constant.
    tiles = random_tiles(card, batch or 2, fused)
    name = tr("{} with {}").format(card.architecture, card.encoder)
    check_finite(run_network(network, tiles), name)  # before the export, which takes long
    size = torch.export.Dim("batch")
    try:
        with _quiet(), _out_of_place(network), torch.no_grad():
            program: Any = torch.onnx.export(
                network,
                tuple(map(torch.from_numpy, tiles.values())),
                input_names=[*tiles],
                output_names=[*outputs],
                dynamic_shapes=None if batch else {name: {0: size} for name in tiles},
                opset_version=_OPSET,
                custom_translation_table=TRANSLATIONS,
                dynamo=True,
                verbose=False,
            )
    except Exception as error:  # the exporter raises errors of many kinds
        if is_out_of_memory(error):
            raise MemoryError(first_line(error)) from error
        raise EngineError(
            tr(
                "The network {} cannot be written as ONNX: it uses operations that ONNX does not have ({})."
            ).format(name, first_line(error))
        ) from error
    proto: onnx.ModelProto = program.model_proto
    for part in (*proto.graph.node, *proto.graph.value_info):
        del part.metadata_props[:]  # stack traces, with paths of this machine
    proto.ir_version = _IR_VERSION
    return proto


def max_difference(
    network: nn.Module, card: Card, run: GraphRunner, tolerance: float = TOLERANCE
) -> float:
    """The largest difference between a graph's and its network's probabilities, on random tiles.

    Args:
        network: As in ``export_network``.
        card: As in ``export_network``.
        run: Runs the graph.
        tolerance: By how much they may differ.

    Raises:
        EngineError: If they differ on more than single pixels.
    """
    differences = []
    for batch in (1, 2):
        tiles = random_tiles(card, batch)
        expected = run_network(network, tiles)[:, : card.logits]
        differences.append(probability_difference(run(tiles), expected, card, tolerance))
    return max(differences)


def run_network(
    network: nn.Module, tiles: Mapping[str, NDArray[np.float32]]
) -> NDArray[np.float32]:
    """The planes of a network on the CPU for tiles by input name, see ``Backend``."""
    with torch.no_grad():
        found = network(*map(torch.from_numpy, tiles.values()))
    values: NDArray[np.float32] = joined(found).numpy()
    return values


def prepare_model(path: str, emit: Emit) -> None:
    """Prepares a new model for a fast start, see ``prepare_graph``; if that is not possible, mapping starts with torch.

    The largest networks, which take minutes, are left out.

    Args:
        path: The model file, which is complete.
        emit: Callback for progress and metric events.
    """
    if Path(path).stat().st_size > _QUICK_BYTES:
        return
    emit(Progress(1.0, tr("Preparing the model for a fast start")))
    try:
        prepare_graph(path)
    except Exception as error:  # of the network or of memory: the model is good without a graph
        failed = failed_event(error)
        if failed.details:
            raise
        emit(Metric(tr("The model will start with PyTorch: {}").format(failed.message)))


def prepare_graph(path: str) -> None:
    """Writes the graph of a trained network into the cache and tries it, so that mapping starts without torch.

    Raises:
        EngineError: If the network cannot be exported, or its graph gives other probabilities.
    """
    model, card = load_model(path)
    network = ProbabilityNetwork(inference_form(model)).eval()
    fused = card.auxiliary.bands > 0
    load_graph(write_graph(path, network, card, fused), card, fused, 1)


def write_graph(path: str, network: nn.Module, card: Card, fused: bool) -> ModelGraph:
    """Exports the network of a model file to ONNX and keeps the graph in the cache.

    Args:
        path: The model file.
        network: Its ``ProbabilityNetwork``; on the CPU in fp32.
        card: Its card.
        fused: Whether the graph takes the auxiliary stream.

    Raises:
        EngineError: If the network cannot be exported.
    """
    check_size(network, path)
    proto = export_network(network, card, fused, output_names(card), batch=CACHED_BATCH)
    probabilities = run_network(network, comparison_tiles(card, fused))
    return store_graph(path, fused, proto.SerializeToString(), probabilities)


@contextlib.contextmanager
def _out_of_place(network: nn.Module) -> Iterator[None]:
    """Activations do not overwrite their input, for which the exporter takes half as long."""
    changed: list[Any] = [
        layer for layer in network.modules() if getattr(layer, "inplace", False) is True
    ]
    for layer in changed:
        layer.inplace = False
    try:
        yield
    finally:
        for layer in changed:
            layer.inplace = True


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Hides the exporter's output and warnings, about which a user can do nothing."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
