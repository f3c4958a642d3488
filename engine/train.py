"""``train``: labelled scenes become a model file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from .architectures import architecture, with_recipe
from .augment import build_augmentation
from .checkpoints import Checkpoints
from .classes import to_records
from .config import TrainJob
from .copy_paste import PasteRoles, paste_roles
from .dataset import TrainingWindows, ValidationWindows
from .devices import Device, choose_device, why_no_gpu
from .errors import JobError
from .layouts import default_paste, scenes_of
from .learner import Learner
from .losses import build_loss, rare_class_handicap
from .model_card import tile_flaw
from .optimisation import Schedule, optimizer_called
from .outputs import alone_at, check_writable
from .pace import Pace, in_words
from .protocol import Done, Event, Metric, Progress, Warned
from .ranks import Ranks, gathered, join, leave
from .scaling import Scaling, measure
from .scenes import Scene
from .survey import Survey, survey
from .torchrun import ALL, processes_for, train_in, why_one
from .training_card import card_for
from .training_state import Reached, same_step, training_key

Say = Callable[[Event], None]

#: Share of the progress bar for looking at the data.
_SURVEY_SHARE = 0.03

#: Most tile sides along a training window: it is read in full before it is shown as one tile.
_MOST_TILES = 8

#: The most epochs, batches of a step and the like: more than anybody waits for.
_MOST_TIMES = 1_000_000

#: Windows of the data as they are: nothing drawn more often, enlarged, left out or hidden.
_AS_THEY_ARE: dict[str, Any] = {
    "class_balance": 0.0,
    "foreground": 0.0,
    "least_foreground": 0.0,
    "crop": 1.0,
    "stream_dropout": 0.0,
    "batch_size": TrainJob.batch_size,  # or the scaling would hang on it
}


def train(job: TrainJob, say: Say) -> Done:
    """Trains a network and writes the weights that did best in validation as a model file.

    On several devices it is done by as many processes, each of which comes here, see ``ranks``.

    Args:
        job: What to train, on what, to where.
        say: Is told progress, metrics and warnings.

    Raises:
        EngineError: If anything does not fit; then no model file is written.
    """
    recipe = with_recipe(job)
    _check(recipe)
    processes = processes_for(job.device)
    if processes > 1:
        return train_in(processes, job, say)
    with alone_at(job.output) if Ranks.here().is_first else nullcontext():
        done = _train(job, recipe, say)
        leave()
    return done


def _train(asked: TrainJob, job: TrainJob, say: Say) -> Done:
    """Trains as a job with its recipe says; ``asked`` is without."""
    pace = Pace()
    device = _device(job, say)
    torch.manual_seed(job.seed)
    data = survey(
        job,
        _scenes(job, say),
        lambda share: say(Progress(share * _SURVEY_SHARE, "looking at scenes and labels")),
    )
    for warning in data.warnings:
        say(Warned(warning))
    say(Metric(data.describe(), {"classes": to_records(data.classes)}))
    # A batch size that is still to be found must not decide how many windows an epoch has.
    sized = replace(job, batch_size=job.batch_size or TrainJob.batch_size)
    joined = replace(sized, batch_size=sized.batch_size * Ranks.here().world)
    windows, held_out = TrainingWindows(joined, data), ValidationWindows(sized, data)
    scaling = measure(TrainingWindows(replace(sized, **_AS_THEY_ARE), data), data, job.seed)
    roles = paste_roles(default_paste(job, data.classes), data.classes)
    for warning in _doubts(job, data, roles, asked.augmentation != job.augmentation):
        say(Warned(warning))
    counts = data.counts(is_validation=False)
    handicap = rare_class_handicap([counts[c.value] for c in data.classes], job.logit_adjustment)
    checkpoints = _checkpoints(job, training_key(job, data, scaling), say)
    card = card_for(job, data, scaling)
    learner = Learner(job, card, scaling, roles, device, checkpoints, handicap)

    def tell(share: float, text: str) -> None:
        say(Progress(_SURVEY_SHARE + (1 - _SURVEY_SHARE) * share, text))

    return _done(job, learner.learn(windows, held_out, say, tell), device, pace)


def _device(job: TrainJob, say: Say) -> Device:
    """The device that is trained on, connected with those of the other processes if there are any."""
    ranks, asked = Ranks.here(), job.device
    if asked == ALL and not ranks.are_many:
        say(Metric(f"The device all: {why_one()}, so it is as auto."))
        asked = "auto"
    device = choose_device(asked, job.precision)
    say(Metric(f"Training on {device.name} in {device.precision}. {why_no_gpu()}".strip()))
    join(ranks, device.place)
    return device


def _checkpoints(job: TrainJob, key: str, say: Say) -> Checkpoints:
    """What is kept of the training and of an earlier one, and what becomes of that."""
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


def _scenes(job: TrainJob, say: Say) -> list[Scene]:
    """The job's scenes, without the auxiliary rasters of a data set where the network takes none."""
    scenes = scenes_of(job)
    if architecture(job.architecture).takes_auxiliary or not any(s.auxiliary for s in scenes):
        return scenes
    say(
        Warned(
            f"{job.architecture} sees the image alone: the auxiliary rasters of {job.dataset} are left "
            "out. Choose dualstream-dformer or a cmx network to fuse them."
        )
    )
    return [replace(scene, auxiliary=(), auxiliary_bands=()) for scene in scenes]


def _check(job: TrainJob) -> None:
    if not job.output:
        raise JobError("The option output is missing: name the model file to write (.safetensors).")
    if Ranks.here().is_first:
        check_writable(job.output, (".safetensors",))
    _check_numbers(job)
    takes_auxiliary = architecture(job.architecture).takes_auxiliary
    if (job.auxiliary or job.auxiliary_bands) and not takes_auxiliary:
        raise JobError(
            f"{job.architecture} sees the image alone: leave the auxiliary rasters and their bands out, "
            "or choose dualstream-dformer or a cmx network to fuse them."
        )
    losses = [part.rpartition("*")[2].strip() for part in job.loss.split("+")]
    if job.logit_adjustment and "ohem" in losses:
        raise JobError(
            f"logit_adjustment {job.logit_adjustment:g} and the loss {job.loss} work against each other: ohem "
            "leaves a pixel alone before the adjustment is made up for. Choose ce instead of ohem."
        )
    # Built only to have wrong names refused before the data are looked at.
    optimizer_called(job.optimizer)
    Schedule(job.schedule, 1)
    build_loss(job.loss, 1)
    build_augmentation(job.augmentation, Scaling((), (), (), ()), PasteRoles((), (), ()))


def _check_numbers(job: TrainJob) -> None:
    counts = ("epochs", "accumulation", "validate_every")
    others = (("batch_size", 0), ("checkpoint_every", 0), ("warmup_epochs", -1))
    for name, least in (*((count, 1) for count in counts), *others):
        if getattr(job, name) < least:
            raise JobError(f"{name} must be at least {least}, not {getattr(job, name)}.")
        if getattr(job, name) > _MOST_TIMES:
            raise JobError(f"{name} must be at most {_MOST_TIMES}, not {getattr(job, name)}.")
    if flaw := tile_flaw(job.tile_size):
        raise JobError(f"The tile size {flaw}.")
    for name, low, high in (("validation_share", 0, 1), ("learning_rate", 0, 1)):
        if not low < getattr(job, name) < high:
            raise JobError(f"{name} must be between {low} and {high}, not {getattr(job, name)}.")
    for name in ("encoder_rate", "fusion_rate", "weight_decay", "patience", "seed"):
        if getattr(job, name) < 0:
            raise JobError(f"{name} must be 0 or more, not {getattr(job, name)}.")
    if job.seed >= 2**63:
        raise JobError(f"seed must be below 2 to the power of 63, not {job.seed}.")
    for name in ("stream_dropout", "ema"):
        if not 0 <= getattr(job, name) < 1:
            raise JobError(f"{name} must be from 0 to below 1, not {getattr(job, name)}.")
    for name in ("class_balance", "logit_adjustment", "foreground", "least_foreground"):
        if not 0 <= getattr(job, name) <= 1:
            raise JobError(f"{name} must be from 0 to 1, not {getattr(job, name)}.")
    if not 1 <= job.crop <= _MOST_TILES:
        raise JobError(f"crop must be from 1 to {_MOST_TILES} tile sides, not {job.crop:g}.")


def _doubts(job: TrainJob, data: Survey, roles: PasteRoles, by_recipe: bool) -> list[str]:
    """What a job asks for that these data cannot give.

    Raises:
        JobError: If copy-paste, which cannot do anything, was asked for and not only by the recipe.
    """
    told = []
    if architecture(job.architecture).streams_share_grid and not data.auxiliary.bands:
        told.append(
            f"{job.architecture} is given one stream only and is then SegFormer on the image alone. Give "
            "auxiliary rasters, such as near infrared, to fuse two."
        )
    if "copy-paste" in job.augmentation:
        idle = ""
        if not (roles.hard or roles.soft):
            idle = "no classes to paste are named (paste)"
        elif job.batch_size == 1:
            idle = "a batch of one tile has no other to paste from (batch_size)"
        if idle and not by_recipe:
            raise JobError(f"The augmentation copy-paste can do nothing: {idle}.")
        if idle:
            told.append(f"The augmentation copy-paste does nothing here: {idle}.")
    return told


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
