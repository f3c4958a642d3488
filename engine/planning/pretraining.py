"""Chooses the encoder's initial weights for this machine and reports the choice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..contract.architectures import Architecture
from ..contract.encoders import CPU_ENCODER, ENCODERS, IMAGENET, NO_WEIGHTS, is_restricted
from ..contract.errors import JobError
from ..contract.jobs import AUTOMATIC, TrainJob
from ..contract.model_card import PretrainedCard
from ..contract.protocol import Event, Metric, Warned
from ..contract.translation import tr
from ..models.factory import encoder_source, find_pretrained

#: Bytes of a weight in a file (fp32).
_BYTES_PER_WEIGHT = 4


def is_pretrained(job: TrainJob) -> bool:
    """Whether the encoder of a job, whose weights are chosen, starts from pretrained weights."""
    return bool(weights_source(job))


def weights_source(job: TrainJob) -> str:
    """The pretrained weights of a job as ``build_model`` takes them; empty: random weights."""
    return "" if job.pretrained in (NO_WEIGHTS, AUTOMATIC) else job.pretrained


def choose_encoder(
    job: TrainJob,
    architecture: Architecture,
    has_gpu: bool,
    emit: Callable[[Event], None],
    may_fetch: bool = True,
) -> tuple[TrainJob, PretrainedCard]:
    """Chooses the encoder and its weights where a job leaves them open, and reports the choice.

    Args:
        job: The job, with its recipe.
        architecture: Its network.
        has_gpu: Whether the training runs on a GPU.
        emit: Callback for the choice, and for warnings about random weights and licences.
        may_fetch: Whether to use the network; otherwise weights that a training would fetch are only reported.

    Returns:
        The job with encoder and weights, and the description of the weights for the card.

    Raises:
        JobError: If weights that the job names cannot be fetched.
    """
    find = _fetch if may_fetch else partial(_find_here, emit)
    job, weights, failure = _choose(job, architecture, has_gpu, find)
    name = _describe_encoder(job)
    if failure and weights.origin:
        emit(Metric(failure))
    elif failure:
        text = tr(
            "The encoder starts from random weights: it needs many more labels and epochs, and a small training ends far "
            "below a pretrained one."
        )
        emit(Warned(f"{failure} {text}"))
    if not weights.origin:
        emit(Metric(tr("Encoder: {}, from random weights.").format(name)))
        return job, weights
    licence = tr(weights.licence) if weights.licence else tr("their licence is not known here")
    emit(Metric(tr("Encoder: {}, from the weights {} ({}).").format(name, weights.origin, licence)))
    tell_licence(weights, emit)
    return job, weights


def tell_licence(weights: PretrainedCard, emit: Callable[[Event], None]) -> None:
    """Warns if the licence of weights restricts what a model that starts from them may be used for."""
    if is_restricted(weights.licence):
        emit(
            Warned(
                tr(
                    "The weights {} have a licence that binds the model as well: {}. For any other use "
                    "choose a free encoder, such as {} or pvt_v2_b1.in1k."
                ).format(weights.origin, tr(weights.licence), CPU_ENCODER)
            )
        )


def _fetch(architecture: str, encoder: str) -> PretrainedCard:
    found = find_pretrained(architecture, encoder)
    return PretrainedCard(found.origin, found.licence)


def _find_here(emit: Callable[[Event], None], architecture: str, encoder: str) -> PretrainedCard:
    """As ``_fetch`` without the network: reports which weights a training would fetch."""
    try:
        found = find_pretrained(architecture, encoder, may_fetch=False)
        return PretrainedCard(found.origin, found.licence)
    except JobError:
        origin, licence = encoder_source(architecture, encoder)
        if "/" not in origin:  # not on the model hub, so a training could not fetch them either
            raise
    text = tr(
        "The weights {} are not on this computer yet: the training downloads them once."
    ).format(origin)
    if info := ENCODERS.get(encoder):
        text = tr(
            "The weights {} are not on this computer yet: the training downloads them once (about {:.0f} MB)."
        ).format(origin, _BYTES_PER_WEIGHT * info.parameters)
    emit(Warned(text))
    return PretrainedCard(origin, licence)


def _choose(
    job: TrainJob,
    architecture: Architecture,
    has_gpu: bool,
    find: Callable[[str, str], PretrainedCard],
) -> tuple[TrainJob, PretrainedCard, str]:
    """The job with encoder and weights, their description, and why there are none although they were wanted."""
    encoders = [job.encoder]
    if job.encoder == AUTOMATIC:
        encoders = [architecture.gpu_encoder, CPU_ENCODER] if has_gpu else [CPU_ENCODER]
    if job.pretrained == NO_WEIGHTS:
        return replace(job, encoder=encoders[0]), PretrainedCard(), ""
    if job.pretrained not in (AUTOMATIC, IMAGENET):
        if job.encoder == AUTOMATIC:
            raise JobError(
                tr(
                    "The weights {} belong to one encoder: name it (encoder), such as mit-b1 or {}."
                ).format(job.pretrained, CPU_ENCODER)
            )
        is_nvidia = job.pretrained.startswith("nvidia/")
        licence = ENCODERS["mit-b1"].licence if is_nvidia else ""
        origin = Path(job.pretrained).name if Path(job.pretrained).exists() else job.pretrained
        return replace(job, encoder=encoders[0]), PretrainedCard(origin, licence), ""
    failure = ""
    for encoder in encoders:
        try:
            card = find(job.architecture, encoder)
        except JobError as error:
            if job.pretrained == IMAGENET and encoder == encoders[-1]:
                raise
            failure = failure or str(error)
            continue
        return replace(job, encoder=encoder, pretrained=IMAGENET), card, failure
    return replace(job, encoder=encoders[0], pretrained=NO_WEIGHTS), PretrainedCard(), failure


def _describe_encoder(job: TrainJob) -> str:
    info = ENCODERS.get(job.encoder)
    return f"{info.title} ({job.encoder})" if info else job.encoder
