"""Several models over one scene: their probabilities are combined row by row.

Each member has its own tile size, bands, normalisation and ground resolution. The members advance together, the one
that is behind first, and cut their tiles in one thread from rows that are decoded once for all of them. A single
model is an ensemble of one, without extra cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ..compute.devices import Device
from ..contract.card_reader import read_card
from ..contract.clean_up import CleanUp
from ..contract.ensemble_file import read_ensemble
from ..contract.file_identity import file_hash
from ..contract.inference_options import InferenceOptions
from ..contract.protocol import Emit
from ..contract.unlike import has_land_summary
from ..rasters.grid import Grid
from ..rasters.raster import Raster
from ..rasters.tiling import TilingProgress
from ..rasters.windows import Window
from ..runtimes.graph_cache import check_model
from ..runtimes.loaded_networks import get_network
from ..runtimes.runtime_config import check_runtime
from .classify import SINGLE_EXTRAS
from .ensemble_vote import EnsembleVote, check_classes, zip_rows
from .scene_prefetch import ScenePrefetcher
from .scene_streams import Streams
from .sliding_window import BlendedTile, OnProgress, SlidingWindowInferer

#: Runtime configuration of each network of an ensemble, see ``Ensemble.record``; empty: not chosen yet.
RuntimeRecords = Sequence[Mapping[str, Any]]


class Ensemble:
    """Trained models that segment scene after scene.

    Args:
        models: Model files, or one ensemble file.
        device: Device of the networks.
        options: Options of inference.

    Attributes:
        models: Model files, or one ensemble file.
        device: Device of the networks.
        options: Options of inference.
        members: Model files and their weights.
        cards: The model cards by file.
        combine: How members are combined: "mean" or "vote".
        classes: The class table of all members.
        nodata: The mask's value where the image has none.
        dtype: The mask's type.

    Raises:
        JobError: If the ensemble is impossible.
        DeviceError: If the runtime does not run on the device.
        ModelFileError: If a file is not a model file, its weights are not finite, or the classes of two models differ.
    """

    def __init__(
        self,
        models: Sequence[str],
        device: Device,
        options: InferenceOptions | None = None,
    ) -> None:
        options = options or InferenceOptions()
        self.models = models
        self.device = device
        self.options = options
        ensemble_spec = read_ensemble(models, options.combine)
        self.members, self.combine = ensemble_spec.members, ensemble_spec.combine
        check_runtime(options.runtime, device)
        self.cards = {member.model: read_card(member.model) for member in self.members}
        check_classes(self.cards)
        for model in self.cards:
            check_model(model)  # before the first scene: no scene could be segmented
        self._inferers = [
            SlidingWindowInferer(card, options, Path(model).name)
            for model, card in self.cards.items()
        ]
        first = self._inferers[0]
        self.classes = first.card.classes
        self.nodata, self.dtype = first.class_decision.nodata, first.class_decision.dtype
        weights = [member.weight for member in self.members]
        thresholds = [inferer.threshold for inferer in self._inferers]
        self._vote = EnsembleVote(self.classes, weights, thresholds, self.combine)

    @cached_property
    def hashes(self) -> list[str]:
        """The SHA-256 of each model file, computed once."""
        return [file_hash(member.model) for member in self.members]

    @property
    def has_auxiliary(self) -> bool:
        """Whether any member takes an auxiliary stream."""
        return any(card.auxiliary.bands for card in self.cards.values())

    @property
    def has_land_summary(self) -> bool:
        """Whether any member has a summary of its training land."""
        return any(map(has_land_summary, self.cards.values()))

    @property
    def empty_tiles(self) -> int:
        """Number of tiles so far that were not computed because no pixel of them has a value."""
        return sum(inferer.empty_tiles for inferer in self._inferers)

    @property
    def runtime(self) -> str:
        """The runtimes of the networks."""
        return ", ".join(dict.fromkeys(inferer.network.runtime for inferer in self._inferers))

    @property
    def precision(self) -> str:
        """The precisions of the networks."""
        return ", ".join(dict.fromkeys(inferer.network.precision for inferer in self._inferers))

    def tiles(self, grid: Grid, region: Window, path: str) -> int:
        """Number of tiles of all members together."""
        return sum(len(inferer.tiling(grid, region, path)) for inferer in self._inferers)

    def spans(self, image: Raster) -> list[int]:
        """Side of a tile of each member, in image px."""
        return [inferer.span(image.grid, image.path) for inferer in self._inferers]

    def tallest(self, streams: Sequence[Streams]) -> int:
        """Height of the tallest tile of any member, in image px."""
        return max(self.spans(streams[0].image))

    def prepare(
        self,
        streams: Sequence[Streams],
        region: Window,
        emit: Emit,
        runtime_records: RuntimeRecords = (),
        scenes: int = 1,
    ) -> None:
        """Loads the networks, for scenes like this one.

        Args:
            streams: The scene as each member sees it.
            region: The part of the image to segment.
            emit: Callback for progress, and for the chosen runtimes.
            runtime_records: What ``record`` gave in an earlier run; the networks then run in the same way.
            scenes: Number of scenes like this one, by which the runtimes are chosen; 0: those that are loaded stay.

        Raises:
            EngineError: If a model cannot be read, or does not run on the device.
        """
        members = zip(self.cards, self._inferers, streams)
        for number, (model, inferer, stream) in enumerate(members):
            tiles = len(inferer.tiling(stream.image.grid, region, stream.image.path))
            inferer.network = get_network(
                model,
                self.device,
                self.options.runtime,
                self.options.batch_size,
                tiles * len(inferer.views) * scenes,
                stream.stack is not None,
                emit,
                runtime_records[number] if number < len(runtime_records) else None,
                len(self._inferers),
            )

    def record(self) -> list[dict[str, Any]]:
        """The runtime configuration of each network, for ``runtime_records`` of a later run."""
        return [inferer.network.record() for inferer in self._inferers]

    def strips(
        self,
        streams: Sequence[Streams],
        region: Window,
        on_progress: OnProgress,
        extras: Sequence[str] = (),
        done: int = 0,
    ) -> Iterator[tuple[NDArray[Any], ...]]:
        """Segments a region, strip by strip, from top to bottom.

        Args:
            streams: The scene as each member sees it.
            region: The part of the image to segment, on the image's grid.
            on_progress: Callback after each batch, with the tiles of all members.
            extras: Outputs beside the mask: those of ``SINGLE_EXTRAS``, ``DISAGREEMENT``.
            done: Rows of the region that are finished already.

        Yields:
            The next finished rows (h, W) of the region, in new memory every time: class values,
            ``nodata`` where the image has none; then each of ``extras``, in percent.

        Raises:
            RasterError: If a raster is damaged.
        """
        if done >= region.height:
            return
        image = streams[0].image
        progresses = [
            TilingProgress(inferer.tiling(image.grid, region, image.path), region, done)
            for inferer in self._inferers
        ]
        with self._tiles(streams, progresses, on_progress) as tiles:
            if len(tiles) == 1 and {*extras} <= SINGLE_EXTRAS:
                yield from self._inferers[0].mask_strips(tiles[0], progresses[0], extras)
                return
            strips = [
                inferer.probability_strips(blended, progress)
                for inferer, blended, progress in zip(self._inferers, tiles, progresses)
            ]
            for probabilities, valid in zip_rows(strips):
                yield self._vote.rows(probabilities, valid, extras)

    @contextmanager
    def _tiles(
        self,
        streams: Sequence[Streams],
        progresses: Sequence[TilingProgress],
        on_progress: OnProgress,
    ) -> Iterator[list[Iterator[BlendedTile]]]:
        """The tiles of each member, from rows that are decoded once for all of them."""
        members = list(zip(self._inferers, streams, progresses))
        inputs = [inferer.member_input(stream, progress) for inferer, stream, progress in members]
        buffers = sum(map(_buffer_bytes, self._inferers, progresses))
        callbacks = _progress_callbacks(progresses, on_progress)
        with ScenePrefetcher(inputs, self.device, buffers) as rows, _tile_executor() as executor:
            yield [
                inferer.blended_tiles(
                    stream, progress, callbacks[number], executor, partial(rows.begin, number)
                )
                for number, (inferer, stream, progress) in enumerate(members)
            ]


@contextmanager
def _tile_executor() -> Iterator[ThreadPoolExecutor]:
    """A thread that cuts tiles; it stops before the rasters are closed."""
    pool = ThreadPoolExecutor(1, "cutter")
    with CleanUp(partial(pool.shutdown, wait=True, cancel_futures=True)):
        yield pool


def _buffer_bytes(inferer: SlidingWindowInferer, progress: TilingProgress) -> int:
    """Memory of a member besides decoded pixels, bytes: pixels that wait to be blended, and finished rows."""
    tiling = progress.tiling
    fade = max(strip.rows.fade_out for strip in tiling.strips)
    # Finished rows of a mask and one raster more: the strip that is being built, and three strips on their
    # way to the disk.
    return tiling.region.width * (4 * inferer.planes * fade + 8 * tiling.tallest)


def _progress_callbacks(
    progresses: Sequence[TilingProgress], on_progress: OnProgress
) -> list[OnProgress]:
    """A callback for each member that reports the tiles of all members together."""
    count = sum(len(progress.tiling) for progress in progresses)
    done = [progress.tiles_before for progress in progresses]

    def report(member: int, number: int, _: int) -> None:
        done[member] = number
        on_progress(sum(done), count)

    return [partial(report, member) for member in range(len(progresses))]
