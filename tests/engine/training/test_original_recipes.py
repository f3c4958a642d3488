"""The presets against the original systems' own configurations and code, worked out by hand."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.contract.architectures import ARCHITECTURES, with_recipe
from engine.contract.class_table import IGNORE_INDEX
from engine.contract.jobs import TrainJob
from engine.contract.recipes import BUILDING, CMX, PRESETS
from engine.datasets.layouts import find_scenes
from engine.losses.segmentation_loss import AUXILIARY_WEIGHTS, parse_loss
from engine.models.factory import build_model
from engine.sampling.augmentation import parse_augmentation
from engine.sampling.band_statistics import Scaling, measure_scaling
from engine.sampling.copy_paste import PasteRoles
from engine.sampling.geometric import apply_distortion, small_affine_maps
from engine.sampling.survey import survey
from engine.training.optimizer import build_optimizer

NAN = IGNORE_INDEX


def odds(*probabilities: float) -> list[float]:
    """The logits of probabilities."""
    return [math.log(p / (1 - p)) for p in probabilities]


def loss_of(preset: str, logits: Tensor, target: Tensor) -> float:
    outputs: Any = {"logits": logits}
    return float(parse_loss(PRESETS[preset].loss).build(logits.shape[1])(outputs, target))


def test_fields_are_those_of_the_configurations() -> None:
    expected: dict[str, dict[str, object]] = {
        "dualstream": {
            "epochs": 42, "warmup_epochs": 2, "accumulation": 1, "learning_rate": 3e-4,
            "encoder_rate": 1 / 10, "auxiliary_rate": 1 / 2, "fusion_rate": 1.0,
            "optimizer": "adamw", "weight_decay": 1e-5, "schedule": "annealing",
            "augmentation": "none", "tile_size": 512, "patience": 0, "class_balance": 0.0,
        },
        "clouds": {
            "epochs": 60, "warmup_epochs": 0, "accumulation": 4, "learning_rate": 3e-4,
            "encoder_rate": 1 / 10, "fusion_rate": 1 / 10, "optimizer": "adamw",
            "weight_decay": 2e-2, "schedule": "annealing", "validate_every": 5, "tile_size": 512,
            "class_balance": 0.0, "patience": 0,
        },
        "buildings": {
            "epochs": 100, "warmup_epochs": 0, "accumulation": 8, "learning_rate": 1e-3,
            "optimizer": "adam", "weight_decay": 1e-3, "schedule": "step", "patience": 5,
            "tile_size": 224, "crop": 1.0, "foreground": 1.0, "encoder_rate": 1.0,
        },
    }  # fmt: skip
    for preset, fields in expected.items():
        job, _ = with_recipe(TrainJob(preset=preset))
        every = {**fields, "ema": 0.0, "stream_dropout": 0.0, "logit_adjustment": 0.0}
        assert {name: getattr(job, name) for name in every} == every, preset
        assert job.batch_size == 4
    assert AUXILIARY_WEIGHTS == (0.3, 0.15)


def test_the_networks_own_recipes_stay_as_they_were() -> None:
    assert ARCHITECTURES["cmx"].recipe is CMX is not PRESETS["clouds"]
    own = {**asdict(ARCHITECTURES["unet-resnet50"].recipe), "threshold": 0.0}
    assert own == asdict(BUILDING)
    for name in ("dualstream-dformer", "cmx", "unet-resnet50"):
        job, _ = with_recipe(TrainJob(architecture=name))
        assert (job.ema, job.stream_dropout, job.auxiliary_rate) == (0.98, 0.1, 0.0)
    given, _ = with_recipe(TrainJob(preset="clouds", ema=0.98, stream_dropout=0.1))
    assert (given.ema, given.stream_dropout) == (0.98, 0.1), "what the user says holds"


def test_loss_of_dualstream() -> None:
    """Focal with alpha 0.25 over all pixels, Lovász of |label - sigmoid| image by image, each half.

    First image: p .9 .6 .3 .2 of labels 1 0 1 0. Sorted errors .7 .6 .2 .1; Jaccard 1/2, 2/3, 3/4, 1.
    Second image: p .3 .8 without a positive: the largest error, .8; its other pixels do not count.
    """
    logits = torch.tensor([odds(0.9, 0.6, 0.3, 0.2), odds(0.3, 0.8, 0.5, 0.5)]).view(2, 1, 2, 2)
    target = torch.tensor([[1, 0, 1, 0], [0, 0, NAN, NAN]]).view(2, 2, 2)
    first = 0.7 / 2 + 0.6 * (2 / 3 - 1 / 2) + 0.2 * (3 / 4 - 2 / 3) + 0.1 / 4
    lovasz = (first + 0.8) / 2
    right = [(0.9, 0.25), (0.4, 0.75), (0.3, 0.25), (0.8, 0.75), (0.7, 0.75), (0.2, 0.75)]
    focal = sum(-alpha * (1 - p) ** 2 * math.log(p) for p, alpha in right) / 6
    assert loss_of("dualstream", logits, target) == pytest.approx(0.5 * focal + 0.5 * lovasz)


def test_an_image_without_labels_counts_as_no_error() -> None:
    logits = torch.tensor([odds(0.9), odds(0.6)]).view(2, 1, 1, 1)
    target = torch.tensor([1, NAN]).view(2, 1, 1)
    loss = parse_loss("lovasz-sigmoid").build(1)({"logits": logits}, target)
    assert float(loss) == pytest.approx(0.1 / 2)


def test_loss_of_clouds() -> None:
    """0.7 of the hardest quarter, one of four pixels, and 0.3 Dice: 2 * 1.5 / 4 for both classes."""
    p = torch.tensor([0.9, 0.6, 0.2, 0.3])
    logits = torch.stack([1 - p, p]).log().view(1, 2, 2, 2)
    target = torch.tensor([1, 1, 0, 0]).view(1, 2, 2)
    expected = 0.7 * -math.log(0.6) + 0.3 * (1 - 0.75)
    assert loss_of("clouds", logits, target) == pytest.approx(expected)


def test_loss_of_buildings() -> None:
    """Focal of gamma 2 without alpha, plus 1 - Dice of the batch: 2 * .5 / (1.25 + 1)."""
    logits = torch.tensor(odds(0.5, 0.75)).view(1, 1, 1, 2)
    focal = (-(0.5**2) * math.log(0.5) - 0.75**2 * math.log(0.25)) / 2
    expected = focal + 1 - 2 * 0.5 / 2.25
    assert loss_of("buildings", logits, torch.tensor([[[1, 0]]])) == pytest.approx(expected)


def test_rates_of_dualstream() -> None:
    """3e-4 for fusion and decoder, a tenth for the image's encoder, half for that of the air quality."""
    model = build_model("dualstream-dformer", encoder="mit-b0", bands=4, auxiliary_bands=3)
    groups = build_optimizer(model, with_recipe(TrainJob(preset="dualstream"))[0]).param_groups
    model.freezes_all_encoders = True
    frozen = {id(parameter) for parameter in model.frozen_parameters()}  # type: ignore[operator]
    by_name = {group["name"]: group["lr"] for group in groups}
    expected = {"encoders": 3e-5, "auxiliary encoder": 1.5e-4, "fusion": 3e-4, "decoder": 3e-4}
    assert by_name == pytest.approx(expected)
    assert {group["weight_decay"] for group in groups} == {1e-5, 0.0}
    encoders = [p for g in groups if "encoder" in g["name"] for p in g["params"]]
    assert {id(parameter) for parameter in encoders} == frozen


def test_near_infrared_has_the_fixed_scaling(data: Any) -> None:
    scenes = find_scenes(TrainJob(dataset=str(data("clouds"))))
    scenes = [scene for scene in scenes if scene.stem.startswith("Forest")]
    job = TrainJob(
        dataset=str(data("clouds")), tile_size=64, auxiliary_tile_size=64, stream_dropout=0.0
    )
    known = survey(job, scenes, lambda share: None, streams_share_grid=True)
    fixed = measure_scaling(job, known, PRESETS["clouds"].auxiliary_scaling)
    assert (fixed.mean, fixed.std) == ((127.5,), (63.75,)) and fixed.low == (0.0,) * 3
    assert measure_scaling(job, known).mean != fixed.mean


# Augmentation ----------------------------------------------------------------------------------------

SCALING = Scaling((0.0,) * 3, (255.0,) * 3, (0.0,), (1.0,))


def changed_share(name: str, count: int = 2000) -> float:
    """Share of the samples that a step changes; different colours in every pixel."""
    pixels = torch.rand(count, 3, 6, 6, generator=torch.Generator().manual_seed(1)) * 200 + 20
    batch = {
        "image": pixels,
        "auxiliary": torch.zeros(count, 0, 0, 0),
        "target": torch.zeros(count, 6, 6, dtype=torch.int64),
    }
    step = parse_augmentation(name).build(SCALING, PasteRoles())
    after = step(batch, torch.Generator().manual_seed(0))["image"]
    return float(((after - pixels).abs().amax(dim=(1, 2, 3)) > 1e-3).float().mean())


@pytest.mark.parametrize(
    ("name", "share"),
    [("shift-scale-rotate", 0.5), ("distortion", 0.3), ("contrast", 0.5), ("hue", 0.5),
     ("jitter:0.2", 0.2), ("rotate", 0.3), ("gray", 0.2), ("mirrors", 0.75)],
)  # fmt: skip
def test_shares_of_changed_samples(name: str, share: float) -> None:
    """Within four standard deviations of 2000 draws; mirrors leave a quarter of the samples as they are."""
    assert changed_share(name) == pytest.approx(share, abs=0.045)


def test_mirrors_make_no_quarter_turns() -> None:
    square = torch.tensor([[0.0, 1.0], [2.0, 3.0]]).expand(64, 1, 2, 2)
    batch = {"image": square, "auxiliary": square[:, :0], "target": square[:, 0].long()}
    after = parse_augmentation("mirrors").build(SCALING, PasteRoles())(batch, torch.Generator())
    found = {tuple(sample.flatten().tolist()) for sample in after["target"]}
    assert found == {(0, 1, 2, 3), (1, 0, 3, 2), (2, 3, 0, 1), (3, 2, 1, 0)}


def test_limits_of_shift_scale_rotate() -> None:
    """ShiftScaleRotate(0.05, 0.2, 30): positions from -1 to 1, so a shift by 0.05 is 0.1."""
    low, high = small_affine_maps(torch.tensor([[0.5, 0, 0, 0], [0.5, 1, 1, 1]]))
    torch.testing.assert_close(low, torch.tensor([[1.25, 0, 0.125], [0, 1.25, 0.125]]))
    torch.testing.assert_close(high, torch.tensor([[1, 0, -0.1], [0, 1, -0.1]]) / 1.2)
    (turned,) = small_affine_maps(torch.tensor([[1.0, 0.5, 0.5, 0.5]]))
    assert float(turned[0, 0]) == pytest.approx(math.cos(math.radians(30)))


def moved_columns(parameters: list[float], side: int = 100) -> np.ndarray:
    """Where the pixels of the middle row come from, in shares of the width."""
    centres = (torch.arange(side, dtype=torch.float32) + 0.5) / side
    image = centres.expand(1, 1, side, side).contiguous()
    batch = {
        "image": image,
        "auxiliary": image[:, :0],
        "target": torch.zeros(1, side, side, dtype=torch.int64),
    }
    after = apply_distortion(batch, torch.tensor([parameters]))
    row = after["image"][0, 0, side // 2].numpy()
    row[after["target"][0, side // 2].numpy() == IGNORE_INDEX] = np.nan
    return row


def test_lens_of_the_optical_distortion() -> None:
    """OpticalDistortion(0.5): x' = x (1 + k r^2 + k r^4), x and r in widths from the centre."""
    for number, k in ((0.0, -0.5), (1.0, 0.5), (0.5, 0.0)):
        x = (np.arange(100) + 0.5) / 100 - 0.5
        square = x**2 + 0.005**2  # the row's centre lies half a pixel below the tile's
        expected = 0.5 + x * (1 + k * square + k * square**2)
        found = moved_columns([0.0, number] + [0.5] * 10)
        inside = ~np.isnan(found) & (expected > 0.005) & (expected < 0.995)
        assert inside.sum() >= 85
        np.testing.assert_allclose(found[inside], expected[inside], atol=1e-5)


def test_cells_of_the_grid_distortion() -> None:
    """GridDistortion(5, 0.3): cells of 20 % of the width, here of 26, 14, 20, 20 and 20 %."""
    found = moved_columns([1.0, 0.5, 1.0, 0.0, 0.5, 0.5, 0.5] + [0.5] * 5)
    share = (np.arange(100) + 0.5) / 100
    expected = np.interp(share, [0, 0.2, 0.4, 0.6, 0.8, 1], [0, 0.26, 0.40, 0.60, 0.80, 1])
    np.testing.assert_allclose(found, expected, atol=1e-5)


def largest_change(name: str, colour: tuple[float, float, float]) -> tuple[float, float]:
    """Smallest and largest first band of a uniform colour, 0..1, over many draws."""
    pixels = torch.tensor(colour).view(1, 3, 1, 1).expand(4000, 3, 1, 1) * 255
    batch = {
        "image": pixels,
        "auxiliary": torch.zeros(4000, 0, 0, 0),
        "target": torch.zeros(4000, 1, 1, dtype=torch.int64),
    }
    after = parse_augmentation(name).build(SCALING, PasteRoles())(
        batch, torch.Generator().manual_seed(0)
    )
    red = after["image"][:, 0] / 255
    return float(red.min()), float(red.max())


def test_amounts_of_contrast_and_hue() -> None:
    """RandomBrightnessContrast(0.3, 0.3): .4 * (1 +- .3) +- .3. HueSaturationValue: value of grey +- 15 / 255."""
    assert largest_change("contrast:1", (0.4, 0.4, 0.4)) == pytest.approx((0, 0.82), abs=0.02)
    grey = largest_change("hue:1", (0.5, 0.5, 0.5))
    assert grey[1] == pytest.approx(0.5 + 15 / 255, abs=0.002)
    # Full red: a turn by 15 of 180 steps leaves red the largest, so only the value changes it.
    assert largest_change("hue:1", (1.0, 0.0, 0.0))[0] == pytest.approx(1 - 15 / 255, abs=0.002)


@pytest.mark.parametrize("text", ["flips:0.5", "mirrors:1", "clahe:0", "clahe:1.5", "clahe:often"])
def test_impossible_probabilities_are_refused(text: str) -> None:
    name, chance = text.split(":")
    with pytest.raises(
        Exception, match=f"augmentation {name} cannot have the probability '{chance}'"
    ):
        parse_augmentation(text)


def test_a_preset_s_augmentations_can_be_built(tmp_path: Path) -> None:
    spec = parse_augmentation(PRESETS["clouds"].augmentation)
    assert spec.probabilities == {"clahe": 0.3} and spec.pastes and len(spec.names) == 7
    assert parse_augmentation(PRESETS["buildings"].augmentation).probabilities == {"jitter": 0.2}
    assert parse_augmentation(PRESETS["dualstream"].augmentation).names == ()
