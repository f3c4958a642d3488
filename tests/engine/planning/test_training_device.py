"""The precision of a training on a CPU: chosen by processor and network, told, kept, and never against the user."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.commands.train import train
from engine.compute.devices import Device
from engine.compute.rank_info import RankInfo
from engine.contract.card_reader import read_card
from engine.contract.jobs import TrainJob
from engine.contract.protocol import Metric
from engine.contract.training_files import TRAINING_RECORD, finished_epochs, training_state_path
from engine.planning import training_device as module
from engine.planning.automatic_choices import choices_record
from engine.planning.training_device import training_device
from engine.planning.training_plan import training_plan
from tests.engine.interruption import train_until
from tests.engine.synthetic import squares

DENSE, DEPTHWISE = "smp:Unet:resnet18", "smp:Unet:tu-tf_efficientnet_lite0"


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """A processor with bf16 instructions."""
    monkeypatch.setattr(module, "has_fast_bf16", lambda: True)


def job(folder: Path, **changes: Any) -> TrainJob:
    fields = {"image": ("i.tif",), "labels": "l.tif", "output": str(folder / "m.safetensors")}
    return TrainJob(**{**fields, **changes})


def precision(given: TrainJob) -> str:
    return training_device(training_plan(given), "cpu").precision


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"architecture": DENSE}, "bf16"),
        ({"architecture": "unet-resnet50"}, "bf16"),
        ({"architecture": DEPTHWISE}, "fp32"),
        ({}, "fp32"),
        ({"architecture": "cmx-b0"}, "fp32"),
        ({"architecture": "segformer:mit-b0:64"}, "fp32"),
        ({"architecture": "smp:Unet:no-such-encoder"}, "fp32"),
    ],
)
def test_automatic_takes_bf16_for_dense_convolutions(
    fields: dict[str, Any], expected: str, tmp_path: Path
) -> None:
    assert precision(job(tmp_path, **fields)) == expected


def test_automatic_takes_fp32_on_other_processors(tmp_path: Path) -> None:
    assert precision(job(tmp_path, architecture=DENSE)) == "fp32"


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize(
    ("architecture", "given"), [(DENSE, "fp32"), (DENSE, "bf16"), (DEPTHWISE, "bf16")]
)
def test_an_explicit_precision_wins(architecture: str, given: str, tmp_path: Path) -> None:
    assert precision(job(tmp_path, architecture=architecture, precision=given)) == given


@pytest.mark.usefixtures("fast")
def test_several_processes_train_in_fp32(tmp_path: Path) -> None:
    plan = training_plan(job(tmp_path, architecture=DENSE))
    assert training_device(plan, "cpu", RankInfo(0, 0, 2)).precision == "fp32"


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize(
    ("begun_on", "expected"),
    [
        (Device("cpu", 0, "CPU", "fp32"), "fp32"),
        (Device("cpu", 0, "CPU", "bf16"), "bf16"),
        (Device("cuda", 0, "a card", "fp16"), "bf16"),
    ],
)
def test_a_resumed_training_keeps_the_precision_of_the_processor(
    begun_on: Device, expected: str, tmp_path: Path
) -> None:
    given = job(tmp_path, architecture=DENSE)
    asked = training_plan(given)
    choices = choices_record(asked.choices, asked.job, begun_on)
    record = {"epoch": 1, "epochs": 2, "choices": choices}
    path = training_state_path(given.output)
    path.parent.mkdir(parents=True)
    save_file({"x": torch.zeros(1)}, path, metadata={TRAINING_RECORD: json.dumps(record)})
    assert precision(given) == expected
    assert precision(replace(given, resume=False)) == "bf16"


@pytest.mark.usefixtures("fast", "small_networks")
def test_a_killed_training_in_bf16_ends_in_the_same_weights(
    write_raster: Callable[..., str], tmp_path: Path, events: Any
) -> None:
    """One process also trains in fp32 in between, as a warm engine does."""
    noise = np.random.default_rng(0)
    labels = squares(noise, 4)
    image = (noise.normal(500, 300, (1, 64, 64)) + 900.0 * labels).clip(1, 4000)
    scene = {
        "image": (write_raster("image.tif", image.astype(np.uint16)),),
        "labels": write_raster("labels.tif", labels),
    }
    small = {"pretrained": "none", "tile_size": 32, "batch_size": 2, "report": "none"}
    given = job(tmp_path, **scene, **small, architecture=DENSE, epochs=2, device="cpu")
    whole = replace(given, output=str(tmp_path / "whole.safetensors"))
    assert train(whole, events).outputs["precision"] == "bf16"
    first_message = events.messages(Metric)[0]
    assert first_message.startswith("Training on CPU") and " in bf16." in first_message
    train_until("Epoch 1 of", given)
    assert finished_epochs(given.output) == (1, 2)
    other = replace(given, output=str(tmp_path / "other.safetensors"), precision="fp32")
    assert train(other, events).outputs["precision"] == "fp32"
    train(given, events)
    assert read_card(given.output).provenance["precision"] == "bf16"
    assert read_card(other.output).provenance["precision"] == "fp32"
    first, second, third = (load_file(j.output) for j in (whole, given, other))
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not all(torch.equal(first[name], third[name]) for name in first)
