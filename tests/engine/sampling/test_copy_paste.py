"""Copy-paste on drawn clouds and shadows, of which every pasted pixel is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.contract.class_table import IGNORE_INDEX, class_table
from engine.contract.errors import JobError
from engine.sampling.copy_paste import (
    CopyPaste,
    PasteRoles,
    draw_shift,
    instances,
    paste,
    paste_alpha,
    paste_roles,
)

TABLE = class_table({10: "background", 20: "thick", 30: "thin", 40: "shadow"})
LAND, THICK, THIN, SHADOW = range(4)
ROLES = PasteRoles((THICK,), (THIN,), (SHADOW,))
NAN = float("nan")


def scene() -> np.ndarray:
    """Two clouds, each with a shadow, a shadow far from both, and a speck: (128, 128)."""
    target = np.zeros((128, 128), np.int64)
    target[20:40, 20:40] = THICK
    target[40:46, 20:40] = THIN  # touches: the same instance
    target[50:60, 30:45] = SHADOW  # 4 px below the first cloud
    target[20:50, 80:100] = THIN
    target[40:48, 66:74] = SHADOW  # nearer to the second
    target[100:108, 10:18] = SHADOW  # 54 px from the first: more than a quarter of the side
    target[110, 110:114] = THICK  # a speck of 4 px
    return target


def sample(
    value: float, target: np.ndarray, coarse: int = 128, bands: int = 1
) -> dict[str, Tensor]:
    """Streams of one value each; the auxiliary one is minus the image."""
    return {
        "image": torch.full((3, *target.shape), value),
        "auxiliary": torch.full((bands, coarse, coarse), -value),
        "target": torch.from_numpy(target.copy()),
    }


def stacked(*samples: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: torch.stack([s[name] for s in samples]) for name in samples[0]}


def paste_batch(
    batch: dict[str, Tensor], seed: int, roles: PasteRoles = ROLES
) -> dict[str, Tensor]:
    return CopyPaste(roles)(batch, torch.Generator().manual_seed(seed))


# Roles --------------------------------------------------------------------------------------------


def test_roles_are_positions_in_the_class_table():
    roles = paste_roles(("thin:soft", "thick", "shadow:companion"), TABLE)
    assert roles == PasteRoles((1,), (2,), (3,))
    assert paste_roles((), TABLE) == PasteRoles()
    odd = class_table({1: "a:soft", 2: "a"})
    assert paste_roles(("a:soft",), odd) == PasteRoles(hard=(0,))


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (("cirrus",), "'cirrus'; the classes are background, thick, thin, shadow"),
        (("cirrus:soft",), "'cirrus:soft'; the classes are background"),
        (("thin:faint",), "'thin:faint'.*soft or companion"),
        (("thin:",), "'thin:'.*soft or companion"),
        (("thin", "thin:soft"), "'thin' twice"),
        (("shadow:companion",), "companions only"),
    ],
)
def test_wrong_roles_are_refused(texts, message):
    with pytest.raises(JobError, match=message):
        paste_roles(texts, TABLE)


# Instances ----------------------------------------------------------------------------------------


def test_shadows_go_with_the_nearest_cloud():
    target = scene()
    owners = instances(target, ROLES)
    first, second = owners[30, 30], owners[30, 90]
    assert first != second and 0 not in (first, second)
    expected = np.zeros_like(owners)
    expected[20:46, 20:40] = expected[50:60, 30:45] = first
    expected[20:50, 80:100] = expected[40:48, 66:74] = second
    np.testing.assert_array_equal(owners, expected)


def test_a_long_shadow_goes_by_its_nearest_end():
    target = np.zeros((64, 64), np.int64)
    target[4:14, 4:14] = THICK
    target[8:12, 16:60] = SHADOW  # ends 46 px away, more than a quarter of the side
    assert (instances(target, ROLES)[8:12, 16:60] == 1).all()


def test_corners_connect():
    target = np.zeros((64, 64), np.int64)
    target[10:20, 10:20] = target[20:30, 20:30] = THICK
    assert set(np.unique(instances(target, ROLES))) == {0, 1}


def test_a_cloud_over_most_of_the_tile_stays_and_keeps_its_shadow():
    target = np.zeros((64, 64), np.int64)
    target[:40] = THICK
    target[42:50, 20:30] = SHADOW
    target[54:64, 20:30] = THICK  # would get the shadow if the large cloud were forgotten first
    owners = instances(target, ROLES)
    assert (owners[54:64, 20:30] > 0).all() and (owners > 0).sum() == 100


# Edges --------------------------------------------------------------------------------------------


def test_soft_edges_fade_inwards_and_hard_ones_do_not():
    chosen = np.zeros((64, 64), bool)
    chosen[10:50, 10:50] = True
    chosen[30:40, :10] = True  # runs out over the tile's edge
    soft = np.zeros_like(chosen)
    soft[:, :30] = True
    alpha = paste_alpha(chosen, soft)
    assert (alpha[~chosen] == 0).all() and (alpha[chosen & ~soft] == 1).all()
    across = alpha[10:30, 20]
    assert (np.diff(across[:6]) > 0).all() and across[0] < 0.3
    assert across[8:] == pytest.approx(1, abs=1e-3)
    # Neither the hard part beside nor the tile's edge fades it.
    assert alpha[25, 25:35] == pytest.approx(1, abs=1e-3)
    assert alpha[35, :5] == pytest.approx(alpha[35, 5], abs=1e-3)


def test_clouds_cut_off_by_the_edge_move_out_only():
    row = np.zeros(64, bool)
    row[10:20] = True
    free = {draw_shift(row, 64, drawn) for drawn in np.linspace(0, 1, 500)}
    assert free == set(range(-16, 17))
    row[0] = True
    assert {draw_shift(row, 64, drawn) for drawn in np.linspace(0, 1, 500)} == set(range(-16, 1))
    assert {draw_shift(row[::-1], 64, drawn) for drawn in np.linspace(0, 1, 500)} == set(range(17))
    row[-1] = True
    assert draw_shift(row, 64, 0.9) == 0
    assert {draw_shift(np.zeros(8, bool), 1, drawn) for drawn in (0.0, 0.5, 1.0)} == {0}


# A paste ------------------------------------------------------------------------------------------


def test_paste_blends_both_streams_and_takes_classes_above_a_half():
    land, cloud = sample(0.0, np.zeros((128, 128), np.int64), 16), sample(8.0, scene(), 16)
    alpha = torch.zeros(128, 128)
    alpha[20:24, 80:88], alpha[24:32, 80:88] = 0.5, 0.75
    after = paste(land, cloud, alpha, ROLES)
    torch.testing.assert_close(after["image"], (8 * alpha).expand(3, -1, -1))
    expected = torch.zeros(1, 16, 16)
    expected[0, 2, 10], expected[0, 3, 10] = -8 * 0.25, -8 * 0.75
    torch.testing.assert_close(after["auxiliary"], expected)
    assert torch.equal(after["target"] == THIN, alpha > 0.5)


def test_nothing_missing_is_pasted_or_pasted_over():
    target = np.zeros((128, 128), np.int64)
    land, cloud = sample(0.0, target), sample(8.0, scene())
    land["target"][:, 0:2] = IGNORE_INDEX
    land["image"][0, 20:25], land["target"][20:25] = NAN, IGNORE_INDEX
    cloud["image"][2, 25:30] = NAN
    cloud["auxiliary"][0, 30:33] = NAN
    land["auxiliary"][0, 35:37], cloud["auxiliary"][0, 36:39] = NAN, NAN
    alpha = torch.ones(128, 128)
    after = paste(land, cloud, alpha, ROLES)
    kept = torch.zeros(128, dtype=torch.bool)
    kept[20:33] = True
    kept[37:39] = True  # would lose the values it has
    rows = torch.where(kept, 0.0, 8.0)
    assert torch.equal(after["image"].isnan(), land["image"].isnan())
    assert torch.equal(after["image"][1], rows[:, None].expand(128, 128))
    assert torch.equal(after["auxiliary"].isnan(), land["auxiliary"].isnan())
    known = ~land["auxiliary"][0].isnan()
    assert torch.equal(after["auxiliary"][0][known], -rows[:, None].expand(128, 128)[known])
    assert torch.equal(after["target"], torch.where(kept[:, None], land["target"], cloud["target"]))


def test_grids_that_do_not_nest_lose_nothing():
    """Pixels of 1/128 and 1/100 of the side straddle each other: a lost value still stays whole."""
    land, cloud = sample(5.0, np.zeros((128, 128), np.int64), 100), sample(8.0, scene(), 100)
    lost = torch.rand(100, 100, generator=torch.Generator().manual_seed(0)) < 0.1
    cloud["auxiliary"][0, lost] = NAN
    after = paste(land, cloud, torch.ones(128, 128), ROLES)
    assert (after["auxiliary"][0, lost] == -5).all() and (after["auxiliary"][0, ~lost] <= -5).all()
    assert (after["auxiliary"] == -8).sum() > 3000


@pytest.mark.parametrize(
    ("donor_has", "recipient_has", "pastes"), [(0, 1, False), (1, 0, True), (0, 0, True)]
)
def test_a_stream_is_never_lost_and_never_appears(donor_has, recipient_has, pastes):
    land, cloud = sample(0.0, np.zeros((128, 128), np.int64), 8), sample(8.0, scene(), 8)
    for which, has in ((land, recipient_has), (cloud, donor_has)):
        if not has:
            which["auxiliary"].fill_(NAN)
    after = paste(land, cloud, torch.ones(128, 128), ROLES)
    assert bool((after["image"] == 8).all()) is pastes
    assert bool((after["target"] == cloud["target"]).all()) is pastes
    assert torch.equal(after["auxiliary"].isnan(), land["auxiliary"].isnan())


def test_no_shadow_falls_on_a_cloud():
    land, cloud = sample(0.0, np.zeros((128, 128), np.int64)), sample(8.0, scene())
    land["target"][50:55] = THIN
    after = paste(land, cloud, (cloud["target"] > 0).float(), ROLES)
    assert (after["target"][50:55, 30:45] == THIN).all() and (after["image"][:, 50:55] == 0).all()
    assert (after["target"][55:60, 30:45] == SHADOW).all()


# Whole batches ------------------------------------------------------------------------------------


@pytest.mark.parametrize("coarse", [128, 16, 127])
def test_clouds_arrive_with_their_shadows_by_whole_pixels_of_both_grids(coarse):
    """Every result is land with one or both groups of the scene at one shift, nothing else."""
    land, cloud = sample(0.0, np.zeros((128, 128), np.int64), coarse), sample(8.0, scene(), coarse)
    # The cloud's pixels say where they come from: row, column, and a value for the blending.
    cloud["image"][0] = torch.arange(128.0)[:, None]
    cloud["image"][1] = torch.arange(128.0)
    owners = instances(scene(), ROLES)
    step = {128: 1, 16: 8, 127: 128}[coarse]
    seen, shifts = set(), set()
    for seed in range(30):
        after = paste_batch(stacked(land, cloud), seed)
        assert torch.equal(after["target"][1], cloud["target"])  # land has nothing to give
        found, values = after["target"][0].numpy(), after["image"][0].numpy()
        if not found.any():
            continue
        row, col = np.argwhere(values[2] == 8)[0]
        down, right = int(row - values[0, row, col]), int(col - values[1, row, col])
        assert down % step == 0 and right % step == 0 and max(abs(down), abs(right)) <= 32
        moved = {name: shifted(array, down, right) for name, array in groups(owners).items()}
        (name,) = (name for name, wanted in moved.items() if explains(wanted, found))
        seen.add(name)
        shifts.add((down, right))
        solid = (found == THICK) | (found == SHADOW)
        assert (values[2][solid] == 8).all()
        if coarse != 127:
            share = values[2].reshape(coarse, 128 // coarse, coarse, -1).mean((1, 3))
            np.testing.assert_allclose(after["auxiliary"][0, 0], -share, atol=1e-5)
    assert seen == {"first", "second", "both"}
    assert len(shifts) > 5 if coarse != 127 else shifts == {(0, 0)}


def groups(owners: np.ndarray) -> dict[str, np.ndarray]:
    """The classes of what may be pasted: a cloud with its shadow, or both clouds with theirs."""
    masks = {
        "first": owners == owners[30, 30],
        "second": owners == owners[30, 90],
        "both": owners > 0,
    }
    return {name: np.where(mask, scene(), LAND) for name, mask in masks.items()}


def shifted(array: np.ndarray, down: int, right: int) -> np.ndarray:
    """Moved over a ground of land."""
    wide = np.pad(array, 64)
    return wide[64 - down : 64 - down + len(array), 64 - right : 64 - right + len(array)]


def explains(wanted: np.ndarray, found: np.ndarray) -> bool:
    """Whether ``found`` is ``wanted``, but for thin cloud along its outline."""
    same = (found == wanted) | ((wanted == THIN) & (found == LAND))
    return bool(same.all()) and (found == THIN).sum() >= 0.5 * (wanted == THIN).sum()


def test_half_of_the_samples_change_and_donors_vary():
    """Each sample has a value of its own, which identifies the donor: always another sample."""
    batch = stacked(*(sample(float(value), scene()) for value in range(4)))
    donors = set()
    changed = 0
    for seed in range(100):
        after = paste_batch(batch, seed)["image"]
        for index in range(4):
            other = set(after[index].unique().tolist()) & {0.0, 1.0, 2.0, 3.0} - {float(index)}
            whole = {v for v in other if (after[index] == v).sum() > 100}
            changed += len(whole)
            donors |= {(index, int(value)) for value in whole}
    assert 160 < changed < 240
    assert donors == {(a, b) for a in range(4) for b in range(4) if a != b}


@pytest.mark.parametrize("roles", [PasteRoles(), PasteRoles(companions=(SHADOW,))])
def test_without_bodies_or_a_second_sample_nothing_changes(roles):
    batch = stacked(sample(0.0, scene()), sample(8.0, scene()))
    alone = {name: tensor[:1] for name, tensor in batch.items()}
    for seed in range(5):
        assert torch.equal(paste_batch(batch, seed, roles)["image"], batch["image"])
        assert torch.equal(paste_batch(alone, seed)["image"], alone["image"])


def test_unlabelled_pixels_of_the_donor_are_not_pasted():
    target = scene()
    target[25:30, 25:30] = IGNORE_INDEX
    land, cloud = sample(0.0, np.zeros((128, 128), np.int64)), sample(8.0, target)
    cloud["image"][:, 25:30, 25:30] = 99
    cloud["image"][:, target == LAND] = 99
    results = [paste_batch(stacked(land, cloud), seed) for seed in range(20)]
    assert any((result["image"][0] == 8).any() for result in results)
    assert all(result["image"][0].max() <= 8 for result in results)
    assert all((result["target"][0] != IGNORE_INDEX).all() for result in results)


def test_the_auxiliary_stream_may_be_absent():
    land, cloud = sample(0.0, np.zeros((128, 128), np.int64), 0, 0), sample(8.0, scene(), 0, 0)
    results = [paste_batch(stacked(land, cloud), seed) for seed in range(10)]
    assert any((result["target"][0] == THICK).any() for result in results)


def test_real_clouds_are_pasted(data):
    """Real labels: pasted pixels are clouds and shadows of the donor, and stay paired with pixels."""
    from PIL import Image

    folder = data("clouds/train")
    colours = {(0, 0, 0): 0, (255, 0, 0): 1, (0, 255, 0): 2, (255, 255, 0): 3}
    samples = []
    for name in ("GrassCrops_02_0608.png", "Forest_05_0415.png", "Forest_08_0805.png"):
        rgb, label = (
            np.array(Image.open(folder / part / name).convert("RGB")) for part in ("rgb", "label")
        )
        target = np.full(label.shape[:2], IGNORE_INDEX, np.int64)
        for colour, index in colours.items():
            target[(label == colour).all(axis=-1)] = index
        image = torch.from_numpy(rgb.transpose(2, 0, 1).astype(np.float32))
        samples.append({"image": image, "auxiliary": image[:1], "target": torch.from_numpy(target)})
    batch = stacked(*samples)
    changes = 0
    for seed in range(10):
        after = paste_batch(batch, seed)
        changed = after["target"] != batch["target"]
        changes += int(changed.sum())
        assert not (after["target"][changed] <= LAND).any()
        torch.testing.assert_close(after["auxiliary"][:, 0], after["image"][:, 0])
    assert changes > 1000
