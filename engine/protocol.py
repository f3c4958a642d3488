"""The worker protocol: one JSON object a line, from the engine to whoever started it.

A run says ``Started``, then any number of ``Progress``, ``Metric`` and ``Warned``, then exactly one
of ``Done`` and ``Failed``. A stream that ends without one of these two is a crash. The engine reads
its standard input only to notice that it was closed: then its owner is gone and it stops.
"""

from __future__ import annotations

import json
import math
import os
import sys
from dataclasses import asdict, dataclass, field
from typing import Any, TextIO, Union


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
    """

    message: str
    outputs: dict[str, Any] = field(default_factory=dict)


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
    """The event as one line of JSON, without the line break; NaN and infinity become null."""
    record = {"event": type(event).__name__.lower(), **asdict(event)}
    return json.dumps(finite(record), ensure_ascii=False, separators=(",", ":"))


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


def is_last(event: Event) -> bool:
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


def finite(value: Any) -> Any:
    """``value`` with every number that JSON does not know (NaN, infinity) replaced by None."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return value
