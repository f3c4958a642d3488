"""Simplified outlines stay similar to their pixels: small, thin and ragged ones too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from affine import Affine
from rasterio.crs import CRS
from scipy import ndimage

from engine.outputs.generalize import PolygonOptions, generalize
from engine.outputs.mask_reader import NO_CLASS, MaskStrip
from engine.outputs.polygonize import Outlines, outlines
from engine.rasters.grid import Grid
from engine.rasters.ground_resolution import GroundScale

#: Side of a pixel, m.
PIXEL = 0.5

OPTIONS = {
    "simplify by a pixel": PolygonOptions(simplify=PIXEL),
    "simplify by 3 px": PolygonOptions(simplify=3 * PIXEL),
    "simplify by far more": PolygonOptions(simplify=1e6),
    "right angles": PolygonOptions(right_angles=True),
    "right angles, 3 px": PolygonOptions(right_angles=True, simplify=3 * PIXEL),
}


def generalize_mask(
    mask: np.ndarray, options: PolygonOptions
) -> tuple[Outlines, Outlines, np.ndarray]:
    """The outlines of a mask before, after, and the areas in m2."""
    values = np.where(mask, 1, NO_CLASS).astype(np.uint16)
    before = Outlines.merge(outlines([MaskStrip(0, values)]))
    transform = Affine(PIXEL, 0, 500_000, 0, -PIXEL, 3_050_000)
    grid = Grid(*mask.shape, transform, CRS.from_epsg(32645))
    return before, *generalize(before, options, GroundScale(grid))


def wall(rows: int, cols: int) -> np.ndarray:
    return np.pad(np.ones((rows, cols), bool), 4)


def house() -> np.ndarray:
    """An L of 900 px."""
    made = np.zeros((60, 60), bool)
    made[5:40, 5:20] = True
    made[25:40, 5:45] = True
    return made


def iou(before: Any, after: Any) -> Any:
    union = shapely.area(shapely.union(before, after))
    return shapely.area(shapely.intersection(before, after)) / union


def corners(shapes: Any) -> np.ndarray:
    return shapely.get_num_coordinates(shapely.get_exterior_ring(shapes)) - 1


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("size", [(1, 1), (1, 5), (1, 20), (10, 1), (2, 3), (3, 40)])
def test_thin_rectangles_stay_rectangles(size: tuple[int, int], options: PolygonOptions) -> None:
    before, after, areas = generalize_mask(wall(*size), options)
    assert areas == pytest.approx([size[0] * size[1] * PIXEL**2], rel=1e-6)
    assert [*corners(after.shapes)] == [4]
    assert iou(before.shapes, after.shapes) == pytest.approx([1], rel=1e-6)


@pytest.mark.parametrize("right_angles", [False, True])
@pytest.mark.parametrize("simplify", [2.0, 4.0, 15.0, 1000.0])
def test_a_house_is_not_simplified_into_a_triangle(simplify: float, right_angles: bool) -> None:
    _, after, areas = generalize_mask(
        house(), PolygonOptions(simplify=simplify, right_angles=right_angles)
    )
    assert areas == pytest.approx([900 * PIXEL**2], rel=0.2)
    assert corners(after.shapes)[0] in (4, 5, 6)


@pytest.mark.parametrize(("steps", "is_triangle"), [(4, False), (20, True)])
def test_steps_are_a_triangle_only_when_there_are_many(steps: int, is_triangle: bool) -> None:
    mask = np.pad(np.rot90(np.tri(steps, dtype=bool)), 4)
    _, after, areas = generalize_mask(mask, PolygonOptions(simplify=2 * PIXEL))
    assert (corners(after.shapes)[0] == 3) == is_triangle
    assert areas == pytest.approx([mask.sum() * PIXEL**2], rel=0.2 if is_triangle else 1e-6)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("sigma", [0.6, 1.5, 4.0])
def test_ragged_areas_keep_what_they_measure(sigma: float, options: PolygonOptions) -> None:
    noise = ndimage.gaussian_filter(np.random.default_rng(3).random((110, 110)), sigma)
    before, after, areas = generalize_mask(noise > np.quantile(noise, 0.65), options)
    assert shapely.is_valid(after.shapes).all()
    min_iou = 0.7 if options.right_angles else 0.8
    assert iou(before.shapes, after.shapes).min() > min_iou - 1e-6
    assert areas == pytest.approx(before.pixels * PIXEL**2, rel=0.2 + 1e-6)
    assert areas.sum() == pytest.approx(before.pixels.sum() * PIXEL**2, rel=0.03)
    assert (corners(after.shapes) > 3).all(), "noise has no triangles of six steps"
    assert corners(after.shapes).sum() < 0.85 * corners(before.shapes).sum(), "but fewer corners"


def test_a_small_hole_in_a_large_area_keeps_its_shape() -> None:
    mask = wall(60, 60)
    mask[20, 20] = mask[40, 30:36] = False
    mask[np.arange(30, 36), np.arange(50, 56)] = False
    mask[4, 4:20:2] = False  # a ragged side, for something to simplify
    before, after, _ = generalize_mask(mask, PolygonOptions(simplify=2 * PIXEL))
    assert corners(after.shapes)[0] < corners(before.shapes)[0]
    old, new = (shapely.polygons(shapely.get_rings(one.shapes)[1:]) for one in (before, after))
    assert len(old) == len(new) == 8
    nearest = [max(float(iou(hole, other)) for other in new) for hole in old]
    assert min(nearest) > 0.999
