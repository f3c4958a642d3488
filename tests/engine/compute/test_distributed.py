"""Two processes that learn as one: what they tell each other, and a training of theirs against one's."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from affine import Affine

from engine.commands.train import train
from engine.compute.devices import choose_device
from engine.compute.distributed import (
    RankInfo,
    describe_step,
    gathered,
    pixel_weight,
    sync_norms,
    wrap_ddp,
)
from engine.contract.architectures import with_recipe
from engine.contract.jobs import TrainJob
from engine.contract.protocol import Done, Event, Failed, Metric, Warned, decode
from engine.datasets.layouts import find_scenes
from engine.models.factory import build_model
from engine.models.model_file import load_model
from engine.sampling.survey import survey
from engine.sampling.window_dataset import ValidationWindows
from engine.training.loss_spec import parse_loss
from engine.training.rank_reporter import RankReporter, explained
from engine.training.validation import Validator
from tests.engine.ranked import (
    found_by_ranks,
    moved,
    rows_of_all,
    run_ranks,
    scored_windows,
    validated,
    without_chance,
)
from tests.engine.synthetic import UTM_GRID, squares

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def collectives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where two ranks have left what they told each other."""
    return found_by_ranks(tmp_path_factory.getbasetemp())


def told(folder: Path) -> list[dict[str, Any]]:
    return [json.loads((folder / f"told-{rank}.json").read_text()) for rank in (0, 1)]


def test_torchruns_variables_say_who_this_is() -> None:
    said = {"RANK": "5", "LOCAL_RANK": "1", "WORLD_SIZE": "8"}
    assert (
        RankInfo.from_environment(said) == RankInfo(5, 1, 8)
        and not RankInfo.from_environment(said).is_main_process
    )
    assert (
        RankInfo.from_environment({})
        == RankInfo()
        == RankInfo.from_environment({"WORLD_SIZE": "4"})
    )
    assert RankInfo().is_main_process and not RankInfo().is_distributed


def test_the_effective_batch_is_stated() -> None:
    four = RankInfo(0, 0, 4)
    assert describe_step(four, 4, 2) == (
        "4 processes x batch 4 x 2 accumulated = 32 windows a step."
    )
    assert describe_step(four, 4, 1) == "4 processes x batch 4 = 16 windows a step."


def test_numbers_are_joined_and_the_same_on_every_rank(collectives: Path) -> None:
    first, second = told(collectives)
    assert first["gathered"] == second["gathered"] == [[7, 0.5], [5, 0.5]]
    assert first["shared"] == second["shared"] == [1.0, 1.0]
    assert (first["weight"], second["weight"]) == (1.5, 0.5)
    assert first["device"].startswith("2 x CPU")


def test_one_process_is_alone() -> None:
    network = torch.nn.Linear(2, 1)
    assert wrap_ddp(network, CPU) is network
    assert gathered(1.5) == [1.5] and pixel_weight(torch.tensor(9)).item() == 1


def test_validation_of_two_ranks_is_that_of_one(collectives: Path, tmp_path: Path) -> None:
    """Three windows, one to a batch of two at rank 1: no window twice, none left out, weighted by pixels."""
    alone = validated(tmp_path, *scored_windows())
    for found in told(collectives):
        scores, loss = found["validation"], found["validation"]["loss"]
        assert [scores["iou"], scores["dice"]] == [list(alone["iou"]), list(alone["dice"])]
        assert scores["pixels"] == alone["pixels"] == (scored_windows()[1] >= 0).sum()
        assert scores["miou"] == alone["miou"]
        assert loss == pytest.approx(alone["loss"], rel=1e-6)
    first, second = (found["validation"]["pictures"] for found in told(collectives))
    assert "epoch-001-1.png" in first and not second


def test_gradients_are_averaged_also_after_weights_are_freed(collectives: Path) -> None:
    first, second = (found["moved"] for found in told(collectives))
    assert first == second
    assert first == pytest.approx(moved(rows_of_all(), CPU), abs=1e-6)
    assert first != pytest.approx(moved(rows_of_all()[:2], CPU), abs=1e-4)


@pytest.mark.parametrize("name", ["cmx-b0", "smp:Unet:resnet18"])
def test_norms_are_joined_on_gpus_and_on_processors_a_warning_says_that_they_are_not(
    name: str, events: Any
) -> None:
    bands = 1 if name == "cmx-b0" else 0
    network = build_model(name, bands=3, auxiliary_bands=bands, tile_size=64)
    before = {key: value.data_ptr() for key, value in network.state_dict().items()}
    assert sync_norms(network, CPU, events) is network
    (warning,) = events.heard
    assert isinstance(warning, Warned) and "On a CPU each process normalises" in warning.message
    synced = sync_norms(network, torch.device("cuda"), events)
    assert not any(type(module) is torch.nn.BatchNorm2d for module in synced.modules())
    assert {key: value.data_ptr() for key, value in synced.state_dict().items()} == before
    sync_norms(torch.nn.Sequential(torch.nn.LayerNorm(3)), CPU, events)
    assert len(events.heard) == 1, "without batch norms there is nothing to say"


# A whole training ----------------------------------------------------------------------------------


@pytest.fixture
def scene(write_raster: Callable[..., str]) -> dict[str, Any]:
    """Bright squares on noise, some pixels unlabelled; a coarse raster beside."""
    noise = np.random.default_rng(0)
    labels = squares(noise, 12)
    image = (noise.normal(60, 10, (2, 192, 192)) + 90.0 * labels).astype(np.uint8)
    labels[:20, 170:] = 255
    coarse = noise.random((3, 12, 12)).astype(np.float32)
    return {
        "image": write_raster("image.tif", image),
        "labels": write_raster("labels.tif", labels, nodata=255),
        "auxiliary": (write_raster("coarse.tif", coarse, transform=UTM_GRID @ Affine.scale(16)),),
    }


def job_of(scene: dict[str, Any], output: Path, **changes: Any) -> TrainJob:
    fields = {
        "output": str(output),
        "tile_size": 64,
        "epochs": 2,
        "validate_every": 1,
        "batch_size": 1,
        "accumulation": 1,
        "learning_rate": 1e-3,
        "augmentation": "none",
        "loss": "ce",
        "device": "cpu",
        **scene,
    }
    return TrainJob(**{**fields, **changes})


def losses(events: list[Event]) -> np.ndarray:
    """The loss, the validation loss and the mIoU of each epoch."""
    epochs = [e.values for e in events if isinstance(e, Metric) and "validation_loss" in e.values]
    return np.array([[e["loss"], e["validation_loss"], e["miou"]] for e in epochs])


def said_by(folder: Path, rank: int) -> list[Event]:
    return [decode(line) for line in (folder / f"said-{rank}.jsonl").read_text().splitlines()]


def start(folder: Path, job: TrainJob) -> list[Any]:
    folder.mkdir(exist_ok=True)
    (folder / "job.json").write_text(json.dumps(asdict(job)))
    return run_ranks("training", folder)


def test_two_processes_learn_as_one_with_the_doubled_batch(
    scene: dict[str, Any], events: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same but for float sums taken in another order: 1e-6 was measured of the losses."""
    network = {"architecture": "dualstream-dformer", "encoder": "mit-b0", "warmup_epochs": 1}
    two = job_of(scene, tmp_path / "two" / "m.safetensors", **network)
    ended = start(tmp_path / "two", two)
    assert [rank.returncode for rank in ended] == [0, 0], ended[0].stderr + ended[1].stderr
    monkeypatch.setattr("engine.training.training_run.build_network", without_chance())
    one = replace(two, output=str(tmp_path / "one.safetensors"), batch_size=2)
    train(one, events)
    said = said_by(tmp_path / "two", 0)
    assert isinstance(said[-1], Done) and said[-1].outputs["device_used"].startswith("2 x CPU")
    assert any(
        "2 processes x batch 1 = 2 windows a step." in getattr(e, "message", "") for e in said
    )
    assert not said_by(tmp_path / "two", 1), "rank 0 alone reports"
    np.testing.assert_allclose(losses(said), losses(events.heard), rtol=1e-5)
    first, second = (load_model(job.output)[0].state_dict() for job in (one, two))
    assert first.keys() == second.keys()
    apart, size = (
        sum(float(value.double().square().sum()) for value in values) ** 0.5
        for values in ([first[name] - second[name] for name in first], first.values())
    )
    assert apart < 2e-3 * size, (apart, size)


def test_the_scores_of_two_processes_are_those_of_the_saved_weights(
    scene: dict[str, Any], events: Any, tmp_path: Path
) -> None:
    """With batch norms, whose running statistics differ between processes on a CPU: rank 0's are scored and saved."""
    job = job_of(scene, tmp_path / "m.safetensors", architecture="cmx-b0", epochs=1, ema=0.9)
    ended = start(tmp_path / "two", job)
    assert [rank.returncode for rank in ended] == [0, 0], ended[0].stderr + ended[1].stderr
    said = said_by(tmp_path / "two", 0)
    assert sum("On a CPU each process" in e.message for e in said if isinstance(e, Warned)) == 1
    network, card = load_model(job.output)
    job, _ = with_recipe(job)
    windows = ValidationWindows(job, survey(job, find_scenes(job), streams_share_grid=True))
    judge = Validator(windows, job, card, parse_loss("ce").build(card.logits), choose_device("cpu"))
    found = judge.validate(network, 1)
    assert losses(said)[0, 1:] == pytest.approx([found.loss, found.scores.miou], rel=1e-5)


@pytest.mark.slow
def test_two_processes_go_on_where_one_was_interrupted(
    scene: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_of(scene, tmp_path / "m.safetensors", encoder="mit-b0")
    heard: list[Event] = []

    def interrupted(event: Event) -> None:
        heard.append(event)
        if isinstance(event, Metric) and event.message.startswith("Epoch 1"):
            raise KeyboardInterrupt

    monkeypatch.setattr("engine.training.training_run.build_network", without_chance())
    with pytest.raises(KeyboardInterrupt):
        train(job, interrupted)
    ended = start(tmp_path / "two", job)
    assert [rank.returncode for rank in ended] == [0, 0], ended[0].stderr + ended[1].stderr
    said = said_by(tmp_path / "two", 0)
    assert isinstance(said[-1], Done) and said[-1].outputs["epochs_resumed"] == 1
    first, second = losses(heard), losses(said)
    assert len(first) == len(second) == 1 and second[0, 0] < 0.8 * first[0, 0]
    assert load_model(job.output)[1].provenance["processes"] == 2


@pytest.mark.slow
def test_an_error_of_all_ranks_is_said_once(scene: dict[str, Any], tmp_path: Path) -> None:
    job = job_of(scene, tmp_path / "m.safetensors", optimizer="nosuch")
    ended = start(tmp_path / "failing", job)
    assert [rank.returncode for rank in ended] == [2, 2]
    said = [event for rank in (0, 1) for event in said_by(tmp_path / "failing", rank)]
    assert [e for e in said if isinstance(e, Failed)] == [
        Failed("There is no optimizer 'nosuch'; it is adamw or adam.")
    ]


# One voice -----------------------------------------------------------------------------------------


def test_only_the_first_failure_is_said() -> None:
    store, heard = torch.distributed.HashStore(), []
    ranks = [RankReporter(RankInfo(n, n, 3), heard.append, store) for n in range(3)]
    for reporter in ranks:
        reporter.emit(Metric("a"))
    assert heard == [Metric("a")]
    ranks[2].emit(Failed("it is full"))
    ranks[0].emit(Failed("a defect", "RuntimeError: Connection closed by peer"))
    assert heard == [Metric("a"), Failed("it is full")]


def test_a_lost_process_is_a_sentence() -> None:
    lost = explained(Failed("a defect", "RuntimeError: Connection closed by peer [127.0.0.1]"), 4)
    assert lost.message.startswith("One of the 4 processes") and not lost.details
    other = Failed("a defect", "ValueError: x")
    assert explained(other, 4) is other
