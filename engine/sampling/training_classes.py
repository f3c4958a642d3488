"""The class table of a training: which classes there are, and what they are called and look like.

Names and colours come from the label files, a fixed table of the data's layout goes before those, and
what the user says goes before both.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..contract.class_table import ClassTable, class_table, is_background_name
from ..contract.errors import JobError, LabelError
from ..datasets.colour_labels import ColourNumbers
from ..datasets.label_source import Labels
from .spatial_split import Block, class_counts


@dataclass(frozen=True)
class KnownClasses:
    """What is known of the classes before the labels are read.

    Attributes:
        layout: The fixed table of the data's layout; a class of it may be absent from the labels.
        given: Name and colour by value from the user; these classes must occur.
    """

    layout: ClassTable
    given: dict[int, tuple[str, str]]

    @property
    def colours(self) -> dict[int, str]:
        """The known colours by value."""
        known = {entry.value: entry.colour for entry in self.layout}
        return {**known, **{value: colour for value, (_, colour) in self.given.items() if colour}}

    @property
    def numbers(self) -> ColourNumbers:
        """The class value of every known colour, for coloured labels.

        The colours of the layout stay known when the user gives its classes others for the mask. A
        layout with a class table fixes what its labels hold; the user may add classes to it.

        Raises:
            JobError: If a colour stands for two classes.
        """
        numbers = {entry.colour.lower(): entry.value for entry in self.layout}
        for value, colour in self.colours.items():
            other = numbers.setdefault(colour.lower(), value)
            if other != value:
                raise JobError(
                    f"The colour {colour} stands for two classes, {other} and {value}: give each class "
                    "a colour of its own, and none that the data's layout has for another."
                )
        fixed = {entry.value for entry in self.layout}
        return ColourNumbers(numbers, frozenset(fixed | self.given.keys() if fixed else ()))

    def build_table(
        self, sources: list[Labels], blocks: list[Block]
    ) -> tuple[ClassTable, list[str]]:
        """The class table of the classes that occur in training, and the layout's that do not.

        Raises:
            LabelError: If a class that the labels or the user promise has no pixel to train on, or
                there is one class only.
        """
        counts = class_counts([block for block in blocks if not block.is_validation])
        fixed = {entry.value: entry.name for entry in self.layout}
        absent = [v for v in fixed if v not in self.given and not counts.get(v)]
        promised = {*class_counts(blocks), *self.given, *(v for s in sources for v in s.declared)}
        names = {value: f"class {value}" for value in promised}
        colours: dict[int, str] = {}
        for source in sources:
            names.update(source.names)
            colours.update(source.colours)
        names.update(fixed)
        backgrounds = {value for value, name in names.items() if is_background_name(name)}
        names.update({value: name for value, (name, _) in self.given.items()})
        for value in sorted(promised - set(absent)):
            if not counts.get(value):
                raise LabelError(
                    f"The class {names[value]!r} (value {value}) has no labelled pixel to train on; "
                    f"found: {_listed(names, counts)}. Label some of it, or leave the class out."
                )
        if len(counts) < 2:
            raise LabelError(
                f"The labels hold one class only ({_listed(names, counts)}): a segmentation needs at "
                "least two. Are pixels outside the polygons to be background?"
            )
        colours.update(self.colours)
        table = class_table({v: names[v] for v in counts}, colours, backgrounds)
        return table, [fixed[value] for value in absent]


def _listed(names: dict[int, str], counts: dict[int, int]) -> str:
    return ", ".join(f"{names[value]} {count:,} px" for value, count in counts.items())
