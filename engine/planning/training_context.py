"""A training whose job, data and machine are known: all that its network, its loop and its report are made from."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from ..compute.devices import Device
from ..compute.distributed import all_gather
from ..compute.rank_info import RankInfo
from ..contract.class_table import to_records
from ..contract.jobs import TrainJob
from ..contract.model_card import Card
from ..contract.options import TRAINING, deciding_values
from ..contract.paths import file_state
from ..contract.protocol import Emit, Metric, Warned
from ..contract.scene import Scene
from ..contract.strict_json import json_digest
from ..contract.training_files import report_path
from ..contract.translation import tr
from ..contract.version import engine_version
from ..datasets.layouts import default_paste
from ..losses.segmentation_loss import code_files
from ..sampling.augmentation import parse_augmentation
from ..sampling.band_statistics import Scaling, measure_scaling
from ..sampling.copy_paste import PasteRoles, paste_roles
from ..sampling.earlier_split import EarlierSplit
from ..sampling.survey import Survey, survey
from ..sampling.window_dataset import TrainingWindows, ValidationWindows
from .automatic_choices import choices_record
from .data_choices import (
    choose_augmentation,
    choose_class_weights,
    choose_tile_size,
    training_scenes,
)
from .pretraining import choose_encoder, tell_licence
from .training_card import build_card
from .training_plan import TrainingPlan


@dataclass(frozen=True)
class SurveyedJob:
    """A training job with everything that was chosen for it, its data, and where it runs.

    Attributes:
        plan: The job with its choices.
        data: The surveyed data.
        device: The device.
        ranks: The rank of this process.
        emit: Callback for events.
        warnings: The warnings so far; a list that grows with every warning.
    """

    plan: TrainingPlan
    data: Survey
    device: Device
    ranks: RankInfo
    emit: Emit
    warnings: Sequence[str]

    @property
    def job(self) -> TrainJob:
        """The job with everything that was chosen for it."""
        return self.plan.job

    @property
    def class_names(self) -> list[str]:
        """Names of the classes."""
        return [entry.name for entry in self.data.classes]

    @property
    def page(self) -> Path | None:
        """The page about the training, which the first process writes; None: this process writes none."""
        is_main_process = self.ranks.is_main_process
        return report_path(self.job.output, self.job.report) if is_main_process else None

    def windows(self) -> tuple[TrainingWindows, ValidationWindows]:
        """New windows for training and for validation."""
        # With the default if the batch size is automatic: the number of windows per epoch must not depend on the device.
        size = self.job.batch_size or TrainJob.batch_size
        local = replace(self.job, batch_size=size)
        total = replace(self.job, batch_size=size * self.ranks.world_size)
        return TrainingWindows(total, self.data), ValidationWindows(local, self.data)


@dataclass(frozen=True)
class TrainingContext(SurveyedJob):
    """A training before its first epoch. Nothing of it changes during the training.

    Attributes:
        scaling: The scaling of both streams.
        card: The model card without scores.
        roles: The classes for the augmentation copy-paste.
    """

    scaling: Scaling
    card: Card
    roles: PasteRoles

    @classmethod
    def of(cls, surveyed: SurveyedJob) -> TrainingContext:
        """Measures the bands of a job's data and makes its card.

        Raises:
            EngineError: If a raster cannot be read, or job and data contradict each other.
        """
        plan, data = surveyed.plan, surveyed.data
        measured = measure_scaling(plan.job, data, plan.architecture.recipe.auxiliary_scaling)
        scaling = plan.start.choose_scaling(measured) if plan.start else measured
        # Among points and lines it is unknown where an object ends.
        paste = () if data.has_marks else default_paste(plan.job, data.classes)
        return cls(
            **vars(surveyed),
            scaling=scaling,
            card=build_card(plan, data, scaling, surveyed.ranks),
            roles=paste_roles(paste, data.classes),
        )

    @property
    def training_pixels(self) -> list[int]:
        """Labelled pixels of each class in the training part."""
        counts = self.data.counts(is_validation=False)
        return [counts[entry.value] for entry in self.data.classes]

    def key(self) -> str:
        """The key of the training: an unfinished one with the same key can be resumed."""
        # A training of the recipe's epochs that was killed may be resumed with minutes instead.
        asked = self.plan.asked
        job = replace(self.job, epochs=asked.epochs, patience=asked.patience)
        return training_key(job, self.data, self.scaling)


def survey_job(
    plan: TrainingPlan,
    device: Device,
    ranks: RankInfo,
    emit: Emit,
    warnings: Sequence[str],
    on_survey: Callable[[float], None],
    may_fetch: bool = True,
) -> SurveyedJob:
    """Chooses what a job leaves open, for its data and this machine, and surveys the data.

    Args:
        plan: The checked job.
        device: The device of the training.
        ranks: The rank of this process.
        emit: Callback for the choices, the description of the data, and warnings.
        warnings: The warnings so far; a list that grows with every warning.
        on_survey: Callback for the share of surveyed scenes.
        may_fetch: Whether to fetch pretrained weights; otherwise the weights that a training would fetch are reported.

    Raises:
        EngineError: If the data are wrong or do not fit the job, or weights that it names cannot be fetched.
    """
    has_gpu = device.kind != "cpu"
    chosen: dict[str, Any] = {}
    pretrained = plan.pretrained
    if plan.start:
        tell_licence(pretrained, emit)
    else:
        choice = choose_encoder(plan.job, plan.architecture, has_gpu, emit, may_fetch)
        job, pretrained = all_gather(choice)[0]
        chosen = {"encoder": job.encoder, "pretrained": job.pretrained}
    for name, file in code_files(plan.loss).items():
        emit(Metric(tr("The loss {} is your own code: {}.").format(name, file)))
    on_survey(0.0)  # a file of labels may take long
    scenes = training_scenes(plan, emit)
    chosen["tile_size"] = choose_tile_size(plan, scenes, has_gpu, emit)
    plan = replace(plan, pretrained=pretrained, job=replace(plan.job, **chosen))
    torch.manual_seed(plan.job.seed)
    data = _survey(plan, scenes, emit, on_survey)
    augmentation = choose_augmentation(plan, data, emit)
    job = replace(
        plan.job,
        augmentation=augmentation,
        class_weights=choose_class_weights(plan, data, emit),
    )
    completed = replace(
        plan,
        job=job,
        augmentation=parse_augmentation(augmentation),
        choices=choices_record(plan.choices, job, device),
    )
    return SurveyedJob(
        plan=completed, data=data, device=device, ranks=ranks, emit=emit, warnings=warnings
    )


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
