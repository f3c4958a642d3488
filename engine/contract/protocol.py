"""The worker protocol: one JSON object a line, from the engine to whoever started it.

A run says ``Started``, then any number of ``Progress``, ``Metric`` and ``Warned``, then exactly one
of ``Done`` and ``Failed``. A stream that ends without one of these two is a crash. A run whose job cannot
be read fails without having started. When the engine's standard input is closed its owner is gone, and it
stops at once.

An engine started by ``serve`` stays for job after job. It reads requests from its standard input, one JSON
object a line, and answers each with the events of a run, one after another. It ends by itself

- with exit code 0 when no request has come for some minutes: one that was sent meanwhile was not begun,
  has no event, and can be sent to another engine;
- with another code after a ``Failed`` that may have spoilt it, by a defect or for want of memory, so that the
  next job gets a fresh process. After any other ``Failed`` it goes on.

Standard error is for whatever libraries print. There an engine that stays writes ``BOUNDARY`` before it
answers a request: only what follows belongs to that run.
"""

from __future__ import annotations

import json
import math
import os
import sys
from dataclasses import asdict, dataclass, field
from typing import Any, TextIO, Union

#: A line of standard error.
BOUNDARY = "--- next request ---"


@dataclass(frozen=True)
class Started:
    """The engine has read its job and begins.

    Attributes:
        command: The verb: ``train``, ``segment``, ...
        version: The engine's version.
        pid: The engine's process id.
    """

    command: str
    version: str
    pid: int


@dataclass(frozen=True)
class Progress:
    """How far the run is.

    Attributes:
        fraction: Share of the work done, 0..1, never decreasing.
        message: What is being done, with time left where it is known; may be empty.
    """

    fraction: float
    message: str = ""


@dataclass(frozen=True)
class Metric:
    """Numbers worth a line in the log, e.g. those of one epoch.

    Attributes:
        message: The numbers as a sentence for the user.
        values: The numbers by name, for programs.
    """

    message: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Warned:
    """Something the user should know that does not stop the run."""

    message: str


@dataclass(frozen=True)
class Done:
    """The run has finished and its outputs are in place.

    Attributes:
        message: What was made, in a sentence.
        outputs: Result values by name: paths, numbers, the class table.
        failures: Parts of the job, such as scenes of many, that could not be done while the rest was. The
            process's exit code is then that of a problem the user can solve.
    """

    message: str
    outputs: dict[str, Any] = field(default_factory=dict)
    failures: int = 0


@dataclass(frozen=True)
class Failed:
    """The run has failed and left no output behind.

    Attributes:
        message: What is wrong and what to do, in a sentence.
        details: For a defect of the engine, the traceback to report; otherwise empty.
    """

    message: str
    details: str = ""


Event = Union[Started, Progress, Metric, Warned, Done, Failed]

_KINDS: dict[str, type] = {
    kind.__name__.lower(): kind for kind in (Started, Progress, Metric, Warned, Done, Failed)
}


def encode(event: Event) -> str:
    """The event as one line of JSON, without the line break; NaN and infinity become null.

    ASCII only, paths of any bytes included.
    """
    record = {"event": type(event).__name__.lower(), **asdict(event)}
    return json.dumps(replace_non_finite(record), separators=(",", ":"))


def decode(line: str) -> Event:
    """The event that ``encode`` wrote as ``line``.

    Raises:
        ValueError: If the line is not an event of this protocol.
    """
    try:
        record = json.loads(line)
        return _KINDS[record.pop("event")](**record)  # type: ignore[no-any-return]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not an event of the worker protocol: {line[:200]!r}") from error


@dataclass(frozen=True)
class Request:
    """A job for an engine that serves.

    Attributes:
        verb: ``segment``, ``predict-folder``, ...
        job: The job's fields; those left out keep their defaults.
    """

    verb: str
    job: dict[str, Any] = field(default_factory=dict)


def encode_request(request: Request) -> str:
    """The request as one line of JSON, without the line break; ASCII only, paths of any bytes included."""
    return json.dumps(asdict(request), separators=(",", ":"))


def decode_request(line: str) -> Request:
    """The request that ``encode_request`` wrote as ``line``.

    Raises:
        ValueError: If the line is no request of this protocol.
    """
    try:
        request = Request(**json.loads(line))
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"not a request of the worker protocol: {line[:200]!r}") from error
    if not isinstance(request.verb, str) or not isinstance(request.job, dict):
        raise ValueError(f"not a request of the worker protocol: {line[:200]!r}")
    return request


def ends_run(event: Event) -> bool:
    """Whether the event ends a run."""
    return isinstance(event, (Done, Failed))


class Channel:
    """The engine's end: owns file descriptor 1, so that nothing else can write into the stream.

    Libraries that print, in C as in Python, find descriptor 1 pointing at stderr instead.
    """

    def __init__(self) -> None:
        sys.stdout.flush()
        self._stream: TextIO = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
        os.dup2(2, 1)
        sys.stdout = sys.stderr

    def send(self, event: Event) -> None:
        """Writes one event at once."""
        self._stream.write(encode(event) + "\n")
        self._stream.flush()


def claim_stdin() -> TextIO:
    """The engine's standard input, for the caller alone: everybody else finds it empty.

    A library that reads it would eat requests. On Windows, one that only looks at it while another thread
    waits for its next line would wait as well.
    """
    stream = os.fdopen(os.dup(0), encoding="utf-8", errors="replace")
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    return stream


def replace_non_finite(value: Any) -> Any:
    """``value`` with every number that JSON does not know (NaN, infinity) replaced by None."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(key): replace_non_finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [replace_non_finite(item) for item in value]
    return value
