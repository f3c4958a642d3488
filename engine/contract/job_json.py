"""Jobs as JSON: written by the plugin, read by the engine as a job file or a request."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar, Union

from .clean_up import CleanUp, temporary_folder
from .errors import JobError
from .file_jobs import (
    DoctorJob,
    EvaluateJob,
    ExportJob,
    ImportJob,
    InfoJob,
    PolygonsJob,
    SketchJob,
    SuggestJob,
)
from .jobs import PredictFolderJob, SegmentFolderJob, SegmentJob, TrainJob
from .options import convert
from .output_files import write_error_message
from .paths import check_file
from .plain_text import shorten
from .strict_json import parse_json
from .translation import tr

Job = Union[
    TrainJob,
    SegmentJob,
    SegmentFolderJob,
    PredictFolderJob,
    SketchJob,
    SuggestJob,
    EvaluateJob,
    PolygonsJob,
    ImportJob,
    ExportJob,
    InfoJob,
    DoctorJob,
]

J = TypeVar("J", bound=Job)

#: Fields that other jobs call by another name, which a job file and the shell take too: that name, and the field's.
OTHER_NAMES: dict[type[Any], dict[str, str]] = {
    PredictFolderJob: {"model": "checkpoint"},
    SegmentFolderJob: {"output": "output_folder"},
}


def to_json(job: Job) -> str:
    """The job with all its fields as a JSON document in ASCII."""
    return json.dumps(asdict(job), indent=2)


def from_json(kind: type[J], text: str) -> J:
    """The job of a JSON document; missing fields have their defaults.

    Raises:
        JobError: If the document is not a JSON object, has an unknown field, or a value has the wrong type.
    """
    record = parse_record(text)
    for other, own in OTHER_NAMES.get(kind, {}).items():
        if other in record and own not in record:
            record[own] = record.pop(other)
    known = sorted(field.name for field in fields(kind))
    for name in record:
        if name not in known:
            raise JobError(
                tr("The job has no field {}; it knows {}.").format(shorten(name), ", ".join(known))
            )
    return kind(**{name: convert(kind, name, value) for name, value in record.items()})


@contextmanager
def temporary_job_file(job: Job) -> Iterator[Path]:
    """A file of a job in a temporary folder of its own, which is removed at the end.

    Raises:
        JobError: If it cannot be written.
    """
    with CleanUp() as end:
        try:
            file = end.enter_context(temporary_folder()) / "job.json"
            file.write_text(to_json(job), encoding="utf-8")
        except OSError as error:
            name = error.filename or tempfile.gettempdir()
            raise JobError(write_error_message(tr("file"), name, error)) from error
        yield file


def read_job(kind: type[J], path: str) -> J:
    """The job of the JSON file at ``path``.

    Raises:
        JobError: If the file cannot be read or is not such a job.
    """
    return from_json(kind, read_text(path))


def parse_record(text: str) -> dict[str, Any]:
    """The fields of a JSON document as they are written there.

    Raises:
        JobError: If the document is not a JSON object.
    """
    try:
        record = parse_json(text)
    except ValueError as error:
        raise JobError(tr("The job file is not JSON: {}.").format(error)) from error
    if not isinstance(record, dict):
        raise JobError(tr("The job file must hold one JSON object with the job's fields."))
    return record


def read_text(path: str) -> str:
    """The text of a job file.

    Raises:
        JobError: If the file cannot be read.
    """
    check_file(path, JobError)
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise JobError(tr("The job file {} cannot be read: {}.").format(path, error)) from error
