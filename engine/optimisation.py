"""How the weights are moved: an optimiser in groups, a schedule and its end, frozen encoders, averages."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from .config import TrainJob
from .errors import JobError

#: The optimisers by name: Adam adds the decay to the gradient, AdamW takes it off the weights.
OPTIMIZERS: dict[str, type[torch.optim.Adam]] = {
    "adamw": torch.optim.AdamW,
    "adam": torch.optim.Adam,
}

#: How the learning rate can fall.
SCHEDULES = ("cosine", "plateau", "step")

#: Share of all steps over which the learning rate rises to its peak.
_RISE = 0.05

#: The learning rate's last value as a share of its peak.
_FLOOR = 0.01

#: On a plateau: what the learning rate is multiplied by after so many validations without a better one.
_PLATEAU_FACTOR, _PATIENCE = 1 / 3, 3

#: By steps: what the learning rate is multiplied by after so many epochs.
_STEP_FACTOR, _STEP_EPOCHS = 0.1, 10

#: A pretrained encoder's learning rate as a share of the job's: its features want small corrections.
_PRETRAINED_ENCODER_RATE = 0.1

#: Epochs with frozen encoders as a share of all, where the encoders are pretrained.
_FROZEN_SHARE = 0.1


def build_optimizer(model: nn.Module, job: TrainJob) -> torch.optim.Optimizer:
    """The job's optimiser, with own learning rates for encoders, fusion and decoder.

    The encoders' own rate is that of the network's ``held_parameters``: with pretrained weights, an encoder
    that started from random ones learns at the full rate. Norms, biases and scales, all vectors, are not
    decayed.
    """
    groups = []
    for name, share, parameters in _parts(model, job):
        rate = job.learning_rate * share
        for is_vector, decay in ((False, job.weight_decay), (True, 0.0)):
            chosen = [p for p in parameters if (p.ndim <= 1) == is_vector]
            if chosen:
                group = {"params": chosen, "lr": rate, "peak": rate, "weight_decay": decay}
                groups.append({**group, "name": name})
    return OPTIMIZERS[job.optimizer](groups)


def _parts(model: nn.Module, job: TrainJob) -> list[tuple[str, float, list[nn.Parameter]]]:
    """The network's parts: name, share of the learning rate, parameters."""
    parts: dict[str, list[nn.Parameter]] = model.parameter_groups()  # type: ignore[operator]
    held = {id(parameter) for parameter in model.held_parameters()}  # type: ignore[operator]
    encoders = parts["encoders"]
    encoder_rate = job.encoder_rate or (_PRETRAINED_ENCODER_RATE if job.pretrained else 1.0)
    return [
        ("encoders", encoder_rate, [p for p in encoders if id(p) in held]),
        ("random encoders", 1.0, [p for p in encoders if id(p) not in held]),
        ("fusion", job.fusion_rate or 1.0, parts["fusion"]),
        ("decoder", 1.0, parts["decoder"]),
    ]


def set_rates(optimizer: torch.optim.Optimizer, share: float) -> None:
    """Sets the learning rates of an optimiser of ``build_optimizer`` to a share of their peaks."""
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * share


def check_names(job: TrainJob) -> None:
    """Refuses an optimiser or a schedule that does not exist.

    Raises:
        JobError: If the job names one that is not in ``OPTIMIZERS`` or ``SCHEDULES``.
    """
    if job.optimizer not in OPTIMIZERS:
        raise JobError(f"There is no optimizer {job.optimizer!r}; it is {' or '.join(OPTIMIZERS)}.")
    if job.schedule not in SCHEDULES:
        raise JobError(
            f"There is no learning rate schedule {job.schedule!r}; it is {', '.join(SCHEDULES[:-1])} or "
            f"{SCHEDULES[-1]}."
        )


class Schedule:
    """The learning rate's share of its peak.

    After a linear rise down by cosine or on plateaus; or, without a rise, to a tenth every 10 epochs.
    """

    def __init__(self, kind: str, steps: int, epochs: int = 1) -> None:
        """Plans ``steps`` optimiser steps in ``epochs`` epochs, by one of ``SCHEDULES``."""
        self._kind = kind
        self._level, self._best, self._waited = 1.0, -math.inf, 0
        self.plan(steps, epochs)

    def plan(self, steps: int, epochs: int) -> None:
        """Plans another number of steps; what validations have decided stays."""
        self._steps = steps
        self._fall = _STEP_EPOCHS * max(1, steps // epochs)
        self._rise = max(1, round(_RISE * steps))

    def factor(self, step: int) -> float:
        """The share at an optimiser step, counted from 0."""
        if self._kind == "step":
            return _STEP_FACTOR ** (step // self._fall)
        if step < self._rise:
            return (step + 1) / self._rise
        if self._kind == "plateau":
            return self._level
        progress = min((step - self._rise) / max(self._steps - self._rise, 1), 1.0)
        return _FLOOR + (1 - _FLOOR) * 0.5 * (1 + math.cos(math.pi * progress))

    def validated(self, score: float) -> None:
        """Takes note of a validation's score; larger is better."""
        if score > self._best:
            self._best, self._waited = score, 0
            return
        self._waited += 1
        if self._waited == _PATIENCE:
            self._level, self._waited = max(self._level * _PLATEAU_FACTOR, _FLOOR), 0

    def state(self) -> dict[str, float]:
        """What validations have decided so far: how far the rate has fallen, and what comes next."""
        return {"level": self._level, "best": self._best, "waited": self._waited}

    def restore(self, state: Mapping[str, float]) -> None:
        """Goes on from such a ``state``."""
        self._level, self._best, self._waited = state["level"], state["best"], int(state["waited"])


class Patience:
    """Says when a training has learnt what it can: the validation loss falls no more."""

    def __init__(self, validations: int) -> None:
        """Waits for so many validations without a smaller loss than before; for ever, if 0."""
        self._most, self._waited, self._least = validations, 0, math.inf

    def is_over(self, loss: float) -> bool:
        """Takes note of a validation's loss and says whether to stop now."""
        if loss < self._least:
            self._least, self._waited = loss, 0
        else:
            self._waited += 1
        return 0 < self._most <= self._waited

    def state(self) -> dict[str, float]:
        """What it has seen so far."""
        return {"waited": self._waited, "least": self._least}

    def restore(self, state: Mapping[str, float]) -> None:
        """Goes on from such a ``state``."""
        self._waited, self._least = int(state["waited"]), state["least"]


class _Average(AveragedModel):
    """Counts on the processor: torch's own asks a GPU for the number, which stops it in every step."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        super().__init__(model, use_buffers=True)
        self._decay = decay

    @torch.no_grad()
    def update_parameters(self, model: nn.Module) -> None:
        """Takes the weights as they are now into the average; the first time as the average."""
        number = int(self.n_averaged)
        share = 1.0 - min(self._decay, (1 + number) / (10 + number))
        means = [*self.module.parameters(), *self.module.buffers()]
        current = [*model.parameters(), *model.buffers()]
        for mean, value in zip(means, current, strict=True):
            if number and mean.is_floating_point():
                mean.lerp_(value.to(mean), share)
            else:
                mean.copy_(value)  # counters of a batch normalisation always
        self.n_averaged += 1

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> _Average:
        """Moves the average to another device, but not the count."""
        count = self.n_averaged
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self.n_averaged = count
        return self


def averaged(model: nn.Module, decay: float) -> AveragedModel:
    """A running average of the model's weights, updated by ``update_parameters(model)``.

    Single steps of a small data set throw weights, and so validation scores, about; their average
    lies in the middle (Polyak and Juditsky 1992; Tarvainen and Valpola 2017, arXiv:1703.01780). The
    first steps are forgotten faster: n updates count with a decay of at most (1 + n) / (10 + n).
    """
    return _Average(model, decay)


def frozen_epochs(job: TrainJob) -> int:
    """Epochs in which the network's ``held_parameters`` stay frozen.

    Freezing guards pretrained encoders from the noise of a fresh decoder. Random ones have nothing to
    guard, and a decoder that learned to read them would have to learn again.
    """
    if job.warmup_epochs >= 0:
        return job.warmup_epochs
    return max(1, round(_FROZEN_SHARE * job.epochs)) if job.pretrained else 0
