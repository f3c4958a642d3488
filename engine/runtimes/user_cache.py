"""The user's cache folder: exported ONNX graphs and measured times.

Every entry can be lost. A damaged entry counts as missing; an entry that cannot be written is left out, and
so are all entries where the system has no folder for them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..contract.output_files import atomic_output
from ..contract.strict_json import json_digest

#: The environment variable that names another folder.
VARIABLE = "DUALSTREAM_CACHE"

#: The most bytes that all entries may take; beyond, those that were not used for longest are removed.
_MAX_CACHE_BYTES = 4 * 2**30

#: Each system's cache folder: the variable that names it, and where it is in the home folder otherwise.
_PLACES = {"win32": ("LOCALAPPDATA", "AppData/Local"), "darwin": ("", "Library/Caches")}

#: Names of entries, also of unfinished ones: their kind and ``hash_key`` their facts. Files with other names are
#: never removed: the folder may hold a user's files too.
_OURS = re.compile(r"(graph|speed|check)-[0-9a-f]{32}\.(onnx|json)(\.part)?")


def cache_folder() -> Path | None:
    """The folder, which need not exist: the one that ``DUALSTREAM_CACHE`` names, or the system's cache folder.

    None where the system has no such folder, as in a container whose user has no home.
    """
    if named := os.environ.get(VARIABLE):
        return Path(named)
    variable, below_home = _PLACES.get(sys.platform, ("XDG_CACHE_HOME", ".cache"))
    if variable and (place := os.environ.get(variable)):
        return Path(place) / "dualstream"
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return home / below_home / "dualstream"


def hash_key(facts: dict[str, Any]) -> str:
    """A short name for a set of facts; another fact gives another name."""
    return json_digest(facts)[:32]


def write_entry(name: str, content: bytes) -> None:
    """Writes an entry as a whole, or not at all where the folder cannot be written to.

    Args:
        name: The file's name: graph, speed or check, ``hash_key`` the facts that it depends on, and its ending.
        content: The bytes that ``read_entry`` returns.
    """
    folder = cache_folder()
    if folder is None:
        return
    with suppress(OSError):
        with atomic_output(folder / name) as part:
            part.write_bytes(_seal(content) + content)
        _make_room(folder)


def read_entry(name: str) -> bytes | None:
    """An entry's content; None if it is missing or damaged."""
    folder = cache_folder()
    if folder is None:
        return None
    path = folder / name
    try:
        whole = path.read_bytes()
    except OSError:
        return None
    content = whole[_SEAL:]
    if whole[:_SEAL] != _seal(content):
        return None
    with suppress(OSError):
        os.utime(path)  # the time of its last use
    return content


def write_json(name: str, facts: dict[str, Any]) -> None:
    """Writes an entry as ``write_entry`` does, with facts as JSON."""
    write_entry(name, json.dumps(facts).encode())


def read_json(name: str) -> dict[str, Any]:
    """An entry's facts; empty if it is missing or damaged."""
    content = read_entry(name)
    facts = json.loads(content) if content else {}
    return facts if isinstance(facts, dict) else {}


#: How many bytes come before the content: its SHA-256.
_SEAL = hashlib.sha256().digest_size


def _seal(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _make_room(folder: Path) -> None:
    """Removes the entries that were not used for longest until the others take at most ``_MAX_CACHE_BYTES`` bytes."""
    entries = sorted(
        (
            (entry.stat().st_mtime, entry.stat().st_size, entry)
            for entry in folder.iterdir()
            if _OURS.fullmatch(entry.name)
        ),
        reverse=True,
    )
    total = 0
    for _, size, path in entries:
        total += size
        if total > _MAX_CACHE_BYTES:
            path.unlink(missing_ok=True)
