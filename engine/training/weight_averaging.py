"""Exponential moving average (EMA) of the weights, which is validated and saved."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel


class _EmaModel(AveragedModel):
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

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> _EmaModel:
        """Moves the average to another device, but not the count."""
        count = self.n_averaged
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self.n_averaged = count
        return self


def average_weights(model: nn.Module, decay: float) -> AveragedModel:
    """A running average of the model's weights, updated by ``update_parameters(model)``.

    Single steps of a small data set throw weights, and so validation scores, about; their average
    lies in the middle (Polyak and Juditsky 1992; Tarvainen and Valpola 2017, arXiv:1703.01780). The
    first steps are forgotten faster: n updates count with a decay of at most (1 + n) / (10 + n).
    """
    return _EmaModel(model, decay)
