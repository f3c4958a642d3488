"""What a training finds out about its data and chooses, before its network is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch

from ..compute.devices import Device
from ..compute.distributed import all_gather
from ..compute.rank_info import RankInfo
from ..contract.class_table import to_records
from ..contract.jobs import TrainJob
from ..contract.protocol import Emit, Metric, Warned
from ..contract.scene import Scene
from ..contract.translation import tr
from ..sampling.earlier_split import EarlierSplit
from ..sampling.survey import Survey, survey
from ..sampling.window_dataset import TrainingWindows, ValidationWindows
from .automatic_choices import choices_record, with_earlier_choices
from .losses import code_files
from .pretraining import choose_encoder, tell_licence
from .training_plan import (
    TrainingPlan,
    training_scenes,
    with_augmentation,
    with_class_weights,
    with_tile_size,
)


def prepare(
    plan: TrainingPlan,
    device: Device,
    emit: Emit,
    on_survey: Callable[[float], None],
    may_fetch: bool = True,
) -> tuple[TrainingPlan, Survey]:
    """Chooses what a job leaves open, for its data and this machine, and surveys the data.

    Args:
        plan: The job.
        device: The device on which it will run.
        emit: Callback for the choices, the description of the data, and warnings.
        on_survey: Callback for the share of surveyed scenes.
        may_fetch: Whether to fetch pretrained weights; otherwise those that a training would fetch are told.

    Returns:
        The plan with its choices, and the surveyed data.

    Raises:
        EngineError: If the data are wrong or do not fit the job, or weights that it names cannot be fetched.
    """
    has_gpu, asked = device.kind != "cpu", plan.job
    plan = with_earlier_choices(plan)
    if plan.start:
        tell_licence(plan.pretrained, emit)
    else:
        choice = choose_encoder(plan.job, plan.architecture, has_gpu, emit, may_fetch)
        job, pretrained = all_gather(choice)[0]
        plan = replace(plan, job=job, pretrained=pretrained)
    for name, file in code_files(plan.loss).items():
        emit(Metric(tr("The loss {} is your own code: {}.").format(name, file)))
    on_survey(0.0)  # a file of labels may take long
    scenes = training_scenes(plan, emit)
    plan = with_tile_size(plan, scenes, has_gpu, emit)
    torch.manual_seed(plan.job.seed)
    data = _survey(plan, scenes, emit, on_survey)
    plan = with_class_weights(with_augmentation(plan, data, emit), data, emit)
    return replace(plan, choices=choices_record(asked, plan.job, device)), data


def training_windows(job: TrainJob, data: Survey) -> tuple[TrainingWindows, ValidationWindows]:
    """The windows for training and for validation."""
    # With the default if the batch size is automatic: the number of windows per epoch must not depend on the device.
    local = replace(job, batch_size=job.batch_size or TrainJob.batch_size)
    total = replace(local, batch_size=local.batch_size * RankInfo.from_environment().world_size)
    return TrainingWindows(total, data), ValidationWindows(local, data)


def _survey(
    plan: TrainingPlan, scenes: list[Scene], emit: Emit, on_survey: Callable[[float], None]
) -> Survey:
    """Surveys the training data and emits its description."""
    shares_grid = plan.architecture.streams_share_grid
    before = plan.start.split if plan.start else EarlierSplit()
    data = survey(plan.job, scenes, on_survey, streams_share_grid=shares_grid, before=before)
    if plan.start:
        plan.start.check_streams(data)
    for warning in data.warnings:
        emit(Warned(warning))
    emit(Metric(data.describe(), {"classes": to_records(data.classes)}))
    return data
