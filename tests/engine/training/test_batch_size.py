"""The batch size: division of a step, the largest batch that fits, and restarts with smaller batches."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from engine.commands.train import train
from engine.compute.rank_info import RankInfo
from engine.contract.class_table import class_table
from engine.contract.errors import JobError
from engine.contract.jobs import TrainJob
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.contract.protocol import Metric, Warned
from engine.contract.training_files import finished_epochs
from engine.losses.segmentation_loss import parse_loss
from engine.models.model_file import build_network
from engine.sampling.augmentation import parse_augmentation
from engine.sampling.band_statistics import Scaling
from engine.sampling.copy_paste import PasteRoles
from engine.training import batch_size
from engine.training.batch_size import (
    StepBatches,
    TrialStep,
    find_batch_size,
    keep_recipe_step,
    max_batch_windows,
)
from engine.training.epoch_loop import EpochLoop
from engine.training.trainer import Trainer
from tests.engine.interruption import train_until
from tests.engine.synthetic import squares

pytestmark = pytest.mark.usefixtures("without_pages")

GPU = torch.device("cuda")


@pytest.mark.parametrize(
    ("batches", "halved"),
    [((8, 1), (4, 2)), ((4, 3), (2, 6)), ((5, 1), (2, 2)), ((7, 2), (3, 5)), ((3, 4), (1, 12))],
)
def test_half_the_batch_keeps_the_step(batches: tuple[int, int], halved: tuple[int, int]) -> None:
    before, after = StepBatches(*batches), StepBatches(*batches).halve()
    assert after == StepBatches(*halved)
    assert abs(after.windows - before.windows) < after.size
    assert after.windows == before.windows or before.size % 2


def test_a_found_batch_keeps_the_recipes_step() -> None:
    found = [keep_recipe_step(size, 3) for size in (1, 2, 4, 8, 16, 32)]
    assert [b.size for b in found] == [1, 2, 4, 8, 16, 32]
    assert [b.accumulation for b in found] == [12, 6, 3, 2, 1, 1]
    assert str(found[2]) == "12 tiles a step: batches of 4, 3 of them"
    assert str(found[5]) == "32 tiles a step, in one batch"
    assert [max_batch_windows(count) for count in (3, 32, 100)] == [1, 4, 12]


class Device:
    """A GPU with room for a number of windows."""

    def __init__(self, room: int, patch: pytest.MonkeyPatch) -> None:
        self.room, self.tried = room, list[int]()
        patch.setattr(batch_size, "memory_fraction_used", lambda device: self.tried[-1] / self.room)
        patch.setattr(batch_size, "free_cached_memory", lambda device: None)

    def __call__(self, size: int) -> None:
        self.tried.append(size)
        if size > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")


def test_on_a_gpu_growing_batches_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    for room, fits in ((100, 64), (64, 32), (75, 32), (76, 64), (9, 4), (1, 1)):
        device = Device(room, monkeypatch)
        assert find_batch_size(device, 1000, GPU) == fits, room
        assert device.tried == [2**n for n in range(len(device.tried))]
        assert device.tried[-1] == 2 * fits
    assert find_batch_size(Device(1000, monkeypatch), 20, GPU) == 16, "an epoch keeps its steps"
    with pytest.raises(torch.OutOfMemoryError):
        find_batch_size(Device(0, monkeypatch), 20, GPU)

    def fail(size: int) -> None:
        raise ValueError("another error")

    with pytest.raises(ValueError, match="another error"):
        find_batch_size(fail, 20, GPU)


def test_apples_gpu_shares_the_memory_of_all_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    gigabyte = 10**9
    monkeypatch.setattr(torch.mps, "driver_allocated_memory", lambda: 6 * gigabyte)
    monkeypatch.setattr(torch.mps, "recommended_max_memory", lambda: 12 * gigabyte)
    for free, share in ((10, 0.5), (2, 0.75), (0, 1.0)):
        monkeypatch.setattr(batch_size, "free_memory", lambda free=free: free * gigabyte)
        assert batch_size.memory_fraction_used(torch.device("mps")) == share


def test_on_a_cpu_memory_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """30 MB for any batch and 20 MB per window: 85 % of 600 MB hold 24 windows, so 16."""
    tried = []

    def step(size: int) -> None:
        tried.append(size)
        allocated = np.ones((30 + 20 * size) * 10**6, np.uint8)
        time.sleep(0.03)  # until the memory is measured
        assert allocated[-1]

    for free, maximum, fits in ((600e6, 99, 16), (600e6, 9, 8), (60e9, 99, 32), (60e6, 99, 1)):
        monkeypatch.setattr(batch_size, "free_memory", lambda free=free: int(free))
        assert find_batch_size(step, maximum, torch.device("cpu")) == fits
    assert max(tried) == 2, "a batch that might not fit is never tried"


def test_a_trial_has_no_side_effects() -> None:
    image = ImageCard(2, low=(0.0,) * 2, high=(1.0,) * 2)
    classes = class_table({0: "a", 1: "b", 2: "c"})
    card = Card("smp:Unet:resnet18", "resnet18", 3, 32, image, AuxiliaryCard(), classes)
    model, seen = build_network(card), []
    scaling = Scaling((0.0,) * 2, (1.0,) * 2, (), ())
    job = TrainJob(architecture=card.architecture, optimizer="adam", learning_rate=0.1)
    job = replace(job, weight_decay=0.0, augmentation="flips")
    loss = parse_loss("ce").build(3)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].shape))
    augment = parse_augmentation("flips").build(scaling, PasteRoles())
    trial = TrialStep(model, job, card, loss, augment, nullcontext)
    torch.manual_seed(5)
    expected = torch.random.get_rng_state()
    trial(3)
    assert seen == [(3, 2, 32, 32)]
    assert torch.equal(torch.random.get_rng_state(), expected)
    after = model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert set(trial._batch(2)["target"].unique().tolist()) == {0, 1, 2}


@pytest.fixture
def job(write_raster: Callable[..., str], tmp_path: Path, small_networks: None) -> TrainJob:
    """About 40 training windows per epoch and a small network."""
    noise = np.random.default_rng(0)
    labels = squares(noise, 14)
    image = (noise.normal(500, 300, (1, 224, 224)) + 900.0 * labels).clip(1, 4000)
    return TrainJob(
        image=write_raster("image.tif", image.astype(np.uint16)),
        labels=write_raster("labels.tif", labels),
        output=str(tmp_path / "m.safetensors"),
        encoder="mit-b0",
        tile_size=32,
        epochs=2,
        learning_rate=1e-3,
        checkpoint_every=0,
        device="cpu",
    )


Refuse = Callable[[Callable[[int, int], bool]], None]


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Refuse:
    """Runs out of memory after the backward pass of some batches, by their size and number."""
    backward = EpochLoop._backward

    def make(where: Callable[[int, int], bool]) -> None:
        numbers = count(1)

        def refused(self: EpochLoop, batch: Any, *parts: Any, **named: Any) -> torch.Tensor:
            loss = backward(self, batch, *parts, **named)
            if where(len(batch["image"]), next(numbers)):
                raise RuntimeError("could not create a primitive")  # oneDNN's message
            return loss

        monkeypatch.setattr(EpochLoop, "_backward", refused)

    return make


def have_same_weights(one: str, other: str) -> bool:
    first, second = load_file(one), load_file(other)
    return all(torch.equal(first[name], second[name]) for name in first)


def test_batches_that_do_not_fit_are_halved_from_the_start_of_the_epoch(
    job: TrainJob, refuse: Refuse, events: Any, tmp_path: Path
) -> None:
    """The third batch of four is refused, then the fourth of two: as if there had been only ones."""
    refuse(lambda size, number: (size > 2 and number > 2) or (size > 1 and number > 6))
    done = train(replace(job, batch_size=4), events)
    assert (done.outputs["batch_size"], done.outputs["accumulation"]) == (1, 4)
    assert [text for text in events.messages(Warned) if "fit" in text] == [
        "Epoch 1: batches of 4 do not fit into the memory, so it begins again with 4 tiles a step: batches of 2, "
        "2 of them.",
        "Epoch 1: batches of 2 do not fit into the memory, so it begins again with 4 tiles a step: batches of 1, "
        "4 of them.",
    ]
    refuse(lambda size, number: False)
    small = replace(job, batch_size=1, accumulation=4, output=str(tmp_path / "small.safetensors"))
    train(small, events)
    assert have_same_weights(job.output, small.output)


def test_halved_in_a_later_epoch_it_goes_back_to_the_state_on_disk(
    job: TrainJob, refuse: Refuse, events: Any, tmp_path: Path
) -> None:
    """The result equals that of a training that is resumed with half the batch size."""
    refuse(lambda size, number: False)
    other = replace(job, batch_size=4, output=str(tmp_path / "other.safetensors"))
    train_until("Epoch 1", other)
    train(replace(other, batch_size=2, accumulation=2), events)
    assert any("Resuming after epoch 1 of 2" in text for text in events.messages(Metric))
    assert "Learning from 4 tiles a step: batches of 2, 2 of them." in events.messages(Metric)
    refuse(lambda size, number: size > 2 and number > 14)
    train(replace(job, batch_size=4), events)
    warned = [
        text
        for text in events.messages(Warned)
        if text.startswith("Epoch 2: batches of 4 do not fit")
    ]
    assert len(warned) == 1 and have_same_weights(job.output, other.output)


def test_a_single_window_that_does_not_fit_is_a_failure(
    job: TrainJob, refuse: Refuse, events: Any
) -> None:
    refuse(lambda size, number: True)
    with pytest.raises(RuntimeError, match="could not create a primitive"):
        train(replace(job, batch_size=2), events)
    assert "2 tiles a step: batches of 1, 2 of them" in events.messages(Warned)[-1]
    assert finished_epochs(job.output) == (0, 0)


def test_several_processes_do_not_try(
    job: TrainJob, refuse: Refuse, events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One cannot go back alone: the others wait for its gradients."""
    refuse(lambda size, number: size > 2)
    made = Trainer.__init__

    def many(self: Trainer, **parts: Any) -> None:
        made(self, **parts)
        self._ranks = RankInfo(0, 0, 2)

    monkeypatch.setattr(Trainer, "__init__", many)
    with pytest.raises(JobError, match=r"Batches of 4 do not fit.*batch_size 2 and accumulation 2"):
        train(replace(job, batch_size=4), events)


@pytest.mark.parametrize(
    ("size", "accumulation", "less"),
    [(8, 1, (4, 2)), (6, 1, (3, 2)), (5, 1, (1, 5)), (7, 2, (2, 7)), (5, 6, (2, 15))],
)
def test_the_advice_keeps_the_windows_of_a_step(
    size: int, accumulation: int, less: tuple[int, int]
) -> None:
    message = StepBatches(size, accumulation).too_large_message()
    assert message.endswith(f"give batch_size {less[0]} and accumulation {less[1]}.")


def test_a_training_whose_batches_were_found_goes_on_with_those_that_are_advised(
    job: TrainJob, events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.training.batch_size.find_batch_size", lambda *_: 2)
    train_until("Epoch 1", replace(job, batch_size=0))
    train(replace(job, batch_size=1, accumulation=4), events)
    assert any("Resuming after epoch 1 of 2" in text for text in events.messages(Metric))


def test_batch_size_0_is_found_reported_and_kept(
    job: TrainJob, events: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maxima = []

    def two(attempt: Callable[[int], None], maximum: int, device: torch.device) -> int:
        attempt(1)  # which must not change the training
        maxima.append(maximum)
        return 2

    monkeypatch.setattr("engine.training.batch_size.find_batch_size", two)
    automatic = replace(job, batch_size=0, accumulation=3)
    train_until("Epoch 1", automatic, events)
    done = train(automatic, events)
    assert len(maxima) == 1 and maxima[0] >= 4, "the batch size is found once"
    assert (done.outputs["batch_size"], done.outputs["accumulation"]) == (2, 6)
    text = "Learning from 12 tiles a step: batches of 2, 6 of them."
    assert events.messages(Metric).count(text) == 2
    given = replace(job, batch_size=2, accumulation=6, output=str(tmp_path / "given.safetensors"))
    train(given, events)
    assert have_same_weights(job.output, given.output), "the trial has no side effects"


def test_a_batch_size_is_found_on_the_cpu(job: TrainJob, events: Any) -> None:
    done = train(replace(job, batch_size=0, epochs=1), events)
    assert done.outputs["batch_size"] in (1, 2, 4, 8, 16)
    assert done.outputs["batch_size"] * 8 <= 40
