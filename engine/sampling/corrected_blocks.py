"""Blocks with corrections: where these are, which of the blocks are held out, and how often windows show corrections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..datasets.label_source import UNLABELLED, LabelSource
from ..rasters.windows import Window
from .spatial_split import Block, class_counts

#: Index of the scene and window of a block.
Place = tuple[int, Window]

#: How many times as often windows show corrected pixels, and the largest share of such windows.
_OFTEN, _MAX_CORRECTED = 8.0, 0.5


def mark_corrected(blocks: list[Block], corrections: LabelSource) -> list[Block]:
    """The blocks of a scene with the parts that its corrections label."""
    return [replace(block, corrected=_corrected_part(block, corrections)) for block in blocks]


def _corrected_part(block: Block, corrections: LabelSource) -> Block | None:
    values = corrections.read(block.window)
    rows, cols = (values != UNLABELLED).nonzero()
    if not len(rows):
        return None
    top, left = int(rows.min()), int(cols.min())
    window = Window(
        row=block.window.row + top,
        col=block.window.col + left,
        height=int(rows.max()) - top + 1,
        width=int(cols.max()) - left + 1,
    )
    found, counts = np.unique(values[rows, cols], return_counts=True)
    return Block(block.scene, window, {int(v): int(n) for v, n in zip(found, counts)})


def place_of(block: Block) -> Place:
    """The key that identifies a block among all blocks of a job."""
    return block.scene, block.window


def split_around(
    blocks: list[Block],
    known: Mapping[Place, bool],
    share: float,
    seed: int,
    whole_scenes: bool = False,
) -> list[Block]:
    """Marks some of the blocks for validation: known ones as they were, others by chance.

    So a model that learnt from the earlier labels has not seen the validation blocks. Whether a new block is held out
    depends on its place and the seed alone, so that it stays in its part when more corrections follow.

    Args:
        blocks: All blocks with labels.
        known: Whether a block is held out, for those that have a part.
        share: Probability that another one is held out, 0..1.
        seed: Seed of these draws.
        whole_scenes: Whether all blocks of a scene stay together.
    """
    scenes = {scene: part for (scene, _), part in known.items()} if whole_scenes else {}

    def is_held_out(block: Block) -> bool:
        place = (
            (block.scene,) if whole_scenes else (block.scene, block.window.row, block.window.col)
        )
        by_chance = bool(np.random.default_rng((seed, *place)).random() < share)
        return known.get(place_of(block), scenes.get(block.scene, by_chance))

    marked = [replace(block, is_validation=is_held_out(block)) for block in blocks]
    corrected = [block for block in marked if block.corrected]
    if corrected and all(block.is_validation for block in corrected):
        # Few corrections may all be held out by chance, and nothing would be learnt from them.
        marked = [replace(b, is_validation=known.get(place_of(b), False)) for b in marked]
    return _with_every_class_learnt(marked, known, whole_scenes)


def _with_every_class_learnt(
    blocks: list[Block], known: Mapping[Place, bool], whole_scenes: bool
) -> list[Block]:
    """For a class that no training block has, the block with most of its pixels is learnt from, a new one if possible."""

    def unit(block: Block) -> object:
        return block.scene if whole_scenes else place_of(block)

    for value in class_counts(blocks):
        holders = [block for block in blocks if value in block.counts]
        if all(block.is_validation for block in holders):
            most = unit(max(holders, key=lambda b: (place_of(b) not in known, b.counts[value])))
            blocks = [replace(b, is_validation=b.is_validation and unit(b) != most) for b in blocks]
    return blocks


def corrected_share(blocks: Sequence[Block]) -> tuple[float, float]:
    """How often training windows show pixels that were corrected.

    Corrections are few beside the earlier labels, and show what a model does not know yet. Windows show them eight
    times as often as their area would, but no more than half of the windows, if the area itself is no larger.

    Args:
        blocks: The training blocks.

    Returns:
        The share of windows that must show corrections, besides those that do by chance; and the factor.
    """
    labelled = sum(block.labelled for block in blocks)
    corrected = sum(block.corrected.labelled for block in blocks if block.corrected)
    natural = corrected / labelled
    wanted = max(natural, min(_MAX_CORRECTED, _OFTEN * natural))
    if wanted <= natural:
        return 0.0, 1.0
    return (wanted - natural) / (1 - natural), wanted / natural
