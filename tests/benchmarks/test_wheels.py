from __future__ import annotations

import hashlib

import pytest

from benchmarks import wheels
from dualstream_qgis import wheel_folder
from dualstream_qgis.computer import Computer

#: What uv writes: one line a package, with one wheel or several.
LOCK = f"""
[[packages]]
name = "affine"
version = "3.0.1"
wheels = [{{ url = "https://host/affine-3.0.1-py3-none-any.whl", size = 1, hashes = {{ sha256 = "{"a" * 64}" }} }}]

[[packages]]
name = "numpy"
wheels = [
    {{ url = "https://host/numpy-2-cp312-a.whl", upload-time = 2026-08-28T18:38:12Z, hashes = {{ sha256 = "{"b" * 64}" }} }},
    {{ url = "https://host/numpy-2-cp312-b.whl", hashes = {{ sha256 = "{"c" * 64}" }} }},
]
"""


def test_all_wheels_of_a_lock_are_found_with_their_hashes(tmp_path):
    uv = tmp_path / "uv"
    uv.write_text(f'#!/bin/sh\necho "$@" > "{tmp_path}/asked"\ncat <<"END"\n{LOCK}\nEND\n')
    uv.chmod(0o755)
    computer, platform = wheels.SYSTEMS["windows"]
    found = wheels.wheels(computer, platform, "cu130", str(uv))
    assert [(address[-5:], sha256[0]) for address, sha256 in found] == [
        ("y.whl", "a"),
        ("a.whl", "b"),
        ("b.whl", "c"),
    ]
    asked = (tmp_path / "asked").read_text()
    assert "--python-platform x86_64-pc-windows-msvc --python-version 3.12" in asked
    assert "--torch-backend cu130" in asked


def test_a_kept_file_is_checked_again(tmp_path):
    file = tmp_path / "a.whl"
    file.write_bytes(b"right")
    wheels.save("https://nowhere", file, hashlib.sha256(b"right").hexdigest())
    with pytest.raises(SystemExit, match=r"a\.whl is not the file"):
        wheels.save("https://nowhere", file, "0" * 64)
    assert not file.exists()


def test_every_system_can_have_an_engine():
    for computer, _ in wheels.SYSTEMS.values():
        assert computer.refusal() == ""


def test_a_mac_of_any_later_version_takes_the_folder(tmp_path):
    computer, _ = wheels.SYSTEMS["macos"]
    (tmp_path / wheel_folder.SYSTEM_FILE).write_text(computer.python)
    newer = Computer("macos", "aarch64", 26)
    assert wheel_folder.python_in(tmp_path, newer) == computer.python
