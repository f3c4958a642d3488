"""The scripts on the pages about our files run as they are printed, and give what the model gives."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from engine.commands.export_model import export_model
from engine.contract.class_table import class_table
from engine.contract.file_jobs import ExportJob
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.models.model_file import build_network, load_model, save_model


def script(page: Path, word: str) -> str:
    """The block of code on a page that holds a word."""
    blocks = re.findall(r"(?:^(?: {4}.*)?\n)+", page.read_text("utf-8"), re.MULTILINE)
    (found,) = [re.sub("^ {4}", "", block, flags=re.M).strip() for block in blocks if word in block]
    return found


def lines(text: str) -> int:
    return sum(bool(line.strip()) for line in text.splitlines())


def randomise(model: nn.Module) -> None:
    """Statistics of batches as after a training, so that a forgotten normalisation is seen."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(std=0.1)  # type: ignore[union-attr]
            module.running_var.uniform_(0.5, 1.5)  # type: ignore[union-attr]


@pytest.mark.parametrize(("encoder", "classes"), [("resnet18", "ab"), ("resnet50", "abc")])
def test_the_model_file_is_read_with_torch_and_safetensors_alone(root, tmp_path, encoder, classes):
    text = script(root / "docs" / "model-file.md", "safe_open")
    assert lines(text) <= 30
    imported = {
        line.split()[1].split(".")[0] for line in text.splitlines() if re.match("import|from", line)
    }
    assert imported == {"json", "torch", "safetensors"}
    table = class_table(dict(enumerate(classes)))
    card = Card(
        f"smp:Unet:{encoder}",
        "",
        len(classes) % 2 * 2 + 1,
        64,
        ImageCard(4),
        AuxiliaryCard(),
        table,
    )
    torch.manual_seed(3)
    model = build_network(card).eval()
    model.image_normalisation.set([100.0, 90.0, 80.0, 70.0], [50.0] * 4)  # type: ignore[operator, union-attr]
    randomise(model)
    save_model(tmp_path / "model.safetensors", model, card)
    image = torch.rand(2, 4, 64, 64) * 255
    image[0, 1, 5:9] = torch.nan
    found: dict[str, Any] = {}
    path = f'"{(tmp_path / "model.safetensors").as_posix()}"'
    exec(text.replace('"model.safetensors"', path), found)
    with torch.inference_mode():
        expected = model(image)["logits"]
        actual = found["logits"](image)
    assert found["card"]["tile_size"] == 64 and actual.shape == expected.shape
    assert expected.std() > 1e-3 and torch.allclose(actual, expected, atol=1e-4)


@pytest.mark.slow
def test_the_onnx_file_of_two_streams_runs_with_numpy(root, tmp_path, make_model, events):
    text = script(root / "docs" / "models-elsewhere.md", "InferenceSession")
    assert lines(text) <= 10
    model = make_model(bands=3, auxiliary=2)
    export_model(ExportJob(model, str(tmp_path / "best.onnx")), events)
    rng = np.random.default_rng(4)
    image = rng.uniform(0, 2000, (3, 64, 64)).astype(np.float32)
    auxiliary = rng.normal(size=(2, 16, 16)).astype(np.float32)
    np.save(tmp_path / "image.npy", image)
    np.save(tmp_path / "auxiliary.npy", auxiliary)
    network, _ = load_model(model)
    alone = "\n".join(line for line in text.splitlines() if "leave this line out" not in line)
    for code, second in ((text, auxiliary), (alone, np.full_like(auxiliary, np.nan))):
        subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
        with torch.inference_mode():
            logits = network(torch.from_numpy(image[None]), torch.from_numpy(second[None]))[
                "logits"
            ]
        found = np.load(tmp_path / "probabilities.npy")
        assert np.abs(found - logits.sigmoid()[0].numpy()).max() < 1e-4
