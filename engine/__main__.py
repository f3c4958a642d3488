"""``python -m engine VERB``: one verb per command, with the same jobs as in QGIS.

Options are the fields of the verb's job (``jobs.py``): ``--batch_size 8``. ``--config job.json`` gives
many at once; single options override it. ``--events json`` answers in the worker protocol.
``segment`` with --scenes, --images or --output_folder is ``segment-folder``.
``serve`` is for programs: it reads one job after another from its standard input.
"""

from __future__ import annotations

import json
import os
import platform
import signal
import sys
import threading
from argparse import ArgumentParser, Namespace
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO, TypeVar

from .command_line.console import Console
from .command_line.process_end import end_process
from .command_line.registry import INTERRUPTED, PROBLEM, VERBS, run_to_end, verb_function
from .command_line.serve import ServeJob, serve
from .command_line.shell_options import with_options
from .command_line.silent_steps import with_reminders
from .contract.errors import JobError
from .contract.job_json import read_job
from .contract.paths import is_file
from .contract.protocol import (
    Channel,
    Done,
    Emit,
    Failed,
    Started,
    claim_stdin,
    replace_non_finite,
)
from .contract.strict_json import parse_json
from .contract.translation import tr
from .contract.version import engine_version

if TYPE_CHECKING:
    from .compute.rank_reporter import RankReporter

J = TypeVar("J")

#: The verb that takes no job.
_SERVE = "serve"

#: Options or keys of the job file that turn ``segment`` into ``segment-folder``.
_SEGMENT_FOLDER, _FOLDER_FIELDS = "segment-folder", {"scenes", "images", "output_folder"}

#: Beginning of a verb's help if it is not the docstring of its job.
_DESCRIPTIONS = {
    "segment": "Segment an image with one trained model, or with several together. With --scenes, --images or "
    f"--output_folder it segments many scenes: `python -m engine {_SEGMENT_FOLDER} --help` lists those options."
}


def main(arguments: list[str]) -> int:
    """Runs one verb and returns the exit code of the process."""
    common, options = _parse(arguments)
    verb = _verb(common, options)
    # Before torch is loaded: waiting threads sleep instead of spinning. If another program uses the same cores,
    # spinning makes a training step five to fifteen times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if platform.machine() in ("x86_64", "AMD64"):
        # NumPy's products are small here, and each thread of OpenBLAS takes 40 MB; one that cannot start ends the
        # process. On other processors torch, too, computes with OpenBLAS.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if sys.platform == "win32":
        # The Visual C++ runtime, a package of the requirements: that of the computer may be too old for torch, or missing.
        os.add_dll_directory(sys.prefix)
    # On Apple's GPUs an operator that they lack is computed by the processor.
    os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")
    channel = Channel() if common.events == "json" else Console()
    if verb == _SERVE:
        _serve(common, options, channel.send)
    if common.stop_on_eof:
        threading.Thread(target=_stop_on_eof, args=(claim_stdin(),), daemon=True).start()
    reporter = _rank_reporter(channel.send)
    emit = reporter.emit if reporter else channel.send
    result = run_to_end(lambda: _run(verb, common, options, emit, reporter))
    emit(result.event)
    return result.exit_code


def _rank_reporter(send: Emit) -> RankReporter | None:
    """The reporter of this process if torchrun has started several."""
    if os.environ.get("WORLD_SIZE", "1") == "1":
        return None
    from .compute.rank_reporter import rank_reporter

    return rank_reporter(send)


def _parse(arguments: list[str]) -> tuple[Namespace, list[str]]:
    """The options that every verb has, and the others."""
    parser = ArgumentParser(prog="python -m engine", description=__doc__, add_help=False)
    parser.add_argument("verb", nargs="?", choices=[*VERBS, _SERVE], help="what to do")
    parser.add_argument("--config", default="", help="JSON file with the job's fields")
    parser.add_argument("--events", default="text", choices=["text", "json"])
    parser.add_argument(
        "--stop_on_eof", action="store_true", help="stop when standard input is closed"
    )
    common, options = parser.parse_known_args(arguments)
    if common.verb is None:
        parser.print_help()
        verbs = ", ".join([*VERBS, _SERVE])
        print(f"\nverbs: {verbs}. `python -m engine VERB --help` lists a verb's options.")
        raise SystemExit(0 if not options or "-h" in options or "--help" in options else PROBLEM)
    return common, options


def _verb(common: Namespace, options: list[str]) -> str:
    """The verb to run: ``segment`` of many scenes is ``segment-folder``."""
    if common.verb != "segment":
        return str(common.verb)
    named = {option[2:].split("=")[0].replace("-", "_") for option in options if option[:2] == "--"}
    return _SEGMENT_FOLDER if (named | _job_keys(common.config)) & _FOLDER_FIELDS else "segment"


def _job_keys(path: str) -> set[str]:
    """The keys of a job file; none if it cannot be read, which ``read_job`` will report."""
    try:
        record = parse_json(Path(path).read_text(encoding="utf-8-sig")) if is_file(path) else {}
    except (OSError, ValueError):
        return set()
    return set(record) if isinstance(record, dict) else set()


def _serve(common: Namespace, options: list[str], emit: Emit) -> NoReturn:
    if common.config:
        emit(
            Failed(
                tr(
                    "serve reads jobs from standard input, not {}. Leave out --config; how long to wait for a job is the "
                    "option --idle_seconds."
                ).format(common.config)
            )
        )
        raise SystemExit(PROBLEM)
    try:
        job = _with_options(ServeJob(), _SERVE, common, options, emit)
    except JobError as error:
        emit(Failed(str(error)))
        raise SystemExit(PROBLEM) from error
    serve(job, emit)


def _run(
    verb: str, common: Namespace, options: list[str], emit: Emit, reporter: RankReporter | None
) -> Done:
    """Runs the job of the job file, overridden by single options."""
    if reporter:
        reporter.check(verb)
    kind = VERBS[verb]
    base: Any = read_job(kind, common.config) if common.config else kind()
    job = _with_options(base, verb, common, options, emit)
    emit(Started(verb, engine_version(), os.getpid()))
    # Of several processes of a training only one reports, and the process that started them reminds.
    with with_reminders(emit) if reporter is None else nullcontext(emit) as emit_all:
        done = verb_function(verb)(job, emit_all)
    if getattr(job, "json", False) and common.events != "json":
        return Done(json.dumps(replace_non_finite(done.outputs), indent=2, ensure_ascii=False))
    return done


def _with_options(job: J, verb: str, common: Namespace, options: list[str], emit: Emit) -> J:
    """``job`` with the fields that single options set."""
    program = f"python -m engine {verb}"
    try:
        return with_options(job, options, program, _DESCRIPTIONS.get(verb)) if options else job
    except BrokenPipeError:  # the reader of the help, such as head, has read enough
        exit_process(0)
    except SystemExit as end:
        if end.code and common.events == "json":
            emit(
                Failed(
                    tr(
                        "An option is wrong; the lines above say which. {} --help lists all."
                    ).format(program)
                )
            )
        raise


def _stop_on_eof(stream: TextIO) -> None:
    """Ends the process when standard input is closed: its owner has ended."""
    for _ in stream:
        continue
    end_process(INTERRUPTED)


def exit_process(exit_code: int) -> NoReturn:
    """Ends the process at once, after its files are closed and its events are sent.

    Python's own shutdown of torch takes a second or two, and could wait for a training process that has ended.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    end_process(exit_code)


def end_by_sigterm() -> None:
    """Makes SIGTERM, which schedulers and service managers send, end a run as SIGINT (Ctrl-C) does.

    Does nothing if the parent process has set SIGTERM to be ignored.
    """
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)


if __name__ == "__main__":
    end_by_sigterm()
    exit_process(main(sys.argv[1:]))
