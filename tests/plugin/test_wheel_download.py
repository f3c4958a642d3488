"""The folder for a computer without internet, with a uv that is a shell script and files from memory."""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
import threading

import pytest

from dualstream_qgis import engine_home
from dualstream_qgis.engine_process.child_process import CancelledError
from dualstream_qgis.installation import (
    torch_builds,
    uv_program,
    wheel_download,
    wheel_folder,
    wheel_order,
)
from dualstream_qgis.installation.computer import Computer
from dualstream_qgis.installation.errors import InstallationError
from dualstream_qgis.installation.package_download import (
    Package,
    PackageDownload,
    packages_of,
)

#: What uv writes: one line a package, with one wheel or several; an index need not state hash and size.
LOCK = """
[[packages]]
name = "affine"
wheels = [{{ url = "https://host/affine-3.0.1-py3-none-any.whl", size = 6, hashes = {{ sha256 = "{affine}" }} }}]

[[packages]]
name = "torch"
wheels = [
    {{ url = "https://host/torch-2%2Bcpu-a.whl", upload-time = 2026-08-28T18:38:12Z, hashes = {{ sha256 = "{torch}" }} }},
    {{ url = "https://host/torch-2%2Bcpu-b.whl" }},
]
"""
PYTHON = "https://releases/download/20261110/cpython-3.12.16%2B20261110-x.tar.gz"
LISTED = json.dumps([{"url": PYTHON}])
UV = """#!/bin/sh
echo "$@" >> "{folder}/calls"
case "$1" in
    python) echo '{listed}' ;;
    *) {pip}
       for argument; do [ "$last" = --output-file ] && file="$argument"; last="$argument"; done
       cp "{folder}/lock" "$file" ;;
esac
"""
UNREACHABLE = InstallationError("not reached", "network")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def download(tmp_path, monkeypatch):
    """``download(pip="", python=True, sent=None, listed=LISTED, **order)``: fills ``tmp_path / "out"``; returns warning and lines."""
    if sys.platform == "win32":
        pytest.skip("its stand-in for uv is a shell script")
    files = {
        "https://host/affine-3.0.1-py3-none-any.whl": b"affine",
        "https://host/torch-2%2Bcpu-a.whl": b"torch a",
        "https://host/torch-2%2Bcpu-b.whl": b"torch b",
        PYTHON: gzip.compress(b"python"),
    }
    lock = LOCK.format(affine=sha256(b"affine"), torch=sha256(b"torch a"))
    (tmp_path / "lock").write_text(lock)

    def make(
        pip="", python=True, sent=None, listed=LISTED, version="", cancelled=lambda: False, **values
    ):
        uv, lines = tmp_path / "uv", []
        uv.write_text(UV.format(folder=tmp_path, listed=listed, pip=pip))
        uv.chmod(0o755)
        for key, (tags, _) in uv_program.WHEELS.items():
            monkeypatch.setitem(uv_program.WHEELS, key, (tags, sha256(b"uv")))

        def save(address, file, tell):
            if cancelled():
                raise CancelledError
            if address == PYTHON and not python:
                raise UNREACHABLE
            (tmp_path / "saved").open("a").write(address + "\n")
            content = sent if sent is not None and address == PYTHON else files[address]
            file.write_bytes(content)
            tell(len(content))

        def fetch(address):
            name = uv_program.wheel_name(order.computer)
            return f'<a href="/{name}">'.encode() if address.endswith("/uv/") else b"uv"

        values = {"system": "linux", "builds": ("cpu", "default"), **values}
        order = wheel_order.Order(
            folder=tmp_path / "out",
            home=tmp_path / "home",
            fetch=fetch,
            save=save,
            python=version,
            variables={"PATH": "/usr/bin:/bin"},
            **values,
        )
        warning = wheel_download.fill(
            order, uv, lambda event: lines.append(event.message), cancelled
        )
        return warning, [line for line in lines if line]

    return make


def calls(tmp_path) -> list[str]:
    return (tmp_path / "calls").read_text().splitlines()


def test_a_folder_is_filled_and_read_by_set_up(download, tmp_path):
    warning, lines = download()
    out = tmp_path / "out"
    assert warning == ""
    assert (out / "torch-2+cpu-a.whl").read_bytes() == b"torch a"
    assert (out / "python" / "20261110" / "cpython-3.12.16+20261110-x.tar.gz").is_file()
    here = Computer("linux", "x86_64", libc="gnu")
    assert wheel_folder.python_in(out, here) == here.python
    assert wheel_folder.build_in(out) == "cpu"
    assert wheel_folder.has_python(out)
    assert uv_program.wheel_of_folder(out, here).is_file()
    assert any(line.startswith("3 files of 0 MB in all; 0 MB are there") for line in lines)
    asked = calls(tmp_path)[0]
    assert "--python-platform x86_64-manylinux_2_28 --python-version 3.12" in asked
    assert "--torch-backend cpu" in asked


def test_a_folder_for_the_light_engine_has_its_packages_only(download, tmp_path):
    download()
    lock = (tmp_path / "lock").read_text()
    (tmp_path / "lock").write_text(lock.partition('[[packages]]\nname = "torch"')[0])
    _, lines = download(builds=(torch_builds.LIGHT,))
    assert any("light engine" in line for line in lines)
    asked = calls(tmp_path)[-2]
    assert str(engine_home.LIGHT_REQUIREMENTS) in asked and "--torch-backend" not in asked
    assert wheel_folder.build_in(tmp_path / "out") == torch_builds.LIGHT, "torch was removed"


def test_the_next_run_downloads_only_what_is_missing(download, tmp_path):
    download()
    (tmp_path / "saved").unlink()
    (tmp_path / "out" / "torch-2+cpu-b.whl").unlink()
    download()
    assert (tmp_path / "saved").read_text().split() == ["https://host/torch-2%2Bcpu-b.whl"]


def test_the_build_of_the_last_download_counts(download, tmp_path):
    before = tmp_path / "out" / "torch-2+cu130-a.whl"
    before.parent.mkdir()
    before.write_bytes(b"")
    assert wheel_folder.build_in(before.parent) == "cu130"
    download()
    assert wheel_folder.build_in(before.parent) == "cpu"
    assert not before.exists()


def test_a_changed_file_is_removed(download, tmp_path):
    download()
    changed = tmp_path / "out" / "torch-2+cpu-a.whl"
    changed.write_bytes(b"changed")
    with pytest.raises(InstallationError, match=r"torch-2\+cpu-a\.whl is not the file") as caught:
        download()
    assert caught.value.cause == "changed package"
    assert not changed.exists()


def test_without_a_server_of_pythons_linux_can_use_its_own(download, tmp_path):
    warning, _ = download(python=False)
    assert "releases cannot be reached" in warning
    assert "/usr/bin/python3.12" in warning
    here = Computer("linux", "x86_64", libc="gnu")
    assert wheel_folder.python_in(tmp_path / "out", here)
    assert not wheel_folder.has_python(tmp_path / "out")


@pytest.mark.parametrize("sent", [b"<html>blocked</html>", gzip.compress(b"python" * 99)[:-9]])
def test_what_is_no_complete_archive_is_not_kept_as_python(download, tmp_path, sent):
    windows = {"system": "windows", "builds": ("default",)}
    with pytest.raises(InstallationError, match=r"tar\.gz is not the file.*run this again"):
        download(sent=sent, **windows)
    assert not wheel_folder.has_python(tmp_path / "out")
    download(**windows)
    (kept,) = (tmp_path / "out" / "python").glob("*/*.tar.gz")
    kept.write_bytes(sent)  # as an earlier version has kept it
    download(**windows)
    assert gzip.decompress(kept.read_bytes()) == b"python"
    kept.write_bytes(sent)
    warning, _ = download(sent=sent)
    assert "/usr/bin/python3.12" in warning
    assert not wheel_folder.has_python(tmp_path / "out")


@pytest.mark.parametrize("listed", ["[]", '[{"url": null}]'])
def test_a_python_that_uv_does_not_know_is_a_sentence(download, listed):
    with pytest.raises(InstallationError, match=r"no download of Python 3\.12"):
        download(listed=listed)


def test_windows_needs_the_python(download, tmp_path):
    with pytest.raises(InstallationError, match="without it Set up cannot work"):
        download(python=False, system="windows", builds=("default",))
    assert (tmp_path / "out" / "torch-2+cpu-b.whl").is_file(), "what was downloaded is kept"


def test_a_special_build_that_cannot_be_had_is_replaced(download, tmp_path):
    fails = 'case "$*" in *backend*) echo "dns error: failed to lookup address"; exit 2;; esac'
    _, lines = download(pip=fails)
    assert any("cannot be downloaded: taking the one for" in line for line in lines)
    assert len([call for call in calls(tmp_path) if call.startswith("pip")]) == 2
    with pytest.raises(InstallationError, match="could not be found"):
        download(pip=fails, builds=("cu130",))


def test_a_cancel_ends_it(download, tmp_path):
    stop = threading.Event()
    stop.set()
    with pytest.raises(CancelledError):
        download(cancelled=stop.is_set)


def test_the_python_of_the_other_computer_can_be_chosen(download, tmp_path):
    download(version="3.14")
    assert "--python-version 3.14" in calls(tmp_path)[0]
    marker = tmp_path / "out" / wheel_folder.SYSTEM_FILE
    assert marker.read_text().strip() == "cpython-3.14-linux-x86_64-gnu"


def test_a_full_disk_is_told_before_the_download(tmp_path):
    huge = Package("https://host/a.whl", "", 10**18)
    with pytest.raises(InstallationError, match="needs 1,000,000,000.0 GB") as caught:
        PackageDownload(tmp_path, [huge], pytest.fail, lambda event: None, lambda: False).run()
    assert caught.value.cause == "full disk"


def test_a_part_that_is_complete_is_not_downloaded(tmp_path):
    (tmp_path / "a.whl.part").write_bytes(b"wheel")
    package = Package("https://host/a.whl", sha256(b"wheel"), 5)
    PackageDownload(tmp_path, [package], pytest.fail, lambda event: None, lambda: False).run()
    assert (tmp_path / "a.whl").read_bytes() == b"wheel"
    assert not (tmp_path / "a.whl.part").exists()


def test_all_wheels_of_a_lock_are_found():
    found = packages_of(LOCK.format(affine="a" * 64, torch="b" * 64))
    assert [(package.name, package.sha256[:1], package.size) for package in found] == [
        ("affine-3.0.1-py3-none-any.whl", "a", 6),
        ("torch-2+cpu-a.whl", "b", 0),
        ("torch-2+cpu-b.whl", "", 0),
    ]


def test_packages_of_the_index_get_its_account():
    lock = LOCK.format(affine="a" * 64, torch="b" * 64).replace("host/torch", "other/torch")
    found = packages_of(lock, "https://me:secret@host/simple")
    assert [package.address for package in found] == [
        "https://me:secret@host/affine-3.0.1-py3-none-any.whl",
        "https://other/torch-2%2Bcpu-a.whl",
        "https://other/torch-2%2Bcpu-b.whl",
    ]


@pytest.mark.parametrize(
    ("system", "card", "builds"),
    [
        ("windows", "none", ("default",)),
        ("windows", "nvidia", ("cu130", "cu128", "cu126")),
        ("windows", "nvidia-older", ("cu126",)),
        ("macos", "none", ("default",)),
        ("linux", "none", ("cpu", "default")),
        ("linux", "nvidia", ("default",)),
        ("linux", "nvidia-older", ("cu126",)),
        ("linux", "amd", torch_builds.ROCM_BUILDS),
        ("linux-arm", "none", ("cpu", "default")),
    ],
)
def test_the_graphics_card_chooses_the_builds(system, card, builds):
    assert wheel_order.builds_for(system, card) == builds


@pytest.mark.parametrize(("system", "card"), [("macos", "nvidia"), ("windows", "amd")])
def test_a_card_without_packages_is_refused(system, card):
    with pytest.raises(InstallationError, match="Choose none"):
        wheel_order.builds_for(system, card)


def test_every_system_can_have_an_engine():
    for computer, _ in wheel_order.SYSTEMS.values():
        assert computer.refusal() == ""


def test_a_mac_of_any_later_version_takes_the_folder(tmp_path):
    computer, _ = wheel_order.SYSTEMS["macos"]
    (tmp_path / wheel_folder.SYSTEM_FILE).write_text(computer.python)
    newer = Computer("macos", "aarch64", 26)
    assert wheel_folder.python_in(tmp_path, newer) == computer.python
