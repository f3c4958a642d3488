"""Builds or repairs the engine's Python environment with uv, so that the user needs no terminal.

If uv is not on the PATH, pip installs it into a small environment beside the engine's. uv finds or downloads a Python
that is new enough and installs ``engine/requirements.txt`` for it.
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
#: Builds of torch for uv's option ``--torch-backend``; the first is the package index's default build.
TORCH_BUILDS = ("default", "auto", "cpu", "cu126", "cu128", "cu130", "rocm6.4", "xpu")

#: Versions of Python for which torch and rasterio publish wheels.
PYTHON_RANGE = ">={}.{},<3.15".format(*MIN_PYTHON)
#: Number of lines of a failed step's output in the error message.
QUOTED_LINES = 4

_RETRY_HINT = (
    "Check the internet connection, the proxy and the free disk space (about 8 GB), and run "
    '"Set up DualStream" again: downloaded files are kept.'
)
_NO_VENV = (
    "This Python cannot create virtual environments. On Debian and Ubuntu, install the missing package "
    "python3-venv (sudo apt install python3-venv), and run this again."
)


class InstallationError(Exception):
    """The environment could not be built; the message gives the reason and what to do."""


def build(folder: Path, torch_build: str, cancelled: Callable[[], bool]) -> Iterator[Progress]:
    """Builds or repairs the environment in ``folder``.

    Args:
        folder: The environment's folder; created if it does not exist.
        torch_build: One of ``TORCH_BUILDS``.
        cancelled: Returns whether to stop; called about ten times a second.

    Yields:
        The progress, each with a line for the log.

    Raises:
        InstallationError: If a step fails.
        CancelledError: If ``cancelled`` returned true; the next run reuses downloaded files.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    mark_incomplete(folder)
    yield Progress(0.0, "Looking for uv, the program that installs Python packages")
    bootstrap = folder.parent / "uv"
    if not uv_executable(bootstrap):
        yield from _install_uv(bootstrap, cancelled)
    uv = uv_executable(bootstrap)
    if not _is_usable(python_of_environment(folder), folder.parent, cancelled):
        yield Progress(0.1, "Creating a Python environment for the engine")
        shutil.rmtree(folder, ignore_errors=True)
        create = [uv, "venv", "--no-project", "--python", PYTHON_RANGE, str(folder)]
        yield from _run_step(create, folder.parent, cancelled, 0.1, 0.2)
    yield Progress(0.2, "Installing the engine's packages, which may take several minutes")
    install = _install_command(uv, python_of_environment(folder), torch_build)
    yield from _run_step(install, folder.parent, cancelled, 0.2, 0.95)
    mark_complete(folder)


def uv_executable(bootstrap: Path) -> str:
    """Returns the path of uv, on the PATH or installed in ``bootstrap``; "" if there is none."""
    name = "uv.exe" if sys.platform == "win32" else "uv"
    paths = [bootstrap / folder / name for folder in ("bin", "Scripts", "target/bin")]
    on_path = shutil.which("uv", path=clean_environment().get("PATH"))
    return on_path or next((str(path) for path in paths if path.is_file()), "")


def find_interpreters() -> list[str]:
    """Returns the Pythons that can install uv; never the executable of QGIS itself."""
    prefix = Path(sys.exec_prefix)
    if sys.platform == "win32":
        paths = [prefix / "python.exe", prefix / "python3.exe"]
    elif sys.platform == "darwin":
        paths = [prefix / "bin" / "python3", Path("/usr/bin/python3")]
    else:
        paths = [Path("/usr/bin/python3"), prefix / "bin" / "python3"]
    found = [str(path) for path in paths if path.is_file()]
    on_path = shutil.which("python3", path=clean_environment().get("PATH"))
    return [*found, on_path] if on_path and on_path not in found else found


def _install_uv(bootstrap: Path, cancelled: Callable[[], bool]) -> Iterator[Progress]:
    """Installs uv into an environment in ``bootstrap`` or, without venv, into a plain folder."""
    pythons = find_interpreters()
    if not pythons:
        raise InstallationError(
            "No Python was found beside QGIS. Install uv (docs.astral.sh/uv) or Python 3.11 or later, "
            "and run this again."
        )
    python, cwd = pythons[0], bootstrap.parent
    yield Progress(0.02, f"Installing uv with {python}")
    if _succeeds([python, "-m", "venv", "--clear", str(bootstrap)], cwd, cancelled):
        pip = [str(python_of_environment(bootstrap)), "-m", "pip", "install", "uv"]
    else:
        if not _succeeds([python, "-m", "pip", "--version"], cwd, cancelled):
            raise InstallationError(_NO_VENV)
        pip = [python, "-m", "pip", "install", "--target", str(bootstrap / "target"), "uv"]
    yield from _run_step(pip, cwd, cancelled, 0.04, 0.1)


def _install_command(uv: str, python: Path, torch_build: str) -> list[str]:
    # Compiled once here and not at each start of the engine, which halves its start-up time.
    command = [uv, "pip", "install", "--compile-bytecode", "--python", str(python)]
    command += ["--requirement", str(REQUIREMENTS)]
    if torch_build == TORCH_BUILDS[0]:
        return command
    # uv would keep an installed build of the pinned version.
    reinstall = ["--reinstall-package", "torch", "--reinstall-package", "torchvision"]
    return [*command, "--torch-backend", torch_build, *reinstall]


def _run_step(
    command: list[str], cwd: Path, cancelled: Callable[[], bool], begin: float, end: float
) -> Iterator[Progress]:
    """Runs a command and yields its lines, with fractions between ``begin`` and ``end``."""
    lines: list[str] = []
    with _start(command, cwd) as child:
        for line in filter(str.strip, child.lines(cancelled)):
            lines.append(line.strip())
            # The number of lines is unknown, so the fraction approaches the end without reaching it.
            share = len(lines) / (len(lines) + 60)
            yield Progress(begin + (end - begin) * share, line.rstrip())
        if child.exit_code != 0:
            quoted = " | ".join(lines[-QUOTED_LINES:])
            raise InstallationError(
                f"The step {' '.join(command[1:4])} failed: {quoted}. {_RETRY_HINT}"
            )


def _succeeds(command: list[str], cwd: Path, cancelled: Callable[[], bool]) -> bool:
    with _start(command, cwd) as child:
        for _ in child.lines(cancelled):
            continue
        return child.exit_code == 0


def _is_usable(python: Path, cwd: Path, cancelled: Callable[[], bool]) -> bool:
    """Returns whether an environment's Python exists, works and is new enough."""
    check = f"import sys; sys.exit(sys.version_info < {MIN_PYTHON})"
    return python.is_file() and _succeeds([str(python), "-c", check], cwd, cancelled)


def _start(command: list[str], cwd: Path) -> ChildProcess:
    try:
        return ChildProcess(command, cwd, merge_errors=True)
    except OSError as error:
        raise InstallationError(f"{command[0]} cannot be started: {error}.") from error
