"""Weights of classes in the losses of pixels, given by the user or balanced by the pixels of each class."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..contract.class_table import ClassTable
from ..contract.errors import JobError
from ..contract.jobs import TrainJob
from ..contract.plain_text import shorten
from ..contract.translation import tr
from .loss_functions import PIXEL_LOSSES
from .segmentation_loss import LossSpec

#: The texts that stand for weights by the pixels of each class, and for equal weights whatever the pixels are.
BALANCED, EQUAL = "balanced", "none"

#: Share of the labelled pixels below which a class is rare. On the one set with such a class, balanced weights held better
#: on other land (docs/benchmarks.md).
_RARE_SHARE = 0.02

#: Smallest share of the pixels that ``balanced`` counts with: a weight is at most 100 times that of a class that has
#: all pixels.
_LEAST_SHARE = 1e-4


def check_class_weights(job: TrainJob, loss: LossSpec) -> None:
    """Makes sure that class weights can have an effect, and are not a second remedy for the same.

    Raises:
        JobError: If not, or if a weight is not a number above 0.
    """
    if job.class_weights in ((), (EQUAL,)):
        return
    if job.logit_adjustment:
        raise JobError(
            tr(
                "class_weights and logit_adjustment {:g} both favour rare classes: choose one, or "
                "set logit_adjustment to 0."
            ).format(job.logit_adjustment)
        )
    if not takes_weights(loss):
        raise JobError(
            tr(
                "class_weights have no effect on the loss {}: they weight the pixels of {}. Choose a "
                "loss with one of these, such as ce+dice."
            ).format(job.loss, ", ".join(PIXEL_LOSSES))
        )
    if job.class_weights != (BALANCED,):
        for text in job.class_weights:
            _parse(text)


def takes_weights(loss: LossSpec) -> bool:
    """Whether class weights change a loss."""
    return any(name in PIXEL_LOSSES for name in loss.names)


def class_weights(
    texts: Sequence[str], classes: ClassTable, counts: Sequence[int]
) -> tuple[float, ...]:
    """The weight of each class.

    ``balanced`` means ``w = s ** -0.5``, divided by the mean of all classes' w, where s is the class's share of the
    training pixels, at least 0.0001. The inverse share itself would give a class of a thousandth of the pixels the
    influence of one that has half, with all errors of its labels.

    Args:
        texts: ``balanced`` or ``none`` alone, or class=weight with a name or value; other classes have the weight 1.
        classes: The class table.
        counts: Training pixels of each class.

    Returns:
        One weight per class, also where two classes share one logit; none without ``texts`` or for ``none``.

    Raises:
        JobError: If a class is unknown or named twice, or a weight is not a number above 0.
    """
    if tuple(texts) in ((), (EQUAL,)):
        return ()
    if tuple(texts) == (BALANCED,):
        roots = [max(count / sum(counts), _LEAST_SHARE) ** -0.5 for count in counts]
        return tuple(root * len(roots) / sum(roots) for root in roots)
    weights: dict[int, float] = {}
    for name, weight in map(_parse, texts):
        found = [i for i, c in enumerate(classes) if c.name == name] or [
            i for i, c in enumerate(classes) if str(c.value) == name
        ]
        if not found:
            names = ", ".join(entry.name for entry in classes)
            raise JobError(
                tr("class_weights names the class {}; the classes are {}.").format(
                    shorten(name), names
                )
            )
        if found[0] in weights:
            raise JobError(
                tr("class_weights names the class {} twice: give it once.").format(shorten(name))
            )
        weights[found[0]] = weight
    return tuple(weights.get(index, 1.0) for index in range(len(classes)))


def rare_classes(classes: ClassTable, counts: Sequence[int]) -> dict[str, float]:
    """The share of the labelled pixels of each class, of three or more, that has less than 2 % of them."""
    if len(classes) < 3:
        return {}
    shares = {entry.name: count / sum(counts) for entry, count in zip(classes, counts)}
    return {name: share for name, share in shares.items() if share < _RARE_SHARE}


def describe(weights: Sequence[float], classes: ClassTable) -> str:
    """The weights as a sentence for the user."""
    pairs = (f"{entry.name} {weight:.3g}" for entry, weight in zip(classes, weights))
    return tr("Class weights: {}.").format(", ".join(pairs))


def _parse(text: str) -> tuple[str, float]:
    name, _, number = (part.strip() for part in text.rpartition("="))
    try:
        weight = float(number)
    except ValueError:
        weight = math.nan
    if not (name and math.isfinite(weight) and weight > 0):
        raise JobError(
            tr(
                "The class weight {} is not of the form class=weight with a number above 0, such as "
                "water=3; or balanced alone, which weights all classes by their pixels."
            ).format(shorten(text))
        )
    return name, weight
