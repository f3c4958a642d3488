"""The interface of a label source: class values on the image's grid, and the options that all sources share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..rasters.windows import Window
from .colour_labels import ColourNumbers

#: Marks pixels without a label, in class values and in class indices alike.
UNLABELLED = -1
Values = NDArray[np.int32]


@dataclass(frozen=True)
class LabelOptions:
    """How label files are to be understood; one for all scenes of a training.

    Attributes:
        class_field: For polygons, the attribute naming the class; empty: all are one class.
        area: Polygon file: only pixels inside are labelled; empty: all are.
        unlabelled: What lies outside every polygon: "background" or "ignored".
        numbers: For polygons, the class value of every name in ``class_field``.
        colours: For coloured pictures, which colour is which class.
        order: For run lengths, the direction in which they are counted: "row" or "column".
    """

    class_field: str = ""
    area: str = ""
    unlabelled: str = "background"
    numbers: Mapping[str, int] = field(default_factory=dict)
    colours: ColourNumbers = field(default_factory=ColourNumbers)
    order: str = "row"


class Labels(Protocol):
    """A source of labels on the image's grid.

    ``names`` and ``colours`` are what the file says of class values; ``declared`` are the values that
    must occur for the labels to make sense.
    """

    names: dict[int, str]
    colours: dict[int, str]
    declared: frozenset[int]

    @property
    def memory_bytes(self) -> int:
        """What the source keeps of its rasters in memory."""
        ...  # a protocol's body

    def read(self, window: Window) -> Values:
        """Class values (H, W) of the window; ``UNLABELLED`` where there is none."""
        ...  # a protocol's body
