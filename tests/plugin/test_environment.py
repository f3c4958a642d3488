from __future__ import annotations

import json
import os
import stat
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract.light_engine import FULL_ENGINE_PACKAGES

from dualstream_qgis import engine_home, environment, settings
from dualstream_qgis.environment import EnvironmentMissingError

pytestmark = pytest.mark.usefixtures("qgis_app")


@pytest.fixture(autouse=True)
def bare(tmp_path, monkeypatch):
    """No variable, no setting, no checkout's environment, an empty profile."""
    monkeypatch.delenv(environment.VARIABLE, raising=False)
    monkeypatch.setattr(environment, "ROOT", tmp_path / "root")
    monkeypatch.setattr(settings, "engine_home_folder", lambda: tmp_path / "home")
    monkeypatch.setattr(settings, "old_environment_folder", lambda: tmp_path / "profile" / "engine")
    monkeypatch.setattr(environment, "_checked", {})
    settings.ENGINE_PYTHON.set("")
    yield
    settings.ENGINE_PYTHON.set("")


def fake_python(path: Path, answer: str = '{"version": [3, 12, 0], "missing": []}') -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho x >> '{path}.calls'\necho '{answer}'\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return str(path)


def slow_python(path: Path) -> str:
    """Makes a Python that never answers, as a damaged one on a network drive."""
    python = fake_python(path)
    path.write_text("#!/bin/sh\nexec sleep 300\n")
    return python


def problem_of(python: str) -> str:
    """Returns what a Python lacks, once it has answered."""
    environment.environment_problem(python)
    environment.wait_for_checks()
    return environment.environment_problem(python)


def built(home: Path) -> Path:
    """Makes an environment as Set up does, on this test's Python, and returns its folder."""
    folder = engine_home.new_folder(home)
    python = engine_home.python_of_environment(folder)
    python.parent.mkdir(parents=True)
    python.symlink_to("/usr/bin/python3")
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.11\n")
    return folder


def test_without_an_environment_the_message_has_both_solutions():
    with pytest.raises(EnvironmentMissingError) as caught:
        environment.find()
    assert "Set up DualStream" in str(caught.value)
    assert "DUALSTREAM_PYTHON" in str(caught.value)


def test_the_order_is_variable_setting_checkout_built_profile(tmp_path, monkeypatch):
    profile = tmp_path / "profile" / "engine"
    old = fake_python(engine_home.python_of_environment(profile))
    with pytest.raises(EnvironmentMissingError):
        environment.find()  # it is not complete yet
    (profile / "dualstream-complete").touch()
    assert environment.find() == old
    assert environment.update_notice(old) == environment.UPDATE
    home = tmp_path / "home"
    folder = built(home)
    assert environment.find() == old, "a folder that no marker names is not used"
    engine_home.switch(home, folder, "cpu")
    assert environment.find() == str(folder / "bin" / "python")
    checkout = fake_python(
        engine_home.python_of_environment(tmp_path / "root" / ".venv" / "engine")
    )
    assert environment.find() == checkout
    chosen = fake_python(tmp_path / "chosen")
    settings.ENGINE_PYTHON.set(chosen)
    assert environment.find() == chosen
    variable = fake_python(tmp_path / "variable")
    monkeypatch.setenv(environment.VARIABLE, variable)
    assert environment.find() == variable


def test_an_engine_of_another_version_is_offered_for_update(tmp_path, monkeypatch):
    home = tmp_path / "home"
    engine_home.switch(home, folder := built(home), "cpu")
    python = str(engine_home.python_of_environment(folder))
    assert environment.find() == python
    assert environment.update_notice(python) == ""
    other = tmp_path / "requirements.txt"
    other.write_text("torch==9.9\n")
    monkeypatch.setattr(engine_home, "REQUIREMENTS", other)
    assert environment.find() == python, "it is still used"
    assert environment.update_notice(python) == environment.UPDATE
    assert environment.update_notice("/usr/bin/python3") == ""


def test_a_vanished_base_is_told_with_the_way_out(tmp_path):
    home = tmp_path / "home"
    engine_home.switch(home, folder := built(home), "cpu")
    (folder / "pyvenv.cfg").write_text("home = /nowhere/at/all\n")
    with pytest.raises(
        EnvironmentMissingError, match=r"lacks the Python below it.*Set up DualStream"
    ):
        environment.find()
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\n")
    assert environment.find()
    python = engine_home.python_of_environment(folder)
    python.unlink()
    python.symlink_to("/usr/bin/python3.0")
    with pytest.raises(EnvironmentMissingError, match="as after an upgrade of the system"):
        environment.find()


def test_a_newer_environment_replaces_the_old_one(tmp_path):
    home = tmp_path / "home"
    engine_home.switch(home, first := built(home), "cpu")
    second = built(home)
    engine_home.remove_unused(home).join()
    assert first.exists() and not second.exists(), "a half-built one goes"
    engine_home.switch(home, second := built(home), "cu130")
    engine_home.remove_unused(home).join()
    assert second.exists() and not first.exists()
    assert engine_home.installed(home).build == "cu130"


def test_a_marker_that_cannot_be_read_keeps_all_environments(tmp_path):
    engine_home.switch(tmp_path, used := built(tmp_path), "cpu")
    (tmp_path / "engine.json").write_text("{")
    engine_home.remove_unused(tmp_path).join()
    assert used.exists()


def test_a_chosen_python_that_fails_is_an_error(tmp_path, monkeypatch):
    fake_python(engine_home.python_of_environment(tmp_path / "root" / ".venv" / "engine"))
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(EnvironmentMissingError, match=r"DUALSTREAM_PYTHON.*does not exist"):
        environment.find()


def test_a_broken_checkout_is_skipped(tmp_path):
    lacking = '{"version": [3, 12, 0], "missing": ["torch"]}'
    fake_python(engine_home.python_of_environment(tmp_path / "root" / ".venv" / "engine"), lacking)
    with pytest.raises(EnvironmentMissingError, match="lacks the packages torch"):
        environment.find_checked()
    home = tmp_path / "home"
    engine_home.switch(home, folder := built(home), "cpu")
    assert environment.find() == str(engine_home.python_of_environment(folder))


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ('{"version": [3, 9, 2], "missing": []}', "is Python 3.9.2"),
        ('{"version": [3, 11, 2], "missing": ["tyro"]}', "lacks the packages tyro"),
        ("hello", "does not run as a Python"),
        ('["3.12"]', "does not run as a Python"),
    ],
)
def test_problems_of_a_python(tmp_path, answer, problem):
    assert problem in problem_of(fake_python(tmp_path / "python", answer))


def test_a_python_without_any_package_of_the_full_engine_has_the_light_one(tmp_path, monkeypatch):
    lacking = [n for n in environment.REQUIRED_PACKAGES if n in FULL_ENGINE_PACKAGES]
    answer = json.dumps({"version": [3, 12, 0], "missing": lacking})
    light, full = fake_python(tmp_path / "a", answer), fake_python(tmp_path / "b")
    assert problem_of(light) == problem_of(full) == ""
    monkeypatch.setenv(environment.VARIABLE, light)
    assert environment.is_light(environment.find())
    assert not environment.is_light(full)
    assert "lacks the packages torch" in problem_of(
        fake_python(tmp_path / "c", answer.replace(lacking[-1], "tyro"))
    )


def test_what_set_up_has_built_is_light_by_its_marker(tmp_path):
    home = tmp_path / "home"
    engine_home.switch(home, folder := built(home), engine_home.LIGHT)
    python = str(engine_home.python_of_environment(folder))
    assert environment.is_light(python) and environment.update_notice(python) == ""
    engine_home.switch(home, folder, "cpu")
    assert not environment.is_light(python)


def test_qgis_own_python_is_refused():
    assert "QGIS's own" in environment.environment_problem(sys.executable)


def test_a_python_is_checked_once_until_it_changes(tmp_path):
    python = fake_python(tmp_path / "python")
    calls = Path(python + ".calls")
    for _ in range(5):
        assert problem_of(python) == ""
    assert len(calls.read_text().splitlines()) == 1
    os.utime(python, (1, 1))
    assert problem_of(python) == ""
    assert len(calls.read_text().splitlines()) == 2


def test_a_problem_is_remembered_for_some_seconds(tmp_path, monkeypatch):
    python = fake_python(tmp_path / "python", '{"version": [3, 12, 0], "missing": ["torch"]}')
    calls = Path(python + ".calls")
    for _ in range(5):
        assert "torch" in problem_of(python)
    assert len(calls.read_text().splitlines()) == 1
    monkeypatch.setattr(environment, "PROBLEM_SECONDS", 0.0)
    monkeypatch.setattr(environment, "_checked", {})
    for _ in range(2):
        environment.environment_problem(python)
        environment.wait_for_checks()
    assert len(calls.read_text().splitlines()) == 3


def test_nothing_waits_for_a_python_that_does_not_answer(tmp_path, monkeypatch):
    python = slow_python(tmp_path / "python")
    settings.ENGINE_PYTHON.set(python)
    monkeypatch.setattr(environment, "CHECK_SECONDS", 1)
    monkeypatch.setattr(environment, "PROBLEM_SECONDS", 0.0)
    begun = time.monotonic()
    for _ in range(20):  # QGIS asks once for each algorithm
        assert environment.find() == python
    assert time.monotonic() - begun < 0.5
    with pytest.raises(EnvironmentMissingError, match="did not answer within 1 seconds"):
        environment.find_checked()
    begun = time.monotonic()
    with pytest.raises(EnvironmentMissingError, match="did not answer"):
        environment.find()  # it is asked again, and its last answer counts until then
    assert time.monotonic() - begun < 0.5
    environment.wait_for_checks()


def test_a_cancel_does_not_wait_for_a_python(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "CHECK_SECONDS", 3)
    python = slow_python(tmp_path / "python")
    settings.ENGINE_PYTHON.set(python)
    begun = time.monotonic()
    assert environment.find_checked(lambda: time.monotonic() - begun > 0.3) == python
    assert time.monotonic() - begun < 2


def test_a_real_python_without_torch_lacks_it(tmp_path):
    link = tmp_path / "python3"
    link.symlink_to("/usr/bin/python3")
    assert "torch" in problem_of(str(link))
