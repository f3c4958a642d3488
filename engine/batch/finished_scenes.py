"""Recognises finished scenes by a tag of their masks: models and options, input files, record.

A run over many scenes that is started again opens only the masks. A mask is kept only if models, options and input
files are unchanged.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..contract.ensemble_file import read_ensemble
from ..contract.errors import RasterError
from ..contract.file_identity import file_hash
from ..contract.jobs import SegmentFolderJob
from ..contract.options import SCENES, deciding_values
from ..contract.paths import is_address, is_file
from ..contract.strict_json import json_digest
from ..rasters.raster import Raster
from ..rasters.source_files import source_state
from .scene_task import KEPT, SceneRecord, SceneTask, record_from

#: The tag of a mask and of its confidence raster: JSON with key, files and record.
TAG = "DUALSTREAM_FINISHED"


def options_key(job: SegmentFolderJob) -> str:
    """A hash of the models and of the options that decide the classes.

    Raises:
        JobError: If the models cannot work together.
    """
    ensemble_spec = read_ensemble(job.model, job.combine)
    facts = {
        "models": [(file_hash(member.model), member.weight) for member in ensemble_spec.members],
        "combine": ensemble_spec.combine if len(ensemble_spec.members) > 1 else "",
        **deciding_values(job, SCENES),
    }
    return json_digest(facts)


def make_finished_tags(
    task: SceneTask, key: str, files: Sequence[tuple[str, int, int]], record: SceneRecord
) -> dict[str, str]:
    """The tags of a scene's rasters by which ``read_finished_record`` recognises it.

    Args:
        task: The scene.
        key: The ``options_key`` of the run.
        files: Path, size in bytes and time of the last change in ns of each input file when it was opened.
        record: The scene's record.
    """
    facts = {
        "key": key,
        "sources": _sources(task),
        "files": [(_canonical_path(file), size, changed) for file, size, changed in files],
        # The reader replaces both by the paths of its run.
        "record": {
            **asdict(record),
            "image": Path(record.image).name,
            "output": Path(record.output).name,
        },
    }
    return {TAG: json.dumps(facts)}


def read_finished_record(task: SceneTask, key: str) -> SceneRecord | None:
    """The record of a scene that an earlier run has finished; None if the scene must be computed.

    Args:
        task: The scene.
        key: The ``options_key`` of this run.
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
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):  # a foreign tag
        return None
    # With the names of this run: the folder of the masks may have moved.
    return replace(record, name=task.name, image=task.image, output=task.output, status=KEPT)


def _tag(path: str) -> str:
    """The tag of the raster at ``path``; empty if there is no tag or no raster."""
    if not is_file(path):
        return ""
    try:
        with Raster(path) as raster:
            return raster.tags.get(TAG, "")
    except RasterError:
        return ""


def _sources(task: SceneTask) -> list[Any]:
    """The input rasters, and their usual bands if there are any."""
    bands = [list(indexes) for indexes in task.default_bands]
    return [*map(_canonical_path, task.sources), *(bands if any(bands) else [])]


def _canonical_path(path: str) -> str:
    """The absolute path of a file; an address of GDAL's is unchanged."""
    return path if is_address(path) else os.path.abspath(path)
