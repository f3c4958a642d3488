"""Sliding-window inference of one model: tiles go in, finished rows of the scene come out.

Like MONAI's ``sliding_window_inference``, but streaming: a scene is computed strip by strip from top to bottom, so
that memory holds one strip and never the scene. Pixels are copied to the network's device as the file stores them;
on the device they become physical values, probabilities, blended probabilities and classes.

A tile of T px covers S px of the image. The two differ only where the image is resampled to the ground resolution
of the model's training. Tiling and blending use the image's own grid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..compute.arrays import Array, to_numpy
from ..compute.cpu_lanes import useful_lanes
from ..contract.errors import JobError
from ..contract.inference_options import VIEWS, InferenceOptions
from ..contract.model_card import Card
from ..contract.translation import tr
from ..contract.unlike import has_land_summary
from ..rasters.grid import Grid
from ..rasters.ground_resolution import span
from ..rasters.tiling import TileSpan, Tiling, TilingProgress
from ..rasters.windows import Window
from ..runtimes.network import Network
from .blending import Blender
from .classify import ClassDecision, MaskStripBuilder
from .predictor import predict_batch
from .scene_prefetch import MemberInput
from .scene_streams import Streams
from .tile_reader import OnStrip, Tile, TileReader, batches, map_in_lanes, prefetch

#: Callback for progress: how many tiles of how many are done.
OnProgress = Callable[[int, int], None]

#: A tile with the blended planes (P, h, w) of the pixels that it finishes, on the device.
BlendedTile = tuple[Tile, Array]


class SlidingWindowInferer:
    """One model, applied to scene after scene.

    Args:
        card: The model card.
        options: Overlap, test-time augmentation, threshold and ground resolution.
        name: The model's name in messages.

    Attributes:
        card: The model card.
        network: The loaded network; set before the first scene.
        planes: Planes per pixel, P: the probabilities and, with a land summary, how unlike the training it is.
        threshold: For two classes, the probability above which a pixel is the second.
        class_decision: The mapping from probabilities to class values.
        empty_tiles: Number of tiles so far that were not computed because no pixel of them has a value.

    Raises:
        JobError: If the threshold does not fit the model.
    """

    network: Network

    def __init__(self, card: Card, options: InferenceOptions, name: str) -> None:
        self.card = card
        self._options = options
        self._name = name
        self.class_decision = ClassDecision(card.classes)
        self.planes = self.class_decision.channels + has_land_summary(card)
        self.threshold = card.threshold if options.threshold == -1 else options.threshold
        if options.threshold != -1 and self.class_decision.channels > 1:
            raise JobError(
                tr(
                    "A threshold ({:g}) chooses between two classes; this model has {}, and the most "
                    "probable one wins. Leave it out."
                ).format(options.threshold, len(card.classes))
            )
        self.empty_tiles = 0

    @property
    def views(self) -> tuple[int, ...]:
        """The symmetries under which the network sees each tile."""
        return VIEWS[self._options.tta]

    def span(self, grid: Grid, path: str) -> int:
        """Side of a tile in image px, S."""
        trained = self.card.image.ground if self._options.match_resolution else 0.0
        return span(self.card.tile_size, trained, grid, path, self._name)

    def tiling(self, grid: Grid, region: Window, path: str) -> Tiling:
        """The tiles that cover ``region``; a region smaller than a tile is extended by its surroundings.

        Raises:
            JobError: If the overlap or the image's ground resolution does not fit the model.
        """
        side = self.span(grid, path)
        return Tiling.over(region.grow_to(side, grid.bounds), side, self._overlap(side))

    def _overlap(self, side: int) -> int:
        """The overlap of neighbouring tiles in image px; by default an eighth of a tile."""
        overlap = self._options.overlap
        if overlap == -1:
            return side // 8
        if not 0 <= overlap <= side // 2:
            raise JobError(
                tr(
                    "The overlap must be from 0 to half of what a tile of the model spans, {} px of the "
                    "image, not {}. Leave it out to have an eighth."
                ).format(side // 2, overlap)
            )
        return overlap

    def member_input(self, streams: Streams, progress: TilingProgress) -> MemberInput:
        """The rasters from which tiles are cut without resampling: the image, and others on its grid."""
        rasters, tiling = [streams.image], progress.tiling
        if streams.stack and self.card.auxiliary.tile_size == tiling.tile:
            rasters += streams.stack.rasters_on_grid
        return MemberInput(rasters, tiling.region, progress.first_row)

    def blended_tiles(
        self,
        streams: Streams,
        progress: TilingProgress,
        on_progress: OnProgress,
        tile_executor: Executor,
        on_strip: OnStrip,
    ) -> Iterator[BlendedTile]:
        """Computes tile after tile.

        Args:
            streams: The scene.
            progress: The tiles to compute.
            on_progress: Callback after each batch of tiles.
            tile_executor: One thread, which cuts the tiles.
            on_strip: Callback before the tiles of a strip are cut.

        Raises:
            RasterError: If a raster is damaged.
        """
        tiling = progress.tiling
        reader = self._reader(streams, on_strip)
        blender = Blender(tiling)
        predict = partial(
            predict_batch,
            network=self.network,
            planes=self.planes,
            views=self.views,
            span=tiling.tile,
        )
        # The number of lanes depends on all tiles, not on those left: a resumed run gives the same bytes.
        lanes = useful_lanes(self.network.lanes, len(tiling))
        cut = prefetch(self._batches(reader, progress), tile_executor)
        done = progress.tiles_before
        for batch, results in map_in_lanes(predict, cut, lanes):
            self.empty_tiles += sum(tile.image is None for tile in batch)
            for tile, planes in zip(batch, results):
                blended = blender.add(planes, tile.rows, tile.cols)
                if progress.is_new(tile.rows):
                    yield tile, blended
            done += len(batch)
            on_progress(done, len(tiling))

    def _reader(self, streams: Streams, on_strip: OnStrip) -> TileReader:
        return TileReader(
            image=streams.image,
            stack=streams.stack,
            size=self.card.tile_size,
            side=self.card.auxiliary.tile_size,
            on_strip=on_strip,
        )

    def _batches(self, reader: TileReader, progress: TilingProgress) -> Iterator[list[Tile]]:
        """The tiles in batches. Each strip begins a batch, so that a resumed run has the same batches."""
        for strip in progress.tiling.strips[progress.start :]:
            # Batches of equal size: a runtime prepares itself for each size that it meets.
            count = -(-len(strip.cols) // self.network.batch)
            yield from batches(reader.tiles(progress.tiling, strip), -(-len(strip.cols) // count))

    def mask_strips(
        self, tiles: Iterator[BlendedTile], progress: TilingProgress, extras: Sequence[str]
    ) -> Iterator[tuple[NDArray[Any], ...]]:
        """Joins tiles to finished rows of the mask.

        Args:
            tiles: Result of ``blended_tiles``.
            progress: The tiles to compute.
            extras: Outputs beside the mask, of ``SINGLE_EXTRAS``.

        Yields:
            The next finished rows (h, W) of the region: class values, ``nodata`` where the image has none;
            then the extras in percent.
        """
        width, height = progress.tiling.region.width, progress.tiling.tallest
        for tile, blended in tiles:
            if tile.cols.begin == 0:
                # Always of one size: a strip reuses the memory that the strip before has freed.
                strip = MaskStripBuilder(self.class_decision, height, width, extras)
            strip.put(tile.cols, blended, self.threshold, _valid(tile))
            if tile.cols.end == width:
                new = progress.part(tile.rows)
                yield tuple(part[new] for part in strip.rows())

    def probability_strips(
        self, tiles: Iterator[BlendedTile], progress: TilingProgress
    ) -> Iterator[tuple[NDArray[np.float32], NDArray[np.bool_]]]:
        """Joins tiles to finished rows of all planes; see ``mask_strips`` for the arguments.

        Yields:
            The planes (P, h, W) of the next finished rows, and where (h, W) the image has a
            value; in new memory every time.
        """
        width = progress.tiling.region.width
        for tile, blended in tiles:
            if tile.cols.begin == 0:
                strip = np.empty((self.planes, blended.shape[1], width), np.float32)
                valid = np.ones(strip.shape[1:], bool)
            cols = slice(tile.cols.begin, tile.cols.end)
            strip[:, :, cols] = to_numpy(blended)
            if (tile_valid := _valid(tile)) is not None:
                valid[:, cols] = tile_valid
            if tile.cols.end == width:
                new = progress.part(tile.rows)
                yield strip[(slice(None), *new)], valid[new]


def _valid(tile: Tile) -> NDArray[np.bool_] | None:
    """Mask of the pixels with a value among those that a tile finishes; None: all have one."""
    return None if tile.known is None else tile.known[_finished(tile.rows), _finished(tile.cols)]


def _finished(span: TileSpan) -> slice:
    """The part of a tile that it finishes."""
    return slice(span.begin - span.start, span.end - span.start)
