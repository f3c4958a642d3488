"""Paths of the files that a training writes beside its model file, and its progress record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .errors import ModelFileError
from .safetensors_header import read_header

#: Metadata key of a training's record in the header of its state file.
TRAINING_RECORD = "dualstream_training"


#: Value of a job's ``report`` that leaves the page out.
NO_REPORT = "none"


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
