"""Replaces and removes files, with patience for programs of Windows that read them at the same time."""

from __future__ import annotations

import os
import shutil
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
    _repeat(lambda: os.replace(new, old), ATTEMPTS)


def remove_file(path: str | Path, is_patient: bool = True) -> None:
    """Removes a file that may be missing. Where a run can do without that, call ``discard_file``.

    Args:
        path: The file.
        is_patient: Whether to wait as ``replace_file`` does.

    Raises:
        OSError: If it cannot be removed.
    """
    _repeat(lambda: Path(path).unlink(missing_ok=True), ATTEMPTS if is_patient else 1)


def discard_file(path: str | Path, is_patient: bool = True) -> None:
    """Removes a file that nobody needs any more, if that is possible, as every clean-up does.

    It never fails, because that would replace the error that is under way, and nothing is lost: a file that stays takes
    some space, and the next run of the same output removes it.

    Args:
        path: The file, which may be missing.
        is_patient: As in ``remove_file``.
    """
    with suppress(OSError):
        remove_file(path, is_patient)


def discard_folder(folder: str | Path) -> None:
    """Removes a folder and all that is in it as far as that is possible; never fails, see ``discard_file``."""
    with suppress(OSError):
        shutil.rmtree(folder, ignore_errors=True)


def discard_empty_folder(folder: Path) -> None:
    """Removes a folder if it is empty and that is possible; never fails, see ``discard_file``."""
    with suppress(OSError):
        folder.rmdir()


def _repeat(change: Callable[[], object], attempts: int) -> None:
    for _ in range(attempts - 1):
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
        discard_file(new)


def flush_to_disk(path: Path) -> None:
    """Flushes a file to the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
