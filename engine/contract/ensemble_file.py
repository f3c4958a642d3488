"""The members of an ensemble and how they are combined: a list of model files, or an ensemble file.

An ensemble file is JSON. Paths are relative to its folder; a weight defaults to 1, ``combine`` to "mean"::

    {"members": [{"model": "unet.safetensors", "weight": 2}, {"model": "pspnet.safetensors"}],
     "combine": "mean"}
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import JobError, join_choices
from .jobs import AUTOMATIC
from .paths import check_file
from .plain_text import path_flaw, shorten
from .strict_json import parse_json
from .translation import tr

#: Ways to combine models: the mean of their probabilities, or the class that most of them choose.
COMBINATIONS = ("mean", "vote")

ENSEMBLE_SUFFIX = ".json"

#: Largest ratio of a weight to 1; beyond it the other members vanish in rounding.
_MAX_WEIGHT = 1e6


@dataclass(frozen=True)
class Member:
    """One model of several.

    Attributes:
        model: The model file.
        weight: Its weight in the mean or vote, above 0.
    """

    model: str
    weight: float = 1.0


@dataclass(frozen=True)
class EnsembleSpec:
    """The models of an ensemble.

    Attributes:
        members: One or more different models.
        combine: One of ``COMBINATIONS``.
    """

    members: tuple[Member, ...]
    combine: str = "mean"


def read_ensemble(models: Sequence[str], combine: str) -> EnsembleSpec:
    """The ensemble of a job.

    Args:
        models: Model files, or one ensemble file.
        combine: One of ``COMBINATIONS``, or "automatic".

    Raises:
        JobError: If the ensemble file cannot be read, or the ensemble is impossible.
    """
    if combine not in (AUTOMATIC, *COMBINATIONS):
        raise JobError(
            tr("Several models cannot be combined by {!r}; choose {}.").format(
                combine, join_choices(COMBINATIONS)
            )
        )
    files = [path for path in models if Path(path).suffix.lower() == ENSEMBLE_SUFFIX]
    if files and len(models) > 1:
        raise JobError(
            tr(
                "The ensemble file {} names its members itself: give it alone, or the model files."
            ).format(files[0])
        )
    ensemble = _read(Path(files[0])) if files else EnsembleSpec(tuple(map(Member, models)))
    paths = [os.path.abspath(member.model) for member in ensemble.members]
    for path in paths:
        if paths.count(path) > 1:
            raise JobError(tr("The model {} is named twice: give each model once.").format(path))
    return ensemble if combine == AUTOMATIC else EnsembleSpec(ensemble.members, combine)


def _read(path: Path) -> EnsembleSpec:
    check_file(path, JobError)
    try:
        record = parse_json(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise JobError(
            tr("The ensemble file {} cannot be read: {}.").format(path, error)
        ) from error
    is_ensemble = isinstance(record, dict) and record.keys() <= {"members", "combine"}
    members = record.get("members") if is_ensemble else None
    if not isinstance(members, list) or not members:
        raise JobError(
            tr(
                "The ensemble file {} must hold an object with a list of members, each with a model "
                "and optionally a weight, and optionally combine."
            ).format(path)
        )
    combine = record.get("combine", "mean")
    if combine not in COMBINATIONS:
        raise JobError(
            tr("combine in the ensemble file {} is {}; it must be {}.").format(
                path, shorten(combine), join_choices(COMBINATIONS)
            )
        )
    return EnsembleSpec(tuple(_member(path, entry) for entry in members), combine)


def _member(file: Path, entry: Any) -> Member:
    if isinstance(entry, str):
        entry = {"model": entry}
    is_member = isinstance(entry, dict) and {"model"} <= entry.keys() <= {"model", "weight"}
    if not is_member or not isinstance(entry["model"], str) or not entry["model"]:
        raise JobError(
            tr(
                "The member {} of the ensemble file {} must have a model, which is a path, and may "
                "have a weight, which is a number."
            ).format(shorten(entry), file)
        )
    if flaw := path_flaw(entry["model"]):
        raise JobError(
            tr("The member {} of the ensemble file {} cannot be used: {}.").format(
                shorten(entry["model"]), file, flaw
            )
        )
    weight = entry.get("weight", 1.0)
    is_number = isinstance(weight, (int, float)) and not isinstance(weight, bool)
    if not is_number or not 0 < weight <= _MAX_WEIGHT or weight < 1 / _MAX_WEIGHT:
        raise JobError(
            tr(
                "The weight of {} in {} is {}: it must be a number above 0, from {:g} to {:g}."
            ).format(entry["model"], file, shorten(weight), 1 / _MAX_WEIGHT, _MAX_WEIGHT)
        )
    return Member(str(file.parent / entry["model"]), float(weight))
