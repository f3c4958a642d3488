"""The key that decides whether finished rows can be used again, and the metadata tags of a mask."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from functools import cache
from pathlib import Path
from typing import Any

from ..compute.threads import thread_count
from ..contract.class_table import to_records
from ..contract.inference_options import InferenceOptions, SceneOutputs
from ..contract.jobs import SegmentJob
from ..contract.options import ROWS, deciding
from ..contract.output_files import MODEL_TAG
from ..contract.scene import Scene
from ..contract.version import engine_version
from ..rasters.source_files import refuse_inputs, source_state
from ..rasters.windows import Window
from ..runtimes.runtime_config import installed_versions
from .ensemble import Ensemble
from .scene_streams import Streams


def run_key(
    scene: Scene,
    outputs: SceneOutputs,
    ensemble: Ensemble,
    region: Window,
    streams: Sequence[Streams],
) -> dict[str, Any]:
    """Everything that decides the values of the rows, JSON-able.

    Raises:
        JobError: If an output is also an input, such as a file that a virtual raster names.
    """
    stacks = (stream.stack for stream in streams if stream.stack)
    rasters = [streams[0].image, *(raster for stack in stacks for raster in stack.rasters)]
    files = sorted({file for raster in rasters for file in raster.files})
    refuse_inputs(outputs.paths, files)
    job, device = _segment_job(scene, outputs, ensemble), ensemble.device
    weights = [member.weight for member in ensemble.members]
    return {
        "engine": [
            engine_version(),
            *_library_versions(),
            thread_count(),
        ],
        "options": {name: job[name] for name in deciding(SegmentJob, ROWS)},
        "extras": [*outputs.extras],
        "models": [*zip(ensemble.hashes, weights)],
        "combine": ensemble.combine,
        "device": [device.kind, device.precision, device.is_precision_auto],
        "region": asdict(region),
        "files": [(file, *source_state(file)) for file in files],
        "usual": [scene.default_image_bands, scene.default_auxiliary_bands],
    }


@cache
def _library_versions() -> tuple[str, ...]:
    """Versions of the libraries that may compute networks; looked up once, since that takes some ms."""
    return tuple(installed_versions())


def provenance_tags(scene: Scene, outputs: SceneOutputs, ensemble: Ensemble) -> dict[str, str]:
    """Tags with the software, models and options that made a raster.

    Of files they hold the names: a mask that is handed on reveals nothing about the folders of a computer.
    """
    models = [Path(member.model).name for member in ensemble.members]
    return {
        "TIFFTAG_SOFTWARE": f"DualStream {engine_version()}",
        MODEL_TAG: ", ".join(models),
        "DUALSTREAM_MODEL_SHA256": ", ".join(ensemble.hashes),
        "DUALSTREAM_RUNTIME": ensemble.runtime,
        "DUALSTREAM_JOB": json.dumps({"segment": _named(_segment_job(scene, outputs, ensemble))}),
        "DUALSTREAM_CLASSES": json.dumps(to_records(ensemble.classes)),
    }


def _named(job: dict[str, Any]) -> dict[str, Any]:
    """A job with the names of its files in place of their paths."""
    paths = {
        name: job[name] for name in ("image", "confidence", "disagreement", "unlike", "output")
    }
    lists = {name: [Path(path).name for path in job[name]] for name in ("model", "auxiliary")}
    return {**job, **{name: Path(path).name for name, path in paths.items()}, **lists}


def _segment_job(scene: Scene, outputs: SceneOutputs, ensemble: Ensemble) -> dict[str, Any]:
    """The ``segment`` job that makes the same mask; the order of its keys is part of each mask's bytes."""
    options = {
        field.name: getattr(ensemble.options, field.name) for field in fields(InferenceOptions)
    }
    machine = {name: options.pop(name) for name in ("device", "precision", "runtime")}
    return {
        "model": ensemble.models,
        "image": scene.image,
        "auxiliary": scene.auxiliary,
        "image_bands": scene.image_bands,
        "auxiliary_bands": scene.auxiliary_bands,
        "extent": scene.extent,
        "extent_crs": scene.extent_crs,
        **options,
        "confidence": outputs.confidence,
        "disagreement": outputs.disagreement,
        "unlike": outputs.unlike,
        "output": outputs.mask,
        **machine,
    }
