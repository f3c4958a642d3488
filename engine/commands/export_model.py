"""``export``: converts a model file to an ONNX file for other programs.

The inputs are raw values: ``image`` (B, C, T, T) and, for two streams, ``auxiliary`` (B, Ca, t, t); NaN means
missing. The output is ``probabilities`` (B, K, T, T); for one logit that of the second class.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from ..contract.class_table import to_records
from ..contract.errors import JobError
from ..contract.file_jobs import ExportJob
from ..contract.model_card import CARD_KEY, Card
from ..contract.output_files import atomic_output, check_writable
from ..contract.protocol import Done, Emit, Progress, replace_non_finite
from ..contract.translation import tr
from ..models.graph_network import GraphNetwork
from ..models.model_file import load_model
from ..runtimes.onnx_export import (
    GraphRunner,
    ProbabilityNetwork,
    check_size,
    export_network,
    max_difference,
    random_tiles,
)
from .deepness_metadata import deepness_metadata


def export_model(job: ExportJob, emit: Emit) -> Done:
    """Writes a model as ONNX and compares the written file with the model.

    Raises:
        EngineError: If the model cannot be read, is too large, or the file gives other probabilities;
            then nothing is written.
    """
    for name in ("model", "output"):
        if not getattr(job, name):
            raise JobError(
                tr("The option {} is missing: export needs model and output.").format(name)
            )
    check_writable(job.output, (".onnx",))
    model, card = load_model(job.model)
    if isinstance(model, GraphNetwork):
        return _export_graph(job, model, card)
    check_size(model, job.model)
    network = ProbabilityNetwork(model).eval()
    emit(Progress(0.05, tr("Translating the network")))
    proto = export_network(network, card)
    for name, value in _metadata(card).items():
        proto.metadata_props.add(key=name, value=value)
    with atomic_output(job.output) as part:
        part.write_bytes(proto.SerializeToString())
        emit(Progress(0.8, tr("Comparing the file with the model")))
        largest = max_difference(network, card, _runner(part))
    text = tr(
        "The file {} gives the probabilities of {}: on random tiles they differ by at most {:.1g}."
    )
    return Done(
        f"{text.format(Path(job.output), Path(job.model).name, largest)} {_deepness_note(card)}",
        {"output": job.output, "inputs": [*random_tiles(card, 1)], "difference": largest},
    )


def _export_graph(job: ExportJob, model: GraphNetwork, card: Card) -> Done:
    """Writes the graph of a model file that was imported from ONNX."""
    proto = onnx.ModelProto.FromString(model.content())
    for name, value in _metadata(card).items():
        proto.metadata_props.add(key=name, value=value)
    with atomic_output(job.output) as part:
        part.write_bytes(proto.SerializeToString())
    text = tr("The file {} has the ONNX network of {}, with its scaling and the probabilities.")
    return Done(
        f"{text.format(Path(job.output), Path(job.model).name)} {_deepness_note(card)}",
        {"output": job.output, "inputs": [*random_tiles(card, 1)], "difference": 0.0},
    )


def _metadata(card: Card) -> dict[str, str]:
    """The card as JSON, as in the model file, and the metadata of Deepness."""
    record = {**asdict(card), "classes": to_records(card.classes)}
    card_json = json.dumps(replace_non_finite(record), ensure_ascii=False)
    return {CARD_KEY: card_json, **deepness_metadata(card)}


def _runner(path: Path) -> GraphRunner:
    """Function that runs the written file with onnxruntime."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

    def run(values: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        probabilities: NDArray[np.float32] = session.run(None, values)[0]
        return probabilities

    return run


def _deepness_note(card: Card) -> str:
    if card.auxiliary.bands:
        return tr(
            "It has two inputs, image and auxiliary, and always needs both: give NaN where one is missing. The QGIS plugin "
            "Deepness takes models of one input only."
        )
    return tr("The QGIS plugin Deepness, from version 0.6, reads it as a Segmentor.")
