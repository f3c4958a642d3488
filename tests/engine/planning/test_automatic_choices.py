"""A resumed training keeps what was chosen automatically before."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from engine.compute.devices import Device
from engine.contract.jobs import TrainJob
from engine.contract.training_files import TRAINING_RECORD, training_state_path
from engine.planning.automatic_choices import choices_record
from engine.planning.training_plan import training_plan

GPU = Device("cuda", 0, "a card", "fp16")


def leave_state(job: TrainJob) -> None:
    """Leaves the state of a training that a GPU began, with other choices than this machine would make."""
    plan = training_plan(job)
    chosen = replace(plan.job, encoder="mit-b1", pretrained="imagenet", tile_size=512)
    record = {"epoch": 3, "epochs": 9, "choices": choices_record(plan.choices, chosen, GPU)}
    path = training_state_path(job.output)
    path.parent.mkdir(parents=True)
    save_file({"x": torch.zeros(1)}, path, metadata={TRAINING_RECORD: json.dumps(record)})


@pytest.mark.parametrize(
    ("change", "is_kept"),
    [
        ({}, True),
        ({"device": "cpu"}, True),
        ({"minutes": 60.0}, True),
        ({"seed": 3}, False),
        ({"resume": False}, False),
    ],
)
def test_choices_of_the_same_job_are_kept(
    change: dict[str, object], is_kept: bool, tmp_path: Path
) -> None:
    job = TrainJob(image=("i.tif",), labels="l.tif", output=str(tmp_path / "m.safetensors"))
    leave_state(job)
    plan = training_plan(replace(job, **change))
    found = plan.job.encoder, plan.job.pretrained, plan.job.tile_size
    assert found == (("mit-b1", "imagenet", 512) if is_kept else ("automatic", "automatic", 0))
    assert plan.is_tile_automatic != is_kept


def test_an_incomplete_record_is_ignored(tmp_path: Path) -> None:
    job = TrainJob(image=("i.tif",), labels="l.tif", output=str(tmp_path / "m.safetensors"))
    fresh = training_plan(job)
    path = training_state_path(job.output)
    path.parent.mkdir(parents=True)
    save_file({"x": torch.zeros(1)}, path, metadata={TRAINING_RECORD: '{"epoch": 3, "epochs": 9}'})
    assert training_plan(job) == fresh
