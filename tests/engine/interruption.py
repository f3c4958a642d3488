"""Trainings that a user interrupts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.commands.train import train
from engine.contract.jobs import TrainJob
from engine.contract.protocol import Metric


def train_until(text: str, job: TrainJob, emit: Callable[[Any], None] = lambda event: None) -> None:
    """Trains until a message begins with ``text``, and is interrupted there."""

    def interrupt(event: Any) -> None:
        emit(event)
        if isinstance(event, Metric) and event.message.startswith(text):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(job, interrupt)
