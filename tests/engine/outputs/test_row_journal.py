"""Finished rows survive a kill, a full disk and an error; no other file of the run does."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.contract.errors import JobError, RasterError
from engine.contract.output_files import check_writable, lock_path, remove_leftovers, state_path
from engine.outputs.journal_state import stored_row_files
from engine.outputs.row_journal import Journal, RowFile

HEIGHT, WIDTH, STRIP = 400, 50, 16
ROOT = Path(__file__).parents[3]


def row_files(folder: Path) -> list[RowFile]:
    return [
        RowFile(str(folder / "m.tif"), WIDTH, np.dtype(np.uint16)),
        RowFile(str(folder / "c.tif"), WIDTH + 3, np.dtype(np.uint8)),
    ]


def strip(row: int, stop: int, which: list[RowFile]) -> list[np.ndarray]:
    """Rows with the values row * 7 + column."""
    rows = np.arange(row, stop)[:, None] * 7
    return [(rows + np.arange(t.width)).astype(t.dtype) for t in which]


def whole(which: list[RowFile]) -> list[bytes]:
    parts = strip(0, HEIGHT, which)
    return [part.astype(part.dtype.newbyteorder("<")).tobytes() for part in parts]


def fill(journal: Journal, which: list[RowFile], stop: int = HEIGHT) -> None:
    for row in range(journal.rows, stop, STRIP):
        journal.append(strip(row, min(row + STRIP, stop), which))


@pytest.fixture
def interrupted(tmp_path: Path) -> Callable[..., list[RowFile]]:
    """A run that was interrupted by ``error``."""

    def run(error: type[BaseException] = RuntimeError, rows: int = 160) -> list[RowFile]:
        which = row_files(tmp_path)
        with pytest.raises(error), Journal(which, HEIGHT, {"key": 1}) as journal:
            journal.note(runtime="torch")
            fill(journal, which, rows)
            raise error
        return which

    return run


def test_a_whole_run_leaves_nothing(tmp_path: Path) -> None:
    which = row_files(tmp_path / "new" / "folder")
    with Journal(which, HEIGHT, {}) as journal:
        assert journal.rows == 0 and journal.notes == {}
        fill(journal, which)
        assert [path.read_bytes() for path in journal.finish()] == whole(which)
        (tmp_path / "new" / "folder" / "m.tif").write_text("published")
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == ["m.tif"]


def test_a_run_that_wrote_nothing_takes_its_folders_along(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), Journal(row_files(tmp_path / "new"), HEIGHT, {}):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("rows", [160, HEIGHT])
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_after_an_error_the_same_run_continues(
    tmp_path: Path, interrupted: Callable[..., Any], error: type[BaseException], rows: int
) -> None:
    which = interrupted(error, rows=rows)
    left = {path.name for path in stored_row_files([row_file.path for row_file in which])}
    assert {name[: len("m.tif.part-")] for name in left} == {"c.tif.part-", "m.tif.part-"}
    assert {p.name for p in tmp_path.iterdir()} == left | {"m.tif.part.json"}
    check_writable(which[0].path)
    with Journal(which, HEIGHT, {"key": 1}) as journal:
        assert journal.rows == rows and journal.notes == {"runtime": "torch"}
        fill(journal, which)
        assert [path.read_bytes() for path in journal.finish()] == whole(which)


def test_another_key_height_or_width_starts_anew(tmp_path: Path, interrupted: Any) -> None:
    for change in ("key", "height", "width", "tracks"):
        which, height, key = interrupted(), HEIGHT, {"key": 1}
        if change == "key":
            key = {"key": 2}
        if change == "height":
            height += 1
        if change == "width":
            which[1] = RowFile(which[1].path, WIDTH, which[1].dtype)
        if change == "tracks":
            which.pop()
        with Journal(which, height, key) as journal:
            assert journal.rows == 0 and journal.notes == {}, change
            assert journal.dropped == 160
            journal.append(strip(0, 1, which))
            files = stored_row_files([row_file.path for row_file in which])
            assert len(files) <= len(which), "the old ones are removed"
        assert not [*tmp_path.iterdir()], change


def test_half_a_strip_behind_the_state_is_cut_off(tmp_path: Path, interrupted: Any) -> None:
    which = interrupted()
    for path in stored_row_files([which[0].path]):
        with path.open("ab") as file:
            file.write(b"half a strip")
    with Journal(which, HEIGHT, {"key": 1}) as journal:
        assert journal.rows == 160
        fill(journal, which)
        assert [path.read_bytes() for path in journal.finish()] == whole(which)


@pytest.mark.parametrize("damage", ["short", "missing", "no json", "a list", "too many rows"])
def test_files_that_are_not_whole_are_not_used(interrupted: Any, damage: str) -> None:
    which = interrupted()
    state, (_, rows) = state_path(which[0].path), stored_row_files([which[0].path])
    if damage == "short":
        os.truncate(rows, rows.stat().st_size - 1)
    elif damage == "missing":
        rows.unlink()
    elif damage == "too many rows":
        state.write_text(json.dumps(json.loads(state.read_text()) | {"rows": HEIGHT + 1}))
    else:
        state.write_text({"no json": "{", "a list": "[1]"}[damage])
    with Journal(which, HEIGHT, {"key": 1}) as journal:
        assert journal.rows == 0 and journal.dropped == 0
        fill(journal, which)
        assert [path.read_bytes() for path in journal.finish()] == whole(which)


def test_arrays_may_be_used_again_and_types_must_fit(tmp_path: Path) -> None:
    which = row_files(tmp_path)
    with Journal(which, HEIGHT, {}) as journal:
        rows = strip(0, HEIGHT, which)
        journal.append(rows)
        for array in rows:
            array[:] = 0
        assert [path.read_bytes() for path in journal.finish()] == whole(which)
        with pytest.raises(TypeError):
            journal.append([rows[0].astype(np.int64), rows[1]])


def test_a_state_that_cannot_be_replaced_for_a_moment_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    which, replace, calls = row_files(tmp_path), os.replace, []

    def busy(source: Path, target: Path) -> None:
        calls.append(source)
        if len(calls) in (3, 6):  # of the second and the fifth strip
            raise PermissionError(13, "Permission denied")
        replace(source, target)

    monkeypatch.setattr("engine.contract.file_replacement.os.replace", busy)
    monkeypatch.setattr("engine.contract.file_replacement.ATTEMPTS", 1)  # Windows has patience
    with pytest.raises(RuntimeError), Journal(which, HEIGHT, {}) as journal:
        fill(journal, which, 5 * STRIP)
        raise RuntimeError
    with Journal(which, HEIGHT, {}) as journal:
        assert journal.rows == 4 * STRIP
        fill(journal, which)
        assert [path.read_bytes() for path in journal.finish()] == whole(which)


def test_rows_that_are_kept_stay_after_the_last_too(tmp_path: Path) -> None:
    which = row_files(tmp_path)
    for begun in (0, HEIGHT):
        with Journal(which, HEIGHT, {}, keep=True) as journal:
            assert journal.rows == begun
            fill(journal, which)
            assert [path.read_bytes() for path in journal.finish()] == whole(which)


def test_a_state_that_cannot_be_written_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interrupted: Any
) -> None:
    def full(*_: object) -> None:
        assert not [*tmp_path.glob("*.part-*")], "the old rows make room"
        raise OSError(28, "No space left on device")

    which = interrupted()
    monkeypatch.setattr("engine.outputs.row_journal.write_state", full)
    with (
        pytest.raises(RasterError, match=r"m\.tif could not be written \(No space left"),
        Journal(which, HEIGHT, {"key": 2}) as journal,
    ):
        fill(journal, which)
    assert [*tmp_path.iterdir()] == []


def test_missing_rows_are_noticed(tmp_path: Path) -> None:
    which = row_files(tmp_path)
    with Journal(which, HEIGHT, {}) as journal:
        fill(journal, which, HEIGHT - 1)
        with pytest.raises(ValueError, match="does not hold 400 rows"):
            journal.finish()


FULL = """
import resource, signal, sys
from pathlib import Path
from tests.engine.outputs.test_row_journal import HEIGHT, fill, row_files
from engine.outputs.row_journal import Journal
from engine.contract.errors import RasterError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
which = row_files(Path(sys.argv[1]))
try:
    with Journal(which, HEIGHT, {"key": 1}) as journal:
        fill(journal, which)
        journal.finish()
except RasterError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files")
def test_a_full_disk_is_a_sentence_and_keeps_the_finished_rows(tmp_path: Path) -> None:
    """300 rows of 100 byte fit: 18 strips of 16 rows."""
    run = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, cwd=ROOT
    )
    assert "m.tif could not be written" in run.stdout and "is the disk full?" in run.stdout, run
    which = row_files(tmp_path)
    with Journal(which, HEIGHT, {"key": 1}) as journal:
        assert journal.rows == 288
        fill(journal, which)
        assert [path.read_bytes() for path in journal.finish()] == whole(which)


def test_too_small_a_disk_is_refused_at_the_start(
    tmp_path: Path, set_free_space: Callable[[int], None], interrupted: Any
) -> None:
    """400 rows of 100 + 53 byte, 1.4 times: 85 680 byte; of these 160 rows are stored: 24 480."""
    set_free_space(85_679)
    with pytest.raises(JobError, match=r"has 0\.1 MB free, and the run needs about 0\.1 MB"):
        Journal(row_files(tmp_path / "new"), HEIGHT, {})
    assert list(tmp_path.iterdir()) == []
    set_free_space(85_681)
    which = interrupted()
    set_free_space(61_199)
    with pytest.raises(JobError, match="free some, or choose another folder"):
        Journal(which, HEIGHT, {"key": 1})
    set_free_space(61_201)
    with Journal(which, HEIGHT, {"key": 1}) as journal:
        assert journal.rows == 160, "a refusal loses nothing"


def test_a_second_run_of_the_same_output_is_refused(tmp_path: Path) -> None:
    which = row_files(tmp_path)
    with Journal(which, HEIGHT, {}) as journal:
        fill(journal, which, 160)
        for other in (which, which[1:]):
            with pytest.raises(JobError, match=r"Another run is writing .*(m|c)\.tif: wait"):
                Journal(other, HEIGHT, {"other": 1})
        remove_leftovers([row_file.path for row_file in which])
        for row in range(160, HEIGHT, STRIP):
            journal.append(strip(row, min(row + STRIP, HEIGHT), which))
        assert [path.read_bytes() for path in journal.finish()] == whole(which)
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    lock_path(tmp_path / "m.tif").mkdir()
    with pytest.raises(JobError, match=r"m\.tif could not be written"):
        Journal(row_files(tmp_path), HEIGHT, {})
    (tmp_path / "file").write_text("")
    with pytest.raises(JobError, match=r"m\.tif could not be written"):
        Journal(row_files(tmp_path / "file"), HEIGHT, {})


def test_a_thread_that_cannot_start_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    which = row_files(tmp_path)
    with pytest.raises(RuntimeError, match="can't start new thread"):  # noqa: SIM117
        with Journal(which, HEIGHT, {}) as journal:
            monkeypatch.setattr(threading.Thread, "start", start)
            journal.append(strip(0, STRIP, which))
    assert [*tmp_path.iterdir()] == []


RUN = """
import sys
from pathlib import Path
from tests.engine.outputs.test_row_journal import HEIGHT, STRIP, row_files, strip
from engine.outputs.row_journal import Journal
which = row_files(Path(sys.argv[1]))
with Journal(which, HEIGHT, {"key": 1}) as journal:
    print(journal.rows, journal.notes.get("strips", 0), flush=True)
    for row in range(journal.rows, HEIGHT, STRIP):
        sys.stdin.readline()  # leave to go on: neither a fast nor a busy machine ends before it is killed
        journal.note(strips=row // STRIP + 1)
        journal.append(strip(row, row + STRIP, which))
    for path in journal.finish():
        done = path.name.split(".part")[0] + ".done"
        path.with_name(done).write_bytes(path.read_bytes())
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no such signal")
def test_runs_killed_at_random_moments_give_the_same_bytes(tmp_path: Path) -> None:
    which, rng, starts, killed = row_files(tmp_path), random.Random(3), [], 0
    while True:
        run = subprocess.Popen(
            [sys.executable, "-c", RUN, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        with run:
            rows, strips = map(int, run.stdout.readline().split())
            starts.append(rows)
            assert rows in range(0, HEIGHT + 1, STRIP) and strips == rows // STRIP
            if len(starts) <= 8:
                run.stdin.write("\n" * rng.randint(1, 3))
                run.stdin.flush()
                time.sleep(
                    rng.uniform(0, 0.03 * len(starts))
                )  # longer each time: the machine may be slow
                run.kill()
            run.stdin.close()
        finished = all(Path(f"{row_file.path}.done").exists() for row_file in which)
        if run.returncode == 0 or (finished and not [*tmp_path.glob("m.tif.part-*")]):
            break  # possibly killed while it ended
        killed += 1
    assert killed >= 2 and any(starts), f"too few were killed in the middle: {starts}"
    assert starts == sorted(starts), "no finished row is lost"
    if run.returncode:  # the locks of a run that was killed while it ended
        remove_leftovers([row_file.path for row_file in which])
    assert [Path(f"{row_file.path}.done").read_bytes() for row_file in which] == whole(which)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"m.tif.done", "c.tif.done"}
