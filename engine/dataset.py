"""Training and validation windows, read straight from the rasters.

A sample is a dictionary: ``image`` (Ci, H, W) and ``auxiliary`` (Ca, h, w) in physical values with NaN
for missing, and ``target`` (H, W), the class index of every labelled pixel.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from .alignment import Aligned
from .blocks import Block
from .config import TrainJob
from .labels import UNLABELLED, Labels, open_labels
from .losses import IGNORED
from .rasters import Pixels, Raster
from .survey import Survey
from .windows import Slot, Tiling, Window

Sample = dict[str, NDArray[np.float32] | NDArray[np.int64]]

#: Scenes kept open at a time, and what their rasters may keep in memory together (bytes): a folder
#: may have thousands of scenes, each with coarse rasters that are read once and kept.
_OPEN_SCENES = 64
_OPEN_BYTES = 512 * 2**20

#: An epoch has at least so many windows, in batches: one small scene must still fill some steps.
_LEAST_BATCHES = 8


@dataclass(frozen=True)
class _Opened:
    image: Raster
    auxiliary: Aligned | None
    labels: Labels

    @property
    def held_bytes(self) -> int:
        auxiliary = self.auxiliary.held_bytes if self.auxiliary else 0
        return auxiliary + self.labels.held_bytes


class WindowReader:
    """Reads any window of any scene, as a sample. Opens files when first needed, in each process."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._values = np.array([entry.value for entry in survey.classes])
        self._open: OrderedDict[int, _Opened] = OrderedDict()
        self._process = os.getpid()

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_open": OrderedDict()}

    def image(self, scene: int) -> Raster:
        """The opened image of a scene."""
        return self._opened(scene).image

    def read(self, scene: int, window: Window) -> Sample:
        """The sample of a window; beyond the image's edge pixels are mirrored and unlabelled."""
        opened = self._opened(scene)
        image = opened.image.read_reflected(window)
        target = self._target(opened, window)
        # Where the image has no value the mask will have none: nothing to learn, nothing to score.
        target[~np.isfinite(image).any(axis=0)] = IGNORED
        return {"image": image, "auxiliary": self._auxiliary(opened, window), "target": target}

    def _auxiliary(self, opened: _Opened, window: Window) -> Pixels:
        side = self._survey.auxiliary_tile_size
        if opened.auxiliary is None:
            return np.full((self._survey.auxiliary.bands, side, side), np.nan, np.float32)
        return opened.auxiliary.read_reflected(window, side, side)

    def _target(self, opened: _Opened, window: Window) -> NDArray[np.int64]:
        target = np.full((window.height, window.width), IGNORED, np.int64)
        inside = window.intersection(opened.image.grid.bounds)
        if inside is None:
            return target
        values = opened.labels.read(inside)
        indices = np.searchsorted(self._values, values).clip(max=len(self._values) - 1)
        known = (values != UNLABELLED) & (self._values[indices] == values)
        row, col = inside.row - window.row, inside.col - window.col
        part = target[row : row + inside.height, col : col + inside.width]
        part[known] = indices[known]
        return target

    def _opened(self, index: int) -> _Opened:
        if self._process != os.getpid():
            # A forked worker shares its parent's file offsets: it must open files of its own.
            self._open, self._process = OrderedDict(), os.getpid()
        if index not in self._open:
            scene = self._survey.scenes[index]
            image = Raster(scene.image, scene.image_bands)
            stack = None
            if scene.auxiliary:
                stack = Aligned(scene.auxiliary, image.grid, bands=scene.auxiliary_bands)
            labels = open_labels(scene.labels, image.grid, self._survey.labels)
            self._open[index] = _Opened(image, stack, labels)
        self._open.move_to_end(index)
        self._make_room()
        return self._open[index]

    def _make_room(self) -> None:
        """Closes the scenes that were not read for longest, never the last one."""
        held = sum(opened.held_bytes for opened in self._open.values())
        while len(self._open) > 1 and (len(self._open) > _OPEN_SCENES or held > _OPEN_BYTES):
            opened = self._open.popitem(last=False)[1]
            held -= opened.held_bytes
            opened.image.close()


class TrainingWindows(Dataset[Sample]):
    """Random windows: each epoch sees the labelled training area about once, ever anew.

    Which window an index means depends on the seed, the epoch and the index alone, so that any number
    of worker processes gives the same epoch.
    """

    def __init__(self, job: TrainJob, survey: Survey) -> None:
        self.reader = WindowReader(survey)
        self._job = job
        self._held = _held_by_scene(survey)
        self._blocks: dict[int, list[Block]] = {}
        self._blocks_of_class: dict[int, list[Block]] = {}
        for block in survey.blocks:
            if not block.is_validation:
                self._blocks.setdefault(block.scene, []).append(block)
                for value in block.counts:
                    self._blocks_of_class.setdefault(value, []).append(block)
        self._scene_of_window = self._windows_per_epoch()
        self.start_epoch(0)

    def start_epoch(self, epoch: int) -> None:
        """Draws the windows of an epoch, in a new order."""
        self._epoch = epoch
        generator = np.random.default_rng((self._job.seed, epoch))
        self._order = generator.permutation(self._scene_of_window)

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, index: int) -> Sample:
        generator = np.random.default_rng((self._job.seed, self._epoch, index))
        if generator.random() < self._job.class_balance:
            value = int(generator.choice([*self._blocks_of_class]))
            block = _chosen(self._blocks_of_class[value], generator, value)
        else:
            block = _chosen(self._blocks[int(self._order[index])], generator)
        sample = self.window_sample(block.scene, self._draw(block, generator))
        if generator.random() < self._job.stream_dropout:
            sample["auxiliary"].fill(np.nan)
        return sample

    def window_sample(self, scene: int, window: Window) -> Sample:
        """The sample of a window, with labels in held-out blocks taken away."""
        sample = self.reader.read(scene, window)
        for held in self._held.get(scene, []):
            _forget(sample["target"], window, held)
        return sample

    def _windows_per_epoch(self) -> list[int]:
        """The scene of each window of an epoch: as many as the labelled pixels would fill."""
        order: list[int] = []
        for scene, blocks in self._blocks.items():
            labelled = sum(block.labelled for block in blocks)
            order += [scene] * -(-labelled // self._job.tile_size**2)
        least = _LEAST_BATCHES * self._job.batch_size
        return order * max(1, -(-least // len(order)))

    def _draw(self, block: Block, generator: np.random.Generator) -> Window:
        """A window that has a random pixel of a block at a random place."""
        side, grid = self._job.tile_size, self.reader.image(block.scene).grid
        place = block.window
        down, right = int(generator.integers(place.height)), int(generator.integers(place.width))
        above, left = int(generator.integers(side)), int(generator.integers(side))
        row = min(max(place.row + down - above, 0), max(grid.height - side, 0))
        col = min(max(place.col + right - left, 0), max(grid.width - side, 0))
        return Window(row, col, side, side)


def _chosen(blocks: list[Block], generator: np.random.Generator, value: int | None = None) -> Block:
    """One of the blocks, by chance in proportion to its labelled pixels, of all or of one class."""
    counts = [b.labelled if value is None else b.counts[value] for b in blocks]
    weights = np.array(counts, float)
    return blocks[int(generator.choice(len(blocks), p=weights / weights.sum()))]


class ValidationWindows(Dataset[Sample]):
    """Tiles over the held-out blocks, in which every held-out labelled pixel counts exactly once."""

    def __init__(self, job: TrainJob, survey: Survey) -> None:
        self.reader = WindowReader(survey)
        self._held = _held_by_scene(survey)
        self._tiles: list[tuple[int, Window, Slot, Slot]] = []
        for scene, blocks in self._held.items():
            tiling = Tiling.over(self.reader.image(scene).grid.bounds, job.tile_size, 0)
            for strip in tiling.strips:
                for cols in strip.cols:
                    own = _own(strip.rows, cols)
                    if any(own.intersection(block) for block in blocks):
                        window = tiling.window(strip.rows, cols)
                        self._tiles.append((scene, window, strip.rows, cols))

    def __len__(self) -> int:
        return len(self._tiles)

    def __getitem__(self, index: int) -> Sample:
        scene, window, rows, cols = self._tiles[index]
        sample = self.reader.read(scene, window)
        kept = np.full_like(sample["target"], IGNORED)
        own = _own(rows, cols)
        for block in self._held[scene]:
            shared = own.intersection(block)
            if shared is not None:
                place = _place(shared, window)
                kept[place] = sample["target"][place]
        return {**sample, "target": kept}


def batches(
    windows: TrainingWindows | ValidationWindows, size: int, on_gpu: bool
) -> DataLoader[Any]:
    """The windows in batches of ``size``, read ahead by processes of their own for a GPU.

    A process costs seconds to start; it pays where a GPU would wait for windows.
    """
    return DataLoader(windows, batch_size=size, num_workers=4 if on_gpu else 0, pin_memory=on_gpu)


def auxiliary_of(batch: dict[str, Tensor]) -> Tensor | None:
    """The auxiliary stream of a batch (B, Ca, h, w), or None in an image-only training."""
    return batch["auxiliary"] if batch["auxiliary"].shape[1] else None


def _own(rows: Slot, cols: Slot) -> Window:
    return Window(rows.begin, cols.begin, rows.end - rows.begin, cols.end - cols.begin)


def _place(part: Window, window: Window) -> tuple[slice, slice]:
    local = part.shifted(-window.row, -window.col)
    return slice(local.row, local.row_stop), slice(local.col, local.col_stop)


def _forget(target: NDArray[np.generic], window: Window, held: Window) -> None:
    shared = window.intersection(held)
    if shared is not None:
        target[_place(shared, window)] = IGNORED


def _held_by_scene(survey: Survey) -> dict[int, list[Window]]:
    held: dict[int, list[Window]] = {}
    for block in survey.blocks:
        if block.is_validation:
            held.setdefault(block.scene, []).append(block.window)
    return held
