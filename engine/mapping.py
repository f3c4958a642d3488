"""One model over any number of scenes: tiles go in, finished rows of the mask come out.

The model is brought to its device once. A scene is mapped strip by strip, from top to bottom, so that
memory holds one strip, never the scene; what becomes of the rows is the verb's affair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from .alignment import Aligned
from .bands import bands_for
from .blending import Blender
from .classes import free_value
from .devices import Device
from .errors import JobError, ModelFileError
from .mask_writer import NO_CONFIDENCE
from .model_file import Card
from .models import probabilities
from .protocol import Event, Warned
from .rasters import Grid, Raster, open_image
from .scenes import Scene
from .tiles import Tile, ahead, batches, read_tiles
from .value_range import auxiliary_warning, range_warning
from .windows import Slot, Tiling, Window

Say = Callable[[Event], None]

#: Is told how many tiles of how many are done.
Told = Callable[[int, int], None]


@contextmanager
def open_streams(
    scene: Scene, card: Card, model: str, say: Say
) -> Iterator[tuple[Raster, Aligned | None]]:
    """Opens a scene's two streams and makes sure that they are what the model was trained on.

    Args:
        scene: The rasters, and their bands where not all are meant.
        card: What the model was trained on.
        model: The model file, for messages.
        say: Is told warnings.

    Yields:
        The image, and the auxiliary stack; None for a scene of the image alone.

    Raises:
        RasterError: If a raster cannot be opened, or not aligned with the image.
        ModelFileError: If a stream's bands are not those of the training.
    """
    own, other = card.image, card.auxiliary
    asked, usual = scene.image_bands, scene.usual_image_bands
    bands = bands_for([scene.image], asked, own.chosen, own.of, own.bands, usual)
    with open_image(scene.image, bands) as image:
        _check_image(image, card, model, say)
        stack = None
        if scene.auxiliary:
            paths, asked = scene.auxiliary, scene.auxiliary_bands
            usual = scene.usual_auxiliary_bands
            bands = bands_for(paths, asked, other.chosen, other.of, other.bands, usual)
            stack = Aligned(paths, image.grid, bands=bands)
        _check_auxiliary(image, stack, card, model, say)
        if stack is not None and (text := auxiliary_warning(stack, other.mean, other.std)):
            say(Warned(text))
        yield image, stack


def _check_image(image: Raster, card: Card, model: str, say: Say) -> None:
    if image.bands != card.image.bands:
        raise ModelFileError(
            f"The model {Path(model).name} was trained on {card.image.bands} image band(s) "
            f"({', '.join(card.image.band_names)}); {image.path} has {image.bands} (alpha not counted). "
            "Choose or make a raster with the same bands in the same order."
        )
    for warning in (*image.warnings, range_warning(image, card.image.low, card.image.high)):
        if warning:
            say(Warned(warning))


def _check_auxiliary(
    image: Raster, stack: Aligned | None, card: Card, model: str, say: Say
) -> None:
    wanted = card.auxiliary.bands
    if stack is None and wanted:
        say(
            Warned(
                f"The model was trained with {wanted} auxiliary band(s) and {image.path} is given none: "
                "it is segmented by the image alone, which is less accurate."
            )
        )
    if stack is not None and stack.bands != wanted:
        uses = f"{wanted} auxiliary band(s)" if wanted else "no auxiliary rasters"
        raise ModelFileError(
            f"The model {Path(model).name} was trained on {uses}; those given have {stack.bands} "
            f"band(s) together ({', '.join(raster.path for raster in stack.rasters)})."
        )


class Mapper:
    """A model on its device, ready for scene after scene.

    Args:
        model: The network, in evaluation mode.
        card: What it was trained on; it pins the tile size.
        device: Where it runs.
        batch_size: Tiles per forward pass.
        overlap: Pixels that neighbouring tiles share and blend over; -1: an eighth of the tile.

    Attributes:
        nodata: The mask's value where the image has none.
        dtype: The mask's type.

    Raises:
        JobError: If the batch size or the overlap is impossible.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        card: Card,
        device: Device,
        batch_size: int = 4,
        overlap: int = -1,
    ) -> None:
        if batch_size < 1:
            raise JobError(f"The batch size must be at least 1, not {batch_size}.")
        self._card = card
        self.nodata = free_value(card.classes)
        self.dtype = np.dtype(np.uint8 if self.nodata <= 255 else np.uint16)
        self._overlap = _overlap(overlap, card.tile_size)
        self._model = model.to(device.place)
        self._device, self._batch_size = device, batch_size
        self._values = np.array([entry.value for entry in card.classes])

    def tiling(self, grid: Grid, region: Window) -> Tiling:
        """The tiles that map ``region``: one smaller than a tile is seen with its real surroundings."""
        seen = region.grown_to(self._card.tile_size, grid.bounds)
        return Tiling.over(seen, self._card.tile_size, self._overlap)

    def strips(
        self, image: Raster, stack: Aligned | None, region: Window, told: Told, confidence: bool
    ) -> Iterator[tuple[NDArray[Any], ...]]:
        """Maps a region, strip by strip, from top to bottom.

        Args:
            image: The image stream.
            stack: The auxiliary stream, or None to map by the image alone.
            region: What to map, on the image's grid.
            told: Is told how far it is, batch by batch.
            confidence: Whether the confidence is wanted beside the mask.

        Yields:
            The next finished rows (h, W) of the region: class values, ``nodata`` where the image has
            none; with ``confidence``, also the chosen class's probability in percent. The rows that
            follow overwrite them: write or copy them first.

        Raises:
            RasterError: If a raster is damaged somewhere.
        """
        tiling = self.tiling(image.grid, region)
        seen = tiling.region
        tiles = read_tiles(tiling, image, stack, self._card.auxiliary.tile_size)
        tallest = max(strip.rows.end - strip.rows.begin for strip in tiling.strips)
        kinds = [self.dtype, np.dtype(np.uint8)] if confidence else [self.dtype]
        strips = [np.empty((tallest, seen.width), kind) for kind in kinds]
        for tile, parts in self._finished(tiling, tiles, told):
            for strip, part in zip(strips, parts):
                strip[: len(part), tile.cols.begin : tile.cols.end] = part
            if tile.cols.end == seen.width:
                place = _shared(region, seen, tile.rows)
                yield tuple(strip[place] for strip in strips)

    def _finished(
        self, tiling: Tiling, tiles: Iterator[Tile], told: Told
    ) -> Iterator[tuple[Tile, tuple[NDArray[Any], NDArray[np.uint8]]]]:
        """Tile after tile, with the mask values and the confidence that it finishes."""
        blender = Blender(tiling, self._card.logits, self._device.place)
        number = 0
        for batch in ahead(batches(tiles, self._batch_size)):
            for tile, found in zip(batch, self._probabilities(batch)):
                yield tile, self._finish(blender, tile, found)
            number += len(batch)
            told(number, len(tiling))

    @torch.inference_mode()
    def _probabilities(self, tiles: list[Tile]) -> list[torch.Tensor]:
        """Each tile's probabilities (K, T, T); zero where a tile has no valid pixel."""
        side, place = self._card.tile_size, self._device.place
        known = [tile for tile in tiles if tile.image is not None]
        pixels = [tile.image for tile in tiles if tile.image is not None]
        if pixels:
            images = torch.from_numpy(np.stack(pixels)).to(place)
            with self._device.autocast():
                logits = self._model(images, self._auxiliary(known))["logits"]
            found = iter(probabilities(logits))
        nothing = torch.zeros(self._card.logits, side, side, device=place)
        return [nothing if tile.image is None else next(found) for tile in tiles]

    def _auxiliary(self, tiles: list[Tile]) -> torch.Tensor | None:
        given = [tile.auxiliary for tile in tiles if tile.auxiliary is not None]
        return torch.from_numpy(np.stack(given)).to(self._device.place) if given else None

    @torch.inference_mode()
    def _finish(
        self, blender: Blender, tile: Tile, found: torch.Tensor
    ) -> tuple[NDArray[Any], NDArray[np.uint8]]:
        """Mask values and confidence (percent) of the pixels that this tile finishes."""
        blended = blender.add(found, tile.rows, tile.cols)
        if self._card.logits == 1:
            index = (blended[0] > 0.5).long()
            best = torch.maximum(blended[0], 1 - blended[0])
        else:
            best, index = blended.max(dim=0)
        invalid = ~tile.valid[_local(tile.rows), _local(tile.cols)]
        mask = self._values[index.cpu().numpy()].astype(self.dtype)
        confidence = (best * 100).round().to(torch.uint8).cpu().numpy()
        mask[invalid], confidence[invalid] = self.nodata, NO_CONFIDENCE
        return mask, confidence


def _overlap(overlap: int, tile_size: int) -> int:
    """The overlap in px; by default an eighth of the tile."""
    if overlap == -1:
        return tile_size // 8
    if not 0 <= overlap <= tile_size // 2:
        raise JobError(
            f"The overlap must be from 0 to half of the model's tile size, {tile_size // 2} px, "
            f"not {overlap}."
        )
    return overlap


def _local(slot: Slot) -> slice:
    """The part of a tile that it finishes."""
    return slice(slot.begin - slot.start, slot.end - slot.start)


def _shared(region: Window, seen: Window, rows: Slot) -> tuple[slice, slice]:
    """The part of a finished strip, as wide as what is seen, that lies in the region."""
    height = rows.end - rows.begin
    first = min(max(region.row - seen.row - rows.begin, 0), height)
    last = min(max(region.row_stop - seen.row - rows.begin, 0), height)
    return slice(first, last), slice(region.col - seen.col, region.col_stop - seen.col)
