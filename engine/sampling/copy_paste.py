"""Copy-paste augmentation: copies instances of some classes from one sample into another.

After Ghiasi et al. 2021 (arXiv:2012.07177), for classes instead of annotated objects: an instance is a
connected component. Soft instances (thin clouds) are blended along their outline, and companions (cloud
shadows) are pasted with the nearest instance, so that a network sees realistic pairs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from ..contract.class_table import ClassTable
from ..contract.errors import JobError
from ..contract.translation import tr
from .data_loader import Batch

Mask = NDArray[np.bool_]

#: Share of the samples with pasted instances, and their maximum number per sample.
PASTE_PROBABILITY, MAX_INSTANCES = 0.5, 3

#: Minimum size of an instance, px, and maximum size, as a share of the tile: larger ones would replace the
#: sample instead of adding to it.
MIN_INSTANCE_PIXELS, MAX_INSTANCE_SHARE = 64, 0.5

#: Maximum distance of a companion from its instance, and maximum shift of an instance, as shares of the side.
MAX_COMPANION_DISTANCE, SHIFT = 0.25, 0.25

#: Standard deviation of the Gaussian blur of a soft outline, px.
FEATHER = 2.0


@dataclass(frozen=True)
class PasteRoles:
    """Class indices by their role in copy-paste; all empty: nothing is pasted.

    Attributes:
        hard: Classes of opaque instances.
        soft: Classes of instances that are blended along their outline.
        companions: Classes of components that are pasted with the nearest instance.
    """

    hard: tuple[int, ...] = ()
    soft: tuple[int, ...] = ()
    companions: tuple[int, ...] = ()

    @property
    def bodies(self) -> list[int]:
        """The classes of instances."""
        return [*self.hard, *self.soft]


def paste_roles(texts: tuple[str, ...], classes: ClassTable) -> PasteRoles:
    """Parses the roles of a job.

    Args:
        texts: Class names, each as ``name``, ``name:soft`` or ``name:companion``.
        classes: The class table; a class's index is its position.

    Raises:
        JobError: If a class or role is unknown, a class is named twice, or there are only companions.
    """
    indices = {entry.name: index for index, entry in enumerate(classes)}
    roles: dict[str, list[int]] = {"": [], "soft": [], "companion": []}
    for text in texts:
        # The whole text comes first, because a class name may have a colon.
        name, colon, role = (text, "", "") if text in indices else text.rpartition(":")
        if not colon:
            name = text
        if name not in indices:
            raise JobError(
                tr("Paste names {!r}; the classes are {}.").format(text, ", ".join(indices))
            )
        if role not in roles or (colon and not role):
            raise JobError(
                tr(
                    "Paste gives {!r}; after the colon comes soft or companion, or leave it out."
                ).format(text)
            )
        if any(indices[name] in role_indices for role_indices in roles.values()):
            raise JobError(tr("Paste names the class {!r} twice; give it one role.").format(name))
        roles[role].append(indices[name])
    if roles["companion"] and not (roles[""] or roles["soft"]):
        raise JobError(tr("Paste names companions only; name the class that they travel with too."))
    return PasteRoles(*map(tuple, roles.values()))


def instances(target: NDArray[np.int64], roles: PasteRoles) -> NDArray[np.int32]:
    """Labels the instances with their companions; 0 is the background, (H, W).

    Instances are 8-connected components of a suitable size. A companion belongs as a whole to the instance
    nearest to any of its pixels, within ``MAX_COMPANION_DISTANCE``.
    """
    bodies, count = _components(np.isin(target, roles.bodies))
    sizes = np.bincount(bodies.ravel(), minlength=count + 1)
    bodies[sizes[bodies] < MIN_INSTANCE_PIXELS] = 0
    owners = _add_companions(bodies, np.isin(target, roles.companions))
    # Last, so that the companion of a large instance is not given to a small one beside it.
    owners[sizes[owners] > MAX_INSTANCE_SHARE * target.size] = 0
    return owners


def _components(mask: Mask) -> tuple[NDArray[np.int32], int]:
    from scipy import ndimage  # type: ignore[import-untyped]

    return ndimage.label(mask, np.ones((3, 3)))  # type: ignore[no-any-return]


def _add_companions(bodies: NDArray[np.int32], mask: Mask) -> NDArray[np.int32]:
    parts, count = _components(mask)
    if not count or not bodies.any():
        return bodies
    from scipy import ndimage

    distance, nearest = ndimage.distance_transform_edt(bodies == 0, return_indices=True)
    # In order of decreasing distance: the nearest pixel of a companion is written last.
    rows, cols = np.nonzero(mask)
    order = np.argsort(-distance[rows, cols])
    rows, cols = rows[order], cols[order]
    instance = bodies[nearest[0, rows, cols], nearest[1, rows, cols]]
    owner = np.zeros(count + 1, np.int32)
    owner[parts[rows, cols]] = np.where(
        distance[rows, cols] <= MAX_COMPANION_DISTANCE * min(mask.shape), instance, 0
    )
    return np.where(mask, owner[parts], bodies)


class CopyPaste:
    """Pastes one to three instances of another sample of the batch, at their position or near it."""

    def __init__(self, roles: PasteRoles) -> None:
        self.roles = roles

    def __call__(
        self, batch: Batch, generator: torch.Generator, probability: float = PASTE_PROBABILITY
    ) -> Batch:
        """Pastes instances into some samples; a batch of one sample stays unchanged."""
        count = len(batch["target"])
        if not self.roles.bodies or count < 2:
            return batch
        offset = int(torch.randint(1, count, (), generator=generator))
        is_chosen = torch.rand(count, generator=generator) < probability
        result = {name: tensor.clone() for name, tensor in batch.items()}
        for index in is_chosen.nonzero()[:, 0].tolist():
            donor = {name: tensor[(index + offset) % count] for name, tensor in batch.items()}
            cut = self._cut_out(donor, generator)
            if cut is not None:
                recipient = {name: tensor[index] for name, tensor in batch.items()}
                for name, tensor in paste(recipient, *cut, self.roles).items():
                    result[name][index] = tensor
        return result

    def _cut_out(self, donor: Batch, generator: torch.Generator) -> tuple[Batch, Tensor] | None:
        """The shifted donor and the alpha (H, W) of the pasted instances; None without instances."""
        target = donor["target"].cpu().numpy()
        owners = instances(target, self.roles)
        present = np.unique(owners[owners > 0])
        if not len(present):
            return None
        number = int(torch.randint(1, MAX_INSTANCES + 1, (), generator=generator))
        picked = present[torch.randperm(len(present), generator=generator)[:number].numpy()]
        chosen = np.isin(owners, picked)
        alpha = torch.from_numpy(paste_alpha(chosen, np.isin(target, self.roles.soft)))
        # A shift by whole pixels of both grids is a multiple of 1 / gcd of the side.
        coarse = donor["auxiliary"].shape[1:] if len(donor["auxiliary"]) else (0, 0)
        steps = [math.gcd(*sides) for sides in zip(target.shape, coarse)]
        drawn = torch.rand(2, generator=generator).tolist()
        shares = [
            draw_shift(np.asarray(chosen.any(axis=1 - axis)), steps[axis], drawn[axis])
            / steps[axis]
            for axis in (0, 1)
        ]
        shifted = {name: _shift(tensor, shares) for name, tensor in donor.items()}
        return shifted, _shift(alpha.to(donor["image"]), shares)


def paste_alpha(chosen: Mask, soft: Mask) -> NDArray[np.float32]:
    """Alpha of the donor in each pixel (H, W): 0 outside, 1 inside, between along soft outlines.

    Outlines are blended inwards only, so that no neighbouring pixels are pasted, and not at the tile's edge
    or beside another chosen pixel.
    """
    from scipy import ndimage

    blurred = ndimage.gaussian_filter(chosen.astype(np.float32), FEATHER, mode="nearest")
    # A blurred half-plane is 0.5 at its edge, so 2 * blurred - 1 is 0 there.
    faded = (2 * blurred - 1).clip(0, 1)
    return np.where(chosen, np.where(soft, faded, 1), 0).astype(np.float32)


def draw_shift(touched: Mask, steps: int, drawn: float) -> int:
    """A random shift along one side, in steps.

    Args:
        touched: Whether the instances have pixels at each position along the side. Instances at an edge
            of the tile only move outwards: moved inwards they would show a straight cut.
        steps: Number of steps along the side.
        drawn: A uniform number 0..1.
    """
    maximum = int(SHIFT * steps)
    low, high = (0 if touched[-1] else -maximum), (0 if touched[0] else maximum)
    return low + min(int(drawn * (high - low + 1)), high - low)


def _shift(tensor: Tensor, shares: list[float]) -> Tensor:
    """Moves ``tensor`` (..., H, W) down and right by shares of its sides; fills with 0."""
    down, right = (round(share * side) for share, side in zip(shares, tensor.shape[-2:]))
    return F.pad(tensor, (right, -right, down, -down))


def paste(recipient: Batch, donor: Batch, alpha: Tensor, roles: PasteRoles) -> Batch:
    """Blends part of a sample into another.

    Nothing is pasted where either image has missing values or where the recipient would lose auxiliary
    values that the donor misses, and no companion onto a body (a shadow onto a cloud).

    Args:
        recipient: ``image`` (Ci, H, W), ``auxiliary`` (Ca, h, w), ``target`` (H, W).
        donor: Another sample on the same grids.
        alpha: Share of the donor in each pixel (H, W). Above 0.5 the class is the donor's; the auxiliary
            stream is blended with the mean over each of its pixels.
        roles: Classes of companions and bodies.
    """
    missing = (recipient["image"].isnan() | donor["image"].isnan()).any(dim=0)
    hidden = _is_in(donor["target"], roles.companions) & _is_in(recipient["target"], roles.bodies)
    alpha = alpha.masked_fill(missing | hidden, 0.0)
    auxiliary = recipient["auxiliary"]
    if len(auxiliary):
        lost = (donor["auxiliary"].isnan() & ~auxiliary.isnan()).any(dim=0)
        below = F.interpolate(lost[None, None].to(alpha), alpha.shape, mode="nearest-exact")[0, 0]
        alpha = alpha.masked_fill(below > 0, 0.0)
        coarse = F.adaptive_avg_pool2d(alpha[None], (lost.shape[0], lost.shape[1]))[0]
        auxiliary_alpha = coarse.masked_fill(lost, 0.0)
        auxiliary = _blend(auxiliary, donor["auxiliary"], auxiliary_alpha)
    return {
        "image": _blend(recipient["image"], donor["image"], alpha),
        "auxiliary": auxiliary,
        "target": donor["target"].where(alpha > 0.5, recipient["target"]),
    }


def _is_in(target: Tensor, classes: Sequence[int]) -> Tensor:
    # Several times faster for a few classes than torch.isin.
    result = torch.zeros_like(target, dtype=torch.bool)
    for index in classes:
        result |= target == index
    return result


def _blend(below: Tensor, above: Tensor, alpha: Tensor) -> Tensor:
    """Blends ``above`` over ``below``; missing values of ``below`` stay missing."""
    return torch.lerp(below, above.nan_to_num(0.0), alpha.expand_as(below))
