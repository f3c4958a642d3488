"""``serve``: one engine for job after job, so that only the first pays for the start.

Requests come in on standard input, a line each, and are answered one after another as single runs are:
see ``protocol``. The process ends when its input does, when it has waited too long, and after what may
have spoilt it.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import NoReturn, TextIO

from ..compute.malloc import trim_memory
from ..contract.errors import JobError
from ..contract.job_json import from_json
from ..contract.protocol import BOUNDARY, Done, Failed, Started, claim_stdin, decode_request
from ..contract.version import engine_version
from .registry import INTERRUPTED, PROBLEM, VERBS, Emit, run_to_end, verb_function

#: Training sets up the whole process for one run (accelerate), and wants all of its memory back.
_ALONE = ("train",)

#: So long after a scene the next one of a batch would have come, seconds.
_BETWEEN_SCENES = 10.0

#: The longest wait, seconds: more than anybody needs and less than what a lock can wait.
_MAX_WAIT_SECONDS = 1e6


@dataclass(frozen=True)
class ServeJob:
    """How long to serve.

    Attributes:
        idle_seconds: The engine ends after so many seconds without a request.
    """

    idle_seconds: float = 300.0


def serve(job: ServeJob, emit: Emit) -> NoReturn:
    """Answers requests, then ends the process: at once, with an exit code, and never returning.

    Args:
        job: How long to serve.
        emit: Is told each request's events.
    """
    if not 0 < job.idle_seconds <= _MAX_WAIT_SECONDS:
        emit(
            Failed(
                f"idle_seconds must be more than 0 and at most {_MAX_WAIT_SECONDS:g}, not {job.idle_seconds:g}."
            )
        )
        _end(PROBLEM)
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_receive, args=(claim_stdin(), lines), daemon=True).start()
    try:
        exit_code = answer_all(lines, emit, job.idle_seconds)
    except KeyboardInterrupt:
        exit_code = INTERRUPTED
    _end(exit_code)


def answer_all(lines: queue.Queue[str], emit: Emit, idle_seconds: float) -> int:
    """Answers requests until none has come for a while, or until the process may be spoilt.

    Args:
        lines: Requests as ``protocol.encode_request`` makes them; each is marked as done once answered.
        emit: Is told the events, for each request exactly one ``Done`` or ``Failed`` as the last.
        idle_seconds: How long to wait for a request.

    Returns:
        The process's exit code: 0, else that of the run that may have spoilt it.
    """
    while True:
        line = _next(lines, idle_seconds)
        if line is None:
            return 0
        print(f"\n{BOUNDARY}", file=sys.stderr, flush=True)  # whatever an open line holds
        result = run_to_end(partial(_answer, line, emit))
        lines.task_done()
        emit(result.event)
        if result.is_unusable:
            return result.exit_code


def _next(lines: queue.Queue[str], idle_seconds: float) -> str | None:
    """The next request; None if none has come for a while."""
    begin = min(_BETWEEN_SCENES, idle_seconds)
    try:
        return lines.get(timeout=begin)
    except queue.Empty:
        trim_memory()  # nobody is in the middle of a batch: others can have it
    try:
        return lines.get(timeout=max(idle_seconds - begin, 0.001))
    except queue.Empty:
        return None


def _answer(line: str, emit: Emit) -> Done:
    """Runs one request as a process of its own would."""
    try:
        request = decode_request(line)
    except ValueError as error:
        raise JobError(f"The engine was sent a line that is {error}.") from error
    if request.verb not in VERBS or request.verb in _ALONE:
        served = ", ".join(verb for verb in VERBS if verb not in _ALONE)
        raise JobError(f"The verb {request.verb!r} is not served; these are: {served}.")
    job = from_json(VERBS[request.verb], json.dumps(request.job))
    emit(Started(request.verb, engine_version(), os.getpid()))
    run = verb_function(request.verb)
    from ..compute.process_state import preserve_process_state

    with preserve_process_state():
        return run(job, emit)


def _receive(stream: TextIO, lines: queue.Queue[str]) -> None:
    """Puts lines into the queue; ends the process when there are no more: its owner is gone."""
    for line in stream:
        lines.put(line.rstrip())
    _end(INTERRUPTED if lines.unfinished_tasks else 0)


def _end(exit_code: int) -> NoReturn:
    """Ends the process without winding down: whoever sends a request now must find nobody there."""
    # Nobody may be reading what is left to say, or have closed it.
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(exit_code)
