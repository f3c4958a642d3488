"""Calls of QGIS's own ``qgis_process``, with a new profile in which the plugin is enabled."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.plugin.real_engine import engine_python, profile_with_plugin


def new_profile(folder: Path) -> dict[str, str]:
    """Environment variables of a new profile below ``folder``, or a skip without ``qgis_process``."""
    if shutil.which("qgis_process.bin") is None and shutil.which("qgis_process") is None:
        pytest.skip("there is no qgis_process here")
    profile_with_plugin(folder)
    variables = {
        **os.environ,
        "QGIS_CUSTOM_CONFIG_PATH": str(folder),
        "QT_QPA_PLATFORM": "offscreen",
        "DUALSTREAM_PYTHON": engine_python(),
    }
    done = call(variables, "plugins", "enable", "dualstream_qgis")
    assert done.returncode == 0, done.stderr
    return variables


def program() -> str:
    """The path of ``qgis_process``."""
    return str(shutil.which("qgis_process.bin") or shutil.which("qgis_process"))


def call(variables, *arguments, timeout=300):
    """The finished process."""
    return subprocess.run(
        [program(), *arguments],
        env=variables,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def run(variables, algorithm, timeout=300, **parameters):
    """Exit code, results and all output of an algorithm."""
    words = [f"{name}={value}" for name, value in parameters.items()]
    done = call(variables, "--json", "run", algorithm, "--", *words, timeout=timeout)
    text = done.stdout[done.stdout.find("{") :] if "{" in done.stdout else ""
    return done.returncode, json.loads(text)["results"] if text else {}, done.stdout + done.stderr
