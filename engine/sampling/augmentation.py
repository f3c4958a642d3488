"""Augmentation of training batches on their device, as a sequence of named steps.

All random numbers come from one generator on the CPU, drawn once per sample for both streams and the label,
so that a seed gives the same epoch on every device.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import torch

from ..contract.joined_names import augmentation_parts
from .band_statistics import Scaling
from .copy_paste import CopyPaste, PasteRoles
from .data_loader import Batch
from .geometric import affine, distort, flips, mirrors, rotate, shift_scale_rotate
from .photometric import Brightness, clahe, contrast, gray, hsv, hue, jitter

#: Returns a changed batch; does not modify its input tensors. All but those of ``joined_names.UNCONDITIONAL`` take the share of
#: changed samples as ``probability``.
Step = Callable[..., Batch]

#: Builders of all steps by name, in order of application, which is that of ``joined_names.AUGMENTATIONS``. Instances are pasted before tiles are rotated,
#: because the edges that come into view would cut them; light changes last, so that it is the same for a
#: tile and the instances in it.
AUGMENTATIONS: dict[str, Callable[[Scaling, PasteRoles], Step]] = {
    "flips": lambda scaling, roles: flips,
    "mirrors": lambda scaling, roles: mirrors,
    "copy-paste": lambda scaling, roles: CopyPaste(roles),
    "affine": lambda scaling, roles: affine,
    "shift-scale-rotate": lambda scaling, roles: shift_scale_rotate,
    "rotate": lambda scaling, roles: rotate,
    "distortion": lambda scaling, roles: distort,
    "brightness": lambda scaling, roles: Brightness(scaling),
    "contrast": lambda scaling, roles: partial(contrast, scaling=scaling),
    "hsv": lambda scaling, roles: partial(hsv, scaling=scaling),
    "hue": lambda scaling, roles: partial(hue, scaling=scaling),
    "clahe": lambda scaling, roles: partial(clahe, scaling=scaling),
    "jitter": lambda scaling, roles: partial(jitter, scaling=scaling),
    "gray": lambda scaling, roles: partial(gray, scaling=scaling),
}

#: The automatic augmentation of 8-bit colour images, whose colours depend on how they were made, and of measured values.
_FOR_PICTURES, _FOR_MEASUREMENTS = "flips+affine+jitter+gray", "flips+affine+brightness"


class Augmentation:
    """Applies augmentation steps one after the other; without steps, batches stay unchanged."""

    def __init__(self, steps: list[Step]) -> None:
        self.steps = steps

    def __call__(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Augments a batch; the changed tensors are new ones on the same device.

        Args:
            batch: ``image`` (B, Ci, H, H) and ``auxiliary`` (B, Ca, h, h), float32 in physical
                values with NaN for missing, over the same footprint (Ca may be 0), and ``target``
                (B, H, H) int64, ``IGNORE_INDEX`` where there is no label.
            generator: Random number generator on the CPU.
        """
        with torch.no_grad():
            for step in self.steps:
                batch = step(batch, generator)
        return batch


@dataclass(frozen=True)
class AugmentationSpec:
    """The validated augmentations of a job.

    Attributes:
        names: Names of ``AUGMENTATIONS``, in its order; empty: batches stay unchanged.
        probabilities: Share of changed samples of each, where it is not the step's own.
    """

    names: tuple[str, ...]
    probabilities: Mapping[str, float] = field(default_factory=dict)

    @property
    def pastes(self) -> bool:
        """Whether instances are copied from one tile of a batch into another."""
        return "copy-paste" in self.names

    def build(self, scaling: Scaling, roles: PasteRoles) -> Augmentation:
        """Builds the augmentation.

        Args:
            scaling: Scaling of the training data, the unit of changes of values.
            roles: Classes for ``copy-paste``.
        """
        steps = {name: AUGMENTATIONS[name](scaling, roles) for name in self.names}
        for name, probability in self.probabilities.items():
            steps[name] = partial(steps[name], probability=probability)
        return Augmentation([*steps.values()])


def augmentation_for(dtype: str, bands: int) -> str:
    """The augmentation that suits the pixels of an image if nothing is known but their type and bands.

    On reflectances changes of colour cost a water model 0.05 IoU; on 8-bit aerial images they helped.
    """
    return _FOR_PICTURES if dtype == "uint8" and bands >= 3 else _FOR_MEASUREMENTS


def parse_augmentation(text: str) -> AugmentationSpec:
    """Parses the names of augmentations, see ``joined_names.augmentation_parts``.

    Raises:
        JobError: If a name is unknown or a share is impossible.
    """
    parts = augmentation_parts(text)
    shares = {name: share for name, share in parts.items() if share is not None}
    return AugmentationSpec(tuple(parts), shares)
