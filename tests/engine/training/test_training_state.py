"""State and checkpoints of a training: complete, atomic, and resumed by the same training only."""

from __future__ import annotations

import errno
import json
import math
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from engine.contract.card_reader import read_card
from engine.contract.class_table import class_table
from engine.contract.errors import JobError
from engine.contract.jobs import TrainJob
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.contract.output_files import lock_output, lock_path
from engine.contract.training_files import (
    checkpoint_folder,
    finished_epochs,
    training_state_path,
)
from engine.datasets.layouts import find_scenes
from engine.planning.training_context import training_key
from engine.sampling.band_statistics import Scaling
from engine.sampling.survey import survey
from engine.training.checkpoints import Checkpoints
from engine.training.epoch_loop import seed_epoch
from engine.training.optimizer import average_weights
from engine.training.schedule import EarlyStopping, Schedule
from engine.training.training_state import TrainerState, has_same_step
from tests.engine.synthetic import squares

CLASSES = class_table({0: "a", 1: "b"})
CARD = Card("dualstream-dformer", "mit-b0", 1, 64, ImageCard(1), AuxiliaryCard(), CLASSES)
RECORD = {"epoch": 2, "epochs": 9, "best": "", "best_epoch": 0}


def build_state(scaler: torch.amp.GradScaler | None = None) -> TrainerState:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 1), torch.nn.BatchNorm2d(3))
    optimizer = torch.optim.AdamW(model.parameters(), 0.1)
    mean, schedule = average_weights(model, 0.9), Schedule("plateau", 100)
    return TrainerState(model, mean, optimizer, schedule, EarlyStopping(4), scaler)


def step(state: TrainerState, seed: int) -> None:
    """One step on a random batch, and a validation without improvement."""
    generator = torch.Generator().manual_seed(seed)
    state.model(torch.rand(4, 2, 5, 5, generator=generator)).square().sum().backward()
    state.optimizer.step()
    state.optimizer.zero_grad()
    assert state.ema_model is not None
    state.ema_model.update_parameters(state.model)
    state.schedule.update(1 / (1 + seed))
    state.early_stopping.should_stop(1.0 + seed)


def test_the_whole_state_is_restored(tmp_path: Path) -> None:
    state, output = build_state(), str(tmp_path / "m.safetensors")
    for seed in range(3):
        step(state, seed)
    Checkpoints(output, "key").save(state.tensors(), {**RECORD, **state.numbers()})
    for seed in range(3, 6):
        step(state, seed)
    # As in a new process: other weights, no steps, a new schedule.
    other, checkpoints = build_state(), Checkpoints(output, "key")
    assert checkpoints.epoch == 2
    tensors = checkpoints.load()
    before = {name: value.clone() for name, value in tensors.items()}
    other.restore(tensors, checkpoints.record)
    for seed in range(3, 6):
        step(other, seed)
    expected, result = state.tensors(), other.tensors()
    assert expected.keys() == result.keys()
    kinds = {name.split(".")[-1] for name in result}
    assert {"exp_avg", "exp_avg_sq", "step", "n_averaged", "running_var"} <= kinds
    assert all(torch.equal(expected[name], result[name]) for name in expected)
    assert other.numbers() == state.numbers()
    schedule = other.schedule.state_dict()
    assert schedule == {"level": pytest.approx(1 / 3), "best": 1.0, "waited": 2}
    # The loaded tensors may be a memory-mapped file, so training must not modify them.
    assert all(torch.equal(before[name], tensors[name]) for name in before)


def test_the_optimizer_s_moments_have_the_order_in_memory_of_their_parameters(
    tmp_path: Path,
) -> None:
    """On Windows a step rounds otherwise where they differ."""
    states = [build_state(), build_state()]
    for state in states:
        state.model[0] = torch.nn.Conv2d(2, 3, 3).to(memory_format=torch.channels_last)
        state.optimizer = torch.optim.AdamW(state.model.parameters(), 0.1)
    one, other = states
    one.ema_model = other.ema_model = None
    one.model(torch.rand(4, 2, 5, 5)).sum().backward()
    one.optimizer.step()
    other.restore({name: t.contiguous() for name, t in one.tensors().items()}, one.numbers())
    for parameter, parts in other.optimizer.state.items():
        assert parts["exp_avg"].stride() == parameter.stride()
        assert parts["exp_avg_sq"].stride() == parameter.stride()
    assert not other.model[0].weight.is_contiguous()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists what a process maps")
def test_a_resumed_training_does_not_hold_its_state_open(tmp_path: Path) -> None:
    state, output = build_state(), str(tmp_path / "m.safetensors")
    step(state, 0)
    Checkpoints(output, "key").save(state.tensors(), {**RECORD, **state.numbers()})
    other, checkpoints = build_state(), Checkpoints(output, "key")
    other.restore(checkpoints.load(), checkpoints.record)
    maps = Path("/proc/self/maps").read_text()
    assert str(tmp_path) not in maps, "Windows could not replace the file after the next epoch"


def test_infinite_numbers_are_restored(tmp_path: Path) -> None:
    state, output = build_state(), str(tmp_path / "m.safetensors")
    Checkpoints(output, "key").save(state.tensors(), {**RECORD, **state.numbers()})
    record = Checkpoints(output, "key").record
    assert record["schedule"]["best"] == -math.inf and record["patience"]["least"] == math.inf


def test_the_gradient_scaler_discards_an_interrupted_step() -> None:
    scaler = torch.amp.GradScaler("cpu", init_scale=8.0)
    state = build_state(scaler)
    tensors = {name: value.clone() for name, value in state.tensors().items()}
    numbers = state.numbers()
    assert numbers["scaler"]["scale"] == 8.0
    for _ in range(2):  # a step that is interrupted between clipping and stepping, twice
        scaler.scale(state.model(torch.rand(4, 2, 5, 5)).sum()).backward()
        scaler.unscale_(state.optimizer)
        scaler._scale.fill_(2.0)  # type: ignore[union-attr]
        state.restore(tensors, numbers)
        assert scaler.get_scale() == 8.0
        assert all(p.grad is None for p in state.model.parameters())


def test_seeds_make_an_epoch_repeatable() -> None:
    def draws(*numbers: int) -> tuple[float, float, float]:
        rng = seed_epoch(*numbers)
        return float(torch.rand(())), float(np.random.rand()), float(torch.rand((), generator=rng))

    assert draws(3, 1) == draws(3, 1, 0)
    found = [draws(*n) for n in ((3, 1, 0), (3, 2, 0), (4, 1, 0), (3, 1, 1), (2**70, 1, 0))]
    for position in range(3):
        assert len({each[position] for each in found}) == len(found)
    assert draws(3, 1)[0] != draws(3, 1)[2], "augmentation and network draw differently"


def files(output: str) -> list[str]:
    folder = checkpoint_folder(output)
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def scored(epoch: int) -> Card:
    return replace(CARD, metrics={"epoch": epoch, "miou": 0.5})


def test_the_state_names_the_best_of_a_finished_epoch(tmp_path: Path) -> None:
    output, model = str(tmp_path / "out" / "m.safetensors"), torch.nn.Linear(1, 1)
    kept = Checkpoints(output, "key")
    assert finished_epochs(output) == (0, 0) and not files(output)
    best = kept.save_best(model, scored(1))
    kept.save({}, {**RECORD, "epoch": 1, "best": best, "best_epoch": 1})
    assert files(output) == ["best-001.safetensors", "state.safetensors"]
    assert finished_epochs(output) == (1, 9) and kept.epoch == 1
    kept.save_best(model, scored(2))  # and then it is killed
    (checkpoint_folder(output) / "state.safetensors.new").write_bytes(b"half")
    again = Checkpoints(output, "key")
    assert again.epoch == 1 and again.record["best"] == "best-001.safetensors"
    again.save_epoch(model, scored(2))
    better = again.save_best(model, scored(2))
    again.save({}, {**RECORD, "best": better, "best_epoch": 2})
    wanted = ["best-002.safetensors", "epoch-002.safetensors", "state.safetensors"]
    assert files(output) == wanted
    (checkpoint_folder(output) / "best-009.safetensors.part").write_bytes(b"half")
    again.publish(model, scored(2))
    assert read_card(output).metrics["epoch"] == 2 and again.epoch == 0
    assert files(output) == ["epoch-002.safetensors"]


def test_another_training_is_refused_until_the_user_discards_it(tmp_path: Path) -> None:
    output, model = str(tmp_path / "m.safetensors"), torch.nn.Linear(1, 1)
    earlier = Checkpoints(output, "key")
    earlier.save_epoch(model, scored(5))
    earlier.save({}, RECORD)
    before = files(output)
    with pytest.raises(
        JobError, match=r"m.safetensors \(2 of 9 epochs\) cannot continue: .*--no_resume"
    ):
        Checkpoints(output, "other")
    discarding = Checkpoints(output, "other", resume=False)
    assert discarding.epoch == 0 and not discarding.record and files(output) == before
    assert "an unfinished training (2 of 9 epochs)" in discarding.discarded_message
    assert Checkpoints(output, "key").epoch == 2, "nothing is lost before the first file"
    discarding.save_best(model, scored(1))
    assert files(output) == ["best-001.safetensors"] and finished_epochs(output) == (0, 0)


def test_epochs_of_a_finished_training_are_replaced(tmp_path: Path) -> None:
    output, model = str(tmp_path / "m.safetensors"), torch.nn.Linear(1, 1)
    Checkpoints(output, "key").save_epoch(model, scored(5))
    kept = Checkpoints(output, "other")
    assert files(output) == ["epoch-005.safetensors"]
    kept.save_epoch(model, scored(1))
    assert files(output) == ["epoch-001.safetensors"]


def test_only_leftovers_of_trainings_are_removed(tmp_path: Path) -> None:
    output, model = str(tmp_path / "m.safetensors"), torch.nn.Linear(1, 1)
    folder = checkpoint_folder(output)
    folder.mkdir()
    for name in ("state.safetensors", "best-003.safetensors", "a.part", "state.safetensors.new"):
        (folder / name).touch()
    (folder / "notes.txt").touch()
    Checkpoints(output, "key").save_epoch(model, scored(1))
    assert files(output) == ["epoch-001.safetensors", "notes.txt"]


def test_the_best_weights_stay_until_the_model_is_published(tmp_path: Path) -> None:
    """A process that is killed before it removes the state publishes the same bytes the next time."""
    output, model = str(tmp_path / "m.safetensors"), torch.nn.Linear(1, 1)
    best_weight = model.weight.item()
    kept, card = Checkpoints(output, "key"), scored(2)
    card.metrics["dice"] = math.nan
    best = kept.save_best(model, card)
    record = {**RECORD, "best": best, "best_epoch": 2, "metrics": card.metrics, "epochs": 2}
    kept.save({}, record)
    shutil.copytree(checkpoint_folder(output), tmp_path / "killed")
    model.weight.data.fill_(7.0)  # as after further epochs, and in a new process
    restored = kept.restore_best(model, card)
    assert model.weight.item() == best_weight and math.isnan(restored.metrics["dice"])
    kept.publish(model, restored)
    written = Path(output).read_bytes()
    assert not checkpoint_folder(output).exists()
    (tmp_path / "killed").rename(checkpoint_folder(output))
    again = Checkpoints(output, "key")
    assert again.epoch == 2
    later = replace(card, provenance={"date": "a later run's"})
    again.publish(model, again.restore_best(model, later))
    assert Path(output).read_bytes() == written and not checkpoint_folder(output).exists()
    checkpoint_folder(output).mkdir()
    Checkpoints(output, "key").save({}, record)
    with pytest.raises(JobError, match="its files or the version"):
        Checkpoints(output, "key")


def test_a_model_is_moved_from_another_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, replaced = str(tmp_path / "m.safetensors"), os.replace
    Path(output).write_text("an older one")
    kept = Checkpoints(output, "key")
    model = torch.nn.Linear(1, 1)
    best = kept.save_best(model, scored(1))
    kept.save({}, {**RECORD, "best": best, "best_epoch": 1})

    def replace_on_one_disk(new: Any, old: Any) -> None:
        if Path(new).parent != Path(old).parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        replaced(new, old)

    monkeypatch.setattr("engine.contract.file_replacement.os.replace", replace_on_one_disk)
    kept.publish(model, scored(1))
    assert read_card(output).metrics["epoch"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["m.safetensors"]


@pytest.mark.parametrize("damage", ["no best", "another best", "half a state", "no state"])
def test_an_incomplete_state_is_not_resumed(tmp_path: Path, damage: str) -> None:
    output, model = str(tmp_path / "m.safetensors"), torch.nn.Linear(1, 1)
    kept = Checkpoints(output, "key")
    best = kept.save_best(model, scored(1))
    kept.save(build_state().tensors(), {**RECORD, "best": best, "best_epoch": 1})
    assert Checkpoints(output, "key").epoch == 2
    state = training_state_path(output)
    if damage == "no best":
        (checkpoint_folder(output) / best).unlink()
    elif damage == "another best":
        kept.save_best(model, scored(2)), kept.save_best(model, scored(1))
        (checkpoint_folder(output) / "best-002.safetensors").replace(state.with_name(best))
    elif damage == "half a state":
        state.write_bytes(state.read_bytes()[:100])
    else:
        state.write_bytes(b"\xff" * 64)
    if "best" in damage:
        with pytest.raises(JobError, match="its files or the version"):
            Checkpoints(output, "key")
    assert Checkpoints(output, "key", resume=False).epoch == 0


def test_a_full_disk_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = str(tmp_path / "m.safetensors")
    kept = Checkpoints(output, "key")
    kept.save({}, RECORD)

    def full(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("engine.training.checkpoints.save_file", full)
        with pytest.raises(JobError, match="No space left on device.*is the disk full"):
            kept.save({}, {**RECORD, "epoch": 3})
    assert finished_epochs(output) == (2, 9), "the state before is whole"
    assert load_file(training_state_path(output)) == {}


@pytest.fixture
def job(write_raster: Callable[..., str]) -> TrainJob:
    noise = np.random.default_rng(0)
    labels = squares(noise, 8)
    image = noise.integers(1, 255, (2, 128, 128)).astype(np.uint16)
    names = write_raster("image.tif", image), write_raster("labels.tif", labels)
    return TrainJob(image=names[0], labels=names[1], tile_size=32, accumulation=3, batch_size=4)


def key(job: TrainJob, low: float = 0.0) -> str:
    return training_key(job, survey(job, find_scenes(job)), Scaling((low,), (1.0,), (), ()))


def test_the_key_of_a_training(job: TrainJob, write_raster: Callable[..., str]) -> None:
    same = key(job)
    for free in (
        {"output": "elsewhere.safetensors"},
        {"device": "cpu", "precision": "bf16", "checkpoint_every": 1, "resume": False},
        {"batch_size": 2, "accumulation": 6},
        {"picture_bands": (3, 2, 1)},
    ):
        assert key(replace(job, **free)) == same, free
    changes = {"epochs": 7, "seed": 1, "loss": "ce", "class_names": ("0=land", "1=water")}
    for name, value in changes.items():
        assert key(replace(job, **{name: value})) != same, name
    assert key(job, low=0.5) != same, "other statistics of the pixels"
    times = Path(job.labels[0]).stat()
    os.utime(job.labels[0], ns=(times.st_atime_ns, times.st_mtime_ns + 1000))
    assert key(job) != same, "a file that was written again"
    os.utime(job.labels[0], ns=(times.st_atime_ns, times.st_mtime_ns))
    assert key(job) == same


@pytest.mark.parametrize(
    ("asked", "batches", "now", "is_same"),
    [
        ((4, 3), (4, 3), (4, 3), True),
        ((4, 3), (4, 3), (2, 6), True),
        ((5, 1), (2, 2), (1, 5), True),  # halved, with rounding
        ((4, 3), (4, 3), (2, 3), False),
        ((4, 3), (4, 3), (0, 3), False),
        ((0, 3), (8, 3), (0, 3), True),
        ((0, 3), (8, 3), (4, 6), True),
        ((0, 3), (8, 3), (4, 3), False),
        ((0, 3), (8, 3), (0, 6), False),
    ],
)
def test_a_step_must_have_as_many_windows(
    asked: tuple[int, int], batches: tuple[int, int], now: tuple[int, int], is_same: bool
) -> None:
    record = {"asked": [*asked], "batches": [*batches]}
    assert has_same_step(record, TrainJob(batch_size=now[0], accumulation=now[1])) is is_same


def test_the_key_depends_on_the_sources_of_a_virtual_raster(job: TrainJob, tmp_path: Path) -> None:
    import rasterio
    from rasterio.shutil import copy

    virtual = str(tmp_path / "labels.vrt")
    copy(job.labels[0], virtual, driver="VRT")
    seen = replace(job, labels=virtual)
    same = key(seen)
    with rasterio.open(job.labels[0], "r+") as file:
        values = file.read(1)
        values[:16, :16] = 1 - values[:16, :16]
        file.write(values, 1)
    assert key(seen) != same


def test_one_run_at_a_time(tmp_path: Path) -> None:
    output = tmp_path / "new" / "m.safetensors"
    with lock_output(output):
        assert lock_path(output).exists()
        refused = pytest.raises(JobError, match=r"Another run is writing .*m\.safetensors: wait")
        with refused, lock_output(output):
            pass
    assert not output.parent.exists()


def test_the_plugin_can_read_how_far_a_training_is(tmp_path: Path) -> None:
    """With the standard library: the record is JSON in the file's header."""
    output = str(tmp_path / "m.safetensors")
    Checkpoints(output, "key").save(build_state().tensors(), RECORD)
    raw = training_state_path(output).read_bytes()
    header = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])
    assert json.loads(header["__metadata__"]["dualstream_training"])["epochs"] == 9
    assert finished_epochs(output) == (2, 9)
