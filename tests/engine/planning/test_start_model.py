"""A training that starts from a model: what it takes, what it refuses, how it compares, what its card keeps."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from engine.commands.info import info
from engine.commands.train import train
from engine.contract.card_reader import read_card
from engine.contract.class_table import class_table
from engine.contract.errors import EngineError, JobError, ModelFileError
from engine.contract.file_identity import file_hash
from engine.contract.file_jobs import InfoJob
from engine.contract.jobs import TrainJob
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.contract.protocol import Metric
from engine.contract.start_record import MAX_STARTS, describe_lineage, start_record
from engine.contract.training_files import checkpoint_folder, visuals_folder
from engine.models.model_file import load_model, save_model
from engine.planning.start_model import StartModel
from engine.planning.training_plan import training_plan
from engine.sampling.band_statistics import Scaling
from engine.training.optimizer import average_weights, build_optimizer, count_frozen_epochs
from tests.engine.small_network import SmallNetwork
from tests.engine.synthetic import squares

pytestmark = pytest.mark.usefixtures("without_pages")


@pytest.fixture
def write_scene(write_raster: Callable[..., str]) -> Callable[..., dict[str, str]]:
    """``write_scene(name, classes=2, bands=3, factor=1)``: squares whose brightness is their class."""

    def write(name: str, classes: int = 2, bands: int = 3, factor: int = 1) -> dict[str, str]:
        noise = np.random.default_rng(len(name))
        labels = squares(noise, 6, classes)
        image = (noise.normal(500, 100, (bands, 96, 96)) + 900.0 * labels).clip(1, 4000) * factor
        return {
            "image": write_raster(f"{name}.tif", image.astype(np.uint16)),
            "labels": write_raster(f"{name}-labels.tif", labels),
        }

    return write


@pytest.fixture
def donor(small_networks: None, write_scene: Callable[..., dict[str, str]], tmp_path: Path) -> str:
    """A model of a few weights that knows the classes dark and bright."""
    job = TrainJob(
        **write_scene("donor"),
        image_bands=(3, 1),
        class_names=("0=dark", "1=bright"),
        output=str(tmp_path / "donor.safetensors"),
        encoder="mit-b0",
        tile_size=32,
        epochs=4,
        learning_rate=0.05,
        checkpoint_every=0,
        device="cpu",
    )
    train(job, lambda event: None)
    return job.output


@pytest.fixture
def job(donor: str, write_scene: Callable[..., dict[str, str]], tmp_path: Path) -> TrainJob:
    """A training on other labels that starts from the donor."""
    return TrainJob(
        **write_scene("other scene"),
        start=donor,
        class_names=("0=Dark", "1=Bright"),
        output=str(tmp_path / "m.safetensors"),
        epochs=2,
        checkpoint_every=0,
        device="cpu",
    )


def epochs(events: Any) -> list[dict[str, Any]]:
    """The scores before the first epoch and of each epoch."""
    heads = ("Epoch ", "Before the first epoch")
    return [e.values for e in events.of(Metric) if e.message.startswith(heads)]


def test_the_job_takes_network_tiles_and_bands_of_the_model(job: TrainJob, events: Any) -> None:
    train(job, events)
    card = read_card(job.output)
    assert (card.architecture, card.encoder, card.tile_size) == ("dualstream-dformer", "mit-b0", 32)
    assert (card.image.chosen, card.image.of) == ((3, 1), 3)
    says = next(text for text in events.messages(Metric) if text.startswith("Starting from"))
    miou = read_card(job.start).metrics["miou"]
    assert f"donor.safetensors (mIoU {miou:.3f}, 20" in says
    assert says.endswith(
        ": all weights are taken. The scaling is kept. Classes kept: Dark, Bright."
    )


def test_the_scaling_is_kept_for_the_same_kind_of_values(
    job: TrainJob, events: Any, write_scene: Callable[..., dict[str, str]]
) -> None:
    train(job, events)
    old, new = read_card(job.start).image, read_card(job.output).image
    assert (old.low, old.high) == (new.low, new.high)
    first, last = load_file(job.start), load_file(job.output)
    names = [name for name in first if "_normalisation." in name]
    assert names and all(torch.equal(first[name], last[name]) for name in names)
    brighter = write_scene("of another sensor", factor=5)
    train(replace(job, **brighter, output=job.output + ".2.safetensors"), events)
    other = read_card(job.output + ".2.safetensors").image
    assert all(high > 3 * before for high, before in zip(other.high, old.high))
    assert any(
        "The scaling of the image is measured again, because" in text
        for text in events.messages(Metric)
    )
    with_scaling = load_file(job.output + ".2.safetensors")["image_normalisation.std"]
    widths = torch.tensor(other.high) - torch.tensor(other.low)
    torch.testing.assert_close(with_scaling, 0.226 * widths)
    assert epochs(events)[-3]["miou"] > 0.8, "the same squares, which the model sees scaled alike"


def test_the_scaling_of_each_stream_is_kept_for_itself(donor: str) -> None:
    card = read_card(donor)
    two = replace(card, auxiliary=AuxiliaryCard(1, 8, mean=(10.0,), std=(2.0,)))
    start, image = StartModel(donor, two), (card.image.low, card.image.high)
    kept = start.choose_scaling(Scaling(*image, (10.5,), (2.2,)))
    assert kept == Scaling(*image, (10.0,), (2.0,))
    assert start.choose_scaling(Scaling(*image, (13.0,), (2.0,))).mean == (13.0,)
    assert start.choose_scaling(Scaling(*image, (10.0,), (7.0,))).std == (7.0,)
    bare = StartModel(donor, replace(card, image=ImageCard(2)))
    assert bare.choose_scaling(Scaling((0.0,) * 2, (1.0,) * 2, (), ())).high == (1.0, 1.0)


def test_the_start_is_scored_and_kept_where_no_epoch_is_better(
    job: TrainJob, events: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "harmful.py").write_text("def loss(logits, target):\n    return logits.mean()\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    job = replace(job, loss="harmful:loss", learning_rate=0.9, ema=0.0, validate_every=2, epochs=4)
    done = train(job, events)
    scores = epochs(events)
    assert [s["epoch"] for s in scores] == [0, 1, 2, 3, 4]
    assert max(s.get("miou", 0) for s in scores[1:]) < scores[0]["miou"], "the case to be tested"
    card, first, last = read_card(job.output), load_file(job.start), load_file(job.output)
    later = ("baseline", "calibration", "contribution")
    metrics = {name: value for name, value in card.metrics.items() if name not in later}
    assert metrics == scores[0] and done.outputs["miou"] == scores[0]["miou"]
    assert "(the weights of donor.safetensors: the new labels did not improve it)" in done.message
    other = ("_normalisation.", "head.")  # the head is calibrated
    taken = [name for name in first if not any(part in name for part in other)]
    assert all(torch.equal(first[name], last[name]) for name in taken)
    assert [*visuals_folder(job.output).glob("epoch-000-*.png")]
    assert not checkpoint_folder(job.output).exists()


def test_a_better_epoch_replaces_the_start(job: TrainJob, events: Any) -> None:
    model, card = load_model(job.start)
    with torch.no_grad():
        model.get_parameter("head.weight").neg_()
    save_model(job.start, model, card)
    train(replace(job, learning_rate=0.05, epochs=6), events)
    scores, best = epochs(events), read_card(job.output).metrics
    assert best["epoch"] > 0 and best["miou"] > scores[0]["miou"]


def test_a_failure_in_the_first_epoch_leaves_nothing(
    job: TrainJob, events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    forward = SmallNetwork.forward

    def fail_in_training(self: SmallNetwork, *values: Any) -> Any:
        if self.training:
            raise JobError("failed")
        return forward(self, *values)

    monkeypatch.setattr(SmallNetwork, "forward", fail_in_training)
    with pytest.raises(JobError, match="failed"):
        train(job, events)
    assert len(epochs(events)) == 1
    assert not checkpoint_folder(job.output).exists() and not Path(job.output).exists()


def test_a_new_class_is_named_and_the_start_not_scored(
    job: TrainJob, events: Any, write_scene: Callable[..., dict[str, str]]
) -> None:
    names = ("0=dark", "1=bright", "2=snow")
    more = replace(job, **write_scene("three", classes=3), class_names=names)
    train(more, events)
    assert read_card(job.output).logits == 3 and [s["epoch"] for s in epochs(events)] == [1, 2]
    assert any(
        "Classes kept: dark, bright. New classes: snow." in t for t in events.messages(Metric)
    )
    train(replace(job, start=more.output, output=job.output + ".2.safetensors"), events)
    text = "Classes kept: Dark, Bright. Classes left out, because no label shows them: snow."
    assert any(text in t for t in events.messages(Metric))


def test_the_card_keeps_the_lineage(job: TrainJob, events: Any) -> None:
    train(job, events)
    second = replace(job, start=job.output, output=job.output + ".2.safetensors")
    train(second, events)
    record = read_card(second.output).provenance["start"]
    parent, grandparent = read_card(job.output), read_card(job.start)
    assert record["name"] == "m.safetensors" and record["sha256"] == file_hash(job.output)
    assert record["miou"] == parent.metrics["miou"]
    assert record["start"] == {
        "name": "donor.safetensors",
        "sha256": file_hash(job.start),
        "date": grandparent.provenance["date"],
        "miou": grandparent.metrics["miou"],
    }
    text = info(InfoJob(model=second.output), events).message
    assert f"\n  started from m.safetensors (mIoU {parent.metrics['miou']:.3f}, 20" in text
    assert "\n  started from donor.safetensors (mIoU" in text


def test_the_blocks_that_the_model_held_out_are_held_out_again(
    job: TrainJob, events: Any, write_scene: Callable[..., dict[str, str]]
) -> None:
    train(replace(job, **write_scene("donor"), seed=7), events)
    splits = [read_card(path).provenance["split"] for path in (job.start, job.output)]
    assert splits[0]["held_out"] == splits[1]["held_out"] != ""
    fresh = replace(job, **write_scene("donor"), seed=7, start="", encoder="mit-b0", tile_size=32)
    train(replace(fresh, output=job.output + ".2.safetensors"), events)
    other = read_card(job.output + ".2.safetensors").provenance["split"]
    assert other["held_out"] != splits[0]["held_out"], "the case to be tested"


def test_a_lineage_is_at_most_ten_models_long(donor: str) -> None:
    card = read_card(donor)
    for number in range(MAX_STARTS + 5):
        record = start_record(f"{number}.safetensors", "0", card)
        card = replace(card, provenance={"start": record})
    names = [text.split(".")[0] for text in describe_lineage(card.provenance)]
    assert names == [str(number) for number in range(14, 4, -1)]
    bare = start_record("a.safetensors", "0", replace(card, metrics={}, provenance={}))
    assert bare == {"name": "a.safetensors", "sha256": "0"}
    assert describe_lineage({"start": bare}) == ["a.safetensors"]


def test_rates_are_those_of_a_trained_network(job: TrainJob, donor: str) -> None:
    plan, fresh = training_plan(job), training_plan(replace(job, start=""))
    assert plan.job.learning_rate < fresh.job.learning_rate
    assert training_plan(replace(job, learning_rate=0.01)).job.learning_rate == 0.01
    assert count_frozen_epochs(plan.job) == 0
    rates = {g["name"]: g["lr"] for g in build_optimizer(SmallNetwork(1, 1), plan.job).param_groups}
    assert rates["encoders"] == pytest.approx(plan.job.learning_rate)
    assert rates["decoder"] == plan.job.learning_rate == pytest.approx(1e-3 / 3)


def test_the_threshold_of_the_model_is_that_of_its_masks(donor: str) -> None:
    card = replace(read_card(donor), threshold=0.3)
    start, turned = StartModel(donor, card), class_table({0: "bright", 1: "dark"})
    assert start.threshold(replace(card, threshold=0.5)) == 0.3
    assert start.threshold(replace(card, classes=turned)) == pytest.approx(0.7)
    three = class_table({0: "dark", 1: "bright", 2: "snow"})
    assert start.threshold(replace(card, classes=three, logits=3, threshold=0.5)) == 0.5


def test_twin_encoders_may_have_tiles_of_another_size() -> None:
    streams = ImageCard(3), AuxiliaryCard(1, 256)
    card = Card("cmx-b0", "mit-b0", 1, 256, *streams, class_table({0: "a", 1: "b"}))
    start = StartModel("m.safetensors", card)
    kept, other = start.fill_job(TrainJob()), start.fill_job(TrainJob(tile_size=128))
    assert (kept.architecture, kept.encoder, kept.tile_size) == ("cmx-b0", "mit-b0", 256)
    assert (other.tile_size, other.auxiliary_tile_size) == (128, 0)
    two = StartModel("m.safetensors", replace(card, architecture="dualstream-dformer"))
    assert two.fill_job(TrainJob()).auxiliary_tile_size == 256


def test_the_average_of_trained_weights_begins_with_them() -> None:
    model = torch.nn.Linear(1, 1)
    average = average_weights(model, 0.9, is_trained=True)
    before = model.weight.detach().clone()
    with torch.no_grad():
        model.weight.add_(1.0)
    average.update_parameters(model)
    torch.testing.assert_close(average.module.weight.detach(), before + 0.1)


def test_what_does_not_fit_the_model_is_refused(
    job: TrainJob,
    donor: str,
    events: Any,
    write_scene: Callable[..., dict[str, str]],
    write_raster: Callable[..., str],
    tmp_path: Path,
) -> None:
    def refuse(says: str, kind: type[EngineError] = JobError, **changes: Any) -> None:
        with pytest.raises(kind, match=says):
            train(replace(job, **changes), events)

    refuse("has the architecture dualstream-dformer, not cmx-b0: leave", architecture="cmx-b0")
    refuse("has the encoder mit-b0, not mit-b3: leave the encoder out", encoder="mit-b3")
    refuse("Give either a model to start from .* or pretrained weights", pretrained="folder")
    refuse("is also the output, .* choose another name", output=donor)
    if sys.platform != "win32":  # where links need a privilege
        Path(tmp_path / "link.safetensors").symlink_to(donor)
        refuse("is also the output", start=str(tmp_path / "link.safetensors"), output=donor)
    folder = checkpoint_folder(job.output)
    folder.mkdir()
    kept = Path(donor).rename(folder / "epoch-005.safetensors")
    refuse("is in .*m.checkpoints, whose files this training removes", start=str(kept))
    kept.rename(donor)
    folder.rmdir()
    two_bands = "takes 2 image bands and no auxiliary bands, and the data have 4 image bands .* Give the same"
    refuse(two_bands, **write_scene("four", bands=4))
    coarse = write_raster("coarse.tif", np.ones((1, 6, 6), np.float32))
    refuse("have 2 image bands and 1 auxiliary band. Leave the auxil", auxiliary=(coarse,))
    refuse("There is no model file", ModelFileError, start=str(tmp_path / "none.safetensors"))
    Path(tmp_path / "text.safetensors").write_text("no model")
    refuse("text.safetensors", ModelFileError, start=str(tmp_path / "text.safetensors"))
    assert not Path(job.output).exists() and Path(donor).exists()


def test_a_model_of_two_streams_needs_both(
    make_model: Callable[..., str],
    write_scene: Callable[..., dict[str, str]],
    events: Any,
    tmp_path: Path,
) -> None:
    job = TrainJob(
        **write_scene("one"),
        start=make_model(bands=3, auxiliary=2),
        output=str(tmp_path / "m.safetensors"),
        device="cpu",
    )
    says = "takes 3 image bands and 2 auxiliary bands, and the data have 3 image bands and no auxiliary bands. Give the"
    with pytest.raises(JobError, match=says):
        train(job, events)
