"""Memory that freed tensors leave is kept for the next ones, where the C library lets us say so.

By default glibc gets every large block from the system and gives it back when it is freed. A forward pass
on a CPU frees hundreds of them, and each time the system fills the pages with zeros again: that took a
third to half of the time of DualStream's passes.
"""

from __future__ import annotations

import ctypes
from functools import lru_cache

#: Names of glibc's ``mallopt``, from ``malloc.h``.
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX, _ARENA_MAX = -1, -2, -4, -8

_NEVER = 2**31 - 1

#: By how much the heap grows at least, bytes.
_STEP = 64 * 2**20


@lru_cache(maxsize=1)
def keep_freed_memory() -> bool:
    """Makes this process keep freed memory for itself, from now on; once is enough.

    Call it early: what was got before is given back as ever. The peak is that of what is in use at one
    time, as before; only that it stays.

    Returns:
        Whether it could be done: not where the C library is another than glibc.
    """
    library = _glibc()
    if library is None:
        return False
    wanted = {
        _MMAP_MAX: 0,
        _TRIM_THRESHOLD: _NEVER,
        _TOP_PAD: _STEP,
        # A thread's own heap holds 64 MiB at most; what is larger would be got from the system again.
        _ARENA_MAX: 1,
    }
    done = [library.mallopt(name, value) == 1 for name, value in wanted.items()]
    return all(done)


def trim_memory() -> None:
    """Gives back to the system what nothing uses: before a process waits for its next job, or is measured."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    """The C library of this process, if it is glibc."""
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):  # Windows
        return None
    return library if hasattr(library, "gnu_get_libc_version") else None
