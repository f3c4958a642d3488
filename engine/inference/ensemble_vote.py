"""How several models agree on a scene: their probabilities at the same rows, mean or vote, and where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..contract.class_table import ClassTable
from ..contract.errors import ModelFileError
from ..contract.model_card import Card
from ..outputs.geotiff import NO_CONFIDENCE
from .classify import ClassDecision, predict_class, probability_of_class, to_percent

#: What can be had of a scene besides the mask.
CONFIDENCE, DISAGREEMENT = "confidence", "disagreement"

#: Rows of all members at the same place: probabilities (K, h, W) of each, and where (M, h, W) each of
#: the M members has any.
_Rows = tuple[list[torch.Tensor], torch.Tensor]


class EnsembleVote:
    """What members of given weights and thresholds agree on.

    Args:
        classes: The class table that all of them have.
        weights: What each member counts.
        thresholds: Of two classes, each member's least probability of the second.
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
        self, found: list[torch.Tensor], known: torch.Tensor, extras: Sequence[str]
    ) -> tuple[NDArray[Any], ...]:
        """Mask values and extras (h, W) of all members' probabilities, see ``_Rows``.

        A member counts where its bands have a value.
        """
        shares = self._weights[:, None, None] * known
        shares = shares / shares.sum(dim=0).clamp(min=torch.finfo(torch.float32).tiny)
        mean = sum((share * p for share, p in zip(shares, found)), torch.zeros_like(found[0]))
        index = predict_class(mean, (shares * self._thresholds[:, None, None]).sum(dim=0)).long()
        best = probability_of_class(index, mean)
        pairs = zip(found, self._thresholds.tolist())
        own = torch.stack([predict_class(p, threshold).long() for p, threshold in pairs])
        if self._combine == "vote":
            index, best = _elected(own, shares, mean, index)
        mask = self._class_decision.values(index).numpy().view(self._class_decision.dtype)
        confidence = to_percent(best).numpy()
        unknown = ~known.any(dim=0).numpy()
        mask[unknown], confidence[unknown] = self._class_decision.nodata, NO_CONFIDENCE
        shown = {CONFIDENCE: confidence, DISAGREEMENT: _differing(own, index, known)}
        return mask, *(shown[name] for name in extras)


def _elected(
    own: torch.Tensor, shares: torch.Tensor, mean: torch.Tensor, preferred: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The class with most votes, and its mean probability, (h, W) each.

    Args:
        own: The class that each of M members chooses, (M, h, W).
        shares: What its vote counts there, (M, h, W).
        mean: Mean probabilities, (K, h, W).
        preferred: The class that these choose; it wins a tie that it is in.
    """
    class_probabilities = torch.cat([1 - mean, mean]) if len(mean) == 1 else mean
    votes = torch.zeros_like(class_probabilities).scatter_add_(0, own, shares)
    # Sums of the same weights in another order differ by rounding.
    leads = votes > votes.max(dim=0, keepdim=True).values - 1e-5
    index = class_probabilities.masked_fill(~leads, -1.0).argmax(dim=0)
    index = torch.where(leads.gather(0, preferred[None])[0], preferred, index)
    return index, class_probabilities.gather(0, index[None])[0]


def zip_rows(members: Sequence[Iterator[tuple[torch.Tensor, torch.Tensor]]]) -> Iterator[_Rows]:
    """The rows of all members at the same places, as many at a time as all of them have."""
    waiting = [next(member) for member in members]
    while True:
        height = min(known.shape[0] for _, known in waiting)
        if height:
            known = torch.stack([known[:height] for _, known in waiting])
            yield [found[:, :height] for found, _ in waiting], known
        waiting = [(found[:, height:], known[height:]) for found, known in waiting]
        for place, (_, left) in enumerate(waiting):
            if not len(left):
                after = next(members[place], None)
                if after is None:
                    for member in members:  # what lies below the region finishes too
                        for _ in member:
                            pass
                    return
                waiting[place] = after


def _differing(own: torch.Tensor, index: torch.Tensor, known: torch.Tensor) -> NDArray[np.uint8]:
    """The share of members, in percent, whose class is not the one of the mask, (h, W)."""
    count = known.sum(dim=0)
    differ = ((own != index) & known).sum(dim=0) / count.clamp(min=1)
    to_percent: NDArray[np.uint8] = (differ * 100).round().to(torch.uint8).numpy()
    to_percent[count.numpy() == 0] = NO_CONFIDENCE
    return to_percent


def check_classes(cards: dict[str, Card]) -> None:
    """Refuses models that do not know the same classes.

    Args:
        cards: What each was trained on, by file.

    Raises:
        ModelFileError: If the classes of two of them differ.
    """
    (first, card), *others = cards.items()
    for path, other in others:
        if _named(other.classes) != _named(card.classes):
            missing = sorted(_named(card.classes) - _named(other.classes))
            further = sorted(_named(other.classes) - _named(card.classes))
            parts = [f"lacks {_listed(missing)}"] * bool(missing)
            parts += [f"has {_listed(further)}"] * bool(further)
            raise ModelFileError(
                f"The models {Path(first).name} and {Path(path).name} have different classes: the second "
                f"{' and '.join(parts)}. Models work together on the same classes only: train or "
                "import them with the same values and names (class_names)."
            )


def _named(classes: ClassTable) -> set[tuple[int, str]]:
    return {(entry.value, entry.name) for entry in classes}


def _listed(classes: list[tuple[int, str]]) -> str:
    return ", ".join(f"{value} {name!r}" for value, name in classes)
