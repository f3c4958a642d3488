"""Runs the engine as a child process and yields its events. Free of Qt.

``Done`` is the last event of a successful run. Every other end is an exception: ``FailedError`` if the engine reports
an error, ``CrashedError`` if its output ends without ``Done``, ``CancelledError`` after a cancel. Here an engine ends
with its run; ``warm_engine.py`` keeps it for the next one.
"""

from __future__ import annotations

import json
import shlex
import signal
import subprocess  # always a list, never a shell  # nosec B404
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from .child_process import ChildProcess
from .engine.contract import protocol
from .engine.contract.job_json import Job, to_json

#: Number of lines of a crashed engine's standard error in the error message.
QUOTED_LINES = 3

OUT_OF_MEMORY = (
    "The operating system stopped the engine, most likely because it was out of memory. "
    "Choose a smaller batch size or tile size, or close other programs, and run it again."
)

#: Exit codes of Windows for a process that the system has ended, and what they mean.
WINDOWS_CRASHES = {
    0xC0000005: "it accessed memory that is not its own",
    0xC000001D: "this processor lacks an instruction that a library needs",
    0xC0000135: "a library is missing, most likely the Microsoft Visual C++ runtime, from aka.ms/vs/17/release/vc_redist.x64.exe",
    0xC0000409: "a library has stopped it",
}


class FailedError(Exception):
    """The engine has reported an error.

    Attributes:
        details: The traceback of a defect in the engine; "" for an error of the user's.
    """

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(message)
        self.details = details


class CrashedError(Exception):
    """The engine has ended without a result or an error message.

    Attributes:
        exit_code: Its exit code; None if it could not be started.
    """

    def __init__(self, message: str, exit_code: int | None = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Launch:
    """The Python and the folder for starting the engine.

    Attributes:
        python: Path of the engine's Python.
        root: The folder that contains ``engine/``.
    """

    python: str
    root: Path

    def command(self, verb: str, *arguments: str) -> list[str]:
        """Returns the command line of one of the engine's commands; it must run in ``root``."""
        return [self.python, "-m", "engine", verb, *arguments]


def run(
    launch: Launch, verb: str, job: Job, cancelled: Callable[[], bool]
) -> Iterator[protocol.Event]:
    """Runs one job and yields its events, ``Done`` being the last.

    Args:
        launch: The engine.
        verb: The engine's command, such as ``train``.
        job: The job.
        cancelled: Returns whether to stop the engine; called about ten times a second.

    Raises:
        CancelledError: If ``cancelled`` returned true; the engine has been stopped.
        FailedError: If the engine reported an error.
        CrashedError: If the engine could not be started, or ended without a result.
    """
    with tempfile.TemporaryDirectory(prefix="dualstream-") as folder:
        job_file = Path(folder, "job.json")
        job_file.write_text(to_json(job), encoding="utf-8")
        options = ("--config", str(job_file), "--events", "json", "--stop_on_eof")
        command = launch.command(verb, *options)
        with start_process(command, launch.root) as child:
            yield from events(child, cancelled, exits_after_run=True)


def doctor(launch: Launch, cancelled: Callable[[], bool]) -> dict[str, Any]:
    """Returns the engine's report on the computer: Python, torch, device, and why there is no GPU.

    Raises:
        CancelledError: If ``cancelled`` returned true.
        CrashedError: If the engine could not be started, or did not report.
    """
    with start_process(launch.command("doctor", "--json"), launch.root) as child:
        answer = "\n".join(child.lines(cancelled))
    try:
        return dict(json.loads(answer))
    except ValueError as error:
        raise CrashedError(_crash_message(child), child.exit_code) from error


def shell_command(launch: Launch, verb: str, job: Job) -> str:
    """Returns the command line that runs the job without QGIS."""
    command = launch.command(verb, *_options(job))
    if sys.platform == "win32":
        return f'cd /d "{launch.root}" && {subprocess.list2cmdline(command)}'
    return f"cd {shlex.quote(str(launch.root))} && {shlex.join(command)}"


def start_process(command: list[str], root: Path) -> ChildProcess:
    """Starts the engine.

    Raises:
        CrashedError: If it cannot be started.
    """
    try:
        return ChildProcess(command, root, boundary=protocol.BOUNDARY)
    except OSError as error:
        raise CrashedError(
            f"The engine's Python {command[0]} cannot be started: {error}."
        ) from error


def events(
    child: ChildProcess, cancelled: Callable[[], bool], exits_after_run: bool
) -> Iterator[protocol.Event]:
    """Yields the events of one run, ``Done`` being the last.

    Args:
        child: The engine.
        cancelled: Returns whether to stop the engine; called about ten times a second.
        exits_after_run: Whether the engine ends with this run; then it has some seconds to end by itself.

    Raises:
        CancelledError: If ``cancelled`` returned true; the engine has been stopped.
        FailedError: If the engine reported an error.
        CrashedError: If the engine ended without a result.
    """
    for line in child.lines(cancelled):
        try:
            event = protocol.decode(line)
        except ValueError:
            # A library has printed to standard output before the engine redirected it.
            child.tail.append(line)
            continue
        if exits_after_run and protocol.ends_run(event):
            # The engine may still be releasing resources; it is too late to cancel.
            child.wait(lambda: False)
        if isinstance(event, protocol.Failed):
            raise FailedError(event.message, event.details)
        yield event
        if isinstance(event, protocol.Done):
            return
    raise CrashedError(_crash_message(child), child.exit_code)


def _crash_message(child: ChildProcess) -> str:
    exit_code = child.exit_code
    if exit_code in (-9, 137):
        return OUT_OF_MEMORY
    lines = [line.strip() for line in child.tail][-QUOTED_LINES:]
    quoted = " Its last output: " + " | ".join(lines) if lines else ""
    return f"The engine stopped before it had finished ({_exit_reason(exit_code)}).{quoted}"


def _exit_reason(exit_code: int | None) -> str:
    if exit_code is None:
        return "it closed its output"
    if exit_code in WINDOWS_CRASHES:
        return f"{WINDOWS_CRASHES[exit_code]}, exit code 0x{exit_code:X}"
    if exit_code < 0:
        try:
            return f"{signal.Signals(-exit_code).name}, exit code {exit_code}"
        except ValueError:
            return f"signal {-exit_code}"
    return f"exit code {exit_code}"


def _options(job: Job) -> list[str]:
    """Returns the job's fields as command-line options, without those that have their defaults."""
    options: list[str] = []
    for field in fields(job):
        value = getattr(job, field.name)
        if value == field.default:
            continue
        if isinstance(value, bool):
            options.append(f"--{field.name}" if value else f"--no_{field.name}")
        else:
            options += [f"--{field.name}", *_option_values(value)]
    return options


def _option_values(value: Any) -> list[str]:
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in _option_values(item)]
    if isinstance(value, float) and value < 0:
        # The command line would take a negative number in scientific notation for an option.
        return [f"{value:.12f}".rstrip("0").rstrip(".")]
    return [str(value)]
