"""Measures what labels are worth by the way in which their places are chosen.

    python -m benchmarks.labelling [buildings|water|clouds ...] [--seeds 0 1 2] [--arms TEXT ...] [--keep FOLDER]

A simulated person labels views of 128 px of a scene, round by round, and each arm learns from all labels so far. The
score is of views of the same scene that no arm labels: IoU of buildings or of water, mean IoU of four cloud classes.

- wrong points: the person sees the map of each view and clicks in the middle of the largest wrong region of each class, one
  click at most for each class and view, with a jitter of 3 px and 3 % wrong classes.
- suggested points, random points: the person names the class of the points of ``suggest``, or of random ones.
- suggested squares, random squares: an eighth of the views a round, whole; everything: all views at once.

sketch: ``sketch`` learns from the labels. update: a training of 32 steps starts from the last model, the first one from a
sketch of the same labels. FOLDER keeps finished rounds, so that a run that was stopped resumes, and gets the picture labelling.png.
"""

from __future__ import annotations

import argparse
import os
import statistics
from concurrent.futures import ProcessPoolExecutor
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path

from tools.locations import cache_folder

from .picture import Curve, draw
from .pools import POOLS, VIEW
from .rounds import (
    EVERYTHING,
    POINTS,
    RANDOM,
    SKETCH,
    SQUARES,
    SUGGESTED,
    UPDATE,
    WRONG,
    Arm,
    Round,
    label_arm,
)

ARMS = [
    Arm(where, shape, learner)
    for learner in (SKETCH, UPDATE)
    for where, shape in (
        (RANDOM, SQUARES),
        (SUGGESTED, SQUARES),
        (WRONG, POINTS),
        (SUGGESTED, POINTS),
        (RANDOM, POINTS),
        (EVERYTHING, SQUARES),
    )
]


def main() -> None:
    """Labels, prints a table for each data set and learner, and draws the curves."""
    options = _options()
    os.environ["OMP_NUM_THREADS"] = "1"  # of the processes that learn
    arms = [arm for arm in ARMS if any(text in arm.name for text in options.arms)]
    keep = options.keep.absolute()
    keys = [(name, seed, arm) for name in options.sets for seed in options.seeds for arm in arms]
    with ProcessPoolExecutor(options.parallel, get_context("spawn")) as workers:
        going = [workers.submit(label_arm, keep, *key) for key in keys]
        found = dict(zip(keys, [future.result() for future in going]))
    curves: dict[str, dict[str, list[Curve]]] = {}
    for name in options.sets:
        runs = {arm: [found[name, seed, arm] for seed in options.seeds] for arm in arms}
        _print(name, options.seeds, runs)
        curves[name] = {arm.name: [_curve(rounds) for rounds in each] for arm, each in runs.items()}
    draw(curves, keep / "labelling.png")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", default=[*POOLS], help=f"of {', '.join(POOLS)}")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--arms", nargs="+", default=[""], help="texts in the names of arms")
    parser.add_argument("--parallel", type=int, default=2, help="arms at a time, a core each")
    kept = cache_folder() / "labelling"
    parser.add_argument("--keep", type=Path, default=kept, help=f"folder; default: {kept}")
    return parser.parse_args()


def _curve(rounds: list[Round]) -> Curve:
    """Labelled pixels, CPU minutes so far and score of each round."""
    minutes = accumulate(one.cpu_seconds / 60 for one in rounds)
    pixels = (len(one.clicks) + len(one.squares) * VIEW**2 for one in rounds)
    return [*zip(pixels, minutes, (one.score for one in rounds))]


def _print(name: str, seeds: list[int], runs: dict[Arm, list[list[Round]]]) -> None:
    """A table with the medians of the seeds: amount of labels, score and CPU seconds so far of each round."""
    print(
        f"\n{name}, medians of seeds {', '.join(map(str, seeds))}: score (clicks or squares, CPU s so far)\n"
    )
    rounds = max(len(each[0]) for each in runs.values())
    print(
        f"| arm | {' | '.join(f'round {n + 1}' for n in range(rounds))} |\n|---|{'---|' * rounds}"
    )
    for arm, each in runs.items():
        cells = []
        for number in range(len(each[0])):
            ones = [rounds[number] for rounds in each]
            spent = statistics.median(
                sum(one.cpu_seconds for one in rounds[: number + 1]) for rounds in each
            )
            labels = statistics.median(len(one.clicks) or len(one.squares) for one in ones)
            middle = statistics.median(one.score for one in ones)
            cells.append(f"{middle:.3f} ({labels:.0f}, {spent:.0f})")
        print(f"| {arm.name} | {' | '.join(cells + [''] * (rounds - len(cells)))} |", flush=True)


if __name__ == "__main__":
    main()
