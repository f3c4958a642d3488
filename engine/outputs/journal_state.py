"""The state of an unfinished run: how many rows of its outputs are finished, and what they are.

The state lies beside the run's first output. The rows lie beside each output, in a file whose name holds the run's
key, see ``output_files.rows_of``: runs of other inputs, options or outputs never touch the same file of rows.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..contract.output_files import new_state_path, rows_of, state_path


@dataclass(frozen=True)
class State:
    """How far a run has come.

    Attributes:
        key: A hash of all that determines its rows, and of ``names``.
        rows: The finished rows of each output.
        names: Its outputs as paths from the folder of the first, see ``names_of``.
        notes: What it noted about its rows, JSON-able.
    """

    key: str
    rows: int
    names: tuple[str, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)


def names_of(outputs: Sequence[str]) -> tuple[str, ...]:
    """The paths of outputs from the first one's folder: the same after their folders were moved or copied."""
    paths = [Path(output).parent.resolve() / Path(output).name for output in outputs]
    return tuple(_seen_from(paths[0].parent, output_path) for output_path in paths)


def read_state(output: str | Path) -> State | None:
    """The state beside ``output``; None if there is none, or if it was not written by us."""
    try:
        record = json.loads(state_path(output).read_text(encoding="utf-8"))
        names = tuple(str(name) for name in record["names"])
        return State(str(record["key"]), int(record["rows"]), names, dict(record["notes"]))
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return None


def write_state(output: str | Path, state: State) -> bool:
    """Replaces the state beside ``output`` in one step; returns whether that was possible.

    Windows refuses while a virus scanner reads the old state: the state of the next rows replaces it.

    Raises:
        OSError: If the new state cannot be written.
    """
    new = new_state_path(output)
    with new.open("w", encoding="utf-8") as file:
        json.dump(asdict(state), file)
        file.flush()
        os.fsync(file.fileno())
    with suppress(PermissionError):
        os.replace(new, state_path(output))
        return True
    return False


def count_lost_rows(outputs: Sequence[str], key: str) -> int:
    """The most finished rows of a run with another key that ``remove_earlier`` would remove."""
    states = [state for state in map(read_state, outputs) if state and state.key != key]
    return max([state.rows for state in states], default=0)


def stored_row_files(outputs: Sequence[str]) -> list[Path]:
    """The files of rows that ``remove_earlier`` would remove, beside ``outputs`` and elsewhere."""
    states = [(Path(output).parent, read_state(output)) for output in outputs]
    paths = [
        (folder / name, state.key) for folder, state in states if state for name in state.names
    ]
    return [path for path in (rows_of(*output_path) for output_path in paths) if path.is_file()]


def remove_earlier(outputs: Sequence[str]) -> None:
    """Removes the states beside ``outputs``, and the rows that they are about.

    Raises:
        OSError: If a state cannot be removed.
    """
    for path in stored_row_files(outputs):
        with suppress(OSError):  # without their state the rows are not used
            path.unlink()
    for output in outputs:
        state_path(output).unlink(missing_ok=True)
        new_state_path(output).unlink(missing_ok=True)


def _seen_from(folder: Path, path: Path) -> str:
    try:
        return os.path.relpath(path, folder)
    except ValueError:  # another drive of Windows
        return str(path)
