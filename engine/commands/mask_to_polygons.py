"""``polygons``: outlines the classes of a mask as polygons, such as the footprints of buildings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ..compute.eta import Stopwatch, format_duration
from ..contract.class_table import ClassTable, to_records
from ..contract.errors import JobError, format_count, join_names
from ..contract.file_jobs import PolygonsJob
from ..contract.map_styles import footprint_style
from ..contract.protocol import Done, Emit, Warned
from ..contract.quantities import format_area, format_pixels
from ..contract.translation import tr
from ..outputs.generalize import PolygonOptions, generalize
from ..outputs.geopackage import FootprintWriter, check_footprints, footprint_writer, to_map
from ..outputs.mask_reader import NO_CLASS, ClassMask, MaskStrip
from ..outputs.polygonize import Outlines, outlines
from ..outputs.touching_objects import find_objects, label_objects, strip_rows
from ..rasters.grid import Grid
from ..rasters.ground_resolution import GroundScale

#: The fields of the layer, and their types.
_FIELDS: dict[str, Any] = {
    "class": np.int32,
    "name": object,
    "area_m2": np.float64,
    "confidence": np.float64,
    "pixels": np.int64,
}

#: Smallest number of polygons that are written at once.
_BATCH = 4096

#: Largest number of classes that a sentence names.
_MAX_NAMED = 12


def mask_to_polygons(job: PolygonsJob, emit: Emit) -> Done:
    """Writes the polygons of a mask's classes as a styled GeoPackage.

    Raises:
        EngineError: If the mask is not a class raster, or the polygons cannot be written.
    """
    _check(job)
    stopwatch = Stopwatch()
    with ClassMask(job.mask, job.confidence) as mask:
        is_wanted = _wanted_values(job, mask)
        scale = GroundScale(mask.grid)
        for sentence in _warnings(job, mask.grid, scale):
            emit(Warned(sentence))
        fields = {n: kind for n, kind in _FIELDS.items() if n != "confidence" or job.confidence}
        with footprint_writer(job.output, mask.grid.crs, fields) as writer:
            sink = _PolygonSink(mask, scale, PolygonOptions(**_polygon_options(job)), writer)
            for batch in _batches(outlines(_strips(job, mask, is_wanted, stopwatch, emit))):
                sink.write(batch)
            table = sink.classes(job.classes)
            writer.style("classes", footprint_style(table))
        scene = mask.scene
    return _done(job, scene, sink, table, scale, stopwatch)


def _check(job: PolygonsJob) -> None:
    if not job.mask or not job.output:
        raise JobError(tr("polygons needs the options mask and output."))
    output = check_footprints(job.output)
    for path in (job.mask, job.confidence):
        if path and Path(path).absolute() == output.absolute():
            raise JobError(tr("The output {} is an input too: give another name.").format(output))
    if job.confidence and Path(job.confidence).absolute() == Path(job.mask).absolute():
        raise JobError(
            tr(
                "Mask and confidence are the same file {}: give the confidence raster of the same "
                "run, or none."
            ).format(job.mask)
        )


def _polygon_options(job: PolygonsJob) -> dict[str, Any]:
    names = ("minimum_area", "fill_holes", "simplify", "right_angles")
    return {name: getattr(job, name) for name in names}


def _wanted_values(job: PolygonsJob, mask: ClassMask) -> NDArray[np.bool_]:
    """Whether to outline each of the 65536 class values."""
    known = {entry.value: entry.name for entry in mask.table}
    for value in job.classes:
        if not 0 <= value < NO_CLASS or (known and value not in known):
            names = join_names([f"{v} {name}" for v, name in known.items()], _MAX_NAMED) or tr(
                "0 to 65534"
            )
            raise JobError(
                tr("The mask {} has no class {}; it has: {}.").format(job.mask, value, names)
            )
    is_wanted = np.full(NO_CLASS + 1, not job.classes)
    is_wanted[[0, NO_CLASS]] = False
    is_wanted[list(job.classes)] = True
    return is_wanted


def _warnings(job: PolygonsJob, grid: Grid, scale: GroundScale) -> Iterator[str]:
    if scale.unit == "px":
        yield tr(
            "{} has no coordinate system, so the size of a pixel is unknown: areas and distances are in pixels, and the "
            "field area_m2 stays empty. Assign the coordinate system to get metres."
        ).format(job.mask)
    elif scale.is_on_ground and grid.crs is not None and grid.crs.is_projected:
        yield tr(
            "The metres of the coordinate system of {} are not those of the ground: areas and distances are measured on the "
            "ground."
        ).format(job.mask)


def _strips(
    job: PolygonsJob,
    mask: ClassMask,
    is_wanted: NDArray[np.bool_],
    stopwatch: Stopwatch,
    emit: Emit,
) -> Iterator[MaskStrip]:
    """The mask's strips, split into objects if the job says so, with a progress event after each."""
    rows = strip_rows(mask.grid.width) if job.split else 0

    def read(text: str, begin: float, end: float) -> Iterator[MaskStrip]:
        for strip in mask.strips(is_wanted, rows):
            yield strip
            done = (strip.row + len(strip.values)) / mask.grid.height
            emit(stopwatch.progress(begin + (end - begin) * done, text))

    if not job.split:
        return read(tr("Outlining"), 0.0, 1.0)
    object_of = find_objects(read(tr("Finding touching objects"), 0.0, 0.5), job.neck / 100)
    return label_objects(read(tr("Outlining"), 0.5, 1.0), object_of)


def _batches(parts: Iterator[Outlines]) -> Iterator[Outlines]:
    """The same outlines in batches of ``_BATCH`` or more, because each write has a cost."""
    batch: list[Outlines] = []
    for part in parts:
        batch.append(part)
        if sum(map(len, batch)) >= _BATCH:
            yield Outlines.merge(batch)
            batch = []
    if batch:
        yield Outlines.merge(batch)


class _PolygonSink:
    """Generalizes outlines, writes them, and sums up their number and area."""

    def __init__(
        self, mask: ClassMask, scale: GroundScale, options: PolygonOptions, writer: FootprintWriter
    ) -> None:
        self._mask = mask
        self._scale = scale
        self._options = options
        self._writer = writer
        self._to_map = to_map(mask.grid)
        self._outlined: set[int] = set()
        self.polygons, self.area = 0, 0.0

    def write(self, batch: Outlines) -> None:
        """Writes one batch."""
        kept, areas = generalize(batch, self._options, self._scale)
        values = np.unique(kept.values)
        names = np.array([self._mask.entry(int(v)).name for v in values], object)
        columns = {
            "class": kept.values,
            "name": names[np.searchsorted(values, kept.values)],
            "area_m2": areas if self._scale.unit == "m" else np.full(len(kept), np.nan),
            "confidence": kept.confidence,
            "pixels": kept.pixels,
        }
        self._writer.write(shapely.transform(kept.shapes, self._to_map), columns)
        self._outlined.update(map(int, batch.values))
        self.polygons += len(kept)
        self.area += float(areas.sum())

    def classes(self, values_of_job: tuple[int, ...]) -> ClassTable:
        """The classes of the layer: the job's, else all named or outlined ones, without 0."""
        named = {entry.value for entry in self._mask.table if entry.value}
        values = set(values_of_job) or (named | self._outlined)
        return tuple(self._mask.entry(value) for value in sorted(values))


def _done(
    job: PolygonsJob,
    scene: str,
    sink: _PolygonSink,
    table: ClassTable,
    scale: GroundScale,
    stopwatch: Stopwatch,
) -> Done:
    outputs = {
        "output": job.output,
        "scene": scene,
        "polygons": sink.polygons,
        "area_m2": round(sink.area, 4) if scale.unit == "m" else None,
        "seconds": round(stopwatch.seconds, 2),
        "classes": to_records(table),
    }
    names = join_names([entry.name for entry in table], _MAX_NAMED) or tr("any class")
    if not sink.polygons:
        text = tr("No polygon was found: {} has no area of {}. The layer {} is empty.").format(
            job.mask, names, job.output
        )
        if job.minimum_area:
            text = tr(
                "No polygon was found: {} has no area of {:g} {}2 or more of {}. The layer {} is empty."
            ).format(job.mask, job.minimum_area, scale.unit, names, job.output)
        return Done(text, outputs)
    return Done(
        tr("{} of {}, {} in all, written to {}; it took {}.").format(
            format_count(sink.polygons, "{} polygon", "{} polygons"),
            names,
            format_area(sink.area) if scale.unit == "m" else format_pixels(sink.area),
            job.output,
            format_duration(stopwatch.seconds),
        ),
        outputs,
    )
