"""Disks and folders of the system that cannot be written to, or fill up during a run: each is one sentence."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.command_line.registry import PROBLEM
from engine.contract.protocol import Progress
from engine.runtimes.user_cache import VARIABLE
from tests.engine.commands.test_failing_clean_up import JOBS, Outcome, bed, run
from tests.engine.real_disks import immutable_folder, make_read_only, small_disk
from tests.engine.small_network import use_small_networks

__all__ = ["bed"]

WRITERS = [name for name in JOBS if name != "folds"]

#: Those that report steps, after the last of which they write.
BUSY = ["segment", "train", "polygons", "evaluate", "suggest"]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk") as folder:
        yield folder


@pytest.fixture
def locked_folder(tmp_path: Path) -> Iterator[Path]:
    with immutable_folder(tmp_path / "locked") as folder:
        yield folder


@pytest.fixture(params=WRITERS)
def job(
    request: pytest.FixtureRequest, bed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Outcome]:
    """``job(folder, emit)``: runs a verb with outputs in a folder."""
    verb, make = JOBS[request.param]
    use_small_networks(monkeypatch)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    return lambda folder, emit=lambda event: None: run(verb, make(bed, folder), emit)


def fill(disk: Path) -> None:
    """Fills a disk to its last byte."""
    with (disk / "full").open("ab", buffering=0) as file:
        for size in (4096, 1):
            with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
                while True:
                    file.write(bytes(size))


#: The last step of a training, after which nothing is written.
WRITTEN = "The model is written"


def is_told(end: Outcome, reason: int) -> bool:
    """Whether the user is told the reason, in the last sentence or in a warning."""
    return any(os.strerror(reason) in text for text in (end.message, *end.warnings))


def is_refused(end: Outcome, folder: Path, reason: int) -> bool:
    """Whether the user is told the path, the reason and the way out, before anything is computed."""
    told = f"cannot be written ({os.strerror(reason)}): choose another folder." in end.message
    return told and str(folder) in end.message and end.exit_code == PROBLEM and not end.details


def test_a_read_only_disk_is_refused_before_the_run(
    job: Callable[..., Outcome], disk: Path
) -> None:
    make_read_only(disk)
    for folder in (disk, disk / "new"):
        end = job(folder)
        assert is_refused(end, folder, errno.EROFS), end


def test_a_locked_folder_is_refused_before_the_run(
    job: Callable[..., Outcome], locked_folder: Path
) -> None:
    end = job(locked_folder)
    assert is_refused(end, locked_folder, errno.EPERM), end


def test_a_full_disk_is_a_sentence(job: Callable[..., Outcome], disk: Path) -> None:
    fill(disk)
    end = job(disk)
    assert end.exit_code == PROBLEM and not end.details, end
    assert str(disk) in end.message, end
    assert "free some" in end.message.lower() or is_told(end, errno.ENOSPC), end


@pytest.mark.parametrize("job", BUSY, indirect=True)
def test_a_disk_that_fills_up_before_the_last_step_is_a_sentence(
    job: Callable[..., Outcome], disk: Path
) -> None:
    steps: list[str] = []

    def note(event: Any) -> None:
        if isinstance(event, Progress):
            steps.append(event.message)

    def fill_at_last(event: Any) -> None:
        if isinstance(event, Progress) and event.message == last:
            fill(disk)

    assert job(disk.parent / "roomy", note).exit_code == 0
    last = next(step for step in reversed(steps) if step != WRITTEN)
    end = job(disk, fill_at_last)
    assert (disk / "full").exists(), "there was no such step"
    assert not end.details and is_told(end, errno.ENOSPC), end


@pytest.mark.parametrize("ending", ["tif", "gpkg"])
def test_the_shell_says_it_in_one_line(bed: Path, disk: Path, ending: str) -> None:
    make_read_only(disk)
    given = {
        "tif": ["segment", "--model", bed / "one.safetensors", "--image", bed / "image.tif"],
        "gpkg": ["polygons", "--mask", bed / "mask.tif"],
    }[ending]
    output = disk / f"out.{ending}"
    command = [sys.executable, "-m", "engine", *map(str, given), "--output", str(output)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    sentence = f"Error: The output {output} cannot be written (Read-only file system): choose another folder."
    assert (done.returncode, done.stdout, done.stderr.strip()) == (PROBLEM, "", sentence)
