"""Labels of a scene from several sources: later labels override earlier ones, and checked corrections override all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from ..contract.errors import LabelError
from ..contract.paths import file_state
from ..contract.scene import Correction, Scene
from ..contract.translation import tr
from ..rasters.grid import Grid
from ..rasters.windows import Window
from .class_changes import ClassChanges
from .label_source import UNLABELLED, LabelOptions, LabelSource, Values, label_kind
from .labels import ChangedLabels, open_labels
from .polygon_labels import PolygonLabels, class_name, class_numbers, is_blank
from .vector_files import field_names, read_attribute

#: The fields of class value and name in polygons of a mask, and the field that says whether a square is checked.
_VALUE = "class"
_NAME = "name"
_CHECKED = "checked"

#: Values of a field for "yes": of a boolean, a number or a text.
_YES = dict.fromkeys(("True", "true", "TRUE", "1", "yes", "Yes", "YES"), 1)

#: Files whose fields are remembered.
_REMEMBERED = 256


class CorrectedSource:
    """One correction: class values inside its checked squares.

    Args:
        labels: The corrected mask.
        checked: The squares.
    """

    def __init__(self, labels: LabelSource, checked: PolygonLabels) -> None:
        self._labels, self._checked = labels, checked
        # A class of a mask may have no pixel in the squares.
        self.declared: frozenset[int] = frozenset()

    @property
    def names(self) -> dict[int, str]:
        """Names of class values that the mask gives."""
        return {value: name for value, name in self._labels.names.items() if name}

    @property
    def colours(self) -> dict[int, str]:
        """Colours of class values that the mask gives."""
        return self._labels.colours

    @property
    def memory_bytes(self) -> int:
        """Memory that the mask holds between reads, bytes."""
        return self._labels.memory_bytes

    def read(self, window: Window) -> Values:
        """Class values (H, W) of the window; ``UNLABELLED`` outside the checked squares."""
        inside = self._checked.read(window) == 1
        if not inside.any():
            return np.full((window.height, window.width), UNLABELLED, np.int32)
        return np.where(inside, self._labels.read(window), UNLABELLED).astype(np.int32)


class StackedLabels:
    """Labels of several sources, each of which overrides the ones before where it has a class.

    Args:
        sources: At least one source, in this order.
    """

    def __init__(self, sources: Sequence[LabelSource]) -> None:
        self._sources = sources

    @property
    def names(self) -> dict[int, str]:
        """Names of class values; a value has the name of its first source."""
        return _first_of_each(source.names for source in self._sources)

    @property
    def colours(self) -> dict[int, str]:
        """Colours of class values; a value has the colour of its first source."""
        return _first_of_each(source.colours for source in self._sources)

    @property
    def declared(self) -> frozenset[int]:
        """Class values of any source that must have labelled pixels to train on."""
        return frozenset().union(*(source.declared for source in self._sources))

    @property
    def memory_bytes(self) -> int:
        """Memory that all sources hold between reads, bytes."""
        return sum(source.memory_bytes for source in self._sources)

    def read(self, window: Window) -> Values:
        """Class values (H, W) of the window; ``UNLABELLED`` where no source has a class."""
        values = self._sources[0].read(window)
        for source in self._sources[1:]:
            own = source.read(window)
            values = np.where(own == UNLABELLED, values, own)
        return values


def open_scene_labels(scene: Scene, grid: Grid, options: LabelOptions) -> LabelSource:
    """Opens all labels of a scene as one source; ``area`` limits the labels, not the corrections.

    Args:
        scene: The scene, with labels, corrections or both.
        grid: Its image's grid.
        options: How to interpret the files.

    Raises:
        LabelError: If a file or an option cannot be used.
    """
    sources = [open_labels(scene.labels, grid, options)] if scene.labels else []
    # Pixels outside of later polygons keep what they have.
    later = replace(options, unlabelled="ignored")
    sources += [open_labels(path, grid, later) for path in scene.later_labels]
    if scene.corrections:
        sources.append(open_corrections(scene, grid, options))
    return sources[0] if len(sources) == 1 else StackedLabels(sources)


def open_marks(scene: Scene, grid: Grid, options: LabelOptions) -> list[PolygonLabels]:
    """Opens the labels of a scene that hold points or lines; corrections are not among them.

    Args:
        scene: The scene.
        grid: Its image's grid.
        options: How to interpret its labels.

    Raises:
        LabelError: If a file cannot be used.
    """
    paths = filter(None, (scene.labels, *scene.later_labels))
    opened = [PolygonLabels(p, grid, options) for p in paths if label_kind(p) == "polygons"]
    return [labels for labels in opened if labels.has_marks]


def open_corrections(scene: Scene, grid: Grid, options: LabelOptions) -> LabelSource:
    """Opens the corrections of a scene that has some: class values inside checked squares.

    Args:
        scene: The scene.
        grid: Its image's grid.
        options: How to interpret its labels.

    Raises:
        LabelError: If a file cannot be used, no square is checked, or a polygon has no class.
    """
    return StackedLabels([_open_correction(one, grid, options) for one in scene.corrections])


def label_numbers(scenes: Iterable[Scene], class_field: str) -> dict[str, int]:
    """A class value for every name in ``class_field`` of all polygons, see ``class_numbers``.

    Polygons of a mask have class values of their own.

    Raises:
        LabelError: If a file has no such field.
    """
    paths: list[str] = []
    for scene in scenes:
        paths += filter(None, (scene.labels, *scene.later_labels))
        paths += (c.path for c in scene.corrections if _has_names_of_labels(c.path, class_field))
    return class_numbers(paths, class_field)


def _open_correction(correction: Correction, grid: Grid, options: LabelOptions) -> LabelSource:
    # The labelled area does not limit it: squares are checked where nothing was labelled.
    own = replace(options, area="")
    squares = _open_squares(correction.checked, grid)
    is_polygons = label_kind(correction.path) == "polygons"
    if is_polygons:
        field, numbers = _polygon_classes(correction.path, options)
        own = replace(own, class_field=field, numbers=numbers)
    mask = open_labels(correction.path, grid, replace(own, changes=ClassChanges()))
    renumbered = ClassChanges() if is_polygons else _renumbered(mask.names, options.numbers)
    if is_polygons and own.class_field == _VALUE and _is_of_mask(correction.path):
        mask.names.update(_names_of_values(correction.path))
    for changes in (renumbered, options.changes):
        mask = ChangedLabels(mask, changes) if changes.values else mask
    return CorrectedSource(mask, squares)


def _renumbered(names: Mapping[int, str], numbers: Mapping[str, int]) -> ClassChanges:
    """The changes of a mask's class values to those of the labels, whose numbers follow from the names of all classes."""
    named = {value: name for value, name in names.items() if name and value}
    if not {*named.values()} <= numbers.keys():
        return ClassChanges()
    return ClassChanges({v: numbers[name] for v, name in named.items() if numbers[name] != v})


def _open_squares(path: str, grid: Grid) -> PolygonLabels:
    """The checked squares of a file: 1 inside them."""
    if label_kind(path) != "polygons":
        raise LabelError(
            tr("The checked squares {} must be a layer of polygons, not a raster.").format(path)
        )
    field = _CHECKED if _CHECKED in _fields(path) else ""
    squares = PolygonLabels(path, grid, LabelOptions(field, unlabelled="ignored", numbers=_YES))
    if 1 not in squares.declared:
        raise LabelError(
            tr(
                "None of the squares {} is checked: set the field {} to true for those in which the mask is right."
            ).format(path, _CHECKED)
        )
    return squares


def _polygon_classes(path: str, options: LabelOptions) -> tuple[str, Mapping[str, int]]:
    """The field with the classes of a correction, empty if all are one class, and the class value of each name."""
    if _is_of_mask(path):
        names = _texts(path, _NAME)
        is_known = bool(names) and names <= options.numbers.keys()
        return (_NAME, options.numbers) if is_known else (_VALUE, _class_values(path))
    if _has_names_of_labels(path, options.class_field):
        return options.class_field, options.numbers
    return (_VALUE, _class_values(path)) if _VALUE in _fields(path) else ("", {})


def _class_values(path: str) -> dict[str, int]:
    """The class values in the field of a mask's polygons by their texts.

    A newly drawn polygon may be left without a value if all others have the same.
    """
    texts = _texts(path, _VALUE)
    if wrong := sorted(text for text in texts if text and not text.isdecimal()):
        raise LabelError(
            tr(
                "The polygons {} have {!r} in the field {}: it must hold class values, such as 1."
            ).format(path, wrong[0], _VALUE)
        )
    numbers = {text: int(text) for text in texts if text}
    if "" in texts and len(numbers) != 1:
        raise LabelError(
            tr(
                "Some polygons of {} have no class: write the value of their class into the field {}, such as 1."
            ).format(path, _VALUE)
        )
    return {**numbers, "": min(numbers.values())} if "" in texts else numbers


def _names_of_values(path: str) -> dict[int, str]:
    """The names of the class values in a mask's polygons; a value with several names has none of them."""
    named: dict[int, set[str]] = {}
    for value, name in zip(read_attribute(path, _VALUE), read_attribute(path, _NAME)):
        if not (is_blank(value) or is_blank(name)):
            named.setdefault(int(value), set()).add(class_name(name))
    return {value: names.pop() for value, names in named.items() if len(names) == 1}


def _has_names_of_labels(path: str, class_field: str) -> bool:
    """Whether the classes of a correction are in the field of the labels."""
    is_polygons = bool(class_field) and label_kind(path) == "polygons"
    return is_polygons and class_field in _fields(path) and not _is_of_mask(path)


def _is_of_mask(path: str) -> bool:
    """Whether polygons have the fields of a mask's polygons, with whole numbers as class values."""
    if not {_VALUE, _NAME} <= {*_fields(path)}:
        return False
    return all(text.isdecimal() for text in _texts(path, _VALUE) if text)


def _fields(path: str) -> tuple[str, ...]:
    return _fields_of(path, file_state(path.partition("|")[0]))


def _texts(path: str, field: str) -> frozenset[str]:
    """The different values of a field as class names; "" for features without a value."""
    return _texts_of(path, field, file_state(path.partition("|")[0]))


# A training opens the labels of its scenes again and again.
@lru_cache(_REMEMBERED)
def _fields_of(path: str, state: object) -> tuple[str, ...]:
    return field_names(path)


@lru_cache(_REMEMBERED)
def _texts_of(path: str, field: str, state: object) -> frozenset[str]:
    values = read_attribute(path, field)
    return frozenset("" if is_blank(value) else class_name(value) for value in values)


def _first_of_each(tables: Iterable[Mapping[int, str]]) -> dict[int, str]:
    """The entries of all tables; of several for one value the first."""
    found: dict[int, str] = {}
    for table in tables:
        found = {**table, **found}
    return found
