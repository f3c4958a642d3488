"""The values of a training's report, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.class_table import ClassTable

#: States of a training.
RUNNING = "running"
INTERRUPTED = "interrupted"
FINISHED = "finished"


@dataclass(frozen=True)
class SceneBlocks:
    """The labelled blocks of a scene.

    Attributes:
        name: The scene's name.
        training: Row, column, height and width of each training block, px.
        validation: The same of each validation block.
    """

    name: str
    training: tuple[tuple[int, int, int, int], ...]
    validation: tuple[tuple[int, int, int, int], ...]


@dataclass(frozen=True)
class Choice:
    """A value that was chosen automatically.

    Attributes:
        name: What was chosen.
        value: The choice.
        reason: Why.
    """

    name: str
    value: str
    reason: str


@dataclass(frozen=True)
class Panels:
    """Pictures of one validation window.

    Attributes:
        title: Which window.
        pictures: Caption and colours (h, w, 3) uint8 of each picture.
    """

    title: str
    pictures: tuple[tuple[str, NDArray[np.uint8]], ...]


@dataclass(frozen=True)
class TrainingValues:
    """The values that the page about a training shows.

    Attributes:
        name: Name of the model file.
        device: Name of the device.
        classes: The class table.
        training_pixels: Labelled pixels of each class for training.
        validation_pixels: The same for validation.
        streams: A line about each stream.
        scenes: The blocks of every scene.
        options: Name, value and default of each option that the user changed.
        facts: Names and values of the rest, such as versions, in order.
        lineage: A line about each model from which this training started.
        has_marks: Whether points or lines are among the labels.
        state: ``RUNNING``, ``INTERRUPTED`` or ``FINISHED``.
        epochs: Number of planned epochs.
        seconds: Time of all runs so far, s.
        metrics: The metrics of the best weights so far, as in the model card; empty before the first validation.
        history: The history of the epochs, see ``training.history``.
        stop: Why the training ended early, as a sentence.
        choices: What was chosen automatically.
        warnings: The warnings of this run.
        panels: Validation windows, the worst first.
        changes: Validation windows in which the masks before and after the training differ most; none if it started
            from no model or from one that does not know all classes.
        steps: Number of finished optimiser steps.
        more_steps: The sentence about ways to more steps of a training that has hardly begun; empty: it has enough. With fewer
            its numbers say nothing about the labels and the bands.
        baseline: What a pixel classifier scores, as in the model card; empty: it is not measured.
    """

    name: str
    device: str
    classes: ClassTable
    training_pixels: tuple[int, ...]
    validation_pixels: tuple[int, ...]
    streams: tuple[str, ...] = ()
    scenes: tuple[SceneBlocks, ...] = ()
    options: tuple[tuple[str, str, str], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    lineage: tuple[str, ...] = ()
    has_marks: bool = False
    state: str = RUNNING
    epochs: int = 0
    seconds: float = 0.0
    metrics: Mapping[str, Any] = field(default_factory=dict)
    history: Sequence[Mapping[str, Any]] = ()
    stop: str = ""
    choices: tuple[Choice, ...] = ()
    warnings: tuple[str, ...] = ()
    panels: tuple[Panels, ...] = ()
    changes: tuple[Panels, ...] = ()
    steps: int = 0
    more_steps: str = ""
    baseline: Mapping[str, Any] = field(default_factory=dict)
