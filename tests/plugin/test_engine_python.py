"""Which Python the engine's environment is made of, where uv cannot have its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dualstream_qgis.installation import engine_python, wheel_folder
from dualstream_qgis.installation.computer import Computer
from dualstream_qgis.installation.errors import InstallationError
from dualstream_qgis.installation.step import Step

LINUX = Computer("linux", "x86_64", libc="gnu")
WINDOWS = Computer("windows", "x86_64")
#: The version of the Python that every Linux here has.
VERSION = Path("/usr/bin/python3").resolve().name.removeprefix("python")


def create(tmp_path, computer, python, with_python=False):
    """Returns the lines of making an environment from a folder of packages, and the calls of uv."""
    if sys.platform == "win32" and (with_python or computer is LINUX):
        pytest.skip("its stand-in for uv is a shell script")
    wheels = tmp_path / "wheels"
    (wheels / "python" / "20261110").mkdir(parents=True)
    if with_python:
        (wheels / "python" / "20261110" / "cpython.tar.gz").touch()
    (wheels / wheel_folder.SYSTEM_FILE).write_text(python)
    uv = tmp_path / "uv"
    uv.write_text(f'#!/bin/sh\necho "$@" >> "{tmp_path}/calls"\n')
    uv.chmod(0o755)
    step = Step(tmp_path, {"PATH": "/usr/bin:/bin"}, lambda: False)
    steps = engine_python.create(uv, tmp_path / "e1", computer, wheels, step)
    lines = [event.message for event in steps]
    return lines, (tmp_path / "calls").read_text().splitlines()


def test_a_folder_without_python_uses_the_systems_of_the_same_version(tmp_path):
    lines, calls = create(tmp_path, LINUX, f"cpython-{VERSION}-linux-x86_64-gnu")
    assert any("holds no Python: using the system's, /usr" in line for line in lines)
    assert len(calls) == 1
    assert f"/python{VERSION} " in calls[0]
    assert "--managed-python" not in calls[0]


def test_a_folder_with_python_uses_that(tmp_path):
    python = "cpython-3.12-linux-x86_64-gnu"
    _, calls = create(tmp_path, LINUX, python, with_python=True)
    assert f"--managed-python --python {python}" in calls[0]


def test_a_system_without_that_version_is_told_the_way_out(tmp_path):
    with pytest.raises(InstallationError, match=r"made for Python 3\.99.*fill the folder again"):
        create(tmp_path, LINUX, "cpython-3.99-linux-x86_64-gnu")


def test_windows_needs_the_python_of_the_folder(tmp_path):
    with pytest.raises(InstallationError, match=r"holds no Python 3\.12.*Run Download"):
        create(tmp_path, WINDOWS, WINDOWS.python)


def test_another_systems_python_is_never_taken_on_windows():
    assert engine_python.system_python(engine_python.VERSIONS, WINDOWS) == ""
