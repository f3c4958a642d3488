"""Paths on Windows: too long ones, and names that a drive of Windows cannot have."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from engine.contract.errors import JobError
from engine.contract.output_files import check_writable
from engine.contract.paths import path_problem

TOO_LONG = "its name or path is longer than this system allows: give a shorter one"
#: 300 characters in folders that Windows can have.
LONG = Path(*["folder" * 8] * 6, "scene.tif")


def of_windows(code: int) -> FileNotFoundError:
    """The error that Windows raises with one of its own numbers."""
    error = FileNotFoundError(2, "there is no such file")
    error.winerror = code
    return error


@pytest.mark.parametrize(
    ("path", "code", "problem"),
    [
        (LONG, 3, TOO_LONG),
        (LONG, 206, TOO_LONG),
        ("n" * 256 + ".tif", 2, TOO_LONG),
        ("n" * 256 + ".tif", 123, TOO_LONG),
        (LONG, 2, ""),  # this Windows allows long paths, and the file is missing
        ("scene.tif", 3, ""),
    ],
)
def test_windows_calls_a_path_missing_that_is_too_long(
    path: Path, code: int, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lstat(_: str) -> None:
        raise of_windows(code)

    monkeypatch.setattr(os, "lstat", lstat)
    assert path_problem(path, system="win32") == problem


def test_an_output_whose_path_is_too_long_for_windows_asks_for_a_shorter_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows has room for the output itself, but not for what is written beside it; opening a file it says nothing."""
    lstat = os.lstat

    def lstat_of_windows(path: str, **options: Any) -> os.stat_result:
        if len(str(path)) > 259:
            raise of_windows(3)
        return lstat(path, **options)

    monkeypatch.setattr(os, "lstat", lstat_of_windows)
    longest = 259 - len(str(tmp_path)) - 1
    with pytest.raises(JobError, match="give a shorter one"):
        check_writable(tmp_path / "n.tif".rjust(longest, "n"))
    check_writable(tmp_path / "n.tif".rjust(longest - 30, "n"))
