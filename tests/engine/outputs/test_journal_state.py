"""Only the run that wrote rows uses them; they are removed when they are of no use, never earlier."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.contract.errors import JobError
from engine.contract.file_lock import try_lock
from engine.contract.output_files import lock_path, state_path
from engine.outputs.journal_state import remove_earlier, stored_row_files
from engine.outputs.row_journal import Journal, RowFile
from tests.engine.outputs.test_row_journal import HEIGHT, STRIP, fill, row_files, strip


def row_file(folder: Path, name: str) -> RowFile:
    """As one of ``row_files``, with another name."""
    mask, confidence = row_files(folder)
    like = confidence if name.startswith("c") else mask
    return RowFile(str(folder / name), like.width, like.dtype)


def interrupt(which: list[RowFile], key: int, rows: int) -> None:
    """A run that is interrupted after ``rows`` rows with the values ``key``."""
    with pytest.raises(KeyboardInterrupt), Journal(which, HEIGHT, {"key": key}) as journal:
        for row in range(journal.rows, rows, STRIP):
            parts = strip(row, row + STRIP, which)
            journal.append([np.full_like(part, key) for part in parts])
        raise KeyboardInterrupt


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("key", [1, 2])
@pytest.mark.parametrize("others", [("n.tif", "c.tif"), ("c.tif",)])
def test_runs_that_share_an_output_keep_their_own_rows(
    tmp_path: Path, others: tuple[str, ...], key: int
) -> None:
    runs = [
        (row_files(tmp_path), 1, 160),
        ([row_file(tmp_path, name) for name in others], key, 240),
    ]
    for run in runs:
        interrupt(*run)
    for which, value, rows in runs:
        with Journal(which, HEIGHT, {"key": value}, keep=True) as journal:
            assert journal.rows == rows and journal.dropped == 0
            for path, each in zip(stored_row_files([which[0].path]), which):
                assert (np.fromfile(path, each.dtype) == value).all()


@pytest.mark.parametrize("key", [1, 2])
def test_rows_that_nobody_wants_any_more_go(tmp_path: Path, key: int) -> None:
    mask, confidence = row_files(tmp_path)
    interrupt([mask, confidence], 1, 160)
    with Journal([mask], HEIGHT, {"key": key}) as journal:
        assert journal.dropped == 160
        assert len(stored_row_files([mask.path])) == 2, "no row has come yet"
        fill(journal, [mask])
        journal.finish()
        assert not [name for name in names(tmp_path) if name.startswith("c.tif")]
    assert names(tmp_path) == set()


@pytest.mark.parametrize("end", ["error", "no row", "no space", "no file", "locked"])
def test_a_run_without_a_row_leaves_another_s(
    tmp_path: Path, set_free_space: Callable[[int], None], end: str
) -> None:
    which = row_files(tmp_path)
    interrupt(which, 1, 160)
    lock_path(tmp_path / "d.tif").mkdir()
    new = [*which, row_file(tmp_path, "d.tif" if end == "no file" else "e.tif")]
    before = names(tmp_path)
    if end == "error":
        with pytest.raises(RuntimeError), Journal(new, HEIGHT, {"key": 2}) as journal:
            assert journal.kept == 0 and journal.dropped == 160
            raise RuntimeError
    elif end == "no row":
        with Journal(new, HEIGHT, {"key": 2}):
            pass
    elif end == "no space":
        set_free_space(0)
        with pytest.raises(JobError, match="free some"):
            Journal(new, HEIGHT, {"key": 2})
        set_free_space(10**9)
    elif end == "no file":
        with pytest.raises(JobError, match="could not be written"):
            Journal(new, HEIGHT, {"key": 2})
    else:
        with try_lock(lock_path(new[2].path)), pytest.raises(JobError, match="Another run"):
            Journal(new, HEIGHT, {"key": 2})
    assert names(tmp_path) == before
    with Journal(which, HEIGHT, {"key": 1}) as journal:
        assert journal.rows == 160
        for path, each in zip(stored_row_files([which[0].path]), which):
            assert (np.fromfile(path, each.dtype) == 1).all(), "the rows themselves stayed"


def test_what_the_old_rows_take_counts_as_free(
    tmp_path: Path, set_free_space: Callable[[int], None]
) -> None:
    """160 rows of 100 + 53 byte are stored: 24 480; 400 x 100 byte, 1.4 times, are needed: 56 000."""
    which = row_files(tmp_path)
    interrupt(which, 1, 160)

    set_free_space(31_519)
    with pytest.raises(JobError, match="free some"):
        Journal(which[:1], HEIGHT, {"key": 2})
    set_free_space(31_521)
    with Journal(which[:1], HEIGHT, {"key": 2}) as journal:
        assert journal.dropped == 160


def test_dropped_rows_are_not_used_when_the_run_that_dropped_them_was_killed(
    tmp_path: Path,
) -> None:
    which = row_files(tmp_path)
    interrupt(which, 1, 160)
    remove_earlier([each.path for each in which])
    with Journal(which, HEIGHT, {"key": 1}) as journal:
        assert journal.rows == 0 and journal.dropped == 0
    assert names(tmp_path) == set()


def test_a_folder_may_be_moved_or_copied(tmp_path: Path) -> None:
    (tmp_path / "old" / "more").mkdir(parents=True)

    def found(place: str) -> list[RowFile]:
        folder = tmp_path / place
        return [row_file(folder, "m.tif"), row_file(folder / "more", "c.tif")]

    interrupt(found("old"), 1, 160)
    shutil.copytree(tmp_path / "old", tmp_path / "copy")
    with Journal(found("copy")[:1], HEIGHT, {"key": 2}) as journal:
        assert journal.dropped == 160
        fill(journal, found("copy")[:1])
    assert names(tmp_path / "copy" / "more") == set()
    (tmp_path / "old").rename(tmp_path / "new")
    with Journal(found("new"), HEIGHT, {"key": 1}) as journal:
        assert journal.rows == 160


def test_a_row_file_in_use_is_removed_by_a_later_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    which, unlink = row_files(tmp_path), Path.unlink

    def busy(path: Path, missing_ok: bool = False) -> None:
        if ".part-" in path.name:
            raise PermissionError(13, "The process cannot access the file", str(path))
        unlink(path, missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", busy)
        with Journal(which, HEIGHT, {"key": 1}) as journal:
            fill(journal, which)
            journal.finish()
    assert any(".part-" in name for name in names(tmp_path)), "as a virus scanner on Windows does"
    with Journal(which, HEIGHT, {"key": 2}) as journal:
        fill(journal, which)
        journal.finish()
    assert not names(tmp_path)


@pytest.mark.parametrize(
    "state", [{"key": "a/b"}, {"key": ""}, {"names": ["/"]}, {"names": [""]}, {"rows": "many"}]
)
def test_a_state_of_another_program_is_ignored(tmp_path: Path, state: dict[str, Any]) -> None:
    which = row_files(tmp_path)
    record = {"key": "0" * 64, "rows": 3, "names": ["n.tif"], "notes": {}, **state}
    state_path(which[0].path).write_text(json.dumps(record))
    with Journal(which, HEIGHT, {"key": 1}) as journal:
        assert journal.rows == 0
        fill(journal, which)
        journal.finish()
    assert not names(tmp_path)
