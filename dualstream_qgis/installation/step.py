"""Runs one step of the installation and reports its progress at least every five seconds. Free of Qt."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import Future, wait
from pathlib import Path
from typing import TypeVar

from ..engine.contract.protocol import Progress
from ..engine.contract.translation import tr
from ..engine_process.child_process import POLL_SECONDS, CancelledError, ChildProcess
from .errors import failure
from .folder_growth import FolderGrowth

#: Longest time without a line in the log, s.
SILENCE_SECONDS = 4.0

#: How uv begins the lines about a failure, from the outcome down to the socket: the error quotes them, the log need not.
_REASON = re.compile(r"(?:error|cause|caused by|hint):|[×├╰│]", re.IGNORECASE)

T = TypeVar("T")


class Step:
    """Runs the programs of one installation.

    Args:
        home: The engine's home, their working directory.
        variables: Their environment variables.
        cancelled: Returns whether to stop; called about ten times a second.
    """

    def __init__(
        self, home: Path, variables: Mapping[str, str], cancelled: Callable[[], bool]
    ) -> None:
        self._home = home
        self._variables = variables
        self._cancelled = cancelled

    def run(
        self, failed: str, command: list[str], begin: float, end: float, expected: float = 0.0
    ) -> Iterator[Progress]:
        """Runs a program and yields its lines and, where it prints none, how much it has downloaded.

        Args:
            failed: The sentence to begin with if it fails.
            command: The program and its arguments.
            begin: Progress at its start.
            end: Progress at its end.
            expected: Bytes that it writes into the cache and the folder of Pythons; 0 if unknown.

        Raises:
            InstallationError: If it cannot be started or fails.
            CancelledError: If the user cancels; it has been stopped.
        """
        lines: list[str] = []
        told = started = time.monotonic()
        with self._start(command) as child, self._growth() as growth:
            for printed in child.lines(self._cancelled, with_ticks=True):
                # uv lists all packages with a plus at its end, which means nothing to the user.
                line = "" if printed.startswith(" + ") else printed.strip()
                fraction = begin + (end - begin) * min(growth.grown / (expected or 1e12), 0.98)
                if line:
                    lines.append(line)
                if not line or _REASON.match(line):
                    if time.monotonic() - told < SILENCE_SECONDS:
                        continue
                    seconds = time.monotonic() - started
                    line = _still(lines, growth.grown, expected, seconds)
                told = time.monotonic()
                yield Progress(fraction, line)
            if child.exit_code != 0:
                raise failure(failed, lines)

    def run_counted(
        self, failed: str, command: list[str], message: str, total: int, begin: float, end: float
    ) -> Iterator[Progress]:
        """Runs a program that prints every second how far it is, a whole number, and yields that from time to time.

        Args:
            failed: The sentence to begin with if it fails.
            command: The program and its arguments.
            message: Text of the progress, with placeholders for the number and the total.
            total: About the number at its end.
            begin: Progress at its start.
            end: Progress at its end.

        Raises:
            InstallationError: If it cannot be started or fails.
            CancelledError: If the user cancels; it has been stopped.
        """
        lines: list[str] = []
        done, said_at = 0, time.monotonic()
        with self._start(command) as child:
            for line in child.lines(self._cancelled, with_ticks=True):
                if line.isdecimal():
                    done = int(line)
                elif line:
                    lines.append(line)
                if time.monotonic() - said_at >= SILENCE_SECONDS:
                    said_at = time.monotonic()
                    share = min(done / total, 1.0)
                    yield Progress(begin + (end - begin) * share, message.format(done, total))
            if child.exit_code != 0:
                raise failure(failed, lines)

    def output(self, failed: str, command: list[str]) -> str:
        """Returns what a short program prints.

        Raises:
            InstallationError: If it cannot be started or fails.
            CancelledError: If the user cancels; it has been stopped.
        """
        with self._start(command, merge_errors=False) as child:
            lines = list(child.lines(self._cancelled))
            if child.exit_code != 0:
                raise failure(failed, [*lines, *child.tail])
        return "\n".join(lines)

    def in_thread(
        self, work: Callable[[], T], doing: str, fraction: float
    ) -> Generator[Progress, None, T]:
        """Runs a function in a thread and returns its result.

        Args:
            work: The function; after a cancel it continues in its thread.
            doing: Text with a placeholder for the seconds: ``Unpacking uv, {:.0f} s``.
            fraction: Progress meanwhile.

        Raises:
            CancelledError: If the user cancels.
        """
        future: Future[T] = Future()
        threading.Thread(target=_finish, args=(future, work), daemon=True).start()
        told = started = time.monotonic()
        while not wait([future], POLL_SECONDS).done:
            if self._cancelled():
                raise CancelledError
            if time.monotonic() - told >= SILENCE_SECONDS:
                told = time.monotonic()
                yield Progress(fraction, doing.format(told - started))
        return future.result()

    def _growth(self) -> FolderGrowth:
        return FolderGrowth(self._home / "cache", self._home / "python")

    def _start(self, command: list[str], merge_errors: bool = True) -> ChildProcess:
        try:
            return ChildProcess(
                command, self._home, merge_errors=merge_errors, variables=self._variables
            )
        except OSError as error:
            sentence = tr("The program {} cannot be started.").format(command[0])
            raise failure(sentence, [str(error)]) from error


def result_of(steps: Generator[Progress, None, T], report: Callable[[Progress], None]) -> T:
    """Reports the progress of steps and returns their result."""
    result: list[T] = []

    def keep_result() -> Iterator[Progress]:
        result.append((yield from steps))

    for event in keep_result():
        report(event)
    return result[0]


def variables_for_uv(home: Path, index: str, inherited: Mapping[str, str]) -> dict[str, str]:
    """Returns uv's environment variables: certificates of the system, and all its files in the engine's home.

    Args:
        home: The engine's home.
        index: Address of the package index; "" for the ordinary one.
        inherited: Variables with the proxy and the certificates.
    """
    variables = {
        **inherited,
        "UV_CACHE_DIR": str(home / "cache"),
        "UV_PYTHON_INSTALL_DIR": str(home / "python"),
        "UV_PYTHON_INSTALL_BIN": "0",
        "UV_PYTHON_INSTALL_REGISTRY": "0",
        # uv knows only Mozilla's certificates otherwise; the second name is that of older versions.
        "UV_SYSTEM_CERTS": "1",
        "UV_NATIVE_TLS": "1",
        "UV_HTTP_TIMEOUT": "60",
        "PYTHONUNBUFFERED": "1",
        # ONNX Runtime, which is loaded once, otherwise reports its start to Microsoft.
        "ORT_DISABLE_TELEMETRY": "1",
    }
    variables.pop("UV_TORCH_BACKEND", None)
    if index:
        variables["UV_DEFAULT_INDEX"] = index
    return variables


def _finish(future: Future[T], work: Callable[[], T]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # it is raised where the result is asked for
        future.set_exception(error)


def _still(lines: list[str], grown: int, expected: float, seconds: float) -> str:
    """Returns what is under way while a program prints nothing."""
    if any(line.startswith("Prepared ") for line in lines):
        return tr("Putting the packages into place, {:.0f} s").format(seconds)
    if grown > 1e6 and expected:
        # Not in MB: it grows by the disk's size, and the dialog has shown the size of the download.
        return tr("About {:.0f} % are downloaded and unpacked").format(
            100 * min(grown / expected, 0.99)
        )
    if expected:
        return tr("Waiting for the package index, {:.0f} s").format(seconds)
    return _working(seconds)


def _working(seconds: float) -> str:
    return tr("Working, {:.0f} s").format(seconds)
