"""Measures how a folder grows while uv, which reports nothing then, downloads into it. Free of Qt."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

#: Shortest time between two measurements, s; a large folder is measured less often.
PERIOD = 1.0
#: A measurement may take this share of the time.
SHARE = 0.2


class FolderGrowth:
    """Measures folders in a thread; a context manager.

    Args:
        folders: The folders; they need not exist yet.

    Attributes:
        grown: Bytes that were added since the start.
    """

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._measure, daemon=True)
        self.grown = 0

    def __enter__(self) -> FolderGrowth:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()

    def _measure(self) -> None:
        before = -1
        while True:
            begin = time.monotonic()
            size = sum(folder_size(folder) for folder in self._folders)
            before = size if before < 0 else before
            self.grown = max(self.grown, size - before)
            if self._end.wait(max(PERIOD, (time.monotonic() - begin) / SHARE)):
                return


def folder_size(folder: Path) -> int:
    """Returns the bytes of all files in a folder; 0 if it does not exist."""
    # os.walk leaves out folders that uv renames meanwhile.
    return sum(_file_size(Path(path, name)) for path, _, names in os.walk(folder) for name in names)


def _file_size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
