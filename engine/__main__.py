"""``python -m engine VERB``: one command a verb, the same jobs as in QGIS.

Options are the fields of the verb's job (``config.py``): ``--batch_size 8``. ``--config job.json`` gives
many at once, single options override it. ``--events json`` answers in the worker protocol.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import traceback
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Any

import tyro

from .config import PredictFolderJob, SegmentJob, TrainJob
from .console import Console
from .errors import EngineError
from .file_jobs import DoctorJob, EvaluateJob, ExportJob, ImportJob, InfoJob, PolygonsJob
from .job_file import Job, read_job
from .protocol import Channel, Done, Event, Failed, Started, finite
from .version import engine_version

#: Every verb and its job. The verb's function is in a module of its own, both of the name below, else of
#: the verb's (- is _).
VERBS: dict[str, type[Job]] = {
    "train": TrainJob,
    "segment": SegmentJob,
    "predict-folder": PredictFolderJob,
    "evaluate": EvaluateJob,
    "polygons": PolygonsJob,
    "import": ImportJob,
    "export": ExportJob,
    "info": InfoJob,
    "doctor": DoctorJob,
}

#: Names of functions, where the verb is a word of Python's or the name of another module.
_FUNCTIONS = {"import": "import_weights", "export": "export_onnx", "polygons": "polygonise"}

#: Exit codes: a problem the user can solve, a defect of the engine, the user's own interruption.
_PROBLEM, _DEFECT, _INTERRUPTED = 2, 1, 130


def main(arguments: list[str]) -> int:
    """Runs one verb and returns the process's exit code."""
    verb, common, options = _split(arguments)
    # Before torch is loaded: threads that wait sleep instead of spinning. Where another program wants
    # the same cores, spinning made a training step five to fifteen times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    channel = Channel() if common.events == "json" else Console()
    if common.stop_on_eof:
        threading.Thread(target=_stop_on_eof, daemon=True).start()
    try:
        job = _job(verb, common, options, channel.send)
        channel.send(Started(verb, engine_version(), os.getpid()))
        done = _run(verb, job, channel.send)
    except EngineError as error:
        channel.send(Failed(str(error)))
        return error.exit_code
    except KeyboardInterrupt:
        channel.send(Failed("Interrupted."))
        return _INTERRUPTED
    except Exception as error:  # the one place where a defect becomes a message
        channel.send(_failure(error))
        return _PROBLEM if _is_out_of_memory(error) else _DEFECT
    if getattr(job, "json", False) and common.events != "json":
        done = Done(json.dumps(finite(done.outputs), indent=2, ensure_ascii=False))
    channel.send(done)
    return 0


def _split(arguments: list[str]) -> tuple[str, Namespace, list[str]]:
    """The verb, the options every verb has, and the verb's own."""
    parser = ArgumentParser(prog="python -m engine", description=__doc__, add_help=False)
    parser.add_argument("verb", nargs="?", choices=[*VERBS], help="what to do")
    parser.add_argument("--config", default="", help="JSON file with the job's fields")
    parser.add_argument("--events", default="text", choices=["text", "json"])
    parser.add_argument(
        "--stop_on_eof", action="store_true", help="stop when standard input is closed"
    )
    common, options = parser.parse_known_args(arguments)
    if common.verb is None:
        parser.print_help()
        print(
            f"\nverbs: {', '.join(VERBS)}. `python -m engine VERB --help` lists a verb's options."
        )
        raise SystemExit(0 if not options or "-h" in options or "--help" in options else _PROBLEM)
    return common.verb, common, options


def _job(verb: str, common: Namespace, options: list[str], say: Callable[[Event], None]) -> Any:
    """The job of the config file, overridden by single options."""
    kind = VERBS[verb]
    job: Any = read_job(kind, common.config) if common.config else kind()
    if not options:
        return job
    program = f"python -m engine {verb}"
    try:
        return tyro.cli(kind, default=job, args=options, prog=program, use_underscores=True)
    except SystemExit as end:
        if end.code and common.events == "json":
            say(
                Failed(
                    f"An option is wrong; the lines above say which. {program} --help lists all."
                )
            )
        raise


def _run(verb: str, job: Any, say: Callable[[Event], None]) -> Done:
    """Imports the verb, and with it torch, only now: help and wrong options answer at once."""
    function: Callable[[Any, Callable[[Event], None]], Done]
    name = _FUNCTIONS.get(verb, verb.replace("-", "_"))
    function = getattr(importlib.import_module(f".{name}", __package__), name)
    return function(job, say)


def _failure(error: Exception) -> Failed:
    if _is_out_of_memory(error):
        return Failed(
            "There is not enough memory. Try a smaller batch size; for training, a smaller tile size or "
            "encoder helps too."
        )
    return Failed(
        f"DualStream's engine has a defect: {type(error).__name__}: {error}. Please report it with the "
        "lines below.",
        traceback.format_exc(),
    )


def _is_out_of_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError) or "out of memory" in str(error).lower()


def _stop_on_eof() -> None:
    """Ends this process when its owner is gone: nobody would read the result."""
    while os.read(0, 4096):
        continue
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
