"""What a job learns from: the losses that it names, with their weights, read once and refused here."""

from __future__ import annotations

import importlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from ..contract.errors import JobError
from .losses import LOSSES, LossFunction, SegmentationLoss


@dataclass(frozen=True)
class LossSpec:
    """What a job learns from: a weighted sum of losses that are known to exist.

    Attributes:
        names: The name of each loss, as in ``LOSSES`` or ``module:function``.
        terms: Each loss with its weight.
    """

    names: tuple[str, ...]
    terms: tuple[tuple[float, LossFunction], ...]

    def build(self, classes: int, handicap: Sequence[float] = ()) -> SegmentationLoss:
        """The loss of a network with ``classes`` logits a pixel, see ``SegmentationLoss``."""
        return SegmentationLoss(self.terms, classes, handicap)


def parse_loss(text: str) -> LossSpec:
    """The losses that a text names, e.g. ``focal+lovasz`` (half each) or ``0.7*focal+0.3*dice``.

    Args:
        text: Names of ``LOSSES`` or own losses as ``module:function``, joined by +, either all with a
            weight (``weight*name``) or none; without weights each counts one n-th. An own loss is
            called as a ``LossFunction`` is: ``function(logits, target)``.

    Raises:
        JobError: If a name is unknown or a weight is not a number above zero.
    """
    parts = [part.strip().rpartition("*") for part in text.split("+")]
    weighted = [bool(star) for _, star, _ in parts]
    if any(weighted) and not all(weighted):
        raise JobError(f"The loss {text!r} must give all its parts a weight, or none.")
    names = tuple(name.strip() for _, _, name in parts)
    weights = [_weight(weight, text) if star else 1.0 / len(parts) for weight, star, _ in parts]
    return LossSpec(names, tuple((w, _term(name, text)) for w, name in zip(weights, names)))


def _term(name: str, whole: str) -> LossFunction:
    if ":" in name:
        return _own_term(name)
    if name not in LOSSES:
        raise JobError(
            f"The loss {whole!r} has a part {name!r} that is not one of {', '.join(LOSSES)}; "
            "join parts with +, or give your own as module:function."
        )
    return LOSSES[name]


def _own_term(name: str) -> LossFunction:
    """A user's own loss, checked to give a scalar; what goes wrong in it is the user's to mend."""
    module, _, function = name.partition(":")
    try:
        own: LossFunction = getattr(importlib.import_module(module), function)
    except Exception as error:  # a user's module may raise anything
        raise JobError(
            f"The loss {name!r} cannot be used: {error}. It must name a function in a module that "
            "Python finds (add its folder to PYTHONPATH)."
        ) from error
    if not callable(own):
        raise JobError(f"The loss {name!r} is no function but {own!r}.")

    def checked(logits: Tensor, target: Tensor) -> Tensor:
        """The user's loss, or a sentence about it."""
        try:
            value = own(logits, target)
        except Exception as error:  # as above
            shapes = f"logits {tuple(logits.shape)}, target {tuple(target.shape)}"
            raise JobError(
                f"The loss {name!r} failed on {shapes}: {type(error).__name__}: {error}"
            ) from error
        if not isinstance(value, Tensor) or value.ndim:
            raise JobError(f"The loss {name!r} must return one number as a tensor, not {value!r}.")
        return value

    return checked


def _weight(text: str, whole: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = math.nan
    if not (math.isfinite(weight) and weight > 0):
        raise JobError(f"The weight {text!r} in the loss {whole!r} must be a number above 0.")
    return weight
