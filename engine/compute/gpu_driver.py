"""Checks whether this machine may have a GPU that torch can use, without torch, which takes seconds to load."""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import subprocess  # always a list, never a shell  # nosec B404
import sys
from importlib.util import find_spec
from pathlib import Path

#: Files that the drivers of NVIDIA, AMD and Windows' subsystem for Linux make.
_DEVICE_FILES = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")

#: Libraries that the drivers of NVIDIA and AMD install on Windows.
_WINDOWS_LIBRARIES = ("nvcuda.dll", "amdhip64*.dll")


def may_have_gpu() -> bool:
    """Whether torch is worth asking for a GPU: it is loaded already, or it is installed and there is a driver."""
    return sys.modules.get("torch") is not None or (_has_driver() and has_torch())


def has_torch() -> bool:
    """Whether torch is installed; a light engine has none."""
    return find_spec("torch") is not None


def gpu_driver() -> str:
    """The version of the NVIDIA driver; empty without one."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return ""
    query = [command, "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        result = subprocess.run(  # a list, never a shell  # nosec B603
            query, capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return result.stdout.split("\n")[0].strip()


def _has_driver() -> bool:
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    if sys.platform == "win32":
        folder = Path(os.environ.get("SYSTEMROOT", "C:/Windows"), "System32")
        return any(True for name in _WINDOWS_LIBRARIES for _ in folder.glob(name))
    return any(Path(path).exists() for path in _DEVICE_FILES) or _loads("libcuda.so.1")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
