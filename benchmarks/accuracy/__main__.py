"""Measures the defaults at home and away: on land of the training's own place, and on land elsewhere.

    python -m benchmarks.accuracy [buildings|buildings-back|water|clouds ...] [--rows defaults ...] [--seeds 0 1 2]
        [--job encoder_rate=0.1 ...] [--checkout FOLDER] [--parallel 2]

The network is trained by ``python -m engine train`` with the data, an output, a seed and the fields of ``--job`` only,
then maps land that it has not seen with ``segment-folder``. No score is of validation land:

- buildings: learns Banepa; home are rows of its tiles, away another town on another continent. buildings-back: learns
  the other town; home is its other area, away all of Banepa.
- water: chips of about the same colours stay together as a site; each seed leaves another third of the sites out
  (away) and some chips of the other sites (home).
- clouds: Landsat patches; home are patches left out, away two scenes of Sentinel-2 with weak labels.

Boosted trees on single pixels learn the bands of the image and those of the auxiliary rasters, resampled to its grid.
"all" is the IoU of the pixels of all seeds together; its interval, 5 to 95 %, is of draws of squares of 512 px with
replacement. Outlines, shares and calibration errors are of all seeds too; CPU seconds are the median of the trainings.
"--checkout" measures the engine of another checkout with the same program.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.locations import ROOT

from .data_sets import AWAY, HOME, SETS, Experiment
from .pixel_model import score_pixel_model
from .runs import Engine, Result, train_and_score
from .scoring import Tally

#: Names of the rows: the network with the defaults, and the pixel model.
_NETWORK, _TREES = "defaults", "boosted trees"

#: Row of a table, and seed.
Run = tuple[str, int]


def main() -> None:
    """Trains networks and trees and prints a table for every data set."""
    options = _options()
    threads = max(1, (os.cpu_count() or 1) // options.parallel)
    job = dict(field.split("=", 1) for field in options.job)
    engine = Engine(options.checkout.resolve(), threads, job)
    for name in options.sets:
        experiment = SETS[name]
        known = [_NETWORK, *([_TREES] if experiment.has_pixel_model else [])]
        rows = [row for row in known if not options.rows or row in options.rows]
        runs = [(row, seed) for seed in options.seeds for row in rows]
        with tempfile.TemporaryDirectory() as folder:
            parent = (options.keep or Path(folder)) / name
            results = _run_all(experiment, engine, runs, parent, options.parallel)
        print(
            f"\n{name}: {_title(experiment)}\n\n{_table(rows, options.seeds, results)}", flush=True
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", default=[*SETS], help=f"of {', '.join(SETS)}")
    parser.add_argument("--rows", nargs="*", help="only these rows of the tables")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--job", nargs="*", default=[], help="fields of all trainings: NAME=VALUE")
    parser.add_argument("--checkout", type=Path, default=ROOT, help="whose engine is measured")
    parser.add_argument("--parallel", type=int, default=2, help="trainings at a time, a core each")
    parser.add_argument("--keep", type=Path, help="folder for models and masks; default: not kept")
    return parser.parse_args()


def _run_all(
    experiment: Experiment, engine: Engine, runs: list[Run], folder: Path, parallel: int
) -> dict[Run, Result]:
    def run(one: Run) -> Result:
        result = _run(experiment, engine, *one, folder / f"{one[0].replace(' ', '-')}-{one[1]}")
        print(f"{one[0]}, seed {one[1]}: {result}", flush=True)
        return result

    with ThreadPoolExecutor(parallel) as pool:
        return dict(zip(runs, pool.map(run, runs)))


def _run(experiment: Experiment, engine: Engine, name: str, seed: int, folder: Path) -> Result:
    folder.mkdir(parents=True)
    division = experiment.divide(folder, seed)
    if name == _TREES:
        return score_pixel_model(division, experiment.classes, seed)
    return train_and_score(engine, division, experiment.classes, folder, seed)


def _title(experiment: Experiment) -> str:
    return f"IoU of {' and '.join(experiment.classes) or 'all classes, mean'}"


def _table(rows: list[str], seeds: list[int], results: dict[Run, Result]) -> str:
    """Scores of each row at each place: every seed, and the medians."""
    columns = [f"seed {seed}" for seed in seeds]
    columns += ["median", "all", "interval", "outline F1", "mapped / true", "ECE", "CPU s"]
    lines = [f"| row | place | {' | '.join(columns)} |", f"|---|---|{'---|' * len(columns)}"]
    for row in rows:
        found = [results[row, seed] for seed in seeds]
        for place in (HOME, AWAY):
            tallies = [result.tallies[place] for result in found]
            scores, every = [tally.score() for tally in tallies], Tally.of_all(tallies).score()
            cells = [f"{score.iou:.3f}" for score in scores]
            cells += [f"{statistics.median(score.iou for score in scores):.3f}", f"{every.iou:.3f}"]
            cells.append("{:.2f} to {:.2f}".format(*every.interval))
            cells += [f"{every.outline_f1:.2f}", f"{every.mapped / every.true:.2f}"]
            cells.append(f"{every.ece:.3f}")
            cells.append(f"{statistics.median(result.cpu_seconds for result in found):.0f}")
            lines.append(f"| {row} | {place} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
