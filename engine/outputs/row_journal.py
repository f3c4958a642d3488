"""The finished rows of a run on disk: an interrupted run goes on where it was.

Beside every output its rows are appended, uncompressed, to a flat file; a state says how many rows of all of
them are finished, see ``journal_state``. Rows reach the disk before the state counts them, and the state is replaced
in one step, so that after a kill, a power cut or a full disk the state tells the truth, and what lies behind its
rows is cut off. (A GeoTIFF being written is neither safe nor the same twice: GDAL writes its blocks in an order
that depends on a cache that it shares with the readers.)
"""

from __future__ import annotations

import os
import queue
import shutil
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract.errors import JobError, RasterError
from ..contract.file_lock import try_lock
from ..contract.output_files import (
    lock_path,
    remove_empty_folders,
    remove_parts,
    rows_of,
    write_error_message,
)
from ..contract.strict_json import json_digest
from .journal_state import (
    State,
    count_lost_rows,
    names_of,
    read_state,
    remove_earlier,
    stored_row_files,
    write_state,
)

#: Strips that may wait for the disk before ``append`` waits too.
_WAITING = 1

#: Copies of rows have room for a multiple of so many.
_ROUND = 64

#: What a run needs on the disk as a multiple of its rows: themselves, their overviews, the GeoTIFF.
_SPACE = 1.4

Rows = NDArray[Any]


@dataclass(frozen=True)
class RowFile:
    """The rows of one output.

    Attributes:
        path: The output; its rows lie beside it, see ``output_files.rows_of``.
        width: Values in a row.
        dtype: Their type; on disk the low byte comes first.
    """

    path: str
    width: int
    dtype: np.dtype[Any]

    @property
    def row_bytes(self) -> int:
        """What a row takes on disk."""
        return self.width * self.dtype.itemsize


class Journal(AbstractContextManager["Journal"]):
    """Appends rows to the flat files of all tracks in a thread of its own, and knows those of earlier runs.

    As a context manager it removes its files at the end of the block. After an exception they stay, for the same
    run started again, unless no row is finished. What another run has kept stays until the first row comes.

    Args:
        row_files: What is written; their rows are finished together.
        height: Rows of each in the end.
        key: Everything that determines the rows, JSON-able. Rows of another key are not used.
        keep: Whether the files stay without an exception too.

    Attributes:
        rows: The finished rows of an earlier run with the same key; 0 if there are none.
        notes: What that run noted; empty if there was none.
        dropped: The finished rows of a run with another key or other outputs, which the first row replaces.
        height: As given.

    Raises:
        JobError: If another run is writing the same output, or the disk has clearly not enough space.
        RasterError: If the files cannot be written.
    """

    def __init__(
        self, row_files: Sequence[RowFile], height: int, key: Mapping[str, Any], keep: bool = False
    ) -> None:
        self._tracks, self.height, self._keep = tuple(row_files), height, keep
        self._outputs = [row_file.path for row_file in row_files]
        self._names = names_of(self._outputs)
        widths = [(row_file.width, str(row_file.dtype)) for row_file in row_files]
        self._key = json_digest([key, height, widths, self._names])
        self._is_begun = False
        self.rows, self.dropped, self.notes = 0, 0, dict[str, Any]()
        self._queue: queue.Queue[tuple[list[Rows], dict[str, Any]] | None] = queue.Queue(_WAITING)
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        self._files: list[FileIO] = []
        with ExitStack() as stack:
            try:
                self._open(stack)
            except OSError as error:
                raise self._unwritten(error) from error
            self._places = stack.pop_all()

    @property
    def kept(self) -> int:
        """The rows that are on disk by now, those of an earlier run too."""
        return self._done

    def note(self, **values: Any) -> None:
        """Notes how the rows that follow are made, JSON-able; kept with them for the next run."""
        self.notes = {**self.notes, **values}

    def append(self, parts: Sequence[Rows]) -> None:
        """Adds finished rows (h, width), one array a track; the arrays may be used again right after.

        Raises:
            RasterError: If these or earlier ones could not be written.
        """
        self._check()
        self._begin()
        if self._thread is None:
            self._thread = threading.Thread(target=self._write_all, name="journal", daemon=True)
            self._thread.start()
        kinds = [row_file.dtype.newbyteorder("<") for row_file in self._tracks]
        copies = [_copy(part, kind) for part, kind in zip(parts, kinds, strict=True)]
        self._queue.put((copies, self.notes))

    def finish(self) -> list[Path]:
        """Waits for the disk; the flat files, one a track, each of ``height`` rows.

        Raises:
            RasterError: If rows could not be written.
            ValueError: If rows are missing.
        """
        self._begin()
        self._stop()
        self._check()
        paths = [self._file(row_file) for row_file in self._tracks]
        for row_file, path in zip(self._tracks, paths):
            if path.stat().st_size != self.height * row_file.row_bytes:
                raise ValueError(f"{path} does not hold {self.height} rows.")
        return paths

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._places:
            self._stop()
            is_ours = self._is_begun or self.rows > 0
            if is_ours and (self._done == 0 or (kind is None and not self._keep)):
                remove_earlier(self._outputs)
                for output in self._outputs:
                    remove_parts(output)

    def _open(self, stack: ExitStack) -> None:
        """Locks the outputs and looks for finished rows, changing nothing."""
        for output in self._outputs:
            folder = Path(output).parent
            stack.enter_context(remove_empty_folders(folder))
            folder.mkdir(parents=True, exist_ok=True)
            if not stack.enter_context(try_lock(lock_path(output))):
                raise JobError(
                    f"Another run is writing {output}: wait until it ends, or choose another name."
                )
        state = read_state(self._outputs[0])
        if state and state.key == self._key and self._is_whole(state.rows):
            self.rows, self.notes = state.rows, dict(state.notes)
        else:
            self.dropped = count_lost_rows(self._outputs, self._key)
        self._done = self._written = self.rows
        self._check_space()

    def _is_whole(self, rows: int) -> bool:
        """Whether so many rows of all tracks are on disk."""
        sizes = [(self._file(row_file), rows * row_file.row_bytes) for row_file in self._tracks]
        is_there = all(path.is_file() and path.stat().st_size >= size for path, size in sizes)
        return is_there and 0 < rows <= self.height

    def _file(self, row_file: RowFile) -> Path:
        return rows_of(row_file.path, self._key)

    def _begin(self) -> None:
        """Opens the flat files before the first row comes, and cuts off what lies behind our rows."""
        if self._is_begun:
            return
        self._is_begun = True
        try:
            if not self.rows:
                remove_earlier(self._outputs)  # on a full disk the old rows make room for the state
                write_state(self._outputs[0], State(self._key, 0, self._names))
            for row_file in self._tracks:
                # Unbuffered: a buffer that met a full disk would be written once more on closing.
                file = self._places.enter_context(self._file(row_file).open("ab", buffering=0))
                self._files.append(file)
                file.truncate(self.rows * row_file.row_bytes)
        except OSError as error:
            raise self._unwritten(error) from error

    def _check_space(self) -> None:
        """Refuses a run that would fill the disk after hours of work."""
        needs: dict[int, float] = {}
        folders = {}
        for row_file in self._tracks:
            folder = Path(row_file.path).parent.absolute()
            disk = folder.stat().st_dev
            needs[disk] = needs.get(disk, 0) + self.height * _SPACE * row_file.row_bytes
            folders[disk] = folder
        used = self._outputs[:1] if self.rows else self._outputs
        for path in stored_row_files(used):
            if (disk := path.stat().st_dev) in needs:
                needs[disk] -= path.stat().st_size
        for disk, folder in folders.items():
            space = shutil.disk_usage(folder)
            if space.total and space.free < needs[disk]:  # some network disks tell nothing
                raise JobError(
                    f"The disk of {folder} has {_size(space.free)} free, and the run needs about "
                    f"{_size(needs[disk])}: free some, or choose another folder."
                )

    def _write_all(self) -> None:
        """The thread: takes strips until told to end; after an error it only takes them."""
        while (item := self._queue.get()) is not None:
            if self._error is None:
                try:
                    self._write(*item)
                except BaseException as error:  # raised where the caller can see it
                    self._error = error

    def _write(self, parts: list[Rows], notes: dict[str, Any]) -> None:
        for file, part in zip(self._files, parts):
            left = part.data.cast("B") if part.size else memoryview(b"")
            while left:
                left = left[file.write(left) :]
            os.fsync(file.fileno())
        self._written += len(parts[0])
        if write_state(self._outputs[0], State(self._key, self._written, self._names, notes)):
            self._done = self._written

    def _stop(self) -> None:
        """Waits for the strips that were appended, and closes the files."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None
        for file in self._files:
            file.close()

    def _check(self) -> None:
        if isinstance(self._error, OSError):
            raise self._unwritten(self._error)
        if self._error is not None:
            raise self._error

    def _unwritten(self, error: OSError) -> RasterError:
        return RasterError(write_error_message("raster", self._outputs[0], error))


def _copy(rows: Rows, kind: np.dtype[Any]) -> Rows:
    """The rows in memory of their own, of a size that the next ones need too: the heap stays in one piece.

    Raises:
        TypeError: If they are of another type.
    """
    height = -(-len(rows) // _ROUND) * _ROUND
    copy: Rows = np.empty((height, *rows.shape[1:]), kind)[: len(rows)]
    np.copyto(copy, rows, casting="equiv")
    return copy


def _size(count: float) -> str:
    """Bytes for a sentence."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
