"""``info``: describes a model file, or an architecture before it is trained."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from torch import nn

from ..contract.architectures import ARCHITECTURES, architecture
from ..contract.card_reader import read_card
from ..contract.class_table import to_records
from ..contract.encoders import CPU_ENCODER
from ..contract.errors import JobError, format_count
from ..contract.file_jobs import InfoJob
from ..contract.jobs import AUTOMATIC
from ..contract.model_card import Card
from ..contract.protocol import Done, Emit
from ..contract.start_record import describe_lineage
from ..models.factory import build_model, build_on_meta, encoder_source
from ..models.model_file import build_network, file_hash


def info(job: InfoJob, emit: Emit) -> Done:
    """Describes the job's model file or architecture; without either, lists the architectures.

    Raises:
        EngineError: If the file is no model file, or the architecture is unknown.
    """
    if job.model and job.architecture:
        raise JobError("Give either a model file or an architecture, not both.")
    if job.model:
        card = read_card(job.model)
        return Done(_text(job.model, card), {**_outputs(card), "sha256": file_hash(job.model)})
    if not job.architecture:
        return Done(
            f"Architectures: {', '.join(ARCHITECTURES)}, and any of segmentation-models-pytorch as "
            "smp:Architecture:encoder.",
            {"architectures": [*ARCHITECTURES]},
        )
    return _describe_architecture(job)


def _describe_architecture(job: InfoJob) -> Done:
    chosen = architecture(job.architecture)
    encoder = chosen.encoder or (CPU_ENCODER if job.encoder in ("", AUTOMATIC) else job.encoder)
    auxiliary_bands = job.auxiliary_bands if chosen.takes_auxiliary else 0
    auxiliary_tile_size = job.tile_size if chosen.streams_share_grid else job.auxiliary_tile_size
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
    parameters = _count_parameters(model)
    streams = {"image": job.bands} | ({"auxiliary": auxiliary_bands} if auxiliary_bands else {})
    bands = " and ".join(format_count(count, f"{name} band") for name, count in streams.items())
    repository, licence = encoder_source(job.architecture, encoder)
    return Done(
        f"{job.architecture} with {encoder}, {bands} and {format_count(job.classes, 'class', 'classes')}: "
        f"{parameters / 1e6:.1f} million parameters, tile {job.tile_size} px. {_describe_weights(repository, licence)}",
        {
            "pretrained": {"origin": repository, "licence": licence},
            "architecture": job.architecture,
            "encoder": encoder,
            "parameters": parameters,
            "streams": streams,
            "classes": job.classes,
            "tile_size": job.tile_size,
            "auxiliary_tile_size": auxiliary_tile_size if auxiliary_bands else 0,
        },
    )


def _describe_weights(repository: str, licence: str) -> str:
    """Where the ImageNet weights of an encoder come from, as a sentence."""
    if not repository:
        return "There are no ImageNet weights for this encoder."
    return f"ImageNet weights of the encoder: {repository} ({licence or 'licence not known here'})."


def _count_parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def _outputs(card: Card) -> dict[str, Any]:
    streams = {"image": card.image.bands}
    if card.auxiliary.bands:
        streams["auxiliary"] = card.auxiliary.bands
    parameters = _count_parameters(build_on_meta(lambda: build_network(card)))
    record = {**asdict(card), "classes": to_records(card.classes)}
    return {**record, "parameters": parameters, "streams": streams}


def _text(path: str, card: Card) -> str:
    lines = [
        f"{path}: {card.architecture} with {card.encoder}, tile {card.tile_size} px",
        f"  image: {format_count(card.image.bands, 'band')}, {card.image.dtype}: {', '.join(card.image.band_names)}",
    ]
    if card.auxiliary.bands:
        side = card.auxiliary.tile_size
        lines.append(
            f"  auxiliary: {format_count(card.auxiliary.bands, 'band')}, {side} x {side} px a tile"
        )
    lines += [f"  class {entry.value}: {entry.name} ({entry.colour})" for entry in card.classes]
    lines += _scores(card.metrics)
    lines += _calibration(card.metrics.get("calibration", {}))
    if len(card.classes) == 2 and card.threshold != 0.5:
        second = card.classes[-1].name
        lines.append(f"  {second} from a probability of {card.threshold:.3g} on")
    if card.pretrained.origin:
        licence = card.pretrained.licence or "licence not known"
        lines.append(f"  encoder from the weights {card.pretrained.origin} ({licence})")
    if card.provenance:
        lines.append(f"  {_origin(card.provenance)}")
        lines += [f"  started from {model}" for model in describe_lineage(card.provenance)]
    return "\n".join(lines)


def _scores(metrics: dict[str, Any]) -> list[str]:
    """The line with the scores of the card; a score is None if no pixel was labelled."""
    scores = [
        f"{name} {metrics[key]:.3f}"
        for key, name in (("miou", "mIoU"), ("pixel_accuracy", "pixel accuracy"))
        if metrics.get(key) is not None
    ]
    epoch = f" (epoch {metrics['epoch']})" if "epoch" in metrics else ""
    return [f"  validation: {', '.join(scores)}{epoch}"] if scores else []


def _calibration(record: dict[str, Any]) -> list[str]:
    """The line with the record of the card's calibration; an error is None if it could not be measured."""
    before, after = record.get("ece_before"), record.get("ece_after")
    if before is None or after is None:
        return []
    if record.get("temperature", 1.0) == 1:
        return [f"  probabilities: not calibrated, expected error {before:.3f}"]
    return [
        f"  probabilities: calibrated with temperature {record['temperature']:.3g}, expected error {after:.3f} "
        f"({before:.3f} before)"
    ]


def _origin(provenance: dict[str, Any]) -> str:
    """The origin of the weights."""
    source = provenance.get("imported")
    words = [f"imported from {source}" if source else "trained"]
    for key, text in (("date", "{}"), ("engine", "by engine {}")):
        if key in provenance:
            words.append(text.format(provenance[key]))
    if "scenes" in provenance:
        words.append(f"on {format_count(provenance['scenes'], 'scene')}")
    return " ".join(words)
