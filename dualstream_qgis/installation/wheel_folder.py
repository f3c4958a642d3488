"""The folder of packages for a computer without internet, as Set up reads it. Free of Qt.

*Download for another computer* and ``make wheels`` fill it (``wheel_download.py``)::

    system.txt                the full name of its Python, such as cpython-3.12-windows-x86_64-none
    *.whl                     uv and the packages
    python/20261110/*.tar.gz  the Python, as its publisher names it; Linux may use its own
"""

from __future__ import annotations

import re
from pathlib import Path

from ..engine.contract.translation import tr
from .computer import Computer
from .errors import InstallationError
from .torch_builds import LIGHT, ORDINARY

SYSTEM_FILE = "system.txt"
PYTHON_FOLDER = "python"


def python_in(folder: Path, computer: Computer) -> str:
    """Returns the full name of the Python for which the packages in a folder are made.

    Raises:
        InstallationError: If the folder holds no packages, or those of another system.
    """
    try:
        python = (folder / SYSTEM_FILE).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise InstallationError(
            tr(
                "The folder {} does not hold DualStream's packages. Fill it on a computer with internet: "
                "run Download for another computer there."
            ).format(folder)
        ) from None
    system, own = _system(python), _system(computer.python)
    if system != own:
        raise InstallationError(
            tr(
                "The folder {} holds the packages for {}, and this computer is {}. Fill another one for this system."
            ).format(folder, system, own)
        )
    return python


def has_python(folder: Path) -> bool:
    """Returns whether a folder of packages holds the Python as well."""
    return any((folder / PYTHON_FOLDER).glob("*/*.tar.gz"))


def build_in(folder: Path) -> str:
    """Returns the build of PyTorch that a folder holds; the light engine's without PyTorch."""
    wheels = [path.name for path in folder.glob("torch-*.whl")]
    found = (re.match(r"torch-[\d.]+\+([a-z0-9.]+)-", name) for name in wheels)
    return next((match[1] for match in found if match), ORDINARY if wheels else LIGHT)


def _system(python: str) -> str:
    """Returns the part of a Python's full name that follows its version."""
    return " ".join(part for part in python.split("-")[2:] if part != "none")
