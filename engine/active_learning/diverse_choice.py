"""Chooses squares one by one: each is worth a label, and unlike all that is labelled or chosen already.

It is the greedy solution of k-centre (the farthest point next), as in Sener and Savarese 2018 (arXiv:1708.00489),
with each distance weighted by the worth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contract.file_jobs import RARE_CLASS, UNCERTAIN, UNLIKE

#: Of each four places the second is for land that is unlike the training, and the last for a rare class, where there is one.
_PLACES = 4
_UNLIKE_PLACE, _RARE_PLACE = 2, 0

#: Smallest share of a square that must be unlike the training for a place of its own: ten times that of ordinary land.
_LEAST_UNLIKE = 0.1

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Candidates:
    """Squares from which to choose.

    Attributes:
        features: What an encoder sees in each (N, D), of unit length.
        worth: How much a label of each would teach (N,), 0..1, see ``doubt``; the same for all without a model.
        unlike: Share of each that is unlike the model's training (N,), 0..1.
        rarity: How much each shows of classes that are rare in the labels (N,), 0..1; 0: not enough to be chosen
            for it.
        has_model: Whether a model says all this.
    """

    features: NDArray[np.float32]
    worth: Floats
    unlike: Floats
    rarity: Floats
    has_model: bool = True


@dataclass(frozen=True)
class Choice:
    """A chosen candidate.

    Attributes:
        index: Its index among the candidates.
        score: Its measure (worth, rarity or the share that is unlike the training, by the reason) times the distance from
            all that is labelled or chosen, 0..1.
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
    free = np.ones(len(features), bool)
    chosen: list[Choice] = []
    for place in range(1, count + 1):
        reason, worth = _worth(candidates, free, place)
        # Without anything to be unlike, all are as far away; then the most typical square is first.
        score = worth * distance
        tie = -np.linalg.norm(features - features.mean(axis=0), axis=1)
        order = np.lexsort((tie, score, free))
        index = int(order[-1])
        chosen.append(Choice(index, float(score[index]), reason))
        free[index] = False
        distance = np.minimum(distance, _nearest(features, features[index : index + 1]))
    return chosen


def _worth(candidates: Candidates, free: NDArray[np.bool_], place: int) -> tuple[str, Floats]:
    """The reason for which the square of a place is chosen, and the worth of each square (N,) for it."""
    if place % _PLACES == _RARE_PLACE and (candidates.rarity[free] > 0).any():
        return RARE_CLASS, candidates.rarity
    unlike = np.where(candidates.unlike >= _LEAST_UNLIKE, candidates.unlike, 0.0)
    if place % _PLACES == _UNLIKE_PLACE and unlike[free].any():
        return UNLIKE, unlike
    return UNCERTAIN if candidates.has_model else UNLIKE, candidates.worth


def _nearest(features: NDArray[np.float32], others: NDArray[np.float32]) -> Floats:
    """Distance (N,) of each of N unit vectors from the nearest of M others, 0..1; 1 if there are none."""
    if not len(others):
        return np.ones(len(features))
    cosines = (features @ others.T).max(axis=1).astype(np.float64)
    # The distance of unit vectors by their cosine, which rounding can make a little larger than 1.
    distance: Floats = np.sqrt(np.clip(2 - 2 * cosines, 0, 4)) / 2
    return distance
