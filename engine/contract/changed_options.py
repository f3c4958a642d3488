"""Compares the options of a training with those of an unfinished one, which only the same training resumes.

It needs no torch: QGIS refuses other options before the engine starts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .architectures import with_recipe
from .errors import JobError, format_count, join_names
from .jobs import TrainJob
from .options import AUTOMATIC, TRAINING, deciding_values, format_value, is_automatic, options_of
from .plain_text import one_line
from .training_files import read_training_record, written_models
from .translation import tr

#: Key of the options in the record of a training.
OPTIONS = "options"

#: Largest number of options that a sentence names, and of characters of a value.
_MAX_NAMED, _MAX_LENGTH = 3, 40

Values = Mapping[str, Any]


def options_record(asked: TrainJob) -> dict[str, Any]:
    """The options of a job that decide its training, with the values of its recipe, as JSON gives them back.

    Args:
        asked: The job as the user gave it.

    Raises:
        JobError: If a name is unknown.
    """
    job, _ = with_recipe(asked)
    values: dict[str, Any] = json.loads(json.dumps(deciding_values(job, TRAINING)))
    return values


def refuse_other_options(job: TrainJob) -> None:
    """Refuses a job whose options differ from those of the unfinished training that it would resume.

    A value that the engine chooses, or that a model to start from brings, may be the same in the end:
    ``checkpoints`` compares it after the choice.

    Raises:
        JobError: With the options that differ.
    """
    if not job.resume or not job.output or job.start:
        return
    for model in written_models(job):
        record = read_training_record(model)
        before = record.get(OPTIONS)
        if not isinstance(before, dict):
            continue
        now = options_record(job)
        if any(
            _is_set(name, now[name]) and _is_set(name, before[name])
            for name in _changed(before, now)
        ):
            raise JobError(refusal(str(model), record, now))


def refusal(output: str, record: Values, now: Values) -> str:
    """The sentence on an unfinished training that a job cannot resume.

    Args:
        output: The model file.
        record: The record of the unfinished training.
        now: The ``options_record`` of the job.
    """
    before = record.get(OPTIONS)
    changed = _changed(before, now) if isinstance(before, dict) else []
    reason = tr("its data, its files or the version of DualStream have changed")
    if isinstance(before, dict) and changed:
        named = [_describe(name, before[name], now[name]) for name in changed]
        reason = join_names(named, _MAX_NAMED)
    text = tr(
        "The unfinished training of {} ({} of {}) cannot continue: {}. Choose another file for the model, or give "
        "resume=false in the recipe (--no_resume in a shell) to start over."
    )
    epochs = format_count(record["epochs"], "{} epoch", "{} epochs")
    return text.format(Path(output).name, record["epoch"], epochs, reason)


def _changed(before: Values, now: Values) -> list[str]:
    """Names of the options of both that differ."""
    return [name for name in now if name in before and before[name] != now[name]]


def _is_set(name: str, value: Any) -> bool:
    """Whether a value cannot be another one in the end."""
    is_empty = value in ("", [], None)
    return not (
        is_empty or options_of(TrainJob)[name].is_chosen or is_automatic(TrainJob, name, value)
    )


def _describe(name: str, before: Any, now: Any) -> str:
    return tr("{} is {} (was {})").format(name, _shown(name, now), _shown(name, before))


def _shown(name: str, value: Any) -> str:
    """A value of a record for a sentence, of files their names."""
    if value in ("", [], None):
        return tr("empty")
    if is_automatic(TrainJob, name, value):
        return AUTOMATIC
    if options_of(TrainJob)[name].is_path:
        value = [Path(path).name for path in (value if isinstance(value, list) else [value])]
    return one_line(format_value(value), _MAX_LENGTH)
