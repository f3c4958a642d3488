"""``segment``: an image and one model, or several together, become a mask, whatever the image's size."""

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
from .classes import to_records
from .config import SegmentJob
from .devices import Device, choose_device
from .ensemble import CONFIDENCE, DISAGREEMENT, Ensemble
from .errors import JobError
from .manner import Manner
from .mask_writer import StripWriter, mask_writer, percent_writer
from .model_file import file_hash
from .outputs import check_writable
from .pace import Pace, in_words
from .protocol import Done, Event, Progress
from .rasters import Raster, block_cache
from .scenes import Scene, require_auxiliary
from .streams import open_streams
from .version import engine_version
from .windows import Window

Say = Callable[[Event], None]


def segment(job: SegmentJob, say: Say) -> Done:
    """Segments an image with trained models.

    Args:
        job: What to segment, with what, to where.
        say: Is told progress and warnings.

    Raises:
        EngineError: If anything does not fit; then nothing is written.
    """
    _check(job)
    pace = Pace()
    device = choose_device(job.device, job.precision)
    manner = Manner(job.batch_size, job.overlap, job.tta, job.threshold, job.match_resolution)
    ensemble = Ensemble(job.model, device, manner, job.combine)
    _check_tile_size(job, ensemble)

    def told(number: int, count: int) -> None:
        left = pace.left(number / count)
        say(Progress(number / count, f"tile {number} of {count}{left}"))

    scene = Scene(job.image, "", job.auxiliary, "", job.image_bands, job.auxiliary_bands)
    with open_streams(scene, ensemble.cards, say) as streams:
        image = streams[0].image
        region = image.grid.bounds
        if job.extent is not None:
            region = region_of(job.extent, job.extent_crs, image.grid, job.image)
        tiles = ensemble.tiles(image.grid, region, job.image)
        rows = ensemble.cached_rows(image.grid, job.image)
        with block_cache(image, rows), ExitStack() as stack:
            outputs = _outputs(job, ensemble, image, region, stack)
            _write(outputs, ensemble.strips(streams, region, told, [*_extras(job)]))
            image.close()  # its cached blocks make room for the masks' overviews
    return _done(job, ensemble, device, tiles, region, pace)


def _check(job: SegmentJob) -> None:
    for name in ("model", "image", "output"):
        if not getattr(job, name):
            raise JobError(f"The option {name} is missing: segment needs model, image and output.")
    require_auxiliary(job.auxiliary_bands, bool(job.auxiliary))
    targets = [job.output, *_extras(job).values()]
    sources = {os.path.abspath(path) for path in (job.image, *job.model, *job.auxiliary)}
    for path in targets:
        check_writable(path, (".tif", ".tiff"))
        if os.path.abspath(path) in sources:
            raise JobError(f"The output {path} is also an input: choose another name.")
    if len({os.path.abspath(path) for path in targets}) < len(targets):
        raise JobError("Mask, confidence and disagreement need different names.")


def _extras(job: SegmentJob) -> dict[str, str]:
    """The rasters that are wanted besides the mask, by what they show."""
    wanted = {CONFIDENCE: job.confidence, DISAGREEMENT: job.disagreement}
    return {name: path for name, path in wanted.items() if path}


def _check_tile_size(job: SegmentJob, ensemble: Ensemble) -> None:
    for path, card in ensemble.cards.items():
        if job.tile_size not in (0, card.tile_size):
            raise JobError(
                f"The model {Path(path).name} was trained on tiles of {card.tile_size} px and cannot "
                f"segment with {job.tile_size}: parts of a network sum up all that a tile shows (CMX's "
                "context product, pooled branches), so another size gives other classes. Leave "
                "tile_size out, or train a model with that size."
            )
    if job.disagreement and len(ensemble.members) == 1:
        raise JobError("A disagreement raster compares models: give several, or leave it out.")


def _outputs(
    job: SegmentJob, ensemble: Ensemble, image: Raster, region: Window, stack: ExitStack
) -> list[StripWriter]:
    """The writers of the mask and of what is wanted besides."""
    tags = _provenance(job, ensemble)
    writers = [mask_writer(job.output, image.grid, region, ensemble.classes, tags)]
    for name, path in _extras(job).items():
        writers.append(percent_writer(path, name, image.grid, region, tags))
    return [stack.enter_context(writer) for writer in writers]


def _provenance(job: SegmentJob, ensemble: Ensemble) -> dict[str, str]:
    models = [member.model for member in ensemble.members]
    return {
        "TIFFTAG_SOFTWARE": f"DualStream {engine_version()}",
        "DUALSTREAM_MODEL": ", ".join(Path(path).name for path in models),
        "DUALSTREAM_MODEL_SHA256": ", ".join(file_hash(path) for path in models),
        "DUALSTREAM_JOB": json.dumps({"segment": asdict(job)}, ensure_ascii=False),
        "DUALSTREAM_CLASSES": json.dumps(to_records(ensemble.classes), ensure_ascii=False),
    }


def _write(writers: list[StripWriter], strips: Iterator[tuple[NDArray[Any], ...]]) -> None:
    for strip in strips:
        for writer, rows in zip(writers, strip):
            writer.write(rows)


def _done(
    job: SegmentJob, ensemble: Ensemble, device: Device, tiles: int, region: Window, pace: Pace
) -> Done:
    seconds, models = pace.seconds, len(ensemble.members)
    rate = region.pixels / 1e6 / max(seconds, 1e-9)
    by = f" of {models} models ({ensemble.combine})" if models > 1 else ""
    return Done(
        f"The mask {job.output} ({region.width} x {region.height} px) took {in_words(seconds)} for "
        f"{tiles} tile(s){by} on {device.name} ({device.precision}): {rate:.3g} million pixels per second.",
        {
            "output": job.output,
            "confidence": job.confidence,
            "disagreement": job.disagreement,
            "device_used": device.name,
            "precision": device.precision,
            "tiles": tiles,
            "models": models,
            "seconds": round(seconds, 2),
            "classes": to_records(ensemble.classes),
            "nodata": ensemble.nodata,
        },
    )
