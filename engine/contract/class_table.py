"""The class table: value, name and colour of every class. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import JobError
from .plain_text import shorten, text_flaw

#: Distinguishable on aerial imagery and for colour-blind readers: Okabe and Ito (2008), reordered
#: so that a two-class table reads as quiet background and strong foreground.
PALETTE = (
    "#d9d4c7",
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#d55e00",
    "#f0e442",
    "#7f3c8d",
    "#11a579",
    "#a5aa99",
    "#e73f74",
)
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")

#: Names of a class that is everything else, in small letters.
BACKGROUND_NAMES = frozenset({"background", "배경"})

#: The longest name of a class, in characters.
_MAX_NAME_LENGTH = 255


@dataclass(frozen=True)
class ClassEntry:
    """One class.

    Attributes:
        value: The pixel value in label and mask rasters, 0..65534.
        name: The name shown in the legend; one that every file which holds it can hold.
        colour: The legend's colour as ``#rrggbb``.
        background: Whether the data's layout makes the class everything else, whatever its name.

    Raises:
        JobError: If one of them is impossible.
    """

    value: int
    name: str
    colour: str
    background: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.value <= 65534:
            raise JobError(
                f"Class value {self.value} cannot be stored in a mask: use whole numbers from 0 to 65534."
            )
        if not self.name.strip():
            raise JobError(f"The class {self.value} has no name: give it one.")
        if flaw := text_flaw(self.name, _MAX_NAME_LENGTH):
            raise JobError(
                f"The name {shorten(self.name)} of class {self.value} {flaw}: give it another."
            )
        if not _COLOUR.fullmatch(self.colour):
            raise JobError(
                f"The colour {shorten(self.colour)} of class {self.value} is not of the form #rrggbb."
            )

    @property
    def is_background(self) -> bool:
        """Whether the class is everything else, so that a map shows what lies below it."""
        return self.background or is_background_name(self.name)

    @property
    def alpha(self) -> int:
        """Opacity in a map, 0..255: a background is transparent."""
        return 0 if self.is_background else 255

    @property
    def rgb(self) -> tuple[int, int, int]:
        """Red, green and blue, each 0..255."""
        return (int(self.colour[1:3], 16), int(self.colour[3:5], 16), int(self.colour[5:7], 16))


ClassTable = tuple[ClassEntry, ...]


def is_background_name(name: str) -> bool:
    """Whether a class of this name is everything else."""
    return name.strip().casefold() in BACKGROUND_NAMES


def palette_colour(index: int) -> str:
    """The palette's colour for the class at position ``index``; repeats after its last one."""
    return PALETTE[index % len(PALETTE)]


def class_table(
    names: Mapping[int, str],
    colours: Mapping[int, str] | None = None,
    backgrounds: Collection[int] = (),
) -> ClassTable:
    """A class table sorted by value from names by value; missing colours come from the palette."""
    chosen = colours or {}
    return tuple(
        ClassEntry(
            value, names[value], chosen.get(value, palette_colour(index)), value in backgrounds
        )
        for index, value in enumerate(sorted(names))
    )


def to_records(table: ClassTable) -> list[dict[str, Any]]:
    """The table as JSON-ready records, in order; ``background`` is in those only that are one."""
    return [
        {"value": entry.value, "name": entry.name, "colour": entry.colour}
        | ({"background": True} if entry.background else {})
        for entry in table
    ]


def from_records(records: Iterable[Any]) -> ClassTable:
    """The table from the records that ``to_records`` made.

    Raises:
        JobError: If they are none, or their values do not rise from class to class.
    """
    table = tuple(map(_entry, records))
    values = [entry.value for entry in table]
    for before, value in zip(values, values[1:]):
        if value == before:
            raise JobError(f"The class value {value} stands twice in the class table.")
        if value < before:
            raise JobError(f"The class table is out of order: value {value} stands after {before}.")
    return table


def _entry(record: Any) -> ClassEntry:
    kinds = {"value": int, "name": str, "colour": str}
    if not isinstance(record, dict) or record.keys() - {"background"} != kinds.keys():
        raise JobError(
            f"The class table holds {shorten(record)}: a class has a value, a name, a colour and, if it is one, "
            "background, no less and no more."
        )
    if type(record.get("background", False)) is not bool:
        raise JobError(
            f"The class table holds a class whose background is {shorten(record['background'])}, not true or false."
        )
    for name, kind in kinds.items():
        if type(record[name]) is not kind:
            wanted = "a whole number" if kind is int else "a text"
            raise JobError(
                f"The class table holds a class whose {name} is {shorten(record[name])}, not {wanted}."
            )
    return ClassEntry(**record)


def free_value(table: ClassTable) -> int:
    """The highest value that no class uses: nodata of the mask (255 where possible).

    Stays within 0..255 when every class does, so that the mask is 8 bit.
    """
    used = {entry.value for entry in table}
    top = 255 if max(used, default=0) <= 255 and len(used) < 256 else 65535
    return next(value for value in range(top, -1, -1) if value not in used)


#: More digits than any class value has.
_DIGITS = 10


def parse_class_names(texts: Iterable[str]) -> dict[int, tuple[str, str]]:
    """Name and colour ("" where none is given) by value, from value=name or value=name=#rrggbb.

    Raises:
        JobError: If a text is neither, a colour is none, or a name or value is impossible.
    """
    given: dict[int, tuple[str, str]] = {}
    for text in texts:
        value, _, rest = text.partition("=")
        name, _, colour = (part.strip() for part in rest.partition("="))
        number = value.strip()
        if not (number.isascii() and number.isdecimal() and len(number) < _DIGITS) or not name:
            raise JobError(
                f"The class name {shorten(text)} is not of the form value=name or value=name=#rrggbb."
            )
        entry = ClassEntry(int(number), name, colour or PALETTE[0])  # refuses what is impossible
        given[entry.value] = (name, colour)
    return given


#: The class index of pixels without a label.
IGNORE_INDEX = -100
