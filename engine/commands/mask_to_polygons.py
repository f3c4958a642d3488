"""``polygons``: a mask becomes polygons, such as the footprints of buildings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray

from ..contract.class_table import ClassTable, to_records
from ..contract.errors import JobError, format_count, join_names
from ..contract.eta import Stopwatch, format_duration
from ..contract.file_jobs import PolygonsJob
from ..contract.protocol import Done, Emit, Warned
from ..outputs.generalize import PolygonOptions, generalize
from ..outputs.geopackage import FIELDS, FootprintWriter, check_footprints, footprint_writer
from ..outputs.mask_reader import NOTHING, ClassMask, MaskStrip
from ..outputs.polygonize import Outlines, outlines
from ..rasters.grid import Grid
from ..rasters.ground_resolution import GroundScale

#: Polygons that are written at a time.
_BATCH = 4096

#: Classes that a sentence names.
_NAMED = 12


def mask_to_polygons(job: PolygonsJob, emit: Emit) -> Done:
    """Polygons of a mask's classes, written as a styled GeoPackage.

    Args:
        job: The mask, and how the polygons shall be.
        emit: Is told progress, and what the user may not expect.

    Raises:
        EngineError: If the mask is no class raster, or the polygons cannot be written.
    """
    _check(job)
    stopwatch = Stopwatch()
    with ClassMask(job.mask, job.confidence) as mask:
        chosen = _chosen(job, mask)
        metres = GroundScale(mask.grid)
        for sentence in _remarks(job, mask.grid, metres):
            emit(Warned(sentence))
        fields = tuple(name for name in FIELDS if name != "confidence" or job.confidence)
        with footprint_writer(job.output, mask.grid.crs, fields) as writer:
            sink = _PolygonSink(mask, metres, PolygonOptions(**_polygon_options(job)), writer)
            for found in _batches(outlines(_strips_with_progress(mask, chosen, stopwatch, emit))):
                sink.add(found)
            table = sink.classes(job.classes)
            writer.style(table)
        scene = mask.scene
    return _done(job, scene, sink, table, metres, stopwatch)


def _check(job: PolygonsJob) -> None:
    if not job.mask or not job.output:
        raise JobError("polygons needs the options mask and output.")
    for name, value in _polygon_options(job).items():
        if not 0 <= value < np.inf:
            raise JobError(f"The option {name} is {value:g}: give 0 or more.")
    output = check_footprints(job.output)
    for path in (job.mask, job.confidence):
        if path and Path(path).absolute() == output.absolute():
            raise JobError(f"The output {output} is an input too: give another name.")
    if job.confidence and Path(job.confidence).absolute() == Path(job.mask).absolute():
        raise JobError(
            f"Mask and confidence are the same file {job.mask}: give the confidence raster of the same "
            "run, or none."
        )


def _polygon_options(job: PolygonsJob) -> dict[str, Any]:
    names = ("minimum_area", "fill_holes", "simplify", "right_angles")
    return {name: getattr(job, name) for name in names}


def _chosen(job: PolygonsJob, mask: ClassMask) -> NDArray[np.bool_]:
    """Which class values (65536) to outline."""
    known = {entry.value: entry.name for entry in mask.table}
    for value in job.classes:
        if not 0 <= value < NOTHING or (known and value not in known):
            listed = _some_of([f"{v} {name}" for v, name in known.items()]) or "0 to 65534"
            raise JobError(f"The mask {job.mask} has no class {value}; it has: {listed}.")
    wanted = np.ones(NOTHING + 1, bool)
    if job.classes:
        wanted[:] = False
        wanted[list(job.classes)] = True
    else:
        wanted[0] = False
    wanted[NOTHING] = False
    return wanted


def _some_of(names: list[str]) -> str:
    return join_names(names, _NAMED, "other class", "other classes")


def _remarks(job: PolygonsJob, grid: Grid, metres: GroundScale) -> Iterator[str]:
    if metres.unit == "px":
        yield (
            f"{job.mask} has no coordinate system, so nobody knows how large a pixel is: areas and "
            "distances count in pixels, and the field area_m2 stays empty. Assign the coordinate system "
            "to get metres."
        )
    elif metres.is_on_ground and grid.crs is not None and grid.crs.is_projected:
        yield (
            f"The metres of the coordinate system of {job.mask} are not those of the ground: areas and "
            "distances are measured on the ground."
        )


def _strips_with_progress(
    mask: ClassMask, chosen: NDArray[np.bool_], stopwatch: Stopwatch, emit: Emit
) -> Iterator[MaskStrip]:
    """The mask's strips, with progress after each."""
    height = mask.grid.height
    for strip in mask.strips(chosen):
        yield strip
        done = (strip.row + len(strip.values)) / height
        emit(stopwatch.progress(done, "outlining"))


def _batches(parts: Iterator[Outlines]) -> Iterator[Outlines]:
    """The same outlines, collected so that each batch is worth writing."""
    waiting: list[Outlines] = []
    for part in parts:
        waiting.append(part)
        if sum(map(len, waiting)) >= _BATCH:
            yield Outlines.merge(waiting)
            waiting = []
    if waiting:
        yield Outlines.merge(waiting)


class _PolygonSink:
    """Tidies outlines, writes them, and counts what was written."""

    def __init__(
        self, mask: ClassMask, metres: GroundScale, wishes: PolygonOptions, writer: FootprintWriter
    ) -> None:
        self._mask, self._metres, self._polygon_options, self._writer = mask, metres, wishes, writer
        self._to_map = _to_map(mask.grid)
        self._met: set[int] = set()
        self.polygons, self.area = 0, 0.0

    def add(self, found: Outlines) -> None:
        """Writes one batch."""
        kept, areas = generalize(found, self._polygon_options, self._metres)
        values = np.unique(kept.values)
        names = np.array([self._mask.entry(int(v)).name for v in values], object)
        columns = {
            "class": kept.values,
            "name": names[np.searchsorted(values, kept.values)],
            "area_m2": areas if self._metres.unit == "m" else np.full(len(kept), np.nan),
            "confidence": kept.confidence,
            "pixels": kept.pixels,
        }
        self._writer.write(shapely.transform(kept.shapes, self._to_map), columns)
        self._met.update(map(int, found.values))
        self.polygons += len(kept)
        self.area += float(areas.sum())

    def classes(self, asked: tuple[int, ...]) -> ClassTable:
        """The classes of the layer: those asked for, else all the mask names or holds, without 0."""
        named = {entry.value for entry in self._mask.table if entry.value}
        values = set(asked) or (named | self._met)
        return tuple(self._mask.entry(value) for value in sorted(values))


def _to_map(grid: Grid) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """From pixel coordinates to the map's."""
    # QGIS lays a picture without coordinates below the x axis.
    t = Affine.scale(1, -1) if grid.is_plain else grid.transform

    def convert(points: NDArray[np.float64]) -> NDArray[np.float64]:
        cols, rows = points[:, 0], points[:, 1]
        return np.column_stack([t.a * cols + t.b * rows + t.c, t.d * cols + t.e * rows + t.f])

    return convert


def _done(
    job: PolygonsJob,
    scene: str,
    sink: _PolygonSink,
    table: ClassTable,
    metres: GroundScale,
    stopwatch: Stopwatch,
) -> Done:
    outputs = {
        "output": job.output,
        "scene": scene,
        "polygons": sink.polygons,
        "area_m2": round(sink.area, 4) if metres.unit == "m" else None,
        "seconds": round(stopwatch.seconds, 2),
        "classes": to_records(table),
    }
    names = _some_of([entry.name for entry in table]) or "any class"
    if not sink.polygons:
        large = f" of {job.minimum_area:g} {metres.unit}2 or more" if job.minimum_area else ""
        return Done(
            f"No polygon was found: {job.mask} has no area{large} of {names}. The layer {job.output} is "
            "empty.",
            outputs,
        )
    return Done(
        f"{format_count(sink.polygons, 'polygon')} of {names}, {sink.area:,.1f} {metres.unit}2 in all, written to "
        f"{job.output}; it took {format_duration(stopwatch.seconds)}.",
        outputs,
    )
