"""Training end to end on small scenes: it learns, repeats itself, and refuses what cannot be trained."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import torch
from affine import Affine
from torch.optim.swa_utils import AveragedModel

from engine.commands.segment import segment
from engine.commands.train import train
from engine.contract.architectures import with_recipe
from engine.contract.card_reader import read_card
from engine.contract.errors import EngineError, JobError, LabelError, LayoutError
from engine.contract.jobs import SegmentJob, TrainJob
from engine.contract.protocol import Metric, Progress, Warned
from engine.datasets.layouts import find_scenes
from engine.models.model_file import build_network, load_model
from engine.sampling.survey import survey
from engine.sampling.window_dataset import TrainingWindows
from engine.training.optimizer import build_optimizer, count_frozen_epochs
from engine.training.schedule import EarlyStopping, Schedule
from engine.training.training_plan import training_plan, training_scenes
from engine.training.weight_averaging import average_weights
from tests.engine.synthetic import UTM_GRID, squares


@pytest.fixture
def scene(write_raster: Callable[..., str]) -> dict[str, Any]:
    """Bright squares on noise are one class, dark ones another; a coarse raster beside."""
    noise = np.random.default_rng(0)
    labels = squares(noise, 12)
    image = (noise.normal(500, 100, (2, 192, 192)) + 1500.0 * labels).astype(np.uint16)
    coarse = noise.random((3, 12, 12)).astype(np.float32)
    return {
        "image": write_raster("image.tif", image),
        "labels": write_raster("labels.tif", labels),
        "auxiliary": (write_raster("coarse.tif", coarse, transform=UTM_GRID @ Affine.scale(16)),),
    }


def small(tmp_path: Path, scene: dict[str, Any], **changes: Any) -> TrainJob:
    fields = {
        "output": str(tmp_path / "out" / "model.safetensors"),
        "encoder": "mit-b0",
        "tile_size": 64,
        "epochs": 2,
        "learning_rate": 1e-3,
        "device": "cpu",
        **scene,
    }
    return TrainJob(**{**fields, **changes})


def test_it_learns_and_the_model_file_maps_the_scene(
    scene: dict[str, Any], events: Any, tmp_path: Path
) -> None:
    job = small(
        tmp_path, scene, epochs=4, checkpoint_every=2, class_names=("0=dark", "1=bright=#ffcc00")
    )
    done = train(job, events)
    assert done.outputs["miou"] > 0.85 and done.outputs["epochs_run"] == 4
    card = read_card(job.output)
    assert [(c.name, c.value) for c in card.classes] == [("dark", 0), ("bright", 1)]
    assert card.classes[1].colour == "#ffcc00" and card.logits == 1
    assert card.auxiliary.bands == 3 and len(card.auxiliary.mean) == 3
    assert card.metrics["miou"] == done.outputs["miou"]
    names = sorted(path.name for path in (tmp_path / "out").rglob("*.safetensors"))
    assert names == ["epoch-002.safetensors", "epoch-004.safetensors", "model.safetensors"]
    shares = [event.fraction for event in events.of(Progress)]
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1)
    assert sum("Epoch" in text for text in events.messages(Metric)) == 4
    output = str(tmp_path / "mask.tif")
    image, auxiliary = scene["image"], scene["auxiliary"]
    segment(
        SegmentJob(
            model=(job.output,), image=image, auxiliary=auxiliary, output=output, overlap=16
        ),
        events,
    )


def test_the_seed_fixes_the_weights(scene: dict[str, Any], events: Any, tmp_path: Path) -> None:
    def weights(name: str, seed: int) -> dict[str, torch.Tensor]:
        job = small(tmp_path, scene, output=str(tmp_path / name), epochs=1, seed=seed)
        train(job, events)
        return load_model(job.output)[0].state_dict()

    first, again, other = (
        weights("a.safetensors", 5),
        weights("b.safetensors", 5),
        weights("c.safetensors", 6),
    )
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_what_cannot_be_trained_is_refused_before_the_first_epoch(
    scene: dict[str, Any], write_raster: Callable[..., str], events: Any, tmp_path: Path
) -> None:
    def refuse(kind: type[EngineError], says: str, **changes: Any) -> None:
        with pytest.raises(kind, match=says):
            train(small(tmp_path, scene, **changes), events)

    refuse(JobError, r"must end in \.safetensors", output=str(tmp_path / "m.pth"))
    refuse(JobError, "epochs must be at least 1", epochs=-1)
    refuse(JobError, "batch_size must be at least 0, not -1", batch_size=-1)
    refuse(JobError, "multiple of 32, not 50", tile_size=50)
    refuse(JobError, "validation_share must be between", validation_share=1.5)
    refuse(JobError, "nosuch", loss="nosuch")
    refuse(JobError, "nosuch", augmentation="nosuch")
    refuse(JobError, "seed must be 0 or more, not -1", seed=-1)
    refuse(JobError, "encoder_rate must be 0 or more", encoder_rate=-1.0)
    refuse(JobError, "fusion_rate must be 0 or more", fusion_rate=-1.0)
    refuse(JobError, "class_balance must be from 0 to 1", class_balance=2.0)
    refuse(JobError, "'fall'; it is cosine, plateau or step", schedule="fall")
    refuse(JobError, "adamw or adam", optimizer="sgd")
    refuse(JobError, "crop must be from 1 to 8 tile sides, not 0.5", crop=0.5)
    refuse(JobError, "crop must be from 1 to 8", crop=9.0)
    refuse(JobError, "foreground must be from 0 to 1, not 2", foreground=2.0)
    refuse(JobError, "least_foreground must be from 0 to 1", least_foreground=-0.1)
    refuse(JobError, "patience must be 0 or more, not -2", patience=-2)
    one_stream = {"architecture": "unet-resnet50", "encoder": TrainJob.encoder}
    refuse(JobError, "sees the image alone: leave the auxiliary rasters", **one_stream)
    twin = {"architecture": "cmx-b0", "encoder": TrainJob.encoder, "auxiliary_tile_size": 32}
    refuse(JobError, "cmx-b0 sees both streams .* 64, not 32", **twin)
    refuse(JobError, "work against each other", loss="ohem", logit_adjustment=0.5)
    refuse(JobError, "by its name, not mit-b5", architecture="cmx-b0", encoder="mit-b5")
    refuse(JobError, "no classes to paste are named", augmentation="flips+copy-paste")
    refuse(JobError, "value=name", class_names=("water",))
    refuse(LabelError, "class 'fog' .* has no labelled pixel", class_names=("9=fog",))
    ones = write_raster("ones.tif", np.ones((192, 192), np.uint8))
    refuse(LabelError, "one class only", labels=ones)
    nothing = write_raster("nothing.tif", np.zeros((192, 192), np.uint8), nodata=0)
    refuse(LabelError, "No pixel of the image is labelled", labels=nothing)
    table = tmp_path / "scenes.csv"
    other = write_raster("other.tif", np.zeros((3, 192, 192), np.uint16))
    table.write_text(
        f"image,labels\n{scene['image']},{scene['labels']}\n{other},{scene['labels']}\n"
    )
    blank = {"image": "", "labels": "", "auxiliary": (), "dataset": str(table)}
    refuse(LayoutError, r"other.tif has 3 bands", **blank)
    assert not (tmp_path / "out").exists()


def test_frozen_encoders_stay_as_they_are(
    scene: dict[str, Any], events: Any, tmp_path: Path
) -> None:
    job = small(tmp_path, scene, epochs=1, warmup_epochs=1)
    train(job, events)
    trained, card = load_model(job.output)
    torch.manual_seed(job.seed)
    fresh = build_network(card).state_dict()
    moved = {
        n.split(".")[0] for n, v in trained.state_dict().items() if not torch.equal(v, fresh[n])
    }
    assert not moved & {"vision", "air"} and {"fusions", "decoder", "head"} <= moved


def test_warm_up_guards_pretrained_encoders_only() -> None:
    assert count_frozen_epochs(with_recipe(TrainJob())[0]) == 0
    assert count_frozen_epochs(with_recipe(TrainJob(pretrained="folder"))[0]) == 4
    assert count_frozen_epochs(TrainJob(warmup_epochs=7)) == 7


def test_learning_rates_by_part_and_their_schedule(make_model: Callable[..., str]) -> None:
    model, _ = load_model(make_model())
    optimizer = build_optimizer(
        model, with_recipe(TrainJob(pretrained="folder", learning_rate=1e-3))[0]
    )
    rates = {(group["name"], group["lr"]) for group in optimizer.param_groups}
    assert rates == {("encoders", 1e-4), ("fusion", 1e-3), ("decoder", 1e-3)}
    held = [p for group in optimizer.param_groups for p in group["params"]]
    assert len(held) == len({id(p) for p in held}) == len(list(model.parameters()))
    factors = [Schedule("cosine", 100).factor(step) for step in range(100)]
    assert factors[0] == pytest.approx(0.2) and max(factors) == pytest.approx(1)
    assert factors[-1] == pytest.approx(0.01, abs=2e-3)


def test_on_a_plateau_the_learning_rate_falls_to_a_third() -> None:
    schedule = Schedule("plateau", 100)
    assert [schedule.factor(step) for step in (0, 4, 50, 99)] == pytest.approx([0.2, 1, 1, 1])
    for score in (0.5, 0.6, 0.6, 0.55):
        schedule.validated(score)
    assert schedule.factor(50) == 1
    schedule.validated(0.59)
    assert schedule.factor(51) == pytest.approx(1 / 3)


def test_by_steps_the_learning_rate_falls_to_a_tenth_every_ten_epochs() -> None:
    """As torch's own StepLR(10, 0.1), stepped once an epoch of 7 batches: no rise at the start."""
    schedule = Schedule("step", 25 * 7, 25)
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 1.0)
    reference = torch.optim.lr_scheduler.StepLR(optimizer, 10, 0.1)
    for epoch in range(25):
        shares = [schedule.factor(epoch * 7 + step) for step in range(7)]
        assert shares == pytest.approx([reference.get_last_lr()[0]] * 7)
        optimizer.step()
        reference.step()


def test_adam_decays_through_the_gradient_and_adamw_beside_it(
    make_model: Callable[..., str],
) -> None:
    """At a gradient of 0 a first step of Adam moves by the rate, one of AdamW by rate * decay."""
    moved = {}
    for name in ("adam", "adamw"):
        model, _ = load_model(make_model())
        job = TrainJob(optimizer=name, learning_rate=1e-3, weight_decay=0.5)
        optimizer = build_optimizer(model, job)
        weight = next(p for p in model.parameters() if p.ndim > 1)
        before = weight.detach().clone()
        weight.grad = torch.zeros_like(weight)
        optimizer.step()
        moved[name] = before - weight.detach()
    torch.testing.assert_close(moved["adam"], 1e-3 * before.sign(), atol=1e-5, rtol=1e-3)
    torch.testing.assert_close(moved["adamw"], 0.5e-3 * before, atol=1e-7, rtol=1e-3)


def test_patience_counts_validations_without_a_smaller_loss() -> None:
    patience = EarlyStopping(2)
    losses = (1.0, 1.0, 0.9, 0.95, 0.9)
    assert [patience.should_stop(loss) for loss in losses] == [False, False, False, False, True]
    assert not any(EarlyStopping(0).should_stop(1.0) for _ in range(9))
    assert [EarlyStopping(1).should_stop(loss) for loss in (float("nan"),)] == [True]


def test_averaged_weights_follow_the_formula() -> None:
    layer = torch.nn.BatchNorm1d(1)
    mean, expected = average_weights(layer, 0.5), 0.0
    for count, value in enumerate((4.0, 8.0, 2.0, 6.0)):
        with torch.no_grad():
            layer.weight.fill_(value)
            layer.num_batches_tracked += 1
        mean.update_parameters(layer)
        share = 1.0 if count == 0 else 1 - min(0.5, (1 + count) / (10 + count))
        expected += share * (value - expected)
    assert mean.module.weight.item() == pytest.approx(expected) and expected != 6.0
    assert mean.module.num_batches_tracked.item() == 4


def test_the_average_is_torchs_own_to_the_bit() -> None:
    def update(means: Any, current: Any, count: Any) -> None:
        number = int(count)
        for mean, value in zip(means, current, strict=True):
            if mean.is_floating_point():
                mean.lerp_(value, 1.0 - min(0.9, (1 + number) / (10 + number)))
            else:
                mean.copy_(value)

    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 1), torch.nn.BatchNorm2d(3))
    theirs = AveragedModel(model, multi_avg_fn=update, use_buffers=True)
    ours = average_weights(model, 0.9)
    for _ in range(5):
        with torch.no_grad():
            for parameter in model.parameters():
                parameter += torch.randn_like(parameter)
        model(torch.randn(4, 2, 5, 5))
        theirs.update_parameters(model), ours.update_parameters(model)
        expected, found = theirs.state_dict(), ours.state_dict()
        assert expected.keys() == found.keys()
        assert all(torch.equal(expected[name], found[name]) for name in expected)
    assert found["n_averaged"] == 5 and found["module.1.num_batches_tracked"] == 5


def test_the_average_counts_on_the_processor() -> None:
    """A tensor of the device meta has no value: whoever asked for one would fail."""
    mean = average_weights(torch.nn.BatchNorm1d(1), 0.5).to("meta")
    assert mean.module.weight.device.type == "meta" and mean.n_averaged.device.type == "cpu"
    mean.update_parameters(torch.nn.BatchNorm1d(1, device="meta"))
    mean.update_parameters(torch.nn.BatchNorm1d(1, device="meta"))
    assert mean.n_averaged == 2


def test_a_recipe_fills_only_what_the_job_leaves_open() -> None:
    cmx, _ = with_recipe(TrainJob(architecture="cmx-b2", epochs=7))
    assert (cmx.encoder, cmx.epochs, cmx.accumulation, cmx.validate_every) == ("mit-b2", 7, 4, 5)
    assert cmx.loss == "ohem+dice" and "copy-paste" in cmx.augmentation
    dformer, _ = with_recipe(TrainJob(encoder="mit-b3", loss="ce"))
    assert (dformer.encoder, dformer.epochs, dformer.loss) == ("mit-b3", 40, "ce")
    with pytest.raises(JobError, match="'cmx-b9'; it is one of dualstream-dformer, cmx-b0"):
        with_recipe(TrainJob(architecture="cmx-b9"))


def test_rare_classes_are_drawn_as_often_as_others(
    write_raster: Callable[..., str], tmp_path: Path
) -> None:
    labels = np.zeros((512, 512), np.uint8)
    labels[:, :256] = 1
    labels[40:60, 40:60] = labels[300:320, 40:60] = 2
    image = np.random.default_rng(0).random((1, 512, 512)).astype(np.float32)
    job = TrainJob(
        image=write_raster("i.tif", image),
        labels=write_raster("l.tif", labels),
        tile_size=64,
        validation_share=0.3,
    )
    data = survey(job, find_scenes(job))

    def share_with_rare(balance: float) -> float:
        windows = TrainingWindows(replace(job, class_balance=balance), data)
        return np.mean([(windows[i]["target"] == 2).any() for i in range(len(windows))])

    assert share_with_rare(0.0) < 0.1 and share_with_rare(1.0) > 0.2


def test_the_scaling_is_of_the_data_not_of_what_is_drawn(
    scene: dict[str, Any], events: Any, tmp_path: Path
) -> None:
    def scaling(**changes: Any) -> tuple[tuple[float, ...], ...]:
        job = small(tmp_path, scene, epochs=1, **changes)
        train(job, events)
        card = read_card(job.output)
        return card.image.low, card.image.high, card.auxiliary.mean, card.auxiliary.std

    assert scaling(class_balance=1.0, stream_dropout=0.9) == scaling()


def test_a_training_that_fails_in_its_first_epoch_leaves_nothing(
    scene: dict[str, Any], events: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "failing.py").write_text(
        "def loss(logits, target):\n    return logits[:, 7].mean()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(JobError, match="failing:loss"):
        train(small(tmp_path, scene, loss="failing:loss"), events)
    assert not list((tmp_path / "out").rglob("*"))


def test_what_a_job_asks_for_in_vain_is_said(
    scene: dict[str, Any], events: Any, tmp_path: Path
) -> None:
    job = small(tmp_path, {**scene, "auxiliary": ()}, architecture="cmx-b0", epochs=1)
    train(job, events)
    told = events.messages(Warned)
    assert any("given one stream only" in text for text in told)
    assert any("copy-paste does nothing here: no classes" in text for text in told)


def test_validation_never_shares_ground_with_training(
    scene: dict[str, Any], tmp_path: Path
) -> None:
    from engine.sampling.window_dataset import ValidationWindows

    job = small(tmp_path, scene)
    data = survey(job, find_scenes(job))
    held = {b.window for b in data.blocks if b.is_validation}
    assert held and not held & {b.window for b in data.blocks if not b.is_validation}
    checks = ValidationWindows(job, data)
    format_count = sum((checks[i]["target"] >= 0).sum() for i in range(len(checks)))
    assert format_count == sum(data.counts(is_validation=True).values()), "every pixel once"
    windows = TrainingWindows(job, data)
    for row in range(0, 129, 32):
        from engine.rasters.windows import Window

        window = Window(row, 64, 64, 64)
        target = windows.window_sample(0, window)["target"]
        for block in held:
            shared = window.intersection(block)
            if shared:
                local = shared.shift(-window.row, -window.col)
                part = target[local.row : local.row_stop, local.col : local.col_stop]
                assert (part < 0).all()
    assert all((windows[i]["target"] >= 0).any() for i in range(len(windows)))


def test_water_chips_become_samples(data: Callable[[str], Path], tmp_path: Path) -> None:
    from engine.sampling.window_dataset import TrainingWindows

    job = TrainJob(dataset=str(data("water")), output="m", tile_size=128, stream_dropout=0.0)
    windows = TrainingWindows(job, survey(job, find_scenes(job)))
    sample = windows[0]
    assert sample["image"].shape == (3, 128, 128) and sample["auxiliary"].shape == (3, 16, 16)
    assert np.isfinite(sample["auxiliary"]).all() and set(np.unique(sample["target"])) <= {0, 1}
    windows.start_epoch(1)
    assert not np.array_equal(sample["image"], windows[0]["image"]), "every epoch is new"


def test_the_card_survives_its_json(scene: dict[str, Any], events: Any, tmp_path: Path) -> None:
    job = small(tmp_path, scene, epochs=1, auxiliary=())
    train(job, events)
    card = read_card(job.output)
    assert card.auxiliary.bands == 0 and card.provenance["job"]["epochs"] == 1
    assert json.dumps(card.provenance)


def test_worker_processes_read_what_one_process_reads(
    write_raster: Callable[..., str], tmp_path: Path
) -> None:
    """Forked workers share open files with their parent unless they open their own."""
    from torch.utils.data import DataLoader

    from engine.sampling.window_dataset import TrainingWindows

    noise = np.random.default_rng(0).integers(1, 4000, (2, 1024, 1024)).astype(np.uint16)
    tiled = {"tiled": True, "blockxsize": 64, "blockysize": 64, "compress": "deflate"}
    labels = (noise[:1] > 2000).astype(np.uint8)
    job = TrainJob(
        image=write_raster("i.tif", noise, **tiled),
        labels=write_raster("l.tif", labels),
        tile_size=64,
    )
    # A cache far smaller than the file, or the parent's blocks would hide what workers read wrongly.
    with rasterio.Env(GDAL_CACHEMAX=2**20):
        windows = TrainingWindows(job, survey(job, find_scenes(job)))
        assert len(windows) > 100
        alone = [windows[index]["image"] for index in range(len(windows))]
        apart = DataLoader(windows, batch_size=None, num_workers=3, multiprocessing_context="fork")
        for expected, sample in zip(alone, apart, strict=True):
            assert np.array_equal(expected, sample["image"])


def test_training_stops_when_the_validation_loss_falls_no_more(
    scene: dict[str, Any], events: Any, tmp_path: Path
) -> None:
    """A rate too small to change anything: the second validation is no better than the first."""
    job = small(
        tmp_path,
        scene,
        epochs=9,
        patience=1,
        learning_rate=1e-30,
        ema=0.0,
        checkpoint_every=0,
    )
    done = train(job, events)
    said = (
        "Training stopped after epoch 2 of 9: the validation loss has not fallen for 1 validation."
    )
    assert done.outputs["epochs_run"] == 2 and done.message.endswith(said)
    epochs = [e for e in events.heard if isinstance(e, Metric) and "Epoch" in e.message]
    losses = [event.values["validation_loss"] for event in epochs]
    assert len(losses) == 2 and losses[0] == pytest.approx(losses[1], rel=1e-6)
    assert f", validation loss {losses[0]:.4f}, mIoU" in epochs[0].message
    assert any(isinstance(e, Metric) and e.message == said for e in events.heard)
    assert [e.fraction for e in events.of(Progress)][-1] == 1


def test_a_network_of_one_stream_leaves_the_auxiliary_rasters_of_a_data_set(
    scene: dict[str, Any], tmp_path: Path, events: Any
) -> None:
    table = tmp_path / "scenes.csv"
    coarse = scene["auxiliary"][0]
    table.write_text(f"image,labels,auxiliary\n{scene['image']},{scene['labels']},{coarse}\n")
    job = TrainJob("unet-resnet50", dataset=str(table), output=str(tmp_path / "m.safetensors"))
    assert [s.auxiliary for s in training_scenes(training_plan(job), events)] == [()]
    assert [type(event) for event in events.heard] == [Warned]
    assert "unet-resnet50 sees the image alone" in events.heard[0].message
    kept = training_scenes(training_plan(replace(job, architecture="cmx-b0")), events)
    assert kept[0].auxiliary == (coarse,) and len(events.heard) == 1
