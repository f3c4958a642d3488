"""Freed memory is kept by the process: the system does not clear its pages again for each tile."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

#: Fills 64 MiB repeatedly, in the main thread and in another, and prints the number of new pages; then the resident
#: memory before and after ``trim_memory``.
PROGRAM = """
import resource, sys, threading
import psutil
from engine.compute.malloc import keep_freed_memory, trim_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory() and keep_freed_memory()
import numpy as np

def fill():
    np.full(2**23, 1.0).sum()

def count():
    fill()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(5):
        fill()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)

count()
thread = threading.Thread(target=count)
thread.start()
thread.join()
held = psutil.Process().memory_info().rss
trim_memory()
print(held, psutil.Process().memory_info().rss)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_freed_memory_is_used_again(root: Path) -> None:
    new, released = {}, {}
    for mode in ("ordinary", "keep"):
        answer = subprocess.run(
            [sys.executable, "-c", PROGRAM, mode],
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
        )
        *pages, before, after = map(int, answer.stdout.split())
        new[mode], released[mode] = pages, before - after
    # 64 MiB are 16384 pages, or 32 huge pages of 2 MiB.
    assert all(kept < ordinary / 4 for kept, ordinary in zip(new["keep"], new["ordinary"]))
    assert released["keep"] > 60 * 2**20 > released["ordinary"], "kept memory can be returned"
