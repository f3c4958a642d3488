"""``segment``: an image and one model, or several together, become a mask, whatever the image's size."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .agreement import CONFIDENCE, DISAGREEMENT
from .block_cache import scene_cache
from .classes import to_records
from .config import SegmentJob
from .devices import Device, choose_device
from .ensemble import Ensemble
from .errors import JobError
from .extents import region_of
from .grids import Grid
from .journal import Journal, Track
from .manner import Manner
from .mapping import Told
from .mask_writer import publish_mask, publish_percent
from .outputs import check_writable
from .pace import Pace, in_words
from .protocol import Done, Event, Metric, Progress, Warned
from .scenes import Scene, require_auxiliary
from .setups import versions
from .streams import Streams, open_streams
from .version import engine_version
from .windows import Window

Say = Callable[[Event], None]

#: Fields of a job that do not change what the rows are.
_PLACES = ("output", "confidence", "disagreement", "device", "precision")


def segment(job: SegmentJob, say: Say) -> Done:
    """Segments an image with trained models.

    Finished rows are on disk at once: a run that was killed goes on from there when it is started again
    with the same inputs, models and options, and gives the same bytes.

    Args:
        job: What to segment, with what, to where.
        say: Is told progress and warnings.

    Raises:
        EngineError: If anything does not fit; then nothing is written.
    """
    _check(job)
    pace = Pace()
    device = choose_device(job.device, job.precision)
    manner = Manner(
        job.batch_size, job.overlap, job.tta, job.threshold, job.match_resolution, job.runtime
    )
    ensemble = Ensemble(job.model, device, manner, job.combine)
    _check_tile_size(job, ensemble)
    scene = Scene(job.image, "", job.auxiliary, "", job.image_bands, job.auxiliary_bands)
    with open_streams(scene, ensemble.cards, say) as streams:
        image = streams[0].image
        region = image.grid.bounds
        if job.extent is not None:
            region = region_of(job.extent, job.extent_crs, image.grid, job.image)
        tiles = ensemble.tiles(image.grid, region, job.image)
        tracks = _tracks(job, ensemble, region)
        key = _key(job, ensemble, device, region, streams)
        with Journal(tracks, region.height, key) as journal, _keeping(journal, job, region, say):
            if journal.dropped:
                say(
                    Warned(
                        f"{journal.dropped} finished rows of an earlier run of {job.output} are given up: "
                        "its inputs, models, options or outputs were others."
                    )
                )
            ensemble.prepare(streams, region, say, journal.notes.get("members", ()))
            say(Metric(f"{tiles} tile(s), the fewest that overlap as asked for.", {"tiles": tiles}))
            _map(job, ensemble, streams, region, journal, _teller(pace, journal.rows, say))
            image.close()
            say(Progress(1.0, "compressing the mask"))
            _publish(job, ensemble, image.grid, region, journal.finish())
    return _done(job, ensemble, device, tiles, region, journal.rows, pace)


def _map(
    job: SegmentJob,
    ensemble: Ensemble,
    streams: Sequence[Streams],
    region: Window,
    journal: Journal,
    told: Told,
) -> None:
    """Computes the rows that the journal does not have yet."""
    with scene_cache(streams, ensemble.tallest(streams)):
        for rows in ensemble.strips(streams, region, told, [*_extras(job)], journal.rows):
            journal.note(members=ensemble.record())
            journal.append(rows)


@contextmanager
def _keeping(journal: Journal, job: SegmentJob, region: Window, say: Say) -> Iterator[None]:
    """Says of a run that fails what is not lost."""
    try:
        yield
    except BaseException:
        if journal.kept:
            say(
                Warned(
                    f"{journal.kept} of {region.height} rows are finished and kept beside {job.output}: "
                    "the same command goes on from there."
                )
            )
        raise


def _teller(pace: Pace, rows: int, say: Say) -> Told:
    """Tells how far the run is, and how long it takes from where it began."""
    if rows:
        say(Metric(f"Going on from row {rows} of the run before.", {"rows": rows}))
    begun: list[int] = []

    def told(number: int, count: int) -> None:
        if not begun:
            begun.append(number if rows else 0)
        left = pace.left((number - begun[0]) / max(count - begun[0], 1))
        say(Progress(number / count, f"tile {number} of {count}{left}"))

    return told


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


def _tracks(job: SegmentJob, ensemble: Ensemble, region: Window) -> list[Track]:
    """What is written: the mask, then what is wanted besides."""
    percents = [Track(path, region.width, np.dtype(np.uint8)) for path in _extras(job).values()]
    return [Track(job.output, region.width, ensemble.dtype), *percents]


def _key(
    job: SegmentJob,
    ensemble: Ensemble,
    device: Device,
    region: Window,
    streams: Sequence[Streams],
) -> dict[str, Any]:
    """All that decides what the finished rows are."""
    rasters = [streams[0].image, *(r for own in streams if own.stack for r in own.stack.rasters)]
    files = sorted({file for raster in rasters for file in raster.files})
    options = {name: value for name, value in asdict(job).items() if name not in _PLACES}
    return {
        "engine": [engine_version(), torch.__version__, *versions(), torch.get_num_threads()],
        "options": options,
        "extras": [*_extras(job)],
        "models": ensemble.hashes,
        "device": [device.place.type, device.precision, device.is_open],
        "region": asdict(region),
        "files": [(file, *_state(file)) for file in files],
    }


def _state(file: str) -> tuple[int, int]:
    """Size and time of the last change; zeros for what is no local file."""
    try:
        found = Path(file).stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def _publish(
    job: SegmentJob, ensemble: Ensemble, grid: Grid, region: Window, rows: list[Path]
) -> None:
    """Makes the finished rows the rasters that were asked for."""
    tags = _provenance(job, ensemble)
    publish_mask(job.output, rows[0], grid, region, ensemble.classes, tags)
    for (name, path), raw in zip(_extras(job).items(), rows[1:]):
        publish_percent(path, name, raw, grid, region, tags)


def _provenance(job: SegmentJob, ensemble: Ensemble) -> dict[str, str]:
    models = [member.model for member in ensemble.members]
    return {
        "TIFFTAG_SOFTWARE": f"DualStream {engine_version()}",
        "DUALSTREAM_MODEL": ", ".join(Path(path).name for path in models),
        "DUALSTREAM_MODEL_SHA256": ", ".join(ensemble.hashes),
        "DUALSTREAM_RUNTIME": ensemble.runtime,
        "DUALSTREAM_JOB": json.dumps({"segment": asdict(job)}),
        "DUALSTREAM_CLASSES": json.dumps(to_records(ensemble.classes)),
    }


def _done(
    job: SegmentJob,
    ensemble: Ensemble,
    device: Device,
    tiles: int,
    region: Window,
    rows: int,
    pace: Pace,
) -> Done:
    """What was made; ``rows`` of it in an earlier run."""
    seconds, models = pace.seconds, len(ensemble.members)
    rate = region.width * (region.height - rows) / 1e6 / max(seconds, 1e-9)
    empty = f", {ensemble.empty} of them without data and not computed" * bool(ensemble.empty)
    by = f" of {models} models ({ensemble.combine})" if models > 1 else ""
    resumed = f" from row {rows} on" * bool(rows)
    return Done(
        f"The mask {job.output} ({region.width} x {region.height} px) took {in_words(seconds)}{resumed} for "
        f"{tiles} tile(s){by}{empty} on {device.name} ({ensemble.precision}, {ensemble.runtime}): {rate:.3g} "
        "million pixels per second.",
        {
            "output": job.output,
            "confidence": job.confidence,
            "disagreement": job.disagreement,
            "device_used": device.name,
            "precision": ensemble.precision,
            "runtime_used": ensemble.runtime,
            "tiles": tiles,
            "tiles_without_data": ensemble.empty,
            "models": models,
            "seconds": round(seconds, 2),
            "classes": to_records(ensemble.classes),
            "nodata": ensemble.nodata,
        },
    )
