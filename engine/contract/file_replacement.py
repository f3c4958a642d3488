"""Replaces and removes files, with patience for programs of Windows that read them at the same time."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

#: Windows refuses to replace or remove a file while a virus scanner or an indexer reads it, for some 10 to 500 ms:
#: number of attempts, and the time between them, s.
ATTEMPTS, RETRY_SECONDS = (50, 0.1) if sys.platform == "win32" else (1, 0.0)


def replace_file(new: str | Path, old: str | Path) -> None:
    """Replaces a file or folder atomically; on Windows it waits up to 5 s for programs that have it open.

    Raises:
        OSError: If it cannot be replaced.
    """
    _repeat(lambda: os.replace(new, old))


def remove_file(path: str | Path) -> None:
    """Removes a file that may be missing, with the patience of ``replace_file``.

    Raises:
        OSError: If it cannot be removed.
    """
    _repeat(lambda: Path(path).unlink(missing_ok=True))


def _repeat(change: Callable[[], object]) -> None:
    for _ in range(ATTEMPTS - 1):
        with suppress(PermissionError):
            change()
            return
        time.sleep(RETRY_SECONDS)
    change()


@contextmanager
def atomic_rewrite(path: Path) -> Iterator[Path]:
    """Yields ``PATH.new`` to write to, flushes it to the disk and then replaces ``PATH``.

    A power cut at any moment leaves the old file or the new one complete.
    """
    new = path.with_name(f"{path.name}.new")
    try:
        yield new
        flush_to_disk(new)
        replace_file(new, path)
    finally:
        remove_file(new)


def flush_to_disk(path: Path) -> None:
    """Flushes a file to the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
