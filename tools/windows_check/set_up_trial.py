"""Runs Set up on Windows, then asks the new engine what it found: ``python -m tools.windows_check.set_up_trial``.

The plugin's own code, without QGIS, with uv for Windows and the packages of the ordinary index, for a user with a Korean
name. uv's server of Pythons is not asked: its folder holds the Python that runs this already.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from dualstream_qgis import ROOT, engine_home
from dualstream_qgis.engine_process import worker
from dualstream_qgis.installation import installer
from dualstream_qgis.installation.computer import Computer, this_computer

from ..wheels import fetch, report


class ThisComputer(Computer):
    """This computer, with the version of Python that is there."""

    @property
    def python(self) -> str:
        """The full name of that Python."""
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return f"cpython-{version}-windows-x86_64-none"


def main(choice: str, home: Path) -> int:
    """Builds an environment and runs it; returns the exit code."""
    shutil.rmtree(home, ignore_errors=True)
    computer = ThisComputer(**asdict(this_computer()))
    number = ".".join(map(str, sys.version_info[:3]))
    pythons = home / "python" / computer.python.replace("3.13", number)
    shutil.copytree(sys.base_prefix, pythons)
    order = installer.Order(home, computer, fetch, choice=choice, variables=os.environ)
    for progress in installer.build(order, never):
        report(progress)
    found = engine_home.installed(home)
    if found is None:
        return 1
    python = engine_home.python_of_environment(home / found.folder)
    print(json.dumps(worker.doctor(worker.Launch(str(python), ROOT), never)))
    return 0


def never() -> bool:
    """Nobody cancels."""
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
