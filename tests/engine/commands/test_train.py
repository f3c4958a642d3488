"""Training end to end on small scenes: it learns, repeats itself, and refuses what cannot be trained."""

from __future__ import annotations

import itertools
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
import torch
from affine import Affine

from engine.commands.segment import segment
from engine.commands.train import train
from engine.contract.card_reader import read_card
from engine.contract.errors import EngineError, JobError, LabelError, LayoutError
from engine.contract.jobs import SegmentJob, TrainJob
from engine.contract.protocol import Metric, Progress, Warned
from engine.models.model_file import build_network, load_model
from engine.planning.data_choices import training_scenes
from engine.planning.training_plan import training_plan
from engine.runtimes import user_cache
from engine.runtimes.graph_cache import find_graph
from tests.engine.synthetic import UTM, UTM_GRID, squares

pytestmark = pytest.mark.usefixtures("without_pages")


@pytest.fixture
def scene(write_raster) -> dict[str, Any]:
    """Bright squares on noise are one class, dark ones another; a coarse raster beside."""
    noise = np.random.default_rng(0)
    labels = squares(noise, 12)
    image = (noise.normal(500, 100, (2, 192, 192)) + 1500.0 * labels).astype(np.uint16)
    coarse = noise.random((3, 12, 12)).astype(np.float32)
    return {
        "image": write_raster("image.tif", image),
        "labels": write_raster("labels.tif", labels),
        "auxiliary": (write_raster("coarse.tif", coarse, transform=UTM_GRID @ Affine.scale(16)),),
    }


def small(tmp_path: Path, scene: dict[str, Any], **changes: Any) -> TrainJob:
    fields = {
        "output": str(tmp_path / "out" / "model.safetensors"),
        "encoder": "mit-b0",
        "tile_size": 64,
        "epochs": 2,
        "learning_rate": 1e-3,
        "device": "cpu",
        **scene,
    }
    return TrainJob(**{**fields, **changes})


@pytest.mark.slow
def test_a_training_ends_when_its_minutes_are_over(scene, events, tmp_path) -> None:
    """Within wide bounds: other programs may take the processor at any moment."""
    start = time.monotonic()
    done = train(small(tmp_path, scene, epochs=0, minutes=0.5), events)
    assert 15 <= time.monotonic() - start <= 60
    assert done.outputs["miou"] > 0.5 and Path(done.outputs["output"]).exists()
    assert any("steps in all, planned for 0.5 min." in text for text in events.messages(Metric))


@pytest.mark.prepares
@pytest.mark.usefixtures("small_networks")
def test_a_model_is_prepared_for_a_fast_start_unless_its_training_was_an_instant(
    scene, events, tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv(user_cache.VARIABLE, str(tmp_path / "cache"))
    steps = itertools.count()
    job = small(tmp_path, scene, epochs=1)
    train(job, events)
    assert find_graph(job.output, read_card(job.output), True) is None
    train(replace(job, resume=False), events, lambda: next(steps) * 20.0)
    graph = find_graph(job.output, read_card(job.output), True)
    assert graph is not None and len(graph.content) < 1.5 * Path(job.output).stat().st_size
    mask = str(tmp_path / "mask.tif")
    rasters = {name: scene[name] for name in ("image", "auxiliary")}
    done = segment(SegmentJob(model=(job.output,), output=mask, **rasters), events)
    assert done.outputs["runtime_used"] == "onnxruntime"


def test_it_learns_and_the_model_file_maps_the_scene(scene, events, tmp_path) -> None:
    job = small(
        tmp_path, scene, epochs=2, checkpoint_every=1, class_names=("0=dark", "1=bright=#ffcc00")
    )
    done = train(job, events)
    assert done.outputs["miou"] > 0.85 and done.outputs["epochs_run"] == 2
    card = read_card(job.output)
    assert [(c.name, c.value) for c in card.classes] == [("dark", 0), ("bright", 1)]
    assert card.classes[1].colour == "#ffcc00" and card.logits == 1
    assert card.auxiliary.bands == 3 and len(card.auxiliary.mean) == 3
    assert card.metrics["miou"] == done.outputs["miou"]
    names = sorted(path.name for path in (tmp_path / "out").rglob("*.safetensors"))
    assert names == ["epoch-001.safetensors", "epoch-002.safetensors", "model.safetensors"]
    shares = [event.fraction for event in events.of(Progress)]
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1)
    assert sum("Epoch" in text for text in events.messages(Metric)) == 2
    output = str(tmp_path / "mask.tif")
    image, auxiliary = scene["image"], scene["auxiliary"]
    segment(
        SegmentJob(
            model=(job.output,), image=image, auxiliary=auxiliary, output=output, overlap=16
        ),
        events,
    )


def test_it_learns_from_points(scene, events, tmp_path) -> None:
    """From 160 of the pixels, half of each class, it maps the scene nearly as well as from all."""
    with rasterio.open(scene["labels"]) as file:
        labels = file.read(1)
    noise = np.random.default_rng(0)
    places = np.concatenate(
        [noise.permutation(np.argwhere(labels == value))[:80] for value in (0, 1)]
    )
    points = shapely.points(*(UTM_GRID @ (places[:, 1] + 0.5, places[:, 0] + 0.5)))
    path = str(tmp_path / "points.gpkg")
    values = [labels[tuple(places.T)].astype(np.int32)]
    pyogrio.raw.write(
        path, shapely.to_wkb(points), values, ["class"], geometry_type="Point", crs=UTM
    )
    job = small(tmp_path, {**scene, "labels": path}, class_field="class", validation_share=0.2)
    done = train(job, events)
    assert re.search(
        r" Marked pixels on which the score rests: [2-4][0-9] \(95 % interval \S+ to \S+\)\.",
        done.message,
    )
    output = str(tmp_path / "mask.tif")
    segment(
        SegmentJob(
            model=(job.output,), image=scene["image"], auxiliary=scene["auxiliary"], output=output
        ),
        events,
    )
    with rasterio.open(output) as file:
        assert (file.read(1) == labels).mean() > 0.9


@pytest.mark.usefixtures("small_networks")
def test_pictures_show_the_bands_of_the_job(
    scene, write_raster, events, tmp_path, monkeypatch
) -> None:
    noise, drawn = np.random.default_rng(0), []
    image = write_raster("four.tif", noise.integers(0, 999, (4, 192, 192)).astype(np.uint16))
    monkeypatch.setattr(
        "engine.training.validation.save_comparison",
        lambda *_, colours, **__: drawn.append(tuple(colours)),
    )
    job = small(tmp_path, scene, image=image, epochs=1, picture_bands=(4, 3, 2))
    train(job, events)
    assert set(drawn) == {(3, 2, 1)}
    with pytest.raises(JobError, match="picture_bands must be 3 whole numbers .*, not 4,3"):
        train(replace(job, picture_bands=(4, 3)), events)


def test_classes_are_merged_ignored_and_weighted(scene, write_raster, events, tmp_path) -> None:
    """With a weight of almost nothing for the dark class everything is bright after one epoch."""
    with rasterio.open(scene["labels"]) as file:
        labels = file.read(1)
    labels[:96] *= 2  # the upper half's bright squares are a class of their own
    labels[:, :16] = 255
    job = small(
        tmp_path,
        {**scene, "labels": write_raster("three.tif", labels)},
        epochs=1,
        ignore=("255",),
        merge=("1+2=bright",),
        learning_rate=0.2,
        ema=0.0,
        loss="ce",
        class_weights=("bright=1", "0=0.0001"),
    )
    train(job, events)
    card = read_card(job.output)
    assert [(c.name, c.value) for c in card.classes] == [("class 0", 0), ("bright", 1)]
    pixels = [
        sum(card.provenance[part].values()) for part in ("training_pixels", "validation_pixels")
    ]
    assert sum(pixels) == 192 * (192 - 16)
    assert "Class weights: class 0 0.0001, bright 1." in events.messages(Metric)
    scored = [e.values["iou"] for e in events.heard if "iou" in getattr(e, "values", {})]
    assert scored[0]["class 0"] < 0.1, "before a threshold makes up for it"
    assert card.provenance["job"]["image"] == [scene["image"]] and card.provenance["device"]
    (polygon,) = card.provenance["footprint"]["coordinates"]
    assert 86.9 < polygon[0][0][0] < 87.1, "where the labels lie, in degrees"


@pytest.mark.usefixtures("small_networks")
def test_the_seed_fixes_the_weights(scene, events, tmp_path) -> None:
    def weights(name: str, seed: int) -> dict[str, torch.Tensor]:
        job = small(tmp_path, scene, output=str(tmp_path / name), epochs=1, seed=seed)
        train(job, events)
        return load_model(job.output)[0].state_dict()

    first, again, other = (
        weights("a.safetensors", 5),
        weights("b.safetensors", 5),
        weights("c.safetensors", 6),
    )
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_what_cannot_be_trained_is_refused_before_the_first_epoch(
    scene, write_raster, events, tmp_path
) -> None:
    def refuse(kind: type[EngineError], says: str, **changes: Any) -> None:
        with pytest.raises(kind, match=says):
            train(small(tmp_path, scene, **changes), events)

    refuse(JobError, r"must end in \.safetensors", output=str(tmp_path / "m.pth"))
    refuse(JobError, "epochs must be a whole number from 1 to 1000000", epochs=-1)
    refuse(JobError, "minutes must be a number from 0.001 to 1000000 .*, not -1", minutes=-1.0)
    refuse(JobError, "batch_size must be a whole number from 0 to 65536, not -1", batch_size=-1)
    refuse(JobError, "multiple of 32 .*, not 50", tile_size=50)
    refuse(
        JobError,
        "validation_share must be a number above 0 and below 1, not 1.5",
        validation_share=1.5,
    )
    refuse(JobError, "nosuch", loss="nosuch")
    refuse(JobError, "nosuch", augmentation="nosuch")
    refuse(JobError, "seed must be a whole number from 0 to .*, not -1", seed=-1)
    refuse(JobError, "encoder_rate must be a number above 0", encoder_rate=-1.0)
    refuse(JobError, "fusion_rate must be a number above 0", fusion_rate=-1.0)
    refuse(JobError, "class_balance must be a number from 0 to 1", class_balance=2.0)
    refuse(
        JobError, "must be automatic, cosine, annealing, plateau or step, not fall", schedule="fall"
    )
    refuse(JobError, "must be automatic, adamw or adam, not sgd", optimizer="sgd")
    refuse(JobError, "must be trained or frozen, not melted", encoder_norms="melted")
    refuse(JobError, "crop must be a number from 1 to 8 .*, not 0.5", crop=0.5)
    refuse(JobError, "crop must be a number from 1 to 8", crop=9.0)
    refuse(JobError, "foreground must be a number from 0 to 1 .*, not 2", foreground=2.0)
    refuse(JobError, "least_foreground must be a number from 0 to 1", least_foreground=-0.1)
    refuse(JobError, "patience must be a whole number, 0 or more .*, not -2", patience=-2)
    one_stream = {"architecture": "unet-resnet50", "encoder": TrainJob.encoder}
    refuse(JobError, "sees the image alone: leave the auxiliary rasters", **one_stream)
    twin = {"architecture": "cmx-b0", "encoder": TrainJob.encoder, "auxiliary_tile_size": 32}
    refuse(JobError, "cmx-b0 sees both streams .* 64, not 32", **twin)
    refuse(JobError, "work against each other", loss="ohem", logit_adjustment=0.5)
    refuse(JobError, "by its name, not mit-b5", architecture="cmx-b0", encoder="mit-b5")
    refuse(JobError, "no classes to paste are named", augmentation="flips+copy-paste")
    refuse(JobError, "value=name", class_names=("water",))
    refuse(LabelError, "class 'fog' .* has no labelled pixel", class_names=("9=fog",))
    ones = write_raster("ones.tif", np.ones((192, 192), np.uint8))
    refuse(LabelError, "one class only", labels=ones)
    nothing = write_raster("nothing.tif", np.zeros((192, 192), np.uint8), nodata=0)
    refuse(LabelError, "No pixel of the image is labelled", labels=nothing)
    table = tmp_path / "scenes.csv"
    other = write_raster("other.tif", np.zeros((3, 192, 192), np.uint16))
    table.write_text(
        f"image,labels\n{scene['image']},{scene['labels']}\n{other},{scene['labels']}\n"
    )
    blank = {"image": "", "labels": "", "auxiliary": (), "dataset": str(table)}
    refuse(LayoutError, r"other.tif has 3 bands", **blank)
    assert not (tmp_path / "out").exists()


def test_frozen_encoders_stay_as_they_are(scene, events, tmp_path) -> None:
    job = small(tmp_path, scene, epochs=1, warmup_epochs=1)
    train(job, events)
    trained, card = load_model(job.output)
    torch.manual_seed(job.seed)
    fresh = build_network(card).state_dict()
    weights = trained.state_dict()
    moved = {n.split(".")[0] for n, v in fresh.items() if not torch.equal(v, weights[n])}
    assert not moved & {"vision", "air"} and {"fusions", "decoder", "head"} <= moved


def test_frozen_batch_norms_of_trained_encoders_keep_their_statistics(
    scene, events, tmp_path
) -> None:
    lite = {"encoder": "tf_efficientnet_lite0", "pretrained": "imagenet", "epochs": 1}

    def statistics(network: torch.nn.Module) -> torch.Tensor:
        buffers = dict(network.get_submodule("vision").named_buffers())
        means = [value for name, value in sorted(buffers.items()) if name.endswith("running_mean")]
        return torch.cat(means)

    def trained(name: str, **fields: Any) -> torch.Tensor:
        train(small(tmp_path, scene, **fields, output=str(tmp_path / name)), events)
        return statistics(load_model(tmp_path / name)[0])

    kept = {"encoder_norms": "frozen"}
    frozen = trained("frozen.safetensors", **lite, **kept)
    _, card = load_model(tmp_path / "frozen.safetensors")
    assert torch.equal(frozen, statistics(build_network(card, "imagenet")))
    started = {"start": str(tmp_path / "frozen.safetensors"), "encoder": "automatic", "epochs": 1}
    assert torch.equal(frozen, trained("started.safetensors", **started, **kept))
    followed = trained("trained.safetensors", **lite)
    assert not torch.allclose(frozen, followed)
    random = trained("random.safetensors", **{**lite, **kept, "pretrained": "none"})
    assert random.abs().sum() > 0, "norms of random weights begin with the mean 0 and must learn"


@pytest.mark.usefixtures("small_networks")
def test_the_scaling_is_of_the_data_not_of_what_is_drawn(scene, events, tmp_path) -> None:
    def scaling(**changes: Any) -> tuple[tuple[float, ...], ...]:
        job = small(tmp_path, scene, epochs=1, **changes)
        train(job, events)
        card = read_card(job.output)
        return card.image.low, card.image.high, card.auxiliary.mean, card.auxiliary.std

    assert scaling(class_balance=1.0, stream_dropout=0.9) == scaling()


@pytest.mark.usefixtures("small_networks")
def test_a_training_that_fails_in_its_first_epoch_leaves_nothing(
    scene, events, tmp_path, monkeypatch
) -> None:
    (tmp_path / "failing.py").write_text(
        "def loss(logits, target):\n    return logits[:, 7].mean()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(JobError, match="failing:loss"):
        train(small(tmp_path, scene, loss="failing:loss"), events)
    assert not list((tmp_path / "out").rglob("*"))


def test_what_a_job_asks_for_in_vain_is_said(scene, events, tmp_path) -> None:
    job = small(tmp_path, {**scene, "auxiliary": ()}, architecture="cmx-b0", epochs=1)
    train(job, events)
    warnings = events.messages(Warned)
    assert any("With one stream only" in text for text in warnings)
    assert any("copy-paste does nothing here: no classes" in text for text in warnings)
    card = read_card(job.output)
    assert card.auxiliary.bands == 0 and card.provenance["job"]["epochs"] == 1


def test_a_network_of_one_stream_leaves_the_auxiliary_rasters_of_a_data_set(
    scene, tmp_path, events
) -> None:
    table = tmp_path / "scenes.csv"
    coarse = scene["auxiliary"][0]
    table.write_text(f"image,labels,auxiliary\n{scene['image']},{scene['labels']},{coarse}\n")
    job = TrainJob(
        architecture="unet-resnet50", dataset=str(table), output=str(tmp_path / "m.safetensors")
    )
    assert [s.auxiliary for s in training_scenes(training_plan(job), events)] == [()]
    assert [type(event) for event in events.heard] == [Warned]
    assert "unet-resnet50 sees the image alone" in events.heard[0].message
    kept = training_scenes(training_plan(replace(job, architecture="cmx-b0")), events)
    assert kept[0].auxiliary == (coarse,) and len(events.heard) == 1
