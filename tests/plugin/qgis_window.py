"""One QGIS with a window for all tests of dialogs: starting it takes seconds."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.plugin.real_engine import ROOT, engine_python, profile_with_plugin


class QgisWindow:
    """QGIS with a window on a screen of its own, in which ``dialog_run.py`` opens dialogs.

    Args:
        folder: An empty folder, for the profile, requests and results.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._count, self._told = folder, 0, 0
        self._process = start_window(folder, "dialog_run.py", DIALOG_FOLDER=str(folder))

    def click(self, algorithm, parameters, *rasters, clicks=True, seconds=180):
        """The result of Run, or of no click, in a dialog, and what QGIS has written to its standard error."""
        self._count += 1
        self._ask(algorithm=algorithm, parameters=parameters, rasters=[*rasters], clicks=clicks)
        result = self._folder / f"{self._count}.result.json"
        deadline = time.monotonic() + seconds
        while not result.is_file() and self._process.poll() is None:
            if time.monotonic() > deadline:
                self._kill()  # the other tests need not wait for it
            time.sleep(0.05)
        assert result.is_file(), self._new_errors()[-2000:]
        found = json.loads(result.read_text())
        assert "error" not in found, found["error"]
        return found, self._new_errors()

    def close(self) -> None:
        """Ends QGIS."""
        self._count += 1
        self._ask()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=20)
        self._kill()

    def _kill(self) -> None:
        """Ends QGIS, its screen and what started both."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _ask(self, **request) -> None:
        part = self._folder / "request"
        part.write_text(json.dumps(request))
        part.rename(self._folder / f"{self._count}.json")

    def _new_errors(self) -> str:
        text = (self._folder / "stderr").read_text(errors="replace")
        new, self._told = text[self._told :], len(text)
        return new


def start_window(folder: Path, script: str, **variables: str) -> subprocess.Popen[bytes]:
    """Starts QGIS with a window on a screen of its own, in which a script of this folder runs.

    Args:
        folder: An empty folder, for the profile and what QGIS prints.
        script: The script.
        variables: Environment variables of the script.
    """
    qgis = shutil.which("qgis.bin") or shutil.which("qgis")
    if not qgis or not shutil.which("xvfb-run") or not shutil.which("xauth"):
        pytest.skip("there is no QGIS window here: install qgis, xvfb and xauth")
    with profile_with_plugin(folder).open("a") as settings:
        settings.write("[PythonPlugins]\ndualstream_qgis=true\nprocessing=true\n")
    environment = {
        **{k: v for k, v in os.environ.items() if k != "QT_QPA_PLATFORM"},
        "QGIS_CUSTOM_CONFIG_PATH": str(folder),
        "DUALSTREAM_PYTHON": engine_python(),
        **variables,
    }
    # xvfb-run cannot have a temporary folder with spaces; QGIS can.
    screen = ["env", "TMPDIR=/tmp", "xvfb-run", "-a", "-s", "-screen 0 1280x900x24"]
    start = ["env", f"TMPDIR={tempfile.gettempdir()}", qgis, "--nologo", "--noversioncheck"]
    command = [*screen, *start, "--code", str(ROOT / "tests" / "plugin" / script)]
    with (folder / "stdout").open("w") as out, (folder / "stderr").open("w") as err:
        return subprocess.Popen(
            command, env=environment, stdout=out, stderr=err, start_new_session=True
        )
