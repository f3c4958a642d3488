"""Augmentation against analytic fields and values worked out by hand; every random choice from a seed."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.contract import joined_names
from engine.contract.class_table import IGNORE_INDEX
from engine.contract.errors import JobError
from engine.sampling.augmentation import AUGMENTATIONS, parse_augmentation
from engine.sampling.band_statistics import Scaling
from engine.sampling.copy_paste import PasteRoles
from engine.sampling.geometric import SCALE, SHIFT, affine_maps, apply_affine, apply_symmetry

SCALING = Scaling((100.0, 200.0, 300.0), (300.0, 600.0, 900.0), (50.0,), (20.0,))
ROLES = PasteRoles((1,), (2,), (3,))
NAN = float("nan")

#: The scaling's low ends and widths, for images (B, 3, H, W).
LOW = torch.tensor(SCALING.low)[:, None, None]
WIDTH = torch.tensor(SCALING.high)[:, None, None] - LOW


def augment(names: str, batch: dict[str, Tensor], seed: int = 0) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return parse_augmentation(names).build(SCALING, ROLES)(batch, generator)


def field(side: int, count: int = 1) -> Tensor:
    """``x + 1000 y`` at the pixels' centres, the footprint being 1 wide: (count, 1, side, side)."""
    centres = (torch.arange(side) + 0.5) / side
    return (centres[None, :] + 1000 * centres[:, None]).expand(count, 1, side, side).contiguous()


def blocks(count: int, side: int) -> Tensor:
    """Blocks of 8 x 8 pixels, five of eight of them background: (count, 8 * side, 8 * side)."""
    coarse = torch.tensor([0, 0, 0, 0, 0, 1, 2, 3])[torch.randint(8, (count, side, side))]
    return coarse.repeat_interleave(8, dim=1).repeat_interleave(8, dim=2)


def random_batch(count: int = 4, bands: int = 3, side: int = 64) -> dict[str, Tensor]:
    torch.manual_seed(5)
    return {
        "image": LOW[:bands] + torch.rand(count, bands, side, side) * WIDTH[:bands],
        "auxiliary": 50 + 20 * torch.randn(count, 1, side // 8, side // 8),
        "target": blocks(count, side // 8),
    }


def is_same(one: Tensor, other: Tensor) -> bool:
    return torch.equal(one.nan_to_num(-1e9), other.nan_to_num(-1e9))


# By name ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", ["", "flips+none", "flips+blur"])
def test_wrong_names_are_refused_with_the_valid_ones(names):
    valid = "flips, mirrors, copy-paste, affine, .* brightness, contrast, hsv, .* gray; .* alone"
    with pytest.raises(JobError, match=f"part '{names.split('+')[-1]}' .*{valid}"):
        parse_augmentation(names)


def test_every_name_of_the_recipe_has_a_step():
    assert tuple(AUGMENTATIONS) == joined_names.AUGMENTATIONS


def test_none_leaves_the_batch():
    batch = random_batch()
    assert all(is_same(batch[name], tensor) for name, tensor in augment("none", batch).items())


def test_order_of_names_does_not_matter():
    one = augment("flips+affine+brightness+hsv+clahe+copy-paste", random_batch())
    other = augment("clahe + copy-paste+brightness+affine+hsv+flips", random_batch())
    assert all(is_same(one[name], other[name]) for name in one)


def test_only_the_generator_decides():
    names = "+".join(AUGMENTATIONS)
    torch.manual_seed(1)
    one = augment(names, random_batch(), seed=3)
    torch.rand(10)
    again, other = augment(names, random_batch(), seed=3), augment(names, random_batch(), seed=4)
    assert all(is_same(one[name], again[name]) for name in one)
    assert not any(is_same(one[name], other[name]) for name in one)


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_input_tensors_are_not_modified(name):
    batch = random_batch(16)
    before = {key: tensor.clone() for key, tensor in batch.items()}
    after = augment(name, batch)
    assert any(not is_same(after[key], before[key]) for key in batch)
    assert all(is_same(batch[key], before[key]) for key in batch)


@pytest.mark.parametrize("bands", [0, 2])
def test_any_number_of_bands(bands):
    """No auxiliary stream (of no pixels at all), or two bands of it; a single image band."""
    scaling = Scaling((0.0,), (1.0,), (0.0,) * bands, (1.0,) * bands)
    side = 8 if bands else 0
    batch = {
        "image": torch.rand(8, 1, 32, 32),
        "auxiliary": torch.rand(8, bands, side, side),
        "target": blocks(8, 4),
    }
    after = parse_augmentation("+".join(AUGMENTATIONS)).build(scaling, ROLES)(
        batch, torch.Generator()
    )
    assert {name: tensor.shape for name, tensor in after.items()} == {
        name: tensor.shape for name, tensor in batch.items()
    }


# Geometric -------------------------------------------------------------------------------------------


def test_eight_symmetries():
    square = torch.tensor([[0, 1], [2, 3]])
    found = {tuple(apply_symmetry(square, symmetry).flatten().tolist()) for symmetry in range(8)}
    assert found == {
        (0, 1, 2, 3), (1, 3, 0, 2), (3, 2, 1, 0), (2, 0, 3, 1),
        (1, 0, 3, 2), (0, 2, 1, 3), (2, 3, 0, 1), (3, 1, 2, 0),
    }  # fmt: skip


def test_flips_are_drawn_once_a_sample():
    """Streams and label of one sample turn alike, on grids of their own; samples by themselves."""
    batch = {
        "image": field(16, 64),
        "auxiliary": field(4, 64),
        "target": field(16, 64)[:, 0].long(),
    }
    after = augment("flips", batch)
    assert torch.equal(after["target"], after["image"][:, 0].long())
    averaged = torch.nn.functional.avg_pool2d(after["image"], 4)
    torch.testing.assert_close(averaged, after["auxiliary"])
    assert len({tuple(sample.flatten().tolist()) for sample in after["auxiliary"]}) == 8


def test_affine_is_one_map_on_both_grids():
    """Where both grids are free of their own borders, each gives the field at the mapped place."""
    count = 40
    maps = affine_maps(torch.rand(count, 4, generator=torch.Generator().manual_seed(2)))
    batch = {
        "image": field(128, count),
        "auxiliary": field(8, count),
        "target": torch.zeros(count, 128, 128, dtype=torch.long),
    }
    after = apply_affine(batch, maps)
    for name, side in (("image", 128), ("auxiliary", 8)):
        centres = (np.arange(side) + 0.5) / side * 2 - 1
        x, y = np.meshgrid(centres, centres)
        for sample, back in zip(after[name][:, 0].numpy(), maps.double().numpy()):
            u = (back[0, 0] * x + back[0, 1] * y + back[0, 2] + 1) / 2
            v = (back[1, 0] * x + back[1, 1] * y + back[1, 2] + 1) / 2
            # A pixel of the coarse grid from the edge, bilinear sampling would see the mirror.
            inner = (np.minimum(u, v) > 1 / 16) & (np.maximum(u, v) < 15 / 16)
            assert inner.sum() > 0.3 * side**2
            np.testing.assert_allclose(sample[inner], (u + 1000 * v)[inner], atol=2e-3)


def test_affine_maps_stay_within_their_limits():
    """Extreme uniform numbers: a known rotation, both scales, a shift to the right."""
    corners = torch.tensor(
        [[1.0, 0.5, 0.5, 0.5], [0.5, 1, 0.5, 0.5], [0.5, 0, 0.5, 0.5], [0.5, 0.5, 1, 0.5]]
    )
    rotated, larger, smaller, right = affine_maps(corners)
    root = 3**0.5 / 2
    torch.testing.assert_close(rotated, torch.tensor([[root, 0.5, 0], [-0.5, root, 0]]))
    torch.testing.assert_close(larger, torch.tensor([[1 / SCALE, 0, 0], [0, 1 / SCALE, 0]]))
    torch.testing.assert_close(smaller, torch.tensor([[SCALE, 0, 0], [0, SCALE, 0]]))
    torch.testing.assert_close(right, torch.tensor([[1, 0, -2 * SHIFT], [0, 1, 0]]))


def test_labels_are_moved_whole_and_end_at_the_edge():
    """A shift of 4 of 32 pixels: classes 0 and 9 never mix, and what comes into view has no label."""
    target = torch.zeros(1, 32, 32, dtype=torch.long)
    target[0, 10:20, 5:15] = 9
    target[0, 0:3] = IGNORE_INDEX
    shift = torch.tensor([[[1.0, 0, -8 / 32], [0, 1, 0]]])
    batch = {"image": field(32), "auxiliary": field(32), "target": target}
    after = apply_affine(batch, shift)
    expected = torch.full_like(target, IGNORE_INDEX)
    expected[..., 4:] = target[..., :-4]
    assert torch.equal(after["target"], expected)
    torch.testing.assert_close(after["image"][..., 4:], field(32)[..., :-4])
    torch.testing.assert_close(after["image"][..., :4], field(32)[..., :4].flip(-1))

    rotation = affine_maps(torch.tensor([[0.9, 0.7, 0.4, 0.6]]))
    assert set(apply_affine(batch, rotation)["target"].unique().tolist()) == {IGNORE_INDEX, 0, 9}


def test_missing_values_stay_missing_and_where_they_are():
    """Ones with a square of NaN: nothing but ones and NaN comes out, NaN only near its place."""
    image = torch.ones(1, 2, 64, 64)
    image[0, :, 20:30, 30:40] = NAN
    image[0, 1, 50, 50] = NAN
    maps = affine_maps(torch.tensor([[0.83, 0.21, 0.3, 0.8]]))
    batch = {"image": image, "auxiliary": image[:, :1], "target": torch.zeros(1, 64, 64).long()}
    after = apply_affine(batch, maps)
    known = ~after["image"].isnan()
    torch.testing.assert_close(after["image"][known], torch.ones(int(known.sum())))
    assert is_same(after["auxiliary"], after["image"][:, :1])
    # Labels are gone where all bands are missing, and kept where one has a value.
    inside = torch.nn.functional.affine_grid(maps, [1, 1, 64, 64], align_corners=False).abs() <= 1
    assert torch.equal(after["target"] == 0, known.any(dim=1) & inside.all(dim=-1))

    # The source place of each pixel, in pixels: NaN exactly where one of its four neighbours is.
    back = maps[0].double().numpy()
    centres = (np.arange(64) + 0.5) / 32 - 1
    x, y = np.meshgrid(centres, centres)
    col = (back[0, 0] * x + back[0, 1] * y + back[0, 2] + 1) * 32 - 0.5
    row = (back[1, 0] * x + back[1, 1] * y + back[1, 2] + 1) * 32 - 0.5
    touches = (row > 19) & (row < 30) & (col > 29) & (col < 40)
    assert touches.any()
    np.testing.assert_array_equal(after["image"][0, 0].isnan().numpy(), touches)


def test_some_samples_stay_where_they_are():
    batch = random_batch(400, side=8)
    after = augment("affine", batch)
    stayed = [is_same(a, b) for a, b in zip(after["image"], batch["image"])]
    assert 160 < sum(stayed) < 240
    still = torch.tensor(stayed)
    assert torch.equal(after["target"][still], batch["target"][still])
    assert is_same(after["auxiliary"][still], batch["auxiliary"][still])


def test_rotation_turns_about_the_middle_by_up_to_thirty_degrees():
    """Three of ten samples, in their own size: the slope of a plane tells the angle, its middle stays."""
    count = 400
    batch = {
        "image": field(32, count),
        "auxiliary": field(8, count),
        "target": torch.zeros(count, 32, 32, dtype=torch.long),
    }
    after = augment("rotate", batch)
    inner = after["image"][:, 0, 12:20, 12:20].double()
    across = inner.diff(dim=2).mean(dim=(1, 2)) * 32
    down = inner.diff(dim=1).mean(dim=(1, 2)) * 32
    # Of x + 1000 y turned by a: a slope of cos a + 1000 sin a across, of 1000 cos a - sin a down.
    angles = torch.atan2(across, down) - np.arctan2(1, 1000)
    turned_ones = angles.abs() > 1e-4
    assert 90 < turned_ones.sum() < 150
    assert np.radians(28) < angles.abs().max() < np.radians(30.1)
    assert angles.min() < -0.4 and angles.max() > 0.4
    torch.testing.assert_close(
        torch.hypot(across, down), torch.full((count,), 1000.0005).double(), rtol=1e-3, atol=0.0
    )
    torch.testing.assert_close(
        inner.mean(dim=(1, 2)), torch.full((count,), 500.5).double(), rtol=1e-4, atol=0.0
    )
    lost = (after["target"] == IGNORE_INDEX).flatten(1).any(dim=1)
    assert (lost == (angles.abs() > np.radians(1.9))).double().mean() > 0.97, (
        "corners have no label"
    )


# Photometric -------------------------------------------------------------------------------------------


def test_brightness_is_one_gain_and_offset_a_sample():
    batch = random_batch(400)
    batch["image"][:, 1, :5], batch["auxiliary"][:, 0, 0, 0] = NAN, NAN
    after = augment("brightness", batch)
    assert torch.equal(after["target"], batch["target"])
    lines = {}
    for name, centre, width in (
        ("image", LOW, WIDTH),
        ("auxiliary", SCALING.mean[0], 4 * SCALING.std[0]),
    ):
        x, y = (((b[name] - centre) / width).double().flatten(1) for b in (batch, after))
        assert torch.equal(x.isnan(), y.isnan())
        fits = []
        for one, other in zip(x, y):
            known = ~one.isnan()
            gain, offset = np.polyfit(one[known], other[known], 1)
            # A straight line, the same for all bands.
            np.testing.assert_allclose(other[known], gain * one[known] + offset, atol=1e-5)
            fits.append((gain, offset))
        lines[name] = np.array(fits)
    for gains, offsets in (line.T for line in lines.values()):
        assert 0.8 - 1e-4 < gains.min() < 0.83 and 1.2 < gains.max() < 1.25 + 1e-4
        assert -0.1 - 1e-4 < offsets.min() < -0.09 and 0.09 < offsets.max() < 0.1 + 1e-4
        assert 160 < np.sum(np.abs(gains - 1) < 1e-6) < 240
    # The change is the same for both streams.
    np.testing.assert_allclose(lines["image"], lines["auxiliary"], atol=1e-5)


def test_brightness_of_values_far_from_zero_is_exact():
    """``centre + gain * (x - centre) + offset * width`` at 0, rounded once; such a centre is no float32."""
    centre, width = 16777217.0, 0.1

    def zeros_become(low: float, high: float, value: float = 0.0) -> np.ndarray:
        scaling = Scaling((low,), (high,), (), ())
        batch = {
            "image": torch.full((200, 1, 1, 1), value),
            "auxiliary": torch.zeros(200, 0, 0, 0),
            "target": torch.zeros(200, 1, 1, dtype=torch.long),
        }
        augmentation = parse_augmentation("brightness").build(scaling, ROLES)
        return augmentation(batch, torch.Generator().manual_seed(4))["image"].flatten().numpy()

    gain = zeros_become(0.0, 0.0, value=1.0).astype(np.float64)
    offset = zeros_become(0.0, 1.0).astype(np.float64)
    expected = ((1 - gain) * centre + offset * width).astype(np.float32)
    assert (zeros_become(centre, centre + width) == expected).all()


def test_hsv_changes_colours_as_python_counts_them():
    """Each changed sample has one turn of hue and one factor of saturation and value (colorsys)."""
    batch = random_batch(64, side=4)
    units = 0.3 + 0.4 * torch.rand(64, 3, 4, 4)
    batch["image"] = LOW + units * WIDTH
    after = (augment("hsv", batch)["image"] - LOW) / WIDTH
    changed = 0
    for before_sample, after_sample in zip(units, after):
        if torch.allclose(before_sample, after_sample, atol=1e-5):
            continue
        changed += 1
        pairs = [
            (colorsys.rgb_to_hsv(*one), colorsys.rgb_to_hsv(*other))
            for one, other in zip(
                before_sample.flatten(1).T.tolist(), after_sample.flatten(1).T.tolist()
            )
        ]
        turns = [(new[0] - old[0] + 0.5) % 1 - 0.5 for old, new in pairs]
        saturations = [new[1] / old[1] for old, new in pairs]
        values = [new[2] / old[2] for old, new in pairs]
        limits = (turns, -0.03, 0.03), (saturations, 0.7, 1.3), (values, 0.9, 1.1)
        for numbers, low, high in limits:
            assert np.ptp(numbers) < 1e-3 and low - 1e-3 < np.mean(numbers) < high + 1e-3
    assert 20 < changed < 44


def jitter_with_colorsys(colours: np.ndarray, ways: np.ndarray, order: list[int]) -> np.ndarray:
    """One sample (3, n) with brightness, contrast, saturation and hue changed in an order, pixel by pixel."""
    weights = np.array([0.299, 0.587, 0.114])
    one, factors = colours, 1 + 0.2 * ways[:3]
    for kind in order:
        if kind == 0:
            one = np.clip(one * factors[0], 0, 1)
        elif kind == 1:
            middle = (weights @ one).mean()
            one = np.clip(middle + factors[1] * (one - middle), 0, 1)
        elif kind == 2:
            light = weights @ one
            one = np.clip(light + factors[2] * (one - light), 0, 1)
        else:
            pixels = []
            for red, green, blue in one.T:
                hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
                pixels.append(colorsys.hsv_to_rgb((hue + 0.2 * ways[3]) % 1, saturation, value))
            one = np.array(pixels).T
    return one


def test_jitter_changes_brightness_contrast_saturation_and_hue_in_random_order():
    """The numbers drawn, put into the formulas; a missing pixel changes nothing about the others."""
    batch = random_batch(64, side=4)
    units = torch.rand(64, 3, 4, 4)
    batch["image"] = LOW + units * WIDTH
    batch["image"][:, 1, 0, 0] = NAN
    after = (augment("jitter", batch, seed=7)["image"] - LOW) / WIDTH
    drawn = torch.rand(64, 9, generator=torch.Generator().manual_seed(7)).double().numpy()
    assert 10 < (drawn[:, 0] < 0.3).sum() < 30
    orders = set()
    for numbers, before, found in zip(drawn, units.double(), after):
        assert found[:, 0, 0].isnan().tolist() == [False, True, False]
        known, order = before.flatten(1)[:, 1:].numpy(), np.argsort(numbers[5:]).tolist()
        expected = known
        if numbers[0] < 0.3:
            expected = jitter_with_colorsys(known, 2 * numbers[1:5] - 1, order)
            orders.add(tuple(order))
        np.testing.assert_allclose(found.flatten(1)[:, 1:], expected, atol=2e-5)
    assert len(orders) > 8


def test_gray_makes_three_bands_their_luminance():
    batch = random_batch(400, side=8)
    after = augment("gray", batch)
    units, found = ((b["image"] - LOW) / WIDTH for b in (batch, after))
    light = 0.299 * units[:, 0] + 0.587 * units[:, 1] + 0.114 * units[:, 2]
    gray = (found - light[:, None]).abs().amax(dim=(1, 2, 3)) < 1e-5
    assert 55 < gray.sum() < 105, "a fifth"
    assert torch.equal(after["image"][~gray], batch["image"][~gray])
    assert torch.equal(after["target"], batch["target"])


def test_hsv_and_clahe_spare_nan_other_bands_and_what_lies_beyond_the_scale():
    batch = random_batch(16, side=64)
    batch["image"] = torch.cat([batch["image"], batch["image"][:, :1]], dim=1)
    batch["image"][:, 1, :8] = NAN
    batch["image"][:, :3, 40:, 40:] += 5000
    for name in ("hsv", "clahe"):
        after = augment(name, batch)
        assert torch.equal(after["image"].isnan(), batch["image"].isnan())
        assert torch.equal(after["image"][:, 3], batch["image"][:, 3])
        # A pixel that misses a band has no colour to change.
        assert is_same(after["image"][:, :, :8], batch["image"][:, :, :8])
        assert not is_same(after["image"], batch["image"])
        bright, was = (t["image"][:, :3, 40:, 40:].flatten(2) for t in (after, batch))
        # Differences among clouds brighter than the scale's end survive: all move together.
        torch.testing.assert_close(bright - bright[..., :1], was - was[..., :1], atol=2, rtol=0)
        assert torch.equal(after["target"], batch["target"])
        assert is_same(after["auxiliary"], batch["auxiliary"])
        one_band = random_batch(16, bands=1)
        assert is_same(augment(name, one_band)["image"], one_band["image"])


@pytest.mark.parametrize(("height", "width"), [(256, 256), (100, 37), (5, 70)])
def test_clahe_spreads_contrast_whatever_the_size(height, width):
    """Faint noise of 0.4..0.6 is spread; the missing half neither fills in nor darkens the rest."""
    torch.manual_seed(0)
    units = 0.4 + 0.2 * torch.rand(20, 1, height, width).expand(20, 3, height, width)
    image = LOW + units * WIDTH
    image[..., width // 2 :] = NAN
    batch = {"image": image, "auxiliary": torch.zeros(20, 1, 1, 1), "target": torch.zeros(20, 1, 1)}
    after = (augment("clahe", batch)["image"] - LOW) / WIDTH
    changed = 0
    for old, new in zip(units, after):
        assert torch.equal(new.isnan(), image[0].isnan())
        old, new = old[..., : width // 2], new[..., : width // 2]
        if not torch.allclose(old, new, atol=1e-5):
            changed += 1
            assert new.std() > 1.2 * old.std() and 0.3 < new.mean() < 0.7
            torch.testing.assert_close(new[0], new[2], atol=1e-5, rtol=0)  # grey stays grey
    assert 1 <= changed <= 9


def test_all_missing_stays_so():
    batch = random_batch(8)
    batch["image"].fill_(NAN), batch["auxiliary"].fill_(NAN), batch["target"].fill_(IGNORE_INDEX)
    after = augment("+".join(AUGMENTATIONS), batch)
    assert after["image"].isnan().all() and after["auxiliary"].isnan().all()
    assert (after["target"] == IGNORE_INDEX).all()
