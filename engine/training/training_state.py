"""The state of a training after an epoch, as tensors and numbers, from which it can resume.

An epoch is a pure function of this state: its number seeds all random generators (``epoch_loop.seed_epoch``) and
the windows (``window_dataset.TrainingWindows``). So the state has no generator state and no sampler position, and
on a CPU a resumed training is bit for bit equal to an uninterrupted one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from ..contract.jobs import TrainJob
from ..contract.model_card import Card
from ..planning.training_length import TrainingLength
from .batch_size import StepBatches
from .schedule import EarlyStopping, Schedule

#: Prefixes of the tensors of the network, its moving average and the optimizer.
_MODEL = "model."
_AVERAGE = "average."
_OPTIMIZER = "optimizer."


@dataclass(frozen=True)
class TrainingProgress:
    """Progress of a training.

    Attributes:
        card: The card of the best weights so far, without scores before the first validation.
        best: File name of the best weights; empty before the first validation.
        epochs: Number of finished epochs.
        length: Number and size of the epochs.
        batches: Current division of a step into batches.
        validation_size: Windows per batch in validation, on which some losses depend: the first batch size of
            the training, or smaller if that did not fit into memory.
        stop: Reason for an early stop, as a sentence; else empty.
        resumed: Number of epochs that earlier runs finished.
        seconds: Time of all runs until the last finished epoch, s.
        history: Losses and scores of all finished epochs, see ``history``.
        baseline: What a pixel classifier scores, see ``pixel_baseline``; empty until the last epoch.
    """

    card: Card
    best: str
    epochs: int
    length: TrainingLength
    batches: StepBatches
    validation_size: int
    stop: str = ""
    resumed: int = 0
    seconds: float = 0.0
    history: tuple[dict[str, Any], ...] = ()
    baseline: dict[str, Any] = field(default_factory=dict)

    def steps(self, processes: int) -> int:
        """Number of optimiser steps of the finished epochs, in so many processes."""
        return self.epochs * -(-self.length.windows // (self.batches.windows * processes))

    @classmethod
    def from_record(cls, record: Mapping[str, Any], card: Card, job: TrainJob) -> TrainingProgress:
        """Restores the progress from a result of ``record``.

        Args:
            record: The record.
            card: The training's card, without scores.
            job: The job; its batch size and accumulation apply if they differ from the record's job.
        """
        requested, epochs = [job.batch_size, job.accumulation], int(record["epoch"])
        is_same = record["asked"] == requested
        return cls(
            replace(card, metrics=record["metrics"]),
            record["best"],
            epochs,
            TrainingLength(**record["length"]),
            StepBatches(*(record["batches"] if is_same else requested)),
            record["validated"] if is_same else job.batch_size,
            record["stop"],
            resumed=epochs,
            seconds=record["seconds"],
            history=tuple(record["history"]),
        )

    def record(self, job: TrainJob) -> dict[str, Any]:
        """The progress in JSON types, without loss of precision."""
        return {
            "epoch": self.epochs,
            "epochs": self.length.epochs,
            "length": asdict(self.length),
            "seconds": self.seconds,
            "best": self.best,
            "best_epoch": self.card.metrics.get("epoch", 0),
            "metrics": self.card.metrics,
            "batches": [self.batches.size, self.batches.accumulation],
            "asked": [job.batch_size, job.accumulation],
            "validated": self.validation_size,
            "stop": self.stop,
            "history": list(self.history),
        }


@dataclass
class TrainerState:
    """A network in training, with the states of optimizer and schedules.

    Attributes:
        model: The network, without the wrapper of accelerate.
        ema_model: Moving average of its weights, or None.
        optimizer: Its optimizer.
        schedule: Its learning-rate schedule.
        early_stopping: Its early stopping.
        scaler: Gradient scaler of fp16, else None.
    """

    model: nn.Module
    ema_model: AveragedModel | None
    optimizer: torch.optim.Optimizer
    schedule: Schedule
    early_stopping: EarlyStopping
    scaler: torch.amp.GradScaler | None = None

    def tensors(self) -> dict[str, Tensor]:
        """The tensors of the state, on the CPU; tensors on the CPU are not copied."""
        tensors = {_MODEL + name: value for name, value in self.model.state_dict().items()}
        if self.ema_model is not None:
            average = self.ema_model.state_dict()
            tensors |= {_AVERAGE + name: value for name, value in average.items()}
        for index, values in self.optimizer.state_dict()["state"].items():
            for name, value in values.items():
                tensors[f"{_OPTIMIZER}{index}.{name}"] = torch.as_tensor(value)
        return {name: value.detach().cpu().contiguous() for name, value in tensors.items()}

    def numbers(self) -> dict[str, Any]:
        """The rest of the state in JSON types."""
        return {
            "schedule": self.schedule.state_dict(),
            "patience": self.early_stopping.state_dict(),
            "scaler": self.scaler.state_dict() if self.scaler else {},
        }

    def restore(self, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any]) -> None:
        """Restores a state of ``tensors`` and ``numbers``."""
        self.model.load_state_dict(_without_prefix(_MODEL, tensors))
        if self.ema_model is not None:
            self.ema_model.load_state_dict(_without_prefix(_AVERAGE, tensors))
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        state: dict[int, dict[str, Tensor]] = {}
        for name, value in _without_prefix(_OPTIMIZER, tensors).items():
            index, _, part = name.partition(".")
            # A copy, because the optimizer would keep the memory-mapped file, which the next save replaces; in the
            # parameter's order in memory (channels last), because on Windows a step rounds otherwise in another one.
            own = parameters[int(index)]
            is_moment = value.shape == own.shape
            copy = torch.empty_like(own).copy_(value) if is_moment else value.clone()
            state.setdefault(int(index), {})[part] = copy
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})
        for parameter in self.model.parameters():
            parameter.grad = None
        self.schedule.load_state_dict(numbers["schedule"])
        self.early_stopping.load_state_dict(numbers["patience"])
        if self.scaler is not None and numbers["scaler"]:
            self._restore_scaler(self.scaler, numbers["scaler"])

    def _restore_scaler(self, scaler: torch.amp.GradScaler, numbers: Mapping[str, Any]) -> None:
        """Restores the scale; the update discards an interrupted step."""
        scaler.scale(torch.zeros((), device=next(self.model.parameters()).device))
        scaler.update(numbers["scale"])
        scaler.load_state_dict(dict(numbers))


def has_same_step(record: Mapping[str, Any], job: TrainJob) -> bool:
    """Whether a job has as many windows per step as the training of a record.

    A job with a batch size may resume a training that searched for its own: the found batches count then.

    Args:
        record: Result of ``TrainingProgress.record``.
        job: The job, with its recipe.
    """
    requested = [job.batch_size, job.accumulation]
    if record["asked"] == requested:
        return True
    windows = math.prod(requested)
    return windows > 0 and windows in (math.prod(record["asked"]), math.prod(record["batches"]))


def _without_prefix(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors with a prefix, by the rest of their names."""
    return {n.removeprefix(prefix): value for n, value in tensors.items() if n.startswith(prefix)}
