"""The score of a sketch on marks that it has not seen, by spatial blocks, with an interval."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .linear_head import Classes, Features, Standard, learn_head

#: Side of a block, px: marks within one are never divided.
BLOCK = 64

#: Parts into which the blocks are divided, each held out once.
_FOLDS = 4

#: Most pixels from which a part is learnt: the score needs no more, and every stroke waits for it.
_MOST_PIXELS = 4000

#: Draws of blocks for the interval, and the share of them inside it.
_DRAWS, _INSIDE = 400, 0.95


class HeldOutScore(NamedTuple):
    """Mean IoU of the classes, 0..1.

    Attributes:
        value: Of all held-out marks.
        low: Lower end of the 95 % interval.
        high: Upper end.
    """

    value: float
    low: float
    high: float


def held_out_score(
    features: Features, target: Classes, blocks: Classes, classes: int, standard: Standard
) -> HeldOutScore | None:
    """The score of layers that are learnt without the marks on which they are scored.

    Args:
        features: What the layer sees in each pixel (N, C).
        target: Its class index (N,).
        blocks: The number of its block (N,).
        classes: Number of classes.
        standard: As for ``learn_head``.

    Returns:
        The score; None if a class has marks in one block only.
    """
    chosen = _drawn(target, classes)
    features, target, blocks = features[chosen], target[chosen], blocks[chosen]
    names, owners = np.unique(blocks, return_inverse=True)
    table = np.zeros((len(names), classes))
    np.add.at(table, (owners, target), 1)
    if ((table > 0).sum(axis=0) < 2).any():
        return None
    fold = _folds(table)[owners]
    confusion = np.zeros((len(names), classes, classes))
    for number in np.unique(fold):
        own = fold == number
        if len(np.unique(target[~own])) < classes:
            continue
        head = learn_head(features[~own], target[~own], classes, standard)
        np.add.at(confusion, (owners[own], target[own], head.classes(features[own])), 1)
    value = float(_mean_iou(confusion.sum(axis=0)))
    generator = np.random.default_rng(0)
    draws = generator.integers(len(names), size=(_DRAWS, len(names)))
    scores = np.array([_mean_iou(confusion[draw].sum(axis=0)) for draw in draws])
    low, high = np.nanquantile(scores, [(1 - _INSIDE) / 2, (1 + _INSIDE) / 2])
    # If all blocks are right, draws of them show no doubt: this is the share of which N of N are right once in 20 times.
    certain = (1 - _INSIDE) ** (1 / len(names))
    return HeldOutScore(value, min(float(low), value * certain), float(high))


def _drawn(target: Classes, classes: int) -> Classes:
    """An even part of the pixels of each class, if there are very many."""
    most = -(-_MOST_PIXELS // classes)
    own = [np.flatnonzero(target == number) for number in range(classes)]
    return np.sort(np.concatenate([one[:: -(-len(one) // most) or 1] for one in own]))


def _folds(table: NDArray[np.float64]) -> Classes:
    """The part of each block, so that each part has some of the marks of each class.

    Block by block, those with the rarest classes first: each joins the part that has the fewest marks of its classes.
    """
    shares = table / table.sum(axis=0)
    found = np.zeros(len(table), np.int64)
    totals = np.zeros((min(_FOLDS, len(table)), table.shape[1]))
    for block in np.argsort(-shares.max(axis=1), kind="stable"):
        part = int(np.argmin(totals @ shares[block] + 1e-9 * totals.sum(axis=1)))
        totals[part] += shares[block]
        found[block] = part
    return found


def _mean_iou(confusion: NDArray[np.float64]) -> float:
    """Mean IoU of the classes that occur in a confusion matrix (true, mapped)."""
    hits = confusion.diagonal()
    unions = confusion.sum(axis=0) + confusion.sum(axis=1) - hits
    occurs = unions > 0
    return float((hits[occurs] / unions[occurs]).mean()) if occurs.any() else np.nan
