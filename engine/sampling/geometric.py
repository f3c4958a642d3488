"""Geometric augmentation: flips, rotations, affine maps and distortions, the same for both streams and the label.

A batch has ``image`` (B, Ci, H, H), ``auxiliary`` (B, Ca, h, h) on its own grid over the same footprint
(Ca may be 0), both float32 with NaN for missing, and ``target`` (B, H, H) int64. Affine maps are relative to
the footprint, so that both grids are sampled at the same positions.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from ..compute.arrays import send, send_indices
from ..compute.tile_transforms import apply_symmetry
from ..contract.class_table import IGNORE_INDEX
from .data_loader import Batch

#: Probability that ``affine``, also as ``shift_scale_rotate``, ``rotate`` and ``distort`` change a sample.
AFFINE_PROBABILITY = 0.5
ROTATE_PROBABILITY = 0.3
DISTORTION_PROBABILITY = 0.3

#: Maximum rotation in either direction, radians.
ROTATION = math.radians(30)

#: Maximum enlargement; the maximum reduction is its inverse.
SCALE = 4 / 3

#: Maximum shift along either side, as a share of the side.
SHIFT = 0.1

#: Maximum change of the scale and maximum shift, as a share of the side, of ``shift_scale_rotate``, as in the recipe
#: of the clouds.
SCALE_CHANGE, SMALL_SHIFT = 0.2, 0.05

#: Number of cells along a side of a distorted grid, and maximum relative change of a cell's side: the defaults of
#: albumentations' GridDistortion.
CELLS, CELL_CHANGE = 5, 0.3

#: Maximum radial coefficient of a distorting lens, in either direction, for positions in widths of a tile.
LENS = 0.5


#: The symmetries of ``apply_symmetry`` without quarter turns: none, half a turn, and both mirrors.
_MIRRORS = (0, 2, 4, 6)


def flips(batch: Batch, generator: torch.Generator) -> Batch:
    """Applies a random symmetry of the square to each sample, one of eight with equal probability."""
    symmetries = torch.randint(8, (len(batch["target"]),), generator=generator).tolist()
    return {
        name: torch.stack([apply_symmetry(*pair) for pair in zip(tensor, symmetries)])
        for name, tensor in batch.items()
    }


def mirrors(batch: Batch, generator: torch.Generator) -> Batch:
    """Mirrors each sample from left to right and from top to bottom, each with probability one half."""
    symmetries = torch.randint(4, (len(batch["target"]),), generator=generator).tolist()
    chosen = [_MIRRORS[drawn] for drawn in symmetries]
    return {
        name: torch.stack([apply_symmetry(*pair) for pair in zip(tensor, chosen)])
        for name, tensor in batch.items()
    }


def affine(
    batch: Batch, generator: torch.Generator, probability: float = AFFINE_PROBABILITY
) -> Batch:
    """Rotates, scales and shifts some samples with ``apply_affine``."""
    uniform = torch.rand(len(batch["target"]), 5, generator=generator)
    return _apply_to_some(batch, uniform, probability, _affinely(affine_maps))


def shift_scale_rotate(
    batch: Batch, generator: torch.Generator, probability: float = AFFINE_PROBABILITY
) -> Batch:
    """As ``affine``, with the amounts of the clouds' recipe."""
    uniform = torch.rand(len(batch["target"]), 5, generator=generator)
    return _apply_to_some(batch, uniform, probability, _affinely(small_affine_maps))


def rotate(
    batch: Batch, generator: torch.Generator, probability: float = ROTATE_PROBABILITY
) -> Batch:
    """Rotates some samples about their centre with ``apply_affine``, without scaling."""
    uniform = torch.rand(len(batch["target"]), 2, generator=generator)
    neutral = torch.full((len(uniform), 3), 0.5)  # neither scaled nor shifted
    uniform = torch.cat([uniform, neutral], 1)
    return _apply_to_some(batch, uniform, probability, _affinely(affine_maps))


def distort(
    batch: Batch, generator: torch.Generator, probability: float = DISTORTION_PROBABILITY
) -> Batch:
    """Distorts some samples, each by an uneven grid or by a lens, with equal probability."""
    uniform = torch.rand(len(batch["target"]), 3 + 2 * CELLS, generator=generator)
    return _apply_to_some(batch, uniform, probability, apply_distortion)


def _affinely(make_maps: Callable[[Tensor], Tensor]) -> Callable[[Batch, Tensor], Batch]:
    return lambda batch, parameters: apply_affine(batch, make_maps(parameters))


def _apply_to_some(
    batch: Batch, uniform: Tensor, probability: float, move: Callable[[Batch, Tensor], Batch]
) -> Batch:
    """Applies ``move`` to the samples in which the first of the numbers ``uniform`` (B, n) is below ``probability``.

    ``move`` gets these samples and their further numbers.
    """
    chosen = (uniform[:, 0] < probability).nonzero()[:, 0]
    if not len(chosen):
        return batch
    parameters = uniform[chosen, 1:]
    chosen = send_indices(chosen, batch["image"])
    result = {name: tensor.clone() for name, tensor in batch.items()}
    moved = move({name: tensor[chosen] for name, tensor in batch.items()}, parameters)
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
    scale = torch.exp((2 * parameters[:, 1] - 1) * math.log(SCALE))
    return _maps_of(parameters, scale, SHIFT)


def small_affine_maps(parameters: Tensor) -> Tensor:
    """As ``affine_maps``, with a scale of 0.8 to 1.2 and smaller shifts."""
    return _maps_of(parameters, 1 + (2 * parameters[:, 1] - 1) * SCALE_CHANGE, SMALL_SHIFT)


def _maps_of(parameters: Tensor, scale: Tensor, largest_shift: float) -> Tensor:
    angle = (2 * parameters[:, 0] - 1) * ROTATION
    # The footprint is 2 wide in these units.
    shift = (2 * parameters[:, 2:4] - 1) * 2 * largest_shift
    cosine, sine = torch.cos(angle) / scale, torch.sin(angle) / scale
    inverse = torch.stack([cosine, sine, -sine, cosine], dim=1).view(-1, 2, 2)
    return torch.cat([inverse, -inverse @ shift[:, :, None]], dim=2)


def apply_affine(batch: Batch, maps: Tensor) -> Batch:
    """Applies an affine map to each sample, see ``_resample``.

    Args:
        batch: Square tiles.
        maps: Result of ``affine_maps``, (B, 2, 3).
    """
    return _resample(batch, lambda stream: _sampling_grid(stream, maps))


def apply_distortion(batch: Batch, parameters: Tensor) -> Batch:
    """Distorts each sample by an uneven grid or by a lens, see ``_resample``.

    Args:
        batch: Square tiles.
        parameters: Uniform numbers 0..1 (B, 2 + 2 cells): a lens below 0.5, else the grid; the lens's strength; the
            sides of the grid's cells from left to right, and from top to bottom.
    """
    parameters = send(parameters, batch["image"])
    has_lens = (parameters[:, 0] < 0.5)[:, None, None, None]
    strength = (2 * parameters[:, 1] - 1) * LENS
    sides = (1 + (2 * parameters[:, 2:].reshape(-1, 2, CELLS) - 1) * CELL_CHANGE) / CELLS
    neutral = send(torch.eye(2, 3), parameters).expand(len(parameters), 2, 3)

    def positions(stream: Tensor) -> Tensor:
        """Source position of each pixel of a stream, (B, H, W, 2)."""
        plain = _sampling_grid(stream, neutral)
        return _through_lens(plain, strength).where(has_lens, _on_uneven_grid(plain, sides))

    return _resample(batch, positions)


def _through_lens(positions: Tensor, strength: Tensor) -> Tensor:
    """Positions (B, H, W, 2) seen through a lens: ``r (1 + k r^2 + k r^4)``, r in widths from the centre."""
    square = (positions / 2).square().sum(dim=-1, keepdim=True)
    return positions * (1 + strength[:, None, None, None] * (square + square.square()))


def _on_uneven_grid(positions: Tensor, sides: Tensor) -> Tensor:
    """Positions (B, H, W, 2) on a grid of cells with ``sides`` (B, 2, cells), in shares of the footprint.

    The first cell begins at the upper left; the last one ends where the sum of the sides says.
    """
    share = (positions + 1) / 2 * CELLS
    cell = share.long().clamp(0, CELLS - 1)
    ends = sides.cumsum(dim=-1)
    starts = ends - sides
    moved = []
    for axis in (0, 1):
        index = cell[..., axis].flatten(1)
        within = share[..., axis] - cell[..., axis]
        start, side = (
            values[:, axis].gather(1, index).view_as(within) for values in (starts, sides)
        )
        moved.append(start + within * side)
    return 2 * torch.stack(moved, dim=-1) - 1


def _resample(batch: Batch, positions: Callable[[Tensor], Tensor]) -> Batch:
    """Samples each stream at the positions (B, H, W, 2) that ``positions`` gives for it.

    The streams are sampled bilinearly and reflected beyond their edges; a value is missing if one of its four
    neighbours is. The label is sampled from the nearest pixel; beyond the edges, and where all image bands are
    missing, it is ``IGNORE_INDEX``.
    """
    image, auxiliary = batch["image"], batch["auxiliary"]
    grid = positions(image)
    moved_image = _sample(image, grid)
    if auxiliary.shape[1]:
        has_same_grid = auxiliary.shape[-2:] == image.shape[-2:]
        auxiliary = _sample(auxiliary, grid if has_same_grid else positions(auxiliary))
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
