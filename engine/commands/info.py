"""``info``: describes a model file, an ensemble file, or an architecture before it is trained."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from ..contract.architectures import ARCHITECTURES, ONNX, architecture
from ..contract.card_reader import parse_card
from ..contract.card_summary import describe_calibration, describe_origin, describe_scores
from ..contract.card_weights import count_parameters
from ..contract.class_table import to_records
from ..contract.encoders import CPU_ENCODER
from ..contract.ensemble_file import ENSEMBLE_SUFFIX, read_ensemble
from ..contract.errors import JobError, format_count
from ..contract.file_identity import file_hash
from ..contract.file_jobs import InfoJob
from ..contract.jobs import AUTOMATIC
from ..contract.model_card import Card
from ..contract.output_files import check_writable
from ..contract.protocol import Done, Emit
from ..contract.safetensors_header import read_header
from ..contract.start_record import describe_lineage
from ..contract.translation import tr
from ..contract.unlike import has_land_summary
from ..reports.card_values import ModelFacts
from ..reports.model_report import write_model_report


def info(job: InfoJob, emit: Emit) -> Done:
    """Describes the job's model file or architecture; without either, lists the architectures.

    Raises:
        EngineError: If the file is not a model file, or the architecture is unknown.
    """
    if job.model and job.architecture:
        raise JobError(tr("Give either a model file or an architecture, not both."))
    if job.model and Path(job.model).suffix.lower() == ENSEMBLE_SUFFIX:
        return _describe_ensemble(job)
    if job.model:
        return _describe_model(job)
    if job.report:
        raise JobError(tr("A page is written about a model file: name one."))
    if not job.architecture:
        return Done(
            tr(
                "Architectures: {}, and any of segmentation-models-pytorch as "
                "smp:Architecture:encoder."
            ).format(", ".join(ARCHITECTURES)),
            {"architectures": [*ARCHITECTURES]},
        )
    return _describe_architecture(job)


def _describe_model(job: InfoJob) -> Done:
    """Describes a model file by its header, without torch, which takes seconds to load."""
    header = read_header(job.model)
    card = parse_card(header, job.model)
    facts = ModelFacts(
        os.path.abspath(job.model),
        Path(job.model).stat().st_size,
        file_hash(job.model),
        count_parameters(header),
    )
    if job.report:
        check_writable(job.report, (".html", ".htm"))
        write_model_report(job.report, card, facts)
    outputs = {
        **asdict(card),
        "classes": to_records(card.classes),
        "parameters": facts.parameters,
        "streams": _stream_bands(card.image.bands, card.auxiliary.bands),
        "sha256": facts.sha256,
    }
    return Done(
        _text(job.model, card), {**outputs, **({"report": job.report} if job.report else {})}
    )


def _describe_ensemble(job: InfoJob) -> Done:
    """Names the members of an ensemble file, with the scores of a training in folds."""
    if job.report:
        raise JobError(tr("A page is written about a single model: name one of the ensemble's."))
    ensemble = read_ensemble([job.model], AUTOMATIC)
    count = format_count(len(ensemble.members), "{} model", "{} models")
    lines = [tr("{}: an ensemble of {}, combined by {}").format(job.model, count, ensemble.combine)]
    lines += [
        tr("{} with the weight {:g}").format(member.model, member.weight)
        for member in ensemble.members
    ]
    scores = ensemble.out_of_fold
    if text := describe_scores(scores):
        lines.append(tr("out of fold, on labels that the models did not see: {}").format(text))
    members = [asdict(member) for member in ensemble.members]
    outputs = {"members": members, "combine": ensemble.combine, "out_of_fold": scores}
    return Done("\n  ".join(lines), outputs)


def _describe_architecture(job: InfoJob) -> Done:
    from ..models.factory import encoder_source  # only here: it imports torch

    chosen = architecture(job.architecture)
    encoder = chosen.encoder or (CPU_ENCODER if job.encoder in ("", AUTOMATIC) else job.encoder)
    auxiliary_bands = job.auxiliary_bands if chosen.takes_auxiliary else 0
    auxiliary_tile_size = job.tile_size if chosen.streams_share_grid else job.auxiliary_tile_size
    parameters = _count_parameters(job, encoder, auxiliary_bands, auxiliary_tile_size)
    repository, licence = encoder_source(job.architecture, encoder)
    return Done(
        tr("{} with {}, {} and {}: {:.1f} million parameters, tile {} px. {}").format(
            job.architecture,
            encoder,
            _describe_bands(job.bands, auxiliary_bands),
            format_count(job.classes, "{} class", "{} classes"),
            parameters / 1e6,
            job.tile_size,
            _describe_weights(repository, licence),
        ),
        {
            "pretrained": {"origin": repository, "licence": licence},
            "architecture": job.architecture,
            "encoder": encoder,
            "parameters": parameters,
            "streams": _stream_bands(job.bands, auxiliary_bands),
            "classes": job.classes,
            "tile_size": job.tile_size,
            "auxiliary_tile_size": auxiliary_tile_size if auxiliary_bands else 0,
        },
    )


def _count_parameters(
    job: InfoJob, encoder: str, auxiliary_bands: int, auxiliary_tile_size: int
) -> int:
    """The number of weights of the network, which is built for that."""
    from ..models.factory import build_model, build_on_meta  # only here: it imports torch

    model = build_on_meta(
        lambda: build_model(
            job.architecture,
            encoder=encoder,
            bands=job.bands,
            auxiliary_bands=auxiliary_bands,
            classes=job.classes,
            tile_size=job.tile_size,
            auxiliary_tile_size=auxiliary_tile_size,
        )
    )
    return sum(parameter.numel() for parameter in model.parameters())


def _stream_bands(image: int, auxiliary: int) -> dict[str, int]:
    """The number of bands of each stream that a network has."""
    return {"image": image, "auxiliary": auxiliary} if auxiliary else {"image": image}


def _describe_bands(bands: int, auxiliary_bands: int) -> str:
    text = format_count(bands, "{} image band", "{} image bands")
    if not auxiliary_bands:
        return text
    auxiliary = format_count(auxiliary_bands, "{} auxiliary band", "{} auxiliary bands")
    return tr("{} and {}").format(text, auxiliary)


def _describe_weights(repository: str, licence: str) -> str:
    """Where the ImageNet weights of an encoder come from, as a sentence."""
    if not repository:
        return tr("There are no ImageNet weights for this encoder.")
    shown = tr(licence) if licence else tr("licence not known here")
    return tr("ImageNet weights of the encoder: {} ({}).").format(repository, shown)


def _text(path: str, card: Card) -> str:
    head = tr("{}: {} with {}, tile {} px").format(
        path, card.architecture, card.encoder, card.tile_size
    )
    if card.architecture == ONNX:
        head = tr("{}: an ONNX network, tile {} px").format(path, card.tile_size)
    return "\n  ".join([head, *_stream_lines(card), *_class_lines(card), *_origin_lines(card)])


def _stream_lines(card: Card) -> Iterator[str]:
    image, auxiliary = card.image, card.auxiliary
    bands = format_count(image.bands, "{} band", "{} bands")
    yield tr("image: {}, {}: {}").format(bands, image.dtype, ", ".join(image.band_names))
    if auxiliary.bands:
        bands = format_count(auxiliary.bands, "{} band", "{} bands")
        side = auxiliary.tile_size
        yield tr("auxiliary: {}, {} x {} px a tile").format(bands, side, side)


def _class_lines(card: Card) -> Iterator[str]:
    for entry in card.classes:
        yield tr("class {}: {} ({})").format(entry.value, entry.name, entry.colour)
    if scores := describe_scores(card.metrics):
        yield tr("validation: {}").format(scores)
    if calibration := describe_calibration(card.metrics):
        yield tr("probabilities: {}").format(calibration)
    if has_land_summary(card):
        yield tr("keeps a summary of its training land, for the raster Unlike the training")
    if len(card.classes) == 2 and card.threshold != 0.5:
        text = tr("{} from a probability of {:.3g} on")
        yield text.format(card.classes[-1].name, card.threshold)


def _origin_lines(card: Card) -> Iterator[str]:
    weights = card.pretrained
    if weights.origin:
        licence = tr(weights.licence) if weights.licence else tr("licence not known")
        yield tr("encoder from the weights {} ({})").format(weights.origin, licence)
    if card.provenance:
        yield describe_origin(card.provenance)
        for model in describe_lineage(card.provenance):
            yield tr("started from {}").format(model)
