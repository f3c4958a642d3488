"""``import`` of files that are none: each is refused in one sentence, with exit code 2, and nothing is written."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from engine.__main__ import main
from tests.engine.foreign_classes import foreign_class

Make = Callable[[Path], Path]


class Malicious:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.folder),)


def saved(content: Any, name: str = "w.pth") -> Make:
    def make(folder: Path) -> Path:
        torch.save(content, folder / name)
        return folder / name

    return make


def written(content: bytes, name: str) -> Make:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return make


def code(folder: Path) -> Path:
    torch.save(
        {"model": {"a": torch.zeros(1)}, "args": Malicious(folder / "ran")}, folder / "w.pth"
    )
    return folder / "w.pth"


def whole_network(name: str) -> Make:
    """A pickle of an object of a class of another program, which is named only while it is saved."""

    def make(folder: Path) -> Path:
        with foreign_class(name) as kind:
            torch.save({"epoch": 1, "model": kind()}, folder / "w.ckpt")
        return folder / "w.ckpt"

    return make


def truncated(name: str) -> Make:
    def make(folder: Path) -> Path:
        weights = {"a": torch.zeros(1000)}
        (save_file if name.endswith("safetensors") else torch.save)(weights, folder / name)
        (folder / name).write_bytes((folder / name).read_bytes()[:-500])
        return folder / name

    return make


def in_folder(**files: Any) -> Make:
    """A folder with files: bytes, or an object that is written as JSON."""

    def make(folder: Path) -> Path:
        (folder / "net").mkdir()
        for name, content in files.items():
            text = content if isinstance(content, bytes) else json.dumps(content).encode()
            (folder / "net" / name.replace("__", ".")).write_bytes(text)
        return folder / "net"

    return make


def pipe(folder: Path) -> Path:
    if sys.platform == "win32":
        pytest.skip("Windows has no pipes in folders")
    os.mkfifo(folder / "w.pth")
    return folder / "w.pth"


STEM, EXTRA, LAST = (
    "backbone.patch_embed1.proj.weight",
    "backbone.extra_patch_embed1.proj.weight",
    "decode_head.linear_pred.weight",
)
HUGE = torch.zeros(1).expand(32, 10**9, 7, 7)
BLOCKS = {f"backbone.block{s}.{b}.norm1.bias": torch.zeros(1) for s in range(1, 5) for b in (0, 1)}

CASES: dict[str, tuple[Make, str]] = {
    "code": (code, "none of it was run"),
    "truncated": (truncated("w.pth"), "or it is damaged"),
    "truncated safetensors": (truncated("w.safetensors"), "cannot be read"),
    "empty file": (written(b"", "w.pt"), "or it is damaged"),
    "text": (written(b"weights", "w.bin"), "or it is damaged"),
    "picture": (written(b"\x89PNG", "w.png"), "is a raster, not weights"),
    "GeoTIFF": (written(b"II*", "w.TIF"), "is a raster, not weights"),
    "Keras": (written(b"x", "w.h5"), "is a network of Keras, which import does not read"),
    "new Keras": (written(b"x", "w.keras"), "export ONNX (.onnx, with tf2onnx)"),
    "TensorFlow Lite": (written(b"x", "w.tflite"), "is a network of TensorFlow Lite"),
    "ArcGIS": (written(b"PK", "w.dlpk"), "unpack it and give the .onnx or .pth file in it"),
    "other suffix": (written(b"x", "w.weights"), "or a network in .onnx"),
    "whole network": (whole_network("land.net.Net"), "holds more than weights (land.net.Net)"),
    "YOLO": (whole_network("ultralytics.nn.tasks.SegmentationModel"), "is a YOLO, which finds"),
    "missing": (lambda folder: folder / "no.pth", "There is no file of weights"),
    "pipe": (pipe, "named pipe"),
    "no tensors": (saved({}), "holds no state dict"),
    "numbers": (saved({"a": 3}), "holds no state dict"),
    "unknown names": (saved({f"x{n}": torch.zeros(1) for n in range(30)}), "x9 and 20 more"),
    "unknown network": (saved({"x": torch.zeros(1)}), "can export ONNX, which import takes"),
    "SegFormer alone": (
        saved({"state_dict": {"net.segformer.stages.0.x": torch.zeros(1)}}, "w.ckpt"),
        "in a file config.json that is missing beside them: give the folder",
    ),
    "first DualStream": (
        saved({f"{n}.w": torch.zeros(1) for n in ("visual_encoder", "air_encoder", "film_f1")}),
        "layers (visual_encoder, air_encoder, film_f1)",
    ),
    "smp": (saved({"segmentation_head.0.weight": torch.zeros(1)}), "give the architecture"),
    "CMX without stem": (
        saved({EXTRA: torch.zeros(32, 3, 7, 7)}),
        f"{STEM} is missing or is not a kernel",
    ),
    "CMX with huge stem": (
        saved({STEM: HUGE, EXTRA: HUGE, LAST: torch.zeros(4, 512, 1, 1), **BLOCKS}),
        "number of image bands must be at most",
    ),
    "CMX with a stem that is none": (
        saved({EXTRA: torch.zeros(32, 3, 7, 7), STEM: torch.zeros(3)}),
        f"{STEM} is missing or is not a kernel",
    ),
    "empty folder": (in_folder(), "it has no config.json"),
    "no folder": (lambda folder: folder / "nowhere", "There is no file of weights"),
    "configuration without weights": (
        in_folder(config__json={"model_type": "segformer"}),
        "it has no model.safetensors or pytorch_model.bin",
    ),
    "damaged configuration": (
        in_folder(config__json=b"{", model__safetensors=b"x"),
        "config.json cannot be read",
    ),
    "list as configuration": (
        in_folder(config__json=[1], model__safetensors=b"x"),
        "config.json holds no object",
    ),
    "other model": (
        in_folder(config__json={"model_type": "bert"}, model__safetensors=b"x"),
        "config.json is of the model 'bert'",
    ),
    "damaged weights in a folder": (
        in_folder(config__json={"model_type": "segformer"}, model__safetensors=b"x"),
        "cannot be read",
    ),
    "scaling of another kind": (
        in_folder(
            config__json={"model_type": "segformer"},
            preprocessor_config__json={"rescale_factor": 1e-320, "size": [[1], [1]]},
            model__safetensors=b"x",
        ),
        "rescale_factor is 9.99989e-321, and must be from 0 to 1",
    ),
    "wrong list": (
        in_folder(
            config__json={"model_type": "segformer", "depths": [1, 2]}, model__safetensors=b"x"
        ),
        "depths has 2 values, and must have 4",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_malformed_weights_are_refused_in_a_sentence(case, tmp_path, capfd) -> None:
    make, words = CASES[case]
    output = tmp_path / "out" / "m.safetensors"
    options = ["--weights", str(make(tmp_path)), "--output", str(output)]
    answer = main(["import", *options, "--normalisation", "imagenet"])
    stderr = capfd.readouterr().err.strip()
    assert answer == 2 and words in stderr
    assert stderr.startswith("Error: ") and len(stderr.splitlines()) == 1 and stderr.endswith(".")
    assert not output.parent.exists() and not (tmp_path / "ran").exists()
