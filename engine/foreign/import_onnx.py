"""``import`` of an ONNX network: a model file with the network's graph, which segments like any other model.

The graph is completed with its scaling and with what makes probabilities of its output, so that it has the form of
our own exports. The job must give what the file does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from onnx import ModelProto

from ..contract.architectures import ONNX
from ..contract.card_reader import check_card
from ..contract.class_table import class_table, to_records
from ..contract.errors import JobError, format_count
from ..contract.file_jobs import ImportJob
from ..contract.jobs import AUTOMATIC
from ..contract.model_card import AuxiliaryCard, Card, tile_flaw
from ..contract.protocol import Done, Emit, Progress
from ..contract.translation import tr
from ..contract.unlike import UNLIKE, has_land_summary, without_land_summary
from ..models.graph_check import check_graph
from ..models.graph_file import PROBABILITIES, save_graph
from ..models.onnx_safety import check_onnx
from ..runtimes.probability_checks import check_finite
from ..runtimes.random_tiles import random_tiles
from .card_parts import TILE_SIZE, check_threshold, image_card, numbered_bands, provenance
from .onnx_facts import FileFacts, auxiliary_scaling, classes_of, file_facts, image_scaling
from .onnx_file import read_onnx
from .onnx_form import CLASSES, SHARES, InputForm, OutputForm, completed
from .onnx_inputs import LAYOUTS, GraphInput, stream_inputs
from .onnx_trial import OUTPUT_KINDS, find_batch, find_output, run_trial


def import_onnx(job: ImportJob, emit: Emit) -> Done:
    """Makes a model file of an ONNX network; ``import_model`` has checked the fields that all weights share.

    Raises:
        EngineError: If the network cannot be used, or neither its file nor the job gives something that is needed.
    """
    _check(job)
    emit(Progress(0.05, tr("Reading {}").format(Path(job.weights).name)))
    proto = read_onnx(job.weights)
    check_onnx(proto, job.weights)
    metadata = {entry.key: entry.value for entry in proto.metadata_props}
    facts = file_facts(metadata, job.weights)
    streams = stream_inputs(proto, job.weights, job.layout, job.image_input)
    card = _card(job, facts, streams)
    forms = _input_forms(job, facts, streams, card)
    emit(Progress(0.3, tr("Trying the network on random tiles")))
    name = _output_name(job, proto)
    batch = max(stream.batch for stream in streams)
    batch = batch or find_batch(proto, forms, name, card, job.weights)
    is_own = facts.card is not None and name == PROBABILITIES and job.output_kind == AUTOMATIC
    kind = SHARES if is_own else job.output_kind
    output = find_output(proto, forms, name, kind, card, batch, job.weights)
    classes = classes_of(job, facts, 0 if output.kind == CLASSES else output.channels)
    card = replace(card, classes=classes, logits=output.channels)
    card = replace(card, threshold=_threshold(job, facts, card))
    values = {name for node in proto.graph.node for name in node.output}
    if not is_own or UNLIKE not in values:
        card = without_land_summary(card)
    check_card(card)
    _save(job, card, proto, forms, output, batch)
    return _done(job, card, facts, output, batch)


def _check(job: ImportJob) -> None:
    """Checks the fields that only an ONNX network has."""
    for name, choices in (("layout", LAYOUTS), ("output_kind", OUTPUT_KINDS)):
        if getattr(job, name) not in choices:
            raise JobError(
                tr("There is no {} {!r}: it is one of {}.").format(
                    name, getattr(job, name), ", ".join(choices)
                )
            )


def _card(job: ImportJob, facts: FileFacts, streams: Sequence[GraphInput]) -> Card:
    """The card; its classes, logits and threshold as far as they are known before the network is tried."""
    origin = provenance(job, job.weights)
    tile = _side(streams[0], facts.tile_size or job.tile_size or TILE_SIZE, job)
    if flaw := tile_flaw(tile, 1):
        raise JobError(flaw)
    if facts.card:
        file = {name: origin[name] for name in ("imported", "imported_sha256")}
        return replace(
            facts.card,
            architecture=ONNX,
            encoder="",
            tile_size=tile,
            provenance={**origin, **facts.card.provenance, **file},
        )
    scaling = image_scaling(job, facts, streams[0].bands)
    bands = len(scaling.mean)
    ground = job.pixel_size or (facts.deepness.ground if facts.deepness else 0.0)
    is_rgb = job.normalisation == "imagenet" and bands == 3
    image = image_card(bands, is_rgb, scaling.maximum, ground)
    auxiliary = AuxiliaryCard()
    if len(streams) > 1:
        second = auxiliary_scaling(job, streams[1].bands)
        side = streams[1].side or job.auxiliary_tile_size or tile
        names = numbered_bands(len(second.mean))
        auxiliary = AuxiliaryCard(len(names), side, names, second.mean, second.std)
    # A class map has the classes that are named; those of other networks are counted when it is tried.
    named = job.class_names or (facts.deepness.class_names if facts.deepness else ())
    classes = classes_of(job, facts, 0) if len(named) > 1 else class_table({0: "0", 1: "1"})
    return Card(ONNX, "", 1, tile, image, auxiliary, classes, provenance=origin)


def _side(stream: GraphInput, wanted: int, job: ImportJob) -> int:
    """Side of a stream's tile: the network's, or where it takes any the wanted one."""
    side = stream.side or wanted
    if wanted not in (side, TILE_SIZE):
        raise JobError(
            tr("The network {} takes tiles of {} px, not {}: leave the tile size out.").format(
                job.weights, side, wanted
            )
        )
    return side


def _input_forms(
    job: ImportJob, facts: FileFacts, streams: Sequence[GraphInput], card: Card
) -> list[InputForm]:
    """How the network takes each stream; our own exports scale by themselves."""
    forms = [_input_form(streams[0], card.image.bands, card.tile_size)]
    if len(streams) > 1:
        auxiliary = card.auxiliary
        forms.append(_input_form(streams[1], auxiliary.bands, auxiliary.tile_size))
    if not facts.card:
        scaling = image_scaling(job, facts, card.image.bands)
        forms[0] = replace(forms[0], mean=scaling.mean, std=scaling.std)
        if len(streams) > 1:
            forms[1] = replace(forms[1], mean=card.auxiliary.mean, std=card.auxiliary.std)
    return forms


def _input_form(stream: GraphInput, bands: int, side: int) -> InputForm:
    """How the network takes a stream that is not scaled before it."""
    return InputForm(stream.name, stream.kind, stream.is_channels_last, bands, side)


def _output_name(job: ImportJob, proto: ModelProto) -> str:
    names = [value.name for value in proto.graph.output]
    if job.graph_output and job.graph_output not in names:
        raise JobError(
            tr("The network {} has no output {} (graph_output): its outputs are {}.").format(
                job.weights, job.graph_output, ", ".join(names)
            )
        )
    return job.graph_output or (PROBABILITIES if PROBABILITIES in names else names[0])


def _threshold(job: ImportJob, facts: FileFacts, card: Card) -> float:
    """For two classes, the smallest probability of the second one: of the job, of the file, or 0.5."""
    check_threshold(job, len(card.classes))
    if job.threshold != -1:
        return job.threshold
    known = facts.card or facts.deepness
    threshold = known.threshold if known else 0
    return threshold if card.logits == 1 and 0 < threshold < 1 else 0.5


def _save(
    job: ImportJob,
    card: Card,
    proto: ModelProto,
    forms: Sequence[InputForm],
    output: OutputForm,
    batch: int,
) -> None:
    """Completes the network, runs it once more and writes the model file."""
    values = [entry.value for entry in card.classes]
    whole = completed(proto, forms, output, values, batch, has_land_summary(card))
    graph = whole.SerializeToString(deterministic=True)
    check_graph(graph, card, job.weights)
    probabilities = run_trial(whole, random_tiles(card, 1), batch, job.weights)
    check_finite(probabilities, Path(job.weights).name)
    save_graph(job.output, graph, card)


def _done(job: ImportJob, card: Card, facts: FileFacts, output: OutputForm, batch: int) -> Done:
    text = tr(
        "The model {} is the ONNX network {} with {} and tiles of {} px, which gives {}; its classes are {}. It segments "
        "like any other model, and cannot be trained further."
    )
    source = ""
    if facts.card:
        source = tr("Bands, scaling, classes and threshold are those of its metadata.")
    elif facts.deepness:
        source = tr("What was not given is taken from its metadata for Deepness.")
    message = text.format(
        Path(job.output),
        Path(job.weights).name,
        format_count(card.image.bands, "{} band", "{} bands"),
        card.tile_size,
        output.kind,
        ", ".join(entry.name for entry in card.classes),
    )
    return Done(
        f"{message} {source}".rstrip(),
        {
            "output": job.output,
            "bands": card.image.bands,
            "auxiliary_bands": card.auxiliary.bands,
            "tile_size": card.tile_size,
            "logits": card.logits,
            "output_kind": output.kind,
            "batch": batch,
            "classes": to_records(card.classes),
        },
    )
