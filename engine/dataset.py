"""Training windows, drawn anew every epoch, and validation windows, always the same."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from .blocks import Block
from .config import TrainJob
from .errors import JobError
from .losses import IGNORED
from .resampling import shown_as
from .survey import Survey
from .window_reader import Sample, WindowReader
from .windows import Slot, Tiling, Window

#: An epoch has at least so many windows, in batches: one small scene must still fill some steps.
_LEAST_BATCHES = 8

#: Tiles along the side of what counts as one image when a window shall show foreground: images of 1024 px
#: with tiles of 224. In a large scene land without any is so still seen, as empty images would be.
_IMAGE_TILES = 5


class TrainingWindows(Dataset[Sample]):
    """Random windows, ever anew: as many an epoch as tiles would fill the labelled training area.

    Which window an index means depends on the seed, the epoch and the index alone, so that any number
    of worker processes gives the same epoch.

    Raises:
        JobError: If no block has the least share of foreground that the job asks for.
    """

    def __init__(self, job: TrainJob, survey: Survey) -> None:
        self.reader = WindowReader(survey)
        self._job = job
        self._index = {entry.value: index for index, entry in enumerate(survey.classes)}
        self._foreground = frozenset(entry.value for entry in survey.classes[1:])
        learnt, self._left_out = self._divided(survey)
        self._blocks: dict[int, list[Block]] = {}
        self._blocks_of_class: dict[int, list[Block]] = {}
        self._shown_in: dict[tuple[int, int, int], list[Block]] = {}
        for block in learnt:
            self._blocks.setdefault(block.scene, []).append(block)
            for value in block.counts:
                self._blocks_of_class.setdefault(value, []).append(block)
            if self._foreground & block.counts.keys():
                self._shown_in.setdefault(self._image_of(block), []).append(block)
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
        scene, window = self._drawn(int(self._order[index]), generator)
        sample = _shown(self.window_sample(scene, window), self._job.tile_size)
        if generator.random() < self._job.stream_dropout:
            sample["auxiliary"].fill(np.nan)
        return sample

    def window_sample(self, scene: int, window: Window) -> Sample:
        """The sample of a window, with labels in blocks that are not learnt from taken away."""
        sample = self.reader.read(scene, window)
        for block in self._left_out.get(scene, []):
            _forget(sample["target"], window, block)
        return sample

    def _divided(self, survey: Survey) -> tuple[list[Block], dict[int, list[Window]]]:
        """The blocks to learn from, and by scene the windows of all others."""
        least = self._job.least_foreground
        training = [block for block in survey.blocks if not block.is_validation]
        shares = [_share(block, self._foreground) for block in training]
        learnt = [block for block, share in zip(training, shares) if share >= least]
        if not learnt:
            raise JobError(
                f"No training block has a share of {least:g} of other classes than the first; the "
                f"largest is {max(shares):.4f}. Make least_foreground smaller, or 0 to learn from all."
            )
        few = [block for block, share in zip(training, shares) if share < least]
        return learnt, _by_scene([*few, *(b for b in survey.blocks if b.is_validation)])

    def _windows_per_epoch(self) -> list[int]:
        """The scene of each window of an epoch: as many as the labelled pixels would fill."""
        order: list[int] = []
        for scene, blocks in self._blocks.items():
            labelled = sum(block.labelled for block in blocks)
            order += [scene] * -(-labelled // self._job.tile_size**2)
        least = _LEAST_BATCHES * self._job.batch_size
        return order * max(1, -(-least // len(order)))

    def _drawn(self, scene: int, generator: np.random.Generator) -> tuple[int, Window]:
        """A window and its scene: ``scene``, unless the window is drawn for a class."""
        wanted: Set[int] = frozenset()
        if generator.random() < self._job.class_balance:
            value = int(generator.choice([*self._blocks_of_class]))
            block, wanted = _chosen(self._blocks_of_class[value], generator, {value}), {value}
        else:
            block = _chosen(self._blocks[scene], generator)
            # Nothing is drawn for a share of 0, so that the same seed gives the same windows.
            if self._job.foreground > 0 and generator.random() < self._job.foreground:
                wanted = self._foreground
                near = self._shown_in.get(self._image_of(block), [block])
                block = _chosen(near, generator, self._foreground & _values(near))
        row, col = self._pixel(block, wanted, generator)
        return block.scene, self._around(block.scene, row, col, generator)

    def _image_of(self, block: Block) -> tuple[int, int, int]:
        """The part of a scene that counts as one image: the scene, and its place in a lattice."""
        side = _IMAGE_TILES * self._job.tile_size
        return block.scene, block.window.row // side, block.window.col // side

    def _pixel(
        self, block: Block, wanted: Set[int], generator: np.random.Generator
    ) -> tuple[int, int]:
        """A random pixel of a block: of the wanted class values where it has any of them."""
        place, found = block.window, wanted & block.counts.keys()
        if found:
            target = self.reader.target(block.scene, place)
            rows, cols = np.isin(target, [self._index[value] for value in found]).nonzero()
            chosen = int(generator.integers(len(rows)))
            return place.row + int(rows[chosen]), place.col + int(cols[chosen])
        down, right = int(generator.integers(place.height)), int(generator.integers(place.width))
        return place.row + down, place.col + right

    def _around(self, scene: int, row: int, col: int, generator: np.random.Generator) -> Window:
        """A window of random size that has a pixel at a random place."""
        side, grid = self._job.tile_size, self.reader.image(scene).grid
        largest = min(round(self._job.crop * side), grid.height, grid.width)
        if largest > side:
            side = int(generator.integers(side, largest + 1))
        above, left = int(generator.integers(side)), int(generator.integers(side))
        top = min(max(row - above, 0), max(grid.height - side, 0))
        start = min(max(col - left, 0), max(grid.width - side, 0))
        return Window(top, start, side, side)


def _chosen(
    blocks: list[Block], generator: np.random.Generator, values: Set[int] = frozenset()
) -> Block:
    """One of the blocks, by chance in proportion to its pixels of some class values; none: of all."""
    weights = np.array(
        [_pixels_of(block, values) if values else block.labelled for block in blocks], float
    )
    return blocks[int(generator.choice(len(blocks), p=weights / weights.sum()))]


def _pixels_of(block: Block, values: Set[int]) -> int:
    return sum(count for value, count in block.counts.items() if value in values)


def _values(blocks: list[Block]) -> Set[int]:
    """The class values that occur in any of the blocks."""
    return frozenset(value for block in blocks for value in block.counts)


def _share(block: Block, foreground: Set[int]) -> float:
    """The share of some class values among a block's labelled pixels."""
    return _pixels_of(block, foreground) / block.labelled


def _shown(sample: Sample, side: int) -> Sample:
    """A sample with its image and labels as ``side`` x ``side`` pixels, if it has more.

    The label is the nearest pixel's. A majority would let what is narrow vanish from the labels
    altogether, though it still shows in the image; nearest pixels keep each class's share.
    """
    size = len(sample["target"])
    if size == side:
        return sample
    image = shown_as(sample["image"].astype(np.float32, copy=False), side)
    nearest = (2 * np.arange(side) + 1) * size // (2 * side)
    target = sample["target"][np.ix_(nearest, nearest)]
    target[~np.isfinite(image).any(axis=0)] = IGNORED
    return {**sample, "image": image, "target": target}


class ValidationWindows(Dataset[Sample]):
    """Tiles over the held-out blocks, in which every held-out labelled pixel counts exactly once."""

    def __init__(self, job: TrainJob, survey: Survey) -> None:
        self.reader = WindowReader(survey)
        self._held = _by_scene([b for b in survey.blocks if b.is_validation])
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


def _by_scene(blocks: list[Block]) -> dict[int, list[Window]]:
    windows: dict[int, list[Window]] = {}
    for block in blocks:
        windows.setdefault(block.scene, []).append(block.window)
    return windows
