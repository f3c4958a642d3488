"""Resized tiles: against weights worked out by hand, an analytic field, and with missing values."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from engine.compute.tile_transforms import apply_symmetry, resize, resize_tile


def field(side: int) -> np.ndarray:
    """``x + 10 y`` at the pixels' centres of a tile 1 wide, (1, side, side)."""
    centres = (np.arange(side) + 0.5) / side
    return (centres[None, :] + 10 * centres[:, None])[None].astype(np.float32)


def test_a_tile_of_that_size_is_returned_itself() -> None:
    pixels = field(5)
    assert resize_tile(pixels, 5) is pixels


@pytest.mark.parametrize(("size", "side"), [(64, 20), (40, 64), (33, 32)])
def test_resizing_does_not_shift(size: int, side: int) -> None:
    """A plane stays the same plane, except at the edge."""
    resized, inner = resize_tile(field(size), side), slice(4, -4)
    assert resized.shape == (1, side, side) and resized.dtype == np.float32
    # The weights of a sampled triangle are asymmetric by at most a few hundredths of a pixel.
    atol = 0.05 * 11 / size
    np.testing.assert_allclose(resized[0, inner, inner], field(side)[0, inner, inner], atol=atol)


def test_downsampling_weights_are_a_triangle() -> None:
    """To a third: weights that fall to zero three pixels from the centre, 1 2 3 2 1 of 9."""
    noise = np.random.default_rng(0).random((2, 12, 12)).astype(np.float32)
    weights = np.array([0, 0, 1, 2, 3, 2, 1, 0, 0, 0, 0, 0]) / 9
    expected = np.einsum("crs,r,s->c", noise, weights, weights)
    np.testing.assert_allclose(resize_tile(noise, 4)[:, 1, 1], expected, rtol=1e-5)


def test_downsampling_does_not_alias() -> None:
    rows, cols = np.indices((64, 64))
    checkerboard = ((rows + cols) % 2).astype(np.float32)[None]
    assert np.abs(resize_tile(checkerboard, 31)[0, 2:-2, 2:-2] - 0.5).max() < 0.1


def test_missing_values_have_no_influence() -> None:
    """The left 20 of 48 columns of band 0 are missing: other values stay 7, and 10 of 24 columns are missing."""
    pixels = np.full((2, 48, 48), 7.0, np.float32)
    pixels[0, :, :20] = np.nan
    resized = resize_tile(pixels, 24)
    assert np.isnan(resized[0]).any(axis=0).tolist() == [True] * 10 + [False] * 14
    np.testing.assert_allclose(resized[np.isfinite(resized)], 7.0, rtol=1e-6)
    assert np.isfinite(resized[1]).all(), "each band has missing values of its own"
    assert np.isnan(resize_tile(np.full((1, 9, 9), np.nan, np.float32), 4)).all()


def test_a_lone_missing_pixel_is_filled_from_its_neighbours_when_reduced() -> None:
    pixels = field(32)
    pixels[0, 16, 16] = np.nan
    resized = resize_tile(pixels, 8)
    assert np.isfinite(resized).all()
    np.testing.assert_allclose(resized[0, 2:-2, 2:-2], field(8)[0, 2:-2, 2:-2], atol=0.02)


def test_no_bands_stay_no_bands() -> None:
    assert resize_tile(np.empty((0, 6, 6), np.float32), 3).shape == (0, 3, 3)


@pytest.mark.parametrize(
    ("size", "side"), [(64, 20), (20, 64), (33, 32), (100, 7), (5, 1), (1, 4), (48, 96), (96, 48)]
)
def test_the_result_is_that_of_torch(size: int, side: int) -> None:
    squares = np.random.default_rng(size).random((2, 3, size, size)).astype(np.float32)
    tensor = torch.from_numpy(squares)
    expected = F.interpolate(tensor, (side, side), mode="bilinear", antialias=True)
    np.testing.assert_allclose(resize(squares, side), expected.numpy(), atol=2e-6)
    found = resize(tensor, side)
    assert found.dtype == torch.float32 and torch.allclose(found, expected, atol=2e-6)


def test_missing_values_of_tensors() -> None:
    pixels = np.random.default_rng(0).random((2, 30, 30)).astype(np.float32)
    pixels[0, 5:20, 3:9] = np.nan
    found = resize_tile(torch.from_numpy(pixels), 17)
    np.testing.assert_allclose(found.numpy(), resize_tile(pixels, 17), rtol=1e-5)
    assert found.isnan().any()


@pytest.mark.parametrize("symmetry", range(8))
def test_symmetries_turn_to_the_left_after_a_flip(symmetry: int) -> None:
    values = np.arange(18, dtype=np.float32).reshape(2, 3, 3)
    expected = np.rot90(values[..., ::-1] if symmetry >= 4 else values, symmetry, (-2, -1))
    assert (apply_symmetry(values, symmetry) == expected).all()
    assert (apply_symmetry(torch.from_numpy(values), symmetry).numpy() == expected).all()
