"""``sketch``: learns a map from a few marks in seconds, and maps an extent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..compute.devices import choose_device
from ..compute.eta import Stopwatch, format_duration
from ..contract.class_table import to_records
from ..contract.errors import JobError, RasterError, format_count, join_names
from ..contract.file_jobs import SketchJob
from ..contract.file_replacement import discard_file
from ..contract.output_files import check_writable, lock_output, rows_path, write_error_message
from ..contract.paths import real_path
from ..contract.protocol import Done, Emit
from ..contract.scene import require_auxiliary
from ..contract.translation import tr
from ..contract.version import engine_version
from ..outputs.geotiff import publish_mask, publish_percent
from ..sketching.sketch_map import Sketch, make_sketch

#: Most classes that the sentence names.
_MOST_NAMES = 6


def sketch(job: SketchJob, emit: Emit) -> Done:
    """Writes the class map of an extent and, if the job names them, its confidence and the model.

    Raises:
        EngineError: If the job and its files do not fit together; then nothing is written.
    """
    _check(job)
    stopwatch = Stopwatch()
    with lock_output(job.output):
        made = make_sketch(job, choose_device(job.device, "fp32"), emit)
        _write(job, made)
    score = made.score
    return Done(
        " ".join(_sentences(job, made, stopwatch.seconds)),
        {
            "output": job.output,
            "confidence": job.confidence,
            "output_model": job.output_model,
            "marks": made.pixels,
            "classes": to_records(made.classes),
            "score": round(score.value, 4) if score else None,
            "score_low": round(score.low, 4) if score else None,
            "score_high": round(score.high, 4) if score else None,
            "seconds": round(stopwatch.seconds, 2),
        },
    )


def _check(job: SketchJob) -> None:
    job.require(
        ("image", "labels", "output"),
        tr("The option {} is missing: sketch needs image, labels and output."),
    )
    require_auxiliary(job.auxiliary_bands, bool(job.auxiliary))
    inputs = (job.image, *job.auxiliary, *(path.partition("|")[0] for path in job.labels))
    taken = {real_path(path) for path in inputs}
    rasters = (".tif", ".tiff")
    for path, suffixes in (
        (job.output, rasters),
        (job.confidence, rasters),
        (job.output_model, (".safetensors",)),
    ):
        if not path:
            continue
        check_writable(path, suffixes)
        if real_path(path) in taken:
            text = tr("The output {} is an input or another output too: give another name.")
            raise JobError(text.format(path))
        taken.add(real_path(path))


def _write(job: SketchJob, made: Sketch) -> None:
    tags = {
        "TIFFTAG_SOFTWARE": f"DualStream {engine_version()}",
        "DUALSTREAM_CLASSES": json.dumps(to_records(made.classes)),
    }
    with _rows_file(job.output, made.mask) as rows:
        publish_mask(job.output, rows, made.grid, made.region, made.classes, tags)
    if job.confidence:
        with _rows_file(job.confidence, made.confidence) as rows:
            publish_percent(job.confidence, "confidence", rows, made.grid, made.region, tags)


@contextmanager
def _rows_file(output: str, values: NDArray[np.generic]) -> Iterator[Path]:
    """The flat file from which an output is made; removed at the end."""
    path = rows_path(output, "sketch")
    try:
        values.astype(values.dtype.newbyteorder("<")).tofile(path)
        yield path
    except OSError as error:
        raise RasterError(write_error_message(tr("raster"), output, error)) from error
    finally:
        discard_file(path)


def _sentences(job: SketchJob, made: Sketch, seconds: float) -> Iterator[str]:
    """Sentences about what was learnt, how well, and what was written."""
    marks = format_count(made.pixels, "{:,} marked pixel", "{:,} marked pixels")
    names = join_names([entry.name for entry in made.classes], _MOST_NAMES)
    text = tr("{} in {} classes ({}); {} It took {}.")
    yield text.format(marks, len(made.classes), names, _score(made), format_duration(seconds))
    if job.output_model:
        yield tr("The model is {}.").format(job.output_model)


def _score(made: Sketch) -> str:
    if made.score is None:
        return tr("no score: each class needs marks in two places at least.")
    text = tr("{:.2f} mIoU on marks that it had not seen (95 % interval {:.2f} to {:.2f}).")
    return text.format(*made.score)
