"""``train``: labelled scenes become a model file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from ..compute.devices import Device, choose_device, why_no_gpu
from ..compute.distributed import Ranks, gathered, join, leave
from ..contract.class_table import to_records
from ..contract.errors import JobError
from ..contract.eta import Pace, in_words
from ..contract.jobs import TrainJob
from ..contract.output_files import alone_at
from ..contract.protocol import Done, Event, Metric, Progress, Warned
from ..datasets.layouts import default_paste
from ..sampling.band_statistics import measure
from ..sampling.copy_paste import paste_roles
from ..sampling.survey import Survey, survey
from ..sampling.window_dataset import TrainingWindows, ValidationWindows
from ..training.checkpoints import Checkpoints
from ..training.losses import rare_class_handicap
from ..training.torchrun_launcher import ALL, processes_for, train_in, why_one
from ..training.training_card import card_for
from ..training.training_plan import TrainingPlan, training_doubts, training_plan, training_scenes
from ..training.training_run import Learner
from ..training.training_state import Reached, same_step, training_key

Say = Callable[[Event], None]

#: Share of the progress bar for looking at the data.
_SURVEY_SHARE = 0.03


def train(job: TrainJob, say: Say) -> Done:
    """Trains a network and writes the weights that did best in validation as a model file.

    On several devices it is done by as many processes, each of which comes here, see ``distributed``.

    Args:
        job: What to train, on what, to where.
        say: Callback for progress, metrics and warnings.

    Raises:
        EngineError: If anything does not fit; then no model file is written.
    """
    plan = training_plan(job)
    processes = processes_for(job.device)
    if processes > 1:
        return train_in(processes, job, say)
    with alone_at(job.output) if Ranks.here().is_first else nullcontext():
        done = _train(plan, say)
        leave()
    return done


def _train(plan: TrainingPlan, say: Say) -> Done:
    job, pace = plan.job, Pace()
    device = _device(job, say)
    torch.manual_seed(job.seed)
    data = _surveyed(plan, say)
    windows, held_out = _windows(job, data)
    scaling = measure(job, data)
    roles = paste_roles(default_paste(job, data.classes), data.classes)
    for warning in training_doubts(plan, data, roles):
        say(Warned(warning))
    counts = data.counts(is_validation=False)
    handicap = rare_class_handicap([counts[c.value] for c in data.classes], job.logit_adjustment)
    checkpoints = _checkpoints(job, training_key(job, data, scaling), say)
    card = card_for(plan, data, scaling)
    learner = Learner(plan, card, scaling, roles, device, checkpoints, handicap)

    def tell(share: float, text: str) -> None:
        say(Progress(_SURVEY_SHARE + (1 - _SURVEY_SHARE) * share, text))

    return _done(job, learner.learn(windows, held_out, say, tell), device, pace)


def _device(job: TrainJob, say: Say) -> Device:
    """The device to train on, connected with those of the other processes if there are any."""
    ranks, asked = Ranks.here(), job.device
    if asked == ALL and not ranks.are_many:
        say(Metric(f"The device all: {why_one()}, so it is as auto."))
        asked = "auto"
    device = choose_device(asked, job.precision)
    say(Metric(f"Training on {device.name} in {device.precision}. {why_no_gpu()}".strip()))
    join(ranks, device.place)
    return device


def _surveyed(plan: TrainingPlan, say: Say) -> Survey:
    """The training data as found, after telling the user of them."""
    data = survey(
        plan.job,
        training_scenes(plan, say),
        lambda share: say(Progress(share * _SURVEY_SHARE, "looking at scenes and labels")),
        streams_share_grid=plan.architecture.streams_share_grid,
    )
    for warning in data.warnings:
        say(Warned(warning))
    say(Metric(data.describe(), {"classes": to_records(data.classes)}))
    return data


def _windows(job: TrainJob, data: Survey) -> tuple[TrainingWindows, ValidationWindows]:
    """The windows to learn from and those to validate on."""
    # A batch size that is still to be found must not decide how many windows an epoch has.
    sized = replace(job, batch_size=job.batch_size or TrainJob.batch_size)
    joined = replace(sized, batch_size=sized.batch_size * Ranks.here().world)
    return TrainingWindows(joined, data), ValidationWindows(sized, data)


def _checkpoints(job: TrainJob, key: str, say: Say) -> Checkpoints:
    """The checkpoints of this training, and of an earlier one that it goes on with."""
    is_first, is_alike = Ranks.here().is_first, partial(same_step, job=job)
    checkpoints = Checkpoints(job.output, key, job.resume, is_first, is_alike)
    if len(set(gathered(checkpoints.epoch))) > 1:
        raise JobError(
            f"The training's processes do not see the same unfinished training of {job.output}: its folder "
            "and the data must be the same files for all of them."
        )
    if checkpoints.given_up:
        say(Warned(checkpoints.given_up))
    epoch = checkpoints.epoch
    if epoch:
        text = f"Going on after epoch {epoch} of {job.epochs} of the training before."
        say(Metric(text, {"epoch": epoch}))
    return checkpoints


def _done(job: TrainJob, at: Reached, device: Device, pace: Pace) -> Done:
    metrics = at.card.metrics
    resumed = f", going on after epoch {at.resumed}" * bool(at.resumed)
    return Done(
        f"The model {Path(job.output)} reaches mIoU {metrics['miou']:.3f} in validation (epoch "
        f"{metrics['epoch']} of {job.epochs}, the best), after {in_words(pace.seconds)} on "
        f"{device.name}{resumed}. {at.stop}".rstrip(),
        {
            "output": job.output,
            "miou": metrics["miou"],
            "pixel_accuracy": metrics["pixel_accuracy"],
            "epochs_run": at.epochs,
            "epochs_resumed": at.resumed,
            "batch_size": at.batches.size,
            "accumulation": at.batches.accumulation,
            "device_used": device.name,
            "precision": device.precision,
            "seconds": round(pace.seconds, 2),
            "classes": to_records(at.card.classes),
            "metrics": metrics,
        },
    )
