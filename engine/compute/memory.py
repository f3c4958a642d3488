"""Free memory and the peak memory of a call."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]

from ..contract.clean_up import CleanUp
from .malloc import trim_memory

if TYPE_CHECKING:
    import torch

#: Files of cgroups v2 and v1: a container's memory limit, its current use and the statistics of it; and the entry of
#: the statistics for cached files, which the system drops when memory is needed.
_CGROUPS = (
    (
        "/sys/fs/cgroup/memory.max",
        "/sys/fs/cgroup/memory.current",
        "/sys/fs/cgroup/memory.stat",
        "inactive_file",
    ),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
        "/sys/fs/cgroup/memory/memory.stat",
        "total_inactive_file",
    ),
)


def free_memory() -> int:
    """Bytes that this process can still allocate without swapping, within the limit of its container.

    Unused memory of the process is returned to the system first, so that it counts as free, and only once.
    """
    trim_memory()
    free = [int(psutil.virtual_memory().available)]
    for limit, current, statistics, cached_files in _CGROUPS:
        try:
            unused = int(Path(limit).read_text()) - int(Path(current).read_text())
        except (OSError, ValueError):  # no container, or one without a limit ("max")
            continue
        free.append(max(unused + _read_statistic(Path(statistics), cached_files), 0))
    return min(free)


def _read_statistic(path: Path, name: str) -> int:
    """A number from a file with lines of a name and a number; 0 if it is missing."""
    with suppress(OSError):
        for line in path.read_text().splitlines():
            if line.startswith(f"{name} "):
                return int(line.split()[1])
    return 0


def measure_peak_memory(call: Callable[[], object]) -> int:
    """Peak growth of this process in bytes while it runs ``call``, sampled every 5 ms.

    Freed memory that the process has kept (``malloc.keep_freed_memory``) is returned to the system first: its reuse
    would not show.
    """
    trim_memory()
    process = psutil.Process()
    before = int(process.memory_info().rss)
    finished, peak = threading.Event(), [before]

    def watch() -> None:
        while not finished.wait(0.005):
            peak[0] = max(peak[0], int(process.memory_info().rss))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    with CleanUp(finished.set, watcher.join):
        call()
    return max(peak[0], int(process.memory_info().rss)) - before


def free_cached_memory(torch_device: torch.device | None = None) -> None:
    """Returns unused memory to the system: objects in reference cycles, the heap and the device's cache.

    Args:
        torch_device: The device; None: the processor.
    """
    gc.collect()
    trim_memory()
    if torch_device is None or torch_device.type == "cpu":
        return
    import torch

    if torch_device.type == "mps":
        torch.mps.empty_cache()
    if torch_device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(torch_device)
