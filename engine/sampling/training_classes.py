"""The class table of a training: which classes occur, with their names and colours.

Names and colours come from the label files; the fixed table of the data's layout overrides these, and the
user's class names override both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..contract.class_table import ClassTable, class_table, is_background_name
from ..contract.errors import JobError, LabelError, format_count
from ..contract.jobs import TrainJob
from ..contract.scene import Scene
from ..contract.translation import tr
from ..datasets.class_changes import ClassChanges, class_changes
from ..datasets.colour_labels import ColourClasses
from ..datasets.corrections import open_scene_labels
from ..datasets.label_source import LabelOptions, LabelSource
from ..rasters.raster import open_image
from .spatial_split import Block, class_counts


@dataclass(frozen=True)
class KnownClasses:
    """The classes that are known before the labels are read.

    Attributes:
        layout: Fixed table of the data's layout; its classes may be absent from the labels.
        given: The user's name and colour by value; these classes must occur.
    """

    layout: ClassTable
    given: dict[int, tuple[str, str]]

    @property
    def colours(self) -> dict[int, str]:
        """The known colours by value."""
        known = {entry.value: entry.colour for entry in self.layout}
        return {**known, **{value: colour for value, (_, colour) in self.given.items() if colour}}

    @property
    def numbers(self) -> ColourClasses:
        """The class value of every known colour, for coloured labels.

        The layout's colours stay valid in the labels when the user gives its classes other colours for the
        mask. A layout with a class table fixes the values in its labels; the user may add classes to it.

        Raises:
            JobError: If two classes have the same colour.
        """
        numbers = {entry.colour.lower(): entry.value for entry in self.layout}
        for value, colour in self.colours.items():
            other = numbers.setdefault(colour.lower(), value)
            if other != value:
                raise JobError(
                    tr(
                        "The colour {} stands for two classes, {} and {}: give each class a colour of its "
                        "own, and none that the data's layout has for another."
                    ).format(colour, other, value)
                )
        fixed = {entry.value for entry in self.layout}
        return ColourClasses(numbers, frozenset(fixed | self.given.keys() if fixed else ()))

    @property
    def named(self) -> list[tuple[int, str]]:
        """Values and names of the known classes; a class of both sources has both names."""
        layout = [(entry.value, entry.name) for entry in self.layout]
        return [*layout, *((value, name) for value, (name, _) in self.given.items())]

    def build_table(
        self, sources: list[LabelSource], blocks: list[Block], changes: ClassChanges
    ) -> tuple[ClassTable, list[str]]:
        """The table of the classes that occur in training, and the names of the layout's absent classes.

        Args:
            sources: The label sources, with the changes.
            blocks: The labelled blocks.
            changes: Ignored and merged classes.

        Raises:
            LabelError: If a class of the user or of the labels has no pixel to train on, or if only one
                class occurs.
        """
        counts = class_counts([block for block in blocks if not block.is_validation])
        fixed = changes.apply({entry.value: entry.name for entry in self.layout})
        given = changes.apply(self.given)
        absent = [v for v in fixed if v not in {*given, *changes.names} and not counts.get(v)]
        declared = {value for source in sources for value in source.declared}
        if declared.isdisjoint(class_counts(blocks)) and declared:
            raise LabelError(
                tr(
                    "No polygon, line or point of the labels covers a pixel: do labels, area and image overlap, "
                    "and do they have the right coordinate systems?"
                )
            )
        required = {*class_counts(blocks), *given, *changes.names, *declared}
        names = {value: f"class {value}" for value in required}
        colours: dict[int, str] = {}
        for source in sources:
            names.update(source.names)
            colours.update(source.colours)
        names.update(fixed)
        backgrounds = {value for value, name in names.items() if is_background_name(name)}
        names.update({value: name for value, (name, _) in given.items()})
        names.update(changes.names)
        summary = ", ".join(f"{names[value]} {count:,} px" for value, count in counts.items())
        for value in sorted(required - set(absent)):
            if not counts.get(value):
                raise LabelError(
                    tr(
                        "The class {!r} (value {}) has no labelled pixel to train on; found: {}. Label some "
                        "of it, or leave the class out."
                    ).format(names[value], value, summary)
                )
        if len(counts) < 2:
            raise LabelError(
                tr(
                    "The labels hold one class only ({}): a segmentation needs at least two. Are pixels "
                    "outside the polygons to be background? Of points and lines, mark another class too."
                ).format(summary)
            )
        colours.update(changes.apply(self.colours))
        table = class_table({v: names[v] for v in counts}, colours, backgrounds)
        return table, [fixed[value] for value in absent]


def label_changes(
    job: TrainJob, scenes: list[Scene], known: KnownClasses, options: LabelOptions
) -> ClassChanges:
    """The ignored and merged classes of a job, whose names may stand in any of its label files.

    Raises:
        EngineError: If a file cannot be opened, or the job names an unknown class or contradicts itself.
    """
    if not (job.ignore or job.merge):
        return ClassChanges()
    named = known.named
    for scene in {scene.label_files: scene for scene in scenes}.values():
        with open_image(scene.image, scene.image_bands) as image:
            named += open_scene_labels(scene, image.grid, options).names.items()
    return class_changes(job.ignore, job.merge, named)


def label_doubts(sources: list[LabelSource], blocks: list[Block]) -> list[str]:
    """Warnings about images without a label, and without a polygon, among several.

    Args:
        sources: The label source of each scene.
        blocks: The labelled blocks.
    """
    values: list[set[int]] = [set() for _ in sources]
    for block in blocks:
        values[block.scene].update(block.counts)
    doubts, total = [], format_count(len(sources), "{} image", "{} images")
    if bare := sum(not found for found in values):
        doubts.append(
            tr("Not used, because they have no labelled pixel: {} of {}.").format(bare, total)
        )
    pairs = zip(sources, values)
    if empty := sum(bool(f and s.declared and s.declared.isdisjoint(f)) for s, f in pairs):
        doubts.append(
            tr(
                "Without any polygon: {} of {}; all pixels there are background. If nobody has mapped them, leave these "
                "images out, or set unlabelled to ignored."
            ).format(empty, total)
        )
    return doubts


def mark_doubts(job: TrainJob, contradictions: Sequence[int]) -> list[str]:
    """Warnings about points and lines among the labels.

    Args:
        job: The training job.
        contradictions: Pixels with contradicting marks of each scene that has points or lines; empty: none has.
    """
    doubts = [*filter(None, [contradiction_doubt(sum(contradictions))])]
    if contradictions and job.paste:
        doubts.append(
            tr(
                "Nothing is pasted (paste): among points and lines it is unknown where an object ends. Draw polygons to "
                "paste objects."
            )
        )
    return doubts


def contradiction_doubt(pixels: int) -> str:
    """The warning about pixels that marks of different classes cover; empty if there are none."""
    if not pixels:
        return ""
    text = tr(
        "Pixels with marks of different classes: {:,}. There the later mark in the file counts; delete those that "
        "are wrong."
    )
    return text.format(pixels)
