"""The automatic choices of an unfinished training: a resumed one keeps them, on another device or without a network too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..compute.devices import Device
from ..contract.checkpoint_files import read_training_record
from ..contract.fold_files import has_folds, written_models
from ..contract.jobs import TrainJob
from ..contract.options import TRAINING, deciding_values, options_of
from ..contract.strict_json import json_digest
from .fold_cards import FOLD, fold_card
from .training_plan import TrainingPlan

#: Key of the choices in the record of a training.
CHOICES = "choices"

#: Key of the precision in the choices of a training on a CPU.
CPU_PRECISION = "cpu_precision"


def choices_record(asked: TrainJob, chosen: TrainJob, device: Device) -> dict[str, Any]:
    """The choices of a training for its record.

    Args:
        asked: The job before anything was chosen.
        chosen: The same job afterwards.
        device: The device.
    """
    record = {"asked": _digest(asked), **{name: getattr(chosen, name) for name in _chosen_fields()}}
    return {**record, CPU_PRECISION: device.precision} if device.kind == "cpu" else record


def earlier_choices(plan: TrainingPlan) -> dict[str, Any]:
    """The choices of an unfinished training of the same job, if there is one that it may resume; else none."""
    job = plan.job
    asked = _digest(job)
    for choices in _earlier_choices(job) if job.resume else ():
        if isinstance(choices, dict) and choices.get("asked") == asked:
            return choices
    return {}


def with_earlier_choices(plan: TrainingPlan) -> TrainingPlan:
    """The plan with the choices of an unfinished training, see ``earlier_choices``."""
    choices = earlier_choices(plan)
    if not choices:
        return plan
    kept = {name: choices[name] for name in _chosen_fields() if name in choices}
    return replace(plan, job=replace(plan.job, **kept), is_tile_automatic=False)


def _earlier_choices(job: TrainJob) -> Iterator[Any]:
    """The choices in the records of an unfinished training and in the cards of its finished folds."""
    models = written_models(job)
    for model in models if has_folds(job) else ():
        if card := fold_card(model):
            yield card.provenance[FOLD].get(CHOICES)
    for model in models:
        yield read_training_record(model).get(CHOICES)


def _digest(job: TrainJob) -> str:
    """Identifies what a job asks for, apart from what may change when a training resumes."""
    return json_digest(deciding_values(job, TRAINING))


def _chosen_fields() -> list[str]:
    """The fields that are chosen for the data and the machine if a job leaves them open."""
    return [name for name, one in options_of(TrainJob).items() if one.is_chosen]
