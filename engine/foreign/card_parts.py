"""Parts of a card that all imported networks share, whatever file they come from."""

from __future__ import annotations

import datetime
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..contract.card_reader import MAX_BAND_NAME
from ..contract.errors import JobError
from ..contract.file_identity import file_hash
from ..contract.file_jobs import ImportJob
from ..contract.model_card import ImageCard
from ..contract.plain_text import one_line
from ..contract.translation import tr
from ..contract.version import engine_version

#: Side of a tile, px, where neither the job nor the files give it.
TILE_SIZE = 512


def provenance(job: ImportJob, source: str | Path) -> dict[str, Any]:
    """The origin of a model.

    Args:
        job: The job.
        source: The file with the weights, whose hash is kept.
    """
    return {
        "engine": engine_version(),
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "imported": one_line(Path(job.weights).name, MAX_BAND_NAME),
        "imported_sha256": file_hash(source),
        "job": asdict(job),
    }


def numbered_bands(bands: int) -> tuple[str, ...]:
    """Names of bands that have no names of their own."""
    return tuple(f"band {number}" for number in range(1, bands + 1))


def image_card(bands: int, is_rgb: bool, maximum: float, ground: float) -> ImageCard:
    """The image of a network.

    Args:
        bands: Number of its bands.
        is_rgb: Whether they are red, green and blue.
        maximum: The value of a pixel that is scaled to 1.
        ground: Ground resolution, m per pixel; 0: unknown.
    """
    return ImageCard(
        bands=bands,
        band_names=("red", "green", "blue") if is_rgb else numbered_bands(bands),
        dtype="uint8" if maximum == 255 else "float32",
        low=(0.0,) * bands,
        high=(maximum,) * bands,
        pixel_size=(ground, ground) if ground else (),
        ground=ground,
    )


def check_threshold(job: ImportJob, classes: int) -> None:
    """Refuses a threshold for more than two classes.

    Raises:
        JobError: If the job has one.
    """
    if job.threshold != -1 and classes > 2:
        raise JobError(
            tr(
                "A threshold ({:g}) chooses between two classes; this network has {}, and the "
                "most probable wins. Leave it out."
            ).format(job.threshold, classes)
        )
