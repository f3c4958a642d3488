"""Augmentations and losses of a recipe: names joined by +, checked here without torch, so that QGIS refuses them before a run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from difflib import get_close_matches

from .errors import JobError, join_choices
from .plain_text import shorten
from .translation import tr

#: Names of the augmentations, in the order in which ``sampling/augmentation.py`` applies them.
AUGMENTATIONS = (
    *("flips", "mirrors", "copy-paste", "affine", "shift-scale-rotate", "rotate", "distortion"),
    *("brightness", "contrast", "hsv", "hue", "clahe", "jitter", "gray"),
)

#: Augmentations that draw one of several equal changes for every sample, and so have no probability.
UNCONDITIONAL = ("flips", "mirrors")

#: The name for no augmentation.
NO_AUGMENTATION = "none"

#: Names of the losses in ``losses/loss_functions.py``, in the order of the form.
LOSSES = (
    *("ce", "ohem", "ohem-quarter", "focal", "focal-dice", "alpha-focal", "lovasz"),
    *("lovasz-sigmoid", "dice"),
)


def augmentation_parts(text: str) -> dict[str, float | None]:
    """The augmentations of a text such as ``flips+affine:0.3+brightness``, or ``none``, in the order of ``AUGMENTATIONS``.

    Args:
        text: Names joined by +, in any order; after a colon the share of samples that one changes.

    Returns:
        The share of each, None where it is the augmentation's own.

    Raises:
        JobError: If a name is unknown or a share is impossible.
    """
    if text.strip() == NO_AUGMENTATION:
        return {}
    found: dict[str, float | None] = {}
    for part in text.split("+"):
        name, colon, share = (each.strip() for each in part.partition(":"))
        if name not in AUGMENTATIONS:
            raise JobError(_unknown_augmentation(text, name))
        found[name] = _share(name, share) if colon else None
    return {name: found[name] for name in AUGMENTATIONS if name in found}


def check_loss(text: str) -> None:
    """Refuses an unknown name in a loss such as ``focal+lovasz`` or ``0.7*focal+0.3*dice``.

    A loss of the user's own, ``module:function``, is checked when it is loaded.

    Raises:
        JobError: If a name is unknown.
    """
    for part in text.split("+"):
        name = part.rpartition("*")[2].strip()
        if name not in LOSSES and ":" not in name:
            raise JobError(_unknown_loss(text, name))


def _share(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if name in UNCONDITIONAL or not 0 < value <= 1:
        raise JobError(
            tr(
                "The augmentation {} cannot have the probability {!r}: it must be a number above 0, at most 1, "
                "and flips and mirrors have none."
            ).format(name, text)
        )
    return value


def _unknown_augmentation(text: str, name: str) -> str:
    if near := _near(name, (*AUGMENTATIONS, NO_AUGMENTATION)):
        return tr("There is no augmentation {}; do you mean {}?").format(shorten(name), near)
    sentence = tr(
        "The augmentation {!r} has a part {!r} that is not one of {}; join parts with +, or "
        "give {!r} alone."
    )
    return sentence.format(text, name, ", ".join(AUGMENTATIONS), NO_AUGMENTATION)


def _unknown_loss(text: str, name: str) -> str:
    if near := _near(name, LOSSES):
        return tr("There is no loss {}; do you mean {}?").format(shorten(name), near)
    sentence = tr(
        "The loss {!r} has a part {!r} that is not one of {}; join parts with +, or give "
        "your own as module:function."
    )
    return sentence.format(text, name, ", ".join(LOSSES))


def _near(name: str, names: Sequence[str]) -> str:
    """The names that are similar to one, for a question; empty: none is."""
    near = [one for one in get_close_matches(name, names, n=3) if one != name]
    return join_choices(near) if near else ""
