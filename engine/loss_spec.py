"""What a job learns from: the losses that it names, with their weights, read once and refused here."""

from __future__ import annotations

import importlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from .errors import JobError
from .losses import TERMS, SegmentationLoss, Term


@dataclass(frozen=True)
class WeightedTerm:
    """One loss of a sum.

    Attributes:
        name: Its name in ``TERMS``, or ``module:function``.
        weight: The factor that it counts with, above 0.
        term: The loss itself.
    """

    name: str
    weight: float
    term: Term


@dataclass(frozen=True)
class LossSpec:
    """What a job learns from: a weighted sum of losses that are known to exist.

    Attributes:
        terms: The losses, each with its weight.
    """

    terms: tuple[WeightedTerm, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each loss."""
        return tuple(term.name for term in self.terms)

    def build(self, classes: int, handicap: Sequence[float] = ()) -> SegmentationLoss:
        """The loss of a network with ``classes`` logits a pixel, see ``SegmentationLoss``."""
        return SegmentationLoss([(t.weight, t.term) for t in self.terms], classes, handicap)


def parse_loss(text: str) -> LossSpec:
    """The losses that a text names, e.g. ``focal+lovasz`` (half each) or ``0.7*focal+0.3*dice``.

    Args:
        text: Names of ``TERMS`` or own losses as ``module:function``, joined by +, either all with a
            weight (``weight*name``) or none; without weights each counts one n-th. An own loss is
            called as a ``Term`` is: ``function(logits, target)``.

    Raises:
        JobError: If a name is unknown or a weight is not a number above zero.
    """
    parts = [part.strip().rpartition("*") for part in text.split("+")]
    weighted = [bool(star) for _, star, _ in parts]
    if any(weighted) and not all(weighted):
        raise JobError(f"The loss {text!r} must give all its parts a weight, or none.")
    return LossSpec(
        tuple(
            _weighted_term(name.strip(), _weight(weight, text) if star else 1.0 / len(parts), text)
            for weight, star, name in parts
        )
    )


def _weighted_term(name: str, weight: float, whole: str) -> WeightedTerm:
    if ":" not in name and name not in TERMS:
        raise JobError(
            f"The loss {whole!r} has a part {name!r} that is not one of {', '.join(TERMS)}; "
            "join parts with +, or give your own as module:function."
        )
    return WeightedTerm(name, weight, _own_term(name) if ":" in name else TERMS[name])


def _own_term(name: str) -> Term:
    """A user's own loss, checked to give a scalar; what goes wrong in it is the user's to mend."""
    module, _, function = name.partition(":")
    try:
        own: Term = getattr(importlib.import_module(module), function)
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
