"""Chooses squares one by one: each is uncertain, and unlike all that is labelled or chosen already.

It is the greedy solution of k-centre (the farthest point next), as in Sener and Savarese 2018 (arXiv:1708.00489),
with each distance weighted by the uncertainty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contract.file_jobs import RARE_CLASS, UNCERTAIN, UNLIKE

#: Every fourth place is for a rare class, where there is one.
_RARE_PLACES = 4

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Candidates:
    """Squares from which to choose.

    Attributes:
        features: What an encoder sees in each (N, D), of unit length.
        uncertainty: How unsure the model is of each (N,), 0..1; None without a model.
        rarity: How much each shows of classes that are rare in the labels (N,), 0..1; 0: not enough to be chosen
            for it.
    """

    features: NDArray[np.float32]
    uncertainty: Floats | None
    rarity: Floats


@dataclass(frozen=True)
class Choice:
    """A chosen candidate.

    Attributes:
        index: Its index among the candidates.
        score: Uncertainty (rarity if that is the reason) times the distance from all that is labelled or chosen, 0..1.
        reason: ``UNCERTAIN``, ``RARE_CLASS`` or ``UNLIKE``.
    """

    index: int
    score: float
    reason: str


def choose_squares(
    candidates: Candidates, labelled: NDArray[np.float32], count: int
) -> list[Choice]:
    """Chooses squares in the order of their worth.

    Args:
        candidates: The squares.
        labelled: Features (M, D) of squares that are labelled already, of unit length; M may be 0.
        count: How many to choose, at most N.
    """
    features = candidates.features
    distance = _nearest(features, labelled)
    uncertainty: Floats = np.ones(len(features))
    is_unlike = np.ones(len(features), bool)
    if candidates.uncertainty is not None:
        uncertainty = candidates.uncertainty
        # What stands out more: the uncertainty, or the distance from the labels.
        is_unlike = _ranks(distance) > _ranks(uncertainty)
        is_unlike &= len(labelled) > 0
    free = np.ones(len(features), bool)
    chosen: list[Choice] = []
    for place in range(1, count + 1):
        is_rare = place % _RARE_PLACES == 0 and bool((candidates.rarity[free] > 0).any())
        worth = candidates.rarity if is_rare else uncertainty
        # Without anything to be unlike, all are as far away; then the most typical square is first.
        score = worth * distance
        tie = -np.linalg.norm(features - features.mean(axis=0), axis=1)
        order = np.lexsort((tie, score, free))
        index = int(order[-1])
        reason = RARE_CLASS if is_rare else UNLIKE if is_unlike[index] else UNCERTAIN
        chosen.append(Choice(index, float(score[index]), reason))
        free[index] = False
        distance = np.minimum(distance, _nearest(features, features[index : index + 1]))
    return chosen


def _nearest(features: NDArray[np.float32], others: NDArray[np.float32]) -> Floats:
    """Distance (N,) of each of N unit vectors from the nearest of M others, 0..1; 1 if there are none."""
    if not len(others):
        return np.ones(len(features))
    cosines = (features @ others.T).max(axis=1).astype(np.float64)
    # The distance of unit vectors by their cosine, which rounding can make a little larger than 1.
    distance: Floats = np.sqrt(np.clip(2 - 2 * cosines, 0, 4)) / 2
    return distance


def _ranks(values: Floats) -> NDArray[np.intp]:
    """The position of each value in their order, from 0."""
    return np.argsort(np.argsort(values, kind="stable"), kind="stable")
