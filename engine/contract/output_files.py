"""Outputs appear whole or not at all: written beside as ``.part``, then moved into place.

What an unfinished run leaves beside ``OUTPUT`` all begins with ``OUTPUT.part``: the half file, finished rows
(``-KEY``), how many rows are finished (``.json``), a lock, and a folder for what is made on the way.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from glob import escape
from pathlib import Path

from .checkpoint_files import checkpoint_folder, visuals_folder
from .errors import JobError
from .file_lock import try_lock
from .paths import format_path, path_problem, special_kind

#: The files beside an output, by what follows ``OUTPUT.part``; the state of rows goes before they do.
_FILES = (".json", ".json.new", "", ".aux.xml")
_LOCK, _WORK = ".lock", ".work"

#: What GDAL may put beside the legend of a raster while that is written: of all names beside it the longest.
_LONGEST_SUFFIX = ".aux.xml.part.aux.xml"

#: Of a file that is made to see whether any of these can be: no name among them is longer.
_TRIAL = ".trial".ljust(len(_LONGEST_SUFFIX) - len(".part"), "_")


def part_path(output: str | Path) -> Path:
    """Where ``output`` is written until it is finished: the same folder, name plus ``.part``."""
    path = Path(output)
    return path.with_name(path.name + ".part")


def rows_of(output: str | Path, key: str) -> Path:
    """Where a run keeps the finished rows of ``output``.

    Args:
        output: The file that is made of the rows.
        key: A hash of all that determines them; its first digits tell runs apart.
    """
    return _beside_part(output, f"-{key[:8]}")


def state_path(output: str | Path) -> Path:
    """Where a run whose first output is ``output`` says how many of its rows are finished, see ``journal_state``."""
    return _beside_part(output, ".json")


def new_state_path(output: str | Path) -> Path:
    """Where the next ``state_of(output)`` is written until it is whole."""
    return _beside_part(output, ".json.new")


def lock_path(output: str | Path) -> Path:
    """The file that a run locks while it works at ``output``, see ``file_lock``."""
    return _beside_part(output, _LOCK)


def _beside_part(output: str | Path, suffix: str) -> Path:
    part = part_path(output)
    return part.with_name(part.name + suffix)


@contextmanager
def lock_output(output: str | Path) -> Iterator[None]:
    """Makes sure that no other run works at ``output`` inside such a block.

    Raises:
        JobError: If one does.
    """
    lock = lock_path(output)
    with _folder_for(lock), try_lock(lock) as is_locked:
        if not is_locked:
            raise JobError(
                f"Another run is writing {output}: wait until it ends, or choose another name."
            )
        yield


def wait_until_free(output: str | Path, seconds: float = 5.0) -> None:
    """Waits while another run works at ``output``, but not longer.

    Processes that a killed run has started outlive it by moments; ``remove_leftovers`` would leave what is theirs.
    """
    lock, end = lock_path(output), time.monotonic() + seconds
    while lock.exists() and time.monotonic() < end:
        with try_lock(lock) as is_free:
            if is_free:
                return
        time.sleep(0.1)


@contextmanager
def atomic_output(output: str | Path) -> Iterator[Path]:
    """Yields the ``.part`` path to write to; moves it to ``output`` on success, removes it otherwise.

    Makes the folder where there is none, and removes that again on failure.
    """
    part = part_path(output)
    with _folder_for(part):
        part.unlink(missing_ok=True)
        try:
            yield part
            os.replace(part, output)
        finally:
            part.unlink(missing_ok=True)
            Path(f"{part}.aux.xml").unlink(missing_ok=True)  # GDAL's, beside a raster


@contextmanager
def rewritten(path: Path, replace: Callable[[Path, Path], object] = os.replace) -> Iterator[Path]:
    """Yields ``PATH.new`` to write to; once that is on the disk, ``replace`` gives it the place of ``path``.

    A power cut at any moment leaves the old file or the new one, whole.
    """
    new = path.with_name(f"{path.name}.new")
    try:
        yield new
        to_disk(new)
        replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def to_disk(path: Path) -> None:
    """Returns when what was written to a file is on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


@contextmanager
def work_folder(output: str | Path) -> Iterator[Path]:
    """An empty folder beside ``output`` for what is made on the way to it; gone at the end."""
    folder = _work_folder_of(output)
    with _folder_for(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _work_folder_of(output: str | Path) -> Path:
    return _beside_part(output, _WORK)


@contextmanager
def remove_empty_folders(folder: Path) -> Iterator[None]:
    """Removes ``folder`` and those it lies in that are new and empty at the end."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        yield
    finally:
        for place in missing:  # innermost first
            with suppress(OSError):  # something lies there
                place.rmdir()


@contextmanager
def _folder_for(path: Path) -> Iterator[None]:
    """Makes the folders on the way to ``path``; those it made go again if they are empty at the end."""
    with remove_empty_folders(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        yield


def write_error_message(what: str, path: str | Path, error: Exception) -> str:
    """The sentence about an output that could not be written at the end of a run.

    Args:
        what: What it is, such as "raster".
        path: Where it was to be.
        error: What stopped it.
    """
    if isinstance(error, PermissionError):
        way_out = "is the file open in QGIS? Close it there, or choose another name."
    else:
        way_out = "is the disk full? If not, choose another folder."
    reason = getattr(error, "strerror", None) or error
    return f"The {what} {path} could not be written ({reason}): {way_out}"


def check_writable(output: str | Path, suffixes: tuple[str, ...] = ()) -> Path:
    """Fails early, in a sentence, when ``output`` could not be written at the end of a long run.

    Leaves nothing behind, no folder either: who writes makes it, see ``atomic_output``.

    Args:
        output: The file that a job is going to write.
        suffixes: The file endings that are allowed, e.g. ``(".tif",)``; empty allows all.

    Raises:
        JobError: If the ending is wrong, the path is a folder, or the folder cannot be written to.
    """
    path = Path(output)
    if reason := path_problem(path):
        raise JobError(f"The output {format_path(path)} cannot be written: {reason}.")
    if suffixes and path.suffix.lower() not in suffixes:
        raise JobError(f"The output {format_path(path)} must end in {' or '.join(suffixes)}.")
    if path.is_dir():
        raise JobError(f"The output {path} is a folder: give a file name inside it.")
    if kind := special_kind(path):
        raise JobError(
            f"The output {path} is {kind}, which no file may replace: give another name."
        )
    trial = _beside_part(path, _TRIAL)  # the part may hold an earlier run's rows: leave it alone
    try:
        with _folder_for(path):
            trial.touch()
            trial.unlink()
    except OSError as error:
        way_out = "a shorter name" if error.errno == errno.ENAMETOOLONG else "another folder"
        raise JobError(
            f"The output {format_path(path)} cannot be written ({error.strerror}): choose {way_out}."
        ) from error
    return path


def remove_leftovers(outputs: Iterable[str | Path], checkpoints: bool = False) -> None:
    """Removes what an unfinished run left beside its outputs; nothing of a run that is still going on.

    Args:
        outputs: The files the run was to write.
        checkpoints: Whether to remove training checkpoints and pictures too: after a cancel, which wants nothing
            left, but not after a crash, after which they are what is saved of the work.
    """
    for output in outputs:
        with suppress(NotADirectoryError):  # an output below a file never began
            _sweep_parts(output)
        if checkpoints:
            shutil.rmtree(checkpoint_folder(output), ignore_errors=True)
            shutil.rmtree(visuals_folder(output), ignore_errors=True)
            with suppress(OSError):  # other models' pictures may lie there
                visuals_folder(output).parent.rmdir()


def remove_parts(output: str | Path) -> None:
    """Removes what lies beside ``output``, whoever is working at it, but no rows and no lock."""
    shutil.rmtree(_work_folder_of(output), ignore_errors=True)
    for suffix in (*_FILES, _TRIAL):
        _beside_part(output, suffix).unlink(missing_ok=True)


def _sweep_parts(output: str | Path) -> None:
    lock = lock_path(output)
    with try_lock(lock) if lock.exists() else nullcontext(True) as is_ours:
        if is_ours:
            remove_parts(output)
            for rows in lock.parent.glob(f"{escape(part_path(output).name)}-*"):
                rows.unlink(missing_ok=True)
