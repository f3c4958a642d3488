"""Paths of the files of a training in folds, whose output is an ensemble file.

Each fold is a training of its own, whose model lies beside the ensemble file, which is written last::

    forest.json                      the ensemble file
    forest-fold1.safetensors         its first model
    forest-fold2.checkpoints         the checkpoints of a fold that is not finished
"""

from __future__ import annotations

from pathlib import Path

from .ensemble_file import ENSEMBLE_SUFFIX
from .jobs import TrainJob
from .translation import tr


def has_folds(job: TrainJob) -> bool:
    """Whether a job trains in folds."""
    return job.folds > 1


def fold_model(output: str | Path, fold: int) -> Path:
    """The model file of a fold, counted from 1, beside the ensemble file."""
    path = Path(output)
    return path.with_name(f"{path.stem}-fold{fold}.safetensors")


def written_models(job: TrainJob) -> list[Path]:
    """The model files that a training writes."""
    if not has_folds(job):
        return [Path(job.output)]
    return [fold_model(job.output, fold + 1) for fold in range(job.folds)]


def output_flaw(output: str, folds: int) -> str:
    """The sentence about an output that is not an ensemble file although there are folds; empty if it is one."""
    if folds < 2 or Path(output).suffix.lower() == ENSEMBLE_SUFFIX:
        return ""
    return tr(
        "With folds the output is an ensemble file, which names its models: give a name that ends in .json, such "
        "as {}, not {}."
    ).format(Path(output).with_suffix(ENSEMBLE_SUFFIX).name, output)
