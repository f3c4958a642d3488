"""Measures what defaults, encoders, weights and streams are worth on real labelled data, beside a random forest.

    python -m benchmarks.accuracy [water|clouds|buildings ...] [--rows defaults ...] [--seeds 0 1 2] [--parallel 2]

Each row of a table trains through ``python -m engine train`` with the data, an output and the options of the row only.
Scores are IoU from one confusion matrix: on water and clouds over all validation pixels after the last epoch, so that
validation selects nothing; on buildings over the test rows of tiles, which neither trains nor selects. "Auxiliary only"
keeps the network and sets every image band to zero. The forest classifies single pixels: the bands of the image and
those of the auxiliary rasters, resampled to its grid. CPU seconds are those of the whole training process.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .data_sets import SETS, Experiment
from .forest import forest_score
from .runs import Result, train_and_score

#: Row of a table, and seed.
Run = tuple[str, int]


def main() -> None:
    """Trains networks and forests and prints a table for every data set."""
    options = _options()
    for name in options.sets:
        experiment = SETS[name]
        rows = [row for row in experiment.rows if not options.rows or row in options.rows]
        runs = [(row, seed) for seed in options.seeds for row in rows]
        with tempfile.TemporaryDirectory() as folder:
            results = _train_all(experiment, runs, Path(options.keep or folder), options.parallel)
        print(f"\n{name}: IoU of {experiment.score}\n")
        _print(rows, options.seeds, results)
        if experiment.has_forest:
            _print_forests(experiment, options.seeds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sets", nargs="*", default=[*SETS], help=f"of {', '.join(SETS)}")
    parser.add_argument("--rows", nargs="*", help="only these rows of the tables")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--parallel", type=int, default=2, help="trainings at a time, a core each")
    parser.add_argument("--keep", default="", help="folder for the models; default: not kept")
    return parser.parse_args()


def _train_all(
    experiment: Experiment, runs: list[Run], folder: Path, parallel: int
) -> dict[Run, Result]:
    folder.mkdir(parents=True, exist_ok=True)
    for streams in {experiment.rows[row].streams for row, _ in runs}:
        experiment.prepare(folder, streams)

    def train(run: Run) -> Result:
        result = train_and_score(experiment, folder, *run, parallel)
        print(f"{run[0]}, seed {run[1]}: {result}", flush=True)
        return result

    with ThreadPoolExecutor(parallel) as pool:
        return dict(zip(runs, pool.map(train, runs)))


def _print(rows: list[str], seeds: list[int], results: dict[Run, Result]) -> None:
    columns = " | ".join(f"seed {seed}" for seed in seeds)
    print(f"| row | {columns} | median | CPU s, median | calibration error before -> after |")
    print("|---|" + "---|" * (len(seeds) + 3))
    for row in rows:
        found = [results[row, seed] for seed in seeds]
        cells = [f"{result.score:.3f}" for result in found]
        cells += [f"{statistics.median(result.score for result in found):.3f}"]
        cells += [f"{statistics.median(result.cpu_seconds for result in found):.0f}"]
        before, after = (
            statistics.median(errors) for errors in zip(*(r.calibration_errors for r in found))
        )
        print(f"| {row} | {' | '.join(cells)} | {before:.3f} -> {after:.3f} |", flush=True)


def _print_forests(experiment: Experiment, seeds: list[int]) -> None:
    for streams in dict.fromkeys(row.streams for row in experiment.rows.values()):
        scores = [forest_score(experiment, streams, seed) for seed in seeds]
        print(f"Random forest, {streams}: {statistics.median(scores):.3f}", flush=True)


if __name__ == "__main__":
    main()
