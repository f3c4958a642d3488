"""Panels of some validation windows for the report: inputs, prediction, truth and difference, the worst first."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from ..contract.model_card import Card
from ..contract.translation import tr
from ..models.logits import predicted_classes
from ..outputs.pictures import Colours, comparison_panels
from ..reports.training_values import Panels
from ..sampling.data_loader import Batch
from ..sampling.window_dataset import ValidationWindows, auxiliary_of
from ..training.training_end import PAGE_TILES
from ..training.validation import Validator

#: Number of the worst windows that are shown, before one of middling and one of smallest error.
_WORST = PAGE_TILES - 2

#: Number of windows that are shown with the largest change.
_MOST_CHANGED = 4

#: Largest number of windows among which these are chosen.
_CANDIDATES = 24


def draw_panels(
    network: nn.Module, card: Card, windows: ValidationWindows, validator: Validator
) -> tuple[Panels, ...]:
    """The panels of the worst validation windows, a middling one and the best one.

    Args:
        network: The network with its final weights.
        card: Its card.
        windows: The validation windows.
        validator: Has gone through the windows of this process.
    """
    title, drawn = tr("Tile {} of {}"), []
    for index in _chosen(validator.errors):
        batch, logits = validator.predict(network, index)
        predicted = predicted_classes(logits, card.threshold)
        parts = _panels(card, batch, predicted, validator.colours)
        drawn.append(Panels(title.format(index + 1, len(windows)), parts))
    windows.close_files()
    return tuple(drawn)


def draw_changes(
    before: nn.Module,
    network: nn.Module,
    cards: tuple[Card, Card],
    windows: ValidationWindows,
    validator: Validator,
) -> tuple[Panels, ...]:
    """The panels of the validation windows in which the masks of two networks differ most, of those that are tried.

    Args:
        before: The network before its training.
        network: The same after it.
        cards: The cards of both, with the same classes.
        windows: The validation windows.
        validator: Has gone through the windows of this process.
    """
    drawn = []
    for index in _candidates(validator.errors):
        batch, logits = validator.predict(network, index)
        new = predicted_classes(logits, cards[1].threshold)
        old = predicted_classes(validator.predict(before, index)[1], cards[0].threshold)
        changed = float((old != new).float().mean())
        if changed:
            parts = _changed_panels(cards[1], batch, old, new, changed, validator.colours)
            drawn.append((changed, index, parts))
    windows.close_files()
    drawn.sort(key=lambda one: -one[0])
    title = tr("Tile {} of {}")
    return tuple(
        Panels(title.format(index + 1, len(windows)), parts)
        for _, index, parts in drawn[:_MOST_CHANGED]
    )


def _changed_panels(
    card: Card, batch: Batch, old: Tensor, new: Tensor, changed: float, colours: Sequence[int]
) -> tuple[tuple[str, Colours], ...]:
    """Caption and colours of inputs, labels, both masks and their difference, of a batch of one window."""
    *inputs, _, labels, _ = _panels(card, batch, new, colours)
    *_, after, before, difference = _panels(card, {**batch, "target": old}, new, colours)
    return (
        *inputs,
        (tr("Labels"), labels[1]),
        (tr("Mask before"), before[1]),
        (tr("Mask after"), after[1]),
        (tr("Changed: {:.1%}").format(changed), difference[1]),
    )


def _ranked(errors: dict[int, float]) -> list[int]:
    """The windows, the worst first."""
    return sorted(errors, key=lambda index: -errors[index])


def _chosen(errors: dict[int, float]) -> list[int]:
    """The worst windows, then a middling one and the best one of the rest."""
    ranked = _ranked(errors)
    rest = ranked[_WORST:]
    return ranked[:_WORST] + [rest[i] for i in sorted({len(rest) // 2, len(rest) - 1}) if rest]


def _candidates(errors: dict[int, float]) -> list[int]:
    """The worst windows, and others spread over the rest."""
    ranked = _ranked(errors)
    worst, rest = ranked[: _CANDIDATES // 2], ranked[_CANDIDATES // 2 :]
    count = min(_CANDIDATES // 2, len(rest))
    return worst + [rest[len(rest) * number // count] for number in range(count)]


def _panels(
    card: Card, batch: Batch, predicted: Tensor, colours: Sequence[int]
) -> tuple[tuple[str, Colours], ...]:
    """Caption and colours of the pictures of a batch of one window."""
    auxiliary = auxiliary_of(batch)
    return tuple(
        comparison_panels(
            batch["image"][0].cpu().numpy(),
            None if auxiliary is None else auxiliary[0].cpu().numpy(),
            predicted[0].cpu().numpy(),
            batch["target"][0].cpu().numpy(),
            card.classes,
            (card.image.low, card.image.high),
            card.image.band_names,
            colours,
        )
    )
