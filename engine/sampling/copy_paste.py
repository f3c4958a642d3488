"""Copy-paste augmentation: instances of some classes are copied from one sample into another.

After Ghiasi et al. 2021 (arXiv:2012.07177), for classes rather than annotated objects: an instance is a
connected component. Thin instances are faded in along their outline, and companions (a cloud's shadow)
travel with the nearest instance, so that a network sees pairs as they occur.
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

Batch = dict[str, Tensor]
Mask = NDArray[np.bool_]

#: Share of the samples that something is pasted into, and the most instances pasted at once.
PASTE_PROBABILITY, MAX_INSTANCES = 0.5, 3

#: Smaller components, in pixels, are specks; larger ones, as a share of the tile, would replace
#: the sample instead of adding to it.
MIN_INSTANCE_PIXELS, MAX_INSTANCE_SHARE = 64, 0.5

#: How far a companion may lie from its instance, and an instance be shifted: shares of the side.
MAX_COMPANION_DISTANCE, SHIFT = 0.25, 0.25

#: Deviation of the blur that fades a soft outline, in pixels.
FEATHER = 2.0


@dataclass(frozen=True)
class PasteRoles:
    """Class indices by what copy-paste does with them; all empty: nothing is pasted.

    Attributes:
        hard: Classes of instances that hide what is below them.
        soft: Classes of instances that are faded in along their outline.
        companions: Classes of what travels with the nearest instance.
    """

    hard: tuple[int, ...] = ()
    soft: tuple[int, ...] = ()
    companions: tuple[int, ...] = ()

    @property
    def bodies(self) -> list[int]:
        """The classes that instances consist of."""
        return [*self.hard, *self.soft]


def paste_roles(texts: tuple[str, ...], classes: ClassTable) -> PasteRoles:
    """The roles that a job names.

    Args:
        texts: Each the name of a class, or ``name:soft`` or ``name:companion``.
        classes: The class table; a class's index is its position.

    Raises:
        JobError: If a class or role is unknown, a class is named twice, or there are only companions.
    """
    indices = {entry.name: index for index, entry in enumerate(classes)}
    found: dict[str, list[int]] = {"": [], "soft": [], "companion": []}
    for text in texts:
        # A class whose own name has a colon is found by it first.
        name, role = (text, "") if text in indices else _name_and_role(text)
        if name not in indices:
            raise JobError(f"Paste names {text!r}; the classes are {', '.join(indices)}.")
        if role not in found:
            raise JobError(
                f"Paste gives {text!r}; after the colon comes soft or companion, or leave it out."
            )
        if any(indices[name] in role_indices for role_indices in found.values()):
            raise JobError(f"Paste names the class {name!r} twice; give it one role.")
        found[role].append(indices[name])
    if found["companion"] and not (found[""] or found["soft"]):
        raise JobError("Paste names companions only; name the class that they travel with too.")
    return PasteRoles(tuple(found[""]), tuple(found["soft"]), tuple(found["companion"]))


def _name_and_role(text: str) -> tuple[str, str]:
    name, colon, role = text.rpartition(":")
    return (name, role or ":") if colon else (text, "")


def instances(target: NDArray[np.int64], roles: PasteRoles) -> NDArray[np.int32]:
    """The number of the instance that each pixel (H, W) belongs to as body or companion, or 0.

    Instances are components of 8 neighbours; those too small or too large have no pixels. A companion
    belongs as a whole to the instance nearest to any of its pixels, if that is near at all.
    """
    bodies, count = _components(np.isin(target, roles.bodies))
    sizes = np.bincount(bodies.ravel(), minlength=count + 1)
    bodies[sizes[bodies] < MIN_INSTANCE_PIXELS] = 0
    owners = _with_companions(bodies, np.isin(target, roles.companions))
    # Only now: the companion of a large instance must not go with a small one beside it.
    owners[sizes[owners] > MAX_INSTANCE_SHARE * target.size] = 0
    return owners


def _components(mask: Mask) -> tuple[NDArray[np.int32], int]:
    from scipy import ndimage  # type: ignore[import-untyped]

    return ndimage.label(mask, np.ones((3, 3)))  # type: ignore[no-any-return]


def _with_companions(bodies: NDArray[np.int32], mask: Mask) -> NDArray[np.int32]:
    parts, count = _components(mask)
    if not count or not bodies.any():
        return bodies
    from scipy import ndimage

    distance, nearest = ndimage.distance_transform_edt(bodies == 0, return_indices=True)
    # From far to near: of several pixels of a companion the last one written, the nearest, stays.
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
    """Pastes one to three instances of another sample of the batch, at their place or near it."""

    def __init__(self, roles: PasteRoles) -> None:
        self.roles = roles

    def __call__(self, batch: Batch, generator: torch.Generator) -> Batch:
        """The batch with instances pasted into some samples; alone, a sample stays as it is."""
        count = len(batch["target"])
        if not self.roles.bodies or count < 2:
            return batch
        turn = int(torch.randint(1, count, (), generator=generator))
        chosen = (
            (torch.rand(count, generator=generator) < PASTE_PROBABILITY).nonzero()[:, 0].tolist()
        )
        result = {name: tensor.clone() for name, tensor in batch.items()}
        for index in chosen:
            donor = {name: tensor[(index + turn) % count] for name, tensor in batch.items()}
            cut = self._cut(donor, generator)
            if cut is not None:
                recipient = {name: tensor[index] for name, tensor in batch.items()}
                for name, tensor in paste(recipient, *cut, self.roles).items():
                    result[name][index] = tensor
        return result

    def _cut(self, donor: Batch, generator: torch.Generator) -> tuple[Batch, Tensor] | None:
        """A donor shifted, and the alpha (H, W) of what is to be pasted; None: it has nothing."""
        target = donor["target"].cpu().numpy()
        owners = instances(target, self.roles)
        present = np.unique(owners[owners > 0])
        if not len(present):
            return None
        number = int(torch.randint(1, MAX_INSTANCES + 1, (), generator=generator))
        picked = present[torch.randperm(len(present), generator=generator)[:number].numpy()]
        chosen = np.isin(owners, picked)
        alpha = torch.from_numpy(paste_alpha(chosen, np.isin(target, self.roles.soft)))
        # Whole pixels of both grids: steps are pixels of the finest grid that both are made of.
        other = donor["auxiliary"].shape[1:] if len(donor["auxiliary"]) else (0, 0)
        steps = [math.gcd(*sides) for sides in zip(target.shape, other)]
        drawn = torch.rand(2, generator=generator).tolist()
        shares = [
            draw_shift(np.asarray(chosen.any(axis=1 - axis)), steps[axis], drawn[axis])
            / steps[axis]
            for axis in (0, 1)
        ]
        shifted = {name: _shifted(tensor, shares) for name, tensor in donor.items()}
        return shifted, _shifted(alpha.to(donor["image"]), shares)


def paste_alpha(chosen: Mask, soft: Mask) -> NDArray[np.float32]:
    """How much of the donor each pixel (H, W) gets: 0 outside, 1 inside, soft outlines between.

    Outlines are faded inwards only, so that nothing beside the instance comes along, and not where
    the tile's edge or another chosen pixel lies beside.
    """
    from scipy import ndimage

    blurred = ndimage.gaussian_filter(chosen.astype(np.float32), FEATHER, mode="nearest")
    # Half of a blurred half-plane lies beyond its edge: twice the blur less 1 is 0 there.
    faded = (2 * blurred - 1).clip(0, 1)
    return np.where(chosen, np.where(soft, faded, 1), 0).astype(np.float32)


def draw_shift(touched: Mask, steps: int, drawn: float) -> int:
    """A random shift along one side, in steps.

    Args:
        touched: Where along the side the instances lie. Cut off by an edge of the tile they may
            only move out over it: moved inwards they would show a straight cut.
        steps: Steps along the side.
        drawn: A uniform number 0..1.
    """
    maximum = int(SHIFT * steps)
    low, high = (0 if touched[-1] else -maximum), (0 if touched[0] else maximum)
    return low + min(int(drawn * (high - low + 1)), high - low)


def _shifted(tensor: Tensor, shares: list[float]) -> Tensor:
    """``tensor`` (..., H, W) moved down and right by shares of its sides; 0 where nothing was."""
    down, right = (round(share * side) for share, side in zip(shares, tensor.shape[-2:]))
    return F.pad(tensor, (right, -right, down, -down))


def paste(recipient: Batch, donor: Batch, alpha: Tensor, roles: PasteRoles) -> Batch:
    """A sample with part of another in it.

    Nothing is pasted where either image misses a value, where the recipient would lose auxiliary
    values because the donor has none, and no companion onto a body (a shadow onto a cloud).

    Args:
        recipient: ``image`` (Ci, H, W), ``auxiliary`` (Ca, h, w), ``target`` (H, W).
        donor: Another sample on the same grids.
        alpha: Share of the donor in each pixel (H, W). The donor's class is taken above a half, and
            the auxiliary stream blended by the mean over each of its pixels.
        roles: Which classes are companions and bodies.
    """
    missing = (recipient["image"].isnan() | donor["image"].isnan()).any(dim=0)
    hidden = _among(donor["target"], roles.companions) & _among(recipient["target"], roles.bodies)
    alpha = alpha.masked_fill(missing | hidden, 0.0)
    auxiliary = recipient["auxiliary"]
    if len(auxiliary):
        lost = (donor["auxiliary"].isnan() & ~auxiliary.isnan()).any(dim=0)
        below = F.interpolate(lost[None, None].to(alpha), alpha.shape, mode="nearest-exact")[0, 0]
        alpha = alpha.masked_fill(below > 0, 0.0)
        coarse = F.adaptive_avg_pool2d(alpha[None], (lost.shape[0], lost.shape[1]))[0]
        auxiliary_alpha = coarse.masked_fill(lost, 0.0)
        auxiliary = _blended(auxiliary, donor["auxiliary"], auxiliary_alpha)
    return {
        "image": _blended(recipient["image"], donor["image"], alpha),
        "auxiliary": auxiliary,
        "target": donor["target"].where(alpha > 0.5, recipient["target"]),
    }


def _among(target: Tensor, classes: Sequence[int]) -> Tensor:
    # Several times faster for a few classes than torch.isin.
    found = torch.zeros_like(target, dtype=torch.bool)
    for index in classes:
        found |= target == index
    return found


def _blended(below: Tensor, above: Tensor, alpha: Tensor) -> Tensor:
    """From ``below`` (alpha 0) to ``above`` (1); a value that ``below`` misses stays missing."""
    return torch.lerp(below, above.nan_to_num(0.0), alpha.expand_as(below))
