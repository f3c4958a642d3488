"""``serve``: one process for many jobs, so that only the first waits for the start.

Requests come from standard input, one per line, and each is answered with the events of a run, see ``protocol``.
The process ends with its input, after a time without requests, and after a run that may have left it unusable.
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
from ..contract.options import CheckedJob, option
from ..contract.protocol import BOUNDARY, Done, Emit, Started, claim_stdin, decode_request
from ..contract.translation import tr
from ..contract.version import engine_version
from .process_end import end_process
from .registry import INTERRUPTED, VERBS, run_to_end, verb_function
from .silent_steps import with_reminders

#: Verbs that need a separate process: training (accelerate) changes its settings, and its memory must be freed.
_NOT_SERVED = ("train",)

#: Maximum time between two scenes of a batch, s.
_BETWEEN_SCENES = 10.0


@dataclass(frozen=True)
class ServeJob(CheckedJob):
    """Run jobs from standard input until none has come for a while.

    Attributes:
        idle_seconds: Seconds without a request after which the engine ends.
    """

    # At most a time below the longest timeout of a lock.
    idle_seconds: float = option(300.0, high=1e6, excluded=(0,))


def serve(job: ServeJob, emit: Emit) -> NoReturn:
    """Answers requests, then ends the process with an exit code."""
    lines: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_receive, args=(claim_stdin(), lines), daemon=True).start()
    try:
        exit_code = answer_all(lines, emit, job.idle_seconds)
    except KeyboardInterrupt:
        exit_code = INTERRUPTED
    _end(exit_code)


def answer_all(lines: queue.Queue[str], emit: Emit, idle_seconds: float) -> int:
    """Answers requests until none has come for a while, or until the process may be unusable.

    Args:
        lines: Requests as ``protocol.encode_request`` makes them; each is marked as done once it is answered.
        emit: Callback for events; the last of each request is ``Done`` or ``Failed``.
        idle_seconds: Longest wait for a request.

    Returns:
        The exit code of the process: 0, else that of the run after which it may be unusable.
    """
    while (line := _next_line(lines, idle_seconds)) is not None:
        print(f"\n{BOUNDARY}", file=sys.stderr, flush=True)  # on a new line, even after an open one
        result = run_to_end(partial(_answer, line, emit))
        lines.task_done()
        emit(result.event)
        if result.is_unusable:
            return result.exit_code
    return 0


def _next_line(lines: queue.Queue[str], idle_seconds: float) -> str | None:
    """The next request; None after ``idle_seconds`` without one."""
    first_wait = min(_BETWEEN_SCENES, idle_seconds)
    with suppress(queue.Empty):
        return lines.get(timeout=first_wait)
    trim_memory()  # no batch is running: other processes can use the memory
    with suppress(queue.Empty):
        return lines.get(timeout=max(idle_seconds - first_wait, 0.001))
    return None


def _answer(line: str, emit: Emit) -> Done:
    """Runs one request."""
    try:
        request = decode_request(line)
    except ValueError as error:
        raise JobError(tr("The engine received a line that is {}.").format(error)) from error
    if request.verb not in VERBS or request.verb in _NOT_SERVED:
        served = ", ".join(verb for verb in VERBS if verb not in _NOT_SERVED)
        raise JobError(
            tr("The verb {!r} cannot be served; these can: {}.").format(request.verb, served)
        )
    job = from_json(VERBS[request.verb], json.dumps(request.job))
    emit(Started(request.verb, engine_version(), os.getpid()))
    run = verb_function(request.verb)
    from ..compute.process_state import preserve_process_state

    with preserve_process_state(), with_reminders(emit) as emit_all:
        return run(job, emit_all)


def _receive(stream: TextIO, lines: queue.Queue[str]) -> None:
    """Puts lines into the queue; ends the process when standard input is closed: its owner has ended."""
    for line in stream:
        lines.put(line.rstrip())
    _end(INTERRUPTED if lines.unfinished_tasks else 0)


def _end(exit_code: int) -> NoReturn:
    """Ends the process at once, so that no request is sent to a process that is shutting down."""
    # The reader of stderr may have ended or closed it.
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    end_process(exit_code)
