"""Runs the engine and its tests in Python for Windows under Wine: ``python -m tools.windows_check FOLDER``.

Builds in FOLDER what it needs (7 GB, some minutes), then runs the light engine beside that of this computer, and pytest
in each room. Prints one table; the exit code is 1 if something fails that ``lacks.py`` does not name. It needs root.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ..locations import ROOT
from .light_trial import try_light_engine
from .outcomes import FAILED, PASSED, Outcome, read_outcomes, table
from .windows_root import FULL, PYTHON, TRIALS, RootError, WindowsRoot, windows_path

#: The folders of tests; those of ``plugin`` that need QGIS skip themselves.
ROOMS = (
    *("contract", "rasters", "outputs", "datasets", "scores", "reports", "compute", "models"),
    *(
        "inference",
        "runtimes",
        "batch",
        "active_learning",
        "foreign",
        "sampling",
        "commands",
        "command_line",
        "training",
    ),
)
_LIGHT, _SET_UP = "light", "set-up"
PARTS = (_LIGHT, _SET_UP, *(f"engine/{room}" for room in ROOMS), "plugin")
#: What Set up is asked to install, and the title of the row.
_CHOICES = {"light": "light engine", "default": "full engine"}

#: Longest run of a folder of tests, and after which pytest shows where a test hangs, s.
_LONGEST, _HANGS = 7200.0, 900

#: Its own mounts and processes, which end with it however it ends.
_APART = ("unshare", "--mount", "--mount-proc", "--pid", "--fork", "--kill-child")
_IS_APART = "DUALSTREAM_WINDOWS_CHECK"


def main() -> int | str:
    """Runs what the command line selects; returns the exit code, or the reason why it cannot."""
    options = _options()
    if reason := _missing():
        return reason
    if _IS_APART not in os.environ:
        os.environ[_IS_APART] = "1"
        module = [sys.executable, "-m", "tools.windows_check", *sys.argv[1:]]
        os.execvp(_APART[0], [*_APART, *module])  # noqa: S606 (a list, no shell)
    root = WindowsRoot(options.folder, options.uv, _report)
    try:
        root.build()
    except RootError as error:
        return str(error)
    outcomes = [outcome for part in options.only or PARTS for outcome in _run(part, root)]
    print(f"\nPython for Windows under Wine, not Windows itself:\n\n{table(outcomes)}", flush=True)
    return int(any(outcome.result == FAILED for outcome in outcomes))


def _run(part: str, root: WindowsRoot) -> Iterator[Outcome]:
    _report(f"{part} ...")
    started = time.monotonic()
    if part == _LIGHT:
        yield from try_light_engine(root, ROOT / ".venv" / "light" / "bin" / "python")
    elif part == _SET_UP:
        yield from _run_set_up(root)
    else:
        yield from _run_tests(part, root)
    _report(f"  {time.monotonic() - started:.0f} s")


def _run_set_up(root: WindowsRoot) -> Iterator[Outcome]:
    """Runs Set up as a user whose name is Korean."""
    for choice, title in _CHOICES.items():
        home = TRIALS / "홍 길동" / choice
        log = root.path(TRIALS) / f"set-up-{choice}.log"
        command = [
            PYTHON,
            "-m",
            "tools.windows_check.set_up_trial",
            choice,
            windows_path(home),
        ]
        code = root.run(command, log, _LONGEST)
        shutil.rmtree(root.path(home), ignore_errors=True)
        reason = f"exit code {code}, see {log}" if code else ""
        yield Outcome("Set up", title, FAILED if code else PASSED, reason)


def _run_tests(part: str, root: WindowsRoot) -> list[Outcome]:
    inside = TRIALS / part.replace("/", "-")
    report, log = root.path(inside.with_suffix(".xml")), root.path(inside.with_suffix(".log"))
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    temporary = root.path(inside)
    command = [
        root.python(FULL),
        "-m",
        "pytest",
        f"tests/{part}",
        "-v",
        "--tb=short",
        "--continue-on-collection-errors",
    ]
    command += ["-p", "no:cacheprovider", "-p", "no:xdist", "-o", f"faulthandler_timeout={_HANGS}"]
    command += [
        "--basetemp",
        windows_path(inside),
        "--junitxml",
        windows_path(inside.with_suffix(".xml")),
    ]
    code = root.run(command, log, _LONGEST)
    shutil.rmtree(temporary, ignore_errors=True)
    return read_outcomes(part, report, code)


def _missing() -> str:
    """The reason why this computer cannot run the check; empty if it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "This check builds the root of another Debian, which only root on Linux may: run it as root."
    for program in ("debootstrap", "unshare"):
        if not shutil.which(program):
            return f"{program} is missing: run 'apt-get install {program}' as root, then run this again."
    return ""


def _report(line: str) -> None:
    print(line, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.windows_check", description=__doc__)
    parser.add_argument("folder", type=Path, help="for Debian, Wine and the environments")
    parser.add_argument("--uv", default=shutil.which("uv") or "uv")
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="PART", default=[])
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
