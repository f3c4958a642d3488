"""Reader of windows of scenes as samples: both streams and the labels, cut from decoded blocks.

A sample is a dictionary: ``image`` (Ci, H, W) and ``auxiliary`` (Ca, h, w) in physical values with NaN
for missing, and ``target`` (H, W), the class index of every labelled pixel. Any number of threads may
read at the same time: they share the blocks, the coarse rasters in memory and the labels.
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
from ..contract.scene import Scene
from ..datasets.corrections import open_scene_labels
from ..datasets.label_source import UNLABELLED, LabelSource, label_kind
from ..rasters.alignment import AlignedRasters
from ..rasters.pixel_encoding import RawWindow
from ..rasters.raster import Pixels, Raster
from ..rasters.windows import Window
from .block_cache import BlockCache, block_shape, blocks_in_window, overlap_slices
from .survey import Survey

Sample = dict[str, NDArray[np.float32] | NDArray[np.int64]]
Target = NDArray[np.signedinteger[Any]]

#: Maximum memory of the coarse rasters of all open scenes, bytes, and maximum number of open scenes.
_OPEN_BYTES = 512 * 2**20
_OPEN_SCENES = 4096

#: Maximum number of open label sources: each may hold an open file or the polygons of one.
_OPEN_LABELS = 64

#: Share of the free memory for decoded blocks; the network in training needs most of it.
_CACHE_SHARE = 0.25

#: Side of a block of labels that are not on the image's grid, px.
_LABEL_BLOCK_SIDE = 512

#: Pixels that are converted to class indices at a time, which takes many times their final memory.
_CONVERSION_PIXELS = 2**20


@dataclass(frozen=True)
class RawSample:
    """A window before decoding, in as little memory as possible.

    Attributes:
        image: (Ci, H, W) in the file's own numbers.
        auxiliary: (Ca, h, w) in physical values.
        target: Class indices (H, W), in a small type.
    """

    image: RawWindow
    auxiliary: Pixels
    target: Target

    @property
    def nbytes(self) -> int:
        """Size in memory, bytes."""
        masks = 0 if self.image.masks is None else self.image.masks.nbytes
        return self.image.pixels.nbytes + masks + self.auxiliary.nbytes + self.target.nbytes

    def decode(self) -> Sample:
        """The sample in physical values."""
        target = self.target.astype(np.int64)
        return {"image": self.image.physical(), "auxiliary": self.auxiliary, "target": target}


@dataclass
class _OpenScene:
    """A scene's rasters, whose files are closed: their pixels come from the decoded blocks."""

    image: Raster
    auxiliary: AlignedRasters | None
    label_block_shape: tuple[int, int]
    has_label_file: bool
    lock: threading.Lock = field(default_factory=threading.Lock)
    labels: LabelSource | None = None
    counted_bytes: int = 0

    @property
    def memory_bytes(self) -> int:
        return self.auxiliary.memory_bytes if self.auxiliary else 0


class WindowReader:
    """Reads any window of any scene as a sample; opens files when they are first needed."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._values = np.array([entry.value for entry in survey.classes])
        # The smallest type that holds all class indices and the ignore index.
        self._target_type = np.min_scalar_type(min(IGNORE_INDEX, -len(self._values)))
        self._scenes: OrderedDict[int, _OpenScene] = OrderedDict()
        self._open_bytes = 0
        self._labelled: OrderedDict[int, _OpenScene] = OrderedDict()
        self._lock = threading.Lock()
        # The processes that train together on one machine share its memory.
        processes = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
        self.block_cache = BlockCache(int(_CACHE_SHARE * free_memory()) // processes)

    @classmethod
    def of(cls, survey: Survey) -> WindowReader:
        """The reader that all datasets of a survey share while any of them is in use."""
        reader = _READERS.get(id(survey))
        if reader is None:  # a reader holds its survey, so no other survey can have the same id
            reader = _READERS[id(survey)] = cls(survey)
        return reader

    def image(self, scene: int) -> Raster:
        """The image of a scene."""
        return self._open_scene(scene).image

    def read(self, scene: int, window: Window) -> Sample:
        """Reads the sample of a window; beyond the image's edge pixels are mirrored and unlabelled."""
        return self.read_raw_sample(scene, window).decode()

    def read_raw_sample(self, scene: int, window: Window) -> RawSample:
        """Reads the raw sample of a window."""
        opened = self._open_scene(scene)
        image = opened.image.read_raw_reflected(window)
        target = self._read_target(scene, opened, window)
        _ignore_missing(target, image)
        return RawSample(image, self._read_auxiliary(opened, window), target)

    def target(self, scene: int, window: Window) -> Target:
        """Reads only the target of a window, (H, W), in a small type."""
        opened = self._open_scene(scene)
        target = self._read_target(scene, opened, window)
        if _can_miss_values(opened.image):
            _ignore_missing(target, opened.image.read_raw_reflected(window))
        return target

    def close_files(self) -> None:
        """Closes all files; they are opened again when needed. No thread may be reading."""
        self.block_cache.close_files()
        with self._lock:
            for scene in [s for s, opened in self._labelled.items() if opened.has_label_file]:
                self._labelled.pop(scene).labels = None

    def _read_target(self, scene: int, opened: _OpenScene, window: Window) -> Target:
        """The labels of a window, also where the image has no values."""
        target = np.full((window.height, window.width), IGNORE_INDEX, self._target_type)
        bounds = opened.image.grid.bounds
        inside = window.intersection(bounds)
        if inside is not None:
            for block in blocks_in_window(inside, opened.label_block_shape, bounds):
                make = partial(self._read_target_block, scene, opened, block)
                source = self.block_cache.get((scene, "target", block), make)
                slices, source_slices = overlap_slices(window, block)
                target[slices] = source[source_slices]
        return target

    def _read_auxiliary(self, opened: _OpenScene, window: Window) -> Pixels:
        side = self._survey.auxiliary_tile_size
        if opened.auxiliary is None:
            return np.full((self._survey.auxiliary.bands, side, side), np.nan, np.float32)
        return opened.auxiliary.read_reflected(window, side, side)

    def _read_target_block(self, scene: int, opened: _OpenScene, block: Window) -> Target:
        target = np.empty((block.height, block.width), self._target_type)
        rows = max(1, _CONVERSION_PIXELS // block.width)
        for row in range(0, block.height, rows):
            height = min(rows, block.height - row)
            piece = Window(block.row + row, block.col, height, block.width)
            with opened.lock:  # a label source reads for one thread at a time
                values = self._labels(scene, opened).read(piece)
            indices = np.searchsorted(self._values, values).clip(max=len(self._values) - 1)
            known = (values != UNLABELLED) & (self._values[indices] == values)
            target[row : row + height] = np.where(known, indices, IGNORE_INDEX)
        return target

    def _labels(self, scene: int, opened: _OpenScene) -> LabelSource:
        """The label source of a scene; closes those that were not read for longest."""
        labels, others = opened.labels, self._labelled
        if labels is None:
            grid, known = opened.image.grid, self._survey
            labels = open_scene_labels(known.scenes[scene], grid, known.labels)
            opened.labels = labels
        with self._lock:
            others[scene] = opened
            others.move_to_end(scene)
            used = sum(other.labels.memory_bytes for other in others.values() if other.labels)
            while len(others) > 1 and (len(others) > _OPEN_LABELS or used > _OPEN_BYTES):
                oldest = others.popitem(last=False)[1]
                used -= oldest.labels.memory_bytes if oldest.labels else 0
                oldest.labels = None
        return labels

    def _open_scene(self, index: int) -> _OpenScene:
        """An open scene; closes those that were not read for longest, never the last one."""
        with self._lock:
            scenes = self._scenes
            opened = scenes[index] = scenes.get(index) or self._open_files(index)
            scenes.move_to_end(index)
            # Some coarse rasters are kept in memory only after a window has needed them.
            self._open_bytes += opened.memory_bytes - opened.counted_bytes
            opened.counted_bytes = opened.memory_bytes
            while len(scenes) > 1 and (
                len(scenes) > _OPEN_SCENES or self._open_bytes > _OPEN_BYTES
            ):
                self._open_bytes -= scenes.popitem(last=False)[1].counted_bytes
            return opened

    def _open_files(self, index: int) -> _OpenScene:
        scene = self._survey.scenes[index]
        image = Raster(scene.image, scene.image_bands)
        shape, has_file = _label_block_shape(scene, image)
        stack, rasters = None, [image]
        if scene.auxiliary:
            stack = AlignedRasters(scene.auxiliary, image.grid, bands=scene.auxiliary_bands)
            rasters += stack.rasters
        self.block_cache.attach(rasters)
        if stack is not None:
            for raster in (r for r in stack.rasters if r not in stack.rasters_on_grid):
                _ = raster.in_memory  # read under the lock, so that no two threads read it
        return _OpenScene(image, stack, shape, has_file)


def resize_sample(sample: Sample, side: int) -> Sample:
    """Resizes the image and the labels of a larger sample to ``side`` x ``side`` pixels.

    The label is the nearest pixel's. A majority would remove narrow objects from the labels although they
    are still visible in the image; nearest pixels keep each class's share. Where the nearest pixel has no label,
    another labelled one inside the resized pixel counts, so that single marks are not lost.
    """
    size = len(sample["target"])
    if size == side:
        return sample
    image = resize_tile(sample["image"].astype(np.float32, copy=False), side)
    nearest = (2 * np.arange(side) + 1) * size // (2 * side)
    full = sample["target"]
    target = full[np.ix_(nearest, nearest)]
    if (target == IGNORE_INDEX).any():
        rows, cols = (full != IGNORE_INDEX).nonzero()
        above, left = rows * side // size, cols * side // size
        lost = target[above, left] == IGNORE_INDEX
        target[above[lost], left[lost]] = full[rows[lost], cols[lost]]
    target[~np.isfinite(image).any(axis=0)] = IGNORE_INDEX
    return {**sample, "image": image, "target": target}


def _ignore_missing(target: Target, image: RawWindow) -> None:
    """Removes labels where the image has no value: the mask has none there either."""
    known = image.known()
    if known is not None:
        target[~known] = IGNORE_INDEX


def _can_miss_values(image: Raster) -> bool:
    encoding = image.encoding
    has_nodata = any(value is not None for value in encoding.nodata)
    return image.dtype.kind == "f" or any(encoding.masked) or has_nodata


#: The readers in use by the ``id`` of their survey.
_READERS: WeakValueDictionary[int, WindowReader] = WeakValueDictionary()


def _label_block_shape(scene: Scene, image: Raster) -> tuple[tuple[int, int], bool]:
    """Rows and columns of a block of labels, and whether the labels are files that stay open."""
    default = (_LABEL_BLOCK_SIDE, _LABEL_BLOCK_SIDE)
    rasters = [path for path in scene.label_files if label_kind(path) == "raster"]
    if len(rasters) != 1 or len(scene.label_files) > 1:
        return default, bool(rasters)
    with Raster(scene.labels) as raster:
        labels, grid = raster.grid, image.grid
        is_on_grid = (labels.transform, labels.crs) == (grid.transform, grid.crs)
        return block_shape(raster) if is_on_grid else default, True
