"""The folder of the engine's environments on this computer, and the marker that names the one in use. Free of Qt.

::

    engine.json      which environment is complete, with its requirements and its build of PyTorch
    e1, e2, ...      environments; a new one is built beside the one in use, which is removed later
    python, cache    the Pythons below the environments, and the downloaded packages, which uv links to
    uv               the program that installs

A new environment counts from the moment at which the marker names it, so a cancelled installation changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from . import ROOT
from .engine.contract.file_replacement import atomic_rewrite, discard_folder

REQUIREMENTS = ROOT / "engine" / "requirements.txt"
LIGHT_REQUIREMENTS = ROOT / "engine" / "requirements-light.txt"
#: The build of the light engine, which has no PyTorch and only maps with finished models.
LIGHT = "light"
_MARKER = "engine.json"


@dataclass(frozen=True)
class Installed:
    """An environment that is complete.

    Attributes:
        folder: Its folder's name.
        requirements: Hash of the requirements that it was made from.
        build: The build of PyTorch, or ``LIGHT``.
    """

    folder: str
    requirements: str
    build: str

    @property
    def is_current(self) -> bool:
        """Whether it was made for this version of the plugin."""
        return self.requirements == requirements_hash(self.build)


def requirements_of(build: str) -> Path:
    """Returns the file of the packages of a build of PyTorch, or of the light engine."""
    return LIGHT_REQUIREMENTS if build == LIGHT else REQUIREMENTS


def requirements_hash(build: str) -> str:
    """Returns the hash of this plugin's requirements for a build, without their comments and line ends."""
    lines = requirements_of(build).read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    return hashlib.sha256(text.encode()).hexdigest()


def python_of_environment(folder: Path) -> Path:
    """Returns the interpreter of the virtual environment in ``folder``."""
    if sys.platform == "win32":
        return folder / "Scripts" / "python.exe"
    return folder / "bin" / "python"


def installed(home: Path) -> Installed | None:
    """Returns the environment in use, None if there is none."""
    try:
        values = json.loads((home / _MARKER).read_text(encoding="utf-8"))
        return Installed(values["folder"], values["requirements"], values["build"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def new_folder(home: Path) -> Path:
    """Returns a folder for a new environment, with a number above all others: these may be being removed."""
    numbers = [int(folder.name[1:]) for folder in home.glob("e*") if folder.name[1:].isdecimal()]
    return home / f"e{max(numbers, default=0) + 1}"


def switch(home: Path, folder: Path, build: str) -> None:
    """Makes a complete environment the one in use, in one step."""
    marker = Installed(folder.name, requirements_hash(build), build)
    with atomic_rewrite(home / _MARKER) as new:
        new.write_text(json.dumps(asdict(marker)), encoding="utf-8")


def remove_unused(home: Path) -> threading.Thread:
    """Removes environments that are not in use, in a thread that is returned: a cancel must not wait for it.

    What another program holds open stays for the next time. A marker that cannot be read keeps all: one is in use.
    """
    used = installed(home)
    if used is None and os.path.lexists(home / _MARKER):
        return remove()
    return remove(*(f for f in home.glob("e[0-9]*") if used is None or f.name != used.folder))


def remove(*folders: Path) -> threading.Thread:
    """Removes environments in a thread, which is returned."""
    thread = threading.Thread(target=_remove, args=(folders,), daemon=True)
    thread.start()
    return thread


def _remove(folders: tuple[Path, ...]) -> None:
    for folder in folders:
        discard_folder(folder)


def base_is_gone(folder: Path) -> bool:
    """Returns whether the Python below an environment has vanished, as after an upgrade of the system."""
    try:
        text = (folder / "pyvenv.cfg").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return True
    lines = (line.partition("=") for line in text.splitlines())
    home = next((value.strip() for name, _, value in lines if name.strip() == "home"), "")
    return not Path(home).is_dir() or not python_of_environment(folder).exists()
