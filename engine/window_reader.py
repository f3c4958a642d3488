"""Windows of scenes read as samples: both streams and the labels, straight from the rasters.

A sample is a dictionary: ``image`` (Ci, H, W) and ``auxiliary`` (Ca, h, w) in physical values with NaN
for missing, and ``target`` (H, W), the class index of every labelled pixel.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .alignment import Aligned
from .labels import UNLABELLED, Labels, open_labels
from .losses import IGNORED
from .rasters import Pixels, Raster
from .survey import Survey
from .windows import Window

Sample = dict[str, NDArray[np.float32] | NDArray[np.int64]]

#: Scenes kept open at a time, and what their rasters may keep in memory together (bytes): a folder
#: may have thousands of scenes, each with coarse rasters that are read once and kept.
_OPEN_SCENES = 64
_OPEN_BYTES = 512 * 2**20


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
        image, target = self._image_and_target(opened, window)
        return {"image": image, "auxiliary": self._auxiliary(opened, window), "target": target}

    def target(self, scene: int, window: Window) -> NDArray[np.int64]:
        """The target of a window alone, (H, W) as in its sample."""
        return self._image_and_target(self._opened(scene), window)[1]

    def _image_and_target(
        self, opened: _Opened, window: Window
    ) -> tuple[Pixels, NDArray[np.int64]]:
        image = opened.image.read_reflected(window)
        target = self._target(opened, window)
        # Where the image has no value the mask will have none: nothing to learn, nothing to score.
        target[~np.isfinite(image).any(axis=0)] = IGNORED
        return image, target

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
