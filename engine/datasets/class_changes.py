"""Ignored and merged classes: which class values of the labels become another one, or no label at all.

Both are read from texts that name classes by value or name, such as ``255`` and ``8+10=thin cloud``. The label
source of ``labels.open_labels`` applies them to pixels, names and colours, so everything that counts or draws
labels sees the same classes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ..contract.errors import JobError
from ..contract.plain_text import shorten
from ..contract.translation import tr

#: A whole number in a text. Labels may hold a negative one, which is not a class but can be ignored.
_NUMBER = re.compile(r"-?[0-9]{1,9}")

_LARGEST_CLASS = 65534

T = TypeVar("T")

#: Class values and their names; a value may have several names, and several values one.
Named = Iterable[tuple[int, str]]


@dataclass(frozen=True)
class ClassChanges:
    """Changes of the classes in labels.

    Attributes:
        values: The new class value of every changed one; None: its pixels have no label.
        names: Name by value of every class that merging has made.
    """

    values: Mapping[int, int | None] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)

    @property
    def ignored(self) -> frozenset[int]:
        """Values whose pixels have no label."""
        return frozenset(old for old, new in self.values.items() if new is None)

    def apply(self, by_value: Mapping[int, T]) -> dict[int, T]:
        """The entries of a mapping for the new classes; of several merged ones the result's own entry counts first."""
        kept = {v: item for v, item in by_value.items() if self.values.get(v, v) == v}
        for old, item in by_value.items():
            new = self.values.get(old, old)
            if new is not None:
                kept.setdefault(new, item)
        return kept


def class_changes(
    ignore: Sequence[str], merge: Sequence[str], names: Named, results: Named = ()
) -> ClassChanges:
    """Reads the options ``ignore`` and ``merge``.

    The result of a merge has the value of the class of that name or number, if there is one, else the smallest
    of the merged values.

    Args:
        ignore: Classes without label, each a name or a value.
        merge: Merges, each as ``class+class=name``.
        names: The classes in the labels; a name counts before a number.
        results: Further classes that a merge may have as its result, which count before ``names``.

    Raises:
        JobError: If a text has another form or names an unknown class, or two texts contradict each other.
    """
    known, targets = _values_by_name(names), _values_by_name(results)
    targets = {**known, **targets}
    values: dict[int, int | None] = {}
    for text in ignore:
        values.update(dict.fromkeys(_find(text.strip(), known, "ignore")))
    made: dict[int, str] = {}
    for text in merge:
        sources, name = _parse_merge(text, known)
        result = _result(name, sources, targets, text)
        _check_merge(text, sources, result, values)
        values.update(dict.fromkeys(sources, result))
        if name in targets or not _NUMBER.fullmatch(name):
            made[result] = name
            targets.setdefault(name, [result])
    _check_results(merge, values)
    return ClassChanges(values, made)


def _values_by_name(names: Named) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for value, name in names:
        if value not in found.setdefault(name.strip(), []):
            found[name.strip()].append(value)
    return found


def _find(text: str, known: Mapping[str, list[int]], option: str) -> list[int]:
    """The values of the classes that a name or number means."""
    if text in known:
        return known[text]
    is_number = _NUMBER.fullmatch(text) is not None
    if is_number and (option == "ignore" or 0 <= int(text) <= _LARGEST_CLASS):
        return [int(text)]
    if is_number:
        raise JobError(
            tr("merge names the value {}, but classes have values from 0 to 65534.").format(text)
        )
    if not known:
        message = tr(
            "{} names the class {}, but the labels have no names for their values: give a class value."
        )
        raise JobError(message.format(option, shorten(text)))
    message = tr(
        "{} names the class {}, but the labels have {}: give a name that they have, or a class value."
    )
    raise JobError(message.format(option, shorten(text), ", ".join(sorted(known))))


def _parse_merge(text: str, known: Mapping[str, list[int]]) -> tuple[list[int], str]:
    """The merged values, and the name or number of the result."""
    left, equals, name = (part.strip() for part in text.rpartition("="))
    parts = [left] if left in known else [part.strip() for part in left.split("+")]
    if not equals or not name or not all(parts):
        raise JobError(
            tr("The merge {} is not of the form class+class=name, such as 8+10=thin cloud.").format(
                shorten(text)
            )
        )
    return [value for part in parts for value in _find(part, known, "merge")], name


def _result(name: str, sources: Sequence[int], targets: Mapping[str, list[int]], text: str) -> int:
    """The value of the class that a merge makes."""
    if name in targets:
        return min(targets[name])
    if not _NUMBER.fullmatch(name):
        return min(sources)
    if not 0 <= int(name) <= _LARGEST_CLASS:
        raise JobError(
            tr("The merge {} makes the value {}, but classes have values from 0 to 65534.").format(
                shorten(text), name
            )
        )
    return int(name)


def _check_merge(
    text: str, sources: Sequence[int], result: int, values: Mapping[int, int | None]
) -> None:
    """Refuses classes that an option before has changed already."""
    for value in sources:
        if value in values and values[value] is None:
            raise JobError(
                tr(
                    "The merge {} holds a class that is ignored, {}: take it out of one of the two."
                ).format(shorten(text), value)
            )
        if value in values and values[value] != result:
            raise JobError(
                tr("The class {} is in two merges, the second is {}: take it out of one.").format(
                    value, shorten(text)
                )
            )
    if result in values and values[result] is None:
        raise JobError(
            tr(
                "The merge {} makes a class that is ignored, {}: give it another name, or do not "
                "ignore that class."
            ).format(shorten(text), result)
        )


def _check_results(merge: Sequence[str], values: Mapping[int, int | None]) -> None:
    """Refuses a merge into a class that itself is merged into another one."""
    for result in values.values():
        if result is not None and values.get(result, result) != result:
            raise JobError(
                tr(
                    "The merges {} contradict each other: the class {} is the result of one and part of "
                    "another. Name all its parts in one merge."
                ).format(", ".join(merge), result)
            )
