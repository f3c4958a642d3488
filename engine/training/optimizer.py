"""Optimizer with parameter groups: encoders, fusion and decoder with their own rates, encoders frozen at first."""

from __future__ import annotations

import torch
from torch import nn

from ..contract.errors import JobError
from ..contract.jobs import TrainJob
from .schedule import SCHEDULES

#: The optimisers by name: Adam adds the decay to the gradient, AdamW takes it off the weights.
OPTIMIZERS: dict[str, type[torch.optim.Adam]] = {
    "adamw": torch.optim.AdamW,
    "adam": torch.optim.Adam,
}

#: A pretrained encoder's learning rate as a share of the job's: its features want small corrections.
_PRETRAINED_ENCODER_RATE = 0.1

#: Epochs with frozen encoders as a share of all, where the encoders are pretrained.
_FROZEN_SHARE = 0.1


def build_optimizer(model: nn.Module, job: TrainJob) -> torch.optim.Optimizer:
    """The job's optimiser, with own learning rates for encoders, fusion and decoder.

    The encoders' own rate is that of the network's ``frozen_parameters``: with pretrained weights, an encoder
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
    held = {id(parameter) for parameter in model.frozen_parameters()}  # type: ignore[operator]
    encoders = parts["encoders"]
    encoder_rate = job.encoder_rate or (_PRETRAINED_ENCODER_RATE if job.pretrained else 1.0)
    return [
        ("encoders", encoder_rate, [p for p in encoders if id(p) in held]),
        ("random encoders", 1.0, [p for p in encoders if id(p) not in held]),
        ("fusion", job.fusion_rate or 1.0, parts["fusion"]),
        ("decoder", 1.0, parts["decoder"]),
    ]


def set_learning_rates(optimizer: torch.optim.Optimizer, share: float) -> None:
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


def count_frozen_epochs(job: TrainJob) -> int:
    """Epochs in which the network's ``frozen_parameters`` stay frozen.

    Freezing guards pretrained encoders from the noise of a fresh decoder. Random ones have nothing to
    guard, and a decoder that learned to read them would have to learn again.
    """
    if job.warmup_epochs >= 0:
        return job.warmup_epochs
    return max(1, round(_FROZEN_SHARE * job.epochs)) if job.pretrained else 0
