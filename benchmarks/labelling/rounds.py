"""Simulated labelling: a first model, then rounds of choosing tiles, labelling them and fine-tuning on all labels.

Every round is kept as a folder with its model and ``round.json``; a run that was stopped resumes after the last one.
"""

from __future__ import annotations

import json
import math
import random
from dataclasses import asdict, dataclass
from pathlib import Path

import rasterio

from .engine_runs import run, suggested_places
from .pools import Pool, names, scene, write_data_set, write_labels

#: How the tiles of later rounds are chosen.
ARMS = ("suggest", "random")

#: The round after which an arm also trains on without new labels: it has 60 % of the most tiles.
STOP = 2

#: The file of a finished round.
_KEPT = "round.json"

#: Windows of a training step, and the steps that the engine makes at least in a pass over the labels.
_BATCH, _LEAST_BATCHES = 4, 8


@dataclass(frozen=True)
class Round:
    """A trained model and what it cost.

    Attributes:
        labelled: Names of the labelled tiles.
        model: The model file.
        cpu_seconds: CPU time of the training.
        suggest_seconds: CPU time of ``suggest``.
    """

    labelled: list[str]
    model: str
    cpu_seconds: float
    suggest_seconds: float = 0.0


def first_round(pool: Pool, folder: Path, seed: int) -> Round:
    """Trains the model from which both arms start, on random tiles.

    Args:
        pool: The data set.
        folder: Its folder, which holds the prepared tiles in ``data`` and keeps the rounds.
        seed: Seed of the tiles and of the training.
    """
    data = folder / "data"
    job = {**pool.job, **_length(pool.first_windows, pool.step), "seed": seed}
    return _round(folder / f"first-{seed}", data, job, _shuffled(data, seed)[: pool.step])


def later_rounds(pool: Pool, folder: Path, seed: int, arm: str, first: Round) -> list[Round]:
    """Labels and fine-tunes until the arm's number of tiles is labelled.

    Returns:
        All rounds with the first one, and last a model that was trained on without new labels, see ``STOP``.
    """
    own, data = folder / f"{arm}-{seed}", folder / "data"
    rounds, order = [first], _shuffled(data, seed)
    most = pool.most if arm == "random" else pool.most - pool.step
    for count in range(2 * pool.step, most + 1, pool.step):
        target, last = own / str(count), rounds[-1]
        labelled, seconds = order[:count], 0.0
        if arm != "random" and not (target / _KEPT).exists():
            chosen, seconds = _suggest(pool, target, data, last, count - len(last.labelled))
            labelled = [*last.labelled, *chosen]
        rounds.append(_next_round(pool, target, data, seed, last, labelled, seconds))
    last = rounds[STOP]
    for number in range(STOP + 1, pool.most // pool.step):
        target = own / f"{len(last.labelled)}-{number}"
        last = _next_round(pool, target, data, seed, last, last.labelled)
    return [*rounds, last]


def _length(windows: int, tiles: int) -> dict[str, int]:
    """The fields of a training that sees about ``windows`` windows of tiles that are one window each."""
    a_pass = tiles * math.ceil(_LEAST_BATCHES * _BATCH / tiles)
    return {"epochs": round(windows / a_pass), "batch_size": _BATCH}


def _shuffled(data: Path, seed: int) -> list[str]:
    found = names(data, "train")
    random.Random(seed).shuffle(found)  # noqa: S311 - no secret
    return found


def _suggest(
    pool: Pool, folder: Path, data: Path, last: Round, count: int
) -> tuple[list[str], float]:
    """The tiles that ``suggest`` proposes, and its CPU seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    labels, output = folder / "labels.tif", folder / "squares.gpkg"
    write_labels(pool, data, last.labelled, labels)
    job = {
        **scene(data, "train"),
        "model": [last.model],
        "labels": labels,
        "count": count,
        "size": pool.side,
        "overlap": pool.overlap,
        "output": output,
        "device": "cpu",
    }
    _, seconds = run("suggest", job)
    with rasterio.open(labels) as file:
        places = suggested_places(output, pool.side, file.height)
    tiles = names(data, "train")
    return [tiles[row * pool.columns + col] for row, col in places], seconds


def _next_round(
    pool: Pool,
    folder: Path,
    data: Path,
    seed: int,
    last: Round,
    labelled: list[str],
    suggest_seconds: float = 0.0,
) -> Round:
    """Fine-tunes the last round's model on labelled tiles, unless the folder holds the round."""
    job = {**_length(pool.windows, len(labelled)), "start": last.model, "seed": seed}
    found = _round(folder, data, job, labelled, suggest_seconds)
    print(f"{folder}: {found.cpu_seconds:.0f} CPU s", flush=True)
    return found


def _round(
    folder: Path,
    data: Path,
    job: dict[str, object],
    labelled: list[str],
    suggest_seconds: float = 0.0,
) -> Round:
    """Trains on the labelled tiles, unless the folder holds the round."""
    kept = folder / _KEPT
    if kept.exists():
        return Round(**json.loads(kept.read_text()))
    folder.mkdir(parents=True, exist_ok=True)
    table, model = folder / "scenes.csv", folder / "model.safetensors"
    write_data_set(data, labelled, table)
    fixed = {"output": model, "report": "none", "checkpoint_every": 0, "device": "cpu"}
    _, seconds = run("train", {"dataset": table, **fixed, **job})
    found = Round(labelled, str(model), round(seconds, 1), round(suggest_seconds, 1))
    kept.write_text(json.dumps(asdict(found)))
    return found
