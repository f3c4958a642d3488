"""Paths of the files of a training in folds, whose output is an ensemble file.

While it is unfinished its models are in a folder beside the output, each with its checkpoints; an earlier ensemble of
the same name stays whole until then. At the end they move beside the ensemble file::

    forest.json                            the ensemble file
    forest-fold1.safetensors               its first model
    forest.folds/forest-fold1.safetensors  the same while other folds are still to come
"""

from __future__ import annotations

from pathlib import Path

from .ensemble_file import ENSEMBLE_SUFFIX
from .jobs import TrainJob
from .translation import tr

#: Largest number of folds: with more of them the models hardly differ, and each costs a training.
MAX_FOLDS = 20


def has_folds(job: TrainJob) -> bool:
    """Whether a job trains in folds."""
    return job.folds > 1


def fold_folder(output: str | Path) -> Path:
    """The folder beside an ensemble file with the models and checkpoints of its unfinished training."""
    path = Path(output)
    return path.with_name(path.stem + ".folds")


def fold_model(output: str | Path, fold: int) -> Path:
    """The model file of a fold, counted from 1, beside a finished ensemble file."""
    path = Path(output)
    return path.with_name(f"{path.stem}-fold{fold}.safetensors")


def unfinished_models(output: str | Path, folds: int) -> list[Path]:
    """The model files of all folds while other folds are still to come."""
    return [fold_folder(output) / fold_model(output, fold + 1).name for fold in range(folds)]


def output_flaw(output: str, folds: int) -> str:
    """The sentence about an output that is no ensemble file although there are folds; empty if it is one."""
    if folds < 2 or Path(output).suffix.lower() == ENSEMBLE_SUFFIX:
        return ""
    return tr(
        "With folds the output is an ensemble file, which names its models: give a name that ends in .json, such "
        "as {}, not {}."
    ).format(Path(output).with_suffix(ENSEMBLE_SUFFIX).name, output)
