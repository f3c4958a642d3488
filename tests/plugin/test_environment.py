from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis import environment, installation, settings
from dualstream_qgis.child_process import CancelledError
from dualstream_qgis.environment import EnvironmentMissingError

pytestmark = pytest.mark.usefixtures("qgis_app")


@pytest.fixture(autouse=True)
def bare(tmp_path, monkeypatch):
    """No variable, no setting, no checkout's environment, an empty profile."""
    monkeypatch.delenv(environment.VARIABLE, raising=False)
    monkeypatch.setattr(environment, "ROOT", tmp_path / "root")
    monkeypatch.setattr(settings, "environment_folder", lambda: tmp_path / "profile" / "engine")
    monkeypatch.setattr(environment, "_usable_pythons", set())
    settings.ENGINE_PYTHON.set("")
    yield
    settings.ENGINE_PYTHON.set("")


def fake_python(path: Path, answer: str = '{"version": [3, 12, 0], "missing": []}') -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho x >> '{path}.calls'\necho '{answer}'\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return str(path)


def test_without_an_environment_the_message_has_both_solutions():
    with pytest.raises(EnvironmentMissingError) as caught:
        environment.find()
    assert "Set up DualStream" in str(caught.value)
    assert "DUALSTREAM_PYTHON" in str(caught.value)


def test_the_order_is_variable_setting_checkout_profile(tmp_path, monkeypatch):
    profile = settings.environment_folder()
    built = fake_python(environment.python_of_environment(profile))
    with pytest.raises(EnvironmentMissingError):
        environment.find()  # it is not complete yet
    environment.mark_complete(profile)
    assert environment.find() == built
    checkout = fake_python(
        environment.python_of_environment(tmp_path / "root" / ".venv" / "engine")
    )
    assert environment.find() == checkout
    chosen = fake_python(tmp_path / "chosen")
    settings.ENGINE_PYTHON.set(chosen)
    assert environment.find() == chosen
    variable = fake_python(tmp_path / "variable")
    monkeypatch.setenv(environment.VARIABLE, variable)
    assert environment.find() == variable


def test_a_chosen_python_that_fails_is_an_error(tmp_path, monkeypatch):
    fake_python(environment.python_of_environment(tmp_path / "root" / ".venv" / "engine"))
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(EnvironmentMissingError, match=r"DUALSTREAM_PYTHON.*does not exist"):
        environment.find()


def test_a_broken_checkout_is_skipped(tmp_path):
    lacking = '{"version": [3, 12, 0], "missing": ["torch"]}'
    fake_python(environment.python_of_environment(tmp_path / "root" / ".venv" / "engine"), lacking)
    with pytest.raises(EnvironmentMissingError, match="lacks the packages torch"):
        environment.find()
    built = fake_python(environment.python_of_environment(settings.environment_folder()))
    environment.mark_complete(settings.environment_folder())
    assert environment.find() == built


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ('{"version": [3, 9, 2], "missing": []}', "is Python 3.9.2"),
        ('{"version": [3, 11, 2], "missing": ["tyro"]}', "lacks the packages tyro"),
        ("hello", "does not run as a Python"),
    ],
)
def test_problems_of_a_python(tmp_path, answer, problem):
    assert problem in environment.environment_problem(fake_python(tmp_path / "python", answer))


def test_qgis_own_python_is_refused():
    assert "QGIS's own" in environment.environment_problem(sys.executable)


def test_a_python_is_checked_once_until_it_changes(tmp_path):
    python = fake_python(tmp_path / "python")
    calls = Path(python + ".calls")
    for _ in range(5):
        assert environment.environment_problem(python) == ""
    assert len(calls.read_text().splitlines()) == 1
    os.utime(python, (1, 1))
    assert environment.environment_problem(python) == ""
    assert len(calls.read_text().splitlines()) == 2


def test_a_real_python_without_torch_lacks_it(tmp_path):
    link = tmp_path / "python3"
    link.symlink_to("/usr/bin/python3")
    assert "torch" in environment.environment_problem(str(link))


# Building ----------------------------------------------------------------------------------------


FAKE_UV = """#!/bin/sh
echo "$@" >> "{log}"
if [ "$1" = venv ]; then
    for folder; do :; done
    mkdir -p "$folder/bin" && ln -s {python} "$folder/bin/python"
fi
echo "Installed 3 packages" >&2
exit {code}
"""


@pytest.fixture
def uv(tmp_path, monkeypatch):
    """``uv(code)``: a fake uv that logs its arguments and exits with a code."""

    def make(code: int = 0) -> Path:
        log, program = tmp_path / "uv.log", tmp_path / "uv"
        program.write_text(FAKE_UV.format(log=log, python="/usr/bin/python3", code=code))
        program.chmod(0o755)
        monkeypatch.setattr(installation, "uv_executable", lambda folder: str(program))
        return log

    return make


def build(folder, torch="default", cancelled=lambda: False):
    return list(installation.build(folder, torch, cancelled))


def test_building_creates_an_environment_and_marks_it(uv, monkeypatch):
    monkeypatch.setattr(installation, "_is_usable", lambda python, *_: python.exists())
    log, folder = uv(), settings.environment_folder()
    steps = build(folder)
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert any("Installed 3 packages" in step.message for step in steps)
    made, installed = log.read_text().splitlines()
    assert made.startswith("venv --no-project --python >=3.11,<3.15")
    python = f"--python {folder}/bin/python"
    assert installed.startswith(f"pip install --compile-bytecode {python} --requirement")
    assert "--torch-backend" not in installed
    assert [c.python for c in environment.candidates()][-1] == f"{folder}/bin/python"
    build(folder, "cu126")
    again = log.read_text().splitlines()
    assert len(again) == 3, "an environment that works is repaired, not made again"
    assert "--torch-backend cu126 --reinstall-package torch" in again[-1]


def test_a_failed_step_quotes_uv_and_is_not_complete(uv):
    uv(code=1)
    folder = settings.environment_folder()
    with pytest.raises(installation.InstallationError, match=r"Installed 3 packages.*proxy"):
        build(folder)
    assert folder not in [Path(c.python).parents[1] for c in environment.candidates()]


def test_building_can_be_cancelled(uv):
    uv()
    with pytest.raises(CancelledError):
        build(settings.environment_folder(), cancelled=lambda: True)


def test_the_first_python_is_a_real_one():
    found = installation.find_interpreters()
    assert found
    assert all(Path(python).is_file() for python in found)


def test_without_venv_and_pip_the_package_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(installation, "uv_executable", lambda folder: "")
    monkeypatch.setattr(installation, "find_interpreters", lambda: ["/bin/false"])
    with pytest.raises(installation.InstallationError, match="python3-venv"):
        build(tmp_path / "profile" / "engine")
