"""How much memory there is, what a forward pass takes of it, and whether an error says it is gone."""

from __future__ import annotations

import gc
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import torch

from .malloc import trim_memory

#: What errors say of memory that could not be had, in small letters: PyTorch's on CPU and GPU, cuDNN's,
#: ONNX Runtime's and OpenVINO's. oneDNN, which computes for PyTorch on processors, does not name the reason; one
#: that it has for a primitive's *descriptor* is another, such as a type that the processor does not know.
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
_ONEDNN = re.compile(r"could not (?:create|execute) a (?:primitive(?! descriptor)|memory)")

#: Where Linux keeps a container's limit, its current use and what that consists of; and what there is called
#: the part that the system drops when memory is wanted: files read earlier. Of both generations of cgroups.
_CONTAINERS = (
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


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that memory ran out, whichever library raised it."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    # ONNX Runtime's errors have nothing in common but where they come from.
    is_library = isinstance(error, (RuntimeError, OSError)) or _is_of("onnxruntime", error)
    text = str(error).lower()
    is_said = any(sign in text for sign in _SIGNS) or _ONEDNN.search(text) is not None
    return is_library and is_said


def _is_of(package: str, error: BaseException) -> bool:
    """Whether a package defines the error's class."""
    return type(error).__module__.split(".")[0] == package


def free_memory() -> int:
    """Bytes that this process can still use without swapping, in a container too.

    What the process has from the system and does not use is given back, so that it counts as free, once.
    """
    trim_memory()
    free = [int(psutil.virtual_memory().available)]
    for maximum, current, parts, reclaimable in _CONTAINERS:
        try:
            left = int(Path(maximum).read_text()) - int(Path(current).read_text())
        except (OSError, ValueError):  # no container, or one without a limit ("max")
            continue
        free.append(max(left + _part(Path(parts), reclaimable), 0))
    return min(free)


def _part(report: Path, name: str) -> int:
    """A number of a report whose lines are names and numbers; 0 if it is not there."""
    with suppress(OSError):
        for line in report.read_text().splitlines():
            if line.startswith(f"{name} "):
                return int(line.split()[1])
    return 0


def measure_peak_memory(call: Callable[[], object]) -> int:
    """Bytes that this process grows by at most while it runs ``call``, looked at every few milliseconds.

    What it has kept for itself (``malloc.keep_freed_memory``) is given back first: using that again would not
    show.
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
    try:
        call()
    finally:
        finished.set()
        watcher.join()
    return max(peak[0], int(process.memory_info().rss)) - before


def free_cached_memory(torch_device: torch.device) -> None:
    """Gives back what nothing uses any more: what an error holds on to, a device's cache, a free heap."""
    gc.collect()
    trim_memory()
    if torch_device.type == "mps":
        torch.mps.empty_cache()
    if torch_device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(torch_device)
