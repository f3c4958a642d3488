"""A look at all training data before the first epoch: what there is, whether it fits, how it is split.

Everything that can be wrong with scenes and labels is said here, in seconds, not after an hour.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..contract.class_table import ClassTable, parse_class_names
from ..contract.errors import LabelError, LayoutError, format_count
from ..contract.jobs import TrainJob
from ..contract.scene import Scene
from ..datasets.label_source import LabelOptions, Labels
from ..datasets.labels import ValidPixelLabels, open_labels
from ..datasets.layouts import layout_classes
from ..datasets.polygon_labels import class_numbers
from ..rasters.alignment import Aligned
from ..rasters.ground_resolution import SAME_RESOLUTION, ground_size
from ..rasters.raster import band_counts, open_image
from ..rasters.windows import Window
from .spatial_split import Block, block_side, class_counts, count_blocks, is_small, split_blocks
from .training_classes import KnownClasses

#: From so many scenes on, if all are small and none is marked for training or validation, whole scenes
#: are held out: what is next to a block is like it, what is in another picture is not.
_MANY = 10


@dataclass(frozen=True)
class Stream:
    """What the scenes have in common in one stream.

    Attributes:
        bands: Number of bands.
        band_names: Their names in the first scene.
        dtype: The pixels' type in the first scene.
        pixel_size: The image's pixel width and height in its coordinate system's unit.
        crs: The image's coordinate system, or "".
        chosen: Bands that were chosen, counted from 1; none: all.
        of: Out of how many bands the first scene has (alpha counted too).
        warnings: What is peculiar about the first scene's file.
        ground: Metres of ground along the image's pixels; 0: unknown.
    """

    bands: int
    band_names: tuple[str, ...]
    dtype: str = ""
    pixel_size: tuple[float, float] = (1.0, 1.0)
    crs: str = ""
    chosen: tuple[int, ...] = ()
    of: int = 0
    warnings: tuple[str, ...] = ()
    ground: float = 0.0


@dataclass(frozen=True)
class Survey:
    """The training data as found.

    Attributes:
        scenes: All scenes.
        image: The image stream.
        auxiliary: The auxiliary stream; no bands where no scene has one.
        blocks: Labelled blocks, each for training or for validation.
        classes: The class table.
        auxiliary_tile_size: Side of a tile in auxiliary pixels.
        labels: How the label files are understood.
        absent: Names of the layout's classes that have no pixel to train on and were left out.
    """

    scenes: tuple[Scene, ...]
    image: Stream
    auxiliary: Stream
    blocks: tuple[Block, ...]
    classes: ClassTable
    auxiliary_tile_size: int
    labels: LabelOptions
    absent: tuple[str, ...] = ()

    def counts(self, is_validation: bool) -> dict[int, int]:
        """Labelled pixels by class value in training or validation."""
        return class_counts([b for b in self.blocks if b.is_validation == is_validation])

    @property
    def warnings(self) -> list[str]:
        """What the user should know of these data before waiting for their result."""
        told = list(self.image.warnings)
        train = [scene for scene in self.scenes if scene.split != "validation"]
        bare = sum(not scene.auxiliary for scene in train)
        if self.auxiliary.bands and bare:
            told.append(
                f"Without (complete) auxiliary rasters: {bare} of {format_count(len(train), 'training scene')}; "
                "the network learns from the image alone there."
            )
        if self.absent:
            told.append(
                f"No training pixel is labelled {' or '.join(self.absent)}: the model will not know "
                "that class, and validation leaves its pixels out."
            )
        return told

    def describe(self) -> str:
        """The labelled pixels of every class, as a sentence for the user."""
        train, held = self.counts(False), self.counts(True)
        parts = (
            f"{c.name} {train.get(c.value, 0):,} + {held.get(c.value, 0):,}" for c in self.classes
        )
        return f"Labelled pixels for training + validation: {'; '.join(parts)}."


@dataclass
class _Look:
    """What one scene showed."""

    image: Stream
    auxiliary: Stream | None
    across: float
    blocks: list[Block]
    labels: Labels
    is_small: bool


def survey(
    job: TrainJob,
    scenes: list[Scene],
    progress: Callable[[float], None] = lambda _: None,
    *,
    streams_share_grid: bool = False,
) -> Survey:
    """Looks at every scene once: bands, alignment, labels, split.

    Args:
        job: The training job.
        scenes: Its scenes.
        progress: Called with the share of scenes looked at.
        streams_share_grid: Whether the network needs tiles of the same number of pixels of both streams.

    Raises:
        EngineError: If something does not fit, in a sentence.
    """
    known = KnownClasses(layout_classes(job), parse_class_names(job.class_names))
    numbers = class_numbers([scene.labels for scene in scenes], job.class_field)
    options = LabelOptions(
        job.class_field, job.area, job.unlabelled, numbers, known.numbers, job.rle_order
    )
    is_many = len(scenes) >= _MANY and not any(scene.split for scene in scenes)
    looks: list[_Look] = []
    for index, scene in enumerate(scenes):
        looks.append(_look(job, index, scene, options, is_many))
        _check_fits(looks[0].image, looks[-1].image, scenes[0].image, scene.image)
        progress((index + 1) / len(scenes))
    stacks = [(look.auxiliary, scene) for look, scene in zip(looks, scenes) if look.auxiliary]
    for stack, scene in stacks:
        if stack.bands != stacks[0][0].bands:
            raise LayoutError(
                f"The auxiliary rasters of {scene.image} have {format_count(stack.bands, 'band')}, those of "
                f"{stacks[0][1].image} {stacks[0][0].bands}: all scenes need the same stack."
            )
    _check_auxiliary_in_training(scenes, [look.auxiliary is not None for look in looks])
    by_scene = is_many and all(look.is_small for look in looks)
    blocks = _split(job, scenes, [block for look in looks for block in look.blocks], by_scene)
    classes, absent = known.build_table([look.labels for look in looks], blocks)
    across = max(look.across for look in looks)
    side = job.tile_size if streams_share_grid else _auxiliary_tile_size(job, across)
    return Survey(
        scenes=tuple(scenes),
        image=replace(looks[0].image, **_common_ground([look.image for look in looks])),
        auxiliary=stacks[0][0] if stacks else Stream(0, ()),
        blocks=tuple(blocks),
        classes=classes,
        auxiliary_tile_size=side,
        labels=options,
        absent=tuple(absent),
    )


def _look(job: TrainJob, index: int, scene: Scene, options: LabelOptions, is_many: bool) -> _Look:
    """What a scene shows; one of many need not be cut into crumbs to give its share."""
    with open_image(scene.image, scene.image_bands) as image:
        grid = image.grid
        stream = Stream(
            bands=image.bands,
            band_names=tuple(image.band_names),
            dtype=str(image.dtype),
            pixel_size=grid.pixel_size,
            crs=grid.crs.to_string() if grid.crs else "",
            chosen=scene.image_bands,
            of=image.of,
            warnings=tuple(image.warnings),
            ground=ground_size(grid),
        )
        stack, across = None, 1.0
        if scene.auxiliary:
            aligned = Aligned(scene.auxiliary, grid, bands=scene.auxiliary_bands)
            of = sum(band_counts(path)[1] for path in scene.auxiliary)
            names = tuple(aligned.band_names)
            stack = Stream(aligned.bands, names, chosen=scene.auxiliary_bands, of=of)
            across = aligned.pixels_across(Window(0, 0, job.tile_size, job.tile_size))
        labels = open_labels(scene.labels, grid, options)
        side = job.tile_size
        if not scene.split and not is_many:
            side = block_side(grid, job.tile_size, job.validation_share)
        blocks = list(count_blocks(index, ValidPixelLabels(labels, image), grid, side))
        small = is_small(grid, job.tile_size, job.validation_share)
    return _Look(stream, stack, across, blocks, labels, small)


def _check_fits(first: Stream, other: Stream, first_path: str, path: str) -> None:
    if other.bands != first.bands:
        raise LayoutError(
            f"{path} has {format_count(other.bands, 'band')}, {first_path} {first.bands}: all images of one training "
            "need the same bands (an alpha band is not counted)."
        )


def _common_ground(streams: list[Stream]) -> dict[str, Any]:
    """The images' ground resolution; unknown, and a warning, where it is not one for all."""
    sizes = [stream.ground for stream in streams]
    first = streams[0]
    if max(sizes) <= SAME_RESOLUTION * min(sizes):
        return {"ground": first.ground}
    told = (
        f"The images have pixels of {min(sizes):.3g} to {max(sizes):.3g} m (0: unknown): the model learns from "
        "all of them pixel by pixel and knows no ground resolution of its own."
    )
    return {"ground": 0.0, "warnings": (*first.warnings, told)}


def _check_auxiliary_in_training(scenes: list[Scene], has_stack: list[bool]) -> None:
    """Auxiliary rasters that only validation has would never be learnt from."""
    trained = [own for scene, own in zip(scenes, has_stack) if scene.split != "validation"]
    if any(has_stack) and not any(trained):
        raise LayoutError(
            "Only validation scenes have auxiliary rasters: give them for training scenes too, or for none."
        )


def _split(job: TrainJob, scenes: list[Scene], blocks: list[Block], by_scene: bool) -> list[Block]:
    if not blocks:
        raise LabelError("No pixel of the image is labelled: do labels, area and image overlap?")
    if any(scene.split for scene in scenes):
        fixed = [scene.split == "validation" for scene in scenes]
        split = [Block(b.scene, b.window, b.counts, is_validation=fixed[b.scene]) for b in blocks]
    else:
        split = split_blocks(blocks, job.validation_share, job.seed, by_scene)
    if all(block.is_validation for block in split):
        raise LabelError("No labelled pixel is left for training: every scene is for validation.")
    if not any(block.is_validation for block in split):
        raise LabelError(
            "No labelled pixel is left for validation: label more of the image, or mark scenes of the "
            "table as validation."
        )
    return split


def _auxiliary_tile_size(job: TrainJob, across: float) -> int:
    """The tile's side in auxiliary pixels: the job's, else what the rasters resolve, in steps of 8.

    Not below an eighth of the tile, so that even one coarse value arrives as a smooth field, and not
    above half of it, since the finest map on which the streams meet has a quarter of the tile's pixels.
    """
    if job.auxiliary_tile_size:
        return job.auxiliary_tile_size
    resolved = -(-int(across + 0.5) // 8) * 8
    return max(8, job.tile_size // 8, min(resolved, job.tile_size // 2))
