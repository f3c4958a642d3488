"""The installation with the real uv and an index of tiny wheels on this computer: hashes, and folders of packages."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dualstream_qgis import engine_home
from dualstream_qgis.installation import installer, requirement_lines, uv_program, wheel_folder
from dualstream_qgis.installation.computer import Computer, this_computer
from dualstream_qgis.installation.errors import InstallationError
from tests.plugin import tiny_index

UV = shutil.which("uv") or str(
    Path(__file__).resolve().parents[2] / ".venv" / "tools" / "bin" / "uv"
)
pytestmark = [
    pytest.mark.skipif(not Path(UV).exists(), reason="uv is not there: make setup"),
    pytest.mark.skipif(sys.platform == "win32", reason="its Python is the system's, by a script"),
]

HERE = Computer("linux", this_computer().processor, libc="gnu")
#: The version of the system's Python: uv's own Pythons lie on a server.
VERSION = Path("/usr/bin/python3").resolve().name.removeprefix("python")
PROGRAM = f"""#!/bin/sh
if [ "$1" = venv ]; then
    for folder; do :; done
    exec "{UV}" venv -q --no-project --python /usr/bin/python3 "$folder"
fi
exec "{UV}" "$@"
"""


def tiny_order(tmp_path, monkeypatch):
    """Returns ``make(**values)``: an order of tiny wheels in ``tmp_path / "wheels"``, with requirements of them."""
    wheels = tmp_path / "wheels"
    for name in tiny_index.PACKAGES:
        tiny_index.write_wheel(wheels, name)
    (wheels / wheel_folder.SYSTEM_FILE).write_text(HERE.python.replace("3.12", VERSION))
    requirements = tmp_path / "requirements.txt"
    tiny_index.write_requirements(requirements, wheels)
    monkeypatch.setattr(engine_home, "REQUIREMENTS", requirements)
    program = tmp_path / "program"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    for name in ("wheel", "wheel_of_folder", "unpack"):
        monkeypatch.setattr(uv_program, name, lambda *_: program)
    monkeypatch.setattr(installer, "LOADED", tiny_index.PACKAGES)
    monkeypatch.setattr(installer, "free_bytes", lambda folder: 1e12)

    def make(**values):
        variables = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
        values = {"choice": "default", "variables": variables, **values}
        return installer.Order(tmp_path / "home", HERE, pytest.fail, **values)

    return make


@pytest.fixture
def order(tmp_path, monkeypatch):
    return tiny_order(tmp_path, monkeypatch)


def build(order):
    return [event.message for event in installer.build(order, lambda: False)]


def installed(order, module):
    """Returns a module's value ``CONTENT`` in the environment in use."""
    folder = order.home / engine_home.installed(order.home).folder
    python = engine_home.python_of_environment(folder)
    code = f"import {module}; print(getattr({module}, 'CONTENT', ''))"
    answer = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return answer.stdout.strip()


def test_packages_come_from_the_index_and_their_hashes_are_required(order, tmp_path):
    with tiny_index.serve(tmp_path / "wheels") as index:
        messages = build(made := order(index=index))
    assert any("Installed 6 packages" in message for message in messages)
    assert installed(made, "torch") == ""
    log = tmp_path / "home" / engine_home.installed(made.home).folder / "lib"
    assert list(log.rglob("torch*.pyc")), "it is compiled for a fast start"


def test_a_changed_wheel_is_refused(order, tmp_path):
    tiny_index.write_wheel(tmp_path / "wheels", "rasterio", code="CONTENT = 'changed'\n")
    with tiny_index.serve(tmp_path / "wheels") as index:
        made = order(index=index)
        with pytest.raises(InstallationError, match="content was changed on the way") as caught:
            build(made)
    assert caught.value.cause == "changed package"
    assert engine_home.installed(made.home) is None


def test_a_requirement_without_a_hash_is_noticed(order, tmp_path):
    requirements = tmp_path / "requirements.txt"
    text = requirements.read_text()
    assert requirement_lines.has_hashes(requirements)
    requirements.write_text(text + "more==1.0\n")
    assert not requirement_lines.has_hashes(requirements)


def test_a_folder_of_packages_needs_no_index(order, tmp_path):
    made = order(wheels=tmp_path / "wheels")
    build(made)
    assert engine_home.installed(made.home).build == "default"
    assert installed(made, "torch") == ""


def test_a_folder_with_another_build_of_pytorch_installs_that(order, tmp_path):
    wheels = tmp_path / "wheels"
    (wheels / "torch-1.0-py3-none-any.whl").unlink()
    tiny_index.write_wheel(wheels, "torch", "1.0+cu130", "CONTENT = 'cuda'\n")
    made = order(wheels=wheels)
    build(made)
    assert engine_home.installed(made.home).build == "cu130"
    assert installed(made, "torch") == "cuda"


def test_a_folder_without_pytorch_installs_the_light_engine(order, tmp_path, monkeypatch):
    wheels, light = tmp_path / "wheels", tmp_path / "requirements-light.txt"
    (wheels / "torch-1.0-py3-none-any.whl").unlink()
    tiny_index.write_requirements(light, wheels)
    monkeypatch.setattr(engine_home, "LIGHT_REQUIREMENTS", light)
    monkeypatch.setattr(installer, "LIGHT_LOADED", ("rasterio",))
    made = order(wheels=wheels)
    messages = build(made)
    assert any("light engine" in message for message in messages)
    assert engine_home.installed(made.home).build == engine_home.LIGHT
    assert installed(made, "rasterio") == ""


def test_a_folder_of_the_full_engine_holds_the_light_one(order, tmp_path, monkeypatch):
    light = tmp_path / "requirements-light.txt"
    lines = requirement_lines.entries((tmp_path / "requirements.txt").read_text())
    light.write_text("\n".join(line for line in lines if line.startswith("rasterio")))
    monkeypatch.setattr(engine_home, "LIGHT_REQUIREMENTS", light)
    monkeypatch.setattr(installer, "LIGHT_LOADED", ("rasterio",))
    made = order(wheels=tmp_path / "wheels", choice=engine_home.LIGHT)
    build(made)
    assert installed(made, "rasterio") == ""
    with pytest.raises(subprocess.CalledProcessError):
        installed(made, "torch")


def test_a_changed_wheel_of_a_folder_is_refused_also_beside_another_build(order, tmp_path):
    wheels = tmp_path / "wheels"
    (wheels / "torch-1.0-py3-none-any.whl").unlink()
    tiny_index.write_wheel(wheels, "torch", "1.0+cu130")
    tiny_index.write_wheel(wheels, "rasterio", code="CONTENT = 'changed'\n")
    with pytest.raises(InstallationError, match="content was changed"):
        build(order(wheels=wheels))


def test_a_folder_that_lacks_a_package_is_told(order, tmp_path):
    (tmp_path / "wheels" / "pyogrio-1.0-py3-none-any.whl").unlink()
    with pytest.raises(InstallationError, match=r"lacks a package for this system"):
        build(order(wheels=tmp_path / "wheels"))


def test_a_folder_of_another_system_is_refused(order, tmp_path):
    (tmp_path / "wheels" / wheel_folder.SYSTEM_FILE).write_text("cpython-3.12-windows-x86_64-none")
    with pytest.raises(InstallationError, match=r"for windows x86_64, and this computer is linux"):
        build(order(wheels=tmp_path / "wheels"))
    with pytest.raises(
        InstallationError, match=r"does not hold DualStream's packages.*Download for"
    ):
        build(order(wheels=tmp_path))


def test_the_engines_own_requirements_have_hashes_and_no_other_source():
    file = engine_home.REQUIREMENTS
    assert requirement_lines.has_hashes(file)
    assert requirement_lines.has_hashes(file.with_name("requirements-scale.txt"))
    found = requirement_lines.entries(file.read_text())
    assert len(found) > 80
    assert not [entry for entry in found if "://" in entry or entry.startswith("-")]
    special = requirement_lines.for_special_build(file).splitlines()
    without = [entry.split("==")[0] for entry in special if "--hash=" not in entry]
    assert without == ["torch", "torchvision"]
    assert not [entry for entry in special if entry.startswith("nvidia")]
