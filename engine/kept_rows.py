"""What an unfinished run keeps beside its outputs, and which run that is.

The state, beside the first output, says how many rows of all outputs are finished. But any output may be wanted
again in other company: so a note beside every part says of which run its rows are, and rows are used only where
all notes name the run of the state. The notes name the run's outputs too, for what is of no use once another run
has taken one of them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .locks import alone
from .outputs import lock_of, new_state_of, owner_of, remove_parts, state_of

#: What reading a record raises where there is none, or where it was not written by us.
_NO_RECORD = (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError)


@dataclass(frozen=True)
class State:
    """How far a run has come.

    Attributes:
        run: What tells it from all others.
        key: What determines its rows.
        rows: The finished rows of each output.
        notes: What it noted about them, JSON-able.
    """

    run: str
    key: str
    rows: int
    notes: Mapping[str, Any]


@dataclass(frozen=True)
class _Owner:
    """Whose a part is: the run, and the places of all its outputs, the one with the state first."""

    run: str
    places: tuple[Path, ...]


def read_state(output: str | Path) -> State | None:
    """The state beside ``output``, if there is one."""
    try:
        record = json.loads(state_of(output).read_text(encoding="utf-8"))
        run, key, notes = str(record["run"]), str(record["key"]), dict(record["notes"])
        return State(run, key, int(record["rows"]), notes)
    except _NO_RECORD:
        return None


def write_state(output: str | Path, state: State) -> bool:
    """Replaces the state beside ``output`` in one step; whether that was possible.

    Windows refuses while a virus scanner reads the old one: the next strip's replaces it.
    """
    new = new_state_of(output)
    _write(new, asdict(state))
    with suppress(PermissionError):
        os.replace(new, state_of(output))
        return True
    return False


def earlier(outputs: Sequence[str], key: str) -> State | None:
    """The state of an unfinished run with this key, if the parts of all outputs are still its own."""
    state = read_state(outputs[0])
    if state is None or state.key != key:
        return None
    owners = [_owner(Path(output)) for output in outputs]
    return state if all(owner and owner.run == state.run for owner in owners) else None


def lost_rows(outputs: Sequence[str], key: str) -> int:
    """The finished rows of another run that are of no use once ``drop`` was called; of several the most.

    Another run is one of another key or of other outputs.
    """
    ours, rows = _places(outputs), 0
    for owner in _owners(ours):
        state = read_state(owner.places[0])
        if state and state.run == owner.run and (state.key != key or owner.places != ours):
            rows = max(rows, state.rows)
    return rows


def orphans(outputs: Sequence[str]) -> list[Path]:
    """The other outputs of the runs whose rows lie in the parts of ``outputs``."""
    return [place for place, _ in _orphans(_places(outputs))]


def drop(outputs: Sequence[str]) -> None:
    """Forgets the runs whose rows lie in the parts of ``outputs``; what they left elsewhere is removed.

    Raises:
        OSError: If a state cannot be removed.
    """
    for output in outputs:
        state_of(output).unlink(missing_ok=True)
        new_state_of(output).unlink(missing_ok=True)
    for place, owner in [*_orphans(_places(outputs))]:
        with suppress(OSError), alone(lock_of(place)) as is_free:  # it must not stop our run
            if is_free and _owner(place) == owner:
                remove_parts(place)


def claim(outputs: Sequence[str], run: str) -> None:
    """Notes beside the parts of ``outputs`` that they are of ``run``; on disk when it returns.

    Raises:
        OSError: If that cannot be written.
    """
    places = _places(outputs)
    for place in places:
        _write(owner_of(place), {"run": run, "outputs": [_seen_from(place, p) for p in places]})


def _orphans(ours: tuple[Path, ...]) -> Iterator[tuple[Path, _Owner]]:
    for owner in _owners(ours):
        for place in owner.places:
            if place not in ours and _owner(place) == owner:
                yield place, owner


def _owners(places: tuple[Path, ...]) -> set[_Owner]:
    return {owner for owner in map(_owner, places) if owner}


def _owner(output: Path) -> _Owner | None:
    """What the note beside the part of ``output`` says, if there is one."""
    try:
        record = json.loads(owner_of(output).read_text(encoding="utf-8"))
        run, names = str(record["run"]), [str(name) for name in record["outputs"]]
    except _NO_RECORD:
        return None
    folder = _place(output).parent
    return _Owner(run, tuple(Path(os.path.normpath(folder / name)) for name in names))


def _places(outputs: Sequence[str]) -> tuple[Path, ...]:
    return tuple(_place(Path(output)) for output in outputs)


def _place(output: Path) -> Path:
    """The one spelling of a path. An output that is a link stays one: the part lies beside the link."""
    return output.parent.resolve() / output.name


def _seen_from(place: Path, other: Path) -> str:
    """The path of ``other`` from ``place``: right even after their folder was moved or copied."""
    try:
        return os.path.relpath(other, place.parent)
    except ValueError:  # another drive of Windows
        return str(other)


def _write(path: Path, record: Mapping[str, Any]) -> None:
    with path.open("w", encoding="utf-8") as file:
        json.dump(record, file)
        file.flush()
        os.fsync(file.fileno())
