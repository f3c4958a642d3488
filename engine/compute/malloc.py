"""Makes glibc keep freed memory for later allocations.

By default glibc requests every large block from the system and returns it when it is freed. A forward pass
on a CPU frees hundreds of such blocks, and the system fills each new one with zeros: that took a third to half
of the time of DualStream's passes.
"""

from __future__ import annotations

import ctypes
from functools import lru_cache

#: Parameters of glibc's ``mallopt``, from ``malloc.h``.
_TRIM_THRESHOLD = -1
_TOP_PAD = -2
_MMAP_MAX = -4
_ARENA_MAX = -8

#: Largest C int, bytes: a threshold that is never reached.
_NEVER = 2**31 - 1

#: Smallest growth of the heap, bytes.
_HEAP_STEP = 64 * 2**20


@lru_cache(maxsize=1)
def keep_freed_memory() -> bool:
    """Makes this process keep freed memory from now on; peak memory use does not change.

    Call it early: blocks that were allocated before the call are still returned to the system.

    Returns:
        Whether it worked; False if the C library is not glibc.
    """
    library = _glibc()
    if library is None:
        return False
    settings = {
        _MMAP_MAX: 0,
        _TRIM_THRESHOLD: _NEVER,
        _TOP_PAD: _HEAP_STEP,
        # Other arenas have heaps of at most 64 MiB, and would request larger blocks from the system.
        _ARENA_MAX: 1,
    }
    results = [library.mallopt(name, value) for name, value in settings.items()]
    return all(result == 1 for result in results)


def trim_memory() -> None:
    """Returns unused heap memory to the system, for example before a process waits for its next job."""
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
