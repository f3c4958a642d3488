"""Two ranks exchange results, and train as one process does with the doubled batch."""

from __future__ import annotations

import json
import sys
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
    all_gather,
    describe_step,
    pixel_weight,
    sync_batch_norms,
    wrap_ddp,
)
from engine.compute.rank_info import RankInfo
from engine.compute.rank_reporter import RankReporter, explain_failure
from engine.contract.architectures import with_recipe
from engine.contract.jobs import TrainJob
from engine.contract.protocol import Done, Event, Failed, Metric, Warned, decode
from engine.datasets.layouts import find_scenes
from engine.losses.segmentation_loss import parse_loss
from engine.models.factory import build_model
from engine.models.model_file import load_model
from engine.sampling.survey import survey
from engine.sampling.window_dataset import ValidationWindows
from engine.training.validation import Validator
from tests.engine import ranked
from tests.engine.interruption import train_until
from tests.engine.ranked import (
    INPUT,
    calibrate_echo,
    run_ranks,
    scored_windows,
    trained_weights,
    validate_echo,
    without_dropout,
)
from tests.engine.synthetic import UTM_GRID, squares

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="on Windows torch starts no processes that train together"
)

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def collectives(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The results of the task ``collectives`` on two ranks."""
    folder = tmp_path_factory.mktemp("collectives")
    run_ranks(ranked.collectives, folder)
    return [json.loads((folder / f"results-{rank}.json").read_text()) for rank in (0, 1)]


def test_the_rank_is_read_from_the_environment_variables_of_torchrun() -> None:
    ranks = RankInfo.from_environment({"RANK": "5", "LOCAL_RANK": "1", "WORLD_SIZE": "8"})
    assert ranks == RankInfo(5, 1, 8) and not ranks.is_main_process
    for environment in ({}, {"WORLD_SIZE": "4"}):
        ranks = RankInfo.from_environment(environment)
        assert ranks == RankInfo() and ranks.is_main_process and not ranks.is_distributed


def test_the_effective_batch_is_stated() -> None:
    four = RankInfo(0, 0, 4)
    two_batches = "Learning in 4 processes x batch 4 x 2 accumulated = 32 tiles a step."
    assert describe_step(four, 4, 2) == two_batches
    assert describe_step(four, 4, 1) == "Learning in 4 processes x batch 4 = 16 tiles a step."


def test_gathered_values_are_the_same_on_every_rank(collectives: list[dict[str, Any]]) -> None:
    first, second = collectives
    assert first["gathered"] == second["gathered"] == [[7, 0.5], [5, 0.5]]
    assert first["shared"] == second["shared"] == [1.0, 1.0]
    assert first["shared_weight"] == second["shared_weight"] == 3
    assert (first["weight"], second["weight"]) == (1.5, 0.5)
    assert first["device"].startswith("2 x CPU")


def test_one_process_needs_no_communication() -> None:
    network = torch.nn.Linear(2, 1)
    assert wrap_ddp(network, CPU) is network
    assert all_gather(1.5) == [1.5] and pixel_weight(torch.tensor(9)).item() == 1


def test_two_ranks_validate_as_one_process(
    collectives: list[dict[str, Any]], tmp_path: Path
) -> None:
    """Of three windows, rank 1 has one: every window counts once, weighted by its pixels."""
    single = validate_echo(tmp_path)
    for rank, results in enumerate(collectives):
        scores = results["validation"]
        assert [scores["iou"], scores["dice"]] == [list(single["iou"]), list(single["dice"])]
        assert scores["pixels"] == single["pixels"] == (scored_windows()[1] >= 0).sum()
        assert scores["miou"] == single["miou"]
        assert scores["loss"] == pytest.approx(single["loss"], rel=1e-6)
        assert ("epoch-001-1.png" in scores["pictures"]) == (rank == 0)
        assert bool(scores["pictures"]) == (rank == 0)


def test_two_ranks_calibrate_as_one_process(
    collectives: list[dict[str, Any]], tmp_path: Path
) -> None:
    for number, logits in enumerate((1, 2)):
        single = calibrate_echo(tmp_path, logits)
        assert [results["calibrations"][number] for results in collectives] == [single] * 2
        assert single["calibration"]["temperature"] > 2 and max(single["factor"]) < 2


def test_gradients_are_averaged_also_after_unfreezing(collectives: list[dict[str, Any]]) -> None:
    first, second = (results["weights"] for results in collectives)
    assert first == second
    assert first == pytest.approx(trained_weights(INPUT), abs=1e-6)
    assert first != pytest.approx(trained_weights(INPUT[:2]), abs=1e-4)


@pytest.mark.parametrize("name", ["cmx-b0", "smp:Unet:resnet18"])
def test_batch_norms_are_synchronised_on_gpus_and_a_cpu_gives_a_warning(
    name: str, events: Any
) -> None:
    bands = 1 if name == "cmx-b0" else 0
    network = build_model(name, bands=3, auxiliary_bands=bands, tile_size=64)
    before = {key: value.data_ptr() for key, value in network.state_dict().items()}
    assert sync_batch_norms(network, CPU, events) is network
    (warning,) = events.heard
    assert isinstance(warning, Warned) and "On a CPU each process normalises" in warning.message
    synced = sync_batch_norms(network, torch.device("cuda"), events)
    assert not any(type(module) is torch.nn.BatchNorm2d for module in synced.modules())
    assert {key: value.data_ptr() for key, value in synced.state_dict().items()} == before
    sync_batch_norms(torch.nn.Sequential(torch.nn.LayerNorm(3)), CPU, events)
    assert len(events.heard) == 1, "no warning without batch norms"


# A whole training ----------------------------------------------------------------------------------


@pytest.fixture
def scene(write_raster: Callable[..., str]) -> dict[str, Any]:
    """Bright squares on noise with some unlabelled pixels, and a coarse auxiliary raster."""
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
        "report": "none",
        "loss": "ce",
        "device": "cpu",
        **scene,
    }
    return TrainJob(**{**fields, **changes})


def losses(events: list[Event]) -> np.ndarray:
    """The loss, the validation loss and the mIoU of each epoch."""
    epochs = [e.values for e in events if isinstance(e, Metric) and "validation_loss" in e.values]
    return np.array([[e["loss"], e["validation_loss"], e["miou"]] for e in epochs])


def train_on_two_ranks(folder: Path, job: TrainJob, exit_code: int = 0) -> list[list[Event]]:
    """The events of each rank."""
    folder.mkdir(exist_ok=True)
    (folder / "job.json").write_text(json.dumps(asdict(job)))
    run_ranks(ranked.training, folder, exit_code)
    files = [folder / f"events-{rank}.jsonl" for rank in (0, 1)]
    return [[decode(line) for line in file.read_text().splitlines()] for file in files]


def test_two_processes_learn_as_one_with_the_doubled_batch(
    scene: dict[str, Any], events: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Except for the order of float sums: the losses differ by 1e-6."""
    network = {"architecture": "dualstream-dformer", "encoder": "mit-b0", "warmup_epochs": 1}
    two = job_of(scene, tmp_path / "two" / "m.safetensors", **network)
    reported, silent = train_on_two_ranks(tmp_path / "two", two)
    monkeypatch.setattr("engine.training.initial_network.build_network", without_dropout())
    one = replace(two, output=str(tmp_path / "one.safetensors"), batch_size=2)
    train(one, events)
    done = reported[-1]
    assert isinstance(done, Done) and done.outputs["device_used"].startswith("2 x CPU")
    messages = [getattr(event, "message", "") for event in reported]
    assert any("2 processes x batch 1 = 2 tiles a step." in text for text in messages)
    assert not silent, "only rank 0 reports"
    np.testing.assert_allclose(losses(reported), losses(events.heard), rtol=1e-5)
    first, second = (load_model(job.output)[0].state_dict() for job in (one, two))
    assert first.keys() == second.keys()
    difference, size = (
        sum(float(value.double().square().sum()) for value in values) ** 0.5
        for values in ([first[name] - second[name] for name in first], first.values())
    )
    assert difference < 2e-3 * size, (difference, size)


@pytest.mark.slow
def test_the_scores_of_two_processes_are_those_of_the_saved_weights(
    scene: dict[str, Any], events: Any, tmp_path: Path
) -> None:
    """Running statistics of batch norms differ between ranks on a CPU: those of rank 0 are scored and saved."""
    job = job_of(scene, tmp_path / "m.safetensors", architecture="cmx-b0", epochs=1, ema=0.9)
    reported = train_on_two_ranks(tmp_path / "two", job)[0]
    warnings = [event.message for event in reported if isinstance(event, Warned)]
    assert sum("On a CPU each process" in text for text in warnings) == 1
    network, card = load_model(job.output)
    with torch.no_grad():  # as before the calibration
        for parameter in network.last_layer.parameters():
            parameter *= card.metrics["calibration"]["temperature"]
    card = replace(card, threshold=0.5)
    job, _ = with_recipe(job)
    windows = ValidationWindows(job, survey(job, find_scenes(job), streams_share_grid=True))
    loss = parse_loss("ce").build(card.logits)
    validator = Validator(windows, job.batch_size, job.output, card, loss, choose_device("cpu"))
    validation = validator.validate(network, 1)
    expected = [validation.loss, validation.scores.miou]
    assert losses(reported)[0, 1:] == pytest.approx(expected, rel=1e-5)


@pytest.mark.slow
def test_two_processes_resume_the_interrupted_training_of_one(
    scene: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_of(scene, tmp_path / "m.safetensors", encoder="mit-b0")
    heard: list[Event] = []
    monkeypatch.setattr("engine.training.initial_network.build_network", without_dropout())
    train_until("Epoch 1", job, heard.append)
    reported = train_on_two_ranks(tmp_path / "two", job)[0]
    assert isinstance(reported[-1], Done) and reported[-1].outputs["epochs_resumed"] == 1
    first, second = losses(heard), losses(reported)
    assert len(first) == len(second) == 1 and second[0, 0] < 0.8 * first[0, 0]
    assert load_model(job.output)[1].provenance["processes"] == 2


@pytest.mark.slow
def test_two_processes_agree_on_the_length_for_a_time(
    scene: dict[str, Any], tmp_path: Path
) -> None:
    """Each measures another speed; if they did not agree they would wait for each other for ever."""
    job = job_of(scene, tmp_path / "m.safetensors", encoder="mit-b0", epochs=0, minutes=0.5)
    reported, silent = train_on_two_ranks(tmp_path / "two", job)
    assert isinstance(reported[-1], Done) and not silent
    assert load_model(job.output)[1].provenance["length"]["minutes"] == 0.5


@pytest.mark.slow
def test_an_error_of_all_ranks_is_reported_once(scene: dict[str, Any], tmp_path: Path) -> None:
    job = job_of(scene, tmp_path / "m.safetensors", encoder="nosuch")
    reported, silent = train_on_two_ranks(tmp_path / "failing", job, exit_code=2)
    (failure,) = [event for event in reported + silent if isinstance(event, Failed)]
    assert "There is no encoder 'nosuch'" in failure.message


# Reports -------------------------------------------------------------------------------------------


def test_only_the_first_failure_is_reported() -> None:
    store, heard = torch.distributed.HashStore(), []
    ranks = [RankReporter(RankInfo(n, n, 3), heard.append, store) for n in range(3)]
    for reporter in ranks:
        reporter.emit(Metric("a"))
    assert heard == [Metric("a")]
    ranks[2].emit(Failed("it is full"))
    ranks[0].emit(Failed("a defect", "RuntimeError: Connection closed by peer"))
    assert heard == [Metric("a"), Failed("it is full")]


def test_a_lost_process_is_explained() -> None:
    lost = explain_failure(
        Failed("a defect", "RuntimeError: Connection closed by peer [127.0.0.1]"), 4
    )
    assert lost.message.startswith("One of the 4 processes") and not lost.details
    other = Failed("a defect", "ValueError: x")
    assert explain_failure(other, 4) is other
