"""What tells values and files from others: a hash of JSON, and the size and time of a file."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any


def json_digest(value: Any) -> str:
    """The SHA-256 of a JSON-able value, 64 hexadecimal digits; the order of its keys does not matter.

    Runs that were interrupted, caches and finished masks are found again by it: whatever changes the text that is
    hashed makes them unknown.
    """
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def file_state(path: str | Path) -> tuple[int, int]:
    """Size of a file and the time of its last change, in nanoseconds; zeros for what is no file of this computer's."""
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return 0, 0
    return found.st_size, found.st_mtime_ns
