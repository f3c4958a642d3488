"""A training run: chosen bands of both streams, steps over several batches, the moving average."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely
import torch
from accelerate import Accelerator

from engine.commands.segment import segment
from engine.commands.train import train
from engine.compute.devices import choose_device
from engine.compute.rank_info import SINGLE_PROCESS, RankInfo
from engine.contract.card_reader import read_card
from engine.contract.jobs import SegmentJob, TrainJob
from engine.contract.protocol import Metric
from engine.losses.segmentation_loss import parse_loss
from engine.planning.training_context import TrainingContext, survey_job
from engine.planning.training_plan import training_plan
from engine.sampling.augmentation import Augmentation
from engine.sampling.data_loader import WindowLoader
from engine.scores.confusion import Scores
from engine.training.batch_size import choose_batches
from engine.training.checkpoints import Checkpoints
from engine.training.epoch_loop import DivergedError, EpochLoop
from engine.training.optimizer import average_weights
from engine.training.training_run import TrainingRun
from engine.training.validation import Validation, Validator
from tests.engine.synthetic import UTM, UTM_GRID, read_band, squares


@pytest.fixture
def scene(write_raster: Callable[..., str]) -> dict[str, Any]:
    """One raster of four bands for both streams; the fourth tells two of the three classes apart."""
    noise = np.random.default_rng(0)
    labels = squares(noise, 8, 3)
    image = noise.normal(500, 80, (4, 128, 128)) + 900.0 * np.stack(
        [labels > 0, labels > 0, labels > 0, labels == 2]
    )
    path = write_raster("image.tif", image.clip(1, 4000).astype(np.uint16))
    return {"image": path, "auxiliary": (path,), "labels": write_raster("labels.tif", labels)}


@pytest.mark.usefixtures("small_networks")
def test_chosen_bands_are_trained_and_segmented(
    scene: dict[str, Any], events: Any, tmp_path: Path
) -> None:
    model = str(tmp_path / "out" / "clouds.safetensors")
    train(
        TrainJob(
            architecture="cmx-b0",
            **scene,
            image_bands=(1, 2, 3),
            auxiliary_bands=(4,),
            output=model,
            tile_size=64,
            epochs=3,
            validate_every=2,
            checkpoint_every=1,
            paste=("class 1", "class 2:soft"),
            report="none",
            device="cpu",
        ),
        events,
    )
    card = read_card(model)
    assert (card.architecture, card.encoder) == ("cmx-b0", "mit-b0")
    assert (card.image.chosen, card.image.of, card.auxiliary.chosen) == ((1, 2, 3), 4, (4,))
    assert card.auxiliary.tile_size == card.tile_size == 64
    assert card.provenance["job"]["loss"] == "ohem+dice"
    epochs = [e for e in events.heard if isinstance(e, Metric) and e.message.startswith("Epoch")]
    assert ["miou" in e.values for e in epochs] == [False, True, True]
    pictures = sorted((tmp_path / "out" / "visuals" / "clouds").iterdir())
    assert {p.name[:9] for p in pictures} == {"epoch-002", "epoch-003"}
    assert str(pictures[0]) in epochs[1].message
    masks = []
    for name, bands in (
        ("a.tif", {}),
        ("b.tif", {"image_bands": (1, 2, 3), "auxiliary_bands": (4,)}),
    ):
        job = SegmentJob(
            model=(model,),
            image=scene["image"],
            auxiliary=scene["auxiliary"],
            output=str(tmp_path / name),
            **bands,
        )
        segment(job, events)
        masks.append(read_band(tmp_path / name))
    assert np.array_equal(*masks)


@pytest.mark.usefixtures("small_networks")
@pytest.mark.parametrize(
    ("scores", "kept"),
    [
        ((0.5, 0.6, 0.595), 3),
        ((0.5, 0.62, 0.6), 2),
        ((0.7, 0.6, 0.695), 3),
        ((0.6, 0.595, 0.5), 1),
    ],
)
def test_the_last_epoch_is_kept_unless_another_is_clearly_better(
    scores: tuple[float, ...],
    kept: int,
    scene: dict[str, Any],
    events: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    validate = Validator.validate

    def scored(self: Validator, network: torch.nn.Module, epoch: int) -> Validation:
        """The validation of an epoch, with the next mean IoU of ``scores``."""
        hits = round(1e6 * scores[epoch - 1])
        matrix = torch.full((3, 3), (1_000_000 - hits) // 4).fill_diagonal_(hits)
        return replace(validate(self, network, epoch), scores=Scores.of(matrix))

    monkeypatch.setattr(Validator, "validate", scored)
    model = str(tmp_path / "m.safetensors")
    job = TrainJob(**scene, output=model, tile_size=64, epochs=3, report="none", device="cpu")
    train(job, events)
    metrics = read_card(model).metrics
    assert metrics["epoch"] == kept
    assert metrics["miou"] == pytest.approx(scores[kept - 1], abs=0.001)


@pytest.mark.usefixtures("small_networks")
@pytest.mark.parametrize(("marks", "kept"), [(60, 3), (60_000, 2)])
def test_a_peak_that_few_marks_explain_by_chance_does_not_replace_the_last_epoch(
    marks: int,
    kept: int,
    scene: dict[str, Any],
    events: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    validate = Validator.validate

    def scored(self: Validator, network: torch.nn.Module, epoch: int) -> Validation:
        """The validation of an epoch: of some marks 50 %, 70 % and 65 % are right."""
        hits = round(marks / 3 * (0.5, 0.7, 0.65)[epoch - 1])
        matrix = torch.full((3, 3), (marks // 3 - hits) // 2).fill_diagonal_(hits)
        return replace(validate(self, network, epoch), scores=Scores.of(matrix))

    monkeypatch.setattr(Validator, "validate", scored)
    places = np.random.default_rng(1).integers(0, 128, (150, 2))
    values = [read_band(scene["labels"])[tuple(places.T)].astype(np.int32)]
    shapes = shapely.to_wkb(shapely.points(*(UTM_GRID @ (places[:, 1] + 0.5, places[:, 0] + 0.5))))
    path = str(tmp_path / "points.gpkg")
    pyogrio.raw.write(path, shapes, values, ["class"], geometry_type="Point", crs=UTM)
    model = str(tmp_path / "m.safetensors")
    job = TrainJob(
        **{**scene, "labels": path},
        class_field="class",
        output=model,
        tile_size=64,
        epochs=3,
        report="none",
        device="cpu",
    )
    train(job, events)
    assert read_card(model).metrics["epoch"] == kept


class Pixelwise(torch.nn.Module):
    """One logit per pixel, from its value."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = torch.nn.Conv2d(1, 1, 1)

    def forward(self, image: torch.Tensor, auxiliary: torch.Tensor | None) -> dict[str, Any]:
        return {"logits": self.conv(image)}


def samples(count: int) -> list[dict[str, np.ndarray]]:
    """Windows of different values and labels."""
    generator = np.random.default_rng(0)
    images = generator.normal(0, 3, (count, 1, 8, 8)).astype(np.float32)
    targets = (images[:, 0] > generator.normal(size=(count, 1, 1))).astype(np.int64)
    empty = np.zeros((0, 8, 8), np.float32)
    return [{"image": i, "auxiliary": empty, "target": t} for i, t in zip(images, targets)]


LOSS = parse_loss("ce").build(1)


def train_one_epoch(
    size: int, accumulation: int, count: int = 8, loss: Any = LOSS, **parts: Any
) -> tuple[Pixelwise, float, list[float]]:
    """The network after an epoch over ``samples``, the mean loss, and the reported progress."""
    torch.manual_seed(0)
    model, shares = Pixelwise(), list[float]()
    groups = [{"params": [*model.parameters()], "lr": 9.0, "peak": 2.0}]
    optimizer = torch.optim.SGD(groups)
    accelerator = Accelerator(cpu=True)
    mean = average_weights(model, parts["ema"]) if "ema" in parts else None
    loop = EpochLoop(model, optimizer, mean, loss, Augmentation([]), accelerator)
    loader = WindowLoader(samples(count), size, torch.device("cpu"))
    mean_loss = loop.run(
        loader, accumulation, lambda step: 0.5**step, torch.Generator(), shares.append
    )
    return (model if mean is None else mean.module), mean_loss, shares


def gradient_descent(groups: list[range], count: int) -> tuple[list[Pixelwise], list[float]]:
    """The networks after each step on a group of windows, and each window's loss."""
    torch.manual_seed(0)
    model, models, losses = Pixelwise(), [], []
    for step, group in enumerate(groups):
        model.zero_grad()
        for number in group:
            sample = {k: torch.from_numpy(v)[None] for k, v in samples(count)[number].items()}
            loss = LOSS(model(sample["image"], None), sample["target"])
            (loss / len(group)).backward()
            losses.append(loss.item())
        gradient = torch.cat([p.grad.flatten() for p in model.parameters()])
        shrink = min(1.0, 1.0 / float(gradient.norm()))
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= 2.0 * 0.5**step * shrink * parameter.grad
        models.append(copy.deepcopy(model))
    return models, losses


def weights(model: torch.nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in model.parameters()])


@pytest.mark.parametrize(
    ("accumulation", "groups"),
    [
        (1, [range(n, n + 1) for n in range(8)]),
        (4, [range(4), range(4, 8)]),
        (3, [range(3), range(3, 6), range(6, 8)]),  # the last, shorter group counts in full
        (9, [range(8)]),
    ],
)
def test_a_step_is_that_of_its_windows_mean(accumulation: int, groups: list[range]) -> None:
    models, losses = gradient_descent(groups, 8)
    model, mean_loss, shares = train_one_epoch(1, accumulation)
    torch.testing.assert_close(weights(model), weights(models[-1]))
    assert mean_loss == pytest.approx(np.mean(losses), rel=1e-6)
    assert shares == [(n + 1) / 8 for n in range(8)]


def test_accumulated_batches_move_the_weights_as_one_large_batch() -> None:
    large, small = train_one_epoch(4, 1)[0], train_one_epoch(2, 2)[0]
    torch.testing.assert_close(weights(large), weights(small))


def test_the_average_is_updated_once_per_step() -> None:
    models, _ = gradient_descent([range(4), range(4, 8)], 8)
    first, second = (weights(model) for model in models)
    share = 1 - min(0.5, (1 + 1) / (10 + 1))  # the first update takes the weights as they are
    mean = train_one_epoch(1, 4, ema=0.5)[0]
    torch.testing.assert_close(weights(mean), first + share * (second - first))


def test_a_loss_that_is_not_finite_ends_the_epoch() -> None:
    seen = []

    def loss(outputs: dict[str, torch.Tensor], target: torch.Tensor) -> torch.Tensor:
        seen.append(len(target))
        return outputs["logits"].mean() / (0.0 if len(seen) == 3 else 1.0)

    with pytest.raises(
        DivergedError, match="diverged. Try a learning rate ten times smaller than 2,"
    ):
        train_one_epoch(1, 1, loss=loss)
    assert len(seen) == 3


def training_run(scene: dict[str, Any], ema: float, preset: str = "automatic") -> TrainingRun:
    output = str(Path(scene["image"]).with_name("m.safetensors"))
    fixed = {"output": output, "encoder": "mit-b0", "pretrained": "none", "tile_size": 64}
    plan = training_plan(TrainJob(**scene, **fixed, ema=ema, preset=preset))
    surveyed = survey_job(
        plan, choose_device("cpu"), SINGLE_PROCESS, lambda event: None, (), lambda share: None
    )
    context = TrainingContext.of(surveyed)
    return TrainingRun(context, Checkpoints(context.job.output, ""))


def test_memory_is_kept_on_a_cpu(scene: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    kept = []
    monkeypatch.setattr("engine.training.training_run.keep_freed_memory", lambda: kept.append(True))
    training_run(scene, 0.0)
    assert kept


def test_a_rate_of_its_own_freezes_the_auxiliary_encoder_too(scene: dict[str, Any]) -> None:
    frozen = {
        preset: training_run(scene, 0.0, preset)._model.freezes_all_encoders
        for preset in ("automatic", "dualstream")
    }
    assert frozen == {"automatic": False, "dualstream": True}


def test_the_average_is_saved(scene: dict[str, Any]) -> None:
    averaging, plain = training_run(scene, 0.9), training_run(scene, 0.0)
    assert plain.saved_model is plain._model
    with torch.no_grad():
        for parameter in averaging._model.parameters():
            parameter.add_(1.0)
    pairs = zip(averaging.saved_model.parameters(), averaging._model.parameters())
    assert not any(torch.equal(average, weight) for average, weight in pairs)


def test_the_maximum_batch_size_is_that_of_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    maxima = []

    def find(attempt: Any, maximum: int, device: torch.device) -> int:
        maxima.append(maximum)
        return 1

    def choose(ranks: RankInfo) -> None:
        job = TrainJob(batch_size=0, accumulation=1)
        choose_batches(job, ranks, lambda size: None, 64, torch.device("cpu"))

    monkeypatch.setattr("engine.training.batch_size.find_batch_size", find)
    choose(SINGLE_PROCESS)
    choose(RankInfo(0, 0, 4))
    assert maxima == [8, 2]
