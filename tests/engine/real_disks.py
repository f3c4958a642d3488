"""Disks and folders of the system that cannot be written to. Where the system allows none, tests are skipped."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own of 1 MB, which is in memory, in a new folder."""
    folder.mkdir()
    if problem := _problem("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)):
        pytest.skip(f"no disk can be mounted here ({problem})")
    try:
        yield folder
    finally:
        assert not _problem("umount", "-l", str(folder))


def make_read_only(disk: Path) -> None:
    """Makes a ``small_disk`` read-only."""
    assert not _problem("mount", "-o", "remount,ro", str(disk))


@contextmanager
def immutable_folder(folder: Path) -> Iterator[Path]:
    """A new folder that nobody can change, not even root."""
    folder.mkdir()
    if problem := _problem("chattr", "+i", str(folder)):
        pytest.skip(f"no folder can be made immutable here ({problem})")
    try:
        yield folder
    finally:
        assert not _problem("chattr", "-i", str(folder))


def _problem(*command: str) -> str:
    """Runs a program of the system; returns its complaint, or "" if it succeeded."""
    if not shutil.which(command[0]):
        return f"there is no {command[0]}"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stderr.strip() or str(done.returncode)) if done.returncode else ""
