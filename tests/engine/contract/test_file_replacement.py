"""Files are replaced and removed with patience for programs that have them open, as on Windows."""

import os
from pathlib import Path
from typing import Any

import pytest

from engine.contract.errors import JobError
from engine.contract.file_replacement import atomic_rewrite, remove_file, replace_file
from engine.contract.output_files import check_writable


@pytest.fixture
def refusals(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of times that the system still refuses to replace a file; there are three attempts."""
    left, replace = [0], os.replace

    def busy(new: Any, old: Any) -> None:
        if left[0]:
            left[0] -= 1
            raise PermissionError(13, "The process cannot access the file")
        replace(new, old)

    monkeypatch.setattr("engine.contract.file_replacement.os.replace", busy)
    monkeypatch.setattr("engine.contract.file_replacement.ATTEMPTS", 3)
    monkeypatch.setattr("engine.contract.file_replacement.RETRY_SECONDS", 0.0)
    return left


def test_a_file_that_is_open_for_a_moment_is_replaced(tmp_path: Path, refusals: list[int]) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for attempts, is_replaced in ((2, True), (3, False)):
        old.write_text("old")
        new.write_text("new")
        refusals[0] = attempts
        if is_replaced:
            replace_file(new, old)
        else:
            with pytest.raises(PermissionError):
                replace_file(new, old)
        assert old.read_text() == ("new" if is_replaced else "old")


def test_a_rewrite_that_fails_keeps_the_old_file(tmp_path: Path, refusals: list[int]) -> None:
    path = tmp_path / "state.json"
    path.write_text("old")
    refusals[0] = 3
    with pytest.raises(PermissionError), atomic_rewrite(path) as new:
        new.write_text("new")
    assert path.read_text() == "old" and [*tmp_path.iterdir()] == [path]


def test_a_missing_file_is_removed_already(tmp_path: Path) -> None:
    remove_file(tmp_path / "none")


def test_an_output_that_is_open_elsewhere_is_told_before_the_run(
    tmp_path: Path, refusals: list[int]
) -> None:
    output = tmp_path / "mask.tif"
    output.write_text("a layer in QGIS")
    assert check_writable(output) == output
    refusals[0] = 3
    with pytest.raises(JobError, match=r"mask\.tif could not be written .*open in QGIS\? Close it"):
        check_writable(output)
    assert output.read_text() == "a layer in QGIS"
    refusals[0] = 3
    check_writable(tmp_path / "new.tif")
