"""Compares a mask with a dense reference, near seams and at the raster's edge.

    python -m benchmarks.segment.reference make job.json reference.npy
    python -m benchmarks.segment.reference compare reference.npy mask.tif TILE STARTS

The tiles of the reference overlap by half, and only their centres are used, so that every pixel is at least a
quarter of a tile away from its tile's edge, except at the edge of the raster. STARTS lists where a tool's tiles
begin, such as ``0,448,896``; a seam is the middle of the overlap of two neighbours.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray

from .cases import starts
from .job import Job, Scene, Tiles, torch_network

#: A pixel is near a seam, or near the raster's edge, up to this distance, px.
NEAR = 32

Mask = NDArray[np.uint8]
Where = NDArray[np.bool_]


def dense(job: Job) -> Mask:
    """Computes the reference mask (H, W) of class indices."""
    import torch

    network = torch_network(job, Tiles(), probable=True).network
    scene, step, margin = Scene(job), job.tile // 2, job.tile // 4
    mask = np.empty((scene.height, scene.width), np.uint8)
    rows, cols = (starts(side, job.tile, step) for side in mask.shape)
    for row in rows:
        for col in cols:
            image, second = (
                None if part is None else torch.from_numpy(part)[None]
                for part in scene.read(row, col)
            )
            with torch.inference_mode():
                logits = network(image, second)["logits"][0]
            index = (logits.argmax(dim=0) if len(logits) > 1 else logits[0] > 0).numpy()
            # The first tiles have no neighbour before them; later tiles overwrite the margins of earlier ones.
            above, left = (margin if start else 0 for start in (row, col))
            mask[row + above : row + job.tile, col + left : col + job.tile] = index[above:, left:]
    return mask


def seams(tile_starts: list[int], tile: int) -> list[int]:
    """Returns the middle of each overlap of neighbouring tiles."""
    return [(after + before + tile) // 2 for before, after in zip(tile_starts, tile_starts[1:])]


def near_seams(side: int, tile_starts: list[int], tile: int) -> Where:
    """Returns a mask (side, side) of the pixels within ``NEAR`` of a seam, without those at the raster's edge."""
    along = np.zeros(side, bool)
    for middle in seams(tile_starts, tile):
        along[max(middle - NEAR, 0) : middle + NEAR] = True
    return (along[:, np.newaxis] | along[np.newaxis]) & ~at_edge(side)


def at_edge(side: int) -> Where:
    """Returns a mask (side, side) of the pixels within ``NEAR`` of the raster's edge."""
    outer = np.ones((side, side), bool)
    outer[NEAR : side - NEAR, NEAR : side - NEAR] = False
    return outer


def seam_changes(
    mask: Mask, reference: Mask, tile_starts: list[int], tile: int
) -> tuple[float, float]:
    """Returns how many times as often classes change across seam columns as across the median column.

    A seam shows where tiles meet, where a tile begins or where one ends, depending on how the tool joins tiles. The
    result is the largest of the means over these three kinds of columns.

    Returns:
        The ratio of the mask, and that of the reference in the same columns.
    """
    kinds = (
        seams(tile_starts, tile),
        tile_starts[1:],
        [begin + tile for begin in tile_starts[:-1]],
    )
    if not seams(tile_starts, tile):
        return 0.0, 0.0
    return max((_changes(mask, kind), _changes(reference, kind)) for kind in kinds)


def _changes(mask: Mask, columns: list[int]) -> float:
    """Returns the mean number of class changes across some columns over that of the median column."""
    changes = (mask[:, 1:] != mask[:, :-1]).sum(axis=0)  # column c: between c and c + 1
    inside = [changes[column - 1] for column in columns if 0 < column < mask.shape[1]]
    return float(np.mean(inside)) / max(float(np.median(changes)), 1.0) if inside else 0.0


def comparison(reference: Mask, mask: Mask, tile_starts: list[int], tile: int) -> dict[str, float]:
    """Returns the shares of pixels that differ, and how visible the seams are."""
    side = len(reference)
    differs = mask != reference
    seam, edge = near_seams(side, tile_starts, tile), at_edge(side)
    shown, own = seam_changes(mask, reference, tile_starts, tile)
    _, counts = np.unique(reference, return_counts=True)
    return {
        "near_seams": float(differs[seam].mean()) if seam.any() else 0.0,
        "at_edge": float(differs[edge].mean()),
        "everywhere": float(differs.mean()),
        "seam_changes": shown,
        "scene_changes": own,
        "largest_class": float(counts.max() / reference.size),
    }


def main() -> None:
    """Makes a reference, or compares a mask with one and prints the differences as JSON."""
    verb, *words = sys.argv[1:]
    if verb == "make":
        path = Path(words[1])
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, dense(Job(**json.loads(Path(words[0]).read_text("utf-8")))))
        return
    reference, mask, tile, tile_starts = words
    with rasterio.open(mask) as file:
        found = file.read(1)
    places = [int(begin) for begin in tile_starts.split(",")]
    print(json.dumps(comparison(np.load(reference), found, places, int(tile))), flush=True)


if __name__ == "__main__":
    main()
