"""A training on corrections that starts from a model: it resumes to the same bytes and tells what it changed."""

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
from engine.contract.jobs import TrainJob
from engine.contract.protocol import Event, Metric
from tests.engine.interruption import train_until
from tests.engine.synthetic import box, squares, write_geojson

pytestmark = pytest.mark.usefixtures("small_networks", "without_pictures")


@pytest.fixture
def job(write_raster: Callable[..., str], tmp_path: Path) -> TrainJob:
    """A model that learnt labels whose left half is wrong, and corrections of the lower left."""
    noise = np.random.default_rng(1)
    truth = squares(noise, 8)
    image = noise.normal(500, 100, (2, 128, 128))
    image[1] += 900.0 * truth
    labels = truth.copy()
    labels[:, :64] = 0
    labels[64:, :64] = 255
    corner = (box(64, 0, 64, 64), {"checked": True})
    checked = write_geojson(tmp_path / "checked.geojson", corner)
    first = TrainJob(
        image=write_raster("image.tif", image.clip(1, 4000).astype(np.uint16)),
        labels=write_raster("labels.tif", labels, nodata=255),
        encoder="mit-b0",
        tile_size=32,
        batch_size=2,
        epochs=2,
        learning_rate=0.02,
        device="cpu",
        checkpoint_every=0,
        output=str(tmp_path / "first.safetensors"),
    )
    train(replace(first, report="none"), silent)
    return replace(
        first,
        start=first.output,
        output=str(tmp_path / "second.safetensors"),
        corrections=write_raster("truth.tif", truth),
        checked=str(checked),
        epochs=3,
    )


def silent(event: Event) -> None:
    """Hears nothing."""


def test_the_report_compares_before_and_after(job: TrainJob, events: Any) -> None:
    done = train(job, events)
    before, after = done.outputs["before"], done.outputs
    assert after["miou"] > before["miou"] and before["iou"].keys() == after["metrics"]["iou"].keys()
    text = Path(done.outputs["report"]).read_text("utf-8")
    assert "<h2>Before and after</h2>" in text
    first, best = f"{before['miou']:.3f}", after["metrics"]["epoch"]
    history = json.loads(Path(job.output).with_suffix(".history.json").read_text("utf-8"))
    assert after["after"] == {name: history["epochs"][best][name] for name in before}
    gained = after["after"]["miou"] - before["miou"]
    assert f'{first}</td><td class="number">' in text and f"{gained:+.3f}" in text
    assert "Tiles in which the masks differ most" in text
    assert all(caption in text for caption in ("Mask before", "Mask after", "Changed: "))
    told = next(m for m in events.messages(Metric) if "Corrected pixels among them" in m)
    assert " + " in told
    anew = replace(job, start="", epochs=1, output=job.output + ".2.safetensors")
    again = train(anew, silent)
    assert again.outputs["before"] == {}
    assert "Before and after" not in Path(again.outputs["report"]).read_text("utf-8")


def test_a_killed_training_on_corrections_ends_in_the_same_bytes(
    job: TrainJob, tmp_path: Path
) -> None:
    train(replace(job, report="none"), silent)
    other = replace(job, output=str(tmp_path / "other.safetensors"))
    train_until("Epoch 2 of", other)
    done = train(other, silent)
    assert done.outputs["epochs_resumed"] == 2 and done.outputs["before"]
    whole, resumed = load_file(job.output), load_file(other.output)
    assert all((whole[name] == resumed[name]).all() for name in whole)
    text = Path(done.outputs["report"]).read_text("utf-8")
    assert "Tiles in which the masks differ most" in text
