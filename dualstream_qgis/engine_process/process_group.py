"""Ends a process together with all processes that it has started, even after it has ended itself. Free of Qt.

On Linux and macOS the process leads a process group. On Windows it belongs to a job object, which the system closes
with QGIS, however QGIS ends: then nothing of it stays.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess  # nosec B404
import sys
from pathlib import Path
from typing import Any

_WINDOWS = sys.platform == "win32"

#: Numbers of the Windows API: the limit that ends a job's processes with its last handle, the structure below, and
#: the rights to put a process into a job (PROCESS_SET_QUOTA, PROCESS_TERMINATE).
_KILL_ON_JOB_CLOSE, _EXTENDED_LIMITS, _JOB_RIGHTS = 0x2000, 9, 0x0100 | 0x0001


class _BasicLimits(ctypes.Structure):
    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("least_working_set", ctypes.c_size_t),
        ("most_working_set", ctypes.c_size_t),
        ("processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
    )


class JobLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION of the Windows API."""

    _fields_ = (
        ("basic", _BasicLimits),
        ("transferred", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


class ProcessGroup:
    """A process and all that it starts.

    Args:
        process: The process; on Linux and macOS the leader of a process group.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._kernel: Any = _kernel32() if _WINDOWS else None
        self._job = _new_job(self._kernel, process.pid) if _WINDOWS else None

    def kill(self) -> None:
        """Kills all of it; once, and before the process is reaped: then its id may belong to another one."""
        if not _WINDOWS:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                # The group has ended already; macOS reports EPERM then.
                return
        elif self._job is not None:
            self._kernel.TerminateJobObject(self._job, 1)
            self._kernel.CloseHandle(self._job)
        elif self._process.poll() is None:
            _kill_tree(self._process)


def _kernel32() -> Any:
    """Returns the Windows API, with types of 64 bits for handles."""
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined]
    handle, number, flag = ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int
    for function, result, arguments in (
        ("CreateJobObjectW", handle, (handle, ctypes.c_wchar_p)),
        ("SetInformationJobObject", flag, (handle, flag, handle, number)),
        ("OpenProcess", handle, (number, flag, number)),
        ("AssignProcessToJobObject", flag, (handle, handle)),
        ("TerminateJobObject", flag, (handle, number)),
        ("CloseHandle", flag, (handle,)),
    ):
        getattr(kernel, function).restype = result
        getattr(kernel, function).argtypes = arguments
    return kernel


def _new_job(kernel: Any, pid: int) -> int | None:
    """Returns the handle of a new job object with a process in it, None if Windows refuses."""
    limits = JobLimits()
    limits.basic.flags = _KILL_ON_JOB_CLOSE
    job = kernel.CreateJobObjectW(None, None)
    process = kernel.OpenProcess(_JOB_RIGHTS, 0, pid)
    is_set = kernel.SetInformationJobObject(
        job, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)
    )
    is_assigned = is_set and kernel.AssignProcessToJobObject(job, process)
    kernel.CloseHandle(process)
    if is_assigned:
        return int(job)
    kernel.CloseHandle(job)
    return None


def _kill_tree(process: subprocess.Popen[str]) -> None:
    taskkill = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "taskkill.exe")
    subprocess.run(  # nosec B603
        [str(taskkill), "/T", "/F", "/PID", str(process.pid)],
        capture_output=True,
        check=False,
        creationflags=subprocess.CREATE_NO_WINDOW,  # type: ignore[attr-defined]
    )
    process.kill()
