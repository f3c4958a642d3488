"""One process at a time: a lock that the operating system drops when its process ends, however it ends."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

#: How systems say that somebody else holds the lock.
_TAKEN = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


@contextmanager
def try_lock(path: Path) -> Iterator[bool]:
    """Yields whether no other process is inside such a block for the same ``path``.

    The file at ``path`` is made and removed by these blocks. What a killed process leaves of it blocks
    nobody. On a file system that knows no locks everybody is alone.

    Raises:
        OSError: If the file cannot be made.
    """
    with ExitStack() as stack:
        file = stack.enter_context(path.open("ab"))
        # Whoever was inside may have removed the file after we had opened it: then lock the new one.
        while (is_locked := _lock(file)) and not _is_at(file, path):
            file.close()
            file = stack.enter_context(path.open("ab"))
        try:
            yield is_locked
        finally:
            # On Windows whoever is last removes it: while others have it open, it cannot be removed.
            if is_locked or sys.platform == "win32":
                _remove(file, path)


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
    """Removes the file while it is still locked; Windows can only do so after it is closed."""
    if sys.platform != "win32":
        path.unlink(missing_ok=True)
    file.close()
    if sys.platform == "win32":
        with suppress(OSError):  # another run has it open, and will remove it
            path.unlink()
