"""One model over any number of scenes: tiles go in, finished rows of the mask come out.

A scene is mapped strip by strip, from top to bottom, so that memory holds one strip, never the scene;
what becomes of the rows is the verb's affair. Pixels travel to the network's device as they are in the
file; there they become physical values, probabilities, blended probabilities and classes.

A tile of T px spans S px of the image: the same, unless the image is resampled to the ground resolution
that the model was trained at. Tiling and blending happen on the image's own grid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from ..compute.cpu_lanes import useful_lanes
from ..compute.devices import Device
from ..compute.tile_transforms import apply_symmetry
from ..contract.errors import JobError
from ..contract.inference_options import VIEWS, InferenceOptions
from ..contract.model_card import Card
from ..rasters.grid import Grid
from ..rasters.ground_resolution import span
from ..rasters.pixel_encoding import Raw
from ..rasters.raster import Raster
from ..rasters.tiling import TileSpan, Tiling, TilingProgress
from ..rasters.windows import Window
from ..runtimes.network import Network
from .blending import Blender
from .classify import ClassDecision
from .device_pixels import on_device, physical
from .scene_streams import Streams
from .tile_reader import Tile, TileReader, batches, map_in_lanes, prefetch

#: Is told how many tiles of how many are done.
OnProgress = Callable[[int, int], None]

#: Is told which rows of the image the next strip of tiles is cut from: the first, and the first below.
OnStrip = Callable[[int, int], None]


class SlidingWindow:
    """What one model makes of a scene.

    Args:
        card: What it was trained on; it pins the tile size.
        device: Where it runs.
        options: How it is applied.
        name: What messages call it.

    Attributes:
        card: As given.
        name: As given.
        network: The model, ready to run; set before the first scene.
        channels: Probabilities a pixel: of two classes that of the second, else one a class.
        threshold: Of two classes, the least probability of the second.
        class_decision: What its probabilities mean.
        empty: Tiles so far that were not computed: the image has no value in them.

    Raises:
        JobError: If the threshold does not fit the model.
    """

    network: Network

    def __init__(
        self, card: Card, device: Device, options: InferenceOptions, name: str = "the model"
    ) -> None:
        self.card, self._options, self.name = card, options, name
        self.channels = 1 if len(card.classes) == 2 else card.logits
        self.threshold = self._threshold()
        self.class_decision = ClassDecision(card.classes, device.torch_device)
        self.empty = 0
        self._device = device

    def _threshold(self) -> float:
        asked = self._options.threshold
        if asked == -1:
            return self.card.threshold
        if self.channels > 1:
            raise JobError(
                f"A threshold ({asked:g}) chooses between two classes; this model has "
                f"{len(self.card.classes)}, of which the most probable wins. Leave it out."
            )
        return asked

    @property
    def views(self) -> int:
        """How many times the network looks at each tile."""
        return len(VIEWS[self._options.tta])

    def span(self, grid: Grid, path: str) -> int:
        """How many image pixels a tile spans each way."""
        trained = self.card.image.ground if self._options.match_resolution else 0.0
        return span(self.card.tile_size, trained, grid, path, self.name)

    def tiling(self, grid: Grid, region: Window, path: str) -> Tiling:
        """The tiles that map ``region``: one smaller than a tile is seen with its real surroundings.

        Raises:
            JobError: If the overlap or the image's ground resolution does not fit the model.
        """
        side = self.span(grid, path)
        seen = region.grow_to(side, grid.bounds)
        return Tiling.over(seen, side, _overlap(self._options.overlap, side))

    def tiling_progress(
        self, grid: Grid, region: Window, path: str, done: int = 0
    ) -> TilingProgress:
        """The way over a region of which some rows are done, see ``tiling``."""
        return TilingProgress(self.tiling(grid, region, path), region, done)

    def rasters_read(self, streams: Streams, tiling: Tiling) -> list[Raster]:
        """The rasters that tiles are cut from without resampling: the image, and others on its grid."""
        is_alike = self.card.auxiliary.tile_size == tiling.tile
        return [
            streams.image,
            *(streams.stack.rasters_on_grid if streams.stack and is_alike else []),
        ]

    def strips(
        self,
        streams: Streams,
        tiling_progress: TilingProgress,
        on_progress: OnProgress,
        tile_executor: Executor,
        begin: OnStrip,
        confidence: bool = False,
    ) -> Iterator[tuple[NDArray[Any], ...]]:
        """Maps a region, strip by strip, from top to bottom.

        Args:
            streams: The scene.
            tiling_progress: What to map of it.
            on_progress: Is told how far it is, batch by batch.
            tile_executor: Cuts the tiles, in one thread.
            begin: Is told of each strip before it is cut.
            confidence: Whether the confidence is wanted beside the mask.

        Yields:
            The next finished rows (h, W) of the region, in memory of their own: class values,
            ``nodata`` where the image has none; with ``confidence``, also the chosen class's
            probability in percent.

        Raises:
            RasterError: If a raster is damaged somewhere.
        """
        width, height = tiling_progress.tiling.region.width, tiling_progress.tiling.tallest
        for tile, blended in self._finished(
            streams, tiling_progress, on_progress, tile_executor, begin
        ):
            if tile.cols.begin == 0:
                # Always of one size: the memory that one strip leaves is the next one's.
                strip = self.class_decision.strip(height, width, confidence)
            strip.put(tile.cols, blended, self.threshold, _known(tile))
            if tile.cols.end == width:
                place = tiling_progress.part(tile.rows)
                yield tuple(part[place] for part in strip.rows())

    def probability_strips(
        self,
        streams: Streams,
        tiling_progress: TilingProgress,
        on_progress: OnProgress,
        tile_executor: Executor,
        begin: OnStrip,
    ) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """As ``strips``, before anything is decided.

        Yields:
            Probabilities (K, h, W) of the next finished rows, on the CPU, and where (h, W) the image
            has a value; in new memory every time.
        """
        width = tiling_progress.tiling.region.width
        for tile, blended in self._finished(
            streams, tiling_progress, on_progress, tile_executor, begin
        ):
            if tile.cols.begin == 0:
                strip = torch.empty((self.channels, blended.shape[1], width))
                known = torch.ones(strip.shape[1:], dtype=torch.bool)
            place = slice(None), slice(tile.cols.begin, tile.cols.end)
            strip[(slice(None), *place)] = blended.cpu()
            if (own := _known(tile)) is not None:
                known[place] = torch.from_numpy(own)
            if tile.cols.end == width:
                new = tiling_progress.part(tile.rows)
                yield strip[(slice(None), *new)], known[new]

    def _finished(
        self,
        streams: Streams,
        tiling_progress: TilingProgress,
        on_progress: OnProgress,
        tile_executor: Executor,
        begin: OnStrip,
    ) -> Iterator[tuple[Tile, torch.Tensor]]:
        """Tile after tile, with the probabilities (K, h, w) that it finishes, on the device."""
        size, side, tiling = (
            self.card.tile_size,
            self.card.auxiliary.tile_size,
            tiling_progress.tiling,
        )
        reader = TileReader(streams.image, streams.stack, size, side, begin)
        blender = Blender(tiling, self.channels, self._device.torch_device)
        number = tiling_progress.tiles_before
        cut = prefetch(self._batches(reader, tiling_progress), tile_executor)
        look = partial(self._probabilities, span=tiling.tile)
        # By all tiles, not those that are left: a run that goes on gives the same bytes.
        lanes = useful_lanes(self.network.lanes, len(tiling))
        for batch, probabilities in map_in_lanes(look, cut, lanes):
            self.empty += sum(tile.image is None for tile in batch)
            for tile, found in zip(batch, probabilities):
                with torch.inference_mode():
                    finished = blender.add(found, tile.rows, tile.cols)
                if tiling_progress.is_new(tile.rows):
                    yield tile, finished
            number += len(batch)
            on_progress(number, len(tiling))

    def _batches(self, reader: TileReader, tiling_progress: TilingProgress) -> Iterator[list[Tile]]:
        """The tiles of a course. Each strip begins a batch.

        The same tiles meet in a batch wherever a run begins: it gives the same bytes.
        """
        for strip in tiling_progress.tiling.strips[tiling_progress.start :]:
            # Batches of one size: a runtime prepares itself for each size that it meets.
            count = -(-len(strip.cols) // self.network.batch)
            yield from batches(
                reader.tiles(tiling_progress.tiling, strip), -(-len(strip.cols) // count)
            )

    @torch.inference_mode()
    def _probabilities(self, tiles: list[Tile], span: int) -> list[torch.Tensor]:
        """Each tile's probabilities (K, S, S); zero where a tile has no valid pixel."""
        known = [tile for tile in tiles if tile.image is not None]
        nothing = partial(torch.zeros, self.channels, span, span, device=self._device.torch_device)
        if not known:
            return [nothing() for _ in tiles]
        images, auxiliary = self._images(known), self._auxiliary(known)
        views = VIEWS[self._options.tta]
        found = self._view(images, auxiliary, views[0])
        for view in views[1:]:
            found = found + self._view(images, auxiliary, view)
        seen = iter(_resized(found if len(views) == 1 else found / len(views), span))
        return [nothing() if tile.image is None else next(seen) for tile in tiles]

    def _view(
        self, images: torch.Tensor, auxiliary: torch.Tensor | None, symmetry: int
    ) -> torch.Tensor:
        """Probabilities (B, K, T, T) that the network gives a flipped or turned view, turned back."""
        seen = None if auxiliary is None else apply_symmetry(auxiliary, symmetry)
        # Of two classes with a logit each, the second's probability says all.
        found = self.network(apply_symmetry(images, symmetry), seen)[:, -self.channels :]
        # A flip followed by turns undoes itself; a turn is undone by the rest of a full one.
        return apply_symmetry(found, symmetry if symmetry >= 4 else -symmetry % 4)

    def _images(self, tiles: list[Tile]) -> torch.Tensor:
        """Physical values (B, C, T, T) on the device, NaN where there is none."""
        place = self._device.torch_device
        raws = [tile.image for tile in tiles if isinstance(tile.image, Raw)]
        if not raws:
            resampled = [tile.image for tile in tiles if isinstance(tile.image, np.ndarray)]
            return on_device(_batch(resampled), place)
        masks = [raw.masks for raw in raws if raw.masks is not None]
        return physical(
            on_device(_batch([raw.pixels for raw in raws]), place),
            on_device(_batch(masks), place) if masks else None,
            raws[0].encoding,
        )

    def _auxiliary(self, tiles: list[Tile]) -> torch.Tensor | None:
        given = [tile.auxiliary for tile in tiles if tile.auxiliary is not None]
        return on_device(_batch(given), self._device.torch_device) if given else None


def _batch(arrays: list[NDArray[Any]]) -> NDArray[Any]:
    """Arrays as one with a batch dimension; a single one is not copied."""
    return np.stack(arrays) if len(arrays) > 1 else arrays[0][None]


def _known(tile: Tile) -> NDArray[np.bool_] | None:
    """Where the image has a value, of the pixels that a tile finishes; None: everywhere."""
    return None if tile.known is None else tile.known[_local(tile.rows), _local(tile.cols)]


def _resized(probability: torch.Tensor, side: int) -> torch.Tensor:
    """Probabilities (B, K, T, T) on the pixels that the tile spans, (B, K, S, S)."""
    if probability.shape[-1] == side:
        return probability
    return F.interpolate(
        probability, (side, side), mode="bilinear", antialias=True, align_corners=False
    )


def _overlap(overlap: int, span: int) -> int:
    """The overlap in image px; by default an eighth of what a tile spans."""
    if overlap == -1:
        return span // 8
    if not 0 <= overlap <= span // 2:
        raise JobError(
            f"The overlap must be from 0 to half of what a tile of the model spans, {span // 2} px of the "
            f"image, not {overlap}. Leave it out to have an eighth."
        )
    return overlap


def _local(slot: TileSpan) -> slice:
    """The part of a tile that it finishes."""
    return slice(slot.begin - slot.start, slot.end - slot.start)
