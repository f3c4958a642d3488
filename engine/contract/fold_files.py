"""Paths of the files of a training in folds, whose output is an ensemble file.

While it is unfinished its models are in a folder beside the output, each with its checkpoints; an earlier ensemble of
the same name stays whole until then. Once all are finished the ensemble file is written into the folder; then the
models move beside the output one after another, and the ensemble file last::

    forest.json                            the ensemble file
    forest-fold1.safetensors               its first model
    forest.folds/forest-fold1.safetensors  the same while other folds are still to come
    forest.folds/forest.json               the ensemble file while its models move
    forest.folds.before                    the folder of an earlier, different training
"""

from __future__ import annotations

from pathlib import Path

from .ensemble_file import ENSEMBLE_SUFFIX
from .jobs import MAX_FOLDS as MAX_FOLDS
from .jobs import TrainJob
from .translation import tr


def has_folds(job: TrainJob) -> bool:
    """Whether a job trains in folds."""
    return job.folds > 1


def fold_folder(output: str | Path) -> Path:
    """The folder beside an ensemble file with the models and checkpoints of its unfinished training."""
    path = Path(output)
    return path.with_name(path.stem + ".folds")


def folds_set_aside(output: str | Path) -> Path:
    """The folder to which a training moves the unfinished folds of an earlier, different training of the same output."""
    folder = fold_folder(output)
    return folder.with_name(folder.name + ".before")


def waiting_ensemble(output: str | Path) -> Path:
    """The ensemble file while its models, which are all finished, move beside the output."""
    return fold_folder(output) / Path(output).name


def fold_model(output: str | Path, fold: int) -> Path:
    """The model file of a fold, counted from 1, beside a finished ensemble file."""
    path = Path(output)
    return path.with_name(f"{path.stem}-fold{fold}.safetensors")


def written_models(job: TrainJob) -> list[Path]:
    """The model files that a training writes in the end."""
    if not has_folds(job):
        return [Path(job.output)]
    return [fold_model(job.output, fold + 1) for fold in range(job.folds)]


def unfinished_models(output: str | Path, folds: int) -> list[Path]:
    """The model files of all folds while other folds are still to come."""
    return [fold_folder(output) / fold_model(output, fold + 1).name for fold in range(folds)]


def finished_models(output: str | Path, folds: int) -> list[Path]:
    """The models of the folds that an unfinished training has finished."""
    models = [finished_model(output, fold + 1) for fold in range(folds)]
    return [model for model in models if model.exists()]


def finished_model(output: str | Path, fold: int) -> Path:
    """Where the model of a fold, counted from 1, is once it is finished: in the folder, or moved out of it already."""
    moved = fold_model(output, fold)
    unfinished = fold_folder(output) / moved.name
    is_moved = waiting_ensemble(output).exists() and not unfinished.exists()
    return moved if is_moved else unfinished


def output_flaw(output: str, folds: int) -> str:
    """The sentence about an output that is no ensemble file although there are folds; empty if it is one."""
    if folds < 2 or Path(output).suffix.lower() == ENSEMBLE_SUFFIX:
        return ""
    return tr(
        "With folds the output is an ensemble file, which names its models: give a name that ends in .json, such "
        "as {}, not {}."
    ).format(Path(output).with_suffix(ENSEMBLE_SUFFIX).name, output)
