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
from torch import Tensor, nn
from torch.nn import functional as F

from engine.contract.class_table import class_table
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.models.model_file import build_network, save_model
from engine.models.normalisation import Normalisation
from engine.runtimes.onnx_export import export_network
from engine.runtimes.torch_backends import ProbabilityNetwork


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


class TwoInputs(nn.Module):
    """A network of two streams that is exported in seconds."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.streams = nn.ModuleList([Normalisation(3), Normalisation(2)])
        self.weights = nn.ModuleList([nn.Conv2d(3, 1, 3, padding=1), nn.Conv2d(2, 1, 1)])

    def forward(self, image: Tensor, auxiliary: Tensor) -> dict[str, Tensor]:
        first, second = (
            weight(stream(values))
            for weight, stream, values in zip(self.weights, self.streams, (image, auxiliary))
        )
        return {"logits": first + F.interpolate(second, scale_factor=2)}


def test_the_onnx_file_of_two_streams_runs_with_numpy(root, tmp_path) -> None:
    text = script(root / "docs" / "models-elsewhere.md", "InferenceSession")
    assert lines(text) <= 10
    table = class_table({0: "a", 1: "b"})
    card = Card("dualstream-dformer", "", 1, 32, ImageCard(3), AuxiliaryCard(2, 16), table)
    network = ProbabilityNetwork(TwoInputs().eval()).eval()
    (tmp_path / "best.onnx").write_bytes(export_network(network, card).SerializeToString())
    rng = np.random.default_rng(4)
    image = rng.normal(size=(3, 32, 32)).astype(np.float32)
    auxiliary = rng.normal(size=(2, 16, 16)).astype(np.float32)
    image[:, 3] = np.nan
    np.save(tmp_path / "image.npy", image)
    np.save(tmp_path / "auxiliary.npy", auxiliary)
    alone = "\n".join(line for line in text.splitlines() if "leave this line out" not in line)
    assert lines(alone) == lines(text) - 1
    for code, second in ((text, auxiliary), (alone, np.full_like(auxiliary, np.nan))):
        subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
        with torch.inference_mode():
            expected = network(torch.from_numpy(image[None]), torch.from_numpy(second[None]))
        found = np.load(tmp_path / "probabilities.npy")
        assert expected.std() > 0.01 and np.abs(found - expected[0].numpy()).max() < 1e-5
