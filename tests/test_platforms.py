"""The packages of the engine's requirements exist as wheels for every system and Python that is supported."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
UV = shutil.which("uv") or str(ROOT / ".venv" / "tools" / "bin" / "uv")

#: uv's names of the platforms, and for macOS its version; with the Pythons that are supported there.
PLATFORMS = {
    ("x86_64-pc-windows-msvc", ""): ("3.11", "3.12", "3.13", "3.14"),
    ("aarch64-apple-darwin", "14.0"): ("3.11",),
    ("aarch64-apple-darwin", "15.0"): ("3.11", "3.12", "3.13", "3.14"),
    ("x86_64-manylinux_2_28", ""): ("3.11", "3.12", "3.13", "3.14"),
    ("aarch64-manylinux_2_28", ""): ("3.11", "3.12", "3.13", "3.14"),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("platform", "macos", "python"),
    [(*place, python) for place, pythons in PLATFORMS.items() for python in pythons],
)
@pytest.mark.parametrize(
    ("requirements", "package"), [("requirements", "torch"), ("requirements-light", "onnxruntime")]
)
def test_there_are_wheels_for(platform, macos, python, requirements, package):
    command = [UV, "pip", "compile", "-q", str(ROOT / "engine" / f"{requirements}.txt")]
    command += ["--python-platform", platform, "--python-version", python]
    variables = {**os.environ, "UV_FIND_LINKS": ""}
    if macos:
        variables["MACOSX_DEPLOYMENT_TARGET"] = macos
    done = subprocess.run(
        [*command, "--only-binary", ":all:"],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert f"{package}==" in done.stdout
