"""The members of an ensemble and how they are combined: a list of model files, or an ensemble file.

An ensemble file is JSON. Paths are relative to its folder; a weight defaults to 1, ``combine`` to "mean"::

    {"members": [{"model": "unet.safetensors", "weight": 2}, {"model": "pspnet.safetensors"}],
     "combine": "mean"}

A training in folds adds ``out_of_fold``, the scores of its models where they did not learn (``docs/model-file.md``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .errors import JobError, join_choices
from .inference_options import COMBINATIONS as COMBINATIONS
from .output_writer import write_output
from .paths import check_file
from .plain_text import path_flaw, shorten
from .strict_json import parse_json
from .translation import tr

ENSEMBLE_SUFFIX = ".json"

#: Keys of an ensemble file.
_KEYS = {"members", "combine", "out_of_fold"}

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
        out_of_fold: Scores of the members of a training in folds; else empty.
    """

    members: tuple[Member, ...]
    combine: str = "mean"
    out_of_fold: dict[str, Any] = field(default_factory=dict)


def read_ensemble(models: Sequence[str], combine: str) -> EnsembleSpec:
    """The ensemble of a job.

    Args:
        models: Model files, or one ensemble file.
        combine: One of ``COMBINATIONS``; "automatic" or empty: that of the ensemble file, otherwise mean.

    Raises:
        JobError: If the ensemble file cannot be read, or the ensemble is impossible.
    """
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
    return replace(ensemble, combine=combine) if combine in COMBINATIONS else ensemble


def write_ensemble(
    path: str | Path, models: Sequence[str | Path], out_of_fold: Mapping[str, Any]
) -> None:
    """Writes the ensemble file of a training in folds.

    Args:
        path: The file.
        models: The models, in its folder.
        out_of_fold: Their scores, in JSON types without NaN.

    Raises:
        JobError: If it cannot be written.
    """
    members = [{"model": Path(model).name} for model in models]
    record = {"members": members, "combine": "mean", "out_of_fold": dict(out_of_fold)}
    text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
    write_output(path, text.encode(), tr("ensemble file"))


def _read(path: Path) -> EnsembleSpec:
    check_file(path, JobError)
    try:
        record = parse_json(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise JobError(
            tr("The ensemble file {} cannot be read: {}.").format(path, error)
        ) from error
    is_ensemble = isinstance(record, dict) and record.keys() <= _KEYS
    members = record.get("members") if is_ensemble else None
    scores = record.get("out_of_fold", {}) if is_ensemble else {}
    if not isinstance(members, list) or not members or not isinstance(scores, dict):
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
    return EnsembleSpec(tuple(_member(path, entry) for entry in members), combine, scores)


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
