"""Learning-rate schedules and early stopping."""

from __future__ import annotations

import math
from collections.abc import Mapping

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


class Schedule:
    """The learning rate's share of its peak.

    After a linear rise down by cosine or on plateaus; or, without a rise, to a tenth every 10 epochs.
    """

    def __init__(self, kind: str, steps: int, epochs: int = 1) -> None:
        """Plans ``steps`` optimiser steps in ``epoch_loop`` epochs, by one of ``SCHEDULES``."""
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


class EarlyStopping:
    """Says when a training has learnt what it can: the validation loss falls no more."""

    def __init__(self, validations: int) -> None:
        """Waits for so many validations without a smaller loss than before; for ever, if 0."""
        self._most, self._waited, self._least = validations, 0, math.inf

    def should_stop(self, loss: float) -> bool:
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
