"""Identifies files and their content."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

#: Bytes that are hashed at a time.
_CHUNK = 2**20


def file_identity(path: str | Path) -> tuple[str, int, int, int, int]:
    """Identifies a file and its content: absolute path, size, times of modification and of status change, inode.

    The time of modification is not enough: copying may keep it, and another file may replace this one.
    """
    status = Path(path).stat()
    times = status.st_mtime_ns, status.st_ctime_ns
    return os.path.abspath(path), status.st_size, *times, status.st_ino


def file_hash(path: str | Path) -> str:
    """The SHA-256 of a file, hexadecimal; computed once while the file does not change."""
    return _hash(*file_identity(path))


@lru_cache(maxsize=256)
def _hash(path: str, *_: int) -> str:
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
