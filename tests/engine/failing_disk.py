"""A disk that fails at one operation of a run, and from then on at every clean-up."""

from __future__ import annotations

import builtins
import errno
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

#: Errors of a file system: read-only, full, without permission, broken.
ERRORS = (errno.EROFS, errno.ENOSPC, errno.EACCES, errno.EIO)

#: What the system says of the operation that fails first, and of the clean-ups that fail after it.
FIRST, LATER = "the first failure", "a later failure"


class FailingDisk:
    """Replaces the operations of Python that change files below a folder.

    Writing is to open a file for that, to write, to replace, to flush, and to create a folder. Clean-up is to remove
    files and folders, and to close the files that runs keep open: locks and rows.

    Attributes:
        writes: Number of operations that write, since ``begin``.
    """

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._folder = str(folder)
        self._open = io.open
        self.begin()
        for module in (io, builtins):
            patch.setattr(module, "open", self._opened)
        for name in ("replace", "mkdir", "fsync"):
            patch.setattr(os, name, self._writing(getattr(os, name)))
        patch.setattr(os, "open", self._low_opened(os.open))
        for name in ("unlink", "remove", "rmdir"):
            patch.setattr(os, name, self._removing(getattr(os, name)))

    def begin(self, at: int = 0, later: int = 0, fails: bool = True) -> None:
        """Starts to count anew.

        Args:
            at: An operation that writes, counted from 1; 0: none.
            later: The error number of all clean-ups after it; 0: they succeed.
            fails: Whether that operation fails too.
        """
        self.writes, self._at, self._later, self._fails = 0, at, later, fails
        self._has_begun = False

    def count_write(self) -> None:
        """Counts an operation that writes, and raises the error if it is the one that fails."""
        self.writes += 1
        if self.writes == self._at:
            self._has_begun = True
            if self._fails:
                raise OSError(errno.ENOSPC, FIRST)

    def clean(self) -> None:
        """Raises the error of a clean-up."""
        if self._has_begun and self._later:
            raise OSError(self._later, LATER)

    def _is_here(self, path: Any) -> bool:
        return isinstance(path, (str, os.PathLike)) and os.fspath(path).startswith(self._folder)

    def _opened(self, file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
        if self._is_here(file) and set(mode) & set("wax+"):
            self.count_write()
            opened = self._open(file, mode, *rest, **options)
            return _KeptFile(opened, self) if "a" in mode else opened
        return self._open(file, mode, *rest, **options)

    def _low_opened(self, call: Callable[..., int]) -> Callable[..., int]:
        def opened(path: Any, flags: int, *rest: Any, **options: Any) -> int:
            if self._is_here(path) and flags & (os.O_WRONLY | os.O_RDWR):
                self.count_write()
            return call(path, flags, *rest, **options)

        return opened

    def _writing(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def write(path: Any, *rest: Any, **options: Any) -> Any:
            if isinstance(path, int) or self._is_here(path):
                self.count_write()
            return call(path, *rest, **options)

        return write

    def _removing(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def remove(path: Any, *rest: Any, **options: Any) -> Any:
            if options.get("dir_fd") is not None or self._is_here(path):
                self.clean()
            return call(path, *rest, **options)

        return remove


class _KeptFile:
    """A file that a run keeps open, which fails to write or to close with its disk."""

    def __init__(self, file: Any, disk: FailingDisk) -> None:
        self._file, self._disk = file, disk

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> _KeptFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, data: Any) -> Any:
        """Writes."""
        self._disk.count_write()
        return self._file.write(data)

    def close(self) -> None:
        """Closes the file, and fails only then, as the system does."""
        if not self._file.closed:
            self._file.close()
            self._disk.clean()
