"""The unfinished folds of an earlier, different training of the same output: they are set aside, and the user is told."""

from __future__ import annotations

from ..compute.distributed import all_gather
from ..compute.rank_info import RankInfo
from ..contract.checkpoint_files import read_training_record
from ..contract.errors import format_count
from ..contract.fold_files import (
    MAX_FOLDS,
    finished_model,
    fold_folder,
    folds_set_aside,
    unfinished_models,
)
from ..contract.jobs import TrainJob
from ..contract.protocol import Emit, Warned
from ..contract.translation import tr
from .checkpoints import set_aside
from .out_of_fold import FOLD, fold_card


def set_aside_other_folds(job: TrainJob, key: str, emit: Emit) -> None:
    """Renames the folder with the folds of another training, in place of an older one, and warns the user.

    Args:
        job: The job.
        key: The key of the training of its first fold.
        emit: Callback for the warning.

    Raises:
        JobError: If the folder cannot be renamed.
    """
    models = unfinished_models(job.output, MAX_FOLDS)
    keys = {read_training_record(models[0]).get("key")}
    if card := fold_card(finished_model(job.output, 1)):
        keys.add(card.provenance[FOLD].get("training"))
    is_other = keys != {None} and (not job.resume or key not in keys)
    finished = sum(model.exists() for model in models)
    is_replacing = folds_set_aside(job.output).exists()
    if not all(all_gather(is_other)):  # all processes have looked before one of them renames
        return
    if RankInfo.from_environment().is_main_process:
        set_aside(fold_folder(job.output), folds_set_aside(job.output))
    all_gather(None)
    emit(Warned(_message(job, key in keys, finished, is_replacing)))


def _message(job: TrainJob, is_same: bool, finished: int, is_replacing: bool) -> str:
    why = (
        tr("An earlier training of {} with {} is given up: this one begins anew.")
        if is_same
        else tr(
            "An earlier training of {} with {} is given up: its data, options or version were others."
        )
    )
    where = (
        tr("It takes the place of an older one in {}: rename that back to {} to go on with it.")
        if is_replacing
        else tr("It is now in {}: rename that back to {} to go on with it.")
    )
    folds = format_count(finished, "{} finished fold", "{} finished folds")
    folders = folds_set_aside(job.output), fold_folder(job.output)
    return f"{why.format(job.output, folds)} {where.format(*folders)}"
