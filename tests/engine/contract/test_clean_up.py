"""A clean-up never replaces the error that is under way, and what nobody needs is discarded without an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.contract.clean_up import CleanUp, temporary_folder
from engine.contract.file_replacement import (
    atomic_rewrite,
    discard_empty_folder,
    discard_file,
    discard_folder,
)
from engine.contract.output_files import atomic_output, part_path, remove_leftovers, work_folder
from engine.contract.training_files import discard_progress
from tests.engine.failing_disk import ERRORS, LATER, FailingDisk


def fail() -> None:
    raise OSError(LATER)


@pytest.mark.parametrize("first", [ValueError("first"), KeyboardInterrupt(), GeneratorExit()])
def test_the_error_of_the_block_stays_and_all_steps_are_called(first: BaseException) -> None:
    called: list[str] = []
    steps = (lambda: called.append("a"), fail, lambda: called.append("b"))
    with pytest.raises(type(first)) as found, CleanUp(*steps):
        raise first
    assert found.value is first and called == ["a", "b"]


def test_without_an_error_that_of_a_step_is_raised_after_all_steps() -> None:
    called: list[str] = []
    with pytest.raises(OSError, match=LATER), CleanUp(fail, lambda: called.append("b")):
        pass
    assert called == ["b"]


def test_of_two_failing_steps_the_first_failure_is_raised() -> None:
    def fail_first() -> None:
        raise ValueError("first")

    with pytest.raises(ValueError, match="first"):
        CleanUp(fail_first, fail).close()


def test_moved_steps_are_called_once() -> None:
    called: list[str] = []
    with CleanUp(lambda: called.append("a")) as first:
        moved = first.pop_all()
    assert not called
    moved.close()
    moved.close()
    assert called == ["a"]


def test_an_interruption_during_a_clean_up_ends_the_run() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), CleanUp(interrupt):
        raise ValueError("first")


def test_what_was_entered_is_left_like_a_step() -> None:
    with pytest.raises(ValueError, match="first"), CleanUp() as outer:
        inner = CleanUp(fail)
        outer.enter_context(inner)
        raise ValueError("first")


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FailingDisk:
    return FailingDisk(tmp_path, monkeypatch)


@pytest.mark.parametrize("error", ERRORS)
def test_a_disk_that_fails_keeps_what_is_discarded(
    tmp_path: Path, disk: FailingDisk, error: int
) -> None:
    folder, file = tmp_path / "folder", tmp_path / "folder" / "file"
    folder.mkdir()
    file.touch()
    disk.begin(at=1, later=error, fails=False)
    (tmp_path / "last").write_text("")
    discard_file(file)
    discard_folder(folder)
    remove_leftovers([file])
    discard_progress(file)
    assert file.exists()
    disk.begin()
    discard_folder(folder)
    discard_empty_folder(tmp_path)
    assert not folder.exists() and tmp_path.exists(), "it is not empty"


@pytest.mark.parametrize("error", ERRORS)
def test_the_error_of_whoever_writes_stays(tmp_path: Path, disk: FailingDisk, error: int) -> None:
    output = tmp_path / "new" / "a.tif"
    for writer in (atomic_output, work_folder, atomic_rewrite):
        disk.begin()
        output.parent.mkdir(exist_ok=True)
        with pytest.raises(ValueError, match="first"), writer(output) as part:
            (part / "file" if part.is_dir() else part).write_text("half")
            disk.begin(at=1, later=error, fails=False)
            (tmp_path / "last").write_text("")
            raise ValueError("first")
        assert part.exists(), "the disk did not fail"
    assert not output.exists()


def test_a_temporary_folder_is_removed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="first"), temporary_folder(tmp_path, "x-") as folder:
        (folder / "file").touch()
        assert folder.parent == tmp_path and folder.name.startswith("x-")
        raise ValueError("first")
    assert [*tmp_path.iterdir()] == []


def test_leftovers_below_a_file_and_locks_that_cannot_be_opened_are_passed_over(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").touch()
    lock = part_path(tmp_path / "a.tif").with_name("a.tif.part.lock")
    lock.mkdir()
    remove_leftovers([tmp_path / "file" / "b.tif", tmp_path / "a.tif"])
    assert lock.exists()
