"""Child processes leave no zombies, and only their own process groups are killed."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from dualstream_qgis.engine_process import child_process
from tests.plugin.test_worker import alive, never, wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no zombies")


def python(code, folder):
    return child_process.ChildProcess([sys.executable, "-c", code], folder)


def is_there(pid: int) -> bool:
    """Returns whether a process id exists, also that of a zombie, unlike ``alive``."""
    if sys.platform == "win32":
        return alive(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def killed(monkeypatch):
    """The killed groups in order, and whether their ids still existed."""
    found = []
    kill = os.killpg

    def spy(pid, number):
        assert number == signal.SIGKILL
        found.append((pid, is_there(pid)))
        kill(pid, number)

    monkeypatch.setattr(child_process.os, "killpg", spy)
    return found


def test_a_process_that_ends_unread_is_no_zombie(tmp_path):
    with python("print(1)", tmp_path) as process:
        assert wait_until(lambda: not is_there(process.pid))
        # Another thread has waited for the process, and notes its exit code a moment later.
        assert wait_until(lambda: process.exit_code == 0)
        assert list(process.lines(never)) == ["1"], "what it said is not lost"


def test_a_process_that_closes_its_output_early_keeps_its_exit_code(tmp_path):
    code = "import os, time; os.close(1); time.sleep(0.5); os._exit(7)"
    with python(code, tmp_path) as process:
        assert process.exit_code is None
        assert list(process.lines(never)) == [] and process.exit_code == 7


@pytest.mark.parametrize("code", ["pass", "import os; os.kill(os.getpid(), 9)"])
def test_the_group_of_an_ended_process_is_killed_once_before_it_is_reaped(tmp_path, killed, code):
    process = python(code, tmp_path)
    assert wait_until(lambda: process.exit_code is not None)
    assert not is_there(process.pid)
    process.stop()
    process.stop()
    assert killed == [(process.pid, True)]
    assert process.exit_code == (0 if code == "pass" else -9)


def test_stop_kills_the_group_of_a_running_process_once(tmp_path, killed):
    process = python("import time; time.sleep(300)", tmp_path)
    for _ in range(2):
        process.stop()
    assert killed == [(process.pid, True)] and process.exit_code == -9


def test_without_waitid_the_group_still_ends_with_its_leader(tmp_path, monkeypatch):
    monkeypatch.delattr(child_process.os, "waitid")
    code = """
import subprocess, sys
sleeper = [sys.executable, "-c", "import time; time.sleep(300)"]
print(subprocess.Popen(sleeper, stdout=subprocess.DEVNULL).pid)
"""
    with python(code, tmp_path) as process:
        (pid,) = process.lines(never)
        assert process.exit_code == 0
        assert wait_until(lambda: not alive(int(pid)), 1.0)
