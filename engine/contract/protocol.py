"""The worker protocol: one JSON object per line, from the engine to the process that started it.

A run emits ``Started``, then any number of ``Progress``, ``Metric`` and ``Warned``, then exactly one of ``Done``
and ``Failed``. A stream that ends without one of these two is a crash. A run whose job cannot be read emits
``Failed`` only. The engine exits at once when its standard input is closed, since its owner has then ended.

An engine started by ``serve`` runs one job after another. It reads requests from its standard input, one JSON
object per line, and answers each with the events of a run. It exits

- with code 0 after some minutes without a request; a request that was sent meanwhile was not started, has no
  event, and can be sent to another engine;
- with another code after a ``Failed`` by a defect or for lack of memory, so that the next job gets a fresh
  process. After any other ``Failed`` it continues.

Standard error is for the output of libraries. A serving engine writes ``BOUNDARY`` there before each run.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, TextIO, Union

from .translation import tr

#: Line of standard error that separates the output of two runs.
BOUNDARY = "--- next request ---"


@dataclass(frozen=True)
class Started:
    """The engine has read its job and starts it.

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
    """The progress of the run.

    Attributes:
        fraction: Share of the work done, 0..1, never decreasing.
        message: The current step, with the time left if it is known; may be empty.
        values: Numbers of the step by name, for programs, such as those of scenes.
    """

    fraction: float
    message: str = ""
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Metric:
    """Numbers for the log, such as the scores of one epoch.

    Attributes:
        message: The numbers as a sentence for the user.
        values: The numbers by name, for programs.
    """

    message: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Warned:
    """A warning for the user."""

    message: str


@dataclass(frozen=True)
class Done:
    """The run has finished and its outputs are in place.

    Attributes:
        message: The result in a sentence.
        outputs: Result values by name: paths, numbers, the class table.
        failures: Number of parts of the job, such as scenes, that failed. If it is not 0, the exit code is
            that of a problem which the user can solve.
    """

    message: str
    outputs: dict[str, Any] = field(default_factory=dict)
    failures: int = 0


@dataclass(frozen=True)
class Failed:
    """The run has failed and left no output behind.

    Attributes:
        message: The problem and its solution, in a sentence.
        details: Traceback of a defect of the engine; otherwise empty.
    """

    message: str
    details: str = ""


Event = Union[Started, Progress, Metric, Warned, Done, Failed]

#: Callback for the events of a run.
Emit = Callable[[Event], None]

_KINDS: dict[str, type] = {
    kind.__name__.lower(): kind for kind in (Started, Progress, Metric, Warned, Done, Failed)
}


def encode(event: Event) -> str:
    """The event as one line of JSON in ASCII, without the line break; NaN and infinity become null."""
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
        raise ValueError(
            tr("not an event of the worker protocol: {!r}").format(line[:200])
        ) from error


@dataclass(frozen=True)
class Request:
    """A job for a serving engine.

    Attributes:
        verb: ``segment``, ``predict-folder``, ...
        job: Fields of the job; missing fields have their defaults.
    """

    verb: str
    job: dict[str, Any] = field(default_factory=dict)


def encode_request(request: Request) -> str:
    """The request as one line of JSON in ASCII, without the line break."""
    return json.dumps(asdict(request), separators=(",", ":"))


def decode_request(line: str) -> Request:
    """The request that ``encode_request`` wrote as ``line``.

    Raises:
        ValueError: If the line is not a request of this protocol.
    """
    try:
        request = Request(**json.loads(line))
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(
            tr("not a request of the worker protocol: {!r}").format(line[:200])
        ) from error
    if not isinstance(request.verb, str) or not isinstance(request.job, dict):
        raise ValueError(tr("not a request of the worker protocol: {!r}").format(line[:200]))
    return request


def ends_run(event: Event) -> bool:
    """Whether the event ends a run."""
    return isinstance(event, (Done, Failed))


def keep_warnings(emit: Emit, warnings: list[str]) -> Emit:
    """A callback that also adds the messages of warnings to a list."""

    def emit_and_keep(event: Event) -> None:
        if isinstance(event, Warned):
            warnings.append(event.message)
        emit(event)

    return emit_and_keep


class Channel:
    """The engine's end of the event stream.

    It keeps standard output for itself: file descriptor 1 becomes stderr for everything else that prints, in
    Python or C.
    """

    def __init__(self) -> None:
        sys.stdout.flush()
        self._stream: TextIO = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
        os.dup2(2, 1)
        sys.stdout = sys.stderr

    def send(self, event: Event) -> None:
        """Writes one event and flushes."""
        self._stream.write(encode(event) + "\n")
        self._stream.flush()


def claim_stdin() -> TextIO:
    """The engine's standard input, for the caller alone; for all other code it is empty.

    A library that read it would consume requests. On Windows, a library that only inspects it while another
    thread reads would block.
    """
    stream = os.fdopen(os.dup(0), encoding="utf-8", errors="replace")
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    return stream


def replace_non_finite(value: Any) -> Any:
    """``value`` with NaN and infinity, which JSON does not have, replaced by None."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(key): replace_non_finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [replace_non_finite(item) for item in value]
    return value
