"""Measures networks for buildings on real tiles through ``qgis_process``: each network, their mean, their vote.

The tiles are split by row: y 220241-45 train, 46 validates, 47-48 test. The networks learn from the tiles at half
resolution and map them at full resolution, which ``MATCH_RESOLUTION`` resamples.

With ``--imagenet`` it compares ``smp:Unet:tu-tf_efficientnet_lite0`` from random weights and from ImageNet
weights instead, which come with the engine.

    python -m benchmarks.buildings [--epochs N] [--keep FOLDER] [--imagenet]

It prints the IoU of buildings over all pixels of the test rows at full resolution. The tiles come from
DUALSTREAM_DATA. It needs GDAL's command-line programs, which QGIS installs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from .demo.qgis_process import Qgis
from .locations import DATA, ROOT

#: Rows of tiles (y) of each part.
PARTS = {"train": range(220241, 220246), "validation": (220246,), "test": (220247, 220248)}
#: Epochs after which the networks are about equally good; from random weights the third learns slowly. A member
#: that is much weaker than the others makes an ensemble worse.
PRESETS = {"pspnet-densenet161": 16, "unet-resnet50": 16, "deeplabv3plus-mobilenetv3": 48}
#: Thresholds of the probability of a building: the networks' own threshold, and one half.
THRESHOLDS = (0.35, 0.5)
LITE, LITE_EPOCHS = "smp:Unet:tu-tf_efficientnet_lite0", 24
#: The networks' own recipe is for thousands of images and a GPU; these are thirty tiles and two cores.
OPTIONS = {"TILE_SIZE": 128, "BATCH_SIZE": 8}
RECIPE = (
    "loss=focal-dice augmentation=flips+rotate+jitter+gray optimizer=adam learning_rate=0.001 weight_decay=0.001 "
    "foreground=1 crop=1 schedule=cosine patience=0 checkpoint_every=0 seed=0"
)


def main() -> None:
    """Trains, maps and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--epochs", type=int, help="for each; by default until they are about equally good"
    )
    parser.add_argument("--parallel", type=int, default=2, help="trainings at a time")
    parser.add_argument("--keep", type=Path, help="folder for models and masks")
    parser.add_argument("--imagenet", action="store_true", help="compare first weights instead")
    parser.add_argument("--networks", nargs="*", choices=PRESETS, help="only these")
    options = parser.parse_args()
    data = DATA / "buildings"
    if not data.is_dir():
        raise SystemExit(
            f"There are no building tiles in {data}: set DUALSTREAM_DATA to the folder above buildings."
        )
    with _folder(options.keep) as folder:
        prepare(data, folder)
        trainings = _imagenet_trainings() if options.imagenet else _preset_trainings()
        if options.networks and not options.imagenet:
            trainings = {n: t for n, t in trainings.items() if n in options.networks}
        with ThreadPoolExecutor(options.parallel) as pool:
            runs = [
                pool.submit(
                    train, folder, name, _with_epochs(extra, options.epochs), options.parallel
                )
                for name, extra in trainings.items()
            ]
            models = dict(zip(trainings, [run.result() for run in runs]))
        ensembles = {name: ([model], "automatic") for name, model in models.items()}
        if not options.imagenet and len(models) > 1:
            ensembles |= {combine: ([*models.values()], combine) for combine in ("mean", "vote")}
        print("\nIoU of buildings, test rows, random weights unless said, by threshold:\n")
        print(f"| | {' | '.join(map(str, THRESHOLDS))} |\n|---|{'---|' * len(THRESHOLDS)}")
        for name, (members, combine) in ensembles.items():
            scores = (score(folder, name, members, combine, t) for t in THRESHOLDS)
            print(f"| {name} | {' | '.join(f'{value:.3f}' for value in scores)} |", flush=True)


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.absolute()
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _preset_trainings() -> dict[str, dict[str, object]]:
    return {
        name: {"ARCHITECTURE": name, "EPOCHS": n, "RECIPE": f"{RECIPE} pretrained=none"}
        for name, n in PRESETS.items()
    }


def _imagenet_trainings() -> dict[str, dict[str, object]]:
    training = {"ARCHITECTURE": LITE, "EPOCHS": LITE_EPOCHS}
    return {
        "lite0, random weights": {**training, "RECIPE": f"{RECIPE} pretrained=none"},
        "lite0, ImageNet weights": {**training, "RECIPE": f"{RECIPE} pretrained=imagenet"},
    }


def _with_epochs(parameters: dict[str, object], epochs: int | None) -> dict[str, object]:
    return {**parameters, "EPOCHS": epochs} if epochs else parameters


def prepare(data: Path, folder: Path) -> None:
    """Makes a mosaic of each part, a copy of it at half resolution, and the table of scenes."""
    for part, rows in PARTS.items():
        tiles = sorted(str(path) for y in rows for path in (data / "train").glob(f"*-{y}-19.tif"))
        mosaic = folder / f"{part}.vrt"
        _program("gdalbuildvrt", "-q", "-overwrite", str(mosaic), *tiles)
        half = ("-outsize", "50%", "50%", "-r", "average", "-co", "COMPRESS=DEFLATE")
        _program("gdal_translate", "-q", *half, str(mosaic), str(folder / f"{part}_half.tif"))
    polygons = next(data.glob("*.geojson"))
    shutil.copy(polygons, folder / "polygons.geojson")
    lines = [f"{part}_half.tif,polygons.geojson,{part}" for part in ("train", "validation")]
    (folder / "scenes.csv").write_text("\n".join(["image,labels,split", *lines, ""]))


def train(folder: Path, name: str, parameters: dict[str, object], parallel: int) -> Path:
    """Trains one network through qgis_process, unless the folder contains its model."""
    start = time.monotonic()
    model = folder / f"{_stem(name)}.safetensors"
    if model.exists():
        print(f"{name}: trained before, {model}")
        return model
    qgis = Qgis(_home(folder, name))
    qgis.environment["OMP_NUM_THREADS"] = str(max(1, (os.cpu_count() or 1) // parallel))
    results = qgis.run(
        "dualstream:traindataset",
        {"DATASET": folder / "scenes.csv", "OUTPUT": model, **OPTIONS, **parameters},
    )
    print(
        f"{name}: mIoU {results['MIOU']} in validation, {time.monotonic() - start:.0f} s",
        flush=True,
    )
    return model


def score(folder: Path, name: str, models: list[Path], combine: str, threshold: float) -> float:
    """Maps the test rows through qgis_process and returns the IoU of buildings."""
    mask = folder / f"{_stem(name)}.tif"
    ensemble_file = folder / f"{_stem(name)}.json"
    ensemble_file.write_text(json.dumps({"members": [str(model) for model in models]}))
    Qgis(_home(folder, name)).run(
        "dualstream:segment",
        {
            "MODEL": ensemble_file,
            "IMAGE": folder / "test.vrt",
            "OUTPUT": mask,
            "COMBINE": combine,
            "THRESHOLD": threshold,
        },
        show=False,
    )
    command = [sys.executable, "-m", "engine", "evaluate", "--json", "--mask", str(mask)]
    command += ["--labels", str(folder / "polygons.geojson")]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(json.loads(answer.stdout)["iou"]["foreground"])


def _stem(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def _home(folder: Path, name: str) -> Path:
    """Returns the profile of a run; two runs at the same time must not share one."""
    return folder / f"qgis_{_stem(name)}"


def _program(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{words[0]} failed: {done.stderr.strip()[-500:]}")


if __name__ == "__main__":
    main()
