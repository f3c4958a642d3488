"""Finds and checks the engine's Python, which is never QGIS's own.

It looks at the environment variable ``DUALSTREAM_PYTHON``, the plugin's setting, a developer's checkout, and the
environment that "Set up DualStream" builds, in this order. A Python that others have made is asked for its packages, in
a thread: a damaged one may take a minute to answer, and QGIS's window must not wait for it.
"""

from __future__ import annotations

import json
import os
import subprocess  # always a list, never a shell  # nosec B404
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from . import ROOT, engine_home, settings
from .engine.contract.light_engine import FULL_ENGINE_PACKAGES
from .engine.contract.translation import tr, tr_noop
from .engine_home import python_of_environment
from .engine_process.child_process import clean_environment, hidden_window_options

VARIABLE = "DUALSTREAM_PYTHON"
MIN_PYTHON = (3, 11)
#: Packages that must be installed; with them all others of the requirements are. The light engine has those that are
#: not in ``FULL_ENGINE_PACKAGES``.
REQUIRED_PACKAGES = (
    "torch",
    "torchvision",
    "torchmetrics",
    "transformers",
    "accelerate",
    "segmentation_models_pytorch",
    "onnxruntime",
    "rasterio",
    "pyogrio",
    "kornia",
    "scipy",
    "sklearn",
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

HOW_TO_GET_IT = tr_noop(
    'Run "Set up DualStream" from the menu Plugins > DualStream or the Processing Toolbox, which installs it, or set '
    "the environment variable DUALSTREAM_PYTHON to a Python that has the packages of engine/requirements.txt."
)
UPDATE = tr_noop(
    'DualStream\'s engine was installed for another version of the plugin. Run "Set up DualStream" once to update '
    "it: only what has changed is downloaded."
)
_CHOOSE_ANOTHER = tr_noop(
    "Name another Python there, which has the packages of engine/requirements.txt, or none: then DualStream uses the "
    "one that Set up DualStream installs."
)
_BASE_IS_GONE = tr_noop(
    'It lacks the Python below it, as after an upgrade of the system: run "Set up DualStream" once, which repairs this.'
)

_CHECK_SCRIPT = """
import importlib.util, json, sys
missing = [name for name in sys.argv[1:] if importlib.util.find_spec(name) is None]
print(json.dumps({"version": list(sys.version_info[:3]), "missing": missing}))
"""


@dataclass(frozen=True)
class _Answer:
    """The answer of a Python about itself.

    Attributes:
        problem: Why it cannot run the engine, "" if it can.
        is_light: Whether it can run the light engine only.
        expires: The time at which it is asked again; no problem lasts.
    """

    problem: str = ""
    is_light: bool = False
    expires: float = 0.0


#: A Python by its path and the time of its last change, ns.
_Key = tuple[str, int]
#: What each has answered. QGIS calls ``canExecute`` often.
_checked: dict[_Key, _Answer] = {}
#: Checks that are under way, and the lock of both.
_running: dict[_Key, threading.Thread] = {}
_lock = threading.Lock()


class EnvironmentMissingError(Exception):
    """There is no usable Python for the engine; the message explains how to get one.

    Attributes:
        is_chosen: Whether the user has chosen one that cannot be used; then the set-up does not help.
    """

    def __init__(self, message: str, is_chosen: bool = False) -> None:
        super().__init__(message)
        self.is_chosen = is_chosen


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
        yield Candidate(
            variable, tr("the environment variable {}").format(VARIABLE), is_chosen=True
        )
    setting = settings.ENGINE_PYTHON.get()
    if setting:
        yield Candidate(
            setting, tr("DualStream's settings in Options > Processing"), is_chosen=True
        )
    yield Candidate(str(python_of_environment(ROOT / ".venv" / "engine")), tr("the checkout"))
    built = _built_folder()
    if built is not None:
        yield Candidate(str(python_of_environment(built)), tr("Set up DualStream"), folder=built)
    old = settings.old_environment_folder()
    if (old / _COMPLETE).exists():
        yield Candidate(str(python_of_environment(old)), tr("the QGIS profile"))


def find() -> str:
    """Returns the path of the engine's Python at once; one that has not answered yet counts as usable.

    Raises:
        EnvironmentMissingError: If there is none, or the one that the user has chosen cannot be used.
    """
    message = tr("DualStream's engine needs a Python of its own, which is not installed yet.")
    for candidate in candidates():
        if candidate.folder is not None:
            problem = tr(_BASE_IS_GONE) if engine_home.base_is_gone(candidate.folder) else ""
        elif not candidate.is_chosen and not Path(candidate.python).exists():
            continue
        else:
            problem = environment_problem(candidate.python)
        if not problem:
            return candidate.python
        unusable = tr("DualStream cannot use the Python of {}, {}.")
        message = f"{unusable.format(candidate.origin, candidate.python)} {problem}"
        if candidate.is_chosen:
            raise EnvironmentMissingError(f"{message} {tr(_CHOOSE_ANOTHER)}", is_chosen=True)
    raise EnvironmentMissingError(f"{message} {tr(HOW_TO_GET_IT)}")


def find_checked(cancelled: Callable[[], bool] = lambda: False) -> str:
    """Returns the path of the engine's Python once it has answered, which may take a minute: for threads of runs.

    Args:
        cancelled: Returns whether to wait no longer; called about ten times a second.

    Raises:
        EnvironmentMissingError: As ``find``.
    """
    for _ in candidates():  # each may have to be asked, one after the other
        with suppress(EnvironmentMissingError):
            find()
        if not wait_for_checks(cancelled) or cancelled():
            break
    return find()


def wait_for_checks(cancelled: Callable[[], bool] = lambda: False) -> bool:
    """Waits until all Pythons that are being asked have answered; returns whether there were any.

    Args:
        cancelled: As in ``find_checked``.
    """
    with _lock:
        threads = [*_running.values()]
    for thread in threads:
        while thread.is_alive() and not cancelled():
            thread.join(0.1)
    return bool(threads)


def is_light(python: str) -> bool:
    """Returns whether a Python that ``find`` has returned has the light engine; not while it has not answered."""
    folder, built = _built_folder(), engine_home.installed(settings.engine_home_folder())
    if folder is not None and str(python_of_environment(folder)) == python:
        return built is not None and built.build == engine_home.LIGHT
    path = Path(python)
    key = (str(path), path.stat().st_mtime_ns if path.exists() else 0)
    with _lock:
        return _checked.get(key, _Answer()).is_light


def uses_light_engine() -> bool:
    """Returns whether the engine in use is a light one; False if there is none."""
    try:
        return is_light(find())
    except EnvironmentMissingError:
        return False


def update_notice(python: str) -> str:
    """Returns the sentence for an engine that Set up installed for another version of the plugin, "" otherwise."""
    folder = _built_folder()
    built = engine_home.installed(settings.engine_home_folder())
    is_used = folder is not None and str(python_of_environment(folder)) == python
    is_old = str(python_of_environment(settings.old_environment_folder())) == python
    is_due = is_old or (is_used and built is not None and not built.is_current)
    return tr(UPDATE) if is_due else ""


def _built_folder() -> Path | None:
    home = settings.engine_home_folder()
    built = engine_home.installed(home)
    return home / built.folder if built is not None else None


def environment_problem(python: str) -> str:
    """Returns why ``python`` cannot run the engine, as a sentence about it; "" if it can, or has not answered yet.

    It is asked in a thread if that is due; until it answers, its last answer counts.
    """
    path = Path(python)
    if not path.is_file():
        return tr("It does not exist.")
    if _is_own_python(path):
        return tr("It is QGIS's own, which cannot run the engine.")
    key = (str(path), path.stat().st_mtime_ns)
    with _lock:
        answer = _checked.get(key, _Answer())
        if time.monotonic() >= answer.expires and key not in _running:
            _running[key] = threading.Thread(target=_keep_answer, args=(key,), daemon=True)
            _running[key].start()
    return answer.problem


def _keep_answer(key: _Key) -> None:
    problem, is_light = _check(key[0])
    expires = time.monotonic() + PROBLEM_SECONDS if problem else float("inf")
    with _lock:
        _checked[key] = _Answer(problem, is_light, expires)
        del _running[key]


def _is_own_python(path: Path) -> bool:
    """Returns whether ``path`` runs this process; the link in a virtual environment is another path."""
    own = sys.executable
    return bool(own) and os.path.normcase(path.absolute()) == os.path.normcase(Path(own).absolute())


def _check(python: str) -> tuple[str, bool]:
    """Returns the problem that a short program in the Python reports, "" if none, and whether it has the light engine."""
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
        version, missing = tuple(map(int, found["version"])), list(found["missing"])
    except subprocess.TimeoutExpired:
        return tr("It did not answer within {} seconds.").format(CHECK_SECONDS), False
    except (OSError, ValueError, TypeError, KeyError, subprocess.CalledProcessError) as error:
        return tr("It does not run as a Python ({}).").format(type(error).__name__), False
    if version < MIN_PYTHON:
        names = (".".join(map(str, numbers)) for numbers in (version, MIN_PYTHON))
        return tr("It is Python {}, and the engine needs {} or later.").format(*names), False
    if set(missing) == FULL_ENGINE_PACKAGES.intersection(REQUIRED_PACKAGES):
        return "", True
    return tr("It lacks the packages {}.").format(", ".join(missing)) if missing else "", False
