"""Outputs appear whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.contract.errors import JobError
from engine.contract.file_lock import try_lock
from engine.contract.output_files import (
    atomic_output,
    check_writable,
    lock_path,
    new_state_path,
    part_path,
    remove_leftovers,
    rows_path,
    state_path,
    wait_until_unlocked,
    work_folder,
)
from engine.contract.paths import file_state, path_problem
from engine.contract.training_files import checkpoint_folder, discard_progress, visuals_folder


def test_a_finished_output_replaces_the_old_one(tmp_path) -> None:
    output = tmp_path / "a.tif"
    output.write_text("old")
    with atomic_output(output) as part:
        part.write_text("new")
        assert output.read_text() == "old"
    assert output.read_text() == "new" and not part_path(output).exists()


def test_a_failed_output_leaves_the_old_one(tmp_path) -> None:
    output = tmp_path / "a.tif"
    output.write_text("old")
    with pytest.raises(RuntimeError), atomic_output(output) as part:
        part.write_text("half")
        raise RuntimeError
    assert output.read_text() == "old" and list(tmp_path.iterdir()) == [output]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("aux.tif", "aux.tif"),
        (r"C:\data\Nul", "Nul"),
        (r"C:\con\a.tif", "con"),
        ("COM1.part.tif", "COM1.part.tif"),
        ("lpt\u00b2 .tif", "lpt\u00b2 .tif"),
        (r"C:\data\auxiliary.tif", ""),
        ("com.tif", ""),
        ("console.tif", ""),
        ("/vsizip/a.zip/aux.tif", ""),
    ],
)
def test_names_of_devices_are_impossible_on_windows_only(path: str, name: str) -> None:
    told = f"Windows keeps the name {name} for a device: give another one" if name else ""
    assert path_problem(path, system="win32") == told
    assert path_problem(path, system="linux") == ""


def test_outputs_that_cannot_be_written_are_refused_before_the_run(tmp_path) -> None:
    with pytest.raises(JobError, match=r"must end in \.tif"):
        check_writable(tmp_path / "a.png", (".tif",))
    with pytest.raises(JobError, match="is a folder"):
        check_writable(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(JobError, match="cannot be written"):
        check_writable(tmp_path / "file" / "a.tif")
    with pytest.raises(JobError, match="cannot be written"):
        check_writable(tmp_path / "new" / ("long" * 99) / "a.tif")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_check_leaves_no_folder_and_who_writes_makes_it(tmp_path) -> None:
    (tmp_path / "old").mkdir()
    for folder in (tmp_path / "old", tmp_path / "old" / "new" / "deep"):
        output = folder / "a.tif"
        assert check_writable(output) == output
        assert [*tmp_path.rglob("*")] == [tmp_path / "old"]
    with pytest.raises(RuntimeError), atomic_output(output):
        raise RuntimeError
    assert [*tmp_path.rglob("*")] == [tmp_path / "old"]
    with atomic_output(output) as part:
        part.write_text("new")
        check_writable(output.with_name("b.tif"))
    assert output.read_text() == "new"
    assert check_writable(output) and output.read_text() == "new"


@pytest.mark.skipif(not hasattr(os, "pathconf"), reason="asks for the longest name")
def test_a_name_is_refused_when_what_lies_beside_it_would_have_too_long_a_one(tmp_path) -> None:
    max_length = os.pathconf(tmp_path, "PC_NAME_MAX") - len(".aux.xml.part.aux.xml")
    output = tmp_path / "n".rjust(max_length, "n")
    check_writable(output)
    with pytest.raises(JobError, match="give a shorter one"):
        check_writable(f"{output}n")
    rows_path(output, "0123456789").touch()
    for where in (part_path, state_path, new_state_path, lock_path):
        where(output).touch()
    with work_folder(output):
        pass
    remove_leftovers([output])
    assert list(tmp_path.iterdir()) == []


def test_sweeping_leaves_checkpoints_which_are_discarded_by_themselves(tmp_path) -> None:
    output = tmp_path / "m.safetensors"
    part_path(output).write_text("half")
    checkpoint_folder(output).mkdir()
    visuals_folder(output).mkdir(parents=True)
    remove_leftovers([output])
    assert not part_path(output).exists()
    assert checkpoint_folder(output).is_dir() and visuals_folder(output).is_dir()
    discard_progress(output)
    assert list(tmp_path.iterdir()) == []


def test_sweeping_removes_rows_and_what_is_made_on_the_way(tmp_path) -> None:
    output = tmp_path / "m.tif"
    rows_path(output, "0123456789").touch()
    for where in (part_path, state_path, new_state_path, lock_path):
        where(output).write_text("")
    with work_folder(output) as folder:
        (folder / "raster.tif.ovr.tmp").write_text("")
        kept = tmp_path / "kept"
        folder.rename(kept)
    kept.rename(folder)
    output.write_text("old")
    remove_leftovers([output])
    assert list(tmp_path.iterdir()) == [output], "what a killed run has locked too"


def test_sweeping_leaves_what_another_run_is_writing(tmp_path) -> None:
    output = tmp_path / "m.tif"
    part_path(output).write_text("rows")
    with try_lock(lock_path(output)) as is_locked:
        assert is_locked
        remove_leftovers([output])
        assert part_path(output).read_text() == "rows"
    remove_leftovers([output])
    assert list(tmp_path.iterdir()) == []


def test_a_check_leaves_the_rows_of_an_earlier_run(tmp_path) -> None:
    part_path(tmp_path / "m.tif").write_text("rows")
    check_writable(tmp_path / "m.tif")
    assert part_path(tmp_path / "m.tif").read_text() == "rows"
    assert len([*tmp_path.iterdir()]) == 1


def test_the_state_of_a_file(tmp_path) -> None:
    path = tmp_path / "a.tif"
    assert file_state(path) == file_state("a\0b") == (0, 0)
    path.write_bytes(b"12345")
    assert file_state(path) == (5, path.stat().st_mtime_ns)


def test_a_work_folder_begins_empty_and_goes(tmp_path) -> None:
    for error in (None, RuntimeError):
        (tmp_path / "m.tif.part.work").mkdir()
        (tmp_path / "m.tif.part.work" / "old").write_text("")
        with suppress(RuntimeError), work_folder(tmp_path / "m.tif") as folder:
            assert folder.parent == tmp_path and list(folder.iterdir()) == []
            (folder / "new").write_text("")
            if error:
                raise error
        assert list(tmp_path.iterdir()) == []


def test_sweeping_an_output_below_a_file_does_nothing(tmp_path) -> None:
    (tmp_path / "file").touch()
    remove_leftovers([tmp_path / "file" / "mask.tif"])
    assert (tmp_path / "file").is_file()


@pytest.mark.skipif(
    sys.platform != "linux", reason="stands in for Windows, by the open files of Linux"
)
def test_on_windows_whoever_is_last_removes_the_lock(tmp_path, monkeypatch) -> None:
    """Windows removes no file that somebody has open."""
    import fcntl

    unlink, path = Path.unlink, tmp_path / "lock"

    def unlink_as_windows(self: Path, missing_ok: bool = False) -> None:
        with os.scandir("/proc/self/fd") as files:
            for file in files:
                with suppress(FileNotFoundError):
                    if Path(file.path).readlink() == self:
                        raise PermissionError(13, "in use", str(self))
        unlink(self, missing_ok)

    def locking(file: int, how: int, _: int) -> None:
        fcntl.flock(file, how)

    calls = SimpleNamespace(locking=locking, LK_NBLCK=fcntl.LOCK_EX | fcntl.LOCK_NB)
    monkeypatch.setattr("engine.contract.file_lock.sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr("engine.contract.file_lock.msvcrt", calls, raising=False)
    monkeypatch.setattr(Path, "unlink", unlink_as_windows)
    assert sys.platform != "win32"
    first, second = ExitStack(), ExitStack()
    assert first.enter_context(try_lock(path))
    with try_lock(path) as is_alone:
        assert not is_alone
    assert path.exists(), "the first run still has it open"
    assert not second.enter_context(try_lock(path))
    first.close()
    assert path.exists(), "the second run still has it open"
    second.close()
    assert not path.exists()


LOCK_FOR_A_MOMENT = """
import sys, time
from pathlib import Path
from engine.contract.file_lock import try_lock
with try_lock(Path(sys.argv[1])):
    print(flush=True)
    time.sleep(0.5)
"""


def test_a_run_that_ends_a_moment_later_is_waited_for(root, tmp_path) -> None:
    output = tmp_path / "m.tif"
    wait_until_unlocked(output)
    assert not list(tmp_path.iterdir())
    part_path(output).touch()
    command = [sys.executable, "-c", LOCK_FOR_A_MOMENT, str(lock_path(output))]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        wait_until_unlocked(output, 0.1)
        assert process.poll() is None, "not for ever"
        wait_until_unlocked(output)
        remove_leftovers([output])
    assert not list(tmp_path.iterdir())


def test_a_lock_on_a_drive_that_gives_files_two_identities_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.contract.file_lock.os.path.samestat", lambda one, other: False)
    with try_lock(tmp_path / "lock") as is_locked:
        assert is_locked


def test_an_immutable_output_is_refused_before_the_run(tmp_path) -> None:
    output = tmp_path / "a.tif"
    output.write_text("old")
    if subprocess.run(["chattr", "+i", output], capture_output=True).returncode:
        pytest.skip("this disk or user knows no immutable files")
    try:
        with pytest.raises(JobError, match="not permitted"):
            check_writable(output)
    finally:
        subprocess.run(["chattr", "-i", output], check=True)
    output.chmod(0o444)
    check_writable(output)
