"""How much memory there is, what a forward pass takes of it, and whether an error says it is gone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import torch

from .allocator import idle_memory

#: What errors say of memory that could not be had, in small letters: PyTorch's on CPU and GPU, cuDNN's,
#: ONNX Runtime's and OpenVINO's.
_SIGNS = (
    "out of memory",
    "not enough memory",
    "defaultcpuallocator",
    "can't allocate memory",
    "cannot allocate memory",
    "failed to allocate",
    "allocation failed",
    "bad_alloc",
    "bad allocation",
    "cudnn_status_alloc_failed",
    "cublas_status_alloc_failed",
)

#: Where Linux keeps the limits of a container: most and current use, of both generations of cgroups.
_CONTAINERS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
    ),
)


def is_exhausted(error: BaseException) -> bool:
    """Whether an error means that memory ran out, whichever library raised it."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    text = str(error).lower()
    return isinstance(error, (RuntimeError, OSError)) and any(sign in text for sign in _SIGNS)


def free_memory() -> int:
    """Bytes that this process can still use without swapping, in a container too."""
    free = [int(psutil.virtual_memory().available)]
    for most, current in _CONTAINERS:
        try:
            left = int(Path(most).read_text()) - int(Path(current).read_text())
        except (OSError, ValueError):  # no container, or one without a limit ("max")
            continue
        free.append(max(left, 0))
    return min(free) + idle_memory()


def peak_growth(call: Callable[[], object]) -> int:
    """Bytes that this process grows by at most while it runs ``call``, looked at every few milliseconds."""
    process = psutil.Process()
    before = int(process.memory_info().rss)
    finished, peak = threading.Event(), [before]

    def watch() -> None:
        while not finished.wait(0.005):
            peak[0] = max(peak[0], int(process.memory_info().rss))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        call()
    finally:
        finished.set()
        watcher.join()
    return max(peak[0], int(process.memory_info().rss)) - before
