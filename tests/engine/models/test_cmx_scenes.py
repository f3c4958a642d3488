"""CMX maps real scenes of two rasters: RGB in 8 bit and near infrared in 16 bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import torch

from engine.commands.segment import segment
from engine.contract.class_table import from_records
from engine.contract.jobs import SegmentJob
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.datasets.cloud_layout import CLOUD_CLASSES
from engine.models.model_file import build_network, save_model


@pytest.mark.parametrize("date", ["2020-06-27", "2020-07-22"])
def test_a_mask_of_four_classes_has_the_grid_of_the_scene(
    data: Callable[[str], Path], date: str, events: Any, tmp_path: Path
) -> None:
    folder = data(f"clouds/scenes/{date}")
    torch.manual_seed(0)
    card = Card("cmx-b0", "mit-b0", 4, 256, ImageCard(3), AuxiliaryCard(1, 256), CLOUD_CLASSES)
    model = build_network(card)
    model.image_normalisation.set([100.0] * 3, [60.0] * 3)
    model.auxiliary_normalisation.set([20_000.0], [12_000.0])
    save_model(tmp_path / "m.safetensors", model, card)
    job = SegmentJob(
        model=(str(tmp_path / "m.safetensors"),),
        image=str(folder / "RGB.tif"),
        auxiliary=(str(folder / "B08.tif"),),
        output=str(tmp_path / "mask.tif"),
        confidence=str(tmp_path / "confidence.tif"),
    )
    done = segment(job, events)
    assert from_records(done.outputs["classes"]) == CLOUD_CLASSES
    with rasterio.open(tmp_path / "mask.tif") as mask, rasterio.open(folder / "RGB.tif") as image:
        assert (mask.crs, mask.transform, mask.shape) == (image.crs, image.transform, image.shape)
        colours = {value: mask.colormap(1)[value][:3] for value in range(4)}
        assert set(np.unique(mask.read(1))) <= set(range(4))
    assert colours == {0: (0, 0, 0), 1: (255, 0, 0), 2: (0, 255, 0), 3: (255, 255, 0)}
    with rasterio.open(tmp_path / "confidence.tif") as confidence:
        assert 25 <= confidence.read(1).min() <= confidence.read(1).max() <= 100
