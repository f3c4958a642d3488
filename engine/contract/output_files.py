"""Output files that appear complete or not at all: written as ``OUTPUT.part``, then moved into place.

All files of an unfinished run begin with ``OUTPUT.part``: the incomplete file, finished rows (``-KEY``), the number
of finished rows (``.json``), a lock (``.lock``) and a folder for temporary files (``.work``).
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from glob import escape
from pathlib import Path

from .clean_up import CleanUp
from .errors import JobError, first_line, join_choices
from .file_lock import try_lock
from .file_replacement import (
    discard_empty_folder,
    discard_file,
    discard_folder,
    remove_file,
    replace_file,
)
from .paths import format_path, is_folder, path_problem, special_kind
from .translation import tr

#: Tag of a mask: the names of the models that made it.
MODEL_TAG = "DUALSTREAM_MODEL"

#: Suffixes of the files beside an output after ``OUTPUT.part``, in the order in which they are removed: the state of
#: the rows before the rows. Runs of earlier versions left ``.owner``.
_FILES = (".json", ".json.new", ".owner", "", ".aux.xml")
_LOCK, _WORK = ".lock", ".work"

#: Free bytes of a disk that counts as full once a library has failed to write to it.
_FULL_DISK = 2**20

#: Suffix of a trial file, as long as the longest name beside an output: that of a file which GDAL may write beside
#: the legend of a raster.
_TRIAL = ".trial".ljust(len(".aux.xml.part.aux.xml") - len(".part"), "_")


def part_path(output: str | Path) -> Path:
    """The path to which ``output`` is written until it is complete."""
    path = Path(output)
    return path.with_name(path.name + ".part")


def rows_path(output: str | Path, key: str) -> Path:
    """The file of the finished rows of ``output``.

    Args:
        output: The file that is made of the rows.
        key: A hash of everything that determines the rows; its first digits are in the name.
    """
    return _beside_part(output, f"-{key[:8]}")


def state_path(output: str | Path) -> Path:
    """The file with the number of finished rows of a run whose first output is ``output``, see ``journal_state``."""
    return _beside_part(output, ".json")


def new_state_path(output: str | Path) -> Path:
    """The path to which the next ``state_path(output)`` is written until it is complete."""
    return _beside_part(output, ".json.new")


def lock_path(output: str | Path) -> Path:
    """The file that a run locks while it writes ``output``, see ``file_lock``."""
    return _beside_part(output, _LOCK)


def _beside_part(output: str | Path, suffix: str) -> Path:
    part = part_path(output)
    return part.with_name(part.name + suffix)


@contextmanager
def lock_output(output: str | Path) -> Iterator[None]:
    """Locks ``output`` for this run.

    Raises:
        JobError: If another run is writing it, or its folder cannot be written to.
    """
    lock = lock_path(output)
    with CleanUp() as stack:
        try:
            stack.enter_context(_folder_for(lock))
            is_locked = stack.enter_context(try_lock(lock))
        except OSError as error:
            raise JobError(write_error_message(tr("file"), output, error)) from error
        if not is_locked:
            raise JobError(
                tr("Another run is writing {}: wait until it ends, or choose another name.").format(
                    output
                )
            )
        yield


def wait_until_unlocked(output: str | Path, seconds: float = 5.0) -> None:
    """Waits until no run writes ``output``, for at most ``seconds``.

    The child processes of a killed run hold the lock a moment longer, and ``remove_leftovers`` skips locked outputs.
    """
    lock, end = lock_path(output), time.monotonic() + seconds
    with suppress(OSError):  # a lock that cannot be opened is the one of a run that was killed
        while lock.exists() and time.monotonic() < end:
            with try_lock(lock) as is_free:
                if is_free:
                    return
            time.sleep(0.1)


@contextmanager
def atomic_output(output: str | Path) -> Iterator[Path]:
    """Yields the ``.part`` path to write to; moves it to ``output`` on success, removes it otherwise.

    Creates the folder if it is missing, and removes it again on failure.
    """
    part = part_path(output)
    with _folder_for(part):
        remove_file(part)
        try:
            yield part
            replace_file(part, output)
        finally:
            discard_file(part)
            discard_file(f"{part}.aux.xml")  # which GDAL writes beside a raster


@contextmanager
def work_folder(output: str | Path) -> Iterator[Path]:
    """An empty folder beside ``output`` for temporary files, removed at the end."""
    folder = _beside_part(output, _WORK)
    with _folder_for(folder):
        discard_folder(folder)
        folder.mkdir()
        try:
            yield folder
        finally:
            discard_folder(folder)


@contextmanager
def remove_empty_folders(folder: Path) -> Iterator[None]:
    """Removes at the end ``folder`` and its parents if they are empty and did not exist before."""
    missing = [path for path in (folder, *folder.parents) if not is_folder(path)]
    try:
        yield
    finally:
        for path in missing:  # innermost first
            discard_empty_folder(path)


@contextmanager
def _folder_for(path: Path) -> Iterator[None]:
    """Creates the folders of ``path``, and removes them at the end if they are empty."""
    with remove_empty_folders(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        yield


def write_error_message(what: str, path: str | Path, error: Exception) -> str:
    """The sentence about an output that could not be written.

    Args:
        what: Kind of the output, such as ``tr("raster")``.
        path: Path of the output.
        error: The cause.
    """
    if isinstance(error, PermissionError):
        text = tr(
            "The {} {} could not be written ({}): is the file open in QGIS? Close it there, or choose "
            "another name."
        )
    else:
        text = tr(
            "The {} {} could not be written ({}): is the disk full? If not, choose another folder."
        )
    reason = getattr(error, "strerror", None)
    if not reason and _is_full(Path(path).absolute().parent):
        reason = os.strerror(errno.ENOSPC)  # libraries report only what came of it
    return text.format(what, path, reason or first_line(error))


def _is_full(folder: Path) -> bool:
    with suppress(OSError):
        return shutil.disk_usage(folder).free < _FULL_DISK
    return False


def check_writable(output: str | Path, suffixes: tuple[str, ...] = ()) -> Path:
    """Makes sure, before a long run, that ``output`` can be written at its end; leaves no file or folder behind.

    Args:
        output: The file that a job is going to write.
        suffixes: Allowed file endings, such as ``(".tif",)``; empty: all.

    Raises:
        JobError: If the ending is wrong, the path is a folder, or the folder cannot be written to.
    """
    path = Path(output)
    trial = _beside_part(path, _TRIAL)
    if reason := path_problem(path) or path_problem(trial):
        raise JobError(tr("The output {} cannot be written: {}.").format(format_path(path), reason))
    if suffixes and path.suffix.lower() not in suffixes:
        raise JobError(
            tr("The output {} must end in {}.").format(format_path(path), join_choices(suffixes))
        )
    if path.is_dir():
        raise JobError(tr("The output {} is a folder: give a file name inside it.").format(path))
    if kind := special_kind(path):
        raise JobError(
            tr("The output {} is {}, which no file may replace: give another name.").format(
                path, kind
            )
        )
    try:
        with _folder_for(path):
            trial.touch()
            remove_file(trial)
    except OSError as error:
        text = tr("The output {} cannot be written ({}): choose another folder.")
        raise JobError(text.format(format_path(path), error.strerror)) from error
    _check_replaceable(path)
    return path


def _check_replaceable(path: Path) -> None:
    """Makes sure that an existing output can be replaced: not if it is immutable, on Windows not while it is a layer in
    QGIS, or read-only.
    """
    if not path.exists():
        return
    try:
        if sys.platform == "win32" and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        replace_file(path, path)  # changes nothing, and on Windows needs the same right
        _check_mutable(path)
    except OSError as error:
        raise JobError(write_error_message(tr("file"), path, error)) from error


def _check_mutable(path: Path) -> None:
    """Raises ``PermissionError`` for a file with the attribute "immutable" or "append only", which nobody may replace.

    A read-only file gives another error code, and may be replaced.
    """
    try:
        path.open("r+b").close()
    except OSError as error:
        if error.errno == errno.EPERM:
            raise


def remove_leftovers(outputs: Iterable[str | Path]) -> None:
    """Removes the files that an unfinished run left beside its outputs; skips outputs that a run is writing.

    What cannot be removed stays, as on a disk that has become read-only: the next run removes it.

    Args:
        outputs: The outputs of the run.
    """
    for output in outputs:
        with suppress(OSError):  # the lock of a killed run cannot be opened
            _remove_unlocked_parts(output)


def remove_parts(output: str | Path) -> None:
    """Removes the files beside ``output`` except rows and lock, even if a run is writing it."""
    discard_folder(_beside_part(output, _WORK))
    for suffix in (*_FILES, _TRIAL):
        discard_file(_beside_part(output, suffix))


def _remove_unlocked_parts(output: str | Path) -> None:
    lock = lock_path(output)
    with try_lock(lock) if lock.exists() else nullcontext(True) as is_free:
        if is_free:
            remove_parts(output)
            for rows in lock.parent.glob(f"{escape(part_path(output).name)}-*"):
                discard_file(rows)
