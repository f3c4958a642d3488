"""Finds and checks the engine's Python, which is never QGIS's own.

It looks at the environment variable ``DUALSTREAM_PYTHON``, the plugin's setting, a developer's checkout, and the
environment that "Set up DualStream" builds in the QGIS profile, in this order.
"""

from __future__ import annotations

import json
import os
import subprocess  # nosec B404
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import ROOT, settings
from .child_process import clean_environment, hidden_window_options

VARIABLE = "DUALSTREAM_PYTHON"
MIN_PYTHON = (3, 11)
#: Packages that must be installed; with them all others of the requirements are.
REQUIRED_PACKAGES = (
    "torch",
    "torchvision",
    "torchmetrics",
    "transformers",
    "accelerate",
    "segmentation_models_pytorch",
    "rasterio",
    "pyogrio",
    "kornia",
    "scipy",
    "PIL",
    "jinja2",
    "matplotlib",
    "shapely",
    "safetensors",
    "tyro",
)
CHECK_SECONDS = 60
#: Marker file of an environment whose packages are all installed.
_COMPLETE = "dualstream-complete"

HOW_TO_GET_IT = (
    'Run "Set up DualStream" from the Processing Toolbox, which installs it, or set the environment '
    f"variable {VARIABLE} to a Python that has the packages of engine/requirements.txt."
)

_CHECK_SCRIPT = """
import importlib.util, json, sys
missing = [name for name in sys.argv[1:] if importlib.util.find_spec(name) is None]
print(json.dumps({"version": list(sys.version_info[:3]), "missing": missing}))
"""

#: Pythons that have passed the check: path and modification time. QGIS calls ``canExecute`` often.
_usable_pythons: set[tuple[str, int]] = set()


class EnvironmentMissingError(Exception):
    """There is no usable Python for the engine; the message explains how to get one."""


@dataclass(frozen=True)
class Candidate:
    """A possible Python of the engine.

    Attributes:
        python: Path of the interpreter.
        origin: Where the path comes from, for messages.
        is_chosen: Whether the user has chosen it; then a problem is an error, otherwise the next one is tried.
    """

    python: str
    origin: str
    is_chosen: bool = False


def python_of_environment(folder: Path) -> Path:
    """Returns the interpreter of the virtual environment in ``folder``."""
    if sys.platform == "win32":
        return folder / "Scripts" / "python.exe"
    return folder / "bin" / "python"


def mark_complete(folder: Path) -> None:
    """Marks the environment in ``folder`` as complete."""
    (folder / _COMPLETE).touch()


def mark_incomplete(folder: Path) -> None:
    """Removes the mark of the environment in ``folder``, which is going to change."""
    (folder / _COMPLETE).unlink(missing_ok=True)


def candidates() -> Iterator[Candidate]:
    """Yields the possible Pythons of the engine, in the order of priority."""
    variable = os.environ.get(VARIABLE, "").strip()
    if variable:
        yield Candidate(variable, f"the environment variable {VARIABLE}", is_chosen=True)
    setting = settings.ENGINE_PYTHON.get()
    if setting:
        yield Candidate(setting, "DualStream's settings in Options > Processing", is_chosen=True)
    yield Candidate(str(python_of_environment(ROOT / ".venv" / "engine")), "the checkout")
    built = settings.environment_folder()
    if (built / _COMPLETE).exists():
        yield Candidate(str(python_of_environment(built)), "the QGIS profile")


def find() -> str:
    """Returns the path of the engine's Python.

    Raises:
        EnvironmentMissingError: If there is none, or the one that the user has chosen cannot be used.
    """
    message = "DualStream's engine needs a Python of its own, which is not installed yet."
    for candidate in candidates():
        if not candidate.is_chosen and not Path(candidate.python).exists():
            continue
        problem = environment_problem(candidate.python)
        if not problem:
            return candidate.python
        message = f"The Python of {candidate.origin}, {candidate.python}, {problem}."
        if candidate.is_chosen:
            break
    raise EnvironmentMissingError(f"{message} {HOW_TO_GET_IT}")


def environment_problem(python: str) -> str:
    """Returns why ``python`` cannot run the engine, as the end of a sentence; "" if it can."""
    path = Path(python)
    if not path.is_file():
        return "does not exist"
    if _is_own_python(path):
        return "is QGIS's own, which cannot run the engine"
    key = (str(path), path.stat().st_mtime_ns)
    if key in _usable_pythons:
        return ""
    problem = _check(python)
    if not problem:
        _usable_pythons.add(key)
    return problem


def _is_own_python(path: Path) -> bool:
    """Returns whether ``path`` runs this process; the link in a virtual environment is another path."""
    own = sys.executable
    return bool(own) and os.path.normcase(path.absolute()) == os.path.normcase(Path(own).absolute())


def _check(python: str) -> str:
    """Returns the problem that a short program in the Python reports, "" if none."""
    try:
        answer = subprocess.run(  # nosec B603
            [python, "-c", _CHECK_SCRIPT, *REQUIRED_PACKAGES],
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=CHECK_SECONDS,
            check=True,
            **hidden_window_options(),
        )
        found = json.loads(answer.stdout)
    except subprocess.TimeoutExpired:
        return f"did not answer within {CHECK_SECONDS} seconds"
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        return f"does not run as a Python ({type(error).__name__})"
    if tuple(found["version"]) < MIN_PYTHON:
        version, oldest = ".".join(map(str, found["version"])), ".".join(map(str, MIN_PYTHON))
        return f"is Python {version}, and the engine needs {oldest} or later"
    if found["missing"]:
        return f"lacks the packages {', '.join(found['missing'])}"
    return ""
