"""The user's cache folder: exported ONNX graphs, and what was found when they were checked.

Every entry can be lost: a damaged entry counts as missing, and nothing is kept where the system has no such folder
or the folder cannot be written.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from ..contract.file_replacement import discard_file
from ..contract.output_files import atomic_output
from ..contract.prepared_models import CACHE_VARIABLE, cache_folder
from ..contract.strict_json import parse_json

#: The environment variable for another folder.
VARIABLE = CACHE_VARIABLE

#: Bytes before the content of an entry: its SHA-256.
_DIGEST_SIZE = hashlib.sha256().digest_size

#: The maximum size of all entries in bytes; beyond it, the least recently used entries are removed.
_MAX_CACHE_BYTES = 4 * 2**30

#: Names of entries, finished or not: the kind and the ``hash_key``; "speed" is an entry of earlier versions, which goes
#: when it is the least recently used one. Files with other names, such as a user's, are never removed.
_ENTRY_NAME = re.compile(r"(graph|reference|speed|check)-[0-9a-f]{32}\.(onnx|npy|json)(\.part)?")


class Entry(NamedTuple):
    """An entry of the cache.

    Attributes:
        content: The bytes that were written.
        sha256: Their SHA-256, hexadecimal.
    """

    content: bytes
    sha256: str


def write_entry(name: str, content: bytes) -> Entry:
    """Writes an entry atomically, if the folder can be written.

    Args:
        name: The file's name: graph, reference or check, the ``hash_key`` of the facts that it depends on, a suffix.
        content: The bytes that ``read_entry`` returns.
    """
    folder, digest = cache_folder(), _sha256(content)
    if folder is not None:
        with suppress(OSError):
            with atomic_output(folder / name) as part:
                part.write_bytes(digest + content)
            _remove_least_recently_used(folder)
    return Entry(content, digest.hex())


def read_entry(name: str) -> Entry | None:
    """An entry; None if it is missing or damaged."""
    folder = cache_folder()
    if folder is None:
        return None
    path = folder / name
    try:
        with path.open("rb") as file:
            digest, content = file.read(_DIGEST_SIZE), file.read()
    except OSError:
        return None
    if digest != _sha256(content):
        return None
    with suppress(OSError):
        os.utime(path)  # the time of its last use
    return Entry(content, digest.hex())


def has_entry(name: str) -> bool:
    """Whether there is an entry of that name, which may be damaged."""
    folder = cache_folder()
    return folder is not None and (folder / name).is_file()


def discard_entry(name: str) -> None:
    """Removes an entry, if there is one."""
    folder = cache_folder()
    if folder is not None:
        discard_file(folder / name)


def write_json(name: str, facts: dict[str, Any]) -> None:
    """Writes facts as JSON, as ``write_entry`` does."""
    write_entry(name, json.dumps(facts).encode())


def read_json(name: str) -> dict[str, Any]:
    """An entry's facts; empty if it is missing or damaged."""
    entry = read_entry(name)
    try:
        facts = parse_json(entry.content.decode()) if entry else {}
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _remove_least_recently_used(folder: Path) -> None:
    """Removes entries until the others take at most ``_MAX_CACHE_BYTES``."""
    entries = [(path.stat(), path) for path in folder.iterdir() if _ENTRY_NAME.fullmatch(path.name)]
    total = 0
    for status, path in sorted(entries, key=lambda entry: entry[0].st_mtime, reverse=True):
        total += status.st_size
        if total > _MAX_CACHE_BYTES:
            discard_file(path)
