"""Datasets of windows: training windows, redrawn every epoch, and fixed validation windows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from copy import copy

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ..contract.class_table import IGNORE_INDEX
from ..contract.errors import JobError
from ..contract.jobs import TrainJob
from ..contract.translation import tr
from ..rasters.tiling import Tiling
from ..rasters.windows import Window
from .block_sampler import RectangleIndex, WeightedBlocks, class_pixels
from .corrected_blocks import corrected_share
from .data_loader import Batch, WindowDataset, even_batches
from .sample_reader import RawSample, Sample, WindowReader, resize_sample
from .spatial_split import Block
from .survey import Survey

#: Minimum number of batches per pass, so that one small scene still fills some steps.
_MIN_BATCHES = 8

#: Side in tiles of the parts of a scene that count as images when a window must show foreground: images of
#: 1024 px with tiles of 224 px. Parts of a large scene without foreground are then seen like empty images.
_IMAGE_TILES = 5


class SceneWindows(WindowDataset):
    """Dataset of windows of scenes, which share one reader."""

    def __init__(self, survey: Survey) -> None:
        self.reader = WindowReader.of(survey)

    def decode(self, raw: RawSample) -> Sample:
        """Converts a raw sample into physical values."""
        return raw.decode()

    def close_files(self) -> None:
        """Closes all files until the next window is read."""
        self.reader.close_files()


class TrainingWindows(SceneWindows):
    """Random windows; a pass has as many as are needed to tile the labelled training area.

    An epoch is one pass, or as many windows as ``set_epoch_windows`` says. The window of an index depends only on the seed, the epoch and the index, so that any number of threads
    and processes gives the same epoch.

    Raises:
        JobError: If no block has the minimum share of foreground that the job requires.
    """

    def __init__(self, job: TrainJob, survey: Survey) -> None:
        super().__init__(survey)
        self._job = job
        self._index = {entry.value: index for index, entry in enumerate(survey.classes)}
        self._foreground = frozenset(entry.value for entry in survey.classes[1:])
        learnt, self._excluded = self._split_blocks(survey)
        in_scene: dict[int, list[Block]] = defaultdict(list)
        of_class: dict[int, list[Block]] = defaultdict(list)
        in_image: dict[tuple[int, int, int], list[Block]] = defaultdict(list)
        for block in learnt:
            in_scene[block.scene].append(block)
            for value in block.counts:
                of_class[value].append(block)
            if self._foreground & block.counts.keys():
                in_image[self._image_of(block)].append(block)
        self._in_scene = {scene: WeightedBlocks(blocks) for scene, blocks in in_scene.items()}
        self._of_class = {
            value: WeightedBlocks(blocks, {value}) for value, blocks in of_class.items()
        }
        self._foreground_of_image = {
            image: WeightedBlocks(blocks, self._foreground) for image, blocks in in_image.items()
        }
        self._new_share, _ = corrected_share(learnt)
        corrected = [block.corrected for block in learnt if block.corrected]
        self._corrected = WeightedBlocks(corrected) if corrected else None
        self._scene_of_window = self._windows_per_pass(in_scene)
        self._epoch_windows = len(self._scene_of_window)
        self.start_epoch(0)

    @property
    def pass_windows(self) -> int:
        """Number of windows of a pass over the area."""
        return len(self._scene_of_window)

    def set_epoch_windows(self, count: int) -> None:
        """Sets the number of windows of an epoch: a part of a pass, or several passes."""
        self._epoch_windows = count
        self.start_epoch(1)

    def start_epoch(self, epoch: int) -> None:
        """Draws the windows of an epoch: those that follow the epoch before in a series of shuffled passes."""
        self._epoch = epoch
        count, whole = self._epoch_windows, self.pass_windows
        first = (epoch - 1) * count
        passes = range(first // whole, -(-(first + count) // whole))
        series = np.concatenate([self._shuffled_pass(number) for number in passes])
        begin = first - passes.start * whole
        self._order = series[begin : begin + count]

    def _shuffled_pass(self, number: int) -> NDArray[np.int64]:
        """The scene of each window of a pass, counted from 0; -1 is before the first epoch."""
        generator = np.random.default_rng((self._job.seed, number + 1))
        return generator.permutation(np.array(self._scene_of_window, np.int64))

    def __len__(self) -> int:
        return len(self._order)

    def batch_indices(self, batch_size: int, rank: int, world_size: int) -> list[range]:
        """Window indices of each batch of one process, see ``even_batches``."""
        return even_batches(len(self), batch_size, rank, world_size)

    def read_raw_sample(self, index: int) -> RawSample:
        """Reads a window; its auxiliary stream is dropped with the job's probability."""
        generator = self._generator(index)
        block, values = self._draw_block(index, generator)
        row, col = self._draw_pixel(block, values, generator)
        raw = self._read_learnt(block.scene, self._draw_window(block.scene, row, col, generator))
        if generator.random() < self._job.stream_dropout:
            raw.auxiliary.fill(np.nan)
        return raw

    def decode(self, raw: RawSample) -> Sample:
        """Converts a raw sample into physical values, resized to one tile."""
        return resize_sample(raw.decode(), self._job.tile_size)

    def neighbourhood(self, index: int) -> tuple[int, ...]:
        """Scene, row and column of the block that a window is drawn from."""
        block, _ = self._draw_block(index, self._generator(index))
        return block.scene, block.window.row, block.window.col

    @property
    def prefetch_bytes(self) -> int:
        """Memory for raw samples that are read before their turn, bytes; 0 while all blocks stay in memory."""
        return self.reader.block_cache.spare_bytes

    def _read_learnt(self, scene: int, window: Window) -> RawSample:
        raw = self.reader.read_raw_sample(scene, window)
        if scene in self._excluded:
            for part in self._excluded[scene].intersections(window):
                raw.target[_slices_in(window, part)] = IGNORE_INDEX
        return raw

    def _generator(self, index: int) -> np.random.Generator:
        return np.random.default_rng((self._job.seed, self._epoch, index))

    def _split_blocks(self, survey: Survey) -> tuple[list[Block], dict[int, RectangleIndex]]:
        """The blocks to learn from, and the windows of all other blocks by scene."""
        minimum = self._job.least_foreground
        training = [block for block in survey.blocks if not block.is_validation]
        shares = [class_pixels(block, self._foreground) / block.labelled for block in training]
        learnt = [block for block, share in zip(training, shares) if share >= minimum]
        if not learnt:
            raise JobError(
                tr(
                    "No training block has a share of {:g} of other classes than the first; the largest "
                    "is {:.4f}. Make least_foreground smaller, or 0 to learn from all."
                ).format(minimum, max(shares))
            )
        poor = [block for block, share in zip(training, shares) if share < minimum]
        return learnt, _index_by_scene([*poor, *(b for b in survey.blocks if b.is_validation)])

    def _windows_per_pass(self, in_scene: Mapping[int, Sequence[Block]]) -> list[int]:
        """The scene of each window of a pass."""
        scenes: list[int] = []
        for scene, blocks in in_scene.items():
            labelled = sum(block.labelled for block in blocks)
            scenes += [scene] * -(-labelled // self._job.tile_size**2)
        minimum = _MIN_BATCHES * self._job.batch_size
        return scenes * max(1, -(-minimum // len(scenes)))

    def _draw_block(self, index: int, generator: np.random.Generator) -> tuple[Block, Set[int]]:
        """A block or a part of one, and the class values of which the window must show one; empty: any pixel will do."""
        # No number is drawn for a share of 0, so that the same seed gives the same windows.
        if self._corrected and self._new_share and generator.random() < self._new_share:
            return self._corrected.draw(generator), frozenset()
        if generator.random() < self._job.class_balance:
            value = int(generator.choice([*self._of_class]))
            return self._of_class[value].draw(generator), {value}
        block = self._in_scene[int(self._order[index])].draw(generator)
        if self._job.foreground > 0 and generator.random() < self._job.foreground:
            blocks = self._foreground_of_image.get(self._image_of(block)) or WeightedBlocks([block])
            return blocks.draw(generator), self._foreground
        return block, frozenset()

    def _image_of(self, block: Block) -> tuple[int, int, int]:
        """Key of the part of a scene that counts as one image: the scene, and the part's row and column."""
        side = _IMAGE_TILES * self._job.tile_size
        return block.scene, block.window.row // side, block.window.col // side

    def _draw_pixel(
        self, block: Block, values: Set[int], generator: np.random.Generator
    ) -> tuple[int, int]:
        """Row and column of a random labelled pixel of a block, with one of the class values if it has any."""
        window, present = block.window, values & block.counts.keys()
        if present or block.labelled < window.pixels:
            target = self.reader.target(block.scene, window)
            indices = [self._index[value] for value in present]
            rows, cols = (np.isin(target, indices) if present else target >= 0).nonzero()
            # The survey may have rasterized a polygon's last pixel differently, block by block.
            if len(rows):
                chosen = int(generator.integers(len(rows)))
                return window.row + int(rows[chosen]), window.col + int(cols[chosen])
        down, right = int(generator.integers(window.height)), int(generator.integers(window.width))
        return window.row + down, window.col + right

    def _draw_window(
        self, scene: int, row: int, col: int, generator: np.random.Generator
    ) -> Window:
        """A window of random size with a pixel at a random position in it."""
        side, grid = self._job.tile_size, self.reader.image(scene).grid
        largest = min(round(self._job.crop * side), grid.height, grid.width)
        if largest > side:
            side = int(generator.integers(side, largest + 1))
        above, left = int(generator.integers(side)), int(generator.integers(side))
        top = min(max(row - above, 0), max(grid.height - side, 0))
        start = min(max(col - left, 0), max(grid.width - side, 0))
        return Window(top, start, side, side)


class ValidationWindows(SceneWindows):
    """Tiles over the validation blocks; every labelled validation pixel counts exactly once.

    ``thin`` leaves tiles out, and with them their pixels; ``whole`` has all of them.
    """

    def __init__(self, job: TrainJob, survey: Survey) -> None:
        super().__init__(survey)
        held_out = [block for block in survey.blocks if block.is_validation]
        self._labelled = sum(block.labelled for block in held_out)
        self._blocks = _index_by_scene(held_out)
        self._tiles: list[tuple[int, Window, Window]] = []
        for scene, blocks in self._blocks.items():
            tiling = Tiling.over(self.reader.image(scene).grid.bounds, job.tile_size, 0)
            for strip in tiling.strips:
                rows = strip.rows
                for cols in strip.cols:
                    # The part of the tile that no other tile covers.
                    core = Window(
                        row=rows.begin,
                        col=cols.begin,
                        height=rows.end - rows.begin,
                        width=cols.end - cols.begin,
                    )
                    if blocks.intersections(core):
                        self._tiles.append((scene, tiling.window(rows, cols), core))

        self._all_tiles = self._tiles

    def thin(self, count: int) -> None:
        """Keeps ``count`` tiles, spread evenly over all."""
        total = len(self._tiles)
        self._tiles = [self._tiles[total * number // count] for number in range(count)]

    def whole(self) -> ValidationWindows:
        """The same windows, with the tiles that were left out."""
        windows = copy(self)
        windows._tiles = self._all_tiles
        return windows

    @property
    def mean_labelled(self) -> float:
        """Mean number of labelled validation pixels of a tile."""
        return self._labelled / max(1, len(self._all_tiles))

    def __len__(self) -> int:
        return len(self._tiles)

    def read_raw_sample(self, index: int) -> RawSample:
        """Reads a tile, with the labels of the validation pixels that count in this tile only."""
        scene, window, core = self._tiles[index]
        raw = self.reader.read_raw_sample(scene, window)
        target = np.full_like(raw.target, IGNORE_INDEX)
        for part in self._blocks[scene].intersections(core):
            slices = _slices_in(window, part)
            target[slices] = raw.target[slices]
        return RawSample(raw.image, raw.auxiliary, target)


def auxiliary_of(batch: Batch) -> Tensor | None:
    """The auxiliary stream of a batch (B, Ca, h, w), or None in an image-only training."""
    return batch["auxiliary"] if batch["auxiliary"].shape[1] else None


def _slices_in(window: Window, part: Window) -> tuple[slice, slice]:
    """Row and column slices of ``part`` in an array of ``window``."""
    local = part.shift(-window.row, -window.col)
    return slice(local.row, local.row_stop), slice(local.col, local.col_stop)


def _index_by_scene(blocks: Sequence[Block]) -> dict[int, RectangleIndex]:
    windows: dict[int, list[Window]] = defaultdict(list)
    for block in blocks:
        windows[block.scene].append(block.window)
    return {scene: RectangleIndex(parts) for scene, parts in windows.items()}
