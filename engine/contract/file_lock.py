"""A file lock that the operating system releases when its process ends, even if it is killed."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from .clean_up import CleanUp
from .file_replacement import discard_file

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

#: Error codes of a lock that another process holds.
_TAKEN = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)

#: Number of times that a removed lock file is opened again. On some network drives of Windows a file never seems to be
#: at its path, because the system gives its identity in two ways.
_MAX_ROUNDS = 10


@contextmanager
def try_lock(path: Path) -> Iterator[bool]:
    """Yields whether the lock at ``path`` was free and is now held until the end of the block.

    The file is created and removed here; one that a killed process left is not locked. On a file system without
    locks every attempt succeeds.

    Raises:
        OSError: If the file cannot be created.
    """
    with CleanUp() as stack:
        file = path.open("ab")
        stack.callback(_close, file)
        # The previous holder may have removed the file after it was opened here: then lock the new one.
        for _ in range(_MAX_ROUNDS):
            if not (is_locked := _lock(file)) or _is_at(file, path):
                break
            _close(file)
            file = path.open("ab")
            stack.callback(_close, file)
        # On Windows a file that another process has open cannot be removed: the last process does it.
        if is_locked or sys.platform == "win32":
            stack.callback(_remove, file, path)
        yield is_locked


def _lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _TAKEN
    return True


def _is_at(file: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False


def _remove(file: IO[bytes], path: Path) -> None:
    """Removes the file while it is locked; Windows can only remove it after it is closed."""
    if sys.platform != "win32":
        discard_file(path)
    _close(file)
    if sys.platform == "win32":
        discard_file(path, is_patient=False)  # another run that has it open will remove it


def _close(file: IO[bytes]) -> None:
    with suppress(OSError):  # nothing is written to a lock
        file.close()
