"""``python -m engine VERB``: one command a verb, the same jobs as in QGIS.

Options are the fields of the verb's job (``jobs.py``): ``--batch_size 8``. ``--config job.json`` gives
many at once, single options override it. ``--events json`` answers in the worker protocol.
``segment`` of many scenes, with --scenes, --images or --output_folder, is ``segment-folder``.
``serve`` is for programs: it takes job after job from its standard input.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from argparse import ArgumentParser, Namespace
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from .commands.console import Console
from .commands.registry import INTERRUPTED, PROBLEM, VERBS, Emit, run_to_end, verb_function
from .commands.serve import ServeJob, serve
from .contract.job_json import read_job
from .contract.paths import is_file
from .contract.protocol import Channel, Done, Failed, Started, claim_stdin, replace_non_finite
from .contract.strict_json import parse_json
from .contract.version import engine_version

if TYPE_CHECKING:
    from .training.rank_reporter import RankReporter

#: The verb that is no job but takes others'.
_SERVE = "serve"

#: What makes ``segment`` one of many scenes: options, or keys of the job file.
_MANY, _OF_MANY = "segment-folder", {"scenes", "images", "output_folder"}

#: What a verb's help begins with, where it is not the job's own text.
_ABOUT = {
    "segment": "Segment an image with one trained model, or with several together. With --scenes, --images or "
    f"--output_folder it segments many scenes: `python -m engine {_MANY} --help` lists those options."
}


def main(arguments: list[str]) -> int:
    """Runs one verb and returns the process's exit code."""
    verb, common, options = _split(arguments)
    # Before torch is loaded: threads that wait sleep instead of spinning. Where another program wants
    # the same cores, spinning made a training step five to fifteen times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    channel = Channel() if common.events == "json" else Console()
    if verb == _SERVE:
        _serve(common, options, channel.send)
    if common.stop_on_eof:
        threading.Thread(target=_stop_on_eof, args=(claim_stdin(),), daemon=True).start()
    reporter = _voice(channel.send)
    emit = reporter.emit if reporter else channel.send
    result = run_to_end(lambda: _run(verb, common, options, emit, reporter))
    emit(result.event)
    return result.exit_code


def _voice(send: Emit) -> RankReporter | None:
    """What reports for this process where torchrun has started several."""
    if os.environ.get("WORLD_SIZE", "1") == "1":
        return None
    from .training.rank_reporter import rank_reporter

    return rank_reporter(send)


def _split(arguments: list[str]) -> tuple[str, Namespace, list[str]]:
    """The verb, the options every verb has, and the verb's own."""
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
    return _meant(common, options), common, options


def _meant(common: Namespace, options: list[str]) -> str:
    """The verb that is meant: ``segment`` of many scenes is one of its own."""
    if common.verb != "segment":
        return str(common.verb)
    named = {option[2:].split("=")[0].replace("-", "_") for option in options if option[:2] == "--"}
    return _MANY if (named | _keys(common.config)) & _OF_MANY else "segment"


def _keys(path: str) -> set[str]:
    """The keys of a job file; none of what is none, which whoever reads it will say."""
    try:
        record = parse_json(Path(path).read_text(encoding="utf-8-sig")) if is_file(path) else {}
    except (OSError, ValueError):
        return set()
    return set(record) if isinstance(record, dict) else set()


def _serve(common: Namespace, options: list[str], emit: Emit) -> NoReturn:
    """Serves as the options say, or ends the process with a sentence."""
    if common.config:
        emit(
            Failed(
                f"serve reads jobs from standard input, not {common.config}. Leave out --config; how long to "
                "wait for a job is the option --idle_seconds."
            )
        )
        raise SystemExit(PROBLEM)
    serve(_overridden(ServeJob(), _SERVE, common, options, emit), emit)


def _run(
    verb: str,
    common: Namespace,
    options: list[str],
    emit: Emit,
    reporter: RankReporter | None = None,
) -> Done:
    """Runs the job of the config file, overridden by single options."""
    if reporter:
        reporter.check(verb)
    kind = VERBS[verb]
    written: Any = read_job(kind, common.config) if common.config else kind()
    job = _overridden(written, verb, common, options, emit)
    emit(Started(verb, engine_version(), os.getpid()))
    done = verb_function(verb)(job, emit)
    if getattr(job, "json", False) and common.events != "json":
        return Done(json.dumps(replace_non_finite(done.outputs), indent=2, ensure_ascii=False))
    return done


def _overridden(job: Any, verb: str, common: Namespace, options: list[str], emit: Emit) -> Any:
    """``job`` with the fields that single options name."""
    if not options:
        return job
    import tyro  # a tenth of a second, which whoever hands over a job file need not wait

    program = f"python -m engine {verb}"
    try:
        return tyro.cli(
            type(job),
            default=job,
            args=options,
            prog=program,
            description=_ABOUT.get(verb),
            use_underscores=True,
        )
    except SystemExit as end:
        if end.code and common.events == "json":
            emit(
                Failed(
                    f"An option is wrong; the lines above say which. {program} --help lists all."
                )
            )
        raise


def _stop_on_eof(stream: TextIO) -> None:
    """Ends this process when its owner is gone: nobody would read the result."""
    for _ in stream:
        continue
    os._exit(INTERRUPTED)


def exit_process(exit_code: int) -> NoReturn:
    """Ends this process at once: its work is done, its files are closed, and its events are sent.

    Python would take torch and the network apart first, piece by piece, which takes a second or two, and of several
    processes that train together it could wait for one that is gone.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(exit_code)


def end_by_sigterm() -> None:
    """Makes SIGTERM, which schedulers and service managers send, end a run as SIGINT (Ctrl-C) does.

    Not where whoever has started this process wants it to be ignored. Windows ends processes without asking.
    """
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)


if __name__ == "__main__":
    end_by_sigterm()
    exit_process(main(sys.argv[1:]))
