"""Every verb of the engine, and the one way in which a run ends: in ``Done`` or ``Failed``, whatever happens."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..compute.failures import failed_event
from ..contract.errors import EngineError
from ..contract.file_jobs import DoctorJob, EvaluateJob, ExportJob, ImportJob, InfoJob, PolygonsJob
from ..contract.job_json import Job
from ..contract.jobs import PredictFolderJob, SegmentFolderJob, SegmentJob, TrainJob
from ..contract.protocol import Done, Emit, Failed

Verb = Callable[[Any, Emit], Done]

#: Every verb and its job. The verb's function is in a module of its own, both of the name below, else of
#: the verb's (- is _).
VERBS: dict[str, type[Job]] = {
    "train": TrainJob,
    "segment": SegmentJob,
    "segment-folder": SegmentFolderJob,
    "predict-folder": PredictFolderJob,
    "evaluate": EvaluateJob,
    "polygons": PolygonsJob,
    "import": ImportJob,
    "export": ExportJob,
    "info": InfoJob,
    "doctor": DoctorJob,
}

#: Names of functions, where the verb is a word of Python's or the name of another module.
_FUNCTIONS = {"import": "import_model", "export": "export_model", "polygons": "mask_to_polygons"}

#: Exit codes: a problem the user can solve, of the whole run or a part of it; a defect of the engine; an interruption
#: by SIGINT or SIGTERM.
PROBLEM, DEFECT, INTERRUPTED = 2, 1, 130


@dataclass(frozen=True)
class RunResult:
    """How a run ended.

    Attributes:
        event: Its last event.
        exit_code: That of a process whose only run it was.
        is_unusable: Whether the process should run nothing else: after a defect, out of memory, an
            interruption.
    """

    event: Done | Failed
    exit_code: int = 0
    is_unusable: bool = False


def verb_function(verb: str) -> Verb:
    """The verb's function. Imports it, and with it torch, only now: help and wrong options answer at once."""
    name = _FUNCTIONS.get(verb, verb.replace("-", "_"))
    function: Verb = getattr(importlib.import_module(f".{name}", __package__), name)
    return function


def run_to_end(run: Callable[[], Done]) -> RunResult:
    """Runs something to its end, whichever it is."""
    try:
        done = run()
        return RunResult(done, PROBLEM if done.failures else 0)
    except EngineError as error:
        return RunResult(Failed(str(error)), error.exit_code)
    except KeyboardInterrupt:
        return RunResult(Failed("Interrupted."), INTERRUPTED, is_unusable=True)
    except Exception as error:  # here a defect becomes a message
        said = failed_event(error)
        return RunResult(said, DEFECT if said.details else PROBLEM, is_unusable=True)
