"""Launcher of one training process per device of this machine, with ``torchrun``.

The launching process reports for all of them and can be cancelled. The training processes read from a pipe
whose other end only the launcher holds: when it ends for any reason, the pipe closes and they end too.
"""

from __future__ import annotations

import os
import re
import subprocess  # always a list, never a shell  # nosec B404
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import torch

from ..contract.clean_up import CleanUp
from ..contract.errors import EngineError
from ..contract.job_json import temporary_job_file
from ..contract.jobs import TrainJob
from ..contract.protocol import Done, Emit, Failed, Started, decode
from ..contract.translation import tr
from .rank_info import RankInfo

#: The device name for all NVIDIA GPUs of this machine.
ALL = "all"

#: Timeouts for the end of the processes after the last event, and after a request to end, s.
_EXIT_TIMEOUT, _STOP_TIMEOUT = 60.0, 15.0

#: Lines of the processes' standard error that are kept, and quoted after a crash.
_KEPT_LINES, _QUOTED_LINES = 200, 3

#: First line of torchrun's own report, which follows the output of the processes, and the exit code in it.
_REPORT = re.compile(r"^[EW]\d{4} .*torch/distributed/elastic|^Traceback .*|^\[W\d+ ")
_EXIT_CODE = re.compile(r"exitcode\s*:\s*(-?\d+)")

_IS_WINDOWS = sys.platform == "win32"

#: Exit codes of a process that the operating system killed.
_KILLED = ("-9", "137")


def count_processes(device: str) -> int:
    """Number of processes to launch for a training on a device; 1: train in this process.

    More than one only for ``ALL`` with several GPUs; not in a process of torchrun, and not on Windows, where
    torch is built without libuv, which torchrun needs.
    """
    if device != ALL or _IS_WINDOWS or RankInfo.from_environment().is_distributed:
        return 1
    return max(torch.cuda.device_count(), 1)


def why_single_process() -> str:
    """Why ``ALL`` is one process on this machine, as a sentence."""
    if _IS_WINDOWS and torch.cuda.device_count() > 1:
        return tr("On Windows torch starts no processes that train together.")
    if torch.cuda.is_available():
        return tr("This machine has one NVIDIA GPU.")
    return tr("This machine has no usable NVIDIA GPU.")


def train_distributed(processes: int, job: TrainJob, emit: Emit) -> Done:
    """Trains in several processes of this machine and waits for their end.

    Args:
        processes: Number of processes.
        job: The training job.
        emit: Callback for the events of rank 0, without start and end.

    Returns:
        The result of rank 0.

    Raises:
        EngineError: If a process fails or ends without a result.
    """
    with (
        temporary_job_file(job) as file,
        _launch(_command(processes, file), processes) as run,
    ):
        result = _relay_events(run, emit)
        if result is None:
            raise _crash_error(run.wait(), run.errors)
    if isinstance(result, Failed):
        raise _failure_error(result)
    return result


def _command(processes: int, job_file: Path) -> list[str]:
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    # A laptop's host name may not resolve. torchrun never removes its log folder, so it gets the job's.
    address = ["--local-addr=127.0.0.1", f"--log-dir={job_file.parent}"]
    verb = ["-m", str(__package__).split(".")[0], "train", "--config", str(job_file)]
    return [sys.executable, *launcher, *address, *verb, "--events", "json", "--stop_on_eof"]


class _Run:
    """The running processes.

    Attributes:
        errors: The last lines of their standard error.
        output: Their standard output.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise AssertionError("started without pipes")
        self._process = process
        self._stdin = process.stdin
        self.output = process.stdout
        self.errors: deque[str] = deque(maxlen=_KEPT_LINES)
        self._is_muted = False
        self._reader = threading.Thread(target=self._drain, args=(process.stderr,), daemon=True)
        self._reader.start()

    def mute(self) -> None:
        """Stops printing standard error: after the last event it has only torchrun's remarks."""
        self._is_muted = True

    def wait(self, seconds: float = _EXIT_TIMEOUT) -> int | None:
        """Waits for the exit code; None after the timeout."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        self._reader.join(1.0)
        return code

    def stop(self) -> None:
        """Ends all remaining processes: first by closing the pipe, then by force."""
        with suppress(OSError):
            self._stdin.close()
        if self.wait(_STOP_TIMEOUT) is None:
            self._process.terminate()  # torchrun ends its processes
            if self.wait(_STOP_TIMEOUT) is None:
                self._process.kill()
        self._process.wait()

    def _drain(self, stream: IO[str]) -> None:
        for line in stream:
            if line.strip():
                self.errors.append(line.rstrip())
            if not self._is_muted:
                print(line, end="", file=sys.stderr, flush=True)


@contextmanager
def _launch(command: Sequence[str], processes: int) -> Iterator[_Run]:
    """Runs the command; ends all its processes on exit."""
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH", "")])]
    # The default of torchrun is one thread per process.
    threads = str(max(1, (os.cpu_count() or 1) // processes))
    environment = {"OMP_NUM_THREADS": threads, **os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    process = subprocess.Popen(  # noqa: S603 (a list, never a shell)  # nosec B603
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        encoding="utf-8",
        errors="replace",
    )
    run = _Run(process)
    with CleanUp(run.stop):
        yield run


def _relay_events(run: _Run, emit: Emit) -> Done | Failed | None:
    """Emits the events; returns the last one, or None if it never comes."""
    for line in run.output:
        try:
            event = decode(line)
        except ValueError:  # a library's output before the process redirects its standard output
            print(line, end="", file=sys.stderr, flush=True)
            continue
        if isinstance(event, (Done, Failed)):
            run.mute()
            run.wait()
            return event
        if not isinstance(event, Started):
            emit(event)
    return None


def _failure_error(failed: Failed) -> EngineError:
    """The failure of a process as an error; a defect keeps its traceback and its exit code."""
    error = EngineError(f"{failed.message}\n{failed.details}".rstrip())
    error.exit_code = 1 if failed.details else EngineError.exit_code
    return error


def _crash_error(exit_code: int | None, errors: Sequence[str]) -> EngineError:
    """The error for processes that ended without a result."""
    lines = [str(line).strip() for line in errors]
    code = next((m.group(1) for line in lines if (m := _EXIT_CODE.search(line))), str(exit_code))
    if code in _KILLED:
        return EngineError(
            tr(
                "The operating system stopped one of the training's processes, most likely because memory ran out. Choose "
                "a smaller batch size or tile size, or fewer devices."
            )
        )
    report = next((n for n, line in enumerate(lines) if _REPORT.match(line)), len(lines))
    last_lines = lines[:report][-_QUOTED_LINES:]
    text = tr(
        "One of the training's processes stopped before it had finished (exit code {})."
    ).format(code)
    if last_lines:
        text += " " + tr("Its last output: {}").format(" | ".join(last_lines))
    error = EngineError(text)
    error.exit_code = 1
    return error
