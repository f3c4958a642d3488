"""Windows of scenes read as samples: both streams and the labels, cut from decoded blocks.

A sample is a dictionary: ``image`` (Ci, H, W) and ``auxiliary`` (Ca, h, w) in physical values with NaN
for missing, and ``target`` (H, W), the class index of every labelled pixel. Any number of threads may
read at one time: they share the blocks, the coarse rasters in memory and the labels.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from ..compute.memory import free_memory
from ..compute.tile_transforms import resize_tile
from ..contract.class_table import IGNORE_INDEX
from ..datasets.label_source import UNLABELLED, Labels
from ..datasets.labels import open_labels
from ..datasets.rle_labels import is_run_lengths
from ..datasets.vector_files import is_vector
from ..rasters.alignment import Aligned
from ..rasters.block_cache import BlockCache, block_shape, blocks_in_window, overlap_slices
from ..rasters.pixel_encoding import Raw
from ..rasters.raster import Pixels, Raster
from ..rasters.windows import Window
from .survey import Survey

Sample = dict[str, NDArray[np.float32] | NDArray[np.int64]]

#: What the rasters of all scenes may keep in memory together beside the blocks (bytes): a folder may have
#: thousands of scenes, each with coarse rasters that are read once and kept; and most scenes kept in mind.
_OPEN_BYTES = 512 * 2**20
_OPEN_SCENES = 4096

#: Label sources that stay open: each may hold an open file or the polygons of one.
_OPEN_LABELS = 64

#: Share of the free memory that decoded blocks may take: a network in training wants the most of it.
_SHARE = 0.25

#: Side of what is labelled at a time where no raster's blocks decide it, and pixels of such a block that
#: are looked at together: on their way to class indices they take many times their later memory.
_LABEL_SIDE, _PIECE = 512, 2**20


@dataclass(frozen=True)
class RawSample:
    """A window as it is in the files: all that a sample is made of, in the least memory.

    Attributes:
        image: (Ci, H, W) in the file's own numbers.
        auxiliary: (Ca, h, w) in physical values.
        target: Class indices (H, W), in a small type.
    """

    image: Raw
    auxiliary: Pixels
    target: NDArray[np.signedinteger[Any]]

    @property
    def nbytes(self) -> int:
        """What it takes in memory."""
        masks = 0 if self.image.masks is None else self.image.masks.nbytes
        return self.image.pixels.nbytes + masks + self.auxiliary.nbytes + self.target.nbytes

    def sample(self) -> Sample:
        """The sample."""
        target = self.target.astype(np.int64)
        return {"image": self.image.physical(), "auxiliary": self.auxiliary, "target": target}


@dataclass
class _Opened:
    """A scene's rasters, whose files are closed again: their pixels come from the decoded blocks."""

    image: Raster
    auxiliary: Aligned | None
    label_shape: tuple[int, int]
    has_label_file: bool
    lock: threading.Lock = field(default_factory=threading.Lock)
    labels: Labels | None = None
    counted: int = 0

    @property
    def memory_bytes(self) -> int:
        return self.auxiliary.memory_bytes if self.auxiliary else 0


class WindowReader:
    """Reads any window of any scene, as a sample; opens files when first needed."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._values = np.array([entry.value for entry in survey.classes])
        # The smallest type that holds all class indices, and what marks ignored pixels.
        self._small = np.min_scalar_type(min(IGNORE_INDEX, -len(self._values)))
        self._open: OrderedDict[int, _Opened] = OrderedDict()
        self._held = 0
        self._labelled: OrderedDict[int, _Opened] = OrderedDict()
        self._lock = threading.Lock()
        self.block_cache = BlockCache(_room())

    @classmethod
    def of(cls, survey: Survey) -> WindowReader:
        """The one reader that all windows of a survey share while any of them is in use."""
        reader = _READERS.get(id(survey))
        if reader is None:  # a reader holds its survey: no other one can have its number meanwhile
            reader = _READERS[id(survey)] = cls(survey)
        return reader

    def image(self, scene: int) -> Raster:
        """The image of a scene."""
        return self._opened(scene).image

    def read(self, scene: int, window: Window) -> Sample:
        """The sample of a window; beyond the image's edge pixels are mirrored and unlabelled."""
        return self.read_raw_sample(scene, window).sample()

    def read_raw_sample(self, scene: int, window: Window) -> RawSample:
        """What the sample of a window is made of."""
        opened = self._opened(scene)
        image = opened.image.read_raw_reflected(window)
        target = self._target(scene, opened, window)
        _forget_unknown(target, image)
        return RawSample(image, self._auxiliary(opened, window), target)

    def target(self, scene: int, window: Window) -> NDArray[np.signedinteger[Any]]:
        """The target of a window alone, (H, W) as in its sample but for the type."""
        opened = self._opened(scene)
        target = self._target(scene, opened, window)
        if not _has_all_values(opened.image):
            _forget_unknown(target, opened.image.read_raw_reflected(window))
        return target

    def _target(
        self, scene: int, opened: _Opened, window: Window
    ) -> NDArray[np.signedinteger[Any]]:
        """The labels of a window, whether the image has values there or not."""
        target = np.full((window.height, window.width), IGNORE_INDEX, self._small)
        bounds = opened.image.grid.bounds
        inside = window.intersection(bounds)
        if inside is not None:
            for block in blocks_in_window(inside, opened.label_shape, bounds):
                make = partial(self._target_block, scene, opened, block)
                source = self.block_cache.get((scene, "target", block), make)
                place, part = overlap_slices(window, block)
                target[place] = source[part]
        return target

    def close_files(self) -> None:
        """Closes all files; they are opened again when needed. No thread may be reading."""
        self.block_cache.close_files()
        with self._lock:
            for scene in [s for s, opened in self._labelled.items() if opened.has_label_file]:
                self._labelled.pop(scene).labels = None

    def _auxiliary(self, opened: _Opened, window: Window) -> Pixels:
        side = self._survey.auxiliary_tile_size
        if opened.auxiliary is None:
            return np.full((self._survey.auxiliary.bands, side, side), np.nan, np.float32)
        return opened.auxiliary.read_reflected(window, side, side)

    def _target_block(
        self, scene: int, opened: _Opened, block: Window
    ) -> NDArray[np.signedinteger[Any]]:
        target = np.empty((block.height, block.width), self._small)
        rows = max(1, _PIECE // block.width)
        for row in range(0, block.height, rows):
            height = min(rows, block.height - row)
            piece = Window(block.row + row, block.col, height, block.width)
            target[row : row + height] = self._target_piece(scene, opened, piece)
        return target

    def _target_piece(self, scene: int, opened: _Opened, window: Window) -> NDArray[np.int64]:
        with opened.lock:  # a label source reads for one thread at a time
            values = self._labels(scene, opened).read(window)
        indices = np.searchsorted(self._values, values).clip(max=len(self._values) - 1)
        known = (values != UNLABELLED) & (self._values[indices] == values)
        return np.where(known, indices, IGNORE_INDEX)

    def _labels(self, scene: int, opened: _Opened) -> Labels:
        labels, others = opened.labels, self._labelled
        if labels is None:
            path = self._survey.scenes[scene].labels
            labels = opened.labels = open_labels(path, opened.image.grid, self._survey.labels)
        with self._lock:
            others[scene] = opened
            others.move_to_end(scene)
            held = sum(other.labels.memory_bytes for other in others.values() if other.labels)
            while len(others) > 1 and (len(others) > _OPEN_LABELS or held > _OPEN_BYTES):
                oldest = others.popitem(last=False)[1]
                held -= oldest.labels.memory_bytes if oldest.labels else 0
                oldest.labels = None
        return labels

    def _opened(self, index: int) -> _Opened:
        with self._lock:
            opened = self._open.get(index) or self._opened_anew(index)
            self._open[index] = opened
            self._open.move_to_end(index)
            # Some are kept in memory only when a window first needs them.
            self._held += opened.memory_bytes - opened.counted
            opened.counted = opened.memory_bytes
            self._make_room()
            return opened

    def _opened_anew(self, index: int) -> _Opened:
        scene = self._survey.scenes[index]
        image = Raster(scene.image, scene.image_bands)
        shape, has_file = _label_shape(scene.labels, image)
        stack, rasters = None, [image]
        if scene.auxiliary:
            stack = Aligned(scene.auxiliary, image.grid, bands=scene.auxiliary_bands)
            rasters += stack.rasters
        self.block_cache.attach(rasters)
        if stack is not None:
            for raster in (r for r in stack.rasters if r not in stack.rasters_on_grid):
                _ = raster.in_memory  # now, so that no two threads read it
        return _Opened(image, stack, shape, has_file)

    def _make_room(self) -> None:
        """Forgets the scenes that were not read for longest, never the last one."""
        known = self._open
        while len(known) > 1 and (len(known) > _OPEN_SCENES or self._held > _OPEN_BYTES):
            self._held -= known.popitem(last=False)[1].counted


def resize_sample(sample: Sample, side: int) -> Sample:
    """A sample with its image and labels as ``side`` x ``side`` pixels, if it has more.

    The label is the nearest pixel's. A majority would let what is narrow vanish from the labels
    altogether, though it still shows in the image; nearest pixels keep each class's share.
    """
    size = len(sample["target"])
    if size == side:
        return sample
    image = resize_tile(sample["image"].astype(np.float32, copy=False), side)
    nearest = (2 * np.arange(side) + 1) * size // (2 * side)
    target = sample["target"][np.ix_(nearest, nearest)]
    target[~np.isfinite(image).any(axis=0)] = IGNORE_INDEX
    return {**sample, "image": image, "target": target}


def _forget_unknown(target: NDArray[np.signedinteger[Any]], image: Raw) -> None:
    """Where the image has no value the mask will have none: nothing to learn, nothing to score."""
    known = image.known()
    if known is not None:
        target[~known] = IGNORE_INDEX


def _has_all_values(image: Raster) -> bool:
    """Whether no pixel of an image can miss its values."""
    encoding = image.encoding
    can_miss = image.dtype.kind == "f" or any(encoding.masked)
    return not can_miss and all(value is None for value in encoding.nodata)


#: The readers that are in use, by their survey's ``id``.
_READERS: WeakValueDictionary[int, WindowReader] = WeakValueDictionary()


def _room() -> int:
    """Bytes for decoded blocks; processes that train together on one machine share its memory."""
    return int(_SHARE * free_memory()) // int(os.environ.get("LOCAL_WORLD_SIZE", "1"))


def _label_shape(path: str, image: Raster) -> tuple[tuple[int, int], bool]:
    """Rows and columns that are labelled at a time, and whether the labels are a file that stays open."""
    if is_run_lengths(path) or is_vector(path):
        return (_LABEL_SIDE, _LABEL_SIDE), False
    with Raster(path) as raster:
        own, grid = raster.grid, image.grid
        is_on_grid = (own.transform, own.crs) == (grid.transform, grid.crs)
        return block_shape(raster) if is_on_grid else (_LABEL_SIDE, _LABEL_SIDE), True
