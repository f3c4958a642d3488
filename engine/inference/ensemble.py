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
from ..contract.ensemble_file import read_ensemble
from ..contract.inference_options import InferenceOptions
from ..contract.protocol import Event
from ..models.model_file import check_weights, file_hash
from ..rasters.grid import Grid
from ..rasters.tiling import TilingProgress
from ..rasters.windows import Window
from ..runtimes.network import get_network
from ..runtimes.runtime_config import check_runtime
from .ensemble_vote import CONFIDENCE, DISAGREEMENT, EnsembleVote, check_classes, zip_rows
from .scene_prefetch import Part, ScenePrefetcher
from .scene_streams import Streams
from .sliding_window import OnProgress, SlidingWindow

Emit = Callable[[Event], None]


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
        ensemble_spec = read_ensemble(models, options.combine)
        self.members, self.combine = ensemble_spec.members, ensemble_spec.combine
        check_runtime(options.runtime, device)
        self.cards = {member.model: read_card(member.model) for member in ensemble_spec.members}
        check_classes(self.cards)
        for model in self.cards:
            check_weights(model)  # here: no scene could be segmented
        self._sliding_windows = [
            SlidingWindow(card, device, options, Path(model).name)
            for model, card in self.cards.items()
        ]
        first = self._sliding_windows[0]
        self.classes = first.card.classes
        self.nodata, self.dtype = first.class_decision.nodata, first.class_decision.dtype
        thresholds = [sliding_window.threshold for sliding_window in self._sliding_windows]
        self._vote = EnsembleVote(self.classes, self.weights, thresholds, self.combine)

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
        return sum(
            len(sliding_window.tiling(grid, region, path))
            for sliding_window in self._sliding_windows
        )

    @property
    def empty(self) -> int:
        """Tiles so far that were not computed: the image has no value in them."""
        return sum(sliding_window.empty for sliding_window in self._sliding_windows)

    def tallest(self, streams: Sequence[Streams]) -> int:
        """The most rows of the image that a tile of any member spans."""
        image = streams[0].image
        return max(
            sliding_window.span(image.grid, image.path) for sliding_window in self._sliding_windows
        )

    def prepare(
        self,
        streams: Sequence[Streams],
        region: Window,
        emit: Emit,
        before: Sequence[Mapping[str, Any]] = (),
        scenes: int = 1,
    ) -> None:
        """Brings every member to its device, for scenes like this one.

        Args:
            streams: The scene as each member sees it.
            region: What is going to be mapped of it.
            emit: Is told which runtime was chosen, and why.
            before: What ``record`` gave in an earlier run that this one continues.
            scenes: For how many scenes like this one; 0: it was said before.

        Raises:
            EngineError: If a model cannot be read, or does not run here.
        """
        pairs = zip(self.cards, self._sliding_windows, streams)
        for number, (model, sliding_window, own) in enumerate(pairs):
            tiles = len(sliding_window.tiling(own.image.grid, region, own.image.path))
            known = before[number] if number < len(before) else None
            sliding_window.network = get_network(
                model,
                self.device,
                self.options.runtime,
                self.options.batch_size,
                tiles * sliding_window.views * scenes,
                own.stack is not None,
                emit,
                known,
                len(self._sliding_windows),
            )

    def record(self) -> list[dict[str, Any]]:
        """How the members run, see ``prepare``."""
        return [sliding_window.network.record() for sliding_window in self._sliding_windows]

    @property
    def runtime(self) -> str:
        """What computes the members."""
        return ", ".join(
            dict.fromkeys(
                sliding_window.network.runtime for sliding_window in self._sliding_windows
            )
        )

    @property
    def precision(self) -> str:
        """How precisely the members are computed."""
        return ", ".join(
            dict.fromkeys(
                sliding_window.network.precision for sliding_window in self._sliding_windows
            )
        )

    def strips(
        self,
        streams: Sequence[Streams],
        region: Window,
        on_progress: OnProgress,
        extras: Sequence[str] = (),
        done: int = 0,
    ) -> Iterator[tuple[NDArray[Any], ...]]:
        """Maps a region, strip by strip, from top to bottom.

        Args:
            streams: The scene as each member sees it.
            region: What to map, on the image's grid.
            on_progress: Is told how many tiles of all members' are done, batch by batch.
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
        tiling_progresses = [
            sliding_window.tiling_progress(image.grid, region, image.path, done)
            for sliding_window in self._sliding_windows
        ]
        taken = sum(map(_streaming_bytes, self._sliding_windows, tiling_progresses))
        parts = list(map(_part, self._sliding_windows, streams, tiling_progresses))
        with ScenePrefetcher(parts, self.device, taken) as ahead, _tile_executor() as tile_executor:
            begins = [partial(ahead.begin, number) for number in range(len(streams))]
            if len(self._sliding_windows) == 1 and DISAGREEMENT not in extras:
                wants = CONFIDENCE in extras
                sliding_window, own, tiling_progress = (
                    self._sliding_windows[0],
                    streams[0],
                    tiling_progresses[0],
                )
                yield from sliding_window.strips(
                    own, tiling_progress, on_progress, tile_executor, begins[0], wants
                )
                return
            count = sum(len(tiling_progress.tiling) for tiling_progress in tiling_progresses)
            members = [
                sliding_window.probability_strips(
                    own, tiling_progress, callback, tile_executor, begin
                )
                for sliding_window, own, tiling_progress, callback, begin in zip(
                    self._sliding_windows,
                    streams,
                    tiling_progresses,
                    _progress_callbacks(tiling_progresses, on_progress, count),
                    begins,
                )
            ]
            for found, known in zip_rows(members):
                yield self._vote.rows(found, known, extras)


@contextmanager
def _tile_executor() -> Iterator[ThreadPoolExecutor]:
    """A thread that cuts tiles; at the end it has stopped, before what it cuts from is closed."""
    pool = ThreadPoolExecutor(1, "cutter")
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _part(sliding_window: SlidingWindow, streams: Streams, tiling_progress: TilingProgress) -> Part:
    """What a member reads."""
    rasters = sliding_window.rasters_read(streams, tiling_progress.tiling)
    return Part(rasters, tiling_progress.tiling.region, tiling_progress.first_row)


def _streaming_bytes(sliding_window: SlidingWindow, tiling_progress: TilingProgress) -> int:
    """What of a member streams through a run besides pixels: what waits to be blended, finished rows."""
    tiling = tiling_progress.tiling
    fade = max(strip.rows.fade_out for strip in tiling.strips)
    # Finished rows, of a mask and one raster more: those being put together, and three times those on
    # their way to the disk.
    return tiling.region.width * (4 * sliding_window.channels * fade + 8 * tiling.tallest)


def _progress_callbacks(
    tiling_progresses: Sequence[TilingProgress], on_progress: OnProgress, count: int
) -> list[OnProgress]:
    """For each member what tells how far all of them together are, of ``count`` tiles."""
    done = [tiling_progress.tiles_before for tiling_progress in tiling_progresses]

    def callback(place: int) -> OnProgress:
        def note(number: int, _: int) -> None:
            done[place] = number
            on_progress(sum(done), count)

        return note

    return [callback(place) for place in range(len(tiling_progresses))]
