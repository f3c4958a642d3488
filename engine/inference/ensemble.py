"""Several models over one scene: their probabilities meet row by row.

Each member keeps its own tile size, bands, normalisation and ground resolution. They advance together,
the one that is behind first, and cut their tiles in one thread from rows that are decoded once for all
of them. One model alone is an ensemble too, and costs nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ..compute.devices import Device
from ..contract.card_reader import read_card
from ..contract.ensemble_file import team_of
from ..contract.inference_options import InferenceOptions
from ..contract.protocol import Event
from ..models.model_file import check_weights, file_hash
from ..rasters.grid import Grid
from ..rasters.tiling import Course
from ..rasters.windows import Window
from ..runtimes.network import ready
from ..runtimes.runtime_config import check_runtime
from .ensemble_vote import CONFIDENCE, DISAGREEMENT, Agreement, check_classes, together
from .scene_prefetch import Part, ReadAhead
from .scene_streams import Streams
from .sliding_window import Mapper, Told

Say = Callable[[Event], None]


class Ensemble:
    """Trained models, ready for scene after scene.

    Args:
        models: Model files, or one ensemble file.
        device: Where they run.
        options: How they are applied.

    Attributes:
        models: As given.
        device: As given.
        options: As given.
        members: Model files and their weights.
        cards: What each was trained on, by file.
        combine: How they agree.
        classes: The class table that all of them have.
        nodata: The mask's value where the image has none.
        dtype: The mask's type.

    Raises:
        JobError: If the ensemble is impossible.
        DeviceError: If the runtime does not go with the device.
        ModelFileError: If a file is no model file or its weights are no numbers, or the classes of two models
            differ.
    """

    def __init__(
        self,
        models: Sequence[str],
        device: Device,
        options: InferenceOptions | None = None,
    ) -> None:
        options = options or InferenceOptions()
        self.models, self.device, self.options = models, device, options
        team = team_of(models, options.combine)
        self.members, self.combine = team.members, team.combine
        check_runtime(options.runtime, device)
        self.cards = {member.model: read_card(member.model) for member in team.members}
        check_classes(self.cards)
        for model in self.cards:
            check_weights(model)  # here: no scene could be segmented
        self._mappers = [
            Mapper(card, device, options, Path(model).name) for model, card in self.cards.items()
        ]
        first = self._mappers[0]
        self.classes = first.card.classes
        self.nodata, self.dtype = first.decider.nodata, first.decider.dtype
        thresholds = [mapper.threshold for mapper in self._mappers]
        self._agreement = Agreement(self.classes, self.weights, thresholds, self.combine)

    @cached_property
    def hashes(self) -> list[str]:
        """The SHA-256 of each model file, as it was when first asked for."""
        return [file_hash(member.model) for member in self.members]

    @property
    def weights(self) -> list[float]:
        """What each member counts."""
        return [member.weight for member in self.members]

    @property
    def has_auxiliary(self) -> bool:
        """Whether any member takes an auxiliary stream."""
        return any(card.auxiliary.bands for card in self.cards.values())

    def tiles(self, grid: Grid, region: Window, path: str) -> int:
        """The tiles that all members together look at."""
        return sum(len(mapper.tiling(grid, region, path)) for mapper in self._mappers)

    @property
    def empty(self) -> int:
        """Tiles so far that were not computed: the image has no value in them."""
        return sum(mapper.empty for mapper in self._mappers)

    def tallest(self, streams: Sequence[Streams]) -> int:
        """The most rows of the image that a tile of any member spans."""
        image = streams[0].image
        return max(mapper.span(image.grid, image.path) for mapper in self._mappers)

    def prepare(
        self,
        streams: Sequence[Streams],
        region: Window,
        say: Say,
        before: Sequence[Mapping[str, Any]] = (),
        scenes: int = 1,
    ) -> None:
        """Brings every member to its device, for scenes like this one.

        Args:
            streams: The scene as each member sees it.
            region: What is going to be mapped of it.
            say: Is told which runtime was chosen, and why.
            before: What ``record`` gave in an earlier run that this one continues.
            scenes: For how many scenes like this one; 0: it was said before.

        Raises:
            EngineError: If a model cannot be read, or does not run here.
        """
        pairs = zip(self.cards, self._mappers, streams)
        for number, (model, mapper, own) in enumerate(pairs):
            tiles = len(mapper.tiling(own.image.grid, region, own.image.path))
            known = before[number] if number < len(before) else None
            mapper.network = ready(
                model,
                self.device,
                self.options.runtime,
                self.options.batch_size,
                tiles * mapper.views * scenes,
                own.stack is not None,
                say,
                known,
                len(self._mappers),
            )

    def record(self) -> list[dict[str, Any]]:
        """How the members run, see ``prepare``."""
        return [mapper.network.record() for mapper in self._mappers]

    @property
    def runtime(self) -> str:
        """What computes the members."""
        return ", ".join(dict.fromkeys(mapper.network.runtime for mapper in self._mappers))

    @property
    def precision(self) -> str:
        """How precisely the members are computed."""
        return ", ".join(dict.fromkeys(mapper.network.precision for mapper in self._mappers))

    def strips(
        self,
        streams: Sequence[Streams],
        region: Window,
        told: Told,
        extras: Sequence[str] = (),
        done: int = 0,
    ) -> Iterator[tuple[NDArray[Any], ...]]:
        """Maps a region, strip by strip, from top to bottom.

        Args:
            streams: The scene as each member sees it.
            region: What to map, on the image's grid.
            told: Is told how many tiles of all members' are done, batch by batch.
            extras: What is wanted besides the mask: ``CONFIDENCE``, ``DISAGREEMENT``.
            done: Rows of the region that are finished already.

        Yields:
            The next finished rows (h, W) of the region, in memory of their own: class values,
            ``nodata`` where the image has none; then of each of ``extras``, in percent.

        Raises:
            RasterError: If a raster is damaged somewhere.
        """
        if done >= region.height:
            return
        image = streams[0].image
        courses = [mapper.course(image.grid, region, image.path, done) for mapper in self._mappers]
        taken = sum(map(_streaming_bytes, self._mappers, courses))
        parts = list(map(_part, self._mappers, streams, courses))
        with ReadAhead(parts, self.device, taken) as ahead, _cutter() as cutter:
            begins = [partial(ahead.begin, number) for number in range(len(streams))]
            if len(self._mappers) == 1 and DISAGREEMENT not in extras:
                wants = CONFIDENCE in extras
                mapper, own, course = self._mappers[0], streams[0], courses[0]
                yield from mapper.strips(own, course, told, cutter, begins[0], wants)
                return
            count = sum(len(course.tiling) for course in courses)
            members = [
                mapper.probability_strips(own, course, teller, cutter, begin)
                for mapper, own, course, teller, begin in zip(
                    self._mappers, streams, courses, _tellers(courses, told, count), begins
                )
            ]
            for found, known in together(members):
                yield self._agreement.rows(found, known, extras)


@contextmanager
def _cutter() -> Iterator[ThreadPoolExecutor]:
    """A thread that cuts tiles; at the end it has stopped, before what it cuts from is closed."""
    pool = ThreadPoolExecutor(1, "cutter")
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _part(mapper: Mapper, streams: Streams, course: Course) -> Part:
    """What a member reads."""
    rasters = mapper.cut_from(streams, course.tiling)
    return Part(rasters, course.tiling.region, course.first_row)


def _streaming_bytes(mapper: Mapper, course: Course) -> int:
    """What of a member streams through a run besides pixels: what waits to be blended, finished rows."""
    tiling = course.tiling
    fade = max(strip.rows.fade_out for strip in tiling.strips)
    # Finished rows, of a mask and one raster more: those being put together, and three times those on
    # their way to the disk.
    return tiling.region.width * (4 * mapper.channels * fade + 8 * tiling.tallest)


def _tellers(courses: Sequence[Course], told: Told, count: int) -> list[Told]:
    """For each member what tells how far all of them together are, of ``count`` tiles."""
    done = [course.tiles_before for course in courses]

    def teller(place: int) -> Told:
        def note(number: int, _: int) -> None:
            done[place] = number
            told(sum(done), count)

        return note

    return [teller(place) for place in range(len(courses))]
