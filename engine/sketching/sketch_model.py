"""The model file of a sketch."""

from __future__ import annotations

import datetime
from dataclasses import asdict
from typing import Any

import torch

from ..contract.architectures import SKETCH
from ..contract.card_reader import MAX_BAND_NAME, check_card
from ..contract.class_table import ClassTable
from ..contract.encoders import CPU_ENCODER
from ..contract.file_jobs import SketchJob
from ..contract.model_card import AuxiliaryCard, Card, ImageCard, PretrainedCard, logits_for
from ..contract.plain_text import one_line
from ..contract.version import engine_version
from ..models.factory import find_pretrained
from ..models.model_file import save_model
from ..models.sketch_network import SketchNetwork
from ..rasters.ground_resolution import ground_size
from .held_out_score import HeldOutScore
from .linear_head import LinearHead
from .sketch_scene import SketchScene


def save_sketch(
    job: SketchJob,
    scene: SketchScene,
    network: SketchNetwork,
    head: LinearHead,
    classes: ClassTable,
    score: HeldOutScore | None,
    pixels: int,
) -> None:
    """Writes the model file.

    Args:
        job: The job.
        scene: The image and its auxiliary stack.
        network: The network with the encoder and the scaling of the bands; its head is replaced.
        head: What was learnt.
        classes: The class table.
        score: The score on held-out marks.
        pixels: Number of marked pixels.

    Raises:
        JobError: If it cannot be written, or a value is invalid in a card.
    """
    network.set_head(torch.from_numpy(head.weight), torch.from_numpy(head.bias))
    card = _card(job, scene, classes, score, pixels)
    check_card(card)
    save_model(job.output_model, network, card)


def _card(
    job: SketchJob,
    scene: SketchScene,
    classes: ClassTable,
    score: HeldOutScore | None,
    pixels: int,
) -> Card:
    grid, scaling, origin = scene.image.grid, scene.scaling, find_pretrained(SKETCH, CPU_ENCODER)
    return Card(
        architecture=SKETCH,
        encoder=CPU_ENCODER,
        logits=logits_for(len(classes)),
        tile_size=scene.tile,
        image=ImageCard(
            bands=scene.image.bands,
            band_names=_one_line(scene.image.band_names),
            dtype=str(scene.image.dtype),
            low=scaling.low,
            high=scaling.high,
            pixel_size=grid.pixel_size,
            crs=grid.crs.to_string() if grid.crs else "",
            chosen=job.image_bands,
            of=scene.image.of,
            ground=ground_size(grid),
        ),
        auxiliary=_auxiliary_card(job, scene),
        classes=classes,
        metrics={"miou": score.value, "miou_low": score.low, "miou_high": score.high}
        if score
        else {},
        provenance={
            "engine": engine_version(),
            "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "job": asdict(job),
            "training_pixels": pixels,
        },
        pretrained=PretrainedCard(origin.origin, origin.licence),
    )


def _auxiliary_card(job: SketchJob, scene: SketchScene) -> AuxiliaryCard:
    if scene.stack is None:
        return AuxiliaryCard()
    return AuxiliaryCard(
        bands=scene.stack.bands,
        tile_size=scene.auxiliary_tile,
        band_names=_one_line(scene.stack.band_names),
        mean=scene.scaling.mean,
        std=scene.scaling.std,
        chosen=job.auxiliary_bands,
        of=sum(raster.of for raster in scene.stack.rasters),
    )


def _one_line(names: Any) -> tuple[str, ...]:
    """Band names in a valid form: files may contain any text."""
    return tuple(one_line(name, MAX_BAND_NAME) for name in names)
