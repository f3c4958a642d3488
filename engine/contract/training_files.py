"""The files of a training beside its output: their paths, the progress of an unfinished one, the cards of folds.

A training in folds is several trainings. Their models lie beside the ensemble file, which is written last::

    forest.json                      the ensemble file
    forest-fold1.safetensors         its first model
    forest-fold2.checkpoints         the checkpoints of a fold that is not finished
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .card_reader import read_card
from .ensemble_file import ENSEMBLE_SUFFIX
from .errors import ModelFileError
from .file_replacement import discard_empty_folder, discard_folder
from .jobs import TrainJob
from .model_card import Card
from .safetensors_header import read_header
from .translation import tr

#: Metadata key of a training's record in the header of its state file.
TRAINING_RECORD = "dualstream_training"

#: Key of a fold in the provenance of a card, and of its scores in the card's metrics.
FOLD, OUT_OF_FOLD = "fold", "out_of_fold"

#: Value of a job's ``report`` that leaves the page out.
NO_REPORT = "none"


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


def fold_card(model: Path) -> Card | None:
    """The card of a fold's model, with its number, the key of its training and its out-of-fold scores.

    Returns:
        None if there is no such file, or it is not a model of a fold.
    """
    try:
        card = read_card(model)
    except ModelFileError:
        return None
    parts = card.provenance.get(FOLD), card.metrics.get(OUT_OF_FOLD)
    return card if all(isinstance(part, dict) for part in parts) else None


def checkpoint_folder(output: str | Path) -> Path:
    """The folder beside a model file that holds the checkpoints of its training."""
    path = Path(output)
    return path.with_name(path.stem + ".checkpoints")


def training_state_path(output: str | Path) -> Path:
    """The file from which an unfinished training is resumed, see ``checkpoints``."""
    return checkpoint_folder(output) / "state.safetensors"


def visuals_folder(output: str | Path) -> Path:
    """The folder of a training's validation pictures: ``visuals/NAME`` beside the model file."""
    path = Path(output)
    return path.parent / "visuals" / path.stem


def discard_progress(output: str | Path) -> None:
    """Removes the checkpoints and the pictures of a training, as after a cancel; it cannot be resumed any more."""
    discard_folder(checkpoint_folder(output))
    discard_folder(visuals_folder(output))
    discard_empty_folder(visuals_folder(output).parent)


def report_path(output: str | Path, report: str = "") -> Path | None:
    """The page about a training: beside the model file, or as its job's ``report`` says; None: no page."""
    if report == NO_REPORT:
        return None
    path = Path(output)
    return Path(report) if report else path.with_name(path.stem + ".report.html")


def history_path(output: str | Path) -> Path:
    """The file with the losses and scores of every epoch of a training."""
    path = Path(output)
    return path.with_name(path.stem + ".history.json")


def read_training_record(output: str | Path) -> dict[str, Any]:
    """The progress of an unfinished training, from the header of its state file; empty if there is none.

    Its items ``epoch`` and ``epochs`` are the numbers of finished and of all epochs.
    """
    try:
        header = read_header(training_state_path(output))
        # Not parse_json, which refuses NaN: a loss of the record may be NaN.
        record = json.loads(header.metadata[TRAINING_RECORD])
        return {**record, "epoch": int(record["epoch"]), "epochs": int(record["epochs"])}
    except (
        ModelFileError,
        ValueError,
        KeyError,
        TypeError,
        RecursionError,
    ):  # no file, or a damaged one
        return {}


def finished_epochs(output: str | Path) -> tuple[int, int]:
    """Finished and total epochs of an unfinished training of a model file; 0, 0 if there is none."""
    record = read_training_record(output)
    return record.get("epoch", 0), record.get("epochs", 0)
