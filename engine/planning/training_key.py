"""The key of a training: it identifies its options and its data, so that only the same training is resumed."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

from ..contract.class_table import to_records
from ..contract.jobs import TrainJob
from ..contract.options import TRAINING, deciding_values
from ..contract.paths import file_state
from ..contract.strict_json import json_digest
from ..contract.version import engine_version
from ..sampling.band_statistics import Scaling
from ..sampling.survey import Survey


def training_key(job: TrainJob, data: Survey, scaling: Scaling) -> str:
    """The key of a training, which resumes only from a state with the same key.

    The labels' counts in every block and the image's statistics identify the content of the files, also if it
    is in other files, such as a polygon file's sidecar or the sources of a virtual raster.

    Args:
        job: The job, with its recipe.
        data: Its data.
        scaling: The data's scaling.
    """
    named = job.area, job.dataset, job.pretrained, job.start, *job.checked
    job_files = [path for path in named if Path(path).is_file()]
    scene_files = [path for s in data.scenes for path in (s.image, *s.label_files, *s.auxiliary)]
    record = {
        "engine": engine_version(),
        "job": deciding_values(job, TRAINING),
        "files": [_file_state(path) for path in sorted({*job_files, *scene_files})],
        "blocks": [asdict(block) for block in data.blocks],
        "classes": to_records(data.classes),
        "scaling": asdict(scaling),
    }
    return json_digest(record)


def _file_state(path: str) -> tuple[str, int, int]:
    """Path, size and modification time; zeros if it is not a local file."""
    state = file_state(path)
    return (os.path.abspath(path) if any(state) else path, *state)
