"""A training ends with a summary of its land: of training windows, with a limit from the held-out land."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.assessment.training_land import FeatureSample
from engine.commands.info import info
from engine.commands.segment import segment
from engine.commands.train import train
from engine.contract.card_reader import read_card
from engine.contract.class_table import IGNORE_INDEX
from engine.contract.file_jobs import InfoJob
from engine.contract.jobs import SegmentJob, TrainJob
from engine.contract.unlike import UNLIKE, has_land_summary
from engine.models.model_file import load_model
from tests.engine.small_network import FeatureNetwork, use_small_networks
from tests.engine.synthetic import squares
from tests.engine.training.test_train_resume import Stop, after, assert_same

pytestmark = pytest.mark.usefixtures("without_pages")

SIDE = 320


def scene(noise: np.random.Generator, labels: np.ndarray, brighter: float = 0.0) -> np.ndarray:
    image = noise.normal(500 + brighter, 100, (1, *labels.shape)) + 900.0 * labels
    return image.clip(1, 60_000).astype(np.uint16)


@pytest.fixture
def job(
    write_raster: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> TrainJob:
    """A small scene of bright and dark squares."""
    use_small_networks(monkeypatch, FeatureNetwork)
    noise = np.random.default_rng(0)
    labels = squares(noise, SIDE // 16)
    return TrainJob(
        image=write_raster("image.tif", scene(noise, labels)),
        labels=write_raster("labels.tif", labels),
        output=str(tmp_path / "m.safetensors"),
        encoder="mit-b0",
        tile_size=64,
        batch_size=4,
        epochs=2,
        learning_rate=1e-3,
        checkpoint_every=0,
        device="cpu",
    )


def test_a_training_learns_its_land(job: TrainJob, write_raster: Callable[..., str]) -> None:
    train(job, Stop())
    record = read_card(job.output).metrics[UNLIKE]
    network, card = load_model(job.output)
    assert record["limit"] == float(network.land_summary.limit) > 0  # type: ignore[union-attr, arg-type]
    # Positions of 8 x 8 px that hold a validation pixel, each once.
    pixels = sum(card.provenance["validation_pixels"].values())
    assert pixels / 64 <= record["held_out"] <= 2 * pixels / 64
    noise = np.random.default_rng(3)
    shares = []
    for brighter in (0, 5000):
        image = scene(noise, squares(noise, SIDE // 16), brighter)
        names = {"image": write_raster(f"{brighter}.tif", image), "output": job.output + ".tif"}
        shares.append(segment(SegmentJob(model=(job.output,), **names), Stop()))
    like, unlike = (done.outputs["unlike_percent"] for done in shares)
    assert like < 10 and unlike > 90, (like, unlike)
    assert "keeps a summary of its training land" in info(InfoJob(model=job.output), Stop()).message


def test_a_stopped_training_has_the_same_summary(job: TrainJob, tmp_path: Path) -> None:
    whole = replace(job, output=str(tmp_path / "whole.safetensors"))
    train(whole, Stop())
    stops = Stop(after(1)), Stop(lambda e: getattr(e, "message", "").startswith("Calibrating"))
    for stop in stops:
        with pytest.raises(KeyboardInterrupt):
            train(job, stop)
    train(job, Stop())
    assert_same(job, whole)
    assert has_land_summary(read_card(job.output))


def test_a_training_from_a_model_learns_its_own_land(
    job: TrainJob, write_raster: Callable[..., str], tmp_path: Path
) -> None:
    train(job, Stop())
    noise = np.random.default_rng(3)
    labels = squares(noise, SIDE // 16)
    other = replace(
        job,
        start=job.output,
        image=write_raster("other.tif", scene(noise, labels, 400)),
        labels=write_raster("other-labels.tif", labels),
        output=str(tmp_path / "other.safetensors"),
    )
    train(other, Stop())
    one, two = (load_model(path)[0].land_summary.bias for path in (job.output, other.output))  # type: ignore[union-attr]
    assert not torch.allclose(one, two)  # type: ignore[arg-type]


def test_a_network_without_features_has_none(
    job: TrainJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_small_networks(monkeypatch)
    train(job, Stop())
    assert not has_land_summary(read_card(job.output))
    assert load_model(job.output)[0].land_summary is None


def test_a_sample_does_not_depend_on_batches_and_is_of_labelled_land(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.assessment.training_land._MAX_FEATURES", 6 * 5 * 10)
    noise = torch.Generator().manual_seed(0)
    features = torch.randn(6, 5, 8, 8, generator=noise)
    target = torch.zeros(6, 64, 64, dtype=torch.int64)
    target[:, :, 32:] = IGNORE_INDEX
    target[3] = IGNORE_INDEX
    found = []
    for size in (1, 4):
        sample = FeatureSample(6, seed=3)
        for first in range(0, 6, size):
            part = slice(first, first + size)
            sample.add(range(6)[part], {"features": features[part]}, target[part])  # type: ignore[typeddict-item]
        found.append(sample.values())
    assert torch.equal(*found) and found[0].shape == (5 * 10, 5)
    known = features[[0, 1, 2, 4, 5], :, :, :4].movedim(1, -1).reshape(-1, 5)
    assert (found[0][:, None] == known).all(dim=-1).any(dim=1).all()
