"""The state of an unfinished run: the number of finished rows of its outputs, and the run's key.

The state is a file beside the run's first output. The rows are beside each output, in a file whose name contains the
key, see ``output_files.rows_path``: runs with other inputs, options or outputs never share a file of rows.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..contract.file_replacement import atomic_rewrite, remove_file
from ..contract.output_files import new_state_path, rows_path, state_path


@dataclass(frozen=True)
class State:
    """Progress of an unfinished run.

    Attributes:
        key: A hash of everything that determines the rows, and of ``names``.
        rows: Number of finished rows of each output.
        names: The outputs, see ``names_of``.
        notes: The run's notes about its rows, JSON-able.
    """

    key: str
    rows: int
    names: tuple[str, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)


def names_of(outputs: Sequence[str]) -> tuple[str, ...]:
    """Outputs relative to the first one's folder, which stay valid when all folders are moved or copied together."""
    paths = [Path(output).parent.resolve() / Path(output).name for output in outputs]
    return tuple(_relative(path, paths[0].parent) for path in paths)


def read_state(output: str | Path) -> State | None:
    """The state beside ``output``; None if there is none, or none in this format."""
    try:
        record = json.loads(state_path(output).read_text(encoding="utf-8"))
        names = tuple(str(name) for name in record["names"])
        if not str(record["key"]).isalnum() or not all(Path(name).name for name in names):
            return None
        return State(str(record["key"]), int(record["rows"]), names, dict(record["notes"]))
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return None


def write_state(output: str | Path, state: State) -> bool:
    """Replaces the state beside ``output`` atomically; returns whether that was possible.

    Windows refuses while a virus scanner reads the old state or the new one. The next call replaces it.

    Raises:
        OSError: If the new state cannot be written.
    """
    try:
        with atomic_rewrite(state_path(output)) as new:
            new.write_text(json.dumps(asdict(state)), encoding="utf-8")
    except PermissionError:
        return False
    return True


def count_dropped_rows(outputs: Sequence[str], key: str) -> int:
    """The finished rows of runs with other keys that ``remove_earlier`` would remove; of several runs, the maximum."""
    states = map(read_state, outputs)
    return max((state.rows for state in states if state and state.key != key), default=0)


def stored_row_files(outputs: Sequence[str]) -> list[Path]:
    """The files of rows that ``remove_earlier`` would remove, beside ``outputs`` and elsewhere."""
    states = [(Path(output).parent, read_state(output)) for output in outputs]
    files = [
        rows_path(folder / name, state.key)
        for folder, state in states
        if state
        for name in state.names
    ]
    return [file for file in files if file.is_file()]


def remove_earlier(outputs: Sequence[str]) -> None:
    """Removes the states beside ``outputs``, and the rows of these states.

    Raises:
        OSError: If a file cannot be removed; its state stays, so that a later run can remove both.
    """
    for path in stored_row_files(outputs):  # before their states, which name them
        remove_file(path)
    for output in outputs:
        remove_file(state_path(output))
        remove_file(new_state_path(output))


def _relative(path: Path, folder: Path) -> str:
    try:
        return os.path.relpath(path, folder)
    except ValueError:  # on another drive of Windows
        return str(path)
