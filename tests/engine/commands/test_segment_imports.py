"""Commands that map import neither torch nor what only networks of PyTorch need: a graph runs without them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "torch",
    "torchvision",
    "transformers",
    "segmentation_models_pytorch",
    "timm",
    "accelerate",
    "kornia",
    "scipy",
    "onnx",
    "onnxruntime",
    "matplotlib",
    "array_api_compat",
)


@pytest.mark.parametrize("command", ["segment", "segment_folder", "predict_folder"])
def test_importing_a_command_that_maps(command: str, root: Path) -> None:
    code = (
        f"import sys, engine.commands.{command}; print(*[n for n in {HEAVY} if n in sys.modules])"
    )
    run = [sys.executable, "-c", code]
    answer = subprocess.run(run, cwd=root, capture_output=True, text=True, timeout=300)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split() == []
