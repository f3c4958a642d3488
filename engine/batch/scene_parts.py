"""A huge scene in parts: each part is a run of whole strips that a worker segments alone.

The parts together have the same rows as a scene in a single process. A strip fades only into the next one, so a part
computes the strip above its first row again, for its fade, and stops after its last row. The cost of a part is one
strip of tiles.

A part stores its finished rows as a whole scene does, see ``row_journal``, beside the mask under
``MASK.rows-BEGIN-END``: a killed part resumes from its own rows. When all parts are finished, the scene is segmented
with their rows instead of computed ones, and the stored rows are removed. The parts and the runtimes of the models
are stored too, see ``part_plan``. While the mask is compressed, the disk holds its rows twice.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..compute.eta import Stopwatch
from ..contract.map_styles import write_legend
from ..contract.protocol import Emit
from ..contract.unlike import UNLIKE
from ..inference.run_key import run_key
from ..inference.scene_streams import Streams, open_streams
from ..inference.segment_scene import compute_rows, make_row_files
from ..outputs.row_journal import Journal, RowFile, Rows
from ..rasters.raster import open_image
from ..rasters.tiling import tile_spans
from .finished_scenes import read_finished_record
from .part_plan import PartPlan, has_plan, read_plan, write_plan
from .scene_task import DONE, SceneRecord, SceneTask, remove_rows
from .scene_worker import SceneWorker

#: Maximum bytes of rows that are copied at a time.
_CHUNK = 2**26


@dataclass(frozen=True)
class Part:
    """Rows ``begin .. end`` of a scene, segmented alone."""

    task: SceneTask
    begin: int
    end: int


def part_bounds(ends: Sequence[int], count: int) -> list[tuple[int, int]]:
    """First row and end of parts of about equal height, each of whole strips.

    Args:
        ends: The row below each strip, from top to bottom.
        count: Requested number of parts; there is at most one per strip.
    """
    targets = (ends[-1] * number / count for number in range(1, count))
    inner = {min(ends, key=lambda end: abs(end - row)) for row in targets}
    edges = [0, *sorted(inner - {ends[-1]}), ends[-1]]
    return [*zip(edges, edges[1:])]


class PartWorker(SceneWorker):
    """A ``SceneWorker`` that can also segment parts of scenes and merge them."""

    def choose_runtimes(self, task: SceneTask, emit: Emit) -> list[dict[str, Any]]:
        """Runtime records for scenes like this one: by the rule, or from an earlier run that cut this scene.

        Args:
            task: The scene.
            emit: Callback for events.

        Raises:
            EngineError: If the scene cannot be opened, or does not fit.
        """
        with self._open(task) as streams:
            region = streams[0].image.grid.bounds
            plan = read_plan(task, self._run_key(task, streams), region.height)
            self.ensemble.prepare(
                streams, region, emit, plan.runtime_records if plan else (), self._scenes
            )
            return self.ensemble.record()

    def cut(self, task: SceneTask, pixels: float, workers: int) -> list[Part]:
        """Cuts a scene into parts, as an earlier run did if its rows can be used; empty if cutting is not worthwhile.

        Args:
            task: The scene.
            pixels: Approximate number of pixels of a part; smaller scenes are not cut.
            workers: Minimum number of parts, as long as each is two strips tall; with 1 no further scene is cut.

        Raises:
            EngineError: If the scene cannot be opened, or does not fit.
        """
        if not has_plan(task):
            with open_image(task.image) as image:
                if image.grid.bounds.pixels <= pixels:
                    return []
        with self._open(task) as streams:
            grid = streams[0].image.grid
            run = self._run_key(task, streams)
            plan = read_plan(task, run, grid.height)
            if plan and plan.runtime_records == [*self._runtime_records]:
                return [Part(task, begin, end) for begin, end in plan.cuts]
            if workers == 1 or grid.bounds.pixels <= pixels:
                return []
            self.ensemble.tiles(grid, grid.bounds, task.image)  # refuses an impossible overlap
            side, overlap = self.ensemble.tallest(streams), self._job.overlap
            spans = tile_spans(grid.height, side, side // 8 if overlap == -1 else overlap)
        count = max(math.ceil(grid.bounds.pixels / pixels), workers)
        cuts = part_bounds([span.end for span in spans], max(min(count, len(spans) // 2), 1))
        if len(cuts) == 1:
            return []
        write_plan(task, run, PartPlan([*self._runtime_records], cuts))
        return [Part(task, begin, end) for begin, end in cuts]

    def run_part(self, part: Part, emit: Emit) -> SceneRecord | None:
        """Computes and stores the rows of a part that are missing; returns a record only after a failure.

        Args:
            part: The part.
            emit: Callback for defects.
        """
        return self._attempt(part.task, emit, lambda stopwatch: self._compute(part))

    def merge(self, parts: Sequence[Part], seconds: float, emit: Emit) -> SceneRecord:
        """Writes the rasters of a scene from its finished parts, and removes the stored rows.

        Args:
            parts: All parts of the scene, from top to bottom.
            seconds: Duration of the parts, s.
            emit: Callback for events.
        """
        return self._attempt(
            parts[0].task, emit, lambda stopwatch: self._merge(parts, emit, stopwatch), seconds
        )

    def _compute(self, part: Part) -> None:
        with self._open(part.task) as streams:
            region, outputs = streams[0].image.grid.bounds, part.task.outputs
            row_files = make_row_files(outputs, self.ensemble, region)
            key = {**self._run_key(part.task, streams), "settled": [*self._runtime_records]}
            with _journal(part, row_files, key) as journal:
                if journal.rows < journal.height:
                    self.ensemble.prepare(streams, region, _ignore, self._runtime_records, 0)
                compute_rows(
                    [*outputs.extras], self.ensemble, streams, region, journal, _ignore, part.begin
                )
                journal.finish()

    def _merge(self, parts: Sequence[Part], emit: Emit, stopwatch: Stopwatch) -> SceneRecord:
        task = parts[0].task
        if record := read_finished_record(task, self._key):  # of a process that then died
            write_legend(task.output, self.ensemble.classes)
            remove_rows(task)
            return replace(record, status=DONE)

        def stored_rows(
            key: Mapping[str, Any], row_files: Sequence[RowFile], scene: Journal
        ) -> None:
            counts = [0, 0]
            for part in parts:
                with _journal(part, row_files, key) as journal:
                    for rows in _read_rows(part, row_files, journal, scene.rows):
                        scene.append(rows)
                    counts = [a + b for a, b in zip(counts, journal.notes.get(UNLIKE, [0, 0]))]
            scene.note(**{UNLIKE: counts})

        return self._segment(task, emit, stopwatch, stored_rows)

    def _run_key(self, task: SceneTask, streams: Sequence[Streams]) -> dict[str, Any]:
        """Everything that decides the values of a scene's rows, except the runtimes of the models."""
        region = streams[0].image.grid.bounds
        return run_key(self._scene(task), task.outputs, self.ensemble, region, streams)

    def _open(self, task: SceneTask) -> AbstractContextManager[list[Streams]]:
        return open_streams(
            self._scene(task), self.ensemble.cards, _ignore, self.ensemble.options.image_alone
        )


def _journal(part: Part, row_files: Sequence[RowFile], key: Mapping[str, Any]) -> Journal:
    """Journal of a part's rows; ``row_files`` and ``key`` belong to the whole scene."""
    suffix = f".rows-{part.begin}-{part.end}"
    part_files = [replace(row_file, path=row_file.path + suffix) for row_file in row_files]
    return Journal(part_files, part.end - part.begin, key, keep=True)


def _read_rows(
    part: Part, row_files: Sequence[RowFile], journal: Journal, first: int
) -> Iterator[list[Rows]]:
    """The finished rows of a part in chunks, from the scene's row ``first`` on."""
    files = [
        np.memmap(path, file.dtype.newbyteorder("<"), "r", shape=(journal.height, file.width))
        for path, file in zip(journal.finish(), row_files)
    ]
    step = max(_CHUNK // sum(row_file.row_bytes for row_file in row_files), 1)
    for row in range(max(first - part.begin, 0), journal.height, step):
        yield [file[row : row + step] for file in files]


def _ignore(*_: object) -> None:
    """Ignores events and progress of a part: the scene reports them again."""
