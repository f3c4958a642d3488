"""Measures what it is worth to label the tiles that ``suggest`` proposes, against random tiles.

    python -m benchmarks.labelling [buildings|water ...] [--seeds 0 1 2] [--part validation] [--keep FOLDER]

A simulated labeller knows all labels. Both arms start from the same model, which learnt from a few random tiles. In
each round as many tiles again are labelled, by ``suggest`` or at random, and the arm's last model is fine-tuned on all
labels of the arm, by the same job in both. More rounds are more training too: so each arm is also trained on, without
new labels, from 60 % of the tiles up to as many trainings as at the end of random labelling. The score is the IoU of buildings on rows of tiles that neither trains nor
selects, and of water on the validation chips. FOLDER keeps finished rounds, so that a run that was stopped resumes,
and gets the picture labelling.png.
"""

from __future__ import annotations

import argparse
import os
import statistics
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tools.locations import cache_folder

from .engine_runs import iou
from .picture import Scores, draw, medians, tiles_for
from .pools import POOLS, Pool, prepare, scene
from .rounds import ARMS, STOP, Round, first_round, later_rounds

#: Rounds by arm and seed; the last one had no new labels.
Runs = dict[tuple[str, int], list[Round]]


def main() -> None:
    """Trains, scores, prints a table for each data set and draws the curves."""
    options = _options()
    os.environ["OMP_NUM_THREADS"] = "1"  # of the processes that train
    curves = {}
    for name in options.sets:
        pool, folder = POOLS[name], options.keep.absolute() / name
        prepare(pool, folder / "data")
        runs = _label(pool, folder, options)
        part = options.part if options.part in pool.parts else "validation"
        found = _score(pool, folder, runs, part, options)
        scores = {arm: [row[:-1] for row in rows] for arm, rows in found.items()}
        trained = {arm: [row[-1:] for row in rows] for arm, rows in found.items()}
        counts = [*range(pool.step, pool.most + 1, pool.step)]
        print(f"\n{name}: IoU, {part} part, by labelled tiles\n")
        _print(counts, options.seeds, scores, trained)
        _print_seconds(runs)
        curves[name] = counts, scores
    draw(curves, options.keep / "labelling.png")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sets", nargs="*", default=[*POOLS], help=f"of {', '.join(POOLS)}")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=ARMS)
    parser.add_argument(
        "--part", default="test", help="validation: scores to choose by; default: test"
    )
    parser.add_argument("--parallel", type=int, default=2, help="trainings at a time, a core each")
    kept = cache_folder() / "labelling"
    parser.add_argument("--keep", type=Path, default=kept, help=f"folder; default: {kept}")
    return parser.parse_args()


def _label(pool: Pool, folder: Path, options: argparse.Namespace) -> Runs:
    """Trains in processes, each on one core."""
    keys = [(arm, seed) for seed in options.seeds for arm in options.arms]
    with ProcessPoolExecutor(options.parallel, get_context("spawn")) as workers:
        begun = [workers.submit(first_round, pool, folder, seed) for seed in options.seeds]
        first = dict(zip(options.seeds, [future.result() for future in begun]))
        going = [
            workers.submit(later_rounds, pool, folder, seed, arm, first[seed]) for arm, seed in keys
        ]
        return dict(zip(keys, [future.result() for future in going]))


def _score(pool: Pool, folder: Path, runs: Runs, part: str, options: argparse.Namespace) -> Scores:
    labels, fields = folder / "data" / part / "labels.tif", scene(folder / "data", part)

    def curve(rounds: list[Round]) -> list[float]:
        return [iou(Path(one.model), fields, pool.overlap, labels) for one in rounds]

    return {arm: [curve(runs[arm, seed]) for seed in options.seeds] for arm in options.arms}


def _print(counts: list[int], seeds: list[int], scores: Scores, trained: Scores) -> None:
    stop = f"{counts[STOP]}, trained on"
    print(f"| labelled tiles | {' | '.join(map(str, counts))} | {stop} |")
    print(f"|---|{'---|' * (len(counts) + 1)}")
    for arm, rows in scores.items():
        titles = [*(f"{arm}, seed {seed}" for seed in seeds), f"{arm}, median"]
        ends = [*trained[arm], medians(trained[arm])]
        for title, row, end in zip(titles, [*rows, medians(rows)], ends):
            cells = [f"{value:.3f}" for value in row] + [""] * (len(counts) - len(row))
            print(f"| {title} | {' | '.join(cells)} | {end[0]:.3f} |")
    if len(scores) == len(ARMS):
        goal = medians(scores["random"])[-1]
        enough = tiles_for(goal, counts, medians(scores["suggest"]))
        found = f"after {enough:.1f} tiles" if enough else "never"
        print(f"\nThe medians: random ends at {goal:.3f}, which suggest reaches {found}.")


def _print_seconds(runs: Runs) -> None:
    rounds = [one for run in runs.values() for one in run[1:]]
    training = statistics.median(one.cpu_seconds for one in rounds)
    print(f"CPU s of a later training, median: {training:.0f}")
    searches = [one.suggest_seconds for one in rounds if one.suggest_seconds]
    if searches:
        print(f"CPU s of suggest, median: {statistics.median(searches):.0f}", flush=True)


if __name__ == "__main__":
    main()
