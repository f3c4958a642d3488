"""An unfinished training names the options that have changed, before torch is loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from engine.contract.changed_options import OPTIONS, options_record, refuse_other_options
from engine.contract.errors import JobError
from engine.contract.jobs import TrainJob
from engine.contract.training_files import TRAINING_RECORD, training_state_path


@pytest.fixture
def job(tmp_path: Path) -> TrainJob:
    """A job whose training was stopped after epoch 2 of 4."""
    output = str(tmp_path / "forest.safetensors")
    job = TrainJob(
        image=("a/scene.tif",), labels=("roads.gpkg",), output=output, learning_rate=0.001
    )
    record = {"epoch": 2, "epochs": 4, OPTIONS: options_record(job)}
    state = training_state_path(output)
    state.parent.mkdir()
    save_file({"weights": torch.zeros(1)}, state, {TRAINING_RECORD: json.dumps(record)})
    return job


def refused(job: TrainJob) -> str:
    with pytest.raises(JobError) as error:
        refuse_other_options(job)
    return str(error.value)


def test_the_options_that_differ_are_named(job: TrainJob) -> None:
    sentence = refused(replace(job, learning_rate=0.002))
    assert sentence.startswith(
        "The unfinished training of forest.safetensors (2 of 4 epochs) cannot continue: "
        "learning_rate is 0.002 (was 0.001). Choose another file"
    )
    assert len(sentence) < 250
    assert "labels is rivers.gpkg (was roads.gpkg)" in refused(
        replace(job, labels=("b/rivers.gpkg",))
    )
    many = replace(job, learning_rate=0.002, weight_decay=0.1, ema=0.5, crop=2.0, seed=3)
    assert "seed is 3 (was 0), learning_rate is 0.002 (was 0.001), weight_decay" in refused(many)
    assert "(was 0.01) and 2 more. Choose" in refused(many)


def test_what_may_be_the_same_in_the_end_is_left_to_the_training(job: TrainJob) -> None:
    refuse_other_options(job)
    refuse_other_options(replace(job, encoder="mit-b0"))  # which may have been chosen before
    refuse_other_options(replace(job, minutes=3.0, precision="bf16", epochs=job.epochs))
    refuse_other_options(replace(job, learning_rate=0.002, resume=False))
    refuse_other_options(replace(job, learning_rate=0.002, output="other.safetensors"))


def test_a_value_of_the_recipe_may_be_given_too(job: TrainJob) -> None:
    recipe = replace(job, learning_rate=0.0)
    refuse_other_options(recipe)  # 0.001 too
    assert "loss is dice (was ce+dice)" in refused(replace(recipe, loss="dice"))


def test_the_comparison_needs_no_torch() -> None:
    code = "import sys, engine.contract.changed_options; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
