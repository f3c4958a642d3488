"""The class table: value, name and colour of every class."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import JobError
from .plain_text import shorten, text_flaw
from .translation import tr

#: Distinguishable on aerial imagery and for colour-blind readers: Okabe and Ito (2008), reordered so that a table
#: of two classes has a quiet background and a strong foreground.
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

#: Names of a background class, in lower case.
_BACKGROUND_NAMES = frozenset({"background", "배경"})

#: Longest name of a class, in characters.
_MAX_NAME_LENGTH = 255

#: Number of digits that no class value reaches.
_DIGITS = 10

#: Class index of pixels without a label.
IGNORE_INDEX = -100


@dataclass(frozen=True)
class ClassEntry:
    """One class.

    Attributes:
        value: Pixel value in label and mask rasters, 0..65534.
        name: Name in the legend.
        colour: Colour in the legend as ``#rrggbb``.
        background: Whether the layout of the dataset makes the class the background, independent of its name.

    Raises:
        JobError: If an attribute is impossible.
    """

    value: int
    name: str
    colour: str
    background: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.value <= 65534:
            raise JobError(
                tr(
                    "Class value {} cannot be stored in a mask: use whole numbers from 0 to 65534."
                ).format(self.value)
            )
        if not self.name.strip():
            raise JobError(tr("The class {} has no name: give it one.").format(self.value))
        if flaw := text_flaw(self.name, _MAX_NAME_LENGTH):
            raise JobError(
                tr("The name {} of class {} cannot be used: {}. Give it another.").format(
                    shorten(self.name), self.value, flaw
                )
            )
        if not _COLOUR.fullmatch(self.colour):
            raise JobError(
                tr("The colour {} of class {} is not of the form #rrggbb.").format(
                    shorten(self.colour), self.value
                )
            )

    @property
    def is_background(self) -> bool:
        """Whether the class is the background, which a map shows as transparent."""
        return self.background or is_background_name(self.name)

    @property
    def alpha(self) -> int:
        """Opacity in a map, 0..255."""
        return 0 if self.is_background else 255

    @property
    def rgb(self) -> tuple[int, int, int]:
        """Red, green and blue, each 0..255."""
        return (int(self.colour[1:3], 16), int(self.colour[3:5], 16), int(self.colour[5:7], 16))


ClassTable = tuple[ClassEntry, ...]


def is_background_name(name: str) -> bool:
    """Whether a class of this name is the background."""
    return name.strip().casefold() in _BACKGROUND_NAMES


def palette_colour(index: int) -> str:
    """The palette's colour for the class at position ``index``; the palette repeats."""
    return PALETTE[index % len(PALETTE)]


def class_table(
    names: Mapping[int, str],
    colours: Mapping[int, str] | None = None,
    backgrounds: Collection[int] = (),
) -> ClassTable:
    """The class table, sorted by value, of names by value; missing colours come from the palette."""
    colours = colours or {}
    return tuple(
        ClassEntry(
            value, names[value], colours.get(value, palette_colour(index)), value in backgrounds
        )
        for index, value in enumerate(sorted(names))
    )


def to_records(table: ClassTable) -> list[dict[str, Any]]:
    """The table as JSON-ready records, in order; only a background class has the key ``background``."""
    return [
        {"value": entry.value, "name": entry.name, "colour": entry.colour}
        | ({"background": True} if entry.background else {})
        for entry in table
    ]


def from_records(records: Iterable[Any]) -> ClassTable:
    """The table of the records that ``to_records`` made.

    Raises:
        JobError: If a record is damaged, or the values are not in ascending order.
    """
    table = tuple(map(_entry, records))
    values = [entry.value for entry in table]
    for before, value in zip(values, values[1:]):
        if value == before:
            raise JobError(tr("The class value {} is twice in the class table.").format(value))
        if value < before:
            raise JobError(
                tr("The class table is out of order: value {} comes after {}.").format(
                    value, before
                )
            )
    return table


def _entry(record: Any) -> ClassEntry:
    kinds = {"value": int, "name": str, "colour": str}
    if not isinstance(record, dict) or record.keys() - {"background"} != kinds.keys():
        raise JobError(
            tr(
                "The class table holds {}: a class has a value, a name, a colour, optionally "
                "background, and nothing else."
            ).format(shorten(record))
        )
    if type(record.get("background", False)) is not bool:
        raise JobError(
            tr("The class table holds a class whose background is {}, not true or false.").format(
                shorten(record["background"])
            )
        )
    for name, kind in kinds.items():
        if type(record[name]) is not kind:
            wanted = tr("a whole number") if kind is int else tr("a text")
            raise JobError(
                tr("The class table holds a class whose {} is {}, not {}.").format(
                    name, shorten(record[name]), wanted
                )
            )
    return ClassEntry(**record)


def nodata_value(table: ClassTable) -> int:
    """The highest value that no class uses, which becomes the mask's nodata: 255 if possible.

    It is within 0..255 if all classes are, so that the mask has 8 bits.
    """
    used = {entry.value for entry in table}
    top = 255 if max(used, default=0) <= 255 and len(used) < 256 else 65535
    return next(value for value in range(top, -1, -1) if value not in used)


def parse_class_names(texts: Iterable[str]) -> dict[int, tuple[str, str]]:
    """Name and colour (or "") by value, from texts of the form value=name or value=name=#rrggbb.

    Raises:
        JobError: If a text has another form, or a value, name or colour is impossible.
    """
    parsed: dict[int, tuple[str, str]] = {}
    for text in texts:
        value, _, rest = text.partition("=")
        name, _, colour = (part.strip() for part in rest.partition("="))
        number = value.strip()
        if not (number.isascii() and number.isdecimal() and len(number) < _DIGITS) or not name:
            raise JobError(
                tr("The class name {} is not of the form value=name or value=name=#rrggbb.").format(
                    shorten(text)
                )
            )
        entry = ClassEntry(int(number), name, colour or PALETTE[0])  # checks all three
        parsed[entry.value] = (name, colour)
    return parsed
