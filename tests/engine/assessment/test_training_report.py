"""A training's page, history and contributions: written, resumed, left out, and without influence on the model."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from engine.commands.train import train
from engine.contract.card_reader import read_card
from engine.contract.errors import JobError
from engine.contract.jobs import TrainJob
from engine.contract.protocol import Event, Warned
from engine.contract.training_files import history_path, read_training_record, report_path
from tests.engine.interruption import train_until
from tests.engine.synthetic import squares

pytestmark = pytest.mark.usefixtures("small_networks", "without_pictures")


@pytest.fixture
def scene(write_raster: Callable[..., str]) -> dict[str, Any]:
    """Two image bands, of which the second shows the classes, and an auxiliary band of noise."""
    noise = np.random.default_rng(0)
    labels = squares(noise, 8)
    image = noise.normal(500, 100, (2, 128, 128))
    image[1] += 900.0 * labels
    return {
        "image": write_raster("image.tif", image.clip(1, 4000).astype(np.uint16)),
        "labels": write_raster("labels.tif", labels),
    }


@pytest.fixture
def job(scene: dict[str, Any], tmp_path: Path) -> TrainJob:
    options = {"encoder": "mit-b0", "tile_size": 32, "batch_size": 2, "epochs": 3, "device": "cpu"}
    output = str(tmp_path / "m.safetensors")
    return TrainJob(**scene, **options, learning_rate=0.02, checkpoint_every=0, output=output)


def silent(event: Event) -> None:
    """Hears nothing."""


def without_time(path: Path) -> list[dict[str, Any]]:
    epochs = json.loads(path.read_text("utf-8"))["epochs"]
    return [{k: v for k, v in epoch.items() if k != "seconds"} for epoch in epochs]


def test_page_history_and_card_have_the_same_numbers(job: TrainJob, tmp_path: Path) -> None:
    done = train(job, silent)
    page, history = tmp_path / "m.report.html", tmp_path / "m.history.json"
    assert done.outputs["report"] == str(page)
    text, metrics = page.read_text("utf-8"), read_card(job.output).metrics
    assert f"<b>{metrics['miou']:.3f}</b>mIoU in validation" in text
    assert "http-equiv" not in text and "Sample tiles, the worst first" in text
    assert f"the model&#39;s epoch, of {job.epochs}" in text and "m.safetensors" in text
    assert np.sum(metrics["confusion"]) == metrics["pixels"]
    epochs = json.loads(history.read_text("utf-8"))["epochs"]
    assert [epoch["epoch"] for epoch in epochs] == [1, 2, 3]
    best = epochs[metrics["epoch"] - 1]
    assert best["validation_loss"] == metrics["validation_loss"] and best["learning_rate"] > 0
    seconds = [epoch["seconds"] for epoch in epochs]
    assert seconds == sorted(seconds) and seconds[0] > 0


def test_history_is_unbroken_and_the_page_tells_an_interruption(
    job: TrainJob, tmp_path: Path
) -> None:
    whole = replace(job, output=str(tmp_path / "whole.safetensors"), report="none")
    train(whole, silent)
    train_until("Epoch 2 of", job)
    page = report_path(job.output)
    assert page and "was interrupted after epoch" in page.read_text("utf-8")
    assert not history_path(job.output).exists()
    assert len(read_training_record(job.output)["history"]) == 2
    train(replace(job, report=str(tmp_path / "elsewhere.html")), silent)
    assert without_time(history_path(job.output)) == without_time(history_path(whole.output))
    assert read_card(job.output).metrics == read_card(whole.output).metrics
    assert "was interrupted" in page.read_text("utf-8")
    assert "Sample tiles" in (tmp_path / "elsewhere.html").read_text("utf-8")


def test_the_report_never_changes_the_model(job: TrainJob, tmp_path: Path) -> None:
    without = replace(job, output=str(tmp_path / "without.safetensors"), report="none")
    done = [train(job, silent), train(without, silent)]
    assert done[1].outputs["report"] == "" and not (tmp_path / "without.report.html").exists()
    one, other = load_file(job.output), load_file(without.output)
    assert all(np.array_equal(values, other[name]) for name, values in one.items())
    assert read_card(job.output).metrics == read_card(without.output).metrics


def test_the_band_that_shows_the_classes_matters(job: TrainJob) -> None:
    train(replace(job, report="none"), silent)
    record = read_card(job.output).metrics["contribution"]
    assert record["miou"].keys() == {"image"} and record["windows"] <= record["of"]
    noise, signal = (band["lost"] for band in record["bands"])
    assert signal > 0.2 and abs(noise) < 0.1


def test_each_stream_is_left_out(scene: dict[str, Any], tmp_path: Path) -> None:
    auxiliary, output = (scene["image"],), str(tmp_path / "two.safetensors")
    options = {"image_bands": (2,), "auxiliary_bands": (1,), "tile_size": 32, "epochs": 2}
    encoder = {"architecture": "cmx-b0", "pretrained": "none", "device": "cpu"}
    job = TrainJob(**scene, auxiliary=auxiliary, output=output, **options, **encoder)
    train(replace(job, augmentation="flips"), silent)
    metrics = read_card(output).metrics
    record = metrics["contribution"]
    assert record["miou"].keys() == record["iou"].keys() == {"both", "image", "auxiliary"}
    assert [band["stream"] for band in record["bands"]] == ["image", "auxiliary"]
    text = (tmp_path / "two.report.html").read_text("utf-8")
    assert "auxiliary alone" in text and "Auxiliary: 1 band" in text


def test_a_page_that_cannot_be_written_is_refused_at_first_and_a_warning_later(
    job: TrainJob, tmp_path: Path
) -> None:
    with pytest.raises(JobError, match=r"must end in \.html"):
        train(replace(job, report=str(tmp_path / "a.txt")), silent)
    page, heard = tmp_path / "m.report.html", list[Event]()

    def block(event: Event) -> None:
        heard.append(event)
        page.mkdir(exist_ok=True)

    done = train(job, block)
    warned = [e.message for e in heard if isinstance(e, Warned) and "report" in e.message]
    assert len(warned) == 1 and "could not be written" in warned[0]
    assert Path(job.output).exists() and done.outputs["miou"] > 0
