"""Learning-rate schedules and early stopping."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ..contract.errors import format_count
from ..contract.translation import tr

#: Share of all steps with a linear warm-up to the peak.
_WARMUP_SHARE = 0.05

#: Final learning rate as a share of its peak; of ``annealing``, 1e-6 of 3e-4.
_FLOOR, _ANNEALED = 0.01, 1 / 300

#: Plateau schedule: factor of the learning rate after this number of validations without improvement.
_PLATEAU_FACTOR, _PATIENCE = 1 / 3, 3

#: Step schedule: factor of the learning rate after this number of epochs, or, if the number of epochs is planned,
#: after this share of them: 10 of the 40 of the building networks' recipe.
_STEP_FACTOR = 0.1
_STEP_EPOCHS = 10
_STEP_SHARE = 0.25


class Schedule:
    """Learning rate relative to its peak.

    ``cosine`` and ``plateau`` begin with a linear warm-up; ``step`` divides the rate by 10 every 10 epochs, or every
    quarter of a training of planned length. ``annealing`` is PyTorch's ``CosineAnnealingLR``, stepped once an epoch,
    after the epochs with frozen encoders.

    Args:
        kind: cosine, annealing, plateau or step.
        steps: Number of optimizer steps.
        epochs: Number of epochs.
    """

    def __init__(self, kind: str, steps: int, epochs: int = 1) -> None:
        self._kind = kind
        self._level = 1.0
        self._best = -math.inf
        self._bad_validations = 0
        self.plan(steps, epochs)

    def plan(self, steps: int, epochs: int, is_fixed: bool = True, frozen: int = 0) -> None:
        """Sets the length of the training; the state of the plateau schedule stays.

        Args:
            steps: Number of optimizer steps.
            epochs: Number of epochs.
            is_fixed: Whether the number of epochs was given, not planned.
            frozen: Number of first epochs with frozen encoders.
        """
        self._steps = steps
        self._epochs = epochs
        self._frozen = frozen
        self._epoch_steps = max(1, steps // epochs)
        self._decay_steps = _STEP_EPOCHS * self._epoch_steps
        if not is_fixed:
            self._decay_steps = max(1, round(_STEP_SHARE * steps))
        self._warmup = max(1, round(_WARMUP_SHARE * steps))

    def factor(self, step: int) -> float:
        """Returns the factor at an optimizer step, counted from 0."""
        if self._kind == "step":
            return _STEP_FACTOR ** (step // self._decay_steps)
        if self._kind == "annealing":
            epoch = max(0, step // self._epoch_steps - self._frozen)
            return _fall(epoch / max(1, self._epochs - self._frozen), _ANNEALED)
        if step < self._warmup:
            return (step + 1) / self._warmup
        if self._kind == "plateau":
            return self._level
        progress = min((step - self._warmup) / max(self._steps - self._warmup, 1), 1.0)
        return _fall(progress, _FLOOR)

    def update(self, score: float) -> None:
        """Updates the plateau schedule with a validation score; larger is better."""
        if score > self._best:
            self._best, self._bad_validations = score, 0
            return
        self._bad_validations += 1
        if self._bad_validations == _PATIENCE:
            self._level, self._bad_validations = max(self._level * _PLATEAU_FACTOR, _FLOOR), 0

    def state_dict(self) -> dict[str, float]:
        """The state of the plateau schedule."""
        return {"level": self._level, "best": self._best, "waited": self._bad_validations}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Restores a state of ``state_dict``."""
        self._level, self._best = state["level"], state["best"]
        self._bad_validations = int(state["waited"])


def _fall(progress: float, floor: float) -> float:
    """Half a period of a cosine, from 1 at progress 0 to ``floor`` at 1."""
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress))


class EarlyStopping:
    """Decides when to stop a training whose validation loss no longer falls.

    Args:
        patience: Number of validations without a smaller loss before stopping; 0: never stop.
    """

    def __init__(self, patience: int) -> None:
        self._patience = patience
        self._bad_validations = 0
        self._best = math.inf

    def should_stop(self, loss: float) -> bool:
        """Updates the state with a validation loss and returns whether to stop."""
        if loss < self._best:
            self._best, self._bad_validations = loss, 0
        else:
            self._bad_validations += 1
        return 0 < self._patience <= self._bad_validations

    def message(self, epoch: int, epochs: int) -> str:
        """The sentence about a training of ``epochs`` epochs that this stops after the epoch with number ``epoch``."""
        text = tr(
            "Training stopped after epoch {} of {}: the validation loss has not fallen for {}."
        )
        patience = format_count(self._patience, "{} validation", "{} validations")
        return text.format(epoch, epochs, patience)

    def state_dict(self) -> dict[str, float]:
        """The number of validations without improvement and the smallest loss."""
        return {"waited": self._bad_validations, "least": self._best}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Restores a state of ``state_dict``."""
        self._bad_validations, self._best = int(state["waited"]), state["least"]
