"""The interface of a label source: class values on the image's grid, and the options that all sources share.

The sources are in ``raster_labels``, ``polygon_labels`` and ``rle_labels``. To add one, write a class with the
members of ``LabelSource``, return it from ``labels.open_labels`` for the paths that it reads, and distinguish these
paths in ``label_kind``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..rasters.windows import Window
from .class_changes import ClassChanges
from .colour_labels import ColourClasses
from .covered_pixels import MarkSize
from .rle_labels import is_rle_reference
from .vector_files import is_vector

#: The value of pixels without a label, both in class values and in class indices.
UNLABELLED = -1
Values = NDArray[np.int32]


def label_kind(path: str) -> str:
    """The kind of a path of labels: "run lengths", "polygons" or "raster"."""
    if is_rle_reference(path):
        return "run lengths"
    return "polygons" if is_vector(path) else "raster"


@dataclass(frozen=True)
class LabelOptions:
    """How to interpret label files; the same for all scenes of a training.

    Attributes:
        class_field: For vector files, the attribute that names the class; empty: all shapes are one class.
        area: Polygon file; only pixels inside it are labelled. Empty: no limit.
        unlabelled: Pixels outside all polygons are "background" or "ignored". In a file with points or lines they are
            "background" only inside ``area``.
        numbers: For vector files, the class value of every name in ``class_field``.
        colours: For coloured pictures, the class value of every colour.
        order: For run lengths, the direction in which pixels are counted: "row" or "column".
        changes: Ignored and merged classes.
        marks: The size of points and lines; None: only polygons are read.
    """

    class_field: str = ""
    area: str = ""
    unlabelled: str = "background"
    numbers: Mapping[str, int] = field(default_factory=dict)
    colours: ColourClasses = field(default_factory=ColourClasses)
    order: str = "row"
    changes: ClassChanges = field(default_factory=ClassChanges)
    marks: MarkSize | None = None


class LabelSource(Protocol):
    """Labels of one scene, read window by window on the image's grid."""

    @property
    def names(self) -> dict[int, str]:
        """Names of class values that the file gives."""
        ...  # a protocol's body

    @property
    def colours(self) -> dict[int, str]:
        """Colours of class values that the file gives."""
        ...  # a protocol's body

    @property
    def declared(self) -> frozenset[int]:
        """Class values that must have labelled pixels to train on."""
        ...  # a protocol's body

    @property
    def memory_bytes(self) -> int:
        """Memory that the source holds between reads, bytes."""
        ...  # a protocol's body

    def read(self, window: Window) -> Values:
        """Class values (H, W) of the window; ``UNLABELLED`` where there is no label."""
        ...  # a protocol's body
