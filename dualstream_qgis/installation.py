"""Builds or repairs the engine's environment with uv, for people who never open a terminal.

uv is taken from the PATH or, once, from the package index into a small environment beside; it then
finds or fetches a Python that is new enough and installs ``engine/requirements.txt`` into it.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from . import ROOT
from .child_process import ChildProcess, clean_environment
from .engine.contract.protocol import Progress
from .environment import MIN_PYTHON, mark_complete, mark_incomplete, python_of_environment

REQUIREMENTS = ROOT / "engine" / "requirements.txt"
#: The builds of torch that uv can choose from; the first is the package index's ordinary one.
TORCH_BUILDS = ("default", "auto", "cpu", "cu126", "cu128", "cu130", "rocm6.4", "xpu")

#: What uv is asked for: the range in which torch and rasterio publish wheels.
PYTHON_RANGE = ">={}.{},<3.15".format(*MIN_PYTHON)
QUOTED_LINES = 4

WHAT_TO_DO = (
    "Check the internet connection, the proxy and the free disk space (about 8 GB), and run "
    '"Set up DualStream" again: what was downloaded already is kept.'
)
DEBIAN = (
    "This Python cannot make virtual environments. On Debian and Ubuntu the package python3-venv "
    "is missing: have it installed (sudo apt install python3-venv), and run this again."
)


class InstallationError(Exception):
    """The environment could not be built; the message says why and what to do."""


def build(folder: Path, torch_build: str, cancelled: Callable[[], bool]) -> Iterator[Progress]:
    """Builds the environment in ``folder``, or repairs the one that is there.

    Args:
        folder: The environment's folder, created when missing.
        torch_build: One of ``TORCH_BUILDS``.
        cancelled: Asked about ten times a second.

    Yields:
        How far it is, with a line for the log.

    Raises:
        InstallationError: If a step fails.
        CancelledError: If ``cancelled`` said so; the next run resumes.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    mark_incomplete(folder)
    yield Progress(0.0, "Looking for uv, which installs Python packages")
    bootstrap = folder.parent / "uv"
    if not uv_executable(bootstrap):
        yield from _fetch_uv(bootstrap, cancelled)
    uv = uv_executable(bootstrap)
    if not _runs(python_of_environment(folder), folder.parent, cancelled):
        yield Progress(0.1, "Making an environment of its own for the engine")
        shutil.rmtree(folder, ignore_errors=True)
        new = [uv, "venv", "--no-project", "--python", PYTHON_RANGE, str(folder)]
        yield from _lines(new, folder.parent, cancelled, 0.1, 0.2)
    yield Progress(0.2, "Installing the engine's packages: this can take a while")
    install = _install_command(uv, python_of_environment(folder), torch_build)
    yield from _lines(install, folder.parent, cancelled, 0.2, 0.95)
    mark_complete(folder)


def uv_executable(bootstrap: Path) -> str:
    """The uv program: the PATH's, else the one fetched into ``bootstrap``, else empty."""
    name = "uv.exe" if sys.platform == "win32" else "uv"
    places = [bootstrap / folder / name for folder in ("bin", "Scripts", "target/bin")]
    found = shutil.which("uv", path=clean_environment().get("PATH"))
    return found or next((str(place) for place in places if place.is_file()), "")


def find_interpreters() -> list[str]:
    """Pythons to make the first environment with; never the program that QGIS itself is."""
    prefix = Path(sys.exec_prefix)
    if sys.platform == "win32":
        places = [prefix / "python.exe", prefix / "python3.exe"]
    elif sys.platform == "darwin":
        places = [prefix / "bin" / "python3", Path("/usr/bin/python3")]
    else:
        places = [Path("/usr/bin/python3"), prefix / "bin" / "python3"]
    found = [str(place) for place in places if place.is_file()]
    on_path = shutil.which("python3", path=clean_environment().get("PATH"))
    return [*found, on_path] if on_path and on_path not in found else found


def _fetch_uv(bootstrap: Path, cancelled: Callable[[], bool]) -> Iterator[Progress]:
    """Installs uv into ``bootstrap``, as an environment or, without venv, as a plain folder."""
    pythons = find_interpreters()
    if not pythons:
        raise InstallationError(
            "No Python was found beside QGIS to install with. Install uv (docs.astral.sh/uv) or "
            "Python 3.11 or later, and run this again."
        )
    yield Progress(0.02, f"Fetching uv with {pythons[0]}")
    where = bootstrap.parent
    if _succeeds([pythons[0], "-m", "venv", "--clear", str(bootstrap)], where, cancelled):
        pip = [str(python_of_environment(bootstrap)), "-m", "pip", "install", "uv"]
    else:
        if not _succeeds([pythons[0], "-m", "pip", "--version"], where, cancelled):
            raise InstallationError(DEBIAN)
        pip = [pythons[0], "-m", "pip", "install", "--target", str(bootstrap / "target"), "uv"]
    yield from _lines(pip, where, cancelled, 0.04, 0.1)


def _install_command(uv: str, python: Path, torch_build: str) -> list[str]:
    # Compiled once here, not at every start of an engine: that halves the time until it works.
    command = [uv, "pip", "install", "--compile-bytecode", "--python", str(python)]
    command += ["--requirement", str(REQUIREMENTS)]
    if torch_build == TORCH_BUILDS[0]:
        return command
    # The installed build satisfies the pinned version, so another one has to be asked for.
    again = ["--reinstall-package", "torch", "--reinstall-package", "torchvision"]
    return [*command, "--torch-backend", torch_build, *again]


def _lines(
    command: list[str],
    cwd: Path,
    cancelled: Callable[[], bool],
    begin: float,
    end: float,
) -> Iterator[Progress]:
    """Runs a command and yields its lines, the fraction creeping from ``begin`` to ``end``."""
    said: list[str] = []
    with _started(command, cwd) as child:
        for line in child.lines(cancelled):
            if line.strip():
                said.append(line.strip())
                # How many lines will come is unknown: every one brings the end a little closer.
                yield Progress(begin + (end - begin) * len(said) / (len(said) + 60), line.rstrip())
        if child.exit_code != 0:
            quoted = " | ".join(said[-QUOTED_LINES:])
            raise InstallationError(
                f"The step {' '.join(command[1:4])} failed: {quoted}. {WHAT_TO_DO}"
            )


def _succeeds(command: list[str], cwd: Path, cancelled: Callable[[], bool]) -> bool:
    with _started(command, cwd) as child:
        for _ in child.lines(cancelled):
            continue
        return child.exit_code == 0


def _runs(python: Path, cwd: Path, cancelled: Callable[[], bool]) -> bool:
    """Whether an environment's Python is there, works and is new enough."""
    check = f"import sys; sys.exit(sys.version_info < {MIN_PYTHON})"
    return python.is_file() and _succeeds([str(python), "-c", check], cwd, cancelled)


def _started(command: list[str], cwd: Path) -> ChildProcess:
    try:
        return ChildProcess(command, cwd, merge_errors=True)
    except OSError as error:
        raise InstallationError(f"{command[0]} cannot be started: {error}.") from error
