"""Combines the probabilities of several models at the same rows: mean or vote, confidence and disagreement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from ..contract.class_table import ClassTable
from ..contract.errors import ModelFileError
from ..contract.model_card import Card
from ..contract.translation import tr
from ..outputs.geotiff import NO_CONFIDENCE
from .classify import (
    CONFIDENCE,
    UNCERTAINTY,
    ClassDecision,
    entropy,
    predict_class,
    probability_of_class,
    to_percent,
)

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
        self._class_decision = ClassDecision(classes, torch.device("cpu"))
        shares = torch.tensor(weights)
        self._weights = shares / shares.sum()
        self._thresholds = torch.tensor(thresholds)
        self._combine = combine

    @torch.inference_mode()
    def rows(
        self, probabilities: list[Tensor], valid: Tensor, extras: Sequence[str]
    ) -> tuple[NDArray[Any], ...]:
        """Mask values (h, W), then the ``extras`` (h, W) in percent.

        Args:
            probabilities: (K, h, W) of each member.
            valid: (M, h, W), where the bands of each member have a value; elsewhere the member has no weight.
            extras: Names of the outputs beside the mask.
        """
        shares = self._weights[:, None, None] * valid
        shares = shares / shares.sum(dim=0).clamp(min=torch.finfo(torch.float32).tiny)
        weighted = (share * p for share, p in zip(shares, probabilities))
        mean = sum(weighted, torch.zeros_like(probabilities[0]))
        index = predict_class(mean, (shares * self._thresholds[:, None, None]).sum(dim=0)).long()
        best = probability_of_class(index, mean)
        pairs = zip(probabilities, self._thresholds.tolist())
        choices = torch.stack([predict_class(p, threshold).long() for p, threshold in pairs])
        if self._combine == "vote":
            index, best = _majority(choices, shares, mean, index)
        mask = self._class_decision.lookup(index).numpy().view(self._class_decision.dtype)
        percents = {
            CONFIDENCE: to_percent(best).numpy(),
            DISAGREEMENT: _disagreement(choices, index, valid),
        }
        if UNCERTAINTY in extras:
            # Of the mean: it is large where members are unsure, and where they are sure of different classes.
            percents[UNCERTAINTY] = to_percent(entropy(mean)).numpy()
        missing = ~valid.any(dim=0).numpy()
        mask[missing] = self._class_decision.nodata
        for values in percents.values():
            values[missing] = NO_CONFIDENCE
        return mask, *(percents[name] for name in extras)


def _majority(
    choices: Tensor, shares: Tensor, mean: Tensor, preferred: Tensor
) -> tuple[Tensor, Tensor]:
    """The class with most votes, and its mean probability, (h, W) each; ``preferred`` (h, W) wins its ties."""
    class_probabilities = torch.cat([1 - mean, mean]) if len(mean) == 1 else mean
    votes = torch.zeros_like(class_probabilities).scatter_add_(0, choices, shares)
    # Sums of the same weights in another order differ by rounding.
    leads = votes > votes.max(dim=0, keepdim=True).values - 1e-5
    index = class_probabilities.masked_fill(~leads, -1.0).argmax(dim=0)
    index = torch.where(leads.gather(0, preferred[None])[0], preferred, index)
    return index, class_probabilities.gather(0, index[None])[0]


def _disagreement(choices: Tensor, index: Tensor, valid: Tensor) -> NDArray[Any]:
    """The share of members, in percent, whose class is not that of the mask, (h, W)."""
    differ = ((choices != index) & valid).sum(dim=0) / valid.sum(dim=0).clamp(min=1)
    return to_percent(differ).numpy()


def zip_rows(
    members: Sequence[Iterator[tuple[Tensor, Tensor]]],
) -> Iterator[tuple[list[Tensor], Tensor]]:
    """Joins the same rows of all members, as many at a time as all of them have computed.

    Args:
        members: Probabilities (K, h, W) and validity (h, W) of each member, strip by strip.

    Yields:
        Probabilities (K, h, W) of each member, and validity (M, h, W).
    """
    waiting = [next(member) for member in members]
    while True:
        height = min(valid.shape[0] for _, valid in waiting)
        if height:
            valid = torch.stack([valid[:height] for _, valid in waiting])
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
