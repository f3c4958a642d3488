"""A huge scene in parts: each is a run of whole strips that a worker maps alone, and together they are the mask.

A part's rows are those that one process would make. Strips fade into the next one only, so a part computes the
strip above its first row once more, for what fades into it, and stops after its last row: a part costs one strip
of tiles more, which is little where parts are many strips tall.

Finished rows lie beside the mask, uncompressed, one file a part: ``MASK.rows-KEY-BEGIN-END``, where the key tells
the run's models, options, files and how the models run from others. A part that was killed goes on from its own
rows (see ``journal``); parts that are finished stay until the mask is made of all of them, and then they go. How the
scene was cut and how the models ran is kept with them (see ``part_plan``). For the time in which the mask is
compressed its rows are on the disk twice.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from numpy.typing import NDArray

from .block_cache import scene_cache
from .errors import JobError
from .finished import finished_tags, kept_record
from .journal import Journal, Track
from .legend import write_legend
from .locks import alone
from .outputs import lock_of, part_of
from .pace import Pace
from .part_plan import PartPlan, has_plan, keep_plan, read_plan
from .protocol import Event, Warned
from .rasters import open_image
from .scene_run import Mapped, publish, run_key, tracks_of
from .scene_tasks import DONE, SceneRecord, SceneTask, remove_rows
from .scene_worker import SceneWorker
from .streams import Streams, open_streams
from .windows import Window, axis_slots

Say = Callable[[Event], None]
_Strips = Generator[tuple[NDArray[Any], ...], None, None]

#: What is copied at a time, bytes.
_CHUNK = 2**24


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


def cuts(ends: Sequence[int], count: int) -> list[tuple[int, int]]:
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

    def settle(self, task: SceneTask, say: Say) -> list[dict[str, Any]]:
        """How the models run, for scenes like this one: found out without mapping it.

        Where parts of it are finished, as they did for these.

        Args:
            task: The scene.
            say: Is told how, and why.

        Raises:
            EngineError: If the scene cannot be opened, or does not fit.
        """
        with self._opened(task) as streams:
            region = streams[0].image.grid.bounds
            plan = read_plan(task, self._run_key(task, region, streams), region.height)
            self.ensemble.prepare(streams, region, say, plan.settled if plan else (), self._scenes)
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
            if plan and plan.settled == [*self._settled]:
                return [Part(task, begin, end) for begin, end in plan.cuts]
            if workers == 1 or grid.bounds.pixels <= pixels:
                return []
            self.ensemble.tiles(grid, grid.bounds, task.image)  # refuses an impossible overlap
            side, asked = self.ensemble.tallest(streams), self._job.overlap
            slots = axis_slots(grid.height, side, side // 8 if asked == -1 else asked)
        count = max(math.ceil(grid.bounds.pixels / pixels), workers)
        found = cuts([slot.end for slot in slots], max(min(count, len(slots) // 2), 1))
        if len(found) == 1:
            return []
        keep_plan(task, run, PartPlan([*self._settled], found))
        return [Part(task, begin, end) for begin, end in found]

    def run_part(self, part: Part, say: Say) -> SceneRecord | None:
        """Maps a part, if that is not done; the record of a failure, if it cannot be.

        Args:
            part: The part.
            say: Is told of defects.
        """
        return self._attempted(part.task, say, lambda pace: self._mapped(part))

    def merge(self, parts: Sequence[Part], seconds: float, say: Say) -> SceneRecord:
        """Makes the mask, and the confidence, of parts that are all done, and removes what was kept of them.

        Args:
            parts: All of a scene, from top to bottom.
            seconds: What they have taken.
            say: Is told of defects.
        """
        task = parts[0].task
        return self._attempted(task, say, lambda pace: self._merged(parts, seconds, pace))

    def _mapped(self, part: Part) -> None:
        with self._opened(part.task) as streams:
            region = streams[0].image.grid.bounds
            tracks, key = self._tracks(part, region, streams)
            if all(_is_whole(track, part) for track in tracks):
                return
            height = part.end - part.begin
            with Journal(tracks, height, {**key, "rows": [part.begin, part.end]}) as journal:
                self.ensemble.prepare(streams, region, _unheard, self._settled, 0)
                self._append(streams, region, part, journal)
                # The mask's last: while it is not in place, the part is not done.
                for raw, track in reversed([*zip(journal.finish(), tracks)]):
                    os.replace(raw, track.path)

    def _append(
        self, streams: Sequence[Streams], region: Window, part: Part, journal: Journal
    ) -> None:
        """Computes the rows of a part that its journal does not have yet."""
        row = part.begin + journal.rows
        if row == part.end:
            return
        extras = [*part.task.outputs.extras]
        found = self.ensemble.strips(streams, region, _untold, extras, row)
        tallest = self.ensemble.tallest(streams)
        with scene_cache(streams, tallest), closing(cast(_Strips, found)) as strips:
            for rows in strips:
                journal.append([own[: part.end - row] for own in rows])
                row += len(rows[0])
                if row >= part.end:
                    return

    def _merged(self, parts: Sequence[Part], seconds: float, pace: Pace) -> SceneRecord:
        task, warnings = parts[0].task, list[str]()
        if made := kept_record(task, self._key):  # by a process that died before it could say so
            write_legend(task.output, self.ensemble.classes)
            remove_rows(task)
            return replace(made, status=DONE)

        def listen(event: Event) -> None:
            if isinstance(event, Warned):
                warnings.append(event.message)

        with self._opened(task, listen) as streams, ExitStack() as stack:
            if not stack.enter_context(alone(lock_of(task.output))):
                raise JobError(
                    f"Another run is writing {task.output}: wait until it ends, or choose another folder."
                )
            grid = streams[0].image.grid
            self.ensemble.prepare(streams, grid.bounds, _unheard, self._settled, 0)
            tracks = [self._tracks(part, grid.bounds, streams)[0] for part in parts]
            raws = [stack.enter_context(_joined(own)) for own in zip(*tracks)]
            files = self._run_key(task, grid.bounds, streams)["files"]
            tiles = self.ensemble.tiles(grid, grid.bounds, task.image)
            mapped = Mapped(grid.bounds, files, raws, 0, tiles, seconds + pace.seconds)
            record = self._record(task, mapped, " ".join(warnings))
            tags = finished_tags(task, self._key, files, record)
            publish(self._scene(task), task.outputs, self.ensemble, grid, mapped, tags)
        remove_rows(task)
        return replace(record, seconds=seconds + pace.seconds)

    def _tracks(
        self, part: Part, region: Window, streams: Sequence[Streams]
    ) -> tuple[list[Track], dict[str, Any]]:
        """Where a part's rows lie, and all that decides what they are."""
        run = self._run_key(part.task, region, streams)
        key = {**run, "settled": [*self._settled]}
        name = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:8]
        place = f".rows-{name}-{part.begin}-{part.end}"
        tracks = tracks_of(part.task.outputs, self.ensemble, region)
        return [replace(track, path=track.path + place) for track in tracks], key

    def _run_key(
        self, task: SceneTask, region: Window, streams: Sequence[Streams]
    ) -> dict[str, Any]:
        """All that decides what a scene's rows are, but how the models run."""
        return run_key(self._scene(task), task.outputs, self.ensemble, region, streams)

    def _opened(
        self, task: SceneTask, say: Say | None = None
    ) -> AbstractContextManager[list[Streams]]:
        """The scene's streams."""
        return open_streams(self._scene(task), self.ensemble.cards, say or _unheard)


def _is_whole(track: Track, part: Part) -> bool:
    """Whether the rows of a part are finished."""
    path = Path(track.path)
    size = (part.end - part.begin) * track.row_bytes
    return path.is_file() and path.stat().st_size == size


@contextmanager
def _joined(tracks: Sequence[Track]) -> Iterator[Path]:
    """The rows of all parts in one file, gone at the end."""
    first = Path(tracks[0].path)
    whole = part_of(first.with_name(f"{first.name}-whole"))
    try:
        with whole.open("wb") as target:
            for track in tracks:
                with Path(track.path).open("rb") as source:
                    shutil.copyfileobj(source, target, _CHUNK)
        yield whole
    finally:
        whole.unlink(missing_ok=True)


def _unheard(event: Event) -> None:
    """Listens to nobody: what is said of a part is said again of the scene."""


def _untold(number: int, count: int) -> None:
    """Wants to know of no tile."""
