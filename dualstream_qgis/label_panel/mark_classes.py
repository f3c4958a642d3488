"""The classes of marks: names, colours, and the sentences about a name that cannot be used. Free of Qt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ..engine.contract.class_table import PALETTE, ClassEntry, ClassTable, palette_colour
from ..engine.contract.errors import JobError
from ..engine.contract.translation import tr


@dataclass(frozen=True)
class MarkClass:
    """One class.

    Attributes:
        name: Its name, as in the field of the marks.
        colour: Its colour as ``#rrggbb``.
    """

    name: str
    colour: str


def name_flaw(name: str, others: Collection[str]) -> str:
    """Returns why a class cannot have a name, "" if it can.

    Args:
        name: The name.
        others: The names of the other classes.
    """
    if name in others:
        return tr("There is a class {} already: choose another name.").format(name)
    try:
        ClassEntry(1, name, PALETTE[0])
    except JobError as error:
        return str(error)
    return ""


def new_class(classes: Sequence[MarkClass], name: str = "") -> MarkClass:
    """Returns a further class, with a colour that no class has yet while the palette lasts.

    Args:
        classes: The classes so far.
        name: Its name; empty: one that is free, to be changed by the user.
    """
    taken, names = {entry.colour for entry in classes}, {entry.name for entry in classes}
    # The first colour of the palette is that of a background.
    colours = [*PALETTE[1:], PALETTE[0]]
    free = next((colour for colour in colours if colour not in taken), None)
    number = next(n for n in range(1, len(names) + 2) if tr("class {}").format(n) not in names)
    colour = free or palette_colour(len(classes))
    return MarkClass(name or tr("class {}").format(number), colour)


def class_names_parameter(classes: Sequence[MarkClass], marked: Collection[str]) -> list[str]:
    """Returns the cells of the parameter ``CLASS_NAMES``: value, name and colour of the classes with marks.

    A training numbers the names of a field from 1 in alphabetical order, and takes whole numbers as they are.

    Args:
        classes: The classes.
        marked: The names of those that have marks; the others must be left out.
    """
    colours = {entry.name: entry.colour for entry in classes}
    are_values = all(name.isascii() and name.isdecimal() for name in marked)
    cells: list[str] = []
    for number, name in enumerate(sorted(marked), 1):
        value = str(int(name)) if are_values else str(number)
        cells += [value, name, colours.get(name, palette_colour(number))]
    return cells


def coloured(table: ClassTable, classes: Sequence[MarkClass]) -> ClassTable:
    """Returns a mask's class table in the colours of the classes of the same name."""
    colours = {entry.name: entry.colour for entry in classes}
    return tuple(replace(entry, colour=colours.get(entry.name, entry.colour)) for entry in table)
