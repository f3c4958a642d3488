"""Ends this process at once, without the clean-up of Python and of libraries. Standard library only: it must load fast."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def end_process(exit_code: int) -> NoReturn:
    """Ends this process; buffered output that was not flushed is lost.

    Args:
        exit_code: The exit code.
    """
    if sys.platform == "win32":
        # os._exit lets every DLL clean up while its threads are dead already; CUDA and OpenMP may hang in that.
        import ctypes

        kernel = ctypes.WinDLL("kernel32")
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        kernel.TerminateProcess.argtypes = (ctypes.c_void_p, ctypes.c_uint)
        kernel.TerminateProcess(kernel.GetCurrentProcess(), exit_code)
    os._exit(exit_code)
