"""Runs the engine in a process of its own and yields its events. Qt-free.

A run is a small state machine: events come until one of them is the last; a stream that ends
without a last event is a crash, and every end but ``Done`` is an exception with a sentence. Here the
engine ends with its run; in ``warm_engine.py`` it stays for the next.
"""

from __future__ import annotations

import json
import shlex
import signal
import subprocess  # nosec B404
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from .child_process import ChildProcess
from .engine.contract import protocol
from .engine.contract.job_json import Job, to_json

#: How many lines of a crashed engine's standard error a message quotes.
QUOTED_LINES = 3

OUT_OF_MEMORY = (
    "The operating system stopped the engine, most likely because it was out of memory. "
    "Choose a smaller batch size or tile size, or close other programs, and run it again."
)


class FailedError(Exception):
    """The engine said what is wrong.

    Attributes:
        details: The traceback to report when it is a defect of the engine; otherwise empty.
    """

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(message)
        self.details = details


class CrashedError(Exception):
    """The engine ended without a last word.

    Attributes:
        exit_code: How it ended; None when it could not even be started.
    """

    def __init__(self, message: str, exit_code: int | None = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True)
class Launch:
    """Where the engine is and which Python runs it.

    Attributes:
        python: The engine's Python.
        root: The folder that contains ``engine/``.
    """

    python: str
    root: Path

    def command(self, verb: str, *arguments: str) -> list[str]:
        """The command line that runs one verb of the engine in ``root``."""
        return [self.python, "-m", "engine", verb, *arguments]


def run(
    launch: Launch, verb: str, job: Job, cancelled: Callable[[], bool]
) -> Iterator[protocol.Event]:
    """Runs one job and yields its events, ``Done`` being the last.

    Args:
        launch: Where the engine is.
        verb: ``train``, ``segment``, ...
        job: What to do.
        cancelled: Asked about ten times a second; once it says yes, the engine is stopped.

    Raises:
        CancelledError: The engine has been stopped because ``cancelled`` said so.
        FailedError: The engine said what is wrong.
        CrashedError: The engine ended without saying anything, or could not be started.
    """
    with tempfile.TemporaryDirectory(prefix="dualstream-") as folder:
        job_file = Path(folder, "job.json")
        job_file.write_text(to_json(job), encoding="utf-8")
        options = ("--config", str(job_file), "--events", "json", "--stop_on_eof")
        command = launch.command(verb, *options)
        with start_process(command, launch.root) as child:
            yield from events(child, cancelled, leaves=True)


def doctor(launch: Launch, cancelled: Callable[[], bool]) -> dict[str, Any]:
    """What the engine found: Python, torch, device, and why not the GPU.

    Raises:
        CancelledError: ``cancelled`` said so.
        CrashedError: The engine could not be started or did not answer.
    """
    with start_process(launch.command("doctor", "--json"), launch.root) as child:
        answer = "\n".join(child.lines(cancelled))
    try:
        found = json.loads(answer)
    except ValueError as error:
        raise CrashedError(_last_words(child.exit_code, child.tail), child.exit_code) from error
    return dict(found)


def shell_command(launch: Launch, verb: str, job: Job) -> str:
    """What to type in a shell to run the job again without QGIS."""
    words = launch.command(verb, *_options(job))
    if sys.platform == "win32":
        return f'cd /d "{launch.root}" && {subprocess.list2cmdline(words)}'
    return f"cd {shlex.quote(str(launch.root))} && {shlex.join(words)}"


def start_process(command: list[str], root: Path) -> ChildProcess:
    """The running engine.

    Raises:
        CrashedError: It could not be started.
    """
    try:
        return ChildProcess(command, root, boundary=protocol.BOUNDARY)
    except OSError as error:
        raise CrashedError(
            f"The engine's Python {command[0]} cannot be started: {error}."
        ) from error


def events(
    child: ChildProcess, cancelled: Callable[[], bool], leaves: bool
) -> Iterator[protocol.Event]:
    """The events of one run, ``Done`` being the last; listens no further.

    Args:
        child: The engine.
        cancelled: Asked about ten times a second; once it says yes, the engine is stopped.
        leaves: Whether the engine ends with this run; then it is given time to.

    Raises:
        CancelledError: The engine has been stopped because ``cancelled`` said so.
        FailedError: The engine said what is wrong.
        CrashedError: The engine ended without saying anything.
    """
    for line in child.lines(cancelled):
        try:
            event = protocol.decode(line)
        except ValueError:
            # Not ours: something printed into the stream before the engine took hold of it.
            child.tail.append(line)
            continue
        if leaves and protocol.ends_run(event):
            # It may still be putting things away; it is too late to cancel.
            child.wait(lambda: False)
        if isinstance(event, protocol.Failed):
            raise FailedError(event.message, event.details)
        yield event
        if isinstance(event, protocol.Done):
            return
    raise CrashedError(_last_words(child.exit_code, child.tail), child.exit_code)


def _last_words(exit_code: int | None, tail: Iterable[str]) -> str:
    """What a crash looks like to the user."""
    if exit_code in (-9, 137):
        return OUT_OF_MEMORY
    said = [line.strip() for line in tail][-QUOTED_LINES:]
    quoted = " Its last words were: " + " | ".join(said) if said else ""
    return f"The engine stopped before it had finished ({_exit_reason(exit_code)}).{quoted}"


def _exit_reason(exit_code: int | None) -> str:
    if exit_code is None:
        return "it closed its output"
    if exit_code < 0:
        try:
            return f"{signal.Signals(-exit_code).name}, exit code {exit_code}"
        except ValueError:
            return f"signal {-exit_code}"
    return f"exit code {exit_code}"


def _options(job: Job) -> list[str]:
    """The job's fields as command-line options, those at their defaults left out."""
    words: list[str] = []
    for field in fields(job):
        value = getattr(job, field.name)
        if value == field.default:
            continue
        if isinstance(value, bool):
            words.append(f"--{field.name}" if value else f"--no_{field.name}")
        else:
            words += [f"--{field.name}", *_words(value)]
    return words


def _words(value: Any) -> list[str]:
    if isinstance(value, (list, tuple)):
        return [word for item in value for word in _words(item)]
    if isinstance(value, float) and value < 0:
        # In scientific notation a negative number would read as an option.
        return [f"{value:.12f}".rstrip("0").rstrip(".")]
    return [str(value)]
