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
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ..engine.contract import protocol
from ..engine.contract.clean_up import CleanUp
from ..engine.contract.errors import JobError
from ..engine.contract.job_json import Job, temporary_job_file
from ..engine.contract.translation import tr, tr_noop
from .child_process import ChildProcess, clean_environment
from .sleep_inhibitor import kept_awake

#: Number of lines of a crashed engine's standard error in the error message.
QUOTED_LINES = 3

OUT_OF_MEMORY = tr_noop(
    "The operating system stopped the engine, most likely because it was out of memory. "
    "Choose a smaller batch size or tile size, or close other programs, and run it again."
)

#: Libraries print one of these before they end the process by themselves.
_NO_MEMORY = (
    "OpenBLAS error: Memory allocation still failed",
    "libgomp: Thread creation failed",
    "std::bad_alloc",
)

#: Exit codes of Windows for a process that the system has ended, and what they mean.
WINDOWS_CRASHES = {
    0xC0000005: tr_noop("It accessed memory that is not its own."),
    0xC000001D: tr_noop("This processor lacks an instruction that a library needs."),
    0xC0000135: tr_noop(
        "A library is missing, most likely the Microsoft Visual C++ runtime: install it from "
        "aka.ms/vs/17/release/vc_redist.x64.exe"
    ),
    0xC0000409: tr_noop("A library has stopped it."),
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
        """Returns the command line of one of the engine's commands, for ``folder`` and ``variables``."""
        return [self.python, "-m", "engine", verb, *arguments]

    @property
    def folder(self) -> Path:
        """The engine's working folder, that of its Python: Windows could not update a plugin in whose folder it works."""
        return Path(self.python).parent

    @property
    def variables(self) -> dict[str, str]:
        """The engine's environment variables, with which it is found from any folder."""
        return {**clean_environment(), "PYTHONPATH": str(self.root)}


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
    with CleanUp() as end:
        try:
            job_file = end.enter_context(temporary_job_file(job))
        except JobError as error:
            raise CrashedError(str(error)) from error
        options = ("--config", str(job_file), "--events", "json", "--stop_on_eof")
        child = end.enter_context(start_process(launch, verb, *options))
        yield from events(child, cancelled, exits_after_run=True)


def doctor(launch: Launch, cancelled: Callable[[], bool]) -> dict[str, Any]:
    """Returns the engine's report on the computer: Python, torch, device, and why there is no GPU.

    Raises:
        CancelledError: If ``cancelled`` returned true.
        CrashedError: If the engine could not be started, or did not report.
    """
    with start_process(launch, "doctor", "--json") as child:
        answer = "\n".join(child.lines(cancelled))
    try:
        return dict(json.loads(answer))
    except ValueError as error:
        raise CrashedError(_crash_message(child), child.exit_code) from error


def shell_commands(
    launch: Launch, verb: str, job: Job, system: str = sys.platform
) -> dict[str, str]:
    """Returns the command lines that run the job without QGIS, by the name of the shell.

    Args:
        launch: The engine.
        verb: The engine's command.
        job: The job.
        system: The system, as in ``sys.platform``.
    """
    command, root = launch.command(verb, *_options(job)), str(launch.root)
    if system != "win32":
        return {"sh": f"cd {shlex.quote(root)} && {shlex.join(command)}"}
    powershell, cmd = (
        " ".join(map(quote, command)) for quote in (_quote_for_powershell, _quote_for_cmd)
    )
    return {
        "PowerShell": f"Set-Location -LiteralPath {_quote_for_powershell(root)}; & {powershell}",
        # pushd also enters a folder of the network, to which it gives the letter of a drive.
        "cmd": f'pushd "{root}" && {cmd}',
    }


def _quote_for_cmd(word: str) -> str:
    quoted = subprocess.list2cmdline([word])  # in quotes if there are blanks
    return f'"{word}"' if quoted == word and set(word) & set("&|<>^()") else quoted


def _quote_for_powershell(word: str) -> str:
    # In single quotes PowerShell replaces nothing.
    return "'" + word.replace("'", "''") + "'"


def start_process(launch: Launch, verb: str, *arguments: str) -> ChildProcess:
    """Starts one of the engine's commands.

    Raises:
        CrashedError: If it cannot be started.
    """
    try:
        return ChildProcess(
            launch.command(verb, *arguments),
            launch.folder,
            boundary=protocol.BOUNDARY,
            variables=launch.variables,
        )
    except OSError as error:
        raise CrashedError(
            tr("The engine's Python {} cannot be started: {}.").format(launch.python, error)
        ) from error


def events(
    child: ChildProcess, cancelled: Callable[[], bool], exits_after_run: bool
) -> Iterator[protocol.Event]:
    """Yields the events of one run, ``Done`` being the last; the computer stays awake meanwhile.

    Args:
        child: The engine.
        cancelled: Returns whether to stop the engine; called about ten times a second.
        exits_after_run: Whether the engine ends with this run; then it has some seconds to end by itself.

    Raises:
        CancelledError: If ``cancelled`` returned true; the engine has been stopped.
        FailedError: If the engine reported an error.
        CrashedError: If the engine ended without a result.
    """
    with kept_awake():
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
    if exit_code in (-9, 137) or any(text in line for line in child.tail for text in _NO_MEMORY):
        return tr(OUT_OF_MEMORY)
    sentences = [tr("The engine stopped before it had finished ({}).").format(_end(exit_code))]
    if exit_code in WINDOWS_CRASHES:
        sentences.append(tr(WINDOWS_CRASHES[exit_code]))
    lines = [line.strip() for line in child.tail][-QUOTED_LINES:]
    if lines:
        sentences.append(tr("Its last output: {}").format(" | ".join(lines)))
    return " ".join(sentences)


def _end(exit_code: int | None) -> str:
    """Returns how a process has ended, in a few words."""
    if exit_code is None:
        return tr("it closed its output")
    if exit_code in WINDOWS_CRASHES:
        return tr("exit code {}").format(f"0x{exit_code:X}")
    if exit_code < 0:
        try:
            return tr("{}, exit code {}").format(signal.Signals(-exit_code).name, exit_code)
        except ValueError:
            return tr("signal {}").format(-exit_code)
    return tr("exit code {}").format(exit_code)


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
