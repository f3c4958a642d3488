"""Segments one scene, strip by strip: ``segment`` calls it once, ``segment-folder`` for each scene.

Finished rows are on disk at once. A killed run continues from them when it is started again with the same inputs,
models and options, and gives the same bytes.

To add an output beside the mask: add its path to ``SceneOutputs`` (``contract/inference_options.py``), to the job and
to ``run_key``, and compute its rows in ``EnsembleVote.rows`` (``ensemble_vote.py``). Rows in percent (uint8, 255: no
value) are written as they are; another type also needs ``make_row_files``, ``_publish`` and a function like
``publish_percent`` (``outputs/geotiff.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np

from ..compute.eta import SEGMENTING, Stopwatch, format_duration, tile_progress
from ..contract.class_table import ClassTable, to_records
from ..contract.clean_up import CleanUp
from ..contract.errors import format_count
from ..contract.inference_options import SceneOutputs
from ..contract.protocol import Done, Emit, Metric, Progress, Warned
from ..contract.quantities import describe_classes, format_pixels
from ..contract.scene import Scene
from ..contract.translation import tr
from ..contract.unlike import UNLIKE, WARNED_SHARE
from ..outputs.class_areas import ClassAreas, measure_classes
from ..outputs.geotiff import NO_CONFIDENCE, publish_mask, publish_percent
from ..outputs.row_journal import Journal, RowFile, Rows
from ..rasters.extent import extent_to_window
from ..rasters.grid import Grid
from ..rasters.raster import Raster
from ..rasters.windows import Window
from .capacity import check_capacity
from .classify import is_unlike
from .ensemble import Ensemble, RuntimeRecords
from .run_key import provenance_tags, run_key
from .scene_prefetch import scene_cache
from .scene_streams import Streams, open_streams
from .sliding_window import OnProgress


@dataclass(frozen=True)
class SegmentedRows:
    """A scene whose rows are all finished, before its rasters are written.

    Attributes:
        region: The part of the image that was segmented.
        files: Path, size in bytes and time of the last change in ns of each input file when it was opened.
        row_paths: The flat files of the rows, in the order of ``make_row_files``.
        resumed_rows: Number of rows that come from an earlier run.
        tiles: Number of tiles of all models.
        unlike: The share 0..1 of the scene that is unlike the training; None: no model has a land summary.
        classes: Pixels and areas of the mask's classes.
    """

    region: Window
    files: list[tuple[str, int, int]]
    row_paths: list[Path]
    resumed_rows: int
    tiles: int
    unlike: float | None
    classes: ClassAreas


#: Function that adds the rows that a journal lacks, which were computed before, from the run key and the row files.
StoredRows = Callable[[Mapping[str, Any], Sequence[RowFile], Journal], None]


@dataclass(frozen=True)
class BatchContext:
    """Settings of a run over many scenes for the segmentation of one.

    Attributes:
        make_tags: Function that returns further tags of the rasters.
        scenes: As in ``Ensemble.prepare``.
        runtime_records: As in ``Ensemble.prepare``.
        stored_rows: Source of all rows if they are computed already.
    """

    make_tags: Callable[[SegmentedRows], Mapping[str, str]] = lambda rows: {}
    scenes: int = 1
    runtime_records: RuntimeRecords = ()
    stored_rows: StoredRows | None = None


#: Largest number of classes that a sentence names.
_MAX_NAMED = 8

_SINGLE_SCENE = BatchContext()


def segment_scene(
    scene: Scene,
    outputs: SceneOutputs,
    ensemble: Ensemble,
    emit: Emit,
    batch: BatchContext = _SINGLE_SCENE,
) -> Done:
    """Segments one scene with models that may have segmented others before.

    Args:
        scene: The input rasters, with bands and extent.
        outputs: The rasters to write.
        ensemble: Models, device and options.
        emit: Callback for progress, metric and warning events.
        batch: Settings of a run over many scenes.

    Raises:
        EngineError: If inputs, models or outputs do not fit; then nothing is written.
    """
    stopwatch = Stopwatch()
    empty_before = ensemble.empty_tiles
    with open_streams(scene, ensemble.cards, emit, ensemble.options.image_alone) as streams:
        finished = _segment_streams(scene, outputs, ensemble, streams, emit, batch)
    empty = ensemble.empty_tiles - empty_before
    return _done(outputs, ensemble, finished, empty, stopwatch.seconds)


def _segment_streams(
    scene: Scene,
    outputs: SceneOutputs,
    ensemble: Ensemble,
    streams: Sequence[Streams],
    emit: Emit,
    batch: BatchContext,
) -> SegmentedRows:
    """Segments the opened rasters of a scene and writes its outputs."""
    image = streams[0].image
    region = scene_region(scene, image)
    row_files = make_row_files(outputs, ensemble, region)
    check_capacity(image, region, ensemble.tallest(streams), row_files)
    tiles = ensemble.tiles(image.grid, region, scene.image)
    key = run_key(scene, outputs, ensemble, region, streams)
    if batch.stored_rows:
        key["settled"] = [*batch.runtime_records]
    with _open_journal(row_files, region.height, key, emit) as journal:
        records = journal.notes.get("members", batch.runtime_records)
        ensemble.prepare(streams, region, emit, records, batch.scenes)
        on_progress = _begin_progress(tiles, journal.rows, emit)
        if batch.stored_rows:
            batch.stored_rows(key, row_files, journal)
        else:
            compute_rows([*outputs.extras], ensemble, streams, region, journal, on_progress)
        image.close()
        emit(Progress(1.0, tr("Compressing the mask")))
        row_paths = journal.finish()
        finished = SegmentedRows(
            region=region,
            files=key["files"],
            row_paths=row_paths,
            resumed_rows=journal.rows,
            tiles=tiles,
            unlike=_unlike_share(journal, ensemble, scene.image, emit),
            classes=measure_classes(row_paths[0], ensemble.classes, image.grid, region),
        )
        tags = {**provenance_tags(scene, outputs, ensemble), **batch.make_tags(finished)}
        _publish(outputs, ensemble, image.grid, finished, tags)
    return finished


def make_row_files(outputs: SceneOutputs, ensemble: Ensemble, region: Window) -> list[RowFile]:
    """The rows of the mask, then of each output beside it."""
    percents = [RowFile(path, region.width, np.dtype(np.uint8)) for path in outputs.extras.values()]
    return [RowFile(outputs.mask, region.width, ensemble.dtype), *percents]


def compute_rows(
    extras: Sequence[str],
    ensemble: Ensemble,
    streams: Sequence[Streams],
    region: Window,
    journal: Journal,
    on_progress: OnProgress,
    begin: int = 0,
) -> None:
    """Computes the rows that a journal lacks; its first row is row ``begin`` of the region.

    The journal notes under ``UNLIKE`` how many of its pixels are unlike the training, and how many
    were compared with it.
    """
    row, end = begin + journal.rows, begin + journal.height
    if row == end:
        return
    written, counts = len(extras), journal.notes.get(UNLIKE, [0, 0])
    if ensemble.has_land_summary and UNLIKE not in extras:
        extras = [*extras, UNLIKE]
    iterator = ensemble.strips(streams, region, on_progress, extras, row)
    generator = cast(Generator[tuple[Rows, ...], None, None], iterator)
    with scene_cache(streams, ensemble.tallest(streams)), CleanUp(generator.close):
        for rows in generator:
            journal.note(members=ensemble.record())
            new = [values[: end - row] for values in rows]
            if UNLIKE in extras:
                counts = _add_unlike(counts, new[1 + extras.index(UNLIKE)])
                journal.note(**{UNLIKE: counts})
            journal.append(new[: 1 + written])
            row += len(rows[0])
            if end <= row and end < region.height:  # other parts have the strips below
                return


def _add_unlike(counts: Sequence[int], percents: Rows) -> list[int]:
    """Adds the pixels of rows that are unlike the training, and all that were compared with it."""
    new = is_unlike(percents), percents != NO_CONFIDENCE
    return [count + int(np.count_nonzero(pixels)) for count, pixels in zip(counts, new)]


def _unlike_share(journal: Journal, ensemble: Ensemble, image: str, emit: Emit) -> float | None:
    """The share 0..1 of a scene that is unlike the training, None without a land summary; warns if it is large."""
    if not ensemble.has_land_summary:
        return None
    unlike, known = journal.notes.get(UNLIKE, [0, 0])
    share: float = unlike / max(known, 1)
    if share > WARNED_SHARE:
        text = tr(
            "{:.0f} % of {} is unlike what the model has learnt from: check the mask there. The raster Unlike the "
            "training shows where."
        )
        emit(Warned(text.format(100 * share, Path(image).name)))
    return share


def scene_region(scene: Scene, image: Raster) -> Window:
    """The part of the image to segment.

    Raises:
        RasterError: If the extent lies outside the image.
    """
    if scene.extent is None:
        return image.grid.bounds
    return extent_to_window(scene.extent, scene.extent_crs, image.grid, scene.image)


@contextmanager
def _open_journal(
    row_files: Sequence[RowFile], height: int, key: Mapping[str, Any], emit: Emit
) -> Iterator[Journal]:
    """A journal that reports which rows of an earlier run are lost, and which rows of a failed run are kept."""
    mask = row_files[0].path
    with Journal(row_files, height, key) as journal:
        if journal.dropped:
            emit(
                Warned(
                    tr(
                        "Discarded {} of an earlier run of {}: its inputs, models, options or "
                        "outputs differ."
                    ).format(
                        format_count(journal.dropped, "{} finished row", "{} finished rows"), mask
                    )
                )
            )
        try:
            yield journal
        except BaseException:
            with CleanUp(partial(_report_kept_rows, journal, mask, emit)):
                raise


def _report_kept_rows(journal: Journal, mask: str, emit: Emit) -> None:
    if journal.kept:
        rows = format_count(journal.height, "{} row", "{} rows")
        text = tr("Finished and kept beside {}: {} of {}; the same command resumes from there.")
        emit(Warned(text.format(mask, journal.kept, rows)))


def _begin_progress(tiles: int, resumed_rows: int, emit: Emit) -> OnProgress:
    """Reports the number of tiles and returns the progress callback."""
    emit(
        Metric(tr("Tiles: {}, the minimum for the chosen overlap.").format(tiles), {"tiles": tiles})
    )
    emit(Progress(SEGMENTING, tr("Reading the first tiles")))
    # A new stopwatch, since loading must not enter the estimate for the tiles.
    if not resumed_rows:
        return tile_progress(emit, Stopwatch(SEGMENTING), SEGMENTING, 1.0)
    text = tr("Resuming at row {}.").format(resumed_rows)
    emit(Metric(text, {"rows": resumed_rows}))
    return tile_progress(emit, Stopwatch(None), SEGMENTING, 1.0)


def _publish(
    outputs: SceneOutputs,
    ensemble: Ensemble,
    grid: Grid,
    finished: SegmentedRows,
    tags: Mapping[str, str],
) -> None:
    """Writes the finished rows as rasters."""
    mask, *extras = finished.row_paths
    publish_mask(outputs.mask, mask, grid, finished.region, ensemble.classes, tags)
    for (name, path), rows in zip(outputs.extras.items(), extras):
        publish_percent(path, name, rows, grid, finished.region, tags)


def _done(
    outputs: SceneOutputs, ensemble: Ensemble, finished: SegmentedRows, empty: int, seconds: float
) -> Done:
    """The result, with the speed of the rows that this run has computed."""
    return Done(
        " ".join(_sentences(outputs.mask, ensemble, finished, empty, seconds)),
        {
            "output": outputs.mask,
            "confidence": outputs.confidence,
            "disagreement": outputs.disagreement,
            "unlike": outputs.unlike,
            "unlike_percent": None if finished.unlike is None else round(100 * finished.unlike, 2),
            "device_used": ensemble.device.name,
            "precision": ensemble.precision,
            "runtime_used": ensemble.runtime,
            "tiles": finished.tiles,
            "tiles_without_data": empty,
            "models": len(ensemble.members),
            "seconds": round(seconds, 2),
            "classes": to_records(ensemble.classes),
            "shares": finished.classes.shares,
            "areas_m2": dict(finished.classes.square_metres),
            "nodata": ensemble.nodata,
        },
    )


def _sentences(
    mask: str, ensemble: Ensemble, finished: SegmentedRows, empty: int, seconds: float
) -> Iterator[str]:
    """Sentences about the mask, the time that it took, and the speed."""
    region = finished.region
    resumed = finished.resumed_rows
    models = len(ensemble.members)
    rate = region.width * (region.height - resumed) / max(seconds, 1e-9)
    yield _shown(mask, ensemble.classes, finished)
    yield tr("It took {} for {} on {} ({}, {}): about {} a second.").format(
        format_duration(seconds),
        format_count(finished.tiles, "{} tile", "{} tiles"),
        ensemble.device.name,
        ensemble.precision,
        ensemble.runtime,
        format_pixels(rate),
    )
    if models > 1:
        yield tr("It is made of {} models ({}).").format(models, ensemble.combine)
    if empty:
        yield tr("Tiles without data, not computed: {}.").format(empty)
    if resumed:
        yield tr("Rows kept from the run before: {}.").format(resumed)


def _shown(mask: str, table: ClassTable, finished: SegmentedRows) -> str:
    """The classes of a mask with their areas; the background only if there is nothing else."""
    region, shares = finished.region, finished.classes.shares
    background = {entry.name for entry in table if entry.is_background}
    found = {name: share for name, share in shares.items() if name not in background}
    shown = describe_classes(found, finished.classes.square_metres, _MAX_NAMED)
    shown = shown or describe_classes(shares, finished.classes.square_metres, _MAX_NAMED)
    text = tr("The mask {} ({} x {} px) shows {}.")
    if not shown:
        text, shown = tr("The mask {} ({} x {} px): {}."), tr("no pixel has a value")
    return text.format(mask, region.width, region.height, shown)
