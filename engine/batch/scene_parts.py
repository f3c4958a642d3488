"""A huge scene in parts: each is a run of whole strips that a worker maps alone, and together they are the mask.

A part's rows are those that one process would make. Strips fade into the next one only, so a part computes the
strip above its first row once more, for what fades into it, and stops after its last row: a part costs one strip
of tiles more, which is little where parts are many strips tall.

Each part keeps its finished rows as a run of a whole scene does (see ``row_journal``), beside the mask, under
``MASK.rows-BEGIN-END``: a part that was killed goes on from its own rows. When all parts are finished, the scene is
mapped as any other is, but for its rows, which are those of the parts; then these go. How the scene was cut and how
the models ran is kept with them (see ``part_plan``). For the time in which the mask is compressed its rows are on
the disk twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..contract.eta import Stopwatch
from ..contract.mask_style import write_legend
from ..contract.protocol import Event
from ..inference.run_key import run_key
from ..inference.scene_streams import Streams, open_streams
from ..inference.segment_scene import compute_rows, make_row_files
from ..outputs.row_journal import Journal, RowFile, Rows
from ..rasters.raster import open_image
from ..rasters.tiling import tile_spans
from ..rasters.windows import Window
from .finished_scenes import read_finished_record
from .part_plan import PartPlan, has_plan, read_plan, write_plan
from .scene_task import DONE, SceneRecord, SceneTask, remove_rows
from .scene_worker import SceneWorker

Emit = Callable[[Event], None]

#: What is copied at a time, bytes.
_CHUNK = 2**26


@dataclass(frozen=True)
class Part:
    """Rows of a scene that are mapped alone.

    Attributes:
        task: The scene.
        begin: Its first row, counted from the scene's.
        end: The first row below it.
    """

    task: SceneTask
    begin: int
    end: int


def part_bounds(ends: Sequence[int], count: int) -> list[tuple[int, int]]:
    """First row and end of runs of whole strips that are about equally tall.

    Args:
        ends: The row below each strip, from top to bottom.
        count: How many runs there are to be; at most one a strip.
    """
    wanted = (ends[-1] * number / count for number in range(1, count))
    inner = {min(ends, key=lambda end: abs(end - row)) for row in wanted}
    edges = [0, *sorted(inner - {ends[-1]}), ends[-1]]
    return [*zip(edges, edges[1:])]


class PartWorker(SceneWorker):
    """A worker that can also map parts of scenes, and make masks of them; as ``SceneWorker`` otherwise."""

    def autotune(self, task: SceneTask, emit: Emit) -> list[dict[str, Any]]:
        """How the models run, for scenes like this one: found out without mapping it.

        Where parts of it are finished, as they did for these.

        Args:
            task: The scene.
            emit: Is told how, and why.

        Raises:
            EngineError: If the scene cannot be opened, or does not fit.
        """
        with self._opened(task) as streams:
            region = streams[0].image.grid.bounds
            plan = read_plan(task, self._run_key(task, region, streams), region.height)
            self.ensemble.prepare(streams, region, emit, plan.settled if plan else (), self._scenes)
            return self.record()

    def cut(self, task: SceneTask, pixels: float, workers: int) -> list[Part]:
        """The parts in which a scene is best mapped; none if it is not worth while.

        Those of an earlier run, if their rows can be used.

        Args:
            task: The scene.
            pixels: Of a scene that has more, each part has about so many.
            workers: There are at least so many parts, as long as each is two strips tall; of 1 none is cut anew.

        Raises:
            EngineError: If the scene cannot be opened, or does not fit.
        """
        if not has_plan(task):
            with open_image(task.image) as image:
                if image.grid.bounds.pixels <= pixels:
                    return []
        with self._opened(task) as streams:
            grid = streams[0].image.grid
            run = self._run_key(task, grid.bounds, streams)
            plan = read_plan(task, run, grid.height)
            if plan and plan.settled == [*self._runtime_records]:
                return [Part(task, begin, end) for begin, end in plan.cuts]
            if workers == 1 or grid.bounds.pixels <= pixels:
                return []
            self.ensemble.tiles(grid, grid.bounds, task.image)  # refuses an impossible overlap
            side, asked = self.ensemble.tallest(streams), self._job.overlap
            spans = tile_spans(grid.height, side, side // 8 if asked == -1 else asked)
        count = max(math.ceil(grid.bounds.pixels / pixels), workers)
        found = part_bounds([slot.end for slot in spans], max(min(count, len(spans) // 2), 1))
        if len(found) == 1:
            return []
        write_plan(task, run, PartPlan([*self._runtime_records], found))
        return [Part(task, begin, end) for begin, end in found]

    def run_part(self, part: Part, emit: Emit) -> SceneRecord | None:
        """Maps a part, if that is not done; the record of a failure, if it cannot be.

        Args:
            part: The part.
            emit: Is told of defects.
        """
        return self._attempted(part.task, emit, lambda stopwatch: self._mapped(part))

    def merge(self, parts: Sequence[Part], seconds: float, emit: Emit) -> SceneRecord:
        """Makes the mask, and the confidence, of parts that are all done, and removes what was kept of them.

        Args:
            parts: All of a scene, from top to bottom.
            seconds: What they have taken.
            emit: Is told of defects.
        """
        task = parts[0].task
        return self._attempted(
            task, emit, lambda stopwatch: self._merged(parts, emit, stopwatch), seconds
        )

    def _mapped(self, part: Part) -> None:
        with self._opened(part.task) as streams:
            region = streams[0].image.grid.bounds
            row_files = make_row_files(part.task.outputs, self.ensemble, region)
            key = {**self._run_key(part.task, region, streams), "settled": [*self._runtime_records]}
            with self._journal(part, row_files, key) as journal:
                if journal.rows < journal.height:
                    self.ensemble.prepare(streams, region, _ignore_event, self._runtime_records, 0)
                extras = [*part.task.outputs.extras]
                compute_rows(
                    extras, self.ensemble, streams, region, journal, _ignore_progress, part.begin
                )
                journal.finish()

    def _journal(self, part: Part, row_files: Sequence[RowFile], key: Mapping[str, Any]) -> Journal:
        """What a part keeps of its rows: ``row_files`` and ``key`` are the whole scene's."""
        place = f".rows-{part.begin}-{part.end}"
        own = [replace(row_file, path=row_file.path + place) for row_file in row_files]
        return Journal(own, part.end - part.begin, key, keep=True)

    def _merged(self, parts: Sequence[Part], emit: Emit, stopwatch: Stopwatch) -> SceneRecord:
        task = parts[0].task
        if made := read_finished_record(
            task, self._key
        ):  # by a process that died before it could say so
            write_legend(task.output, self.ensemble.classes)
            remove_rows(task)
            return replace(made, status=DONE)

        def kept(
            key: Mapping[str, Any], row_files: Sequence[RowFile], row: int
        ) -> Iterator[list[Rows]]:
            for part in parts:
                with self._journal(part, row_files, key) as journal:
                    yield from _rows(part, row_files, journal, row)

        return self._segmented(task, emit, stopwatch, kept)

    def _run_key(
        self, task: SceneTask, region: Window, streams: Sequence[Streams]
    ) -> dict[str, Any]:
        """All that decides what a scene's rows are, but how the models run."""
        return run_key(self._scene(task), task.outputs, self.ensemble, region, streams)

    def _opened(
        self, task: SceneTask, emit: Emit | None = None
    ) -> AbstractContextManager[list[Streams]]:
        """The scene's streams."""
        return open_streams(self._scene(task), self.ensemble.cards, emit or _ignore_event)


def _rows(
    part: Part, row_files: Sequence[RowFile], journal: Journal, first: int
) -> Iterator[list[Rows]]:
    """The finished rows of a part, some at a time, from the scene's row ``first`` on."""
    kinds = [row_file.dtype.newbyteorder("<") for row_file in row_files]
    files = [
        np.memmap(path, kind, "r", shape=(journal.height, row_file.width))
        for path, kind, row_file in zip(journal.finish(), kinds, row_files)
    ]
    step = max(_CHUNK // sum(row_file.row_bytes for row_file in row_files), 1)
    for row in range(max(first - part.begin, 0), journal.height, step):
        yield [file[row : row + step] for file in files]


def _ignore_event(event: Event) -> None:
    """Listens to nobody: what is said of a part is said again of the scene."""


def _ignore_progress(number: int, count: int) -> None:
    """Wants to know of no tile."""
