"""Survey of all training data before the first epoch: bands, alignment, labels, classes and split.

It reports every error in scenes and labels within seconds instead of after an hour of training.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ..contract.class_table import ClassTable, parse_class_names
from ..contract.errors import LabelError, RasterError, format_count
from ..contract.jobs import TrainJob
from ..contract.paths import format_path
from ..contract.scene import Scene
from ..contract.translation import tr
from ..datasets.corrections import label_numbers, open_corrections, open_marks, open_scene_labels
from ..datasets.covered_pixels import MarkSize
from ..datasets.label_source import LabelOptions, LabelSource
from ..datasets.labels import ValidPixelLabels
from ..datasets.layouts import layout_classes
from ..rasters.alignment import AlignedRasters
from ..rasters.footprint import Ring, outlines
from ..rasters.ground_resolution import ground_size
from ..rasters.raster import band_counts, open_image
from ..rasters.windows import Window
from .block_division import divide_blocks, division_doubts
from .corrected_blocks import corrected_share, mark_corrected
from .earlier_split import EarlierSplit
from .spatial_folds import describe_folds, fold_doubts
from .spatial_split import Block, block_side, class_counts, count_blocks, is_small, mark_side
from .training_classes import KnownClasses, label_changes, label_doubts, mark_doubts
from .training_streams import Stream, check_same_bands, common_auxiliary, with_common_ground

_NOTHING = EarlierSplit()

#: Minimum number of scenes for holding out whole scenes, if all are small and none has a given split:
#: neighbouring blocks are similar, other pictures are not.
_MANY_SCENES = 10


@dataclass(frozen=True)
class Survey:
    """The surveyed training data.

    Attributes:
        scenes: All scenes.
        image: The image stream.
        auxiliary: The auxiliary stream; without bands if no scene has one.
        blocks: Labelled blocks, each for training or for validation; in a training in folds each of a fold, and
            none for validation before ``spatial_folds.hold_out``.
        classes: The class table.
        auxiliary_tile_size: Side of a tile in auxiliary pixels.
        labels: Options for reading the label files.
        absent: Names of the layout's classes without training pixels, which are left out.
        doubts: Warnings about images without labels, contradicting marks, and the split.
        has_marks: Whether points or lines are among the labels.
        before: The blocks of the model from which the training starts.
        outlines: Where on Earth the labelled parts of the scenes lie.
    """

    scenes: tuple[Scene, ...]
    image: Stream
    auxiliary: Stream
    blocks: tuple[Block, ...]
    classes: ClassTable
    auxiliary_tile_size: int
    labels: LabelOptions
    absent: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    has_marks: bool = False
    before: EarlierSplit = _NOTHING
    outlines: tuple[Ring, ...] = ()

    def counts(self, is_validation: bool) -> dict[int, int]:
        """Labelled pixels by class value in training or validation."""
        return class_counts([b for b in self.blocks if b.is_validation == is_validation])

    @property
    def warnings(self) -> list[str]:
        """Warnings for the user before the training."""
        warnings = [*self.image.warnings, *self.doubts, *fold_doubts(self.blocks)]
        train = [scene for scene in self.scenes if scene.split != "validation"]
        incomplete = sum(not scene.auxiliary for scene in train)
        if self.auxiliary.bands and incomplete:
            total = format_count(len(train), "{} training scene", "{} training scenes")
            warnings.append(
                tr(
                    "Without (complete) auxiliary rasters: {} of {}; the network learns from the image alone there."
                ).format(incomplete, total)
            )
        if self.absent:
            warnings.append(
                tr(
                    "Classes without a labelled training pixel: {}. The model will not know them, and validation leaves "
                    "their pixels out."
                ).format(", ".join(self.absent))
            )
        return warnings

    def describe(self) -> str:
        """The labelled pixels of every class, as a sentence for the user."""
        if folds := describe_folds(self.blocks, self.classes):
            return f"{folds} {self._describe_corrections()}".rstrip()
        train, held_out = self.counts(False), self.counts(True)
        parts = (
            f"{c.name} {train.get(c.value, 0):,} + {held_out.get(c.value, 0):,}"
            for c in self.classes
        )
        text = tr("Labelled pixels for training + validation: {}.").format("; ".join(parts))
        return f"{text} {self._describe_corrections()}".rstrip()

    def _describe_corrections(self) -> str:
        """The corrected pixels, as a sentence for the user; empty without corrections."""
        parts: dict[bool, int] = {False: 0, True: 0}
        for block in self.blocks:
            if block.corrected:
                parts[block.is_validation] += block.corrected.labelled
        if not any(parts.values()):
            return ""
        factor = corrected_share([b for b in self.blocks if not b.is_validation])[1]
        text = (
            tr("Corrected pixels among them: {:,} + {:,}.")
            if any(block.is_validation for block in self.blocks)
            else tr("Corrected pixels among them: {:,}.")
        ).format(parts[False], parts[True])
        if factor <= 1:
            return text
        often = tr("Training tiles show them {:.1f} times as often as their area would.")
        return f"{text} {often.format(factor)}"


@dataclass
class _SceneSurvey:
    """Survey of one scene.

    Attributes:
        auxiliary_side: Side of a tile in pixels of the finest auxiliary raster.
        earlier: The blocks without the corrections.
        outlines: Where on Earth the labelled part lies.
        contradictions: Pixels that points, lines and polygons of one file mark as different classes; None: its labels
            hold no point and no line.
    """

    image: Stream
    auxiliary: Stream | None
    auxiliary_side: float
    blocks: list[Block]
    earlier: list[Block]
    labels: LabelSource
    is_small: bool
    outlines: list[Ring]
    contradictions: int | None


def survey(
    job: TrainJob,
    scenes: list[Scene],
    progress: Callable[[float], None] = lambda _: None,
    *,
    streams_share_grid: bool = False,
    before: EarlierSplit = _NOTHING,
) -> Survey:
    """Surveys every scene once: bands, alignment, labels, split.

    Args:
        job: The training job.
        scenes: Its scenes.
        progress: Callback for the share of surveyed scenes.
        streams_share_grid: Whether the network needs tiles of the same number of pixels of both streams.
        before: The blocks of the model from which the training starts.

    Raises:
        EngineError: If the data do not fit together or do not suffice for a training.
    """
    known = KnownClasses(layout_classes(job), parse_class_names(job.class_names))
    numbers = label_numbers(scenes, job.class_field)
    options = LabelOptions(
        job.class_field,
        job.area,
        job.unlabelled,
        numbers,
        known.numbers,
        job.rle_order,
        marks=MarkSize(job.point_radius, job.line_width),
    )
    options = replace(options, changes=label_changes(job, scenes, known, options))
    is_many = len(scenes) >= _MANY_SCENES and not any(scene.split for scene in scenes)
    surveys: list[_SceneSurvey] = []
    for index, scene in enumerate(scenes):
        with _naming_image(scene, len(scenes)):
            surveys.append(_survey_scene(job, index, scene, options, is_many))
        check_same_bands(surveys[0].image, surveys[-1].image, scenes[0].image, scene.image)
        progress((index + 1) / len(scenes))
    auxiliary = common_auxiliary(scenes, [s.auxiliary for s in surveys])
    by_scene = is_many and all(s.is_small for s in surveys)
    earlier = [block for s in surveys for block in s.earlier]
    labelled = [block for s in surveys for block in s.blocks]
    blocks = divide_blocks(job, scenes, labelled, earlier, before, by_scene)
    classes, absent = known.build_table([s.labels for s in surveys], blocks, options.changes)
    side = max(s.auxiliary_side for s in surveys)
    contradictions = [s.contradictions for s in surveys if s.contradictions is not None]
    return Survey(
        scenes=tuple(scenes),
        image=with_common_ground([s.image for s in surveys]),
        auxiliary=auxiliary,
        blocks=tuple(blocks),
        classes=classes,
        auxiliary_tile_size=job.tile_size if streams_share_grid else _auxiliary_size(job, side),
        labels=options,
        absent=tuple(absent),
        doubts=(
            *label_doubts([s.labels for s in surveys], blocks),
            *mark_doubts(job, contradictions),
            *division_doubts(scenes, blocks, before),
        ),
        has_marks=bool(contradictions),
        before=before,
        outlines=tuple(ring for s in surveys for ring in s.outlines),
    )


@contextmanager
def _naming_image(scene: Scene, scenes: int) -> Iterator[None]:
    """Adds the image to errors about a file that belongs to several scenes."""
    try:
        yield
    except (RasterError, LabelError) as error:
        if scenes == 1 or scene.image in str(error):
            raise
        raise type(error)(
            tr("{} The image is {}.").format(error, format_path(scene.image))
        ) from error


def _survey_scene(
    job: TrainJob, index: int, scene: Scene, options: LabelOptions, is_many: bool
) -> _SceneSurvey:
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
        stack, auxiliary_side = None, 1.0
        if scene.auxiliary:
            aligned = AlignedRasters(scene.auxiliary, grid, bands=scene.auxiliary_bands)
            of = sum(band_counts(path)[1] for path in scene.auxiliary)
            names = tuple(aligned.band_names)
            kinds = {str(raster.dtype) for raster in aligned.rasters}
            kind = kinds.pop() if len(kinds) == 1 else ""
            stack = Stream(aligned.bands, names, kind, chosen=scene.auxiliary_bands, of=of)
            auxiliary_side = aligned.pixels_across(Window(0, 0, job.tile_size, job.tile_size))
        labels = open_scene_labels(scene, grid, options)
        valid, marks = ValidPixelLabels(labels, image), open_marks(scene, grid, options)
        side, parts = job.tile_size, [grid.bounds]
        if marks:
            parts = [tile.window for tile in count_blocks(index, valid, parts, side)]
        twice = sum(one.contradictions(part) for one in marks for part in parts)
        if not scene.split and not is_many:  # of many scenes, whole ones make up the share
            side = block_side(grid, job.tile_size, job.validation_share)
            side = min(side, mark_side(job.tile_size)) if marks else side
        earlier = blocks = list(count_blocks(index, valid, parts, side))
        if scene.corrections:
            corrections = ValidPixelLabels(open_corrections(scene, grid, options), image)
            blocks, earlier = mark_corrected(blocks, corrections), []
            if scene.labels:
                older = open_scene_labels(replace(scene, corrections=()), grid, options)
                earlier = list(count_blocks(index, ValidPixelLabels(older, image), parts, side))
        small = is_small(grid, job.tile_size, job.validation_share)
        rings = outlines(grid, [block.window for block in blocks])
    return _SceneSurvey(
        image=stream,
        auxiliary=stack,
        auxiliary_side=auxiliary_side,
        blocks=blocks,
        earlier=earlier,
        labels=labels,
        is_small=small,
        outlines=rings,
        contradictions=twice if marks else None,
    )


def _auxiliary_size(job: TrainJob, resolution: float) -> int:
    """Side of a tile in auxiliary pixels: the job's, else the rasters' resolution in steps of 8.

    At least an eighth of the tile, so that even one coarse value becomes a smooth field, and at most half of
    it, since the finest feature map on which the streams meet has a quarter of the tile's pixels.
    """
    if job.auxiliary_tile_size:
        return job.auxiliary_tile_size
    resolved = -(-int(resolution + 0.5) // 8) * 8
    return max(8, job.tile_size // 8, min(resolved, job.tile_size // 2))
