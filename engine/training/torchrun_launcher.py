"""One training on several devices of this machine: a process for each, started and listened to from here.

It is what ``torchrun`` at a shell does; the run that was asked for stays the one that reports and is
cancelled. Its processes hold the reading end of a pipe whose other end only this one has: however it ends,
they find the pipe closed, and end too.
"""

from __future__ import annotations

import os
import re
import subprocess  # nosec B404
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Callable

import torch

from ..compute.distributed import RankInfo
from ..contract.errors import EngineError
from ..contract.job_json import to_json
from ..contract.jobs import TrainJob
from ..contract.protocol import Done, Event, Failed, Started, decode

Emit = Callable[[Event], None]

#: The device that stands for every NVIDIA GPU of this machine.
ALL = "all"

#: How long the processes may take to end after the last event, and to obey, seconds.
_LEAVE, _OBEY = 60.0, 15.0

#: Lines of the processes' standard error that are kept, and quoted after a crash.
_KEPT, _QUOTED = 200, 3

#: Where torchrun's own report begins, which follows what the processes themselves said; and in it, how the
#: first that failed ended.
_REPORT = re.compile(r"^[EW]\d{4} .*torch/distributed/elastic|^Traceback .*|^\[W\d+ ")
_EXIT_CODE = re.compile(r"exitcode\s*:\s*(-?\d+)")

_IS_WINDOWS = sys.platform == "win32"

#: Exit codes of a process that the system killed.
_KILLED = ("-9", "137")


def count_processes(device: str) -> int:
    """How many processes a training on a device is to be started in; 1: it runs in this one.

    Only ``ALL`` asks for more than one, and only where there are more GPUs; not in a process that
    torchrun has started itself, and not on Windows: torchrun needs libuv, without which torch is built there.
    """
    if device != ALL or _IS_WINDOWS or RankInfo.from_environment().is_distributed:
        return 1
    return max(torch.cuda.device_count(), 1)


def why_single_process() -> str:
    """Why ``ALL`` is one process on this machine, as half a sentence."""
    if _IS_WINDOWS and torch.cuda.device_count() > 1:
        return "torch starts no processes that train together on Windows"
    count = "one NVIDIA GPU" if torch.cuda.is_available() else "no usable NVIDIA GPU"
    return f"this machine has {count}"


def train_distributed(processes: int, job: TrainJob, emit: Emit) -> Done:
    """Trains in several processes of this machine and waits for their end.

    Args:
        processes: How many.
        job: What to train.
        emit: Is told what the first of them says, but for its start and its end.

    Returns:
        What the first of them did.

    Raises:
        EngineError: If one of them failed, in its sentence, or ended without one.
    """
    with tempfile.TemporaryDirectory(prefix="dualstream-") as folder:
        file = Path(folder, "job.json")
        file.write_text(to_json(job), encoding="utf-8")
        with _started(_command(processes, file), processes) as run:
            last = _relayed(run, emit)
            if last is None:
                raise _crash(run.wait(), run.errors)
    if isinstance(last, Failed):
        raise _failure(last)
    return last


def _command(processes: int, job_file: Path) -> list[str]:
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    # A laptop's own name may lead nowhere; all processes are on this machine. And torchrun makes a folder for
    # logs that it never removes: in the job's, which is.
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
        self._process, self._hold, self.output = process, process.stdin, process.stdout
        self.errors: deque[str] = deque(maxlen=_KEPT)
        self._is_over = False
        self._reader = threading.Thread(target=self._drain, args=(process.stderr,), daemon=True)
        self._reader.start()

    def over(self) -> None:
        """The last event has come: what torchrun says of ended processes is no news any more."""
        self._is_over = True

    def wait(self, seconds: float = _LEAVE) -> int | None:
        """The exit code, once they have ended by themselves; None if they do not."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        self._reader.join(1.0)
        return code

    def stop(self) -> None:
        """Ends all processes that are still there: first by the pipe, then by force."""
        with suppress(OSError):
            self._hold.close()
        if self.wait(_OBEY) is None:
            self._process.terminate()  # torchrun ends its processes
            if self.wait(_OBEY) is None:
                self._process.kill()
        self._process.wait()

    def _drain(self, stream: IO[str]) -> None:
        for line in stream:
            if line.strip():
                self.errors.append(line.rstrip())
            if not self._is_over:
                print(line, end="", file=sys.stderr, flush=True)


@contextmanager
def _started(command: Sequence[str], processes: int) -> Iterator[_Run]:
    """The running command; on leaving, nothing of it is left."""
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH", "")])]
    # torchrun would give each process a single thread.
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
    try:
        yield run
    finally:
        run.stop()


def _relayed(run: _Run, emit: Emit) -> Done | Failed | None:
    """Passes the events on; returns the last one, or None if it never comes."""
    for line in run.output:
        try:
            event = decode(line)
        except ValueError:  # a library's, from before the process took hold of its output
            print(line, end="", file=sys.stderr, flush=True)
            continue
        if isinstance(event, (Done, Failed)):
            run.over()
            run.wait()
            return event
        if not isinstance(event, Started):
            emit(event)
    return None


def _failure(failed: Failed) -> EngineError:
    """The failure of a process as this one's; a defect keeps its traceback and its exit code."""
    error = EngineError(f"{failed.message}\n{failed.details}".rstrip())
    error.exit_code = 1 if failed.details else EngineError.exit_code
    return error


def _crash(exit_code: int | None, errors: Sequence[str]) -> EngineError:
    """What it looks like to the user when the processes ended without a word."""
    lines = [str(line).strip() for line in errors]
    code = next((m.group(1) for line in lines if (m := _EXIT_CODE.search(line))), str(exit_code))
    if code in _KILLED:
        return EngineError(
            "The operating system stopped one of the training's processes, most likely because memory "
            "ran out. Choose a smaller batch size or tile size, or fewer devices."
        )
    report = next((n for n, line in enumerate(lines) if _REPORT.match(line)), len(lines))
    said = lines[:report][-_QUOTED:]
    quoted = " Its last words were: " + " | ".join(said) if said else ""
    error = EngineError(
        f"One of the training's processes stopped before it had finished (exit code {code}).{quoted}"
    )
    error.exit_code = 1
    return error
