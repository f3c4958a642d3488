"""Finds and checks the Python that has torch: never QGIS's own.

The order: the variable ``DUALSTREAM_PYTHON``, the plugin's setting, a developer's checkout, the
environment that "Set up DualStream" builds in the QGIS profile.
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
from .child_process import clean_environment, hidden_window

VARIABLE = "DUALSTREAM_PYTHON"
MIN_PYTHON = (3, 11)
#: The packages whose presence shows that the requirements were installed.
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
    "shapely",
    "safetensors",
    "tyro",
)
CHECK_SECONDS = 60
#: A file that an environment has once everything is installed, and not while it is being built.
_COMPLETE = "dualstream-complete"

HOW_TO_GET_IT = (
    'Run "Set up DualStream" from the Processing Toolbox, which builds it, or set the environment '
    f"variable {VARIABLE} to a Python that has the packages of engine/requirements.txt."
)

_QUESTION = """
import importlib.util, json, sys
missing = [name for name in sys.argv[1:] if importlib.util.find_spec(name) is None]
print(json.dumps({"version": list(sys.version_info[:3]), "missing": missing}))
"""

#: Pythons that passed the check, by path and time of change: ``canExecute`` asks often.
_run_batch: set[tuple[str, int]] = set()


class EnvironmentMissingError(Exception):
    """There is no usable Python for the engine; the message says so and how to get one."""


@dataclass(frozen=True)
class Candidate:
    """A place where the engine's Python may be.

    Attributes:
        python: Path of the interpreter.
        origin: Who named it, for messages.
        chosen: Whether a person named it: then a problem is reported, not passed over.
    """

    python: str
    origin: str
    chosen: bool = False


def python_of_environment(folder: Path) -> Path:
    """The interpreter of the virtual environment in ``folder``."""
    if sys.platform == "win32":
        return folder / "Scripts" / "python.exe"
    return folder / "bin" / "python"


def mark_complete(folder: Path) -> None:
    """Notes that the environment in ``folder`` is whole."""
    (folder / _COMPLETE).touch()


def mark_incomplete(folder: Path) -> None:
    """Notes that the environment in ``folder``, if any, is being changed."""
    (folder / _COMPLETE).unlink(missing_ok=True)


def candidates() -> Iterator[Candidate]:
    """Every place where the engine's Python may be, best first."""
    variable = os.environ.get(VARIABLE, "").strip()
    if variable:
        yield Candidate(variable, f"the environment variable {VARIABLE}", chosen=True)
    setting = settings.ENGINE_PYTHON.get()
    if setting:
        yield Candidate(setting, "DualStream's settings in Options > Processing", chosen=True)
    yield Candidate(str(python_of_environment(ROOT / ".venv" / "engine")), "the checkout")
    built = settings.environment_folder()
    if (built / _COMPLETE).exists():
        yield Candidate(str(python_of_environment(built)), "the QGIS profile")


def find() -> str:
    """The engine's Python.

    Raises:
        EnvironmentMissingError: If there is none, or the one that a person chose cannot be used.
    """
    problem = ""
    for candidate in candidates():
        if not candidate.chosen and not Path(candidate.python).exists():
            continue
        complaint = environment_problem(candidate.python)
        if not complaint:
            return candidate.python
        problem = f"The Python of {candidate.origin}, {candidate.python}, {complaint}."
        if candidate.chosen:
            break
    start = problem or "DualStream's engine needs a Python of its own, which is not there yet."
    raise EnvironmentMissingError(f"{start} {HOW_TO_GET_IT}")


def environment_problem(python: str) -> str:
    """What keeps ``python`` from running the engine, as the rest of a sentence; empty if nothing."""
    path = Path(python)
    if not path.is_file():
        return "does not exist"
    if _is_qgis(path):
        return "is QGIS's own and cannot run beside it"
    stamp = (str(path), path.stat().st_mtime_ns)
    if stamp in _run_batch:
        return ""
    problem = _ask(python)
    if not problem:
        _run_batch.add(stamp)
    return problem


def _is_qgis(path: Path) -> bool:
    """Whether ``path`` is what runs this very process; a virtual environment's link to it is not."""
    own = [sys.executable] if sys.executable else []
    return os.path.normcase(path.absolute()) in [os.path.normcase(Path(p).absolute()) for p in own]


def _ask(python: str) -> str:
    try:
        answer = subprocess.run(  # nosec B603
            [python, "-c", _QUESTION, *REQUIRED_PACKAGES],
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=CHECK_SECONDS,
            check=True,
            **hidden_window(),
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
