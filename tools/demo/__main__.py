"""The demo: writes two sample scenes, trains on one and maps the other through ``qgis_process``.

``make demo`` runs it; all its files are in ``demo/``. With ``--readme`` it also updates the picture in
the README. It reuses scenes, model and masks from the same code, so a second run takes seconds.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from PIL import Image

from ..locations import ROOT
from .qgis_process import Qgis, QgisError

DEMO = ROOT / "demo"
#: The code that the scenes depend on, and the code that the model depends on.
SCENE_SOURCES = "dualstream_qgis/sample_scenes/*.py"
MODEL_SOURCES = "engine/**/*.py"
#: The folders of the scenes.
TRAINING, UNSEEN = "training", "unseen"
#: A training of two minutes on two CPU cores, shorter than the default.
TRAINING_OPTIONS = {"TILE_SIZE": 128, "BATCH_SIZE": 8, "EPOCHS": 6, "RECIPE": "seed=1"}
README_PICTURE = ROOT / "resources" / "images" / "demo.png"
README_WIDTH = 1400


def step(message: str) -> None:
    """Prints which step begins."""
    print(f"\n* {message}", flush=True)


def make_scenes(qgis: Qgis, folder: Path) -> None:
    """Writes both scenes, unless the same code has written them before."""
    stamp, wanted = folder / "scenes.stamp", fingerprint(SCENE_SOURCES)
    if stamp.is_file() and stamp.read_text() == wanted:
        step(f"Reusing the two scenes {folder / TRAINING} and {folder / UNSEEN}")
        return
    step("Making two scenes: a 10 m image, 48 bands of coarse air quality, polygons as labels")
    for name in (TRAINING, UNSEEN):  # the algorithm keeps files that are there
        shutil.rmtree(folder / name, ignore_errors=True)
    qgis.run("dualstream:sample", {"OUTPUT": folder})
    stamp.write_text(wanted)


def fingerprint(*patterns: str, extra: object = None) -> str:
    """Returns a hash of the files that match the patterns, and of ``extra``."""
    digest = hashlib.sha256(json.dumps(extra, sort_keys=True).encode())
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def train(qgis: Qgis, folder: Path) -> Path:
    """Trains on the training scene, unless the same code has done so before with the same options."""
    model, stamp = folder / "model.safetensors", folder / "model.stamp"
    wanted = fingerprint(MODEL_SOURCES, extra=TRAINING_OPTIONS)
    if model.is_file() and stamp.is_file() and stamp.read_text() == wanted:
        step(f"Reusing the model {model} of the same code (delete it to train again)")
        return model
    step("Training a small network on the training scene; some minutes on two CPU cores")
    scene = folder / TRAINING
    results = qgis.run(
        "dualstream:train",
        {
            "IMAGE": scene / "image.tif",
            "AUXILIARY": scene / "air.tif",
            "LABELS": scene / "labels.gpkg",
            "CLASS_FIELD": "class",
            **TRAINING_OPTIONS,
            "OUTPUT": model,
        },
    )
    stamp.write_text(wanted)
    print(f"  mIoU on the part kept for validation: {results.get('MIOU', 'unknown')}")
    return model


def segment(qgis: Qgis, model: Path, folder: Path, mask: Path, with_air: bool) -> None:
    """Maps the unseen scene with both streams, or with the image alone."""
    scene = folder / UNSEEN
    second = {"AUXILIARY": scene / "air.tif"} if with_air else {"IMAGE_ALONE": True}
    qgis.run(
        "dualstream:segment",
        {"MODEL": model, "IMAGE": scene / "image.tif", **second, "OUTPUT": mask},
    )


def evaluate(folder: Path, mask: Path) -> dict[str, Any]:
    """Returns the scores of a mask of the unseen scene against its labels."""
    labels = folder / UNSEEN / "labels.gpkg"
    command = [sys.executable, "-m", "engine", "evaluate", "--mask", str(mask),
               "--labels", str(labels), "--class_field", "class", "--json"]  # fmt: skip
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise QgisError(f"The mask could not be scored:\n{answer.stdout}{answer.stderr}")
    return dict(json.loads(answer.stdout))


def draw(qgis: Qgis, folder: Path, mask: Path, caption: str) -> Path:
    """Draws image, air quality and styled mask side by side, with QGIS's own renderer."""
    picture = folder / "map.png"
    python = os.environ.get("DUALSTREAM_QGIS_PYTHON") or "/usr/bin/python3"
    scene = folder / UNSEEN
    command = [python, "-m", "tools.demo.draw_map", str(scene / "image.tif"), str(scene / "air.tif"), str(mask),
               caption, str(picture)]  # fmt: skip
    answer = subprocess.run(
        command, cwd=ROOT, env=qgis.environment, capture_output=True, text=True, check=False
    )
    if answer.returncode or not picture.is_file():
        raise QgisError(f"QGIS could not draw the map:\n{answer.stdout}{answer.stderr}")
    return picture


def map_and_score(qgis: Qgis, folder: Path, mask: Path) -> list[dict[str, Any]]:
    """Maps the unseen scene with both streams and with the image alone, and scores both masks.

    It reuses masks and scores from the same code.
    """
    alone, kept = mask.with_name("mask_image_alone.tif"), folder / "scores.json"
    wanted = fingerprint(MODEL_SOURCES, "dualstream_qgis/**/*.py", extra=TRAINING_OPTIONS)
    if mask.is_file() and alone.is_file() and kept.is_file():
        record = json.loads(kept.read_text())
        if record["stamp"] == wanted:
            step(f"Reusing the masks of the same code, such as {mask} (delete it to map again)")
            return list(record["scores"])
    model = train(qgis, folder)
    step("Mapping a scene that the network has not seen, with both streams")
    segment(qgis, model, folder, mask, with_air=True)
    step("Mapping it again from the image alone, to measure the benefit of the air quality")
    segment(qgis, model, folder, alone, with_air=False)
    scores = [evaluate(folder, mask), evaluate(folder, alone)]
    kept.write_text(json.dumps({"stamp": wanted, "scores": scores}))
    return scores


def main() -> None:
    """Runs the demo step by step."""
    began = time.monotonic()
    DEMO.mkdir(exist_ok=True)
    qgis = Qgis(DEMO)
    make_scenes(qgis, DEMO)
    mask = DEMO / "mask.tif"
    scores, alone = map_and_score(qgis, DEMO, mask)
    caption = (
        f"A scene the network has not seen: mIoU {scores['miou']:.2f} with both streams, "
        f"{alone['miou']:.2f} from the image alone"
    )
    picture = draw(qgis, DEMO, mask, caption)
    if "--readme" in sys.argv[1:]:
        save_for_readme(picture, README_PICTURE)
    step(f"Done in {time.monotonic() - began:.0f} s")
    report(scores, alone)
    print(f"  Model:        {DEMO / 'model.safetensors'}")
    print(f"  Unseen scene: {DEMO / UNSEEN}")
    print("The styled mask for QGIS, and its picture:")
    print(mask)
    print(picture)


def report(scores: dict[str, Any], alone: dict[str, Any]) -> None:
    """Prints the scores of both masks side by side."""
    print(f"  {'on the unseen scene':24}{'both streams':>14}{'image alone':>14}")
    for name, iou in scores["iou"].items():
        print(f"  {'IoU ' + name:24}{iou:14.3f}{alone['iou'].get(name, 0.0):14.3f}")
    print(f"  {'mIoU':24}{scores['miou']:14.3f}{alone['miou']:14.3f}")


def save_for_readme(picture: Path, target: Path) -> None:
    """Saves a small copy of the picture with 256 colours for the README."""
    with Image.open(picture) as opened:
        height = README_WIDTH * opened.height // opened.width
        small = opened.convert("RGB").resize((README_WIDTH, height), Image.Resampling.LANCZOS)
    target.parent.mkdir(parents=True, exist_ok=True)
    few = small.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=8, dither=Image.Dither.NONE)
    few.save(target, optimize=True)


if __name__ == "__main__":
    try:
        main()
    except QgisError as problem:
        sys.exit(f"\nThe demo stopped. {problem}")
