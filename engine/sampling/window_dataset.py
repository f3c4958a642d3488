"""Training windows, drawn anew every epoch, and validation windows, always the same."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence, Set

import numpy as np
import torch
from torch import Tensor

from ..contract.class_table import IGNORE_INDEX
from ..contract.errors import JobError
from ..contract.jobs import TrainJob
from ..rasters.tiling import TileSpan, Tiling
from ..rasters.windows import Window
from .block_sampler import RectangleIndex, WeightedBlocks, class_share, class_values_of_blocks
from .data_loader import InMemoryWindows, WindowLoader, even_batches, strided_batches
from .sample_reader import RawSample, Sample, WindowReader, resize_sample
from .spatial_split import Block
from .survey import Survey

#: An epoch has at least so many windows, in batches: one small scene must still fill some steps.
_MIN_BATCHES = 8

#: Tiles along the side of what counts as one image when a window shall show foreground: images of 1024 px
#: with tiles of 224. In a large scene land without any is so still seen, as empty images would be.
_IMAGE_TILES = 5


class SceneWindows(ABC):
    """Windows of scenes by number. Read in two steps: what is cut may wait in little memory."""

    def __init__(self, survey: Survey) -> None:
        self.reader = WindowReader.of(survey)

    @abstractmethod
    def __len__(self) -> int:
        """How many windows there are."""

    def __getitem__(self, index: int) -> Sample:
        return self.sample(self.read_raw_sample(index))

    @abstractmethod
    def read_raw_sample(self, index: int) -> RawSample:
        """The window of a number as it is in the files; what is not to be learnt is taken away."""

    def sample(self, cut: RawSample) -> Sample:
        """The sample that is made of a cut."""
        return cut.sample()

    def neighbourhood(self, index: int) -> tuple[int, ...]:
        """What neighbouring windows have nearly in common; known without reading anything."""
        return (index,)

    @property
    def prefetch_bytes(self) -> int:
        """What cuts may take that are read before their turn; 0: nothing is won by that."""
        return 0

    def close_files(self) -> None:
        """Closes all files until the next window is read."""
        self.reader.close_files()


class TrainingWindows(SceneWindows):
    """Random windows, ever anew: as many an epoch as tiles would fill the labelled training area.

    Which window an index means depends on the seed, the epoch and the index alone, so that any number
    of threads and processes gives the same epoch.

    Raises:
        JobError: If no block has the least share of foreground that the job asks for.
    """

    def __init__(self, job: TrainJob, survey: Survey) -> None:
        super().__init__(survey)
        self._job = job
        self._index = {entry.value: index for index, entry in enumerate(survey.classes)}
        self._foreground = frozenset(entry.value for entry in survey.classes[1:])
        learnt, self._left_out = self._divided(survey)
        in_scene: dict[int, list[Block]] = {}
        of_class: dict[int, list[Block]] = {}
        shown_in: dict[tuple[int, int, int], list[Block]] = {}
        for block in learnt:
            in_scene.setdefault(block.scene, []).append(block)
            for value in block.counts:
                of_class.setdefault(value, []).append(block)
            if self._foreground & block.counts.keys():
                shown_in.setdefault(self._image_of(block), []).append(block)
        self._in_scene = {scene: WeightedBlocks(blocks) for scene, blocks in in_scene.items()}
        self._of_class = {
            value: WeightedBlocks(blocks, {value}) for value, blocks in of_class.items()
        }
        self._shown_in = {
            image: WeightedBlocks(blocks, self._foreground & class_values_of_blocks(blocks))
            for image, blocks in shown_in.items()
        }
        self._scene_of_window = self._windows_per_epoch(in_scene)
        self.start_epoch(0)

    def start_epoch(self, epoch: int) -> None:
        """Draws the windows of an epoch, in a new order."""
        self._epoch = epoch
        generator = np.random.default_rng((self._job.seed, epoch))
        self._order = generator.permutation(self._scene_of_window)

    def __len__(self) -> int:
        return len(self._order)

    def read_raw_sample(self, index: int) -> RawSample:
        """The window of a number as it is in the files, without its auxiliary stream if so drawn."""
        generator = self._generator(index)
        block, wanted = self._block(index, generator)
        row, col = self._pixel(block, wanted, generator)
        cut = self._learnt(block.scene, self._around(block.scene, row, col, generator))
        if generator.random() < self._job.stream_dropout:
            cut.auxiliary.fill(np.nan)
        return cut

    def sample(self, cut: RawSample) -> Sample:
        """The sample that is made of a cut, as one tile."""
        return resize_sample(cut.sample(), self._job.tile_size)

    def neighbourhood(self, index: int) -> tuple[int, ...]:
        """Scene and corner of the block that a window is drawn from."""
        block, _ = self._block(index, self._generator(index))
        return block.scene, block.window.row, block.window.col

    @property
    def prefetch_bytes(self) -> int:
        """What cuts may take that are read before their turn; 0 while all blocks stay in memory."""
        return self.reader.block_cache.spare_bytes

    def window_sample(self, scene: int, window: Window) -> Sample:
        """The sample of a window, with labels in blocks that are not learnt from taken away."""
        return self._learnt(scene, window).sample()

    def _learnt(self, scene: int, window: Window) -> RawSample:
        cut = self.reader.read_raw_sample(scene, window)
        if scene in self._left_out:
            for shared in self._left_out[scene].shared_with(window):
                cut.target[_spatial_slices(shared, window)] = IGNORE_INDEX
        return cut

    def _generator(self, index: int) -> np.random.Generator:
        return np.random.default_rng((self._job.seed, self._epoch, index))

    def _divided(self, survey: Survey) -> tuple[list[Block], dict[int, RectangleIndex]]:
        """The blocks to learn from, and by scene the windows of all others."""
        minimum = self._job.least_foreground
        training = [block for block in survey.blocks if not block.is_validation]
        shares = [class_share(block, self._foreground) for block in training]
        learnt = [block for block, share in zip(training, shares) if share >= minimum]
        if not learnt:
            raise JobError(
                f"No training block has a share of {minimum:g} of other classes than the first; the "
                f"largest is {max(shares):.4f}. Make least_foreground smaller, or 0 to learn from all."
            )
        few = [block for block, share in zip(training, shares) if share < minimum]
        return learnt, _by_scene([*few, *(b for b in survey.blocks if b.is_validation)])

    def _windows_per_epoch(self, in_scene: Mapping[int, Sequence[Block]]) -> list[int]:
        """The scene of each window of an epoch: as many as the labelled pixels would fill."""
        order: list[int] = []
        for scene, blocks in in_scene.items():
            labelled = sum(block.labelled for block in blocks)
            order += [scene] * -(-labelled // self._job.tile_size**2)
        minimum = _MIN_BATCHES * self._job.batch_size
        return order * max(1, -(-minimum // len(order)))

    def _block(self, index: int, generator: np.random.Generator) -> tuple[Block, Set[int]]:
        """The block that a window is drawn from: of its scene, unless it is drawn for a class.

        Returns:
            The block, and the class values of which the window shall show one; none: any pixel will do.
        """
        if generator.random() < self._job.class_balance:
            value = int(generator.choice([*self._of_class]))
            return self._of_class[value].draw(generator), {value}
        block = self._in_scene[int(self._order[index])].draw(generator)
        # Nothing is drawn for a share of 0, so that the same seed gives the same windows.
        if self._job.foreground > 0 and generator.random() < self._job.foreground:
            near = self._shown_in.get(self._image_of(block)) or WeightedBlocks([block])
            return near.draw(generator), self._foreground
        return block, frozenset()

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
            if len(
                rows
            ):  # the survey may have burnt a polygon's last pixel otherwise, block by block
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


class ValidationWindows(SceneWindows):
    """Tiles over the held-out blocks, in which every held-out labelled pixel counts exactly once."""

    def __init__(self, job: TrainJob, survey: Survey) -> None:
        super().__init__(survey)
        self._held = _by_scene([b for b in survey.blocks if b.is_validation])
        self._tiles: list[tuple[int, Window, TileSpan, TileSpan]] = []
        for scene, held in self._held.items():
            tiling = Tiling.over(self.reader.image(scene).grid.bounds, job.tile_size, 0)
            for strip in tiling.strips:
                for cols in strip.cols:
                    if held.shared_with(_own(strip.rows, cols)):
                        window = tiling.window(strip.rows, cols)
                        self._tiles.append((scene, window, strip.rows, cols))

    def __len__(self) -> int:
        return len(self._tiles)

    def read_raw_sample(self, index: int) -> RawSample:
        """The tile of a number as it is in the files, with the held-out labels that it counts alone."""
        scene, window, rows, cols = self._tiles[index]
        cut = self.reader.read_raw_sample(scene, window)
        kept = np.full_like(cut.target, IGNORE_INDEX)
        for shared in self._held[scene].shared_with(_own(rows, cols)):
            place = _spatial_slices(shared, window)
            kept[place] = cut.target[place]
        return RawSample(cut.image, cut.auxiliary, kept)


def batches(
    windows: SceneWindows | Sequence[Sample],
    size: int,
    device: torch.device,
    rank: int = 0,
    world_size: int = 1,
) -> WindowLoader:
    """The windows in batches of ``size`` on the device, read ahead by threads.

    Args:
        windows: What is read; a sequence holds samples that are there already.
        size: Windows a batch.
        device: Where the batches are wanted.
        rank: Number of this process among those that share the windows.
        world_size: How many these are. Of training windows each gets equally many batches, see
            ``even_batches``; of others each is one process's alone, see ``strided_batches``.
    """
    shares = even_batches if isinstance(windows, TrainingWindows) else strided_batches
    read = windows if isinstance(windows, SceneWindows) else InMemoryWindows(windows)
    return WindowLoader(read, lambda: shares(len(read), size, rank, world_size), device)


def auxiliary_of(batch: dict[str, Tensor]) -> Tensor | None:
    """The auxiliary stream of a batch (B, Ca, h, w), or None in an image-only training."""
    return batch["auxiliary"] if batch["auxiliary"].shape[1] else None


def _own(rows: TileSpan, cols: TileSpan) -> Window:
    return Window(rows.begin, cols.begin, rows.end - rows.begin, cols.end - cols.begin)


def _spatial_slices(part: Window, window: Window) -> tuple[slice, slice]:
    local = part.shift(-window.row, -window.col)
    return slice(local.row, local.row_stop), slice(local.col, local.col_stop)


def _by_scene(blocks: list[Block]) -> dict[int, RectangleIndex]:
    windows: dict[int, list[Window]] = {}
    for block in blocks:
        windows.setdefault(block.scene, []).append(block.window)
    return {scene: RectangleIndex(own) for scene, own in windows.items()}
