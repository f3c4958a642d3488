"""What is costly to find out and the same next time, kept in the user's cache folder.

Graphs translated for other runtimes and measurements of speed. Everything here can be lost: an entry
that is damaged or cannot be written is as one that was never there, and where there is no folder for them
there are none.
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

from .fingerprints import json_digest
from .outputs import published

#: Names the folder, where the usual one does not suit.
VARIABLE = "DUALSTREAM_CACHE"

#: Above it the entries that were not used for longest go, bytes.
_LARGEST = 4 * 2**30

#: The system's usual place: the variable that names it, if any does, else where it is in the home folder.
_PLACES = {"win32": ("LOCALAPPDATA", "AppData/Local"), "darwin": ("", "Library/Caches")}

#: Names of entries, half written ones too: what they are and ``key_of`` the facts. The folder may be one that
#: holds other files, which are none of our business.
_OURS = re.compile(r"(graph|speed|check)-[0-9a-f]{32}\.(onnx|json)(\.part)?")


def cache_folder() -> Path | None:
    """The folder, which need not exist: what ``DUALSTREAM_CACHE`` names, else the system's usual place.

    None where the system has no such place, as in a container whose user has no home.
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


def key_of(facts: dict[str, Any]) -> str:
    """A short name for a set of facts; another fact gives another name."""
    return json_digest(facts)[:32]


def keep(name: str, content: bytes) -> None:
    """Writes an entry, whole or not at all; where the folder cannot be written to, nothing.

    Args:
        name: The file's name: graph, speed or check, ``key_of`` what it depends on, and its ending.
        content: What ``kept`` is to give back.
    """
    folder = cache_folder()
    if folder is None:
        return
    with suppress(OSError):
        with published(folder / name) as part:
            part.write_bytes(_seal(content) + content)
        _make_room(folder)


def kept(name: str) -> bytes | None:
    """An entry's content; none if there is none or it is damaged."""
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
        os.utime(path)  # it is in use
    return content


def is_there(name: str) -> bool:
    """Whether there is such an entry, damaged or not: it takes no time."""
    folder = cache_folder()
    return folder is not None and (folder / name).is_file()


def keep_facts(name: str, facts: dict[str, Any]) -> None:
    """As ``keep``, of what JSON can hold."""
    keep(name, json.dumps(facts).encode())


def kept_facts(name: str) -> dict[str, Any]:
    """As ``kept``; empty if there is nothing."""
    content = kept(name)
    facts = json.loads(content) if content else {}
    return facts if isinstance(facts, dict) else {}


#: Bytes before the content: its SHA-256.
_SEAL = hashlib.sha256().digest_size


def _seal(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _make_room(folder: Path) -> None:
    """Removes the entries that were not used for longest until the others are small enough."""
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
        if total > _LARGEST:
            path.unlink(missing_ok=True)
