"""One scene becomes a mask, strip by strip: what ``segment`` does once, and ``segment-folder`` for each scene.

Finished rows are on disk at once: a run that was killed goes on from there when it is started again with the
same inputs, models and options, and gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from ..contract.class_table import to_records
from ..contract.errors import format_count
from ..contract.eta import SEGMENTING, Stopwatch, format_duration, tile_progress
from ..contract.inference_options import InferenceOptions, SceneOutputs
from ..contract.protocol import Done, Event, Metric, Progress, Warned
from ..contract.scene import Scene
from ..contract.version import engine_version
from ..outputs.geotiff import publish_mask, publish_percent
from ..outputs.row_journal import Journal, RowFile, Rows
from ..rasters.extent import extent_to_window
from ..rasters.grid import Grid
from ..rasters.source_files import refuse_inputs, source_state
from ..rasters.windows import Window
from ..runtimes.runtime_config import versions
from .capacity import check_capacity
from .ensemble import Ensemble
from .scene_prefetch import scene_cache
from .scene_streams import Streams, open_streams
from .sliding_window import OnProgress

Emit = Callable[[Event], None]
_Strips = Generator[tuple[Rows, ...], None, None]

#: A file that was read: its path, its size and the time of its last change, in nanoseconds.
FileState = tuple[str, int, int]

#: Fields of a job that do not change what the rows are.
_PLACES = ("output", "confidence", "disagreement", "device", "precision")


@dataclass(frozen=True)
class SegmentedRows:
    """A scene whose rows are all finished, and not yet a raster.

    Attributes:
        region: The part of it that was mapped.
        files: The files it was read from, as they were when they were opened.
        rows: The flat files of the rows, in the order of ``row_files_of``.
        before: How many of the rows an earlier run has made.
        tiles: How many tiles the models looked at.
    """

    region: Window
    files: list[FileState]
    rows: list[Path]
    before: int
    tiles: int


#: What is written into the rasters besides where they come from, once a scene is mapped.
Explain = Callable[[SegmentedRows], Mapping[str, str]]

#: Rows of a scene that were computed before, strip by strip; asked with the scene's key, its tracks and the first row.
KeptStrips = Callable[[Mapping[str, Any], Sequence[RowFile], int], Iterator[Sequence[Rows]]]


def segment_scene(
    scene: Scene,
    outputs: SceneOutputs,
    ensemble: Ensemble,
    emit: Emit,
    explain: Explain = lambda mapped: {},
    scenes: int = 1,
    runtime_records: Sequence[Mapping[str, Any]] = (),
    kept: KeptStrips | None = None,
) -> Done:
    """Segments one scene with models that may have segmented others before.

    Args:
        scene: What to segment.
        outputs: What to write.
        ensemble: With what, how, and where it runs.
        emit: Is told progress and warnings.
        explain: Is told what was mapped, and says what else is written into the rasters, by name.
        scenes: For how many scenes like this one the models are made ready; 0: it was said before.
        runtime_records: How the models have to run, as ``Ensemble.record`` gave it elsewhere; none: it is found out.
        kept: Where all rows come from, if they are not to be computed.

    Raises:
        EngineError: If anything does not fit; then nothing is written.
    """
    stopwatch, empty = Stopwatch(), ensemble.empty
    with open_streams(scene, ensemble.cards, emit) as streams:
        image = streams[0].image
        region = image.grid.bounds
        if scene.extent is not None:
            region = extent_to_window(scene.extent, scene.extent_crs, image.grid, scene.image)
        row_files = row_files_of(outputs, ensemble, region)
        check_capacity(image, region, ensemble.tallest(streams), row_files)
        tiles = ensemble.tiles(image.grid, region, scene.image)
        key = run_key(scene, outputs, ensemble, region, streams)
        key |= {"settled": [*runtime_records]} if kept else {}
        height, mask = region.height, outputs.mask
        with Journal(row_files, height, key) as journal, _keeping(journal, mask, height, emit):
            if journal.dropped:
                emit(
                    Warned(
                        f"An earlier run of {mask} is given up, with {format_count(journal.dropped, 'finished row')}: "
                        "its inputs, models, options or outputs were others."
                    )
                )
            ensemble.prepare(
                streams, region, emit, journal.notes.get("members", runtime_records), scenes
            )
            emit(Metric(f"Tiles: {tiles}, the fewest that overlap as asked for.", {"tiles": tiles}))
            emit(Progress(SEGMENTING, "reading the first tiles"))
            # A pace of its own: loading and measuring are done, and say nothing about the tiles.
            on_progress = _progress_callback(journal.rows, emit)
            if kept:
                for rows in kept(key, row_files, journal.rows):
                    journal.append(rows)
            else:
                compute_rows([*outputs.extras], ensemble, streams, region, journal, on_progress)
            image.close()
            emit(Progress(1.0, "compressing the mask"))
            mapped = SegmentedRows(region, key["files"], journal.finish(), journal.rows, tiles)
            _publish(scene, outputs, ensemble, image.grid, mapped, explain(mapped))
    return _done(outputs, ensemble, mapped, ensemble.empty - empty, stopwatch)


def row_files_of(outputs: SceneOutputs, ensemble: Ensemble, region: Window) -> list[RowFile]:
    """What is written: the mask, then what is wanted besides."""
    percents = [RowFile(path, region.width, np.dtype(np.uint8)) for path in outputs.extras.values()]
    return [RowFile(outputs.mask, region.width, ensemble.dtype), *percents]


def run_key(
    scene: Scene,
    outputs: SceneOutputs,
    ensemble: Ensemble,
    region: Window,
    streams: Sequence[Streams],
) -> dict[str, Any]:
    """All that decides what the finished rows are.

    Raises:
        JobError: If an output is a file that is read, such as one that a virtual raster names.
    """
    rasters = [streams[0].image, *(r for own in streams if own.stack for r in own.stack.rasters)]
    files = sorted({file for raster in rasters for file in raster.files})
    refuse_inputs(outputs.paths, files)
    job, device = _job(scene, outputs, ensemble), ensemble.device
    return {
        "engine": [engine_version(), torch.__version__, *versions(), torch.get_num_threads()],
        "options": {name: value for name, value in job.items() if name not in _PLACES},
        "extras": [*outputs.extras],
        "models": [*zip(ensemble.hashes, ensemble.weights)],
        "combine": ensemble.combine,
        "device": [device.torch_device.type, device.precision, device.is_precision_auto],
        "region": asdict(region),
        "files": [(file, *source_state(file)) for file in files],
        "usual": [scene.usual_image_bands, scene.usual_auxiliary_bands],
    }


def _publish(
    scene: Scene,
    outputs: SceneOutputs,
    ensemble: Ensemble,
    grid: Grid,
    mapped: SegmentedRows,
    tags: Mapping[str, str],
) -> None:
    """Makes the finished rows the rasters that were asked for; ``tags`` are written into each."""
    tags = {**_provenance(scene, outputs, ensemble), **tags}
    mask, *others = mapped.rows
    publish_mask(outputs.mask, mask, grid, mapped.region, ensemble.classes, tags)
    for (name, path), rows in zip(outputs.extras.items(), others):
        publish_percent(path, name, rows, grid, mapped.region, tags)


def compute_rows(
    extras: Sequence[str],
    ensemble: Ensemble,
    streams: Sequence[Streams],
    region: Window,
    journal: Journal,
    on_progress: OnProgress,
    begin: int = 0,
) -> None:
    """Computes the rows that a journal does not have yet; it begins at row ``begin`` of the region."""
    row, end = begin + journal.rows, begin + journal.height
    if row == end:
        return
    found = ensemble.strips(streams, region, on_progress, extras, row)
    with scene_cache(streams, ensemble.tallest(streams)), closing(cast(_Strips, found)) as strips:
        for rows in strips:
            journal.note(members=ensemble.record())
            journal.append([own[: end - row] for own in rows])
            row += len(rows[0])
            if end <= row and end < region.height:  # the strips below are another part's
                return


def _job(scene: Scene, outputs: SceneOutputs, ensemble: Ensemble) -> dict[str, Any]:
    """The job with which ``segment`` makes the same mask; the order of its keys is part of each mask's bytes."""
    options = {own.name: getattr(ensemble.options, own.name) for own in fields(InferenceOptions)}
    machine = {name: options.pop(name) for name in ("device", "precision", "runtime")}
    return {
        "model": ensemble.models,
        "image": scene.image,
        "auxiliary": scene.auxiliary,
        "image_bands": scene.image_bands,
        "auxiliary_bands": scene.auxiliary_bands,
        "extent": scene.extent,
        "extent_crs": scene.extent_crs,
        **options,
        "confidence": outputs.confidence,
        "disagreement": outputs.disagreement,
        "output": outputs.mask,
        **machine,
    }


@contextmanager
def _keeping(journal: Journal, mask: str, height: int, emit: Emit) -> Iterator[None]:
    """Says what is lost of an earlier run, and of one that fails what is not lost."""
    if journal.dropped:
        emit(
            Warned(
                f"An earlier run of {mask} is given up, with {format_count(journal.dropped, 'finished row')}: "
                "its inputs, models, options or outputs were others."
            )
        )
    try:
        yield
    except BaseException:
        if journal.kept:
            emit(
                Warned(
                    f"Finished and kept beside {mask}: {journal.kept} of {format_count(height, 'row')}; "
                    "the same command goes on from there."
                )
            )
        raise


def _progress_callback(rows: int, emit: Emit) -> OnProgress:
    """Tells how far the run is, and how long it takes from where it began."""
    if rows:
        emit(Metric(f"Going on from row {rows} of the run before.", {"rows": rows}))
    return tile_progress(emit, Stopwatch(None if rows else SEGMENTING), SEGMENTING, 1.0)


def _provenance(scene: Scene, outputs: SceneOutputs, ensemble: Ensemble) -> dict[str, str]:
    models = [member.model for member in ensemble.members]
    return {
        "TIFFTAG_SOFTWARE": f"DualStream {engine_version()}",
        "DUALSTREAM_MODEL": ", ".join(Path(path).name for path in models),
        "DUALSTREAM_MODEL_SHA256": ", ".join(ensemble.hashes),
        "DUALSTREAM_RUNTIME": ensemble.runtime,
        "DUALSTREAM_JOB": json.dumps({"segment": _job(scene, outputs, ensemble)}),
        "DUALSTREAM_CLASSES": json.dumps(to_records(ensemble.classes)),
    }


def _done(
    outputs: SceneOutputs,
    ensemble: Ensemble,
    mapped: SegmentedRows,
    empty: int,
    stopwatch: Stopwatch,
) -> Done:
    """What was made; rows of it may be an earlier run's."""
    region, rows, tiles = mapped.region, mapped.before, mapped.tiles
    seconds, models = stopwatch.seconds, len(ensemble.members)
    rate = region.width * (region.height - rows) / 1e6 / max(seconds, 1e-9)
    unseen = f", {empty} of them without data and not computed" * bool(empty)
    by = f" of {models} models ({ensemble.combine})" if models > 1 else ""
    resumed = f" from row {rows} on" * bool(rows)
    return Done(
        f"The mask {outputs.mask} ({region.width} x {region.height} px) took {format_duration(seconds)}{resumed} for "
        f"{format_count(tiles, 'tile')}{by}{unseen} on {ensemble.device.name} ({ensemble.precision}, {ensemble.runtime}): {rate:.3g} "
        "million pixels per second.",
        {
            "output": outputs.mask,
            "confidence": outputs.confidence,
            "disagreement": outputs.disagreement,
            "device_used": ensemble.device.name,
            "precision": ensemble.precision,
            "runtime_used": ensemble.runtime,
            "tiles": tiles,
            "tiles_without_data": empty,
            "models": models,
            "seconds": round(seconds, 2),
            "classes": to_records(ensemble.classes),
            "nodata": ensemble.nodata,
        },
    )
