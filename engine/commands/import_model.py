"""``import``: makes a model file from the weights of another program.

Here the job is checked; ``import_weights`` does the rest, and ``import_onnx`` for ONNX networks, without torch.
"""

from __future__ import annotations

import os
from pathlib import Path

from ..contract.architectures import architecture
from ..contract.errors import JobError
from ..contract.file_jobs import ImportJob
from ..contract.output_files import check_writable
from ..contract.protocol import Done, Emit
from ..contract.translation import tr

#: Suffix of ONNX files.
_ONNX_SUFFIX = ".onnx"


def import_model(job: ImportJob, emit: Emit) -> Done:
    """Makes a model file of weights that another program saved.

    Raises:
        EngineError: If weights are missing or unknown, or what the job gives does not fit them.
    """
    _check(job)
    if Path(job.weights).suffix.lower() == _ONNX_SUFFIX:
        from ..foreign.import_onnx import import_onnx

        return import_onnx(job, emit)
    from ..foreign.import_weights import import_weights  # loads torch

    return import_weights(job, emit)


def _check(job: ImportJob) -> None:
    """Checks the fields of the job that need no weights, also for an ONNX network."""
    job.require(
        ("weights", "output"), tr("The option {} is missing: import needs weights and output.")
    )
    check_writable(job.output, (".safetensors",))
    if os.path.abspath(job.output) == os.path.abspath(job.weights):
        raise JobError(
            tr("The output {} is also the weights: choose another name.").format(job.output)
        )
    if job.architecture:
        architecture(job.architecture)  # refuses an unknown name before the weights are read
    if job.normalisation in ("imagenet", "none") and (job.mean or job.std):
        raise JobError(
            tr("Give either the normalisation {} or mean and std, not both.").format(
                job.normalisation
            )
        )
