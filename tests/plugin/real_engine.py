"""The real engine's Python, and a QGIS profile in which the plugin is linked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def engine_python() -> str:
    """The Python of the engine's environment, or a skip where it is absent."""
    chosen = os.environ.get("DUALSTREAM_PYTHON") or str(ROOT / ".venv/engine/bin/python")
    if not Path(chosen).is_file():
        pytest.skip("the engine's environment is missing: run make setup")
    return chosen


def profile_with_plugin(folder: Path) -> Path:
    """Links the plugin into QGIS's default profile below ``folder``, in English; returns its file of settings."""
    profile = folder / "profiles" / "default"
    plugins = profile / "python" / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "dualstream_qgis").symlink_to(ROOT / "dualstream_qgis", target_is_directory=True)
    settings = profile / "QGIS" / "QGIS3.ini"
    settings.parent.mkdir()
    settings.write_text("[locale]\noverrideFlag=true\nuserLocale=en_US\n")
    return settings
