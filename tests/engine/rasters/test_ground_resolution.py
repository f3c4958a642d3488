"""Ground resolution is measured on the ellipsoid, and matched without a shift of the mask."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from affine import Affine
from rasterio.crs import CRS

from engine.contract.errors import JobError
from engine.contract.inference_options import InferenceOptions
from engine.contract.jobs import TrainJob
from engine.datasets.layouts import find_scenes
from engine.inference.ensemble import Ensemble
from engine.rasters.grid import Grid
from engine.rasters.ground_resolution import ground_size, span
from engine.sampling.survey import survey
from tests.engine.inference.test_ensemble import CPU, card, find_formulas, mapped
from tests.engine.synthetic import UTM, UTM_GRID


def grid(crs: str | None, transform: Affine) -> Grid:
    return Grid(100, 100, transform, CRS.from_string(crs) if crs else None)


def test_ground_size_in_metres_for_any_unit() -> None:
    assert ground_size(grid(UTM, UTM_GRID)) == pytest.approx(10 / 0.9996, rel=1e-4)
    # On the equator a degree of longitude is 111.320 km long, one of latitude 110.574 km.
    degrees = ground_size(grid("EPSG:4326", Affine(1e-4, 0, 10, 0, -1e-4, 0.005)))
    assert degrees == pytest.approx((11.1320 * 11.0574) ** 0.5, rel=1e-4)
    # The scale of web Mercator is the cosine of the latitude (60 degrees: y = 8399738).
    web = ground_size(grid("EPSG:3857", Affine(10, 0, 0, 0, -10, 8_399_738 + 500)))
    assert web == pytest.approx(5.0, rel=4e-3)  # it projects the ellipsoid as a sphere
    feet = ground_size(grid("EPSG:2263", Affine(1, 0, 1_000_000, 0, -1, 200_000)))
    assert feet == pytest.approx(0.3048, rel=1e-3)
    turned = UTM_GRID @ Affine.rotation(30)
    assert ground_size(grid(UTM, turned)) == pytest.approx(10 / 0.9996, rel=1e-4)
    assert ground_size(grid(None, Affine.identity())) == 0.0


def test_spans() -> None:
    ten = grid(UTM, UTM_GRID)
    assert span(64, 20.0, ten, "i", "m") == 128
    assert span(64, 5.0, ten, "i", "m") == 32
    assert [span(64, trained, ten, "i", "m") for trained in (10.8, 9.3, 0.0)] == [64] * 3
    assert span(64, 10.0, grid(None, Affine.identity()), "i", "the model") == 64
    with pytest.raises(JobError, match=r"pixels of 10 m, the model was trained on 0\.5 m"):
        span(64, 0.5, ten, "i", "the model")


@pytest.mark.parametrize("trained", [20.0, 5.0])
def test_the_mask_keeps_the_image_s_grid(
    write_raster: Callable[..., str], monkeypatch: pytest.MonkeyPatch, trained: float
) -> None:
    """A linear field stays linear at any resolution: its zero crossing shows any shift."""
    rows, cols = np.meshgrid(np.arange(200), np.arange(230), indexing="ij")
    field = (cols + 0.5 * rows - 150).astype(np.float32)
    path = write_raster("field.tif", field)
    seen: list[Any] = []

    def formula(pixels: torch.Tensor) -> torch.Tensor:
        seen.append((tuple(pixels.shape[-2:]), float(pixels[0, 0, 30, 31] - pixels[0, 0, 30, 30])))
        return pixels / 40

    find_formulas(monkeypatch, {"m": (formula, card(1, 64, ground=trained))})
    mask = mapped(Ensemble(["m"], CPU), path)[0]
    assert mask.shape == field.shape
    # The network sees tiles of its own size, at the ground resolution of its training.
    assert {shape for shape, _ in seen} == {(64, 64)}
    assert seen[0][1] == pytest.approx(trained / 10, rel=0.02)
    # Away from the zero crossing by 0.4, and from the edge by 8 px.
    inner = (slice(8, -8), slice(8, -8))
    clear = np.abs(field[inner]) > 0.4
    assert (mask[inner] == (field[inner] > 0))[clear].all()
    seen.clear()
    mapped(Ensemble(["m"], CPU, InferenceOptions(match_resolution=False)), path)
    assert seen[0][1] == pytest.approx(1.0)


def test_scenes_of_different_resolutions_have_no_common_one(
    write_raster: Callable[..., str], tmp_path: Path
) -> None:
    labels = np.indices((64, 64))[1] > 30
    image, truth = np.ones((1, 64, 64), np.uint8), labels.astype(np.uint8)
    for name, scale in (("a", 1.0), ("b", 2.0), ("c", 1.05)):
        transform = UTM_GRID @ Affine.scale(scale)
        write_raster(f"{name}.tif", image, transform=transform)
        write_raster(f"{name}_l.tif", truth, transform=transform)
    table = tmp_path / "scenes.csv"
    for names, ground in (("ac", 10.004), ("ab", 0.0)):
        rows = [f"{name}.tif,{name}_l.tif,{split}" for name, split in zip(names, ("train", "val"))]
        table.write_text("\n".join(["image,labels,split", *rows]))
        job = TrainJob(dataset=str(table), tile_size=32)
        found = survey(job, find_scenes(job))
        assert found.image.ground == pytest.approx(ground, rel=1e-3)
        assert any("pixels of 10 to 20 m" in text for text in found.warnings) == (ground == 0)
