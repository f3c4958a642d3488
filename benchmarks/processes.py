"""Runs a process and measures its wall and CPU seconds and its peak memory. Standard library only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.locations import ROOT


class BenchmarkError(Exception):
    """A measured process failed; the message has its command and output."""


@dataclass(frozen=True)
class Run:
    """One process, from its start to its end.

    Attributes:
        wall: Wall seconds.
        cpu: CPU seconds of the process and its children, user and system.
        peak: Peak memory (resident set size), MiB.
        lines: The printed lines of JSON, each with the seconds from the start of the process.
    """

    wall: float
    cpu: float
    peak: float
    lines: tuple[tuple[float, dict[str, Any]], ...]

    @property
    def answer(self) -> dict[str, Any]:
        """The last line of JSON."""
        return self.lines[-1][1]

    @property
    def outputs(self) -> dict[str, Any]:
        """The result values of an engine run."""
        found: dict[str, Any] = self.answer["outputs"]
        return found

    @property
    def first_batch(self) -> tuple[float, int]:
        """Seconds from the start of an engine run until the first tiles were done, and their number."""
        at, event = next(
            (at, event) for at, event in self.lines if event.get("message", "").startswith("tile ")
        )
        return at, int(str(event["message"]).split()[1])

    @property
    def tiles_in_flight(self) -> int:
        """Number of tiles that an engine run computed at a time: batch size times lanes."""
        found = [event.get("values") or {} for _, event in self.lines]
        return max((int(v["batch"]) * int(v["lanes"]) for v in found if "lanes" in v), default=1)


def pin(cores: Iterable[int]) -> list[int]:
    """Binds this process and its children to ``cores``, by default all, and returns these."""
    if hasattr(os, "sched_setaffinity"):
        if wanted := set(cores):
            os.sched_setaffinity(0, wanted)
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def environment(cache: Path, cores: int) -> dict[str, str]:
    """Returns the environment variables of the measured processes: one thread per core, no spinning threads."""
    settings = {
        "OMP_NUM_THREADS": str(cores),
        "OMP_WAIT_POLICY": "PASSIVE",
        "DUALSTREAM_CACHE": str(cache / "engine"),
        "PYTHONWARNINGS": "ignore",
        "UV_FIND_LINKS": "",
        "PIP_FIND_LINKS": "",
    }
    return {**os.environ, **settings}


def run(command: list[str], settings: Mapping[str, str], folder: Path = ROOT) -> Run:
    """Runs a command to its end and measures it.

    Args:
        command: The program and its arguments.
        settings: Its environment variables.
        folder: Its working directory, the checkout whose engine it runs.

    Raises:
        BenchmarkError: If it fails.
    """
    with tempfile.TemporaryFile("w+") as errors:
        start = time.monotonic()
        process = subprocess.Popen(
            command, cwd=folder, env=settings, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        assert process.stdout is not None  # noqa: S101 (asked for above)
        lines = [
            (time.monotonic() - start, json.loads(line))
            for line in process.stdout
            if line.startswith("{")
        ]
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode or not lines:
            errors.seek(0)
            last = "\n".join(
                [*(str(line) for _, line in lines[-1:]), *errors.read().split("\n")[-9:]]
            )
            raise BenchmarkError(f"{' '.join(command[:4])} ended with {process.returncode}: {last}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, tuple(lines))


def engine(module: str, verb: str, options: Iterable[str]) -> list[str]:
    """Returns the command line of an engine run."""
    return [sys.executable, "-m", module, verb, *options, "--events", "json"]


def engine_job(verb: str, job: Mapping[str, object]) -> list[str]:
    """Returns the command line of an engine run by the fields of its job; a field that is True is an option alone."""
    words: list[str] = []
    for name, value in job.items():
        words += [f"--{name}"] if value is True else [f"--{name}", str(value)]
    return engine("engine", verb, words)


def emit(text: str = "") -> None:
    """Prints a line at once, without buffering."""
    print(text, flush=True)
