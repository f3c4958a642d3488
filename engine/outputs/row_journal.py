"""Stores the finished rows of a run on disk, so that an interrupted run can continue.

Rows are appended, uncompressed, to a flat file beside each output. A state counts the finished rows of all files,
see ``journal_state``. Rows are synced to disk before the state counts them, and the state is replaced atomically:
after a kill, a power cut or a full disk the state is correct, and bytes after its last row are cut off. (An
unfinished GeoTIFF is not an alternative: GDAL writes blocks in an order that depends on a cache shared with readers.)
"""

from __future__ import annotations

import os
import queue
import shutil
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.clean_up import CleanUp
from ..contract.errors import JobError, RasterError, format_bytes
from ..contract.output_files import lock_output, remove_parts, rows_path, write_error_message
from ..contract.strict_json import json_digest
from ..contract.translation import tr
from .journal_state import (
    State,
    count_dropped_rows,
    names_of,
    read_state,
    remove_earlier,
    stored_row_files,
    write_state,
)

#: Maximum number of strips in the queue; ``append`` waits while it is full.
_QUEUE_SIZE = 1

#: Copies of strips are allocated in multiples of so many rows.
_ROW_STEP = 64

#: Disk space of a run as a multiple of its rows: for the rows, their overviews and the GeoTIFF.
_SPACE_FACTOR = 1.4

Rows = NDArray[Any]


@dataclass(frozen=True)
class RowFile:
    """The rows of one output.

    Attributes:
        path: The output; the rows are beside it, see ``output_files.rows_path``.
        width: Values per row.
        dtype: Type of the values; little-endian on disk.
    """

    path: str
    width: int
    dtype: np.dtype[Any]

    @property
    def row_bytes(self) -> int:
        """Bytes of a row on disk."""
        return self.width * self.dtype.itemsize


class Journal(AbstractContextManager["Journal"]):
    """Appends rows to the flat files of all outputs in a thread, and finds the rows of an earlier run.

    At the end of the ``with`` block the files are removed. After an exception they are kept for a restart of the
    same run, if any row is finished. The rows of another run are removed when the first row is appended.

    Args:
        row_files: The outputs; their rows are finished together.
        height: Total number of rows of each output.
        key: Everything that determines the rows, JSON-able. Rows with another key are not used.
        keep: Whether to keep the files without an exception, too.

    Attributes:
        rows: Number of finished rows of an earlier run with the same key.
        notes: The notes of that run; empty if there is none.
        dropped: Number of finished rows of a run with another key or other outputs, which the first row replaces.
        height: Total number of rows of each output.

    Raises:
        JobError: If another run is writing the same output, or the disk has too little space.
        RasterError: If the files cannot be written.
    """

    def __init__(
        self, row_files: Sequence[RowFile], height: int, key: Mapping[str, Any], keep: bool = False
    ) -> None:
        self._row_files = tuple(row_files)
        self.height = height
        self._keep = keep
        self._outputs = [row_file.path for row_file in row_files]
        self._names = names_of(self._outputs)
        widths = [(row_file.width, str(row_file.dtype)) for row_file in row_files]
        self._key = json_digest([key, height, widths, self._names])
        self._has_begun = False
        self.rows = 0
        self.dropped = 0
        self.notes = dict[str, Any]()
        self._queue: queue.Queue[tuple[list[Rows], dict[str, Any]] | None] = queue.Queue(
            _QUEUE_SIZE
        )
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        self._files: list[FileIO] = []
        with CleanUp() as stack:
            try:
                self._open(stack)
            except OSError as error:
                raise self._write_error(error) from error
            self._resources = stack.pop_all()

    @property
    def kept(self) -> int:
        """Number of rows on disk, including rows of an earlier run."""
        return self._done

    def note(self, **values: Any) -> None:
        """Adds notes about the following rows, JSON-able; the state stores them for the next run."""
        self.notes = {**self.notes, **values}

    def append(self, parts: Sequence[Rows]) -> None:
        """Appends finished rows (h, width), one array per output; the arrays may be reused after the call.

        Raises:
            RasterError: If earlier rows could not be written.
        """
        self._check()
        self._begin()
        if self._thread is None:
            thread = threading.Thread(target=self._write_all, name="journal", daemon=True)
            thread.start()  # without memory it cannot: then there is none to wait for
            self._thread = thread
        kinds = [row_file.dtype.newbyteorder("<") for row_file in self._row_files]
        copies = [_copy(part, kind) for part, kind in zip(parts, kinds, strict=True)]
        self._queue.put((copies, self.notes))

    def finish(self) -> list[Path]:
        """Waits until all rows are on disk, and returns the flat file of each output.

        Raises:
            RasterError: If rows could not be written.
            ValueError: If rows are missing.
        """
        self._begin()
        paths = [self._file(row_file) for row_file in self._row_files]
        self._stop()
        self._check()
        try:
            self._close_files()
            sizes = [path.stat().st_size for path in paths]
        except OSError as error:
            raise self._write_error(error) from error
        for row_file, path, size in zip(self._row_files, paths, sizes):
            if size != self.height * row_file.row_bytes:
                raise ValueError(tr("{} does not hold {} rows.").format(path, self.height))
        return paths

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._resources.callback(self._discard_rows, kind is not None)
        self._resources.callback(self._close_files)
        self._resources.callback(self._stop)  # what is added last is called first
        self._resources.__exit__(kind, error, traceback)

    def _discard_rows(self, has_failed: bool) -> None:
        """Removes the files at the end, but for finished rows that a later run can use."""
        is_owner = self._has_begun or self.rows > 0
        if is_owner and (self._done == 0 or not (has_failed or self._keep)):
            with suppress(OSError):  # a later run removes them, with the state that names them
                remove_earlier(self._outputs)
                for output in self._outputs:
                    remove_parts(output)

    def _open(self, stack: CleanUp) -> None:
        """Locks the outputs and looks for finished rows; changes no file."""
        for output in self._outputs:
            stack.enter_context(lock_output(output))
        state = read_state(self._outputs[0])
        if state and state.key == self._key and self._is_whole(state.rows):
            self.rows, self.notes = state.rows, dict(state.notes)
        else:
            self.dropped = count_dropped_rows(self._outputs, self._key)
        self._done = self._written = self.rows
        self._check_space()

    def _is_whole(self, rows: int) -> bool:
        """Whether this number of rows of all outputs is on disk."""
        sizes = [(self._file(row_file), rows * row_file.row_bytes) for row_file in self._row_files]
        is_stored = all(path.is_file() and path.stat().st_size >= size for path, size in sizes)
        return is_stored and 0 < rows <= self.height

    def _file(self, row_file: RowFile) -> Path:
        return rows_path(row_file.path, self._key)

    def _begin(self) -> None:
        """Opens the flat files before the first row is written, and cuts off bytes after the finished rows."""
        if self._has_begun:
            return
        self._has_begun = True
        try:
            if not self.rows:
                remove_earlier(self._outputs)  # first, which frees space for the state
                write_state(self._outputs[0], State(self._key, 0, self._names))
            for row_file in self._row_files:
                # Unbuffered: after a full disk, closing would write a buffer once more.
                file = self._file(row_file).open("ab", buffering=0)
                self._files.append(file)
                file.truncate(self.rows * row_file.row_bytes)
        except OSError as error:
            raise self._write_error(error) from error

    def _check_space(self) -> None:
        """Refuses a run that would fill the disk."""
        needs, folders = defaultdict[int, float](float), dict[int, Path]()
        for row_file in self._row_files:
            folder = Path(row_file.path).parent.absolute()
            disk = folder.stat().st_dev
            needs[disk] += self.height * _SPACE_FACTOR * row_file.row_bytes
            folders[disk] = folder
        for path in stored_row_files(self._outputs[:1] if self.rows else self._outputs):
            needs[path.stat().st_dev] -= path.stat().st_size
        for disk, folder in folders.items():
            space = shutil.disk_usage(folder)
            if (
                space.total and space.free < needs[disk]
            ):  # some network disks report 0 bytes in total
                raise JobError(
                    tr(
                        "The disk of {} has {} free, and the run needs about {}: free some, or choose "
                        "another folder."
                    ).format(folder, format_bytes(space.free), format_bytes(needs[disk]))
                )

    def _write_all(self) -> None:
        """Runs in the thread: writes strips until None; after an error it discards them."""
        while (item := self._queue.get()) is not None:
            if self._error is None:
                try:
                    self._write(*item)
                except BaseException as error:  # raised by the next ``append`` or ``finish``
                    self._error = error

    def _write(self, parts: list[Rows], notes: dict[str, Any]) -> None:
        # A scene of one strip is soon computed again. Waiting for the disk twice would take longer for many of them.
        is_counted = self._keep or len(parts[0]) < self.height
        for file, part in zip(self._files, parts):
            rest = part.data.cast("B") if part.size else memoryview(b"")
            while rest:
                rest = rest[file.write(rest) :]
            if is_counted:
                os.fsync(file.fileno())
        self._written += len(parts[0])
        if is_counted and write_state(
            self._outputs[0], State(self._key, self._written, self._names, notes)
        ):
            self._done = self._written

    def _stop(self) -> None:
        """Waits until the queue is written."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def _close_files(self) -> None:
        CleanUp(*(file.close for file in self._files)).close()

    def _check(self) -> None:
        if isinstance(self._error, OSError):
            raise self._write_error(self._error)
        if self._error is not None:
            raise self._error

    def _write_error(self, error: OSError) -> RasterError:
        return RasterError(write_error_message(tr("raster"), self._outputs[0], error))


def _copy(rows: Rows, kind: np.dtype[Any]) -> Rows:
    """A copy of the rows; allocations of a few fixed sizes avoid heap fragmentation."""
    height = -(-len(rows) // _ROW_STEP) * _ROW_STEP
    copy: Rows = np.empty((height, *rows.shape[1:]), kind)[: len(rows)]
    np.copyto(copy, rows, casting="equiv")
    return copy
