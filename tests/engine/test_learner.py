"""What recipes change in a training: CMX through the same verbs, steps over several batches, pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import torch

from engine.augment import Augmentation
from engine.classes import class_table
from engine.config import SegmentJob, TrainJob
from engine.copy_paste import PasteRoles
from engine.devices import choose_device
from engine.errors import JobError
from engine.learner import Learner
from engine.model_file import AuxiliaryCard, Card, ImageCard, read_card
from engine.protocol import Metric
from engine.scaling import Scaling
from engine.segment import segment
from engine.train import train


@pytest.fixture
def scene(write_raster: Callable[..., str]) -> dict[str, Any]:
    """One raster of four bands for both streams; the fourth tells two of the three classes apart."""
    noise = np.random.default_rng(0)
    labels = np.kron(noise.integers(0, 3, (8, 8)), np.ones((16, 16), int)).astype(np.uint8)
    image = noise.normal(500, 80, (4, 128, 128)) + 900.0 * np.stack(
        [labels > 0, labels > 0, labels > 0, labels == 2]
    )
    path = write_raster("image.tif", image.clip(1, 4000).astype(np.uint16))
    return {"image": path, "auxiliary": (path,), "labels": write_raster("labels.tif", labels)}


def test_cmx_trains_and_segments_with_chosen_bands(
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
            (model,), scene["image"], scene["auxiliary"], output=str(tmp_path / name), **bands
        )
        segment(job, events)
        with rasterio.open(tmp_path / name) as file:
            masks.append(file.read(1))
    assert np.array_equal(*masks)
    with pytest.raises(JobError, match="64 px.*128"):
        segment(
            SegmentJob((model,), scene["image"], tile_size=128, output=str(tmp_path / "c.tif")),
            events,
        )


def learner(tmp_path: Path, **changes: Any) -> Learner:
    """A learner of a small network without anything random in its training."""
    card = Card(
        "dualstream-dformer",
        "mit-b0",
        1,
        64,
        ImageCard(1, low=(0.0,), high=(1.0,)),
        AuxiliaryCard(),
        class_table({0: "a", 1: "b"}),
    )
    fields = {
        "output": str(tmp_path / "m.safetensors"),
        "accumulation": 1,
        "loss": "ce",
        "ema": 0.0,
    }
    job = TrainJob(**{**fields, "augmentation": "none", "epochs": 1, **changes})
    torch.manual_seed(0)
    scaling = Scaling((0.0,), (1.0,), (), ())
    made = Learner(job, card, scaling, PasteRoles((), (), ()), choose_device("cpu"))
    for module in made._model.modules():
        if hasattr(module, "drop_prob"):
            module.drop_prob = 0.0
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return made


def test_accumulated_batches_move_the_weights_as_one_large_batch(tmp_path: Path) -> None:
    generator = torch.Generator().manual_seed(0)
    image = torch.rand(4, 1, 64, 64, generator=generator)
    target = (image[:, 0] > 0.5).long()
    samples = [
        {"image": i, "auxiliary": torch.zeros(0, 8, 8), "target": t} for i, t in zip(image, target)
    ]
    moved = []
    for size, accumulation in ((4, 1), (2, 2)):
        made = learner(tmp_path, batch_size=size, accumulation=accumulation)
        optimizer = torch.optim.SGD(made._model.parameters(), 0.1)
        rates = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0)
        loader = torch.utils.data.DataLoader(samples, batch_size=size)
        prepared = made._accelerator.prepare(made._model, optimizer, loader, rates)
        made._epoch(prepared, 1, lambda share: None)
        moved.append(torch.cat([p.detach().flatten() for p in made._model.parameters()]))
    start = torch.cat([p.detach().flatten() for p in learner(tmp_path)._model.parameters()])
    step = (moved[0] - start).norm()
    assert step > 0 and (moved[0] - moved[1]).norm() < 0.01 * step


def test_the_average_is_what_is_kept(tmp_path: Path) -> None:
    made = learner(tmp_path, ema=0.9)
    assert isinstance(made._augment, Augmentation) and made._kept is not made._model
    with torch.no_grad():
        for parameter in made._model.parameters():
            parameter.add_(1.0)
    assert not any(
        torch.equal(a, b) for a, b in zip(made._kept.parameters(), made._model.parameters())
    )
    plain = learner(tmp_path, ema=0.0)
    assert plain._kept is plain._model
