"""``segment``: an image and a model become a mask, whatever the image's size."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from .alignment import region_of
from .classes import free_value, to_records
from .config import SegmentJob
from .devices import Device, choose_device
from .errors import JobError
from .mapping import Mapper, open_streams
from .mask_writer import StripWriter, confidence_writer, mask_writer
from .model_file import Card, file_hash, load_model
from .outputs import check_writable
from .pace import Pace, in_words
from .protocol import Done, Event, Progress
from .rasters import Raster, block_cache
from .scenes import Scene, require_auxiliary
from .version import engine_version
from .windows import Window

Say = Callable[[Event], None]


def segment(job: SegmentJob, say: Say) -> Done:
    """Segments an image with a trained model.

    Args:
        job: What to segment, with what, to where.
        say: Is told progress and warnings.

    Raises:
        EngineError: If anything does not fit; then nothing is written.
    """
    _check(job)
    pace = Pace()
    device = choose_device(job.device, job.precision)
    model, card = load_model(job.model[0])
    _check_tile_size(job, card)
    mapper = Mapper(model, card, device, job.batch_size, job.overlap)

    def told(number: int, count: int) -> None:
        left = pace.left(number / count)
        say(Progress(number / count, f"tile {number} of {count}{left}"))

    scene = Scene(job.image, "", job.auxiliary, "", job.image_bands, job.auxiliary_bands)
    with open_streams(scene, card, job.model[0], say) as (image, stack):
        region = image.grid.bounds
        if job.extent is not None:
            region = region_of(job.extent, job.extent_crs, image.grid, job.image)
        with block_cache(image, card.tile_size), ExitStack() as stack_of_outputs:
            outputs = _outputs(job, card, image, region, stack_of_outputs)
            _write(outputs, mapper.strips(image, stack, region, told, bool(job.confidence)))
            image.close()  # its cached blocks make room for the masks' overviews
    return _done(job, card, device, len(mapper.tiling(image.grid, region)), region, pace)


def _check(job: SegmentJob) -> None:
    for name in ("model", "image", "output"):
        if not getattr(job, name):
            raise JobError(f"The option {name} is missing: segment needs model, image and output.")
    require_auxiliary(job.auxiliary_bands, bool(job.auxiliary))
    targets = [path for path in (job.output, job.confidence) if path]
    sources = {os.path.abspath(path) for path in (job.image, job.model[0], *job.auxiliary)}
    for path in targets:
        check_writable(path, (".tif", ".tiff"))
        if os.path.abspath(path) in sources:
            raise JobError(f"The output {path} is also an input: choose another name.")
    if len({os.path.abspath(path) for path in targets}) < len(targets):
        raise JobError("The mask and the confidence raster need different names.")


def _check_tile_size(job: SegmentJob, card: Card) -> None:
    if job.tile_size not in (0, card.tile_size):
        raise JobError(
            f"The model {Path(job.model[0]).name} was trained on tiles of {card.tile_size} px and cannot "
            f"segment with {job.tile_size}: parts of a network sum up all that a tile shows (CMX's "
            "context product, pooled branches), so another size gives other classes. Leave tile_size "
            "out, or train a model with that size."
        )


def _outputs(
    job: SegmentJob, card: Card, image: Raster, region: Window, stack: ExitStack
) -> list[StripWriter]:
    """The writers of mask and, if wanted, confidence."""
    tags = _provenance(job, card)
    mask = mask_writer(job.output, image.grid, region, card.classes, tags)
    writers = [stack.enter_context(mask)]
    if job.confidence:
        confidence = confidence_writer(job.confidence, image.grid, region, tags)
        writers.append(stack.enter_context(confidence))
    return writers


def _provenance(job: SegmentJob, card: Card) -> dict[str, str]:
    return {
        "TIFFTAG_SOFTWARE": f"DualStream {engine_version()}",
        "DUALSTREAM_MODEL": Path(job.model[0]).name,
        "DUALSTREAM_MODEL_SHA256": file_hash(job.model[0]),
        "DUALSTREAM_JOB": json.dumps({"segment": asdict(job)}, ensure_ascii=False),
        "DUALSTREAM_CLASSES": json.dumps(to_records(card.classes), ensure_ascii=False),
    }


def _write(writers: list[StripWriter], strips: Iterator[tuple[NDArray[Any], ...]]) -> None:
    for strip in strips:
        for writer, rows in zip(writers, strip):
            writer.write(rows)


def _done(
    job: SegmentJob, card: Card, device: Device, tiles: int, region: Window, pace: Pace
) -> Done:
    seconds = pace.seconds
    rate = region.pixels / 1e6 / max(seconds, 1e-9)
    return Done(
        f"The mask {job.output} ({region.width} x {region.height} px) took {in_words(seconds)} for "
        f"{tiles} tile(s) on {device.name} ({device.precision}): {rate:.3g} million pixels per second.",
        {
            "output": job.output,
            "confidence": job.confidence,
            "device_used": device.name,
            "precision": device.precision,
            "tiles": tiles,
            "seconds": round(seconds, 2),
            "classes": to_records(card.classes),
            "nodata": free_value(card.classes),
        },
    )
