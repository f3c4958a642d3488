"""The computer stays awake while the engine works, by a program of the system, and without it the run goes on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dualstream_qgis.engine_process.sleep_inhibitor import kept_awake
from tests.plugin.test_worker import alive, wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has a function for it")


@pytest.fixture
def program(tmp_path):
    """``program(name, body)``: environment variables in which only this program and those of the system are found."""

    def make(name, body):
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\necho $$ $@ > '{tmp_path}/told'\n{body}\n")
        path.chmod(0o755)
        return {"PATH": str(path.parent)}

    return make


def told(folder: Path) -> tuple[int, str]:
    path = folder / "told"
    assert wait_until(lambda: path.exists() and path.read_text().strip())
    pid, _, arguments = path.read_text().strip().partition(" ")
    return int(pid), arguments


@pytest.mark.parametrize(
    ("system", "name", "arguments"),
    [
        (
            "linux",
            "systemd-inhibit",
            "--what=idle:sleep --who=DualStream --why=DualStream computes --mode=block cat",
        ),
        ("darwin", "caffeinate", "-i cat"),
    ],
)
def test_the_program_of_the_system_runs_as_long_as_the_run(
    program, tmp_path, system, name, arguments
):
    variables = program(name, "exec /bin/cat")
    with kept_awake(system, variables):
        pid, said = told(tmp_path)
        assert said == arguments and alive(pid)
    assert not alive(pid)


@pytest.mark.parametrize("body", ["exit 1", "exec /bin/sleep 300"])
def test_a_program_that_fails_or_hangs_fails_no_run(program, tmp_path, body):
    begun = time.monotonic()
    with kept_awake("linux", program("systemd-inhibit", body)):
        pid, _ = told(tmp_path)
    assert wait_until(lambda: not alive(pid)) and time.monotonic() - begun < 5


def test_without_such_a_program_nothing_happens(tmp_path):
    for system in ("linux", "darwin", "freebsd"):
        with kept_awake(system, {"PATH": str(tmp_path)}):
            pass
    with pytest.raises(RuntimeError), kept_awake("linux", {"PATH": str(tmp_path)}):
        raise RuntimeError


def test_it_ends_with_qgis(program, tmp_path):
    variables = program("systemd-inhibit", "exec /bin/cat")
    root = str(Path(__file__).resolve().parents[2])
    code = f"""
import sys, time
sys.path.insert(0, {root!r})
from dualstream_qgis.engine_process.sleep_inhibitor import kept_awake
with kept_awake("linux", {variables!r}):
    time.sleep(300)
"""
    qgis = subprocess.Popen([sys.executable, "-c", code])
    pid, _ = told(tmp_path)
    assert alive(pid)
    os.kill(qgis.pid, 9)
    qgis.wait()
    assert wait_until(lambda: not alive(pid))
