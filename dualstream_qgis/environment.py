"""Finds and checks the engine's Python, which is never QGIS's own.

It looks at the environment variable ``DUALSTREAM_PYTHON``, the plugin's setting, a developer's checkout, and the
environment that "Set up DualStream" builds, in this order.
"""

from __future__ import annotations

import json
import os
import subprocess  # always a list, never a shell  # nosec B404
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import ROOT, engine_home, settings
from .child_process import clean_environment, hidden_window_options
from .engine_home import python_of_environment

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
#: Time for which a problem is remembered, s: QGIS asks once for each algorithm.
PROBLEM_SECONDS = 10.0
#: Marker file of a complete environment in the QGIS profile, where version 0.1.0 built it at first.
_COMPLETE = "dualstream-complete"

HOW_TO_GET_IT = (
    'Run "Set up DualStream" from the Processing Toolbox, which installs it, or set the environment '
    f"variable {VARIABLE} to a Python that has the packages of engine/requirements.txt."
)
UPDATE = (
    'DualStream\'s engine was installed for another version of the plugin. Run "Set up DualStream" once to update '
    "it: only what has changed is downloaded."
)
_BASE_IS_GONE = 'lacks the Python below it, as after an upgrade of the system. Run "Set up DualStream" once: it repairs this'

_CHECK_SCRIPT = """
import importlib.util, json, sys
missing = [name for name in sys.argv[1:] if importlib.util.find_spec(name) is None]
print(json.dumps({"version": list(sys.version_info[:3]), "missing": missing}))
"""

#: Results of the check by path and modification time, with the time at which they expire: "" lasts. QGIS calls
#: ``canExecute`` often.
_checked: dict[tuple[str, int], tuple[str, float]] = {}


class EnvironmentMissingError(Exception):
    """There is no usable Python for the engine; the message explains how to get one."""


@dataclass(frozen=True)
class Candidate:
    """A possible Python of the engine.

    Attributes:
        python: Path of the interpreter.
        origin: Where the path comes from, for messages.
        is_chosen: Whether the user has chosen it; then a problem is an error, otherwise the next one is tried.
        folder: The environment that Set up built, None for others. Set up has checked its packages.
    """

    python: str
    origin: str
    is_chosen: bool = False
    folder: Path | None = None


def candidates() -> Iterator[Candidate]:
    """Yields the possible Pythons of the engine, in the order of priority."""
    variable = os.environ.get(VARIABLE, "").strip()
    if variable:
        yield Candidate(variable, f"the environment variable {VARIABLE}", is_chosen=True)
    setting = settings.ENGINE_PYTHON.get()
    if setting:
        yield Candidate(setting, "DualStream's settings in Options > Processing", is_chosen=True)
    yield Candidate(str(python_of_environment(ROOT / ".venv" / "engine")), "the checkout")
    built = _built_folder()
    if built is not None:
        yield Candidate(str(python_of_environment(built)), "Set up DualStream", folder=built)
    old = settings.old_environment_folder()
    if (old / _COMPLETE).exists():
        yield Candidate(str(python_of_environment(old)), "the QGIS profile")


def find() -> str:
    """Returns the path of the engine's Python.

    Raises:
        EnvironmentMissingError: If there is none, or the one that the user has chosen cannot be used.
    """
    message = "DualStream's engine needs a Python of its own, which is not installed yet."
    for candidate in candidates():
        if candidate.folder is not None:
            problem = _BASE_IS_GONE if engine_home.base_is_gone(candidate.folder) else ""
        elif not candidate.is_chosen and not Path(candidate.python).exists():
            continue
        else:
            problem = environment_problem(candidate.python)
        if not problem:
            return candidate.python
        message = f"The Python of {candidate.origin}, {candidate.python}, {problem}."
        if candidate.is_chosen:
            break
    raise EnvironmentMissingError(f"{message} {HOW_TO_GET_IT}")


def update_notice(python: str) -> str:
    """Returns the sentence for an engine that Set up installed for another version of the plugin, "" otherwise."""
    folder = _built_folder()
    built = engine_home.installed(settings.engine_home_folder())
    is_used = folder is not None and str(python_of_environment(folder)) == python
    is_old = str(python_of_environment(settings.old_environment_folder())) == python
    return UPDATE if is_old or (is_used and built is not None and not built.is_current) else ""


def _built_folder() -> Path | None:
    home = settings.engine_home_folder()
    built = engine_home.installed(home)
    return home / built.folder if built is not None else None


def environment_problem(python: str) -> str:
    """Returns why ``python`` cannot run the engine, as the end of a sentence; "" if it can."""
    path = Path(python)
    if not path.is_file():
        return "does not exist"
    if _is_own_python(path):
        return "is QGIS's own, which cannot run the engine"
    key = (str(path), path.stat().st_mtime_ns)
    problem, expires = _checked.get(key, ("", 0.0))
    if time.monotonic() >= expires:
        problem = _check(python)
        _checked[key] = problem, time.monotonic() + PROBLEM_SECONDS if problem else float("inf")
    return problem


def _is_own_python(path: Path) -> bool:
    """Returns whether ``path`` runs this process; the link in a virtual environment is another path."""
    own = sys.executable
    return bool(own) and os.path.normcase(path.absolute()) == os.path.normcase(Path(own).absolute())


def _check(python: str) -> str:
    """Returns the problem that a short program in the Python reports, "" if none."""
    try:
        answer = subprocess.run(  # a list, never a shell  # nosec B603
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
