"""The automatic choices of an unfinished training: a resumed one keeps them, on another device or without a network too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..compute.devices import Device
from ..contract.jobs import TrainJob
from ..contract.options import TRAINING, deciding_values, options_of
from ..contract.strict_json import json_digest
from ..contract.training_files import (
    FOLD,
    fold_card,
    has_folds,
    read_training_record,
    written_models,
)

#: Key of the choices in the record of a training.
CHOICES = "choices"

#: Key of the precision in the choices of a training on a CPU.
CPU_PRECISION = "cpu_precision"

#: Key of the digest of the job for which the choices were made.
_ASKED = "asked"


def earlier_choices(job: TrainJob) -> dict[str, Any]:
    """The choices of an unfinished training of the same job, if there is one that it may resume; else no choice.

    Args:
        job: The job, with its recipe, before anything is chosen for its data.
    """
    asked = json_digest(deciding_values(job, TRAINING))
    for choices in _earlier_choices(job) if job.resume else ():
        if isinstance(choices, dict) and choices.get(_ASKED) == asked:
            return choices
    return {_ASKED: asked}


def with_choices(job: TrainJob, choices: Mapping[str, Any]) -> TrainJob:
    """The job with the choices of an unfinished training, see ``earlier_choices``."""
    return replace(job, **{name: choices[name] for name in _chosen_fields() if name in choices})


def choices_record(earlier: Mapping[str, Any], chosen: TrainJob, device: Device) -> dict[str, Any]:
    """The choices of a training for its record.

    Args:
        earlier: Its choices at the start, see ``earlier_choices``.
        chosen: The job with everything that was chosen for it.
        device: The device.
    """
    chosen_values = {name: getattr(chosen, name) for name in _chosen_fields()}
    record = {_ASKED: earlier[_ASKED], **chosen_values}
    return {**record, CPU_PRECISION: device.precision} if device.kind == "cpu" else record


def _earlier_choices(job: TrainJob) -> Iterator[Any]:
    """The choices in the records of an unfinished training and in the cards of its finished folds."""
    models = written_models(job)
    for model in models if has_folds(job) else ():
        if card := fold_card(model):
            yield card.provenance[FOLD].get(CHOICES)
    for model in models:
        yield read_training_record(model).get(CHOICES)


def _chosen_fields() -> list[str]:
    """The fields that are chosen for the data and the machine if a job leaves them open."""
    return [name for name, one in options_of(TrainJob).items() if one.is_chosen]
