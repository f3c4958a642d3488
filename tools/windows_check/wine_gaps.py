"""Fills gaps of Wine 10; lies as ``sitecustomize.py`` in the Python for Windows, which imports it at each start.

Without these a library does not load or a lock is not seen, so nothing of ours could be tried. On Windows itself all of
it is there. Gaps that only some tests meet are left, and named in ``lacks.py``.
"""

from __future__ import annotations

import ctypes
import errno
import msvcrt
import os
from typing import Any

#: Functions of ucrtbase.dll that end the process under Wine, which NumPy calls, and their code for x86-64: real and
#: imaginary part of a complex number. Two floats come in one register, two doubles by their address.
_REAL, _IMAGINARY = "f20f1001c3", "f20f104108c3"
_COMPLEX_PARTS = {
    b"crealf": "660f6ec1c3",
    b"cimagf": "48c1e920660f6ec1c3",
    b"creall": _REAL,
    b"cimag": _IMAGINARY,
    b"cimagl": _IMAGINARY,
}

#: PAGE_EXECUTE_READWRITE of the Windows API.
_WRITABLE_CODE = 0x40


def _write_code() -> None:
    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined]
    kernel.GetModuleHandleW.restype = kernel.GetProcAddress.restype = ctypes.c_void_p
    kernel.GetProcAddress.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    size, number, pointer = ctypes.c_size_t, ctypes.c_uint32, ctypes.c_void_p
    kernel.VirtualProtect.argtypes = [pointer, size, number, pointer]
    library = kernel.GetModuleHandleW("ucrtbase.dll")
    for name, text in _COMPLEX_PARTS.items():
        code, address = bytes.fromhex(text), kernel.GetProcAddress(library, name)
        before = number()
        kernel.VirtualProtect(address, len(code), _WRITABLE_CODE, ctypes.byref(before))
        ctypes.memmove(address, code, len(code))


def _give_locks_their_error() -> None:
    """Wine's ``_locking`` fails without an error number where another process holds the lock; Windows says EACCES."""
    locking = msvcrt.locking  # type: ignore[attr-defined]

    def locking_as_windows(*arguments: Any) -> None:
        try:
            locking(*arguments)
        except OSError as error:
            raise OSError(error.errno or errno.EACCES, "Permission denied") from error

    msvcrt.locking = locking_as_windows  # type: ignore[attr-defined]


_write_code()
_give_locks_their_error()
# Intel's OpenMP, which torch brings, ends the process where GetNumaNodeProcessorMaskEx is missing.
os.environ.setdefault("KMP_AFFINITY", "disabled")
