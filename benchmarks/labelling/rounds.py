"""Rounds of labelling: where an arm labels next, what it learns from all its labels, and what that map is worth.

Every round is kept as a folder with its map, model and ``round.json``; a run that was stopped resumes after the last one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .engine_runs import read_mask, run, score, suggested_places, write_clicks
from .person import Click, Person
from .pools import COLUMNS, POOLS, UNLABELLED, VIEW, Pool, PreparedScene, prepare, write

#: How the next labels are chosen, and what learns from them: a sketch, or a training that starts from the last model.
WRONG, SUGGESTED, RANDOM, EVERYTHING = "wrong", "suggested", "random", "everything"
POINTS, SQUARES = "points", "squares"
SKETCH, UPDATE = "sketch", "update"

#: Rounds of each arm; of sketches from points, which cost a second.
ROUNDS, _SKETCHES = 5, 12

#: Views in which a person who clicks begins.
_FIRST_VIEWS = 6

#: A round labels one square of so many, and so many points per view where the program asks for them: about as many as the
#: person clicks.
_SQUARES_OF, _POINTS_PER_VIEW = 8, 1.5

#: Windows of an update, about: 32 steps of four. The engine makes at least 8 steps in an epoch.
_WINDOWS, _BATCH = 128, 4
_LEAST_WINDOWS = 8 * _BATCH

#: The file of a finished round.
_KEPT = "round.json"


@dataclass(frozen=True)
class Arm:
    """A way to label.

    Attributes:
        where: ``WRONG``, ``SUGGESTED``, ``RANDOM`` or ``EVERYTHING``.
        shape: ``POINTS`` or ``SQUARES``.
        learner: ``SKETCH`` or ``UPDATE``.
    """

    where: str
    shape: str
    learner: str

    @property
    def name(self) -> str:
        """Its name in tables."""
        return f"{self.where} {self.shape}, {self.learner}"

    @property
    def rounds(self) -> int:
        """How often it labels."""
        if self.where == EVERYTHING:
            return 1
        return _SKETCHES if (self.shape, self.learner) == (POINTS, SKETCH) else ROUNDS


@dataclass(frozen=True)
class Round:
    """A model, what it learnt from and what it cost.

    Attributes:
        score: Its score on land that nobody labels.
        cpu_seconds: CPU time of learning, of mapping and of asking where to label.
        clicks: All clicks so far.
        squares: Numbers of all labelled views so far.
    """

    score: float
    cpu_seconds: float
    clicks: list[Click] = field(default_factory=list)
    squares: list[int] = field(default_factory=list)


def label_arm(keep: Path, name: str, seed: int, arm: Arm) -> list[Round]:
    """The rounds of an arm on a data set; a function for a process of its own.

    Args:
        keep: The folder that keeps scenes and rounds.
        name: The data set.
        seed: The seed.
        arm: The arm.
    """
    pool, folder = POOLS[name], keep / name / str(seed)
    scene = prepare(pool, folder / "scene", seed)
    own = folder / f"{arm.where}-{arm.shape}-{arm.learner}"
    return Labelling(pool, scene, arm, own, seed).run()


class Labelling:
    """The rounds of one arm and seed.

    Args:
        pool: The data set.
        scene: Its scene.
        arm: The arm.
        folder: The folder that keeps its rounds.
        seed: The seed of person, places and trainings.
    """

    def __init__(self, pool: Pool, scene: PreparedScene, arm: Arm, folder: Path, seed: int) -> None:
        self._pool, self._scene, self._arm = pool, scene, arm
        self._folder = folder
        self._seed = seed
        self._truth = scene.truth
        self._height = len(self._truth)
        self._views = scene.rows * COLUMNS
        self._squares = math.ceil(self._views / _SQUARES_OF)
        self._points = round(self._views * _POINTS_PER_VIEW)

    def run(self) -> list[Round]:
        """Labels and learns, round by round."""
        rounds: list[Round] = []
        for number in range(self._arm.rounds):
            target = self._folder / str(number)
            kept = target / _KEPT
            if kept.exists():
                record = json.loads(kept.read_text())
                record["clicks"] = [Click(**click) for click in record["clicks"]]
                rounds.append(Round(**record))
                continue
            target.mkdir(parents=True, exist_ok=True)
            clicks, squares, seconds = self._label(number, rounds)
            found = self._learn(target, number, clicks, squares, seconds)
            kept.write_text(json.dumps(asdict(found)))
            print(f"{target}: {found.score:.3f}, {found.cpu_seconds:.0f} CPU s", flush=True)
            rounds.append(found)
        return rounds

    def _label(self, number: int, rounds: Sequence[Round]) -> tuple[list[Click], list[int], float]:
        """All clicks and labelled views of a round, and the CPU seconds of asking for them."""
        order = np.random.default_rng(self._seed).permutation(self._views).tolist()
        person = Person(self._truth, self._scene.pool_height, 1000 * self._seed + number)
        if self._arm.where == EVERYTHING:
            return [], order, 0.0
        if not rounds:
            is_squares = self._arm.shape == SQUARES
            return (
                ([], order[: self._squares], 0.0)
                if is_squares
                else (person.begin(_FIRST_VIEWS), [], 0.0)
            )
        last, previous = rounds[-1], self._folder / str(number - 1)
        if self._arm.where == WRONG:
            return [*last.clicks, *person.correct(read_mask(previous / "mask.tif"))], [], 0.0
        if self._arm.where == RANDOM and self._arm.shape == SQUARES:
            return [], order[: (number + 1) * self._squares], 0.0
        places, seconds = (
            self._places(previous)
            if self._arm.where == SUGGESTED
            else (self._random_places(number), 0.0)
        )
        if self._arm.shape == SQUARES:
            chosen = [row // VIEW * COLUMNS + col // VIEW for row, col in places]
            return [], [*last.squares, *chosen], seconds
        return [*last.clicks, *(person.mark(row, col) for row, col in places)], [], seconds

    def _random_places(self, number: int) -> list[tuple[int, int]]:
        generator = np.random.default_rng((self._seed, number))
        rows = generator.integers(0, self._scene.pool_height, self._points).tolist()
        return [*zip(rows, generator.integers(0, COLUMNS * VIEW, self._points).tolist())]

    def _places(self, previous: Path) -> tuple[list[tuple[int, int]], float]:
        """The middles of what ``suggest`` proposes with the model of the last round, and its CPU seconds."""
        output = previous / "next.gpkg"
        is_squares = self._arm.shape == SQUARES
        job = {
            **self._scene.fields,
            **self._labels_of(previous),
            "model": [previous / "model.safetensors"],
            "shape": self._arm.shape,
            "count": self._squares if is_squares else self._points,
            **({"size": VIEW} if is_squares else {}),
            "extent": self._scene.pool_extent,
            "output": output,
            "device": "cpu",
        }
        _, seconds = run("suggest", job)
        return suggested_places(output, self._height), seconds

    def _labels_of(self, folder: Path) -> dict[str, Any]:
        """The fields of a job that name the labels of a round."""
        if self._arm.shape == SQUARES:
            return {"labels": [folder / "labels.tif"]}
        return {"labels": [folder / "clicks.gpkg"], "class_field": "class"}

    def _learn(
        self, folder: Path, number: int, clicks: list[Click], squares: list[int], seconds: float
    ) -> Round:
        """Learns from the labels, maps the scene and scores the map."""
        if self._arm.shape == SQUARES:
            self._write_squares(folder / "labels.tif", squares)
        else:
            write_clicks(folder / "clicks.gpkg", clicks, self._height)
        is_sketch = self._arm.learner == SKETCH
        seconds += self._sketch(folder) if is_sketch else self._update(folder, number, squares)
        mask = read_mask(folder / "mask.tif")
        found = score(mask, self._scene, self._pool.classes)
        return Round(found, round(seconds, 1), clicks, squares)

    def _sketch(self, folder: Path) -> float:
        job = {
            **self._scene.fields,
            **self._labels_of(folder),
            "output": folder / "mask.tif",
            "output_model": folder / "model.safetensors",
            "device": "cpu",
        }
        return run("sketch", job)[1]

    def _update(self, folder: Path, number: int, squares: Sequence[int]) -> float:
        """A training that starts from the last model, the first one from a sketch of the same labels."""
        last = self._folder / str(number - 1) / "model.safetensors"
        seconds = 0.0
        if not number:
            seconds, last = self._sketch(folder), folder / "sketch.safetensors"
            (folder / "model.safetensors").rename(last)
        tiles = max(len(squares), 1)
        windows = _WINDOWS * (ROUNDS if self._arm.where == EVERYTHING else 1)
        epochs = round(windows / (tiles * math.ceil(_LEAST_WINDOWS / tiles)))
        fixed = {"report": "none", "checkpoint_every": 0, "baseline": False, "tile_size": VIEW}
        job = {
            **self._scene.fields,
            **self._labels_of(folder),
            **fixed,
            "start": last,
            "encoder_norms": "frozen",  # else few labels spoil what the encoder knows
            "epochs": epochs,
            "batch_size": _BATCH,
            "seed": self._seed,
            "output": folder / "model.safetensors",
            "device": "cpu",
        }
        seconds += run("train", job)[1]
        model, output = folder / "model.safetensors", folder / "mask.tif"
        mapping = {**self._scene.fields, "model": [model], "output": output, "device": "cpu"}
        return seconds + run("segment", mapping)[1]

    def _write_squares(self, path: Path, squares: Sequence[int]) -> None:
        values = np.full_like(self._truth, UNLABELLED)
        for number in squares:
            row, col = number // COLUMNS * VIEW, number % COLUMNS * VIEW
            part = (slice(row, row + VIEW), slice(col, col + VIEW))
            values[part] = self._truth[part]
        write(path, values[None])
