"""Folder beside a model file with the checkpoints of its training.

    state.safetensors      the state from which an interrupted training resumes, see ``training_state``
    best-007.safetensors   the model file of the best epoch so far; calibrated, it becomes the output in the end
    epoch-005.safetensors  the model files of ``checkpoint_every``

The state is replaced atomically and names the best model file; another best file belongs to an unfinished epoch.
So the state is valid after a kill or a power failure at any moment.
"""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ..contract.card_reader import read_card
from ..contract.changed_options import OPTIONS, refusal
from ..contract.errors import EngineError, JobError, ModelFileError, format_count
from ..contract.file_replacement import (
    atomic_rewrite,
    discard_empty_folder,
    discard_file,
    flush_to_disk,
    replace_file,
)
from ..contract.model_card import Card
from ..contract.output_files import atomic_output, write_error_message
from ..contract.training_files import (
    TRAINING_RECORD,
    checkpoint_folder,
    read_training_record,
    training_state_path,
)
from ..contract.translation import tr
from ..models.model_file import save_model

#: Name of the final model file before it is moved to the output path; removed as the best ones are.
_FINAL = "best-final.safetensors"


class Checkpoints:
    """Checkpoints of a training, and of an earlier run that it may resume.

    Files of an earlier training stay until the first file of the new one is written.

    Args:
        output: Path of the model file.
        key: The training's key, see ``training_key``.
        resume: Whether to resume an earlier run; otherwise it is discarded.
        writes: Whether this process writes; of several processes only the first does.
        is_alike: Whether the record of a state with the same key fits this training.
        options: The ``options_record`` of the training.

    Attributes:
        key: The training's key.
        record: The record of the state on disk if this training resumes from it, else empty.
        discarded: The record of an unfinished training that this one replaces, else empty.

    Raises:
        JobError: If there is an unfinished training that cannot be resumed, and ``resume`` is set.
    """

    def __init__(
        self,
        output: str,
        key: str,
        resume: bool = True,
        writes: bool = True,
        is_alike: Callable[[dict[str, Any]], bool] = lambda record: True,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._output = output
        self._options = options or {}
        self.key = key
        self._writes = writes
        self._folder, self._state = checkpoint_folder(output), training_state_path(output)
        record = read_training_record(output)
        is_same = record.get("key") == key and is_alike(record) and self._has_best(record)
        if record and resume and not is_same:
            raise JobError(refusal(output, record, self._options))
        self.record = record if resume else {}
        self.discarded = {} if resume else record
        self._has_started = bool(self.record)

    @property
    def discarded_message(self) -> str:
        """The sentence about an unfinished training that this one replaces; empty if there is none."""
        if not self.discarded:
            return ""
        text = tr("The first epoch of this training replaces an unfinished training ({} of {}).")
        epochs = format_count(self.discarded["epochs"], "{} epoch", "{} epochs")
        return text.format(self.discarded["epoch"], epochs)

    @property
    def epoch(self) -> int:
        """Number of finished epochs in the state of this training; 0 without a state."""
        return int(self.record.get("epoch", 0))

    def kept_message(self, resume: bool) -> str:
        """Message about the finished epochs of an interrupted training.

        Args:
            resume: Whether the same job would resume them.
        """
        text = (
            tr("Finished and kept beside {}: {} of {}; the same command resumes from there.")
            if resume
            else tr(
                "Finished and kept beside {}: {} of {}; the same command with resume (without --no_resume) resumes "
                "from there."
            )
        )
        epochs = format_count(self.record["epochs"], "{} epoch", "{} epochs")
        return text.format(self._output, self.epoch, epochs)

    def load(self) -> dict[str, Tensor]:
        """Loads the tensors of the state.

        Raises:
            EngineError: If the file cannot be read.
        """
        try:
            return load_file(self._state)
        except (OSError, SafetensorError) as error:
            raise EngineError(
                tr("The training's state {} cannot be read ({}): remove it to start over.").format(
                    self._state, error
                )
            ) from error

    def save(self, tensors: Mapping[str, Tensor], record: Mapping[str, Any]) -> None:
        """Replaces the state after an epoch.

        Args:
            tensors: Contiguous tensors on the CPU.
            record: ``epoch``, ``epochs``, ``best``, the result of ``save_best`` or "", and the rest of the
                state, in JSON types.

        Raises:
            EngineError: If it cannot be written.
        """
        self.record = {**record, "key": self.key, OPTIONS: self._options}
        if not self._writes:
            return
        self._start()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with atomic_rewrite(self._state) as new:
                save_file(dict(tensors), new, {TRAINING_RECORD: json.dumps(self.record)})
        except (OSError, SafetensorError) as error:
            raise JobError(
                write_error_message(tr("state of the training"), self._state, error)
            ) from error
        self._remove_bests(self.record["best"])

    def save_best(self, model: nn.Module, card: Card) -> str:
        """Saves the best weights so far; returns their file name for the record."""
        name = f"best-{card.metrics['epoch']:03d}.safetensors"
        if self._writes:
            self._save_model(name, model, card)
        return name

    def save_epoch(self, model: nn.Module, card: Card) -> None:
        """Saves an epoch's weights for the user."""
        if self._writes:
            self._save_model(f"epoch-{card.metrics['epoch']:03d}.safetensors", model, card)

    def restore_best(self, model: nn.Module, card: Card) -> Card:
        """Loads the best weights into a network, if this process writes the checkpoints.

        Args:
            model: The network.
            card: The card of the best weights.

        Returns:
            The card as it was saved with the weights: a resumed run's card has another date.

        Raises:
            EngineError: If they cannot be read.
        """
        if not self._writes:
            return card
        path = self._folder / self.record["best"]
        try:
            model.load_state_dict(load_file(path))
            return replace(read_card(path), metrics=card.metrics)
        except (OSError, SafetensorError) as error:
            raise EngineError(
                tr(
                    "The best weights {} cannot be read ({}): remove the folder to start over."
                ).format(path, error)
            ) from error

    def publish(self, model: nn.Module, card: Card) -> None:
        """Saves the final weights at the output path and removes the state.

        Raises:
            JobError: If the model file cannot be written; the state stays.
        """
        if not self._writes:
            return
        final = self._save_model(_FINAL, model, card)
        try:
            self._move_to_output(final)
        except OSError as error:
            raise JobError(write_error_message(tr("model file"), self._output, error)) from error
        self.record = {}
        self._remove_leftovers()
        discard_empty_folder(self._folder)  # the checkpoints of epochs stay

    def _save_model(self, name: str, model: nn.Module, card: Card) -> Path:
        self._start()
        path = self._folder / name
        save_model(path, model, card)
        try:
            flush_to_disk(path)
        except OSError as error:
            raise JobError(write_error_message(tr("model file"), path, error)) from error
        return path

    def _move_to_output(self, best: Path) -> None:
        """Moves a file to the output path atomically."""
        try:
            replace_file(best, Path(self._output))
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            with atomic_output(self._output) as part:  # the folder is on another disk
                shutil.copyfile(best, part)

    def _start(self) -> None:
        """Makes room in the folder before the first file of this training."""
        if not self._has_started:
            self._remove_leftovers()
            for epoch in self._folder.glob("epoch-*.safetensors"):  # of an earlier training
                discard_file(epoch)
        self._has_started = True

    def _remove_leftovers(self) -> None:
        """Removes the state, the best weights and unfinished files; checkpoints of epochs stay."""
        discard_file(self._state)
        self._remove_bests("")
        for unfinished in (*self._folder.glob("*.part"), *self._folder.glob("*.new")):
            discard_file(unfinished)

    def _has_best(self, record: Mapping[str, Any]) -> bool:
        """Whether the best weights of a record exist."""
        best = record.get("best", "")
        if not best:
            return True
        try:
            return bool(read_card(self._folder / best).metrics["epoch"] == record["best_epoch"])
        except (ModelFileError, KeyError):
            return False

    def _remove_bests(self, kept: str) -> None:
        for path in self._folder.glob("best-*.safetensors"):
            if path.name != kept:
                discard_file(path)
