"""``export``: writes a model as an ONNX file for other programs, or a card about it.

The inputs of the ONNX file are raw values: ``image`` (B, C, T, T) and, for two streams, ``auxiliary`` (B, Ca, t, t);
NaN means missing. Its output is ``probabilities`` (B, K, T, T), for one logit that of the second class, and on request
``classes`` (B, T, T), the values of a mask.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..contract.architectures import ONNX
from ..contract.card_reader import parse_card, read_card
from ..contract.card_weights import count_parameters
from ..contract.class_table import to_records
from ..contract.errors import JobError
from ..contract.file_identity import file_hash
from ..contract.file_jobs import EXPORT_FORMATS, EXPORT_PRECISIONS, ExportJob
from ..contract.model_card import CARD_KEY, Card
from ..contract.output_files import check_writable
from ..contract.output_writer import output_file, write_output
from ..contract.protocol import Done, Emit, Progress, replace_non_finite
from ..contract.safetensors_header import read_header
from ..contract.translation import tr
from ..contract.unlike import without_land_summary
from ..foreign.deepness_metadata import deepness_metadata
from ..models.graph_file import AUXILIARY, IMAGE, read_graph
from ..reports.card_values import ModelFacts
from ..reports.markdown_card import markdown_card
from ..reports.stac_item import check_licence, stac_item

if TYPE_CHECKING:
    import onnx

    from ..runtimes.torch_backends import ProbabilityNetwork

#: Key of the metadata of an ONNX file that says what its graph computes.
GRAPH_KEY = "dualstream_graph"

#: By how much the probabilities of a network in 16 bits may differ.
_HALF_TOLERANCE = 0.05


def export_model(job: ExportJob, emit: Emit) -> Done:
    """Writes a model as ONNX, or a card about it.

    Raises:
        EngineError: If an option is wrong, or the model cannot be read, is too large, or the ONNX file gives other
            probabilities; then nothing is written.
    """
    _check(job)
    return _export_onnx(job, emit) if job.format == "onnx" else _export_card(job)


def _check(job: ExportJob) -> None:
    job.require(("model", "output"), tr("The option {} is missing: export needs model and output."))
    if job.format != "onnx" and (job.class_map or job.precision != EXPORT_PRECISIONS[0]):
        raise JobError(
            tr("The options precision and class_map are about ONNX files: leave them out.")
        )
    if job.format == "onnx" and job.licence:
        raise JobError(tr("The option licence is about cards: leave it out for an ONNX file."))
    check_licence(job.licence)
    check_writable(job.output, (EXPORT_FORMATS[job.format],))


def _export_card(job: ExportJob) -> Done:
    """Writes a STAC item or a Markdown card, without building the network."""
    header = read_header(job.model)
    card = parse_card(header, job.model)
    size = Path(job.model).stat().st_size
    facts = ModelFacts(job.model, size, file_hash(job.model), count_parameters(header))
    if job.format == "markdown":
        text = markdown_card(card, facts, job.licence)
    else:
        item = stac_item(card, facts, _relative(job.model, job.output), job.licence)
        text = json.dumps(replace_non_finite(item), ensure_ascii=False, indent=2) + "\n"
    write_output(job.output, text.encode(), tr("card"))
    if job.format == "markdown":
        message = tr("The card {} describes {} for people and model hubs.")
    elif card.provenance.get("footprint"):
        message = tr("The STAC item {} describes {} for catalogues.")
    else:
        message = tr(
            "The STAC item {} describes {} for catalogues. It has no geometry: the model does not know where its "
            "training area lies."
        )
    return Done(message.format(Path(job.output), Path(job.model).name), {"output": job.output})


def _relative(model: str, output: str) -> str:
    """Path of the model file from the folder of another file; its name alone if it is on another drive."""
    try:
        found = os.path.relpath(model, Path(output).absolute().parent)
    except ValueError:
        return Path(model).name
    return Path(found).as_posix()


def _export_onnx(job: ExportJob, emit: Emit) -> Done:
    """Writes a model as ONNX and compares the written file with the model."""
    card = read_card(job.model)
    inputs = [IMAGE, AUXILIARY] if card.auxiliary.bands else [IMAGE]
    if card.architecture == ONNX:
        return _export_graph(job, read_graph(job.model), card, inputs)
    # Only here, because they import torch, which takes seconds to load.
    from ..models.model_file import load_model
    from ..models.two_stream_network import TwoStreamNetwork
    from ..runtimes.onnx_export import check_size
    from ..runtimes.onnx_variants import graph_record, variant
    from ..runtimes.torch_backends import ProbabilityNetwork

    model, _ = load_model(job.model)
    check_size(model, job.model)
    is_half = job.precision == "fp16"
    network = ProbabilityNetwork(model).eval()
    if is_half or job.class_map:  # distances need 32 bits, and a class map is for other programs
        card = without_land_summary(card)
        if isinstance(model, TwoStreamNetwork):
            model.land_summary = None
    emit(Progress(0.05, tr("Translating the network")))
    proto = variant(network, card, is_half, job.class_map)
    _add_metadata(proto, job, card, graph_record(card, is_half, job.class_map))
    with output_file(job.output, tr("file")) as part:
        part.write_bytes(proto.SerializeToString())
        emit(Progress(0.8, tr("Comparing the file with the model")))
        differences = _compare(job, part, proto, network, card)
    return Done(
        f"{_describe_differences(job, differences)} {_deepness_note(job, card)}",
        {"output": job.output, "inputs": inputs, **differences},
    )


def _compare(
    job: ExportJob, part: Path, proto: onnx.ModelProto, network: ProbabilityNetwork, card: Card
) -> dict[str, float]:
    """The largest differences of the written file's probabilities, of one in 16 bits also of its logits.

    Raises:
        EngineError: If the file differs from the model.
    """
    from ..runtimes.onnx_export import max_difference
    from ..runtimes.onnx_variants import check_classes, logit_difference, runner
    from ..runtimes.probability_checks import TOLERANCE

    is_half = job.precision == "fp16"
    tolerance = _HALF_TOLERANCE if is_half else TOLERANCE
    differences = {"difference": max_difference(network, card, runner(part), tolerance)}
    if is_half:
        differences["logit_difference"] = logit_difference(network, card, proto)
    if job.class_map:
        check_classes(card, proto)
    return differences


def _describe_differences(job: ExportJob, differences: dict[str, float]) -> str:
    """How far the written file is from the model, of a file in 16 bits also before the softmax."""
    text = tr(
        "The file {} gives the probabilities of {}: on random tiles they differ by at most {:.1g}."
    )
    sentence = text.format(Path(job.output), Path(job.model).name, differences["difference"])
    if "logit_difference" not in differences:
        return sentence
    text = tr("It computes in 16 bits: its logits differ by at most {:.2g} from those in 32 bits.")
    return f"{sentence} {text.format(differences['logit_difference'])}"


def _export_graph(job: ExportJob, graph: bytes, card: Card, inputs: list[str]) -> Done:
    """Writes the graph of a model file that was imported from ONNX."""
    import onnx

    from ..runtimes.onnx_variants import graph_record, hide_unlike

    if job.class_map or job.precision != EXPORT_PRECISIONS[0]:
        raise JobError(
            tr(
                "The model {} is an ONNX network already: leave precision and class_map out."
            ).format(job.model)
        )
    proto = onnx.ModelProto.FromString(graph)
    hide_unlike(proto)
    _add_metadata(proto, job, card, graph_record(card, False, False))
    write_output(job.output, proto.SerializeToString(), tr("file"))
    text = tr("The file {} has the ONNX network of {}, with its scaling and the probabilities.")
    return Done(
        f"{text.format(Path(job.output), Path(job.model).name)} {_deepness_note(job, card)}",
        {"output": job.output, "inputs": inputs, "difference": 0.0},
    )


def _add_metadata(
    proto: onnx.ModelProto, job: ExportJob, card: Card, graph: dict[str, Any]
) -> None:
    """Adds the card as JSON, as in the model file, what the graph computes, and the metadata of Deepness."""
    record = {**asdict(card), "classes": to_records(card.classes)}
    card_json = json.dumps(replace_non_finite(record), ensure_ascii=False)
    # Deepness takes every output of a file for probabilities.
    known = {} if job.class_map else deepness_metadata(card)
    entries = {CARD_KEY: card_json, GRAPH_KEY: json.dumps(graph), **known}
    for name, value in entries.items():
        proto.metadata_props.add(key=name, value=value)


def _deepness_note(job: ExportJob, card: Card) -> str:
    if card.auxiliary.bands:
        return tr(
            "It has two inputs, image and auxiliary, and always needs both: give NaN where one is missing. The QGIS plugin "
            "Deepness takes models of one input only."
        )
    if job.class_map:
        return tr(
            "It has two outputs, probabilities and classes: the QGIS plugin Deepness takes files of one output only."
        )
    return tr("The QGIS plugin Deepness, from version 0.6, reads it as a Segmentor.")
