"""``segment``: makes the mask of an image of any size with one model, or with several together."""

from __future__ import annotations

import os

from ..compute.devices import choose_device
from ..contract.errors import JobError
from ..contract.inference_options import SceneOutputs
from ..contract.jobs import SegmentJob
from ..contract.output_files import check_writable
from ..contract.protocol import Done, Emit
from ..contract.scene import Scene, require_auxiliary
from ..contract.translation import tr
from ..contract.unlike import unlike_flaw
from ..inference.ensemble import Ensemble
from ..inference.segment_scene import segment_scene


def segment(job: SegmentJob, emit: Emit) -> Done:
    """Segments an image with trained models; continues a run that was killed, see ``segment_scene``.

    Raises:
        EngineError: If the job, the models and the image do not fit together; then nothing is written.
    """
    outputs = SceneOutputs(job.output, job.confidence, job.disagreement, job.unlike)
    _check(job, outputs.paths)
    ensemble = Ensemble(job.model, choose_device(job.device, job.precision), job)
    if job.disagreement and len(ensemble.members) == 1:
        raise JobError(tr("A disagreement raster compares models: give several, or leave it out."))
    if job.unlike and (flaw := unlike_flaw(ensemble.cards)):
        raise JobError(flaw)
    return segment_scene(Scene.of_job(job), outputs, ensemble, emit)


def _check(job: SegmentJob, outputs: tuple[str, ...]) -> None:
    job.require(
        ("model", "image", "output"),
        tr("The option {} is missing: segment needs model, image and output."),
    )
    require_auxiliary(job.auxiliary_bands, bool(job.auxiliary))
    sources = {os.path.abspath(path) for path in (job.image, *job.model, *job.auxiliary)}
    for path in outputs:
        check_writable(path, (".tif", ".tiff"))
        if os.path.abspath(path) in sources:
            raise JobError(tr("The output {} is also an input: choose another name.").format(path))
    if len({os.path.abspath(path) for path in outputs}) < len(outputs):
        raise JobError(tr("Mask and the rasters beside it need different names."))
