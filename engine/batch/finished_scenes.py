"""A finished scene is known by its mask: what was asked for, what it was made of, what became of it.

A run over many scenes that is started again opens nothing but the masks. What stands in one holds only as long
as the same models and options are asked for, and the files it was made of are as they were.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from ..contract.ensemble_file import read_ensemble
from ..contract.errors import RasterError
from ..contract.jobs import SegmentFolderJob
from ..contract.paths import is_address, is_file
from ..contract.strict_json import json_digest
from ..models.model_file import file_hash
from ..rasters.raster import Raster
from ..rasters.source_files import source_state
from .scene_task import KEPT, SceneRecord, SceneTask, record_from

#: The tag of a mask, and of its confidence raster: JSON with the key, the files and the record.
TAG = "DUALSTREAM_FINISHED"

#: The options that decide the classes, besides the models. Device, precision, runtime, batch size and where it is
#: computed only change the last digits of probabilities.
_DECIDING = (
    "image_bands",
    "auxiliary_bands",
    "overlap",
    "tta",
    "threshold",
    "match_resolution",
    "confidence",
)


def options_key(job: SegmentFolderJob) -> str:
    """What tells a run's models and options from others: a hash of all that decides the classes.

    Raises:
        JobError: If the models cannot work together.
    """
    ensemble_spec = read_ensemble(job.model, job.combine)
    facts = {
        "models": [(file_hash(member.model), member.weight) for member in ensemble_spec.members],
        "combine": ensemble_spec.combine if len(ensemble_spec.members) > 1 else "",
        **{name: getattr(job, name) for name in _DECIDING},
    }
    return json_digest(facts)


def make_finished_tags(
    task: SceneTask, key: str, files: Sequence[tuple[str, int, int]], record: SceneRecord
) -> dict[str, str]:
    """What is written into a scene's rasters for ``read_finished_record`` to find.

    Args:
        task: The scene.
        key: As ``options_key`` gives it.
        files: The files it was made of, each with its size and the time of its last change when it was opened.
        record: What became of it.
    """
    facts = {
        "key": key,
        "sources": _sources(task),
        "files": [(_canonical_path(file), size, changed) for file, size, changed in files],
        "record": asdict(record),
    }
    return {TAG: json.dumps(facts)}


def read_finished_record(task: SceneTask, key: str) -> SceneRecord | None:
    """The record of a scene that an earlier run has finished as it is asked for now; none if it has to be computed.

    Args:
        task: The scene.
        key: As ``options_key`` gives it.
    """
    written = _tag(task.output)
    if not written or (task.confidence and _tag(task.confidence) != written):
        return None
    try:
        facts = json.loads(written)
        is_same = facts["key"] == key and facts["sources"] == _sources(task)
        files = [(file, (size, changed)) for file, size, changed in facts["files"]]
        if not is_same or any(source_state(file) != state for file, state in files):
            return None
        record = record_from(facts["record"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):  # not written by us
        return None
    # Called as it is called now: the folder of the masks may have moved.
    here = replace(record, name=task.name, image=task.image, output=task.output)
    return replace(here, status=KEPT)


def _tag(path: str) -> str:
    """The tag of the raster at ``path``; empty if there is none, or no such raster."""
    if not is_file(path):
        return ""
    try:
        with Raster(path) as raster:
            return raster.tags.get(TAG, "")
    except RasterError:
        return ""


def _sources(task: SceneTask) -> list[Any]:
    """Its rasters, and which of their bands are usual, if any are."""
    bands = [list(own) for own in task.usual]
    return [*map(_canonical_path, task.sources), *(bands if any(bands) else [])]


def _canonical_path(path: str) -> str:
    """A path that means the same from any folder; one of GDAL's own stays as it is."""
    return path if is_address(path) else os.path.abspath(path)
