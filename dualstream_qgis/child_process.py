"""A child process that can be listened to, cancelled and never outlives its owner. Qt-free.

Its standard input stays open for as long as it is wanted, its standard error is drained by a
thread of its own, and it leads a process group, so that stopping it stops what it started.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess  # nosec B404
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

#: What QGIS, a virtual environment or macOS' launcher set for *their* Python, GDAL, PROJ and Qt. Without
#: bytecode every start of the engine would compile torch anew, eight seconds of work.
FOREIGN = (
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONEXECUTABLE",
    "PYTHONSAFEPATH",
    "PYTHONUSERBASE",
    "PYTHONSTARTUP",
    "PYTHONDONTWRITEBYTECODE",
    "__PYVENV_LAUNCHER__",
    "VIRTUAL_ENV",
    "GDAL_DATA",
    "GDAL_DRIVER_PATH",
    "PROJ_LIB",
    "PROJ_DATA",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "DYLD_FRAMEWORK_PATH",
)

POLL_SECONDS = 0.1
#: How long a process may take to leave after it has closed its output.
GRACE_SECONDS = 10.0
TAIL_LINES = 40

_WINDOWS = sys.platform == "win32"


class CancelledError(Exception):
    """The user cancelled; the process and everything it had started are gone."""


def clean_environment(inherited: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment variables for a Python that is not QGIS's.

    Args:
        inherited: The variables to start from; those of this process by default.
    """
    source = os.environ if inherited is None else inherited
    kept = {
        name: value
        for name, value in source.items()
        if name.upper() not in FOREIGN and not name.upper().startswith("QT_")
    }
    return {**kept, "PYTHONUTF8": "1", "PYTHONNOUSERSITE": "1"}


class ChildProcess:
    """One running command. Use it as a context manager: on leaving, nothing of it is left.

    Args:
        command: The program and its arguments.
        cwd: The folder to start in.
        merge_errors: Whether standard error belongs to the lines; otherwise only ``tail`` has it.
        environment: Variables on top of the cleaned environment.
        boundary: A line of standard error at which ``tail`` starts anew; empty: none.
    """

    def __init__(
        self,
        command: Sequence[str],
        cwd: Path | str,
        merge_errors: bool = False,
        environment: Mapping[str, str] | None = None,
        boundary: str = "",
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
            env={**clean_environment(), **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merge_errors else subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            **_own_group(),
        )
        self._readers = [_reader(self._read_output, self._process.stdout)]
        if self._process.stderr is not None:
            self._readers.append(_reader(self._read_errors, self._process.stderr))

    def __enter__(self) -> ChildProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs. Seen to have ended, its group ends too."""
        if self._process.returncode is None:
            if not _has_ended(self._process):
                return None
            self._kill()
        return self._process.poll()

    def send(self, line: str) -> None:
        """Writes one line to the process's standard input.

        Raises:
            OSError: If the process is gone.
        """
        stream = self._process.stdin
        if stream is None or stream.closed:
            raise BrokenPipeError
        stream.write(line + "\n")
        stream.flush()

    def lines(self, cancelled: Callable[[], bool]) -> Iterator[str]:
        """Yields what the process prints, line by line, until it has ended.

        Args:
            cancelled: Asked about ten times a second, however silent the process is.

        Raises:
            CancelledError: After the process has been stopped because ``cancelled`` said so.
        """
        idle_after_exit = 0
        while True:
            if cancelled():
                self.stop()
                raise CancelledError
            try:
                line = self._lines.get(timeout=POLL_SECONDS)
            except queue.Empty:
                # A grandchild may hold the pipe open long after the process itself has died.
                idle_after_exit += self.exit_code is not None
                if idle_after_exit > 3:
                    break
                continue
            if line is None:
                self.wait(cancelled)
                break
            yield line
        self._finish_reading()

    def wait(self, cancelled: Callable[[], bool]) -> None:
        """Gives a process that has nothing more to say some seconds to leave by itself.

        Raises:
            CancelledError: After the process has been stopped because ``cancelled`` said so.
        """
        deadline = time.monotonic() + GRACE_SECONDS
        while self.exit_code is None and time.monotonic() < deadline:
            if cancelled():
                self.stop()
                raise CancelledError
            time.sleep(POLL_SECONDS / 5)

    def stop(self) -> None:
        """Stops the process and everything it started, at once."""
        self._kill()
        self._process.wait()
        self._finish_reading()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            # A stream whose reader still waits on a stray grandchild cannot be closed: leave it.
            if stream is not None and not any(reader.is_alive() for reader in self._readers):
                _close(stream)

    def _kill(self) -> None:
        """Kills the group, once and before it is reaped: afterwards its id may be a stranger's."""
        with self._lock:
            if not self._is_killed:
                self._is_killed = True
                _kill_group(self._process)

    def _finish_reading(self) -> None:
        for reader in self._readers:
            reader.join(timeout=0.5)

    def _read_output(self, stream: IO[str]) -> None:
        for line in stream:
            self._lines.put(line.rstrip("\r\n"))
        self._lines.put(None)
        # One that ends while nobody asks for it, an engine without a job, would stay as a zombie.
        self.wait(lambda: False)

    def _read_errors(self, stream: IO[str]) -> None:
        for line in stream:
            if self._boundary and line.rstrip() == self._boundary:
                self.tail.clear()
            elif line.strip():
                self.tail.append(line.rstrip())


def _reader(target: Callable[[IO[str]], None], stream: Any) -> threading.Thread:
    thread = threading.Thread(target=target, args=(stream,), daemon=True)
    thread.start()
    return thread


def hidden_window() -> dict[str, Any]:
    """The arguments of Popen that keep a console window from flashing up on Windows."""
    return {"creationflags": subprocess.CREATE_NO_WINDOW} if _WINDOWS else {}  # type: ignore[attr-defined]


def _own_group() -> dict[str, Any]:
    """The arguments of Popen that make the process lead a group of its own."""
    if not _WINDOWS:
        return {"start_new_session": True}
    group = subprocess.CREATE_NEW_PROCESS_GROUP  # type: ignore[attr-defined]
    return {"creationflags": group | hidden_window()["creationflags"]}


def _has_ended(process: subprocess.Popen[str]) -> bool:
    """Whether it has, without reaping it where that can be told apart.

    Windows keeps the id for as long as ``process`` does. On macOS, where only Python 3.13 can tell, the id is
    free from here on, but not given out anew by the time the group is killed.
    """
    if not hasattr(os, "waitid"):
        return process.poll() is not None
    try:
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True  # another thread has just reaped it


def _kill_group(process: subprocess.Popen[str]) -> None:
    if not _WINDOWS:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            # The whole group is gone already; macOS says so with EPERM.
            return
        return
    if process.poll() is None:
        taskkill = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "taskkill.exe")
        subprocess.run(  # nosec B603
            [str(taskkill), "/T", "/F", "/PID", str(process.pid)],
            capture_output=True,
            check=False,
            **hidden_window(),
        )
        process.kill()


def _close(stream: IO[str]) -> None:
    try:
        stream.close()
    except OSError:
        # Flushing into the pipe of a dead process; there is nothing left to say to it.
        return
