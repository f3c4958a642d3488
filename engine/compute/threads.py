"""The number of threads that one forward pass uses."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped]

_TOPOLOGY = "/sys/devices/system/cpu/cpu{}/topology"


def thread_count() -> int:
    """The number of torch's threads if torch is loaded, else the number that torch would choose.

    That is the first number of ``OMP_NUM_THREADS``, at most the physical cores of the machine, or else the number of
    those that this process may use.
    """
    if (torch := sys.modules.get("torch")) is not None:
        return int(torch.get_num_threads())
    requested = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    if requested.isdigit() and int(requested):
        return min(int(requested), _physical_cores(of_process=False))
    return _physical_cores(of_process=True)


def set_thread_count(count: int) -> None:
    """Sets the number of torch's threads for the calling thread, if torch is loaded."""
    if (torch := sys.modules.get("torch")) is not None:
        torch.set_num_threads(count)


def _physical_cores(*, of_process: bool) -> int:
    """The number of the machine's physical cores, or of those that this process may use, where that is known."""
    if not hasattr(os, "sched_getaffinity"):  # not Linux
        return psutil.cpu_count(logical=False) or os.cpu_count() or 1
    logical = os.sched_getaffinity(0) if of_process else range(os.cpu_count() or 1)
    return len({_physical_core(number) for number in logical})


def _physical_core(logical: int) -> tuple[str, ...]:
    """The package and number of the core of a logical processor; the processor itself if they are unknown."""
    folder = Path(_TOPOLOGY.format(logical))
    try:
        return tuple((folder / name).read_text() for name in ("physical_package_id", "core_id"))
    except OSError:
        return (str(logical),)
