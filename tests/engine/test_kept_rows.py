"""Rows are used by the run that wrote them only, and go when they are of no use, never earlier."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from engine.errors import JobError, RasterError
from engine.journal import Journal, Track
from engine.kept_rows import drop, orphans
from engine.locks import alone
from engine.outputs import lock_of, part_of, state_of
from tests.engine.test_journal import HEIGHT, STRIP, fill, strip, tracks, whole


def track(folder: Path, name: str) -> Track:
    """Other rows than ``tracks`` has there would have the same size."""
    mask, confidence = tracks(folder)
    like = confidence if name.startswith("c") else mask
    return Track(str(folder / name), like.width, like.dtype)


def interrupt(which: list[Track], key: int, rows: int) -> None:
    """A run that is stopped after so many rows, all of ``key``."""
    with pytest.raises(KeyboardInterrupt), Journal(which, HEIGHT, {"key": key}) as journal:
        for row in range(journal.rows, rows, STRIP):
            parts = strip(row, row + STRIP, which)
            journal.append([np.full_like(part, key) for part in parts])
        raise KeyboardInterrupt


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("others", [("n.tif", "c.tif"), ("c.tif",)])
def test_another_run_s_rows_are_never_taken_for_ours(
    tmp_path: Path, others: tuple[str, ...]
) -> None:
    """Ours reach row 160 and the others' row 240, in a part of the same name, width and type."""
    ours, theirs = tracks(tmp_path), [track(tmp_path, name) for name in others]
    interrupt(ours, 1, 160)
    with alone(lock_of(ours[0].path)):  # our state survives them
        interrupt(theirs, 2, 240)
    assert state_of(ours[0].path).is_file()
    with Journal(ours, HEIGHT, {"key": 1}) as journal:
        assert journal.rows == 0 and journal.dropped == 240
        fill(journal, ours)
        assert [path.read_bytes() for path in journal.finish()] == whole(ours)
    assert names(tmp_path) == set()


def test_the_run_that_comes_second_goes_on(tmp_path: Path) -> None:
    ours, theirs = tracks(tmp_path), [track(tmp_path, "n.tif"), track(tmp_path, "c.tif")]
    interrupt(ours, 1, 160)
    interrupt(theirs, 2, 240)
    beside = {f"{name}.part{end}" for name in ("n.tif", "c.tif") for end in ("", ".owner")}
    assert names(tmp_path) == beside | {"n.tif.part.json"}
    with Journal(theirs, HEIGHT, {"key": 2}) as journal:
        assert journal.rows == 240 and journal.dropped == 0


@pytest.mark.parametrize("key", [1, 2])
def test_parts_that_nobody_wants_any_more_go(tmp_path: Path, key: int) -> None:
    mask, confidence = tracks(tmp_path)
    interrupt([mask, confidence], 1, 160)
    with Journal([mask], HEIGHT, {"key": key}) as journal:
        assert journal.dropped == 160
        assert part_of(confidence.path).exists(), "no row has come yet"
        fill(journal, [mask])
        journal.finish()
        assert not [name for name in names(tmp_path) if name.startswith("c.tif")]
    assert names(tmp_path) == set()


def test_parts_that_another_run_has_taken_stay(tmp_path: Path) -> None:
    mask, confidence = tracks(tmp_path)
    interrupt([mask, confidence], 1, 160)
    with alone(lock_of(mask.path)):
        interrupt([confidence], 2, 240)
    assert orphans([mask.path]) == [], "their space will not be free either"
    interrupt([mask], 3, 32)
    with Journal([confidence], HEIGHT, {"key": 2}) as journal:
        assert journal.rows == 240


def test_parts_of_a_live_run_stay(tmp_path: Path) -> None:
    mask, confidence = tracks(tmp_path)
    interrupt([mask, confidence], 1, 160)
    with alone(lock_of(confidence.path)):
        interrupt([mask], 2, 32)
        assert part_of(confidence.path).stat().st_size == 160 * confidence.row_bytes


def test_rows_that_go_on_or_were_damaged_are_not_called_another_run_s(tmp_path: Path) -> None:
    which = tracks(tmp_path)
    with Journal(which, HEIGHT, {"key": 1}) as journal:
        assert journal.dropped == 0
    interrupt(which, 1, 160)
    with pytest.raises(KeyboardInterrupt), Journal(which, HEIGHT, {"key": 1}) as journal:
        assert journal.rows == 160 and journal.dropped == 0
        raise KeyboardInterrupt
    part_of(which[1].path).write_bytes(b"short")
    with Journal(which, HEIGHT, {"key": 1}) as journal:
        assert journal.rows == 0 and journal.dropped == 0


@pytest.mark.parametrize("end", ["error", "no row", "no space", "no file", "locked"])
def test_a_run_without_a_row_leaves_another_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    which = tracks(tmp_path)
    interrupt(which, 1, 160)
    (tmp_path / "d.tif.part").mkdir()
    new = [*which, track(tmp_path, "d.tif" if end == "no file" else "e.tif")]
    before = names(tmp_path)
    if end == "error":
        with pytest.raises(RuntimeError), Journal(new, HEIGHT, {"key": 2}) as journal:
            assert journal.kept == 0 and journal.dropped == 160
            raise RuntimeError
    elif end == "no row":
        with Journal(new, HEIGHT, {"key": 2}):
            pass
    elif end == "no space":
        with monkeypatch.context() as patch:
            none = SimpleNamespace(total=10**9, used=10**9, free=0)
            patch.setattr("engine.journal.shutil.disk_usage", lambda _: none)
            with pytest.raises(JobError, match="free some"):
                Journal(new, HEIGHT, {"key": 2})
    elif end == "no file":
        with pytest.raises(RasterError, match="could not be written"):
            Journal(new, HEIGHT, {"key": 2})
    else:
        with alone(lock_of(new[2].path)), pytest.raises(JobError, match="Another run"):
            Journal(new, HEIGHT, {"key": 2})
    assert names(tmp_path) == before
    with Journal(which, HEIGHT, {"key": 1}) as journal:
        assert journal.rows == 160
        fill(journal, which)
        rows = [
            np.frombuffer(path.read_bytes(), t.dtype) for path, t in zip(journal.finish(), which)
        ]
    for track_, values in zip(which, rows):
        assert (values[: 160 * track_.width] == 1).all(), "the rows themselves stayed"


def test_what_the_old_rows_take_counts_as_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """160 rows of 100 + 53 byte lie there: 24 480; 400 x 100 byte, 1.4 times, are needed: 56 000."""
    which = tracks(tmp_path)
    interrupt(which, 1, 160)

    def usage(free: int) -> None:
        found = SimpleNamespace(total=10**9, used=0, free=free)
        monkeypatch.setattr("engine.journal.shutil.disk_usage", lambda _: found)

    usage(31_519)
    with pytest.raises(JobError, match="free some"):
        Journal(which[:1], HEIGHT, {"key": 2})
    usage(31_521)
    with Journal(which[:1], HEIGHT, {"key": 2}) as journal:
        assert journal.dropped == 160


def test_forgotten_rows_are_not_used_when_the_run_that_forgot_them_was_killed(
    tmp_path: Path,
) -> None:
    which = tracks(tmp_path)
    interrupt(which, 1, 160)
    drop([track.path for track in which])
    with Journal(which, HEIGHT, {"key": 1}) as journal:
        assert journal.rows == 0 and journal.dropped == 0


def test_notes_that_cannot_be_written_are_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        assert part_of(which[0].path).stat().st_size == 0, "the old rows make room"
        raise OSError(28, "No space left on device")

    which = tracks(tmp_path)
    interrupt(which, 1, 160)
    monkeypatch.setattr("engine.journal.claim", full)
    with (
        pytest.raises(RasterError, match=r"m\.tif could not be written \(No space left"),
        Journal(which, HEIGHT, {"key": 2}) as journal,
    ):
        fill(journal, which)
    assert names(tmp_path) == set()


def test_a_folder_may_be_moved_or_copied(tmp_path: Path) -> None:
    (tmp_path / "old" / "more").mkdir(parents=True)

    def found(place: str) -> list[Track]:
        folder = tmp_path / place
        return [track(folder, "m.tif"), track(folder / "more", "c.tif")]

    interrupt(found("old"), 1, 160)
    shutil.copytree(tmp_path / "old", tmp_path / "copy")
    with Journal(found("copy")[:1], HEIGHT, {"key": 2}) as journal:
        assert journal.dropped == 160
        fill(journal, found("copy")[:1])
    assert names(tmp_path / "copy" / "more") == set()
    (tmp_path / "old").rename(tmp_path / "new")
    with Journal(found("new"), HEIGHT, {"key": 1}) as journal:
        assert journal.rows == 160
