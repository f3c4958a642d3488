"""Measures what a training gains from starting with a model: scores on new tiles after a tenth of the epochs.

    python -m benchmarks.finetune [--seeds 0 1 2] [--epochs 10] [--parallel 2]

Splits the training images of ``water`` (DUALSTREAM_DATA, default ../shared/data) into two halves by number. The donor
learns from the first half. From the second half learn a network that starts from the donor and one with random weights,
both in a tenth of the donor's epochs and in as many. All are scored on the set's validation images: the donor with
the weights of its best epoch, from which the others start, and these after their last epoch.

Measured with seeds 0, 1, 2 and 10 epochs, mIoU: donor .633 .616 .604; start, a tenth .639 .617 .606; random, a tenth .462
.381 .424; start, all .639 .588 .607; random, all .560 .536 .572.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from engine.datasets.layouts import DUALSTREAM_FOLDERS
from tools.locations import DATA

from .processes import engine_job, run

#: The trainings in the order of the table.
COLUMNS = ("donor", "start, a tenth", "random, a tenth", "start, all", "random, all")


def main() -> None:
    """Trains and prints the table."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        halves = _halves(DATA / "water", Path(folder))
        with ThreadPoolExecutor(options.parallel) as pool:
            rows = pool.map(lambda seed: _row(halves, Path(folder), seed, options), options.seeds)
            scores = dict(zip(options.seeds, rows))
    print(f"\n| mIoU | {' | '.join(COLUMNS)} |\n|---|" + "---|" * len(COLUMNS))
    for seed, row in scores.items():
        print(f"| seed {seed} | {' | '.join(f'{row[name]:.3f}' for name in COLUMNS)} |")
    medians = (statistics.median(row[name] for row in scores.values()) for name in COLUMNS)
    print(f"| median | {' | '.join(f'{value:.3f}' for value in medians)} |")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--parallel", type=int, default=2, help="trainings at a time, a core each")
    return parser.parse_args()


def _halves(source: Path, target: Path) -> list[Path]:
    """Two data sets with half of the training images each and the same validation images, as links."""
    halves = [target / "first", target / "second"]
    for split, (images, labels, _) in DUALSTREAM_FOLDERS.items():
        for name in (images, labels):
            files = sorted(f for f in (source / name).iterdir() if f.suffix != ".xml")
            middle = len(files) // 2
            parts = (files[:middle], files[middle:]) if split == "train" else (files, files)
            for half, part in zip(halves, parts):
                (half / name).mkdir(parents=True)
                for file in part:
                    (half / name / file.name).symlink_to(file.resolve())
    return halves


def _row(
    halves: list[Path], folder: Path, seed: int, options: argparse.Namespace
) -> dict[str, Any]:
    """The scores of all trainings with one seed."""
    tenth, donor = max(1, options.epochs // 10), folder / f"donor-{seed}.safetensors"
    fresh = {"encoder": "mit-b0", "pretrained": "none", "tile_size": 128, "learning_rate": 1e-3}
    first, second = ({"dataset": half, "seed": seed} for half in halves)
    row = {"donor": max(_train(donor, {**first, **fresh, "epochs": options.epochs}))}
    for number, name in enumerate(COLUMNS[1:]):
        begin = {"start": donor} if name.startswith("start") else fresh
        epochs = tenth if name.endswith("tenth") else options.epochs
        job = {**second, **begin, "epochs": epochs}
        row[name] = _train(folder / f"{seed}-{number}.safetensors", job)[-1]
    print(", ".join(f"{name} {row[name]:.3f}" for name in COLUMNS), f"(seed {seed})", flush=True)
    return row


def _train(output: Path, job: dict[str, Any]) -> list[float]:
    """Trains and returns the validation mIoU of each epoch."""
    job = {**job, "output": output, "checkpoint_every": 0, "device": "cpu"}
    done = run(engine_job("train", job), {**os.environ, "OMP_NUM_THREADS": "1"})
    values = [event.get("values", {}) for _, event in done.lines]
    return [found["miou"] for found in values if "miou" in found]


if __name__ == "__main__":
    main()
