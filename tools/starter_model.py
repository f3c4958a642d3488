"""Trains the starter model of the sample data, which ``make package`` puts into the zip.

It is CMX with two small encoders: the second stream of DualStream-DFormer alone has more weights than the zip has
place for. The weights are stored in fp16, which halves the file; networks compute in fp32 all the same.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import save

from dualstream_qgis.starter_model import NAME

from .demo.__main__ import SCENE_SOURCES, TRAINING, fingerprint, make_scenes, step
from .demo.qgis_process import Qgis
from .locations import ROOT

#: Folder of the sample data, the training's files and the model, which later runs reuse.
FOLDER = ROOT / "dist" / "starter"

#: The code that makes the scenes and the network: if it changes, the model is trained again.
SOURCES = (SCENE_SOURCES, "engine/models/cmx.py")

#: A training of three minutes on two CPU cores.
OPTIONS = {
    "architecture": "cmx",
    "encoder": "mobilenetv2_050",
    "pretrained": "none",
    "tile_size": 128,
    "batch_size": 8,
    "epochs": 12,
    "validate_every": 2,
    "accumulation": 1,
    "loss": "ce+dice",
    "augmentation": "flips",
    "learning_rate": 0.002,
    "encoder_rate": 1.0,
    "warmup_epochs": 0,
    "seed": 1,
    "device": "cpu",
}

#: Largest size of the model file, bytes.
MAX_BYTES = 10_000_000


def trained_model() -> Path:
    """Returns the model file; trains it, unless there is one of the same scenes, network and options.

    Raises:
        SystemExit: If the training fails or the file is too large for the zip.
        QgisError: If QGIS, which makes the scenes, is missing.
    """
    model, stamp = FOLDER / NAME, FOLDER / "model.stamp"
    wanted = fingerprint(*SOURCES, extra=OPTIONS)
    if model.is_file() and stamp.is_file() and stamp.read_text() == wanted:
        return model
    FOLDER.mkdir(parents=True, exist_ok=True)
    make_scenes(Qgis(FOLDER), FOLDER)
    step(
        "Training the starter model of the sample data: 4 CPU minutes, once; dist/starter keeps it"
    )
    trained = _train()
    store_in_half(trained, model)
    if model.stat().st_size > MAX_BYTES:
        raise SystemExit(
            f"The starter model has {model.stat().st_size / 1e6:.1f} MB, more than 10."
        )
    stamp.write_text(wanted)
    return model


def _train() -> Path:
    """Trains with relative paths: the model's card names its data, and no folder of this computer."""
    options = [f"--{name}={value}" for name, value in OPTIONS.items()]
    command = [
        *(sys.executable, "-m", "engine", "train", *options),
        *("--image", f"{TRAINING}/image.tif", "--auxiliary", f"{TRAINING}/air.tif"),
        *("--labels", f"{TRAINING}/labels.gpkg", "--class_field", "class"),
        *("--report", "none", "--output", "trained.safetensors"),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=FOLDER, env=environment, check=False)
    if done.returncode:
        raise SystemExit("The starter model could not be trained; the messages above say why.")
    return FOLDER / "trained.safetensors"


def store_in_half(trained: Path, target: Path) -> None:
    """Writes a model file with its matrices and kernels in fp16.

    Vectors stay as they are: they are few, and the scaling of bands has values that fp16 lacks.
    """
    with safe_open(trained, framework="pt") as file:
        card = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    small = {
        name: value.half() if value.is_floating_point() and value.ndim > 1 else value
        for name, value in tensors.items()
    }
    part = target.with_name(target.name + ".part")
    part.write_bytes(save(small, metadata=card))  # not save_file: its files are their owner's only
    part.replace(target)


if __name__ == "__main__":
    print(trained_model())
