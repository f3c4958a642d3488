"""Jobs as JSON: the file that an engine run can be started with, in and out."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from .errors import JobError, format_count
from .file_jobs import DoctorJob, EvaluateJob, ExportJob, ImportJob, InfoJob, PolygonsJob
from .jobs import PredictFolderJob, SegmentFolderJob, SegmentJob, TrainJob
from .paths import check_file
from .plain_text import path_flaw, shorten
from .strict_json import parse_json

Job = Union[
    TrainJob,
    SegmentJob,
    SegmentFolderJob,
    PredictFolderJob,
    EvaluateJob,
    PolygonsJob,
    ImportJob,
    ExportJob,
    InfoJob,
    DoctorJob,
]

J = TypeVar("J", bound=Job)


def to_json(job: Job) -> str:
    """The job as a JSON document, every field spelled out; ASCII only, paths of any bytes included."""
    return json.dumps(asdict(job), indent=2)


def from_json(kind: type[J], text: str) -> J:
    """The job that a JSON document describes; fields it leaves out keep their defaults.

    Raises:
        JobError: If the document is no JSON object, names an unknown field, or a value's type is wrong.
    """
    try:
        record = parse_json(text)
    except ValueError as error:
        raise JobError(f"The job file is not JSON: {error}.") from error
    if not isinstance(record, dict):
        raise JobError("The job file must hold one JSON object with the job's fields.")
    hints = get_type_hints(kind)
    known = {field.name for field in fields(kind)}
    for name in record:
        if name not in known:
            raise JobError(
                f"The job has no field {shorten(name)}; it knows {', '.join(sorted(known))}."
            )
    return kind(**{name: _typed(name, value, hints[name]) for name, value in record.items()})


def read_job(kind: type[J], path: str) -> J:
    """The job in the JSON file at ``path``.

    Raises:
        JobError: If the file cannot be read or does not describe such a job.
    """
    check_file(path, JobError)
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise JobError(f"The job file {path} cannot be read: {error}.") from error
    return from_json(kind, text)


def _typed(name: str, value: Any, hint: Any) -> Any:
    """``value`` as the field's type, or a sentence about it."""
    options = [option for option in get_args(hint) if option is not type(None)]
    if get_origin(hint) is not tuple and options:
        return None if value is None else _typed(name, value, options[0])
    if get_origin(hint) is tuple:
        items = get_args(hint)
        if isinstance(value, items[0]) and items[-1] is Ellipsis:
            value = [value]  # one alone, such as a single model
        if not isinstance(value, (list, tuple)):
            raise JobError(f"The field {name} must be a list, not {shorten(value)}.")
        if items[-1] is not Ellipsis and len(value) != len(items):
            raise JobError(
                f"The field {name} must have {format_count(len(items), 'value')}, not {len(value)}."
            )
        return tuple(_typed(name, item, items[0]) for item in value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise JobError(f"The field {name} must be of type {hint.__name__}, not {shorten(value)}.")
    if isinstance(value, str) and (flaw := path_flaw(value)):
        raise JobError(f"The field {name} is {shorten(value)}: it {flaw}.")
    return value
