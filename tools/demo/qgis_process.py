"""Runs the plugin's algorithms through QGIS's own command-line program, ``qgis_process``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ..locations import ROOT
from .log import ProgressBar, is_message


class QgisError(Exception):
    """QGIS is missing, or one of its programs failed; the message has its name and output."""


class Qgis:
    """QGIS without a window, with its own profile in which the plugin is linked and enabled.

    Attributes:
        environment: The environment variables of its processes.
    """

    def __init__(self, folder: Path) -> None:
        program = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
        if program is None:
            raise QgisError("There is no qgis_process: run make setup, which installs QGIS.")
        self._program = program
        runtime = folder / "run"
        runtime.mkdir(parents=True, exist_ok=True)
        runtime.chmod(0o700)
        self.environment = {
            **os.environ,
            "QGIS_CUSTOM_CONFIG_PATH": str(folder / "profile"),
            "QT_QPA_PLATFORM": "offscreen",
            "XDG_RUNTIME_DIR": str(runtime),
            "DUALSTREAM_PYTHON": sys.executable,
            "PYTHONWARNINGS": "ignore",
        }
        self._link_plugin(folder / "profile" / "profiles" / "default" / "python" / "plugins")

    def _link_plugin(self, plugins: Path) -> None:
        plugins.mkdir(parents=True, exist_ok=True)
        link = plugins / "dualstream_qgis"
        if not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(ROOT / "dualstream_qgis", target_is_directory=True)
            self._call("plugins", "enable", "dualstream_qgis")

    def run(
        self, algorithm: str, parameters: dict[str, object], show: bool = True
    ) -> dict[str, str]:
        """Runs an algorithm and returns its results by name.

        Args:
            algorithm: Its identifier, such as ``dualstream:train``.
            parameters: Its parameters by name.
            show: Whether the command and its messages are printed.

        Raises:
            QgisError: If the algorithm fails.
        """
        arguments = [f"{name}={value}" for name, value in parameters.items()]
        if show:
            print(f"  qgis_process run {algorithm} -- {' '.join(map(_shorten, arguments))}")
        lines = self._call("run", algorithm, "--", *arguments, show=show)
        results = lines[lines.index("Results") :] if "Results" in lines else []
        pairs = (line.split(":", 1) for line in results if ":" in line)
        return {name.strip(): value.strip() for name, value in pairs}

    def _call(self, *arguments: str, show: bool = False) -> list[str]:
        process = subprocess.Popen(
            [self._program, *arguments],
            env=self.environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        lines, in_results, bar = [], False, ProgressBar()
        assert process.stdout is not None  # noqa: S101 (it is a pipe, see above)
        for line in process.stdout:
            lines.append(line.rstrip())
            in_results = in_results or line.startswith("Results")
            text = bar.remove_from(line.strip())
            if show and not in_results and is_message(text):
                print(f"    {_shorten(text)}", flush=True)
        if process.wait() != 0:
            raise QgisError("\n".join([f"qgis_process {arguments[0]} failed:", *lines[-30:]]))
        return lines


def _shorten(text: str) -> str:
    return text.replace(f"{ROOT}{os.sep}", "")
