"""The division of all labelled blocks of a job: into folds, or into training and validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..contract.errors import LabelError
from ..contract.jobs import TrainJob
from ..contract.scene import Scene
from ..contract.translation import tr
from .corrected_blocks import Place, place_of, split_around
from .earlier_split import EarlierSplit, image_names
from .spatial_folds import divide_into_folds
from .spatial_split import Block, split_blocks


def divide_blocks(
    job: TrainJob,
    scenes: list[Scene],
    blocks: list[Block],
    earlier: list[Block],
    before: EarlierSplit,
    whole_scenes: bool,
) -> list[Block]:
    """The blocks of a job with their fold, or marked as held out.

    Args:
        job: The training job.
        scenes: Its scenes.
        blocks: Its blocks with labels.
        earlier: The blocks with labels, without corrections.
        before: The blocks of the model from which the training starts.
        whole_scenes: Whether all blocks of a scene stay together.

    Raises:
        LabelError: If nothing is labelled, no correction covers an image, or a part would be empty.
    """
    if not blocks:
        raise LabelError(
            tr("No pixel of the image is labelled: do labels, area and image overlap?")
        )
    _check_corrected(scenes, blocks)
    if job.folds > 1:
        return divide_into_folds(job, scenes, blocks, whole_scenes)
    if any(scene.split for scene in scenes):
        split = [replace(b, is_validation=scenes[b.scene].split == "validation") for b in blocks]
    else:
        split = _split(job, scenes, blocks, earlier, before, whole_scenes)
    if all(block.is_validation for block in split):
        raise LabelError(
            tr("No labelled pixel is left for training: every scene is for validation.")
        )
    if not any(block.is_validation for block in split):
        raise LabelError(
            tr(
                "No labelled pixel is left for validation: label more of the image, or mark scenes "
                "of the table as validation."
            )
        )
    return split


def division_doubts(
    scenes: Sequence[Scene], blocks: Sequence[Block], before: EarlierSplit
) -> list[str]:
    """Warnings about held-out blocks that the model to start from has learnt, and corrections that none learns.

    Args:
        scenes: The scenes of a job.
        blocks: Their blocks, divided.
        before: The blocks of the model from which the training starts.
    """
    doubts = []
    if learnt := _learnt_pixels(scenes, blocks, before):
        doubts.append(
            tr(
                "The model to start from may have learnt from {:,} labelled pixels that are held out now: its score before "
                "the first epoch is too good. Keep tile size, validation share and the split of the scenes for a fair "
                "comparison."
            ).format(learnt)
        )
    corrected = [block for block in blocks if block.corrected]
    if corrected and all(block.is_validation for block in corrected):
        doubts.append(
            tr(
                "All checked squares are in blocks that are held out for validation: the training does not learn from "
                "them. Correct and check squares in other places too."
            )
        )
    return doubts


def _learnt_pixels(scenes: Sequence[Scene], blocks: Sequence[Block], before: EarlierSplit) -> int:
    """Labelled pixels in held-out blocks that the earlier trainings learnt from, or that they divided otherwise."""
    names = image_names(scenes)
    parts = [before.is_held_out(names[block.scene], block) for block in blocks]
    known = {block.scene for block, part in zip(blocks, parts) if part is not None}
    return sum(
        block.labelled
        for block, part in zip(blocks, parts)
        if block.is_validation
        and (part is False or (block.scene not in known and before.has_image(names[block.scene])))
    )


def _split(
    job: TrainJob,
    scenes: list[Scene],
    blocks: list[Block],
    earlier: list[Block],
    before: EarlierSplit,
    whole_scenes: bool,
) -> list[Block]:
    share = job.validation_share
    seed = job.seed
    names = image_names(scenes)
    parts = {place_of(b): before.is_held_out(names[b.scene], b) for b in blocks}
    known: dict[Place, bool] = {place: part for place, part in parts.items() if part is not None}
    if not any(known.values()) and earlier and any(block.corrected for block in blocks):
        split = split_blocks(earlier, share, seed, whole_scenes)
        known = {place_of(block): block.is_validation for block in split}
    if not any(known.values()):
        return split_blocks(blocks, share, seed, whole_scenes)
    return split_around(blocks, known, share, seed, whole_scenes)


def _check_corrected(scenes: list[Scene], blocks: list[Block]) -> None:
    if any(scene.corrections for scene in scenes) and not any(b.corrected for b in blocks):
        raise LabelError(
            tr(
                "No checked square covers a pixel of the images: do squares and images overlap, and do they have the "
                "right coordinate systems?"
            )
        )
