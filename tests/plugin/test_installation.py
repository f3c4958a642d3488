"""The installation with a uv that is a shell script: its steps, its causes of failure, its progress and its end."""

from __future__ import annotations

import hashlib
import io
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest
from dualstream_qgis.engine.contract.light_engine import FULL_ENGINE_PACKAGES

from dualstream_qgis import engine_home
from dualstream_qgis.engine_process.child_process import CancelledError
from dualstream_qgis.installation import (
    computer,
    engine_python,
    installer,
    requirement_lines,
    torch_builds,
    uv_program,
)
from dualstream_qgis.installation.computer import Computer
from dualstream_qgis.installation.errors import InstallationError

LINUX = Computer("linux", "x86_64", libc="gnu")
NETWORK = "echo 'error: dns error: failed to lookup address information'; exit 2"

FAKE_UV = """#!/bin/sh
echo "$@" >> "{log}"
env > "{log}.env"
if [ "$1" = venv ]; then
    . "{folder}/venv.sh"
    for folder; do :; done
    mkdir -p "$folder/bin" "$folder/lib"
    echo "home = /usr/bin" > "$folder/pyvenv.cfg"
    printf '#!/bin/sh\\necho "python $*" >> "{log}"\\n. "{folder}/python.sh"\\n' > "$folder/bin/python"
    chmod +x "$folder/bin/python"
else
    . "{folder}/pip.sh"
    echo "Installed 3 packages" >&2
    echo " + tyro==1.0" >&2
fi
"""


@pytest.fixture
def setup(tmp_path, monkeypatch):
    """``setup(venv="", pip="", python="", **order)``: an order whose uv runs these lines of shell; it logs its calls."""

    if sys.platform == "win32":
        pytest.skip("its stand-in for uv is a shell script")

    def make(venv="", pip="", python="", here=LINUX, **order):
        log = tmp_path / "calls"
        for name, lines in (("venv", venv), ("pip", pip), ("python", python)):
            (tmp_path / f"{name}.sh").write_text(lines + "\n")
        program = FAKE_UV.format(log=log, folder=tmp_path)
        wheel = io.BytesIO()
        with zipfile.ZipFile(wheel, "w") as archive:
            for name in ("uv", "uv.exe"):
                archive.writestr(zipfile.ZipInfo(f"uv.data/scripts/{name}"), program)
        key = here.system, here.processor
        known = uv_program.WHEELS[key][0], hashlib.sha256(wheel.getvalue()).hexdigest()
        monkeypatch.setitem(uv_program.WHEELS, key, known)
        name = uv_program.wheel_name(here)
        answers = {f"https://{uv_program.ORDINARY_HOST}/simple/uv/": f'<a href="/{name}">'.encode()}
        order.setdefault("fetch", lambda address: answers.get(address, wheel.getvalue()))
        order.setdefault("variables", {"PATH": "/usr/bin:/bin"})
        return installer.Order(home=tmp_path / "home", computer=here, **order)

    monkeypatch.setattr(installer, "free_bytes", lambda folder: 1e12)
    return make


def build(order, cancelled=lambda: False):
    return list(installer.build(order, cancelled))


def calls(order) -> list[str]:
    return (order.home.parent / "calls").read_text().splitlines()


def variables(order) -> dict[str, str]:
    lines = (order.home.parent / "calls.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def test_an_environment_is_built_checked_and_then_used(setup):
    order = setup(choice="cpu")
    events = build(order)
    fractions = [event.fraction for event in events]
    assert fractions == sorted(fractions)
    assert any("Installed 3 packages" in event.message for event in events)
    assert not any("tyro" in event.message for event in events)
    made, installed, *loaded = calls(order)
    python = "--managed-python --python cpython-3.12-linux-x86_64-gnu"
    assert made == f"venv --no-project --clear {python} {order.home}/e1"
    assert installed.startswith("pip install --only-binary :all: --python")
    assert installed.endswith("--torch-backend cpu")
    assert loaded[0].startswith("python -c")
    assert loaded[-1].endswith(" ".join(installer.LOADED))
    built = engine_home.installed(order.home)
    assert (built.folder, built.build, built.is_current) == ("e1", "cpu", True)


def test_the_light_engine_is_built_without_pytorch_and_another_run_switches(setup):
    order = setup(choice=torch_builds.LIGHT)
    events = build(order)
    assert any("light engine" in event.message for event in events)
    _, installed, *loaded = calls(order)
    assert installed.endswith(f"--require-hashes --requirement {engine_home.LIGHT_REQUIREMENTS}")
    assert loaded[-1].endswith(" ".join(installer.LIGHT_LOADED))
    built = engine_home.installed(order.home)
    assert (built.build, built.is_current) == (torch_builds.LIGHT, True)
    build(setup(choice="cpu"))
    assert engine_home.installed(order.home).build == "cpu"


def test_the_light_engine_needs_packages_that_the_full_one_pins_too():
    light, full = (
        {entry.partition(" ")[0] for entry in requirement_lines.entries(file.read_text())}
        for file in (engine_home.LIGHT_REQUIREMENTS, engine_home.REQUIREMENTS)
    )
    assert light < full
    assert requirement_lines.has_hashes(engine_home.LIGHT_REQUIREMENTS)
    assert not {name.partition("==")[0] for name in light} & {
        name.replace("_", "-") for name in FULL_ENGINE_PACKAGES
    }


def test_uv_gets_the_systems_certificates_and_folders_of_its_own(setup):
    order = setup(choice="cpu", variables={"PATH": "/usr/bin:/bin", "HTTPS_PROXY": "http://p:1"})
    build(order)
    found = variables(order)
    assert found["UV_SYSTEM_CERTS"] == found["UV_NATIVE_TLS"] == "1"
    assert found["UV_CACHE_DIR"] == f"{order.home}/cache"
    assert found["UV_PYTHON_INSTALL_DIR"] == f"{order.home}/python"
    assert found["HTTPS_PROXY"] == "http://p:1"
    assert "UV_DEFAULT_INDEX" not in found


def test_an_index_of_the_office_is_used_for_uv_and_by_uv(setup):
    order = setup(choice="cpu", index="https://office/simple")
    asked = []

    def fetch(address):
        asked.append(address)
        return b""

    with pytest.raises(InstallationError, match="https://office/simple does not offer uv"):
        build(setup(choice="cpu", index="https://office/simple", fetch=fetch))
    assert asked == ["https://office/simple/uv/"]
    (order.home / "uv").mkdir(parents=True, exist_ok=True)
    kept = order.home / "uv" / uv_program.wheel_name(LINUX)
    kept.write_bytes(setup(choice="cpu").fetch("any"))
    build(order)
    assert variables(order)["UV_DEFAULT_INDEX"] == "https://office/simple"


def test_a_second_run_builds_beside_and_the_next_one_removes_the_old_one(setup):
    build(setup(choice="cpu"))
    order = setup(choice="cu126")
    build(order)
    assert engine_home.installed(order.home).folder == "e2"
    assert (order.home / "e1").exists(), "a training may be using it"
    build(setup(choice="cpu"))
    engine_home.remove_unused(order.home).join()
    assert [folder.name for folder in order.home.glob("e[0-9]*")] == ["e3"]


def test_what_an_upgrade_breaks_or_outdates_is_told_and_the_next_run_mends_it(
    setup, monkeypatch, tmp_path
):
    environment = pytest.importorskip("dualstream_qgis.environment", reason="needs PyQGIS")
    monkeypatch.delenv(environment.VARIABLE, raising=False)
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    order = setup(choice="cpu")
    monkeypatch.setattr(environment.settings, "engine_home_folder", lambda: order.home)
    build(order)
    python = Path(environment.find())
    python.unlink()
    python.symlink_to("/usr/bin/python3.0")  # an upgrade of the system has removed it
    with pytest.raises(environment.EnvironmentMissingError, match="upgrade of the system.*Set up"):
        environment.find()
    build(order)
    second = environment.find()
    assert Path(second) != python and environment.update_notice(second) == ""
    (tmp_path / "requirements.txt").write_text("torch==9.9\n")  # an update of the plugin
    monkeypatch.setattr(engine_home, "REQUIREMENTS", tmp_path / "requirements.txt")
    assert environment.find() == second and environment.update_notice(second)
    build(order)
    third = environment.find()
    assert third != second and environment.update_notice(third) == ""


@pytest.mark.parametrize("failing", ["venv", "pip", "python"])
def test_a_failure_leaves_the_engine_in_use(setup, failing):
    build(setup(choice="cpu"))
    order = setup(choice="cpu", **{failing: "exit 1"})
    with pytest.raises(InstallationError, match=r"run the same again"):
        build(order)
    assert engine_home.installed(order.home).folder == "e1"
    engine_home.remove_unused(order.home).join()
    assert [folder.name for folder in order.home.glob("e[0-9]*")] == ["e1"]


def test_without_a_download_of_python_linux_takes_the_systems(setup, monkeypatch, tmp_path):
    python = tmp_path / "python3.12"
    python.symlink_to(Path("/usr/bin/python3").resolve())
    monkeypatch.setattr(engine_python, "SYSTEM_FOLDERS", str(tmp_path))
    said = "echo 'error: Failed to install Python'; echo '  cause: Failed to download'"
    fails = f'case "$*" in *managed*) {said}; {NETWORK};; esac'
    order = setup(choice="cpu", venv=fails)
    told = [event.message for event in build(order)]
    (line,) = [line for line in told if "download" in line.lower()]
    assert line == f"Python cannot be downloaded: using the system's, {python}", "one line"
    # With its version in the name, which an upgrade of the system removes.
    assert f"--python {python} " in calls(order)[1]


def test_windows_never_takes_a_python_that_is_there(setup):
    order = setup(choice="cpu", venv=NETWORK, here=Computer("windows", "x86_64"))
    with pytest.raises(InstallationError, match="cannot be reached"):
        build(order)
    assert len(calls(order)) == 1


def test_an_unreachable_special_index_is_replaced_by_the_ordinary_build(setup):
    order = setup(pip=f'case "$*" in *backend*) {NETWORK};; esac')
    messages = [event.message for event in build(order)]
    assert any("cannot be downloaded: taking the one for" in text for text in messages)
    backends = ["--torch-backend" in call for call in calls(order) if call.startswith("pip")]
    assert backends == [True, False]
    assert engine_home.installed(order.home).build == torch_builds.ORDINARY


def test_a_chosen_build_is_not_replaced(setup):
    with pytest.raises(InstallationError, match="cannot be reached"):
        build(setup(pip=NETWORK, choice="cpu"))


def test_a_full_disk_ends_it_also_if_another_build_could_be_tried(setup):
    order = setup(pip="echo 'No space left on device (os error 28)'; exit 2")
    with pytest.raises(InstallationError, match="The disk is full"):
        build(order)


@pytest.mark.parametrize(("free", "told"), [(1.2e9, r"1\.2 GB"), (4e7, "40 MB")])
def test_free_disk_is_checked_before_anything_is_downloaded(setup, monkeypatch, free, told):
    monkeypatch.setattr(installer, "free_bytes", lambda folder: free)
    with pytest.raises(InstallationError, match=rf"about 1\.8 GB.*{told} are free"):
        build(setup(choice="cpu", fetch=pytest.fail))


@pytest.mark.parametrize(
    ("here", "sentence"),
    [
        (Computer("macos", "x86_64", 15), "Intel processor"),
        (Computer("macos", "aarch64", 13), "needs macOS 14 or later, and this is macOS 13"),
        (Computer("linux", "x86_64", libc="musl"), "linux x86_64 musl"),
        (Computer("linux", "riscv64", libc="gnu"), "linux riscv64"),
        (Computer("freebsd14", "x86_64"), "freebsd14"),
    ],
)
def test_a_computer_without_packages_is_refused_before_any_download(tmp_path, here, sentence):
    order = installer.Order(tmp_path / "home", here, pytest.fail)
    with pytest.raises(InstallationError, match=sentence):
        build(order)
    assert not order.home.exists()


def test_a_cancel_takes_a_second_and_keeps_what_was_downloaded(setup):
    order = setup(
        choice="cpu", pip='mkdir -p "$UV_CACHE_DIR"; echo x > "$UV_CACHE_DIR/a"; sleep 60'
    )
    stop = threading.Event()
    times = []

    def cancel():
        times.append(time.monotonic())
        stop.set()

    with pytest.raises(CancelledError):
        for event in installer.build(order, stop.is_set):
            if event.message.startswith("Installing PyTorch"):
                threading.Timer(1.0, cancel).start()
    assert time.monotonic() - times[0] < 1
    assert (order.home / "cache" / "a").exists()
    assert engine_home.installed(order.home) is None


def test_a_cancel_of_the_clean_up_does_not_undo_the_installation(setup, monkeypatch):
    order = setup(choice="cpu")
    monkeypatch.setattr(installer.uv_cache, "forget_unused", lambda *_: time.sleep(2))
    build(order, lambda: engine_home.installed(order.home) is not None)
    assert engine_home.installed(order.home).folder == "e1"


def test_a_long_download_is_told_by_its_share(setup, monkeypatch):
    monkeypatch.setattr("dualstream_qgis.installation.step.SILENCE_SECONDS", 0.5)
    grow = (
        'mkdir -p "$UV_CACHE_DIR"; sleep 2; head -c 90000000 /dev/zero > "$UV_CACHE_DIR/a"; sleep 4'
    )
    events = build(setup(choice="cpu", pip=grow))
    told = [event for event in events if "About 5 % are downloaded" in event.message]
    assert told
    assert 0.08 < told[0].fraction < 0.2


def test_loading_is_told_by_the_number_of_modules(setup, monkeypatch):
    monkeypatch.setattr("dualstream_qgis.installation.step.SILENCE_SECONDS", 0.5)
    events = build(setup(choice="cpu", python="echo 100; sleep 1; echo 2750; sleep 2; echo 5400"))
    told = {event.message: event.fraction for event in events}
    assert told["2,750 of about 5,500 modules are loaded"] == pytest.approx(0.945)


def test_what_cannot_be_loaded_is_told(setup):
    failing = "echo 100; echo 'ImportError: libgomp.so.1: cannot open shared object file'; exit 1"
    with pytest.raises(InstallationError, match=r"cannot be loaded\. .*libgomp") as caught:
        build(setup(choice="cpu", python=failing))
    assert "100" not in str(caught.value)


def test_two_windows_do_not_set_up_at_once(setup):
    order = setup(choice="cpu")
    first = installer.build(order, lambda: False)
    next(first)
    with pytest.raises(InstallationError, match="another window of QGIS"):
        build(order)
    first.close()


def test_the_free_space_of_a_folder_to_come_is_that_of_its_disk(tmp_path):
    assert computer.free_bytes(tmp_path / "a" / "b") > 0


def test_the_requirements_of_a_special_build_leave_out_cuda(setup):
    order = setup(choice="cpu")
    build(order)
    names = [
        line.split("==")[0]
        for line in Path(order.home, "requirements.txt").read_text().splitlines()
    ]
    assert "torch" in names and "numpy" in names
    assert not [name for name in names if name.startswith(("nvidia-", "cuda-", "triton"))]
