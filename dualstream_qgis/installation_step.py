"""Runs one program of the installation and tells its progress at least every five seconds. Free of Qt."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from .child_process import ChildProcess
from .engine.contract.protocol import Progress
from .folder_growth import FolderGrowth
from .installation_errors import failure

#: Longest time without a line in the log, s.
SILENCE_SECONDS = 4.0


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
            failed: What to say if it fails, without a full stop.
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
                # uv lists all packages with a plus at its end, which tells the user nothing.
                line = "" if printed.startswith(" + ") else printed.strip()
                fraction = begin + (end - begin) * min(growth.grown / (expected or 1e12), 0.98)
                if line:
                    lines.append(line)
                elif time.monotonic() - told < SILENCE_SECONDS:
                    continue
                told = time.monotonic()
                yield Progress(
                    fraction, line or _still(lines, growth.grown, expected, told - started)
                )
            if child.exit_code != 0:
                raise failure(failed, lines)

    def run_counted(
        self, command: list[str], word: str, total: int, begin: float, end: float
    ) -> Iterator[Progress]:
        """Runs a program that prints a line with ``word`` for each of ``total`` files; its exit code does not count.

        Raises:
            InstallationError: If it cannot be started.
            CancelledError: If the user cancels; it has been stopped.
        """
        done, told = 0, time.monotonic()
        with self._start(command) as child:
            for line in child.lines(self._cancelled, with_ticks=True):
                done += line.startswith(word)
                if time.monotonic() - told < SILENCE_SECONDS:
                    continue
                told = time.monotonic()
                share = min(done / max(total, 1), 1.0)
                yield Progress(
                    begin + (end - begin) * share, f"{done:,} of {total:,} files are prepared"
                )

    def _growth(self) -> FolderGrowth:
        return FolderGrowth(self._home / "cache", self._home / "python")

    def _start(self, command: list[str]) -> ChildProcess:
        try:
            return ChildProcess(command, self._home, merge_errors=True, variables=self._variables)
        except OSError as error:
            raise failure(f"{command[0]} cannot be started", [str(error)]) from error


def _still(lines: list[str], grown: int, expected: float, seconds: float) -> str:
    """Returns what goes on while a program prints nothing."""
    if any(line.startswith("Prepared ") for line in lines):
        return f"Putting the packages into place, {seconds:.0f} s"
    if grown > 1e6 and expected:
        return f"{grown / 1e6:,.0f} of about {expected / 1e6:,.0f} MB downloaded and unpacked"
    return (
        f"Waiting for the package index, {seconds:.0f} s"
        if expected
        else f"Working, {seconds:.0f} s"
    )
