"""Augmentation of training batches, chosen by name.

It happens on the batch's device. Everything random comes from one generator on the CPU, drawn once a
sample for both streams and the label, so that a seed gives the same epoch whatever the device.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from ..contract.errors import JobError
from .band_statistics import Scaling
from .copy_paste import CopyPaste, PasteRoles
from .geometric import affine, flips, rotate
from .photometric import Brightness, clahe, gray, hsv, jitter

Batch = dict[str, Tensor]

#: Changes a batch with what it draws; leaves the tensors that it is given alone.
Step = Callable[[Batch, torch.Generator], Batch]

#: Every augmentation by name, in the order in which they act. Instances are pasted before tiles are
#: rotated, since they would be cut by the edges that come into view; light changes last, alike for
#: a tile and what is pasted into it.
AUGMENTATIONS: dict[str, Callable[[Scaling, PasteRoles], Step]] = {
    "flips": lambda scaling, roles: flips,
    "copy-paste": lambda scaling, roles: CopyPaste(roles),
    "affine": lambda scaling, roles: affine,
    "rotate": lambda scaling, roles: rotate,
    "brightness": lambda scaling, roles: Brightness(scaling),
    "hsv": lambda scaling, roles: partial(hsv, scaling=scaling),
    "clahe": lambda scaling, roles: partial(clahe, scaling=scaling),
    "jitter": lambda scaling, roles: partial(jitter, scaling=scaling),
    "gray": lambda scaling, roles: partial(gray, scaling=scaling),
}

#: The name of no augmentation at all.
NONE = "none"


class Augmentation:
    """Some augmentations, one after the other."""

    def __init__(self, steps: list[Step]) -> None:
        """Applies ``steps`` in their order; without any, batches stay as they are."""
        self.steps = steps

    def __call__(self, batch: Batch, generator: torch.Generator) -> Batch:
        """The augmented batch, in new tensors on the same device where anything changed.

        Args:
            batch: ``image`` (B, Ci, H, H) and ``auxiliary`` (B, Ca, h, h), float32 in physical
                values with NaN for missing, over the same footprint (Ca may be 0), and ``target``
                (B, H, H) int64, ``IGNORE_INDEX`` where there is no label.
            generator: Of the CPU; what it draws decides everything.
        """
        with torch.no_grad():
            for step in self.steps:
                batch = step(batch, generator)
        return batch


@dataclass(frozen=True)
class AugmentationSpec:
    """The augmentations of a job, which are known to exist.

    Attributes:
        names: Names of ``AUGMENTATIONS``, in the order of ``AUGMENTATIONS``; none: batches stay as they are.
    """

    names: tuple[str, ...]

    @property
    def pastes(self) -> bool:
        """Whether instances are copied from one tile of a batch into another."""
        return "copy-paste" in self.names

    def build(self, scaling: Scaling, roles: PasteRoles) -> Augmentation:
        """The augmentations for data of this scaling.

        Args:
            scaling: What the changes of values are measured by.
            roles: What ``copy-paste`` pastes.
        """
        return Augmentation([AUGMENTATIONS[name](scaling, roles) for name in self.names])


def parse_augmentation(text: str) -> AugmentationSpec:
    """The augmentations that a text names, e.g. ``flips+affine+brightness``; ``none`` for none.

    Args:
        text: Names of ``AUGMENTATIONS`` joined by +, in any order.

    Raises:
        JobError: If a name is unknown.
    """
    parts = [part.strip() for part in text.split("+")]
    if parts == [NONE]:
        return AugmentationSpec(())
    for part in parts:
        if part not in AUGMENTATIONS:
            raise JobError(
                f"The augmentation {text!r} has a part {part!r} that is not one of "
                f"{', '.join(AUGMENTATIONS)}; join parts with +, or give {NONE!r} alone."
            )
    return AugmentationSpec(tuple(name for name in AUGMENTATIONS if name in parts))
