"""The pixel classifier with which a network is compared: on the same split and pixels, bounded, kept, and left out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.assessment import pixel_baseline
from engine.assessment.pixel_baseline import PixelClassifier, learn_pixels
from engine.commands.train import train
from engine.contract.card_reader import read_card
from engine.contract.jobs import TrainJob
from engine.contract.protocol import Event, Metric
from engine.datasets.layouts import find_scenes
from engine.sampling.labelled_pixels import LabelledPixels, pixels_of_blocks, pixels_of_tiles
from engine.sampling.survey import Survey, survey
from engine.sampling.window_dataset import ValidationWindows
from tests.engine.interruption import train_until
from tests.engine.synthetic import squares

pytestmark = pytest.mark.usefixtures("small_networks", "without_pictures")


@pytest.fixture
def job(write_raster: Callable[..., str], tmp_path: Path) -> TrainJob:
    """A band that shows two classes pixel by pixel, and an auxiliary band that gives the labels' pixels away."""
    noise = np.random.default_rng(0)
    labels = squares(noise, 8)
    image = (500 + 900.0 * labels + noise.normal(0, 100, labels.shape)).clip(1, 4000)
    scene = {
        "image": write_raster("image.tif", image.astype(np.uint16)),
        "labels": write_raster("labels.tif", labels),
        "auxiliary": (write_raster("auxiliary.tif", labels.astype(np.float32)),),
    }
    options = {
        "tile_size": 32,
        "batch_size": 2,
        "epochs": 2,
        "device": "cpu",
        "checkpoint_every": 0,
    }
    return TrainJob(**scene, **options, output=str(tmp_path / "m.safetensors"))


def surveyed(job: TrainJob) -> Survey:
    return survey(job, find_scenes(job))


def test_pixels_of_both_streams_are_of_their_own_part_of_the_split(job: TrainJob) -> None:
    data = surveyed(job)
    learnt = [block for block in data.blocks if not block.is_validation]
    drawn = LabelledPixels.join(list(pixels_of_blocks(data, learnt, 32, 10**9, seed=0)))
    held_out = ValidationWindows(job, data)
    scored = LabelledPixels.join(list(pixels_of_tiles(held_out, 10**9, seed=0)))
    for pixels, is_validation in ((drawn, False), (scored, True)):
        expected = data.counts(is_validation)
        values, counts = np.unique(pixels.target, return_counts=True)
        assert {data.classes[v].value: n for v, n in zip(values, counts)} == expected
        assert pixels.bands.shape == (len(pixels.target), 2)
        is_bright = pixels.bands[:, 0] > 950
        assert (is_bright == pixels.target).mean() > 0.99, (
            "bands and classes are of the same pixels"
        )
        assert np.corrcoef(pixels.bands[:, 1], pixels.target)[0, 1] > 0.5
    few = LabelledPixels.join(list(pixels_of_blocks(data, learnt, 32, 500, seed=0)))
    assert 500 <= len(few.target) <= 500 + len(learnt)


def test_one_class_and_a_class_that_was_not_learnt(job: TrainJob) -> None:
    data = surveyed(job)
    one = [replace(b, is_validation=len(b.counts) > 1) for b in data.blocks]
    assert learn_pixels(job, replace(data, blocks=tuple(b for b in one if 0 in b.counts))) is None
    bands = np.repeat(np.float32([[0], [1]]), 50, axis=0)
    classifier = PixelClassifier(3, seed=0)
    classifier.learn(LabelledPixels(bands, np.repeat([0, 2], 50)))
    found = classifier.probabilities(bands)
    assert found.shape == (100, 3) and not found[:, 1].any()
    assert found.argmax(axis=1).tolist() == [0] * 50 + [2] * 50


def test_learning_ends_when_its_time_is_over() -> None:
    noise = np.random.default_rng(0)
    pixels = LabelledPixels(noise.random((400, 3), np.float32), noise.integers(0, 2, 400))
    short, whole = PixelClassifier(2, seed=0), PixelClassifier(2, seed=0)
    short.learn(pixels, seconds=-1)
    whole.learn(pixels)
    assert short._trees.n_iter_ == pixel_baseline._ROUND < whole._trees.n_iter_


def test_given_minutes_leave_a_tenth(job: TrainJob, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []
    monkeypatch.setattr(PixelClassifier, "learn", lambda self, pixels, left: given.append(left))
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)
    data = surveyed(job)
    for minutes in (0.0, 1.0, 600.0):
        learn_pixels(replace(job, minutes=minutes), data)
    assert given == pytest.approx([40.0, 20.0, 4.0, 2.0, 40.0, 20.0]), "both classifiers together"
    given.clear()
    learn_pixels(replace(job, minutes=1.0, auxiliary=()), surveyed(replace(job, auxiliary=())))
    assert given == pytest.approx([6.0]), "without a second stream there is one classifier"


def test_the_image_alone_is_scored_on_the_same_pixels(
    write_raster: Callable[..., str], job: TrainJob
) -> None:
    """The image is noise, and the auxiliary raster gives the classes away."""
    noise = np.random.default_rng(1).integers(1, 4000, (96, 96)).astype(np.uint16)
    job = replace(job, image=write_raster("noise.tif", noise), epochs=1)
    heard: list[Event] = []
    train(job, heard.append)
    (event,) = [e for e in heard if isinstance(e, Metric) and "baseline" in e.values]
    both, alone = event.values["baseline"], event.values["baseline"]["image_alone"]
    assert both["miou"] > 0.9 and alone["miou"] < 0.6 and both["pixels"] == alone["pixels"]
    assert (
        f"With the image alone, the pixel classifier reaches {alone['miou']:.3f}" in event.message
    )


def test_one_stream_has_one_classifier(job: TrainJob, tmp_path: Path) -> None:
    train(replace(job, auxiliary=(), epochs=1), lambda event: None)
    assert "image_alone" not in read_card(job.output).metrics["baseline"]
    text = (tmp_path / "m.report.html").read_text("utf-8")
    assert "A pixel classifier reaches" in text and "image alone" not in text


def test_a_resumed_training_is_compared_too(job: TrainJob, tmp_path: Path) -> None:
    heard: list[Any] = []
    train_until("Epoch 1 of", job)
    train(job, heard.append)
    (told,) = [
        e.values["baseline"] for e in heard if isinstance(e, Metric) and "baseline" in e.values
    ]
    metrics = read_card(job.output).metrics
    assert metrics["baseline"] == told
    assert told["miou"] > 0.9 and told["pixels"] == metrics["pixels"]
    kept = {"miou", "pixel_accuracy", "iou", "pixels"}
    alone = told["image_alone"]
    assert told.keys() == kept | {"image_alone"} and alone.keys() == kept
    text = (tmp_path / "m.report.html").read_text("utf-8")
    assert f"With the image alone, the pixel classifier reaches {alone['miou']:.3f}." in text
    assert "mean of a pixel classifier, image alone" in text
    assert (
        f"A pixel classifier reaches {told['miou']:.3f}, this network {metrics['miou']:.3f}."
        in text
    )
    assert "This model has hardly begun" in text


def test_a_training_without_the_comparison(job: TrainJob, tmp_path: Path) -> None:
    train(replace(job, baseline=False, epochs=1), lambda event: None)
    assert "baseline" not in read_card(job.output).metrics
    assert "pixel classifier" not in (tmp_path / "m.report.html").read_text("utf-8")
