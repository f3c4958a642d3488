"""Weights of a trained network (the donor) as the start of another network of the same architecture and streams.

All weights are copied but the statistics of the auxiliary bands and the land summary, which belong to the data, and
the layers with one row of weights per logit: there the rows of classes that both networks know are kept and the others
stay as they are.

One logit and two logits mean the same: the sigmoid of w is the softmax of the rows (0, w), and the softmax of the
rows (a, b) is the sigmoid of b - a.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from ..contract.card_weights import STATISTICS
from ..contract.class_table import ClassEntry, ClassTable
from ..contract.errors import JobError
from ..contract.model_card import Card, ImageCard
from ..contract.translation import tr
from ..contract.unlike import LAND_SUMMARY
from .factory import build_on_meta
from .model_file import build_network

#: For each class of a network its index among the donor's classes; None: the donor does not know it.
ClassSources = Sequence[int | None]


def match_classes(classes: ClassTable, donor: ClassTable) -> list[int | None]:
    """Finds each class among the donor's classes; each of these is found once at most.

    Classes of the same name are the same, without regard to case. A class without a name of its own ("class 3")
    is the same as the class of its value.

    Returns:
        For each class its index among the donor's classes, None for a class that the donor does not know.
    """
    free = dict(enumerate(donor))
    found: dict[int, int] = {}
    # In this order, because names may repeat in a table.
    for is_same in (_has_same_name_and_value, _has_same_name, _has_same_value):
        for index, entry in enumerate(classes):
            matches = (number for number, other in free.items() if is_same(entry, other))
            if index not in found and (match := next(matches, None)) is not None:
                found[index] = match
                del free[match]
    return [found.get(index) for index in range(len(classes))]


def copy_weights(network: nn.Module, card: Card, donor: nn.Module, donor_card: Card) -> None:
    """Copies the donor's weights into a network, whose other weights stay as they are.

    Args:
        network: The network, as ``build_network`` makes it of ``card``, with the statistics of its data.
        card: Its card; architecture, encoder and numbers of bands are those of ``donor_card``.
        donor: The trained network.
        donor_card: Its card.

    Raises:
        JobError: If a weight has another shape, as with another size of auxiliary tiles.
    """
    sources = match_classes(card.classes, donor_card.classes)
    layers, state = _class_layers(network, card), network.state_dict()
    taken = donor.state_dict()
    state |= _image_statistics(taken, donor_card.image, card.image)
    for name, value in taken.items():
        if name in STATISTICS or name.startswith(LAND_SUMMARY):
            continue
        if name in layers:
            value = remake_rows(value, state[name], sources)
        if name not in state or value.shape != state[name].shape:
            raise JobError(
                tr(
                    "The weights {} of the model to start from do not fit the network: choose the tile "
                    "sizes of its training ({} and, for the auxiliary stream, {} px), or train without "
                    "start."
                ).format(name, donor_card.tile_size, donor_card.auxiliary.tile_size)
            )
        state[name] = value
    network.load_state_dict(state)


def remake_rows(donor: Tensor, fresh: Tensor, sources: ClassSources) -> Tensor:
    """The weights of a layer with one row per logit, for other classes or another order of them.

    Args:
        donor: The donor's weights or biases, (K, ...); K = 1 for two classes.
        fresh: Those for the classes that the donor does not know, (L, ...); L = 1 for two classes.
        sources: For each class its index among the donor's classes, or None.

    Returns:
        Weights like ``fresh`` with which the classes that both know have the same probabilities among
        themselves as with ``donor``.
    """
    rows = donor if len(donor) > 1 else torch.cat([torch.zeros_like(donor), donor])
    if len(fresh) > 1:
        chosen = [new if index is None else rows[index] for index, new in zip(sources, fresh)]
        return torch.stack(chosen)
    first, second = (None if index is None else rows[index] for index in sources)
    if first is None and second is None:
        return fresh
    return (fresh[0] if second is None else second)[None] - (fresh[0] if first is None else first)


def _image_statistics(
    taken: Mapping[str, Tensor], old: ImageCard, new: ImageCard
) -> dict[str, Tensor]:
    """The donor's statistics of the image bands, which go from its range of values to the new one.

    They follow the donor because a network imported from elsewhere standardises values in its own way.
    """
    if not old.low or not new.low:
        return {}
    low, high, new_low, new_high = (
        torch.tensor(values, dtype=torch.float64)
        for values in (old.low, old.high, new.low, new.high)
    )
    ratio = (new_high - new_low) / (high - low)
    mean = new_low + (taken["image_normalisation.mean"] - low) * ratio
    return {
        "image_normalisation.mean": mean,
        "image_normalisation.std": taken["image_normalisation.std"] * ratio,
    }


def _class_layers(network: nn.Module, card: Card) -> set[str]:
    """The names of the weights with one row per logit: those that have more rows for one more logit."""
    larger = build_on_meta(lambda: build_network(replace(card, logits=card.logits + 1)))
    shapes = {name: value.shape for name, value in larger.state_dict().items()}
    return {name for name, value in network.state_dict().items() if value.shape != shapes[name]}


def _has_same_name_and_value(one: ClassEntry, other: ClassEntry) -> bool:
    return _has_same_name(one, other) and one.value == other.value


def _has_same_name(one: ClassEntry, other: ClassEntry) -> bool:
    return one.name.strip().casefold() == other.name.strip().casefold()


def _has_same_value(one: ClassEntry, other: ClassEntry) -> bool:
    """Whether the values are the same and one of the two has no name of its own."""
    return one.value == other.value and any(
        entry.name.strip().casefold() == f"class {entry.value}" for entry in (one, other)
    )
