"""Lack of memory: the check at a run's start, the errors that mean it; and the event that reports an exception.

Standard library only: an error is reported where no library can be loaded any more.
"""

from __future__ import annotations

import errno
import mmap
import os
import re
import sys
import traceback
from contextlib import suppress

from ..contract.errors import EngineError
from ..contract.protocol import Failed
from ..contract.translation import tr, tr_noop

_OUT_OF_MEMORY = tr_noop(
    "There is not enough memory. Close other programs, or try a smaller batch size; for training, a "
    "smaller tile size or encoder helps too."
)

#: Bytes that must be free at the start: with less, a library such as OpenBLAS ends the process without an error.
_START_BYTES = 192 * 2**20

#: Memory that nothing uses, released for the report of an error.
_reserve = [bytearray(8 * 2**20)]

#: Messages of out-of-memory errors in lower case: PyTorch on CPU and GPU, cuDNN, ONNX Runtime, Windows, and
#: Python's threads.
_OUT_OF_MEMORY_MESSAGES = (
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
    "paging file is too small",
    "can't start new thread",
)
#: oneDNN, PyTorch's CPU backend, gives no reason. A failed *descriptor* of a primitive has other reasons, such as a data
#: type that the processor does not support.
_ONEDNN = re.compile(r"could not (?:create|execute) a (?:primitive(?! descriptor)|memory)")

#: A library that could not be loaded: there is too little memory, or programs may not run from its disk.
_NOT_MAPPED = "failed to map segment"


def check_memory() -> None:
    """Makes sure that there is memory to load the libraries of a run.

    Raises:
        MemoryError: If there is not.
    """
    if _is_memory_short():
        raise MemoryError


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of any library means that memory ran out."""
    torch = sys.modules.get("torch")  # whose errors need not be known before it is loaded
    if isinstance(error, (MemoryError, torch.OutOfMemoryError) if torch else MemoryError):
        return True
    # The errors of ONNX Runtime have no common base class.
    is_onnxruntime = type(error).__module__.split(".")[0] == "onnxruntime"
    if not is_onnxruntime and not isinstance(error, (RuntimeError, OSError, ImportError)):
        return False
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    text = str(error).lower()
    if _NOT_MAPPED in text:
        return not _forbids_programs(sys.prefix)
    return any(part in text for part in _OUT_OF_MEMORY_MESSAGES) or bool(_ONEDNN.search(text))


def failed_event(error: Exception) -> Failed:
    """The event for an exception; only a defect of the engine has details."""
    _reserve.clear()
    if isinstance(error, EngineError):
        return Failed(str(error))
    if is_out_of_memory(error) or _is_memory_short():
        return Failed(tr(_OUT_OF_MEMORY))
    text = tr(
        "DualStream's engine has a defect: {}: {}. Please report it with the lines below."
    ).format(type(error).__name__, error)
    return Failed(text, "".join(traceback.format_exception(error)))


def _is_memory_short() -> bool:
    try:
        mmap.mmap(-1, _START_BYTES).close()  # reserved, but not used
    except OSError:
        return True
    return False


def _forbids_programs(folder: str) -> bool:
    """Whether no program may run from the disk of a folder (noexec)."""
    with suppress(OSError, AttributeError):  # Windows has no such disks
        return bool(os.statvfs(folder).f_flag & os.ST_NOEXEC)
    return False
