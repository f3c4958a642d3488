"""What is costly to find out and the same next time, kept in the user's cache folder.

Graphs translated for other runtimes and measurements of speed. Everything here can be lost: an entry
that is damaged or cannot be written is as one that was never there.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from .outputs import published

#: Names the folder, where the usual one does not suit.
VARIABLE = "DUALSTREAM_CACHE"

#: Above it the entries that were not used for longest go, bytes.
_LARGEST = 4 * 2**30


def cache_folder() -> Path:
    """The folder, which need not exist: what ``DUALSTREAM_CACHE`` names, else the system's usual place."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    home = Path.home()
    if sys.platform == "win32":
        place = os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local"
    elif sys.platform == "darwin":
        place = home / "Library" / "Caches"
    else:
        place = os.environ.get("XDG_CACHE_HOME") or home / ".cache"
    return Path(place) / "dualstream"


def key_of(facts: dict[str, Any]) -> str:
    """A short name for a set of facts; another fact gives another name."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]


def keep(name: str, content: bytes) -> None:
    """Writes an entry, whole or not at all; where the folder cannot be written to, nothing.

    Args:
        name: The file's name.
        content: What ``kept`` is to give back.
    """
    with suppress(OSError):
        with published(cache_folder() / name) as part:
            part.write_bytes(_seal(content) + content)
        _make_room()


def kept(name: str) -> bytes | None:
    """An entry's content; none if there is none or it is damaged."""
    path = cache_folder() / name
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


def _make_room() -> None:
    """Removes what was not used for longest until the folder is small enough."""
    entries = sorted(
        (
            (entry.stat().st_mtime, entry.stat().st_size, entry)
            for entry in cache_folder().iterdir()
        ),
        reverse=True,
    )
    total = 0
    for _, size, path in entries:
        total += size
        if total > _LARGEST:
            path.unlink(missing_ok=True)
