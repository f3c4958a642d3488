"""Pixels at another size: against areas worked out by hand, an analytic field, and with holes."""

from __future__ import annotations

import numpy as np
import pytest

from engine.compute.tile_transforms import resize_tile


def field(side: int) -> np.ndarray:
    """``x + 10 y`` at the pixels' centres, the footprint being 1 wide: (1, side, side)."""
    centres = (np.arange(side) + 0.5) / side
    return (centres[None, :] + 10 * centres[:, None])[None].astype(np.float32)


def test_the_same_size_is_the_same_pixels() -> None:
    pixels = field(5)
    assert resize_tile(pixels, 5) is pixels


@pytest.mark.parametrize(("size", "side"), [(64, 20), (40, 64), (33, 32)])
def test_every_pixel_shows_its_own_place(size: int, side: int) -> None:
    """A plane stays the same plane, up and down: no shift. Beyond the outer pixels there is none."""
    shown, inner = resize_tile(field(size), side), slice(4, -4)
    assert shown.shape == (1, side, side) and shown.dtype == np.float32
    # Weights of a triangle sampled at pixels lean to one side by at most a few hundredths of a pixel.
    allowed = 0.05 * 11 / size
    np.testing.assert_allclose(shown[0, inner, inner], field(side)[0, inner, inner], atol=allowed)


def test_reducing_weighs_all_pixels_by_their_distance() -> None:
    """To a third: a triangle that falls to nothing three pixels from the centre, 1 2 3 2 1 of 9."""
    noise = np.random.default_rng(0).random((2, 12, 12)).astype(np.float32)
    weights = np.array([0, 0, 1, 2, 3, 2, 1, 0, 0, 0, 0, 0]) / 9
    expected = np.einsum("crs,r,s->c", noise, weights, weights)
    np.testing.assert_allclose(resize_tile(noise, 4)[:, 1, 1], expected, rtol=1e-5)


def test_fine_patterns_fade_and_do_not_turn_into_coarse_ones() -> None:
    rows, cols = np.indices((64, 64))
    checks = ((rows + cols) % 2).astype(np.float32)[None]
    shown = resize_tile(checks, 31)[0, 2:-2, 2:-2]
    assert np.abs(shown - 0.5).max() < 0.1
    nearest = checks[0][np.ix_(*(np.arange(31) * 64 // 31,) * 2)]
    assert set(np.unique(nearest)) == {0, 1}, "picking pixels would show a pattern of its own"


def test_missing_values_are_never_mixed_in() -> None:
    """Left 20 of 48 columns of band 0 are missing: values stay 7, and the hole keeps its size."""
    pixels = np.full((2, 48, 48), 7.0, np.float32)
    pixels[0, :, :20] = np.nan
    shown = resize_tile(pixels, 24)
    assert np.isnan(shown[0]).any(axis=0).tolist() == [True] * 10 + [False] * 14
    np.testing.assert_allclose(shown[np.isfinite(shown)], 7.0, rtol=1e-6)
    assert np.isfinite(shown[1]).all(), "bands miss values by themselves"
    assert np.isnan(resize_tile(np.full((1, 9, 9), np.nan, np.float32), 4)).all()


def test_a_lone_missing_pixel_is_filled_from_its_neighbours_when_reduced() -> None:
    pixels = field(32)
    pixels[0, 16, 16] = np.nan
    shown = resize_tile(pixels, 8)
    assert np.isfinite(shown).all()
    np.testing.assert_allclose(shown[0, 2:-2, 2:-2], field(8)[0, 2:-2, 2:-2], atol=0.02)


def test_no_bands_stay_no_bands() -> None:
    assert resize_tile(np.empty((0, 6, 6), np.float32), 3).shape == (0, 3, 3)
