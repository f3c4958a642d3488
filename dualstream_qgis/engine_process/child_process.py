"""A child process whose output is read line by line, and which can be cancelled at any time. Free of Qt.

Its standard input stays open; the engine ends when that closes, so it does not outlive QGIS. Threads read its output,
so no pipe fills up. Stopping it also stops its own children (``process_group.py``).
"""

from __future__ import annotations

import os
import queue
import subprocess  # always a list, never a shell  # nosec B404
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from ..engine.contract.clean_up import CleanUp
from .process_group import ProcessGroup
from .qgis_folders import without_qgis_folders

#: Variables that QGIS, a virtual environment or the launcher of macOS set for their own Python, GDAL and PROJ; the
#: engine must not inherit them. Without bytecode each start of the engine would compile torch again, for 8 s.
FOREIGN_VARIABLES = (
    *("PYTHONHOME", "PYTHONPATH", "PYTHONEXECUTABLE", "PYTHONSAFEPATH", "PYTHONUSERBASE"),
    *("PYTHONSTARTUP", "PYTHONDONTWRITEBYTECODE", "__PYVENV_LAUNCHER__", "VIRTUAL_ENV"),
    *("GDAL_DATA", "GDAL_DRIVER_PATH", "PROJ_LIB", "PROJ_DATA"),
    *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FRAMEWORK_PATH"),
)

POLL_SECONDS = 0.1
#: Time that a process has to end after it has closed its output.
GRACE_SECONDS = 10.0
TAIL_LINES = 40

_WINDOWS = sys.platform == "win32"


class CancelledError(Exception):
    """The user has cancelled; the process and its children have been stopped."""


def clean_environment(inherited: Mapping[str, str] | None = None) -> dict[str, str]:
    """Returns the environment variables for a Python that is not QGIS's.

    Args:
        inherited: Variables to clean; None: the variables of this process.
    """
    source = os.environ if inherited is None else inherited
    kept = {
        name: value
        for name, value in without_qgis_folders(source).items()
        if name.upper() not in FOREIGN_VARIABLES and not name.upper().startswith("QT_")
    }
    return {**kept, "PYTHONUTF8": "1", "PYTHONNOUSERSITE": "1"}


class ChildProcess:
    """A running command, and a context manager that stops it at the end.

    Args:
        command: The program and its arguments.
        cwd: Working directory.
        merge_errors: Whether ``lines`` include standard error.
        boundary: A line of standard error that clears ``tail``; "" for none.
        variables: Environment variables; None: those of this process, cleaned.

    Attributes:
        tail: The last lines of standard error, unless they are merged.
    """

    def __init__(
        self,
        command: Sequence[str],
        cwd: Path | str,
        merge_errors: bool = False,
        boundary: str = "",
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self._boundary = boundary
        self._lock = threading.Lock()
        self._is_killed = False
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._lines: queue.Queue[str | None] = queue.Queue()
        # A list of arguments, never a shell.
        self._process = subprocess.Popen(  # nosec B603
            list(command),
            cwd=str(cwd),
            env=clean_environment() if variables is None else dict(variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merge_errors else subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            **_new_group_options(),
        )
        self._group = ProcessGroup(self._process)
        self._readers = [_start_reader(self._read_output, self._process.stdout)]
        if self._process.stderr is not None:
            self._readers.append(_start_reader(self._read_errors, self._process.stderr))

    def __enter__(self) -> ChildProcess:
        return self

    def __exit__(self, *error: Any) -> None:
        CleanUp(self.stop).__exit__(*error)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while the process runs. After its end its group is killed."""
        if self._process.returncode is None:
            if not _has_ended(self._process):
                return None
            self._kill()
        return self._process.poll()

    def send(self, line: str) -> None:
        """Writes one line to the process's standard input.

        Raises:
            OSError: If the process has ended.
        """
        stream = self._process.stdin
        if stream is None or stream.closed:
            raise BrokenPipeError
        stream.write(line + "\n")
        stream.flush()

    def lines(self, cancelled: Callable[[], bool], with_ticks: bool = False) -> Iterator[str]:
        """Yields the lines that the process prints, until it ends.

        Args:
            cancelled: Returns whether to stop the process; called about ten times a second.
            with_ticks: Whether to yield an empty line whenever nothing was printed for ``POLL_SECONDS``.

        Raises:
            CancelledError: If ``cancelled`` returned true; the process has been stopped.
        """
        idle_after_exit = 0
        while True:
            self._stop_if(cancelled)
            try:
                line = self._lines.get(timeout=POLL_SECONDS)
            except queue.Empty:
                # A grandchild may keep the pipe open long after the process itself has ended.
                idle_after_exit += self.exit_code is not None
                if idle_after_exit > 3:
                    break
                if with_ticks:
                    yield ""
                continue
            if line is None:
                self.wait(cancelled)
                break
            yield line
        self._finish_reading()

    def wait(self, cancelled: Callable[[], bool]) -> None:
        """Waits up to ``GRACE_SECONDS`` for the process to end.

        Raises:
            CancelledError: If ``cancelled`` returned true; the process has been stopped.
        """
        deadline = time.monotonic() + GRACE_SECONDS
        while self.exit_code is None and time.monotonic() < deadline:
            self._stop_if(cancelled)
            time.sleep(POLL_SECONDS / 5)

    def _stop_if(self, cancelled: Callable[[], bool]) -> None:
        if cancelled():
            with CleanUp(self.stop):
                raise CancelledError

    def stop(self) -> None:
        """Kills the process and its children at once."""
        self._kill()
        self._process.wait()
        self._finish_reading()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            # A stream cannot be closed while its reader waits for a grandchild that keeps it open.
            if stream is not None and not any(reader.is_alive() for reader in self._readers):
                _close(stream)

    def _kill(self) -> None:
        """Kills the group once, before it is reaped: afterwards its id may belong to another process."""
        with self._lock:
            if not self._is_killed:
                self._is_killed = True
                self._group.kill()

    def _finish_reading(self) -> None:
        for reader in self._readers:
            reader.join(timeout=0.5)

    def _read_output(self, stream: IO[str]) -> None:
        for line in stream:
            self._lines.put(line.rstrip("\r\n"))
        self._lines.put(None)
        # Otherwise an idle engine that ends would remain as a zombie, because nothing polls it.
        self.wait(lambda: False)

    def _read_errors(self, stream: IO[str]) -> None:
        for line in stream:
            if self._boundary and line.rstrip() == self._boundary:
                self.tail.clear()
            elif line.strip():
                self.tail.append(line.rstrip())


def _start_reader(target: Callable[[IO[str]], None], stream: Any) -> threading.Thread:
    thread = threading.Thread(target=target, args=(stream,), daemon=True)
    thread.start()
    return thread


def hidden_window_options() -> dict[str, Any]:
    """Returns the arguments of Popen that hide the console window on Windows."""
    return {"creationflags": subprocess.CREATE_NO_WINDOW} if _WINDOWS else {}  # type: ignore[attr-defined]


def _new_group_options() -> dict[str, Any]:
    """Returns the arguments of Popen that start a new process group."""
    if not _WINDOWS:
        return {"start_new_session": True}
    group = subprocess.CREATE_NEW_PROCESS_GROUP  # type: ignore[attr-defined]
    return {"creationflags": group | hidden_window_options()["creationflags"]}


def _has_ended(process: subprocess.Popen[str]) -> bool:
    """Returns whether a process has ended, without reaping it where the system supports that.

    Windows reserves the id while ``process`` exists. On macOS before Python 3.13 the process is reaped here, but
    the system does not reuse its id in the short time until the group is killed.
    """
    if not hasattr(os, "waitid"):
        return process.poll() is not None
    try:
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True  # another thread has reaped it


def _close(stream: IO[str]) -> None:
    try:
        stream.close()
    except OSError:
        # Closing flushes into the pipe of a process that has ended.
        return
