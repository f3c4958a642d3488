"""What a training goes on from: all that an epoch changes, as tensors and numbers.

An epoch is a pure function of this state. What is random in it is seeded at its start by its number
(``epoch_loop.seed_epoch``), and its windows are drawn by its number (``window_dataset.TrainingWindows``): so no generator's
state and no sampler's position has to be kept, and a training that goes on gives what one that was never
interrupted gives, bit for bit on a CPU.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from ..contract.class_table import to_records
from ..contract.jobs import TrainJob
from ..contract.model_card import Card
from ..contract.paths import file_state
from ..contract.strict_json import json_digest
from ..contract.version import engine_version
from ..sampling.band_statistics import Scaling
from ..sampling.survey import Survey
from .schedule import EarlyStopping, Schedule
from .step_batches import StepBatches

#: Fields of a job in which a training and the one that goes on with it may differ. Batches and their number a
#: step count together, see ``has_same_step``: whoever ran out of memory may choose smaller batches and more of them.
_FREE = (
    "output",
    "device",
    "precision",
    "checkpoint_every",
    "resume",
    "batch_size",
    "accumulation",
)

#: How the tensors of the network, of its average and of the optimiser are called in a state.
_MODEL, _AVERAGE, _OPTIMIZER = "model.", "average.", "optimizer."


@dataclass(frozen=True)
class TrainingProgress:
    """How far a training has come.

    Attributes:
        card: The card of the best weights so far; without scores where none were validated.
        best: What the checkpoints call these weights; empty without any.
        epochs: The finished epochs.
        batches: How a step's windows are divided now.
        validated: Windows a batch in validation: as many as training began with, or fewer once these did not
            fit. Some losses depend on it.
        stop: Why it ends before its last epoch, as a sentence; empty where it does not.
        resumed: The epochs of these that an earlier run has finished.
    """

    card: Card
    best: str
    epochs: int
    batches: StepBatches
    validated: int
    stop: str = ""
    resumed: int = 0

    @classmethod
    def of(cls, record: Mapping[str, Any], card: Card, job: TrainJob) -> TrainingProgress:
        """What ``record`` says.

        Args:
            record: Made by the method of that name.
            card: The training's card, without scores.
            job: The job; where it asks for other batches than that of the record, it gets them.
        """
        asked, epochs = [job.batch_size, job.accumulation], int(record["epoch"])
        as_before = record["asked"] == asked
        return cls(
            replace(card, metrics=record["metrics"]),
            record["best"],
            epochs,
            StepBatches(*(record["batches"] if as_before else asked)),
            record["validated"] if as_before else job.batch_size,
            record["stop"],
            resumed=epochs,
        )

    def record(self, job: TrainJob) -> dict[str, Any]:
        """All of it, JSON-able; numbers come back as they were, to the bit."""
        return {
            "epoch": self.epochs,
            "epochs": job.epochs,
            "best": self.best,
            "best_epoch": self.card.metrics.get("epoch", 0),
            "metrics": self.card.metrics,
            "batches": [self.batches.size, self.batches.accumulation],
            "asked": [job.batch_size, job.accumulation],
            "validated": self.validated,
            "stop": self.stop,
        }


@dataclass
class TrainerState:
    """A network that learns, with all that decides how its weights move next.

    Attributes:
        model: The network, as it is before accelerate wraps it.
        ema_model: The running average of its weights, if one is wanted.
        optimizer: Its optimiser.
        schedule: How the learning rate falls.
        patience: When to stop early.
        scaler: What scales the loss in fp16, else None.
    """

    model: nn.Module
    ema_model: AveragedModel | None
    optimizer: torch.optim.Optimizer
    schedule: Schedule
    patience: EarlyStopping
    scaler: torch.amp.GradScaler | None = None

    def tensors(self) -> dict[str, Tensor]:
        """The tensors of the state, on the CPU; those that are there already are not copied."""
        found = {_MODEL + name: value for name, value in self.model.state_dict().items()}
        if self.ema_model is not None:
            average = self.ema_model.state_dict()
            found |= {_AVERAGE + name: value for name, value in average.items()}
        for index, values in self.optimizer.state_dict()["state"].items():
            for name, value in values.items():
                found[f"{_OPTIMIZER}{index}.{name}"] = torch.as_tensor(value)
        return {name: value.detach().cpu().contiguous() for name, value in found.items()}

    def numbers(self) -> dict[str, Any]:
        """What else belongs to the state, JSON-able."""
        return {
            "schedule": self.schedule.state(),
            "patience": self.patience.state(),
            "scaler": self.scaler.state_dict() if self.scaler else {},
        }

    def restore(self, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any]) -> None:
        """Makes the state that of ``tensors`` and ``numbers``, whatever was done meanwhile."""
        self.model.load_state_dict(_below(_MODEL, tensors))
        if self.ema_model is not None:
            self.ema_model.load_state_dict(_below(_AVERAGE, tensors))
        state: dict[int, dict[str, Tensor]] = {}
        for name, value in _below(_OPTIMIZER, tensors).items():
            index, _, part = name.partition(".")
            # A copy: the optimiser takes what it is given, here a part of a file that is to be replaced.
            state.setdefault(int(index), {})[part] = value.clone()
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})
        for parameter in self.model.parameters():
            parameter.grad = None
        self.schedule.restore(numbers["schedule"])
        self.patience.restore(numbers["patience"])
        if self.scaler is not None and numbers["scaler"]:
            self._restore_scaler(self.scaler, numbers["scaler"])

    def _restore_scaler(self, scaler: torch.amp.GradScaler, numbers: Mapping[str, Any]) -> None:
        """Brings back the scale. A step that broke off half-way is forgotten, which only an update does."""
        scaler.scale(torch.zeros((), device=next(self.model.parameters()).device))
        scaler.update(numbers["scale"])
        scaler.load_state_dict(dict(numbers))


def training_key(job: TrainJob, data: Survey, scaling: Scaling) -> str:
    """What tells a training from others: only one with the same key is gone on with.

    The labels' counts in every block and the image's statistics stand for what the files hold, wherever
    their content really lies: in a polygon file's sidecar, or behind a virtual raster.

    Args:
        job: The job, with its recipe.
        data: Its data.
        scaling: The data's scaling.
    """
    job_files = [path for path in (job.area, job.dataset, job.pretrained) if Path(path).is_file()]
    scene_files = [path for s in data.scenes for path in (s.image, s.labels, *s.auxiliary) if path]
    record = {
        "engine": engine_version(),
        "job": {name: value for name, value in asdict(job).items() if name not in _FREE},
        "files": [_file(path) for path in sorted({*job_files, *scene_files})],
        "blocks": [asdict(block) for block in data.blocks],
        "classes": to_records(data.classes),
        "scaling": asdict(scaling),
    }
    return json_digest(record)


def has_same_step(record: Mapping[str, Any], job: TrainJob) -> bool:
    """Whether a job's steps have as many windows as those of the training that a record was made of.

    A job that gives batches may go on with one whose batches were to be found: what was found counts then.

    Args:
        record: Made by ``TrainingProgress.record``.
        job: The job, with its recipe.
    """
    asked = [job.batch_size, job.accumulation]
    if record["asked"] == asked:
        return True
    windows = math.prod(asked)
    return windows > 0 and windows in (math.prod(record["asked"]), math.prod(record["batches"]))


def _file(path: str) -> tuple[str, int, int]:
    """Path, size and time of the last change; zeros for what is no local file."""
    state = file_state(path)
    return (os.path.abspath(path) if any(state) else path, *state)


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose names begin so, by what follows."""
    return {n.removeprefix(prefix): value for n, value in tensors.items() if n.startswith(prefix)}
