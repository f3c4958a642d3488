"""Names of the files and folders that a training keeps beside its model file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .errors import ModelFileError
from .safetensors_header import read_header

#: Under which name a training's record lies in the header of its state.
TRAINING_RECORD = "dualstream_training"


def checkpoint_folder(output: str | Path) -> Path:
    """The folder beside a model file that holds the checkpoints of its training."""
    path = Path(output)
    return path.with_name(path.stem + ".checkpoints")


def set_aside_folder(output: str | Path) -> Path:
    """Where the checkpoints of another training go when a new one of the same model file begins."""
    folder = checkpoint_folder(output)
    return folder.with_name(folder.name + ".before")


def training_state_path(output: str | Path) -> Path:
    """Where an unfinished training keeps what it goes on from, see ``checkpoints``."""
    return checkpoint_folder(output) / "state.safetensors"


def read_training_record(output: str | Path) -> dict[str, Any]:
    """What an unfinished training of a model file has noted beside its weights; empty without one.

    ``epoch`` is how many of ``epoch_loop`` are finished. Read from the file's header, which is JSON.
    """
    try:
        header = read_header(training_state_path(output))
        # Ours alone, and it may hold NaN: a loss that is no number is what it was.
        record = json.loads(header.metadata[TRAINING_RECORD])
        return {**record, "epoch": int(record["epoch"]), "epochs": int(record["epochs"])}
    except (ModelFileError, ValueError, KeyError, TypeError, RecursionError):  # none, or not ours
        return {}


def finished_epochs(output: str | Path) -> tuple[int, int]:
    """How many epochs of how many an unfinished training of a model file has finished; 0, 0 without one."""
    record = read_training_record(output)
    return record.get("epoch", 0), record.get("epochs", 0)


def visuals_folder(output: str | Path) -> Path:
    """Where a training puts the pictures of its validations: ``visuals/NAME`` beside the model file."""
    path = Path(output)
    return path.parent / "visuals" / path.stem
