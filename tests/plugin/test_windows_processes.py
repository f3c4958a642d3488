"""Processes on Windows: what the engine has started ends with it, and the engine ends with QGIS."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dualstream_qgis.engine_process import child_process, process_group
from tests.plugin.test_worker import alive, never, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="job objects are Windows'")

#: A process that starts another one, and prints the id of both.
PARENT = """
import os, subprocess, sys, time
sleeper = [sys.executable, "-c", "import time; time.sleep(300)"]
print(os.getpid(), subprocess.Popen(sleeper, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).pid, flush=True)
"""

#: A QGIS that has started an engine, and ends by itself or is ended.
QGIS = """
import sys, time
from dualstream_qgis.engine_process.child_process import ChildProcess
process = ChildProcess([sys.executable, "-c", sys.argv[1]], ".")
print(next(iter(process.lines(lambda: False))), flush=True)
time.sleep(300)
"""


def ids(line: str) -> list[int]:
    return [int(word) for word in line.split()]


def start(code: str, folder) -> tuple[child_process.ChildProcess, list[int]]:
    process = child_process.ChildProcess([sys.executable, "-c", code], folder)
    return process, ids(next(iter(process.lines(never))))


def test_a_stopped_process_takes_its_children_along(tmp_path):
    process, started = start(PARENT + "time.sleep(300)", tmp_path)
    assert len(started) == 2 and all(map(alive, started))
    process.stop()
    assert wait_until(lambda: not any(map(alive, started)))


def test_a_process_that_has_ended_takes_its_children_along(tmp_path):
    process, started = start(PARENT + "os._exit(3)", tmp_path)
    assert wait_until(lambda: process.exit_code is not None) and process.exit_code == 3
    assert wait_until(lambda: not any(map(alive, started)))


def test_without_a_job_object_the_tree_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(process_group, "_new_job", lambda kernel, pid: None)
    process, started = start(PARENT + "time.sleep(300)", tmp_path)
    process.stop()
    assert wait_until(lambda: not any(map(alive, started)))


def test_the_engine_ends_with_a_qgis_that_is_killed(root):
    command = [sys.executable, "-c", QGIS, PARENT + "time.sleep(300)"]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as qgis:
        started = ids(qgis.stdout.readline())
        assert len(started) == 2 and all(map(alive, started))
        qgis.kill()
        assert wait_until(lambda: not any(map(alive, started)))
