"""The folder beside a model file in which its training keeps what it has reached, epoch by epoch.

    state.safetensors      what an interrupted training goes on from: see ``training_state``
    best-007.safetensors   the model file of the best epoch so far, which becomes the output in the end
    epoch-005.safetensors  the model files that the job asked for

The state is replaced in one step, on disk before it gets its name, and names the best: a best that is not named
in it belongs to an epoch that was not finished. So a kill or a power cut at any moment leaves a state that is true.
What another training has kept under the same name is not removed for a new one: its folder becomes ``*.before``.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ..contract.card_reader import read_card
from ..contract.checkpoint_files import (
    TRAINING_RECORD,
    checkpoint_folder,
    read_training_record,
    set_aside_folder,
    training_state_path,
)
from ..contract.errors import EngineError, JobError, ModelFileError, format_count
from ..contract.model_card import Card
from ..contract.output_files import atomic_output, rewritten, to_disk, write_error_message
from ..contract.protocol import replace_non_finite
from ..models.model_file import save_model

#: Seconds to wait, and how often, while a virus scanner of Windows reads the state that is to be replaced.
_WAIT = (0.1, 50)


class Checkpoints:
    """What a training keeps, and what an earlier one has kept for it.

    Nothing of an earlier training is touched before the first file of the new one is written.

    Args:
        output: The model file to be.
        key: What tells this training from others, see ``training_state.training_key``.
        resume: Whether to go on with an earlier one.
        writes: Whether this process writes; of several that learn together only the first does.
        is_alike: Whether what is noted in a state with that key fits this training too.

    Attributes:
        record: What is noted in the state on disk, if it is this training's; else empty.
        discarded: The same of a training that is not gone on with.
    """

    def __init__(
        self,
        output: str,
        key: str,
        resume: bool = True,
        writes: bool = True,
        is_alike: Callable[[dict[str, Any]], bool] = lambda record: True,
    ) -> None:
        self._output, self._key, self._writes = output, key, writes
        self._folder, self._state = checkpoint_folder(output), training_state_path(output)
        found = read_training_record(output)
        self._is_ours = found.get("key") == key and is_alike(found)
        is_whole = self._is_whole(found) or self._is_published(found)
        is_usable = resume and self._is_ours and is_whole
        self.record, self.discarded = (found, {}) if is_usable else ({}, found)
        self._has_begun, self._is_hollow = is_usable, resume and not is_whole
        self._are_others = not is_usable and bool(
            found or [*self._folder.glob("epoch-*.safetensors")]
        )

    @property
    def epoch(self) -> int:
        """The finished epochs of the state on disk; 0 if there is none of this training."""
        return int(self.record.get("epoch", 0))

    @property
    def discarded_message(self) -> str:
        """Which training's epochs are given up for this one, and where they go; empty if none's."""
        if not self._are_others:
            return ""
        before = set_aside_folder(self._output)
        place = f"{before}{', in place of what lies there,' * before.exists()}"
        place += " once this one has finished an epoch"
        if not self.discarded:
            return f"The checkpoints of an earlier training of {self._output} move to {place}."
        which = f"{self.discarded['epoch']} of {format_count(self.discarded['epochs'], 'epoch')} of an earlier training"
        why, back = "its data, options or version were others.", ": rename it back to go on"
        if self._is_ours:
            why = "this one begins anew."
        if self._is_ours and self._is_hollow:
            why, back = "its best weights are missing.", ""
        return f"{which} of {self._output} are given up: {why} Their folder becomes {place}{back}."

    def load(self) -> dict[str, Tensor]:
        """The tensors of the state on disk.

        Raises:
            EngineError: If the file cannot be read.
        """
        try:
            return load_file(self._state)
        except (OSError, SafetensorError) as error:
            raise EngineError(
                f"The training's state {self._state} cannot be read ({error}): remove it to begin anew."
            ) from error

    def save(self, tensors: Mapping[str, Tensor], record: Mapping[str, Any]) -> None:
        """Replaces the state by that after another epoch.

        Args:
            tensors: Of the CPU, contiguous.
            record: ``epoch``, ``epochs`` and ``best``, what ``save_best`` returned or "", and whatever else
                belongs to the state, JSON-able.

        Raises:
            EngineError: If it cannot be written.
        """
        self.record = {**record, "key": self._key}
        if not self._writes:
            return
        self._begin()
        try:
            with rewritten(self._state, _replace) as new:
                save_file(dict(tensors), new, {TRAINING_RECORD: json.dumps(self.record)})
        except (OSError, SafetensorError) as error:
            raise JobError(
                write_error_message("state of the training", self._state, error)
            ) from error
        self._remove_bests(self.record["best"])

    def save_best(self, model: nn.Module, card: Card) -> str:
        """Writes the best weights so far; what to note of them in the state."""
        name = f"best-{card.metrics['epoch']:03d}.safetensors"
        if self._writes:
            to_disk(self._save(name, model, card))
        return name

    def save_epoch(self, model: nn.Module, card: Card) -> None:
        """Writes an epoch's weights, for the user to keep."""
        if self._writes:
            self._save(f"epoch-{card.metrics['epoch']:03d}.safetensors", model, card)

    def publish(self, best: str) -> None:
        """Moves the best weights to where the model file is wanted, and forgets the state.

        Where an earlier run was stopped between the two, the weights are there already.

        Raises:
            JobError: If the model file cannot be written; then the state stays.
        """
        if not self._writes:
            return
        try:
            if not self._is_published(self.record):
                self._move(self._folder / best)
        except OSError as error:
            raise JobError(write_error_message("model file", self._output, error)) from error
        self.record = {}
        self._remove_leftovers()
        with suppress(OSError):  # checkpoints lie there
            self._folder.rmdir()

    def _save(self, name: str, model: nn.Module, card: Card) -> Path:
        self._begin()
        path = self._folder / name
        try:
            save_model(path, model, card)
        except OSError as error:
            raise JobError(write_error_message("checkpoint", path, error)) from error
        return path

    def _move(self, best: Path) -> None:
        """Makes a file the model file, in one step."""
        try:
            _replace(best, Path(self._output))
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            with atomic_output(self._output) as part:  # the folder leads to another disk
                shutil.copyfile(best, part)

    def _begin(self) -> None:
        """Makes the folder this training's own before the first file comes."""
        if self._are_others:
            self._put_aside()
        elif not self._has_begun:
            self._remove_leftovers()
        self._has_begun, self._are_others = True, False
        self._folder.mkdir(parents=True, exist_ok=True)

    def _put_aside(self) -> None:
        """Gives another training's folder another name, in place of one that was put aside before."""
        before = set_aside_folder(self._output)
        shutil.rmtree(before, ignore_errors=True)
        try:
            if self._folder.exists():  # nobody has removed it meanwhile
                _replace(self._folder, before)
        except OSError as error:
            raise JobError(write_error_message("folder", before, error)) from error

    def _remove_leftovers(self) -> None:
        """Removes the state, the best weights and what is half written; the checkpoints stay."""
        self._state.unlink(missing_ok=True)
        self._remove_bests("")
        for unfinished in (*self._folder.glob("*.part"), *self._folder.glob("*.new")):
            unfinished.unlink(missing_ok=True)

    def _is_whole(self, record: Mapping[str, Any]) -> bool:
        """Whether the best weights that a state names are there."""
        best = record.get("best", "")
        if not best:
            return True
        try:
            return bool(read_card(self._folder / best).metrics["epoch"] == record["best_epoch"])
        except (ModelFileError, KeyError):
            return False

    def _is_published(self, record: Mapping[str, Any]) -> bool:
        """Whether the model file has the best weights of a finished training, which lie nowhere else."""
        best = record.get("best", "")
        should_stop = record.get("epoch") == record.get("epochs") or record.get("stop")
        if not best or not should_stop or (self._folder / best).exists():
            return False
        try:
            return bool(read_card(self._output).metrics == replace_non_finite(record["metrics"]))
        except (ModelFileError, KeyError):
            return False

    def _remove_bests(self, kept: str) -> None:
        for path in self._folder.glob("best-*.safetensors"):
            if path.name != kept:
                path.unlink(missing_ok=True)


def _replace(new: Path, old: Path) -> None:
    """Gives a file another's place, in one step."""
    seconds, times = _WAIT
    for _ in range(times - 1):
        with suppress(PermissionError):
            os.replace(new, old)
            return
        time.sleep(seconds)
    os.replace(new, old)
