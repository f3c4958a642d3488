"""The division of labelled blocks into folds, each of which is held out by one of several trainings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..contract.class_table import ClassTable
from ..contract.errors import LabelError
from ..contract.jobs import TrainJob
from ..contract.scene import Scene
from ..contract.translation import tr
from .spatial_split import SPLITS, Block, block_units, class_counts, imbalance


def divide_into_folds(
    job: TrainJob, scenes: list[Scene], blocks: list[Block], whole_scenes: bool
) -> list[Block]:
    """Gives each block of a job the number of its fold.

    Args:
        job: The training job.
        scenes: Its scenes.
        blocks: Its blocks with labels.
        whole_scenes: Whether all blocks of a scene stay together.

    Raises:
        LabelError: If the scenes have a split of their own, or there are too few blocks.
    """
    if any(scene.split for scene in scenes):
        held_out = sum(scene.split == "validation" for scene in scenes)
        raise LabelError(
            tr(
                "The data say that {} of {} scenes are for validation, and {} folds divide all scenes themselves. To keep the "
                "split of the data, give no folds (0). To take folds, empty the column split of the scenes table, or "
                "put the validation files into the folders of the training files."
            ).format(held_out, len(scenes), job.folds)
        )
    divided = split_folds(blocks, job.folds, job.seed, whole_scenes)
    used = {block.fold for block in divided} - {0}
    if len(used) < job.folds:
        units = len({block.scene for block in blocks} if whole_scenes else blocks)
        raise LabelError(
            tr(
                "The labels fill {} of {} folds only; blocks or scenes with labels: {}. Choose fewer folds, or label "
                "each class in more places."
            ).format(len(used), job.folds, units)
        )
    return divided


def split_folds(
    blocks: list[Block], folds: int, seed: int, whole_scenes: bool = False
) -> list[Block]:
    """Gives each block the number of a fold, from 1.

    The best of many random divisions is taken: every fold comes closest to its share of every class. All
    blocks of a class that would be in one fold only belong to none (0): the model of that fold could not learn it.

    Args:
        blocks: Blocks with labels.
        folds: Number of folds, at least 2.
        seed: Seed of the random divisions.
        whole_scenes: Whether all blocks of a scene stay together.
    """
    unit_of, table = block_units(blocks, whole_scenes)
    total = table.sum(axis=0)
    generator = np.random.default_rng(seed)
    equal = np.arange(len(table)) % folds + 1
    best_error, best = np.inf, equal
    for _ in range(SPLITS):
        numbers = generator.permutation(equal)
        shares = [table[numbers == fold].sum(axis=0) / total for fold in range(1, folds + 1)]
        error = sum(imbalance(share, 1 / folds) for share in shares)
        if error < best_error:
            best_error, best = error, numbers
    numbers = _without_lonely_classes(best, table)
    return [replace(b, fold=int(number)) for b, number in zip(blocks, numbers[unit_of])]


def hold_out(blocks: Sequence[Block], fold: int) -> tuple[Block, ...]:
    """The blocks for the training that holds out a fold, counted from 1."""
    return tuple(replace(block, is_validation=block.fold == fold) for block in blocks)


def describe_folds(blocks: Sequence[Block], classes: ClassTable) -> str:
    """The labelled pixels of every class in the folds, as a sentence for the user; empty without folds."""
    folds = max(block.fold for block in blocks)
    if not folds or any(block.is_validation for block in blocks):
        return ""
    counts = class_counts([*blocks])
    named = "; ".join(f"{entry.name} {counts.get(entry.value, 0):,}" for entry in classes)
    return tr("Labelled pixels in {} folds: {}.").format(folds, named)


def fold_doubts(blocks: Sequence[Block]) -> list[str]:
    """A warning about labels that are in no fold; none without folds."""
    pixels = sum(block.labelled for block in blocks if not block.fold)
    if not pixels or not any(block.fold for block in blocks):
        return []
    return [
        tr(
            "{:,} labelled pixels are in no fold, because a class occurs there only: every model learns from them, "
            "and none is scored on them."
        ).format(pixels)
    ]


def _without_lonely_classes(
    numbers: NDArray[np.int64], table: NDArray[np.float64]
) -> NDArray[np.int64]:
    """The numbers of the folds, with 0 for the units of each class that occurs in one fold only."""
    lonely = [
        column > 0
        for column in table.T
        if len(np.unique(numbers[(column > 0) & (numbers > 0)])) == 1
    ]
    if not lonely:
        return numbers
    # Without these units another class may be left in one fold.
    return _without_lonely_classes(np.where(np.any(lonely, axis=0), 0, numbers), table)
