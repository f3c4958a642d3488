"""How the weights are moved: AdamW in groups, a warm-up and cosine schedule, encoders frozen at first."""

from __future__ import annotations

import math

import torch
from torch import nn

from .config import TrainJob

#: Share of all steps over which the learning rate rises to its peak.
_RISE = 0.05

#: The learning rate's last value as a share of its peak.
_FLOOR = 0.01

#: The encoders' learning rate as a share of the job's: pretrained features want small corrections.
_PRETRAINED_ENCODER_RATE = 0.1

#: Epochs with frozen encoders as a share of all, where the encoders are pretrained.
_FROZEN_SHARE = 0.1


def build_optimizer(model: nn.Module, job: TrainJob) -> torch.optim.AdamW:
    """AdamW with own learning rates for encoders, fusion and decoder.

    Norms, biases and scales, all vectors, are not decayed.
    """
    encoder_rate = job.encoder_rate or (_PRETRAINED_ENCODER_RATE if job.pretrained else 1.0)
    groups = []
    for name, parameters in model.parameter_groups().items():  # type: ignore[operator]
        rate = job.learning_rate * (encoder_rate if name == "encoders" else 1.0)
        for is_vector, decay in ((False, job.weight_decay), (True, 0.0)):
            chosen = [p for p in parameters if (p.ndim <= 1) == is_vector]
            if chosen:
                groups.append({"params": chosen, "lr": rate, "weight_decay": decay, "name": name})
    return torch.optim.AdamW(groups)


def build_schedule(
    optimizer: torch.optim.Optimizer, steps: int
) -> torch.optim.lr_scheduler.LambdaLR:
    """A linear rise, then half a cosine down, over ``steps`` optimiser steps."""
    rise = max(1, round(_RISE * steps))

    def factor(step: int) -> float:
        if step < rise:
            return (step + 1) / rise
        progress = min((step - rise) / max(steps - rise, 1), 1.0)
        return _FLOOR + (1 - _FLOOR) * 0.5 * (1 + math.cos(math.pi * progress))

    return torch.optim.lr_scheduler.LambdaLR(optimizer, factor)


def frozen_epochs(job: TrainJob) -> int:
    """Epochs in which the encoders stay frozen.

    Freezing guards pretrained encoders from the noise of a fresh decoder. Random ones have nothing to
    guard, and a decoder that learned to read them would have to learn again.
    """
    if job.warmup_epochs >= 0:
        return job.warmup_epochs
    return max(1, round(_FROZEN_SHARE * job.epochs)) if job.pretrained else 0
