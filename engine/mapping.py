"""One model over any number of scenes: tiles go in, finished rows of the mask come out.

The model is brought to its device once. A scene is mapped strip by strip, from top to bottom, so that
memory holds one strip, never the scene; what becomes of the rows is the verb's affair.

A tile of T px spans S px of the image: the same, unless the image is resampled to the ground resolution
that the model was trained at. Tiling and blending happen on the image's own grid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from .blending import Blender
from .classes import free_value
from .devices import Device
from .errors import JobError
from .geometric import turned
from .grids import Grid
from .ground import span
from .manner import VIEWS, Manner
from .mask_writer import NO_CONFIDENCE
from .model_file import Card
from .models import probabilities
from .streams import Streams
from .tiles import Tile, ahead, batches, read_tiles
from .windows import Slot, Tiling, Window

#: Is told how many tiles of how many are done.
Told = Callable[[int, int], None]


class Mapper:
    """A model on its device, ready for scene after scene.

    Args:
        model: The network, in evaluation mode.
        card: What it was trained on; it pins the tile size.
        device: Where it runs.
        manner: How it is applied.
        name: What messages call it.

    Attributes:
        card: As given.
        name: As given.
        channels: Probabilities a pixel: of two classes that of the second, else one a class.
        threshold: Of two classes, the least probability of the second.
        nodata: The mask's value where the image has none.
        dtype: The mask's type.

    Raises:
        JobError: If the threshold does not fit the model.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        card: Card,
        device: Device,
        manner: Manner | None = None,
        name: str = "the model",
    ) -> None:
        self.card, self._manner, self.name = card, manner or Manner(), name
        self.nodata = free_value(card.classes)
        self.dtype = np.dtype(np.uint8 if self.nodata <= 255 else np.uint16)
        self.channels = 1 if len(card.classes) == 2 else card.logits
        self.threshold = self._threshold()
        self._model, self._device = model.to(device.place), device

    def _threshold(self) -> float:
        asked = self._manner.threshold
        if asked == -1:
            return self.card.threshold
        if self.channels > 1:
            raise JobError(
                f"A threshold ({asked:g}) chooses between two classes; this model has "
                f"{len(self.card.classes)}, of which the most probable wins. Leave it out."
            )
        return asked

    def span(self, grid: Grid, path: str) -> int:
        """How many image pixels a tile spans each way."""
        trained = self.card.image.ground if self._manner.match_resolution else 0.0
        return span(self.card.tile_size, trained, grid, path, self.name)

    def tiling(self, grid: Grid, region: Window, path: str) -> Tiling:
        """The tiles that map ``region``: one smaller than a tile is seen with its real surroundings.

        Raises:
            JobError: If the overlap or the image's ground resolution does not fit the model.
        """
        side = self.span(grid, path)
        seen = region.grown_to(side, grid.bounds)
        return Tiling.over(seen, side, _overlap(self._manner.overlap, side))

    def strips(
        self, streams: Streams, region: Window, told: Told, reader: Executor, confidence: bool
    ) -> Iterator[tuple[NDArray[Any], ...]]:
        """Maps a region, strip by strip, from top to bottom.

        Args:
            streams: The scene.
            region: What to map, on the image's grid.
            told: Is told how far it is, batch by batch.
            reader: Reads the tiles, in one thread.
            confidence: Whether the confidence is wanted beside the mask.

        Yields:
            The next finished rows (h, W) of the region: class values, ``nodata`` where the image has
            none; with ``confidence``, also the chosen class's probability in percent. The rows that
            follow overwrite them: write or copy them first.

        Raises:
            RasterError: If a raster is damaged somewhere.
        """
        tiling = self.tiling(streams.image.grid, region, streams.image.path)
        kinds = [self.dtype, np.dtype(np.uint8)] if confidence else [self.dtype]
        strips = [np.empty((_tallest(tiling), tiling.region.width), kind) for kind in kinds]
        for tile, blended in self._finished(streams, tiling, told, reader):
            index, best = decided(blended, self.threshold)
            parts = self.values(index, best, ~tile.valid[_local(tile.rows), _local(tile.cols)])
            for strip, part in zip(strips, parts):
                strip[: len(part), tile.cols.begin : tile.cols.end] = part
            if tile.cols.end == tiling.region.width:
                place = _shared(region, tiling.region, tile.rows)
                yield tuple(strip[place] for strip in strips)

    def probability_strips(
        self, streams: Streams, region: Window, told: Told, reader: Executor
    ) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """As ``strips``, before anything is decided.

        Yields:
            Probabilities (K, h, W) of the next finished rows, on the CPU, and where (h, W) the image
            has a value; in new memory every time.
        """
        tiling = self.tiling(streams.image.grid, region, streams.image.path)
        shape = (_tallest(tiling), tiling.region.width)
        for tile, blended in self._finished(streams, tiling, told, reader):
            if tile.cols.begin == 0:
                strip = torch.empty((self.channels, *shape))
                known = torch.empty(shape, dtype=torch.bool)
            place = slice(0, blended.shape[1]), slice(tile.cols.begin, tile.cols.end)
            strip[(slice(None), *place)] = blended.cpu()
            known[place] = torch.from_numpy(tile.valid[_local(tile.rows), _local(tile.cols)])
            if tile.cols.end == tiling.region.width:
                shared = _shared(region, tiling.region, tile.rows)
                yield strip[(slice(None), *shared)], known[shared]

    def values(
        self, index: torch.Tensor, best: torch.Tensor, invalid: NDArray[np.bool_]
    ) -> tuple[NDArray[Any], NDArray[np.uint8]]:
        """Mask values and confidence (percent) of class indices and their probabilities, (h, w) each."""
        known = np.array([entry.value for entry in self.card.classes])
        mask = known[index.cpu().numpy()].astype(self.dtype)
        confidence = (best * 100).round().to(torch.uint8).cpu().numpy()
        mask[invalid], confidence[invalid] = self.nodata, NO_CONFIDENCE
        return mask, confidence

    def _finished(
        self, streams: Streams, tiling: Tiling, told: Told, reader: Executor
    ) -> Iterator[tuple[Tile, torch.Tensor]]:
        """Tile after tile, with the probabilities (K, h, w) that it finishes, on the device."""
        size, side = self.card.tile_size, self.card.auxiliary.tile_size
        tiles = read_tiles(tiling, streams.image, streams.stack, size, side)
        blender = Blender(tiling, self.channels, self._device.place)
        number = 0
        for batch in ahead(batches(tiles, self._manner.batch_size), reader):
            for tile, found in zip(batch, self._probabilities(batch, tiling.tile)):
                with torch.inference_mode():
                    finished = blender.add(found, tile.rows, tile.cols)
                yield tile, finished
            number += len(batch)
            told(number, len(tiling))

    @torch.inference_mode()
    def _probabilities(self, tiles: list[Tile], span: int) -> list[torch.Tensor]:
        """Each tile's probabilities (K, S, S); zero where a tile has no valid pixel."""
        place = self._device.place
        known = [tile for tile in tiles if tile.image is not None]
        nothing = torch.zeros(self.channels, span, span, device=place)
        if not known:
            return [nothing] * len(tiles)
        pixels = [tile.image for tile in known if tile.image is not None]
        images = torch.from_numpy(np.stack(pixels)).to(place)
        seen = [
            self._view(images, self._auxiliary(known), view) for view in VIEWS[self._manner.tta]
        ]
        found = iter(_resized(torch.stack(seen).mean(dim=0), span))
        return [nothing if tile.image is None else next(found) for tile in tiles]

    def _view(
        self, images: torch.Tensor, auxiliary: torch.Tensor | None, symmetry: int
    ) -> torch.Tensor:
        """Probabilities (B, K, T, T) that the network gives a flipped or turned view, turned back."""
        seen = None if auxiliary is None else turned(auxiliary, symmetry)
        with self._device.autocast():
            logits = self._model(turned(images, symmetry), seen)["logits"]
        # Of two classes with a logit each, the second's probability says all.
        found = probabilities(logits)[:, -self.channels :]
        # A flip followed by turns undoes itself; a turn is undone by the rest of a full one.
        return turned(found, symmetry if symmetry >= 4 else -symmetry % 4)

    def _auxiliary(self, tiles: list[Tile]) -> torch.Tensor | None:
        given = [tile.auxiliary for tile in tiles if tile.auxiliary is not None]
        return torch.from_numpy(np.stack(given)).to(self._device.place) if given else None


def decided(
    probability: torch.Tensor, threshold: float | torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The class index of every pixel and that class's probability, (h, w) each, of (K, h, w)."""
    if len(probability) > 1:
        best, index = probability.max(dim=0)
        return index, best
    second = probability[0]
    index = (second > threshold).long()
    return index, torch.where(index == 1, second, 1 - second)


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


def _tallest(tiling: Tiling) -> int:
    return max(strip.rows.end - strip.rows.begin for strip in tiling.strips)


def _local(slot: Slot) -> slice:
    """The part of a tile that it finishes."""
    return slice(slot.begin - slot.start, slot.end - slot.start)


def _shared(region: Window, seen: Window, rows: Slot) -> tuple[slice, slice]:
    """The part of a finished strip, as wide as what is seen, that lies in the region."""
    height = rows.end - rows.begin
    first = min(max(region.row - seen.row - rows.begin, 0), height)
    last = min(max(region.row_stop - seen.row - rows.begin, 0), height)
    return slice(first, last), slice(region.col - seen.col, region.col_stop - seen.col)
