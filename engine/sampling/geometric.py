"""Geometric augmentation: flips, rotations and affine maps, the same for both streams and the label.

A batch has ``image`` (B, Ci, H, H), ``auxiliary`` (B, Ca, h, h) on its own grid over the same footprint
(Ca may be 0), both float32 with NaN for missing, and ``target`` (B, H, H) int64. Affine maps are relative to
the footprint, so that both grids are sampled at the same positions.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ..compute.tile_transforms import apply_symmetry
from ..compute.transfers import send, send_indices
from ..contract.class_table import IGNORE_INDEX
from .data_loader import Batch

#: Probability that ``affine`` and ``rotate`` change a sample.
AFFINE_PROBABILITY, ROTATE_PROBABILITY = 0.5, 0.3

#: Maximum rotation in either direction, radians.
ROTATION = math.radians(30)

#: Maximum enlargement; the maximum reduction is its inverse.
SCALE = 4 / 3

#: Maximum shift along either side, as a share of the side.
SHIFT = 0.1


def flips(batch: Batch, generator: torch.Generator) -> Batch:
    """Applies a random symmetry of the square to each sample, one of eight with equal probability."""
    symmetries = torch.randint(8, (len(batch["target"]),), generator=generator).tolist()
    return {
        name: torch.stack([apply_symmetry(*pair) for pair in zip(tensor, symmetries)])
        for name, tensor in batch.items()
    }


def affine(batch: Batch, generator: torch.Generator) -> Batch:
    """Rotates, scales and shifts some samples with ``apply_affine``."""
    uniform = torch.rand(len(batch["target"]), 5, generator=generator)
    return _apply_to_some(batch, uniform[:, 0] < AFFINE_PROBABILITY, uniform[:, 1:])


def rotate(batch: Batch, generator: torch.Generator) -> Batch:
    """Rotates some samples about their centre with ``apply_affine``, without scaling."""
    uniform = torch.rand(len(batch["target"]), 2, generator=generator)
    neutral = torch.full((len(uniform), 3), 0.5)  # neither scaled nor shifted
    parameters = torch.cat([uniform[:, 1:], neutral], 1)
    return _apply_to_some(batch, uniform[:, 0] < ROTATE_PROBABILITY, parameters)


def _apply_to_some(batch: Batch, is_chosen: Tensor, parameters: Tensor) -> Batch:
    """Applies affine maps with ``parameters`` (B, 4) to the samples where ``is_chosen`` (B,) is true."""
    chosen = is_chosen.nonzero()[:, 0]
    if not len(chosen):
        return batch
    maps = affine_maps(parameters[chosen])
    chosen = send_indices(chosen, batch["image"])
    result = {name: tensor.clone() for name, tensor in batch.items()}
    moved = apply_affine({name: tensor[chosen] for name, tensor in batch.items()}, maps)
    for name, tensor in moved.items():
        result[name][chosen] = tensor
    return result


def affine_maps(parameters: Tensor) -> Tensor:
    """Affine maps (B, 2, 3) from positions in the result to positions in the source.

    Positions are -1 at the left or upper edge of the footprint and 1 at the right or lower one: edges
    of the outermost pixels, not their centres, so that the grid's resolution does not matter.

    Args:
        parameters: Uniform numbers 0..1 (B, 4): rotation, scale, shift to the right, shift down.
    """
    angle = (2 * parameters[:, 0] - 1) * ROTATION
    scale = torch.exp((2 * parameters[:, 1] - 1) * math.log(SCALE))
    # The footprint is 2 wide in these units.
    shift = (2 * parameters[:, 2:4] - 1) * 2 * SHIFT
    cosine, sine = torch.cos(angle) / scale, torch.sin(angle) / scale
    inverse = torch.stack([cosine, sine, -sine, cosine], dim=1).view(-1, 2, 2)
    return torch.cat([inverse, -inverse @ shift[:, :, None]], dim=2)


def apply_affine(batch: Batch, maps: Tensor) -> Batch:
    """Applies an affine map to each sample.

    The streams are sampled bilinearly and reflected beyond their edges; a value is missing if one of its four
    neighbours is. The label is sampled from the nearest pixel; beyond the edges, and where all image bands are
    missing, it is ``IGNORE_INDEX``.

    Args:
        batch: Square tiles.
        maps: Result of ``affine_maps``, (B, 2, 3).
    """
    image, auxiliary = batch["image"], batch["auxiliary"]
    grid = _sampling_grid(image, maps)
    moved_image = _sample(image, grid)
    if auxiliary.shape[1]:
        has_same_grid = auxiliary.shape[-2:] == image.shape[-2:]
        auxiliary = _sample(auxiliary, grid if has_same_grid else _sampling_grid(auxiliary, maps))
    # Class indices are exact in floating point; nearest sampling never mixes them.
    labels = _sample(batch["target"][:, None].to(image.dtype), grid, "nearest", "border")
    unknown = (grid.abs() > 1).any(dim=-1) | moved_image.isnan().all(dim=1)
    target = labels[:, 0].long().masked_fill(unknown, IGNORE_INDEX)
    return {"image": moved_image, "auxiliary": auxiliary, "target": target}


def _sample(
    stream: Tensor, grid: Tensor, mode: str = "bilinear", padding: str = "reflection"
) -> Tensor:
    """Samples a stream (B, C, H, W) at the positions of ``grid``; interpolation with NaN gives NaN."""
    return F.grid_sample(stream, grid, mode=mode, padding_mode=padding, align_corners=False)


def _sampling_grid(stream: Tensor, maps: Tensor) -> Tensor:
    """Source position of each pixel of the result, (B, H, W, 2) in x and y."""
    maps = send(maps, stream)
    return F.affine_grid(maps, list(stream.shape), align_corners=False)
