"""Augmentation of places: flips, rotations and affine maps, the same for both streams and the label.

A batch has ``image`` (B, Ci, H, H), ``auxiliary`` (B, Ca, h, h) on its own grid over the same footprint
(Ca may be 0), both float32 with NaN for missing, and ``target`` (B, H, H) int64. Maps are written in units
of the footprint, so that each grid samples the same one at its own pixels.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ..compute.tile_transforms import apply_symmetry
from ..contract.class_table import IGNORE_INDEX

Batch = dict[str, Tensor]

#: Share of the samples that an affine map moves, and share of those that are rotated only.
AFFINE_PROBABILITY, ROTATE_PROBABILITY = 0.5, 0.3

#: Largest rotation, in radians, either way.
ROTATION = math.radians(30)

#: Largest enlargement; the largest reduction is its inverse.
SCALE = 4 / 3

#: Largest shift along either side, as a share of the side.
SHIFT = 0.1


def flips(batch: Batch, generator: torch.Generator) -> Batch:
    """Each sample under a symmetry of the square of its own, drawn from all eight alike."""
    drawn = torch.randint(8, (len(batch["target"]),), generator=generator).tolist()
    return {
        name: torch.stack(
            [apply_symmetry(sample, symmetry) for sample, symmetry in zip(tensor, drawn)]
        )
        for name, tensor in batch.items()
    }


def affine(batch: Batch, generator: torch.Generator) -> Batch:
    """Some samples rotated, scaled and shifted, as ``apply_affine`` does."""
    drawn = torch.rand(len(batch["target"]), 5, generator=generator)
    return _some_moved(batch, drawn[:, 0] < AFFINE_PROBABILITY, drawn[:, 1:])


def rotate(batch: Batch, generator: torch.Generator) -> Batch:
    """Some samples rotated about their middle, as ``apply_affine`` does, in their own size."""
    drawn = torch.rand(len(batch["target"]), 2, generator=generator)
    unmoved = torch.full((len(drawn), 3), 0.5)  # neither scaled nor shifted
    return _some_moved(
        batch, drawn[:, 0] < ROTATE_PROBABILITY, torch.cat([drawn[:, 1:], unmoved], 1)
    )


def _some_moved(batch: Batch, is_moved: Tensor, drawn: Tensor) -> Batch:
    """The batch with the samples of ``is_moved`` (B,) under the maps of ``drawn`` (B, 4)."""
    chosen = is_moved.nonzero()[:, 0]
    if not len(chosen):
        return batch
    maps = affine_maps(drawn[chosen])
    # Not waited for: on a GPU, indices that lie in the processor's memory would stop all that is queued.
    chosen = chosen.to(batch["image"].device, non_blocking=True)
    result = {name: tensor.clone() for name, tensor in batch.items()}
    part = apply_affine({name: tensor[chosen] for name, tensor in batch.items()}, maps)
    for name, tensor in part.items():
        result[name][chosen] = tensor
    return result


def affine_maps(drawn: Tensor) -> Tensor:
    """Random maps (B, 2, 3) from places of the result to places of the source.

    Places are -1 at the left or upper edge of the footprint and 1 at the right or lower one: edges
    of the outermost pixels, not their centres, so that the grid's resolution does not matter.

    Args:
        drawn: Uniform numbers 0..1 (B, 4): rotation, scale, shift to the right, shift down.
    """
    angle = (2 * drawn[:, 0] - 1) * ROTATION
    scale = torch.exp((2 * drawn[:, 1] - 1) * math.log(SCALE))
    # The footprint is 2 wide in these units.
    shift = (2 * drawn[:, 2:4] - 1) * 2 * SHIFT
    cosine, sine = torch.cos(angle) / scale, torch.sin(angle) / scale
    back = torch.stack([cosine, sine, -sine, cosine], dim=1).view(-1, 2, 2)
    return torch.cat([back, -back @ shift[:, :, None]], dim=2)


def apply_affine(batch: Batch, maps: Tensor) -> Batch:
    """The batch under affine maps, one a sample.

    The streams are sampled bilinearly and mirrored beyond their edges; a value that would be mixed
    with a missing one is missing. The label is the nearest pixel's, and none beyond the edges or
    where no image band has a value.

    Args:
        batch: Square tiles.
        maps: As ``affine_maps`` gives them, (B, 2, 3).
    """
    image, auxiliary = batch["image"], batch["auxiliary"]
    places = _places(image, maps)
    moved_image = _sampled(image, places)
    if auxiliary.shape[1]:
        same = auxiliary.shape[-2:] == image.shape[-2:]
        auxiliary = _sampled(auxiliary, places if same else _places(auxiliary, maps))
    # As a channel of floats, which hold class indices exactly; taken whole, never mixed.
    labels = _sampled(batch["target"][:, None].to(image.dtype), places, "nearest", "border")
    unknown = (places.abs() > 1).any(dim=-1) | moved_image.isnan().all(dim=1)
    target = labels[:, 0].long().masked_fill(unknown, IGNORE_INDEX)
    return {"image": moved_image, "auxiliary": auxiliary, "target": target}


def _sampled(
    stream: Tensor, places: Tensor, mode: str = "bilinear", beyond: str = "reflection"
) -> Tensor:
    """A stream (B, C, H, W) at places of its own grid; NaN spreads to what it is mixed into."""
    return F.grid_sample(stream, places, mode=mode, padding_mode=beyond, align_corners=False)


def _places(stream: Tensor, maps: Tensor) -> Tensor:
    """Where each pixel of the result comes from, (B, H, W, 2) in x and y."""
    return F.affine_grid(
        maps.to(stream, non_blocking=True), list(stream.shape), align_corners=False
    )
