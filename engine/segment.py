"""``segment``: an image and a model become a mask, whatever the image's size."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from .alignment import Aligned, region_of
from .blending import Blender
from .classes import free_value, to_records
from .config import SegmentJob
from .devices import Device, choose_device
from .errors import JobError, ModelFileError
from .mask_writer import NO_CONFIDENCE, StripWriter, confidence_writer, mask_writer
from .model_file import Card, file_hash, load_model
from .models import probabilities
from .outputs import check_writable
from .pace import Pace, in_words
from .protocol import Done, Event, Progress, Warned
from .rasters import Raster, block_cache, open_image
from .tiles import Tile, ahead, batches, read_tiles
from .version import engine_version
from .windows import Slot, Tiling, Window

Say = Callable[[Event], None]


def segment(job: SegmentJob, say: Say) -> Done:
    """Segments an image with a trained model.

    Args:
        job: What to segment, with what, to where.
        say: Is told progress and warnings.

    Raises:
        EngineError: If anything does not fit; then nothing is written.
    """
    _check(job)
    pace = Pace()
    device = choose_device(job.device, job.precision)
    model, card = load_model(job.model)
    with open_image(job.image) as image:
        _check_streams(job, card, image, say)
        stack = Aligned(job.auxiliary, image.grid) if job.auxiliary else None
        _check_auxiliary(job, card, stack, say)
        region = image.grid.bounds
        if job.extent is not None:
            region = region_of(job.extent, job.extent_crs, image.grid, job.image)
        # An extent smaller than a tile is seen with its real surroundings.
        seen = region.grown_to(card.tile_size, image.grid.bounds)
        tiling = Tiling.over(seen, card.tile_size, _overlap(job, card))
        with block_cache(image, card.tile_size), ExitStack() as stack_of_outputs:
            outputs = _outputs(job, card, image, region, stack_of_outputs)
            tiles = read_tiles(tiling, image, stack, card.auxiliary.tile_size)
            mapper = _Mapper(model, card, device, tiling, job.batch_size)
            _map(mapper, tiles, region, outputs, say, pace)
            image.close()  # its cached blocks make room for the masks' overviews
    return _done(job, card, device, len(tiling), region, pace)


def _check(job: SegmentJob) -> None:
    for name in ("model", "image", "output"):
        if not getattr(job, name):
            raise JobError(f"The option {name} is missing: segment needs model, image and output.")
    if job.batch_size < 1:
        raise JobError(f"The batch size must be at least 1, not {job.batch_size}.")
    targets = [path for path in (job.output, job.confidence) if path]
    sources = {os.path.abspath(path) for path in (job.image, job.model, *job.auxiliary)}
    for path in targets:
        check_writable(path, (".tif", ".tiff"))
        if os.path.abspath(path) in sources:
            raise JobError(f"The output {path} is also an input: choose another name.")
    if len({os.path.abspath(path) for path in targets}) < len(targets):
        raise JobError("The mask and the confidence raster need different names.")


def _check_streams(job: SegmentJob, card: Card, image: Raster, say: Say) -> None:
    if image.bands != card.image.bands:
        raise ModelFileError(
            f"The model {Path(job.model).name} was trained on {card.image.bands} image band(s) "
            f"({', '.join(card.image.band_names)}); {job.image} has {image.bands} (alpha not counted). "
            "Choose or make a raster with the same bands in the same order."
        )

    for warning in image.warnings:
        say(Warned(warning))
    if card.image.dtype and np.dtype(card.image.dtype) != image.dtype:
        say(
            Warned(
                f"The model was trained on {card.image.dtype} values, {job.image} holds {image.dtype}: if "
                "its values have another scale, the mask will be wrong."
            )
        )


def _overlap(job: SegmentJob, card: Card) -> int:
    """The overlap in px; by default an eighth of the tile."""
    if job.overlap == -1:
        return card.tile_size // 8
    if not 0 <= job.overlap <= card.tile_size // 2:
        raise JobError(
            f"The overlap must be from 0 to half of the model's tile size, {card.tile_size // 2} px, "
            f"not {job.overlap}."
        )
    return job.overlap


def _check_auxiliary(job: SegmentJob, card: Card, stack: Aligned | None, say: Say) -> None:
    wanted = card.auxiliary.bands
    if stack is None and wanted:
        say(
            Warned(
                f"The model was trained with {wanted} auxiliary band(s) and none are given: it segments "
                "by the image alone, which is less accurate."
            )
        )
    if stack is not None and stack.bands != wanted:
        uses = f"{wanted} auxiliary band(s)" if wanted else "no auxiliary rasters"
        raise ModelFileError(
            f"The model {Path(job.model).name} was trained on {uses}; those given have {stack.bands} "
            f"band(s) together ({', '.join(job.auxiliary)})."
        )


def _outputs(
    job: SegmentJob, card: Card, image: Raster, region: Window, stack: ExitStack
) -> list[StripWriter]:
    """The writers of mask and, if wanted, confidence."""
    tags = _provenance(job, card)
    mask = mask_writer(job.output, image.grid, region, card.classes, tags)
    writers = [stack.enter_context(mask)]
    if job.confidence:
        confidence = confidence_writer(job.confidence, image.grid, region, tags)
        writers.append(stack.enter_context(confidence))
    return writers


def _provenance(job: SegmentJob, card: Card) -> dict[str, str]:
    return {
        "TIFFTAG_SOFTWARE": f"DualStream {engine_version()}",
        "DUALSTREAM_MODEL": Path(job.model).name,
        "DUALSTREAM_MODEL_SHA256": file_hash(job.model),
        "DUALSTREAM_JOB": json.dumps({"segment": asdict(job)}, ensure_ascii=False),
        "DUALSTREAM_CLASSES": json.dumps(to_records(card.classes), ensure_ascii=False),
    }


class _Mapper:
    """Runs the network on batches of tiles and blends what it says."""

    def __init__(
        self, model: torch.nn.Module, card: Card, device: Device, tiling: Tiling, batch_size: int
    ) -> None:
        self._model = model.to(device.place)
        self._device, self._card, self.tiling, self.batch_size = device, card, tiling, batch_size
        self._blender = Blender(tiling, card.logits, device.place)
        self._values = np.array([entry.value for entry in card.classes])
        self.nodata = free_value(card.classes)
        self.dtype = np.uint8 if self.nodata <= 255 else np.uint16

    @torch.inference_mode()
    def probabilities(self, tiles: list[Tile]) -> list[torch.Tensor]:
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
    def finish(self, tile: Tile, found: torch.Tensor) -> tuple[NDArray[Any], NDArray[np.uint8]]:
        """Mask values and confidence (percent) of the pixels that this tile finishes."""
        blended = self._blender.add(found, tile.rows, tile.cols)
        if self._card.logits == 1:
            index = (blended[0] > 0.5).long()
            best = torch.maximum(blended[0], 1 - blended[0])
        else:
            best, index = blended.max(dim=0)
        rows, cols = _local(tile.rows), _local(tile.cols)
        invalid = ~tile.valid[rows, cols]
        mask = self._values[index.cpu().numpy()].astype(self.dtype)
        confidence = (best * 100).round().to(torch.uint8).cpu().numpy()
        mask[invalid], confidence[invalid] = self.nodata, NO_CONFIDENCE
        return mask, confidence


def _map(
    mapper: _Mapper,
    tiles: Iterator[Tile],
    region: Window,
    writers: list[StripWriter],
    say: Say,
    pace: Pace,
) -> None:
    """Drives tiles through the network, strip by strip, into the writers."""
    seen, count, number = mapper.tiling.region, len(mapper.tiling), 0
    columns = slice(region.col - seen.col, region.col_stop - seen.col)
    strips: list[NDArray[Any]] = []
    for batch in ahead(batches(tiles, mapper.batch_size)):
        for tile, found in zip(batch, mapper.probabilities(batch)):
            rows, cols = tile.rows, tile.cols
            if cols.begin == 0:
                shape = (rows.end - rows.begin, seen.width)
                strips = [np.empty(shape, kind) for kind, _ in zip((mapper.dtype, np.uint8), writers)]
            for strip, part in zip(strips, mapper.finish(tile, found)):
                strip[:, cols.begin : cols.end] = part
            if cols.end == seen.width:
                first = max(region.row - seen.row - rows.begin, 0)
                last = max(region.row_stop - seen.row - rows.begin, 0)
                for writer, strip in zip(writers, strips):
                    writer.write(strip[first:last, columns])
        number += len(batch)
        say(Progress(number / count, f"tile {number} of {count}{pace.left(number / count)}"))


def _local(slot: Slot) -> slice:
    """The part of a tile that it finishes."""
    return slice(slot.begin - slot.start, slot.end - slot.start)


def _done(
    job: SegmentJob, card: Card, device: Device, tiles: int, region: Window, pace: Pace
) -> Done:
    seconds = pace.seconds
    rate = region.pixels / 1e6 / max(seconds, 1e-9)
    return Done(
        f"The mask {job.output} ({region.width} x {region.height} px) took {in_words(seconds)} for "
        f"{tiles} tile(s) on {device.name} ({device.precision}): {rate:.2f} million pixels per second.",
        {
            "output": job.output,
            "confidence": job.confidence,
            "device_used": device.name,
            "precision": device.precision,
            "tiles": tiles,
            "seconds": round(seconds, 2),
            "classes": to_records(card.classes),
            "nodata": free_value(card.classes),
        },
    )
