"""Combines the probabilities of several models at the same rows: mean or vote, confidence and disagreement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.class_table import ClassTable
from ..contract.errors import ModelFileError
from ..contract.model_card import Card
from ..contract.translation import tr
from ..contract.unlike import UNLIKE
from ..outputs.geotiff import NO_CONFIDENCE
from .classify import (
    CONFIDENCE,
    UNCERTAINTY,
    ClassDecision,
    best_probability,
    entropy,
    predict_class,
    to_percent,
)

#: Planes or weights of finished rows.
Rows = NDArray[np.float32]

#: The output beside the mask that needs several models. Those of files have the names of ``SceneOutputs.extras``.
DISAGREEMENT = "disagreement"


class EnsembleVote:
    """Chooses classes from the probabilities of M members.

    Args:
        classes: The class table of all members.
        weights: Weight of each member.
        thresholds: For two classes, each member's probability above which a pixel is the second.
        combine: "mean" or "vote".
    """

    def __init__(
        self,
        classes: ClassTable,
        weights: Sequence[float],
        thresholds: Sequence[float],
        combine: str,
    ) -> None:
        self._class_decision = ClassDecision(classes)
        shares = np.array(weights, np.float32)
        self._weights = shares / shares.sum()
        self._thresholds = np.array(thresholds, np.float32)
        self._combine = combine

    def rows(
        self, planes: list[Rows], valid: NDArray[np.bool_], extras: Sequence[str]
    ) -> tuple[NDArray[Any], ...]:
        """Mask values (h, W), then the ``extras`` (h, W) in percent.

        Args:
            planes: The probabilities (K, h, W) of each member and, with a land summary, one more plane: how unlike
                the training each pixel is.
            valid: (M, h, W), where the bands of each member have a value; elsewhere the member has no weight.
            extras: Names of the outputs beside the mask.
        """
        probabilities = [member[: self._class_decision.channels] for member in planes]
        shares = self._weights[:, None, None] * valid
        shares /= np.maximum(shares.sum(axis=0), np.finfo(np.float32).tiny)
        mean = np.zeros_like(probabilities[0])
        for share, probability in zip(shares, probabilities):
            mean += share * probability
        index = predict_class(mean, (shares * self._thresholds[:, None, None]).sum(axis=0))
        best = best_probability(index, mean)
        pairs = zip(probabilities, self._thresholds)
        choices = np.stack([predict_class(p, threshold) for p, threshold in pairs])
        if self._combine == "vote":
            index, best = _majority(choices, shares, mean, index)
        mask = self._class_decision.lookup(index).view(self._class_decision.dtype)
        percents = {
            CONFIDENCE: to_percent(best),
            DISAGREEMENT: _disagreement(choices, index, valid),
        }
        if UNCERTAINTY in extras:
            # Of the mean: it is large where members are unsure, and where they are sure of different classes.
            percents[UNCERTAINTY] = to_percent(entropy(mean))
        if UNLIKE in extras:
            percents[UNLIKE] = self._unlike_percents(planes, shares)
        missing = ~valid.any(axis=0)
        mask[missing] = self._class_decision.nodata
        for values in percents.values():
            values[missing] = NO_CONFIDENCE
        return mask, *(percents[name] for name in extras)

    def _unlike_percents(self, planes: list[Rows], shares: Rows) -> NDArray[np.uint8]:
        """How unlike the training pixels are (h, W): the mean of the members with a land summary that see them."""
        total, weight = np.zeros_like(shares[0]), np.zeros_like(shares[0])
        for share, member in zip(shares, planes):
            for unlike in member[self._class_decision.channels :]:
                total += share * unlike
                weight += share
        percents: NDArray[np.uint8] = to_percent(
            total / np.maximum(weight, np.finfo(np.float32).tiny)
        )
        percents[weight == 0] = NO_CONFIDENCE
        return percents


def _majority(
    choices: NDArray[Any], shares: Rows, mean: Rows, preferred: NDArray[Any]
) -> tuple[NDArray[Any], Rows]:
    """The class with most votes, and its mean probability, (h, W) each; ``preferred`` (h, W) wins its ties."""
    class_probabilities = np.concat([1 - mean, mean]) if len(mean) == 1 else mean
    votes = np.zeros_like(class_probabilities)
    for choice, share in zip(choices, shares):
        for number, sums in enumerate(votes):
            sums += share * (choice == number)
    # Sums of the same weights in another order differ by rounding.
    leads = votes > votes.max(axis=0) - 1e-5
    index = predict_class(np.where(leads, class_probabilities, -1.0), 0.0)
    index = np.where(_pick(leads, preferred), preferred, index)
    return index, _pick(class_probabilities, index)


def _pick(planes: NDArray[Any], index: NDArray[Any]) -> NDArray[Any]:
    """The values (h, W) at ``index`` (h, W) of planes (K, h, W)."""
    found: NDArray[Any] = np.take_along_axis(planes, index[None].astype(np.intp), axis=0)[0]
    return found


def _disagreement(
    choices: NDArray[Any], index: NDArray[Any], valid: NDArray[np.bool_]
) -> NDArray[Any]:
    """The share of members, in percent, whose class is not that of the mask, (h, W)."""
    differ = ((choices != index) & valid).sum(axis=0, dtype=np.float32)
    members = np.maximum(valid.sum(axis=0, dtype=np.float32), 1)
    percent: NDArray[Any] = to_percent(differ / members)
    return percent


def zip_rows(
    members: Sequence[Iterator[tuple[Rows, NDArray[np.bool_]]]],
) -> Iterator[tuple[list[Rows], NDArray[np.bool_]]]:
    """Joins the same rows of all members, as many at a time as all of them have computed.

    Args:
        members: Planes (P, h, W) and validity (h, W) of each member, strip by strip.

    Yields:
        Planes (P, h, W) of each member, and validity (M, h, W).
    """
    waiting = [next(member) for member in members]
    while True:
        height = min(valid.shape[0] for _, valid in waiting)
        if height:
            valid = np.stack([valid[:height] for _, valid in waiting])
            yield [probability[:, :height] for probability, _ in waiting], valid
        waiting = [(probability[:, height:], valid[height:]) for probability, valid in waiting]
        for number, (_, rest) in enumerate(waiting):
            if not len(rest):
                following = next(members[number], None)
                if following is None:
                    for member in members:  # strips below the region are computed too
                        for _ in member:
                            pass
                    return
                waiting[number] = following


def check_classes(cards: dict[str, Card]) -> None:
    """Makes sure that all models have the same classes.

    Args:
        cards: The model cards by file.

    Raises:
        ModelFileError: If the classes of two of them differ.
    """
    (first, card), *others = cards.items()
    expected = _named(card.classes)
    for path, other in others:
        if (classes := _named(other.classes)) != expected:
            only_first, only_second = _listed(expected - classes), _listed(classes - expected)
            raise ModelFileError(
                tr(
                    "The models {} and {} have different classes (only in the first: {}; only in the second: {}). Models "
                    "work together on the same classes only: train or import them with the same values and names "
                    "(class_names)."
                ).format(Path(first).name, Path(path).name, only_first, only_second)
            )


def _named(classes: ClassTable) -> set[tuple[int, str]]:
    return {(entry.value, entry.name) for entry in classes}


def _listed(classes: set[tuple[int, str]]) -> str:
    return ", ".join(f"{value} {name!r}" for value, name in sorted(classes)) or tr("none")
