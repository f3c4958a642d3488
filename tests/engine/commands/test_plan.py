"""The plan of a training tells what the training itself then does, and writes nothing."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from huggingface_hub import constants

from engine.commands.plan import plan
from engine.commands.train import train
from engine.compute.eta import format_duration
from engine.contract.card_reader import read_card
from engine.contract.errors import JobError, RasterError
from engine.contract.jobs import TrainJob
from engine.contract.protocol import Warned
from tests.engine.synthetic import squares


@pytest.fixture
def job(write_raster, tmp_path) -> TrainJob:
    noise = np.random.default_rng(0)
    labels = squares(noise, 12)
    image = (noise.normal(500, 100, (2, 192, 192)) + 1500.0 * labels).astype(np.uint16)
    return TrainJob(
        architecture="smp:Unet:resnet18",
        pretrained="none",
        image=(write_raster("image.tif", image),),
        labels=write_raster("labels.tif", labels),
        epochs=1,
        device="cpu",
    )


@pytest.mark.usefixtures("small_networks")
def test_the_plan_is_what_the_training_does(job, events, tmp_path) -> None:
    before = sorted(tmp_path.iterdir())
    told = plan(job, events)
    assert sorted(tmp_path.iterdir()) == before
    assert told.message.startswith(
        "Image: 192 x 192 px, 10 m per pixel, 2 bands, uint16. No auxiliary rasters. 2 classes:"
    )
    assert "with random weights. About " in told.message
    model = str(tmp_path / "model.safetensors")
    done = train(TrainJob(**{**vars(job), "output": model}), events)
    card = read_card(model)
    assert told.outputs["classes"] == done.outputs["classes"]
    assert (told.outputs["tile_size"], told.outputs["image_bands"]) == (
        card.tile_size,
        card.image.bands,
    )
    assert told.outputs["device"] == done.outputs["device_used"] and told.outputs["seconds"] > 0


@pytest.mark.usefixtures("small_networks")
def test_a_plan_for_a_given_time_says_whether_it_is_enough(job, events) -> None:
    told = plan(TrainJob(**{**vars(job), "minutes": 30.0, "batch_size": 0}), events)
    assert told.outputs["seconds"] == 1800 and "About 30 min on CPU" in told.message
    assert not [event for event in events.of(Warned) if "on this computer" in event.message]


@pytest.mark.usefixtures("small_networks")
def test_a_time_that_cannot_be_kept_is_told_before_the_run(job, events, monkeypatch) -> None:
    """On a computer that needs a second for each window."""
    seconds = itertools.count()
    monkeypatch.setattr("engine.commands.plan.time.monotonic", lambda: 4.0 * next(seconds))
    monkeypatch.setattr("engine.commands.plan.Stopwatch", lambda: SimpleNamespace(seconds=5.0))
    told = plan(TrainJob(**{**vars(job), "minutes": 0.5}), events)
    least, short = [e.message for e in events.of(Warned) if "on this computer" in e.message]
    assert told.outputs["seconds"] > 8 * 4.0
    seconds = format_duration(told.outputs["seconds"])
    assert least == f"These data need about {seconds} at least on this computer."
    assert f"About {seconds} on CPU" in told.message
    assert short == (
        "0.5 min is short for these data on this computer. Give it 10 minutes or more, or tiles of 128 px."
    )


@pytest.mark.usefixtures("small_networks")
def test_the_plan_of_folds_says_how_many_models_it_makes(job, events) -> None:
    told = plan(TrainJob(**{**vars(job), "folds": 5, "epochs": 2}), events)
    assert "One model for each of 5 folds. About " in told.message
    assert told.outputs["seconds"] > 0
    with pytest.raises(JobError, match="from 0 to 20"):
        plan(TrainJob(**{**vars(job), "folds": 99}), events)


def test_nothing_is_downloaded(job, events, tmp_path, monkeypatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("socket.socket.connect", forbidden)
    told = plan(TrainJob(**{**vars(job), "pretrained": "imagenet", "minutes": 3.0}), events)
    (warning,) = [event.message for event in events.of(Warned) if "weights" in event.message]
    assert warning.endswith("are not on this computer yet: the training downloads them once.")
    assert told.outputs["pretrained"] in warning and "with the weights" in told.message


def test_what_a_training_would_refuse_is_told(job, events, tmp_path) -> None:
    with pytest.raises(JobError, match="multiple of 32"):
        plan(TrainJob(**{**vars(job), "tile_size": 100}), events)
    with pytest.raises(RasterError, match="no such file"):
        plan(TrainJob(**{**vars(job), "labels": str(Path(tmp_path, "none.tif"))}), events)
