"""Every verb of the engine, and the one way in which a run ends: in ``Done`` or ``Failed``, whatever happens."""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .config import PredictFolderJob, SegmentJob, TrainJob
from .errors import EngineError
from .file_jobs import DoctorJob, EvaluateJob, ExportJob, ImportJob, InfoJob, PolygonsJob
from .job_file import Job
from .protocol import Done, Event, Failed

Say = Callable[[Event], None]
Verb = Callable[[Any, Say], Done]

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
PROBLEM, DEFECT, INTERRUPTED = 2, 1, 130


@dataclass(frozen=True)
class Ending:
    """How a run ended.

    Attributes:
        event: Its last event.
        exit_code: That of a process whose only run it was.
        is_spoilt: Whether the process should run nothing else: after a defect, out of memory, an
            interruption.
    """

    event: Done | Failed
    exit_code: int = 0
    is_spoilt: bool = False


def function_of(verb: str) -> Verb:
    """The verb's function. Imports it, and with it torch, only now: help and wrong options answer at once."""
    name = _FUNCTIONS.get(verb, verb.replace("-", "_"))
    function: Verb = getattr(importlib.import_module(f".{name}", __package__), name)
    return function


def attempt(run: Callable[[], Done]) -> Ending:
    """Runs something to its end, whichever it is."""
    try:
        return Ending(run())
    except EngineError as error:
        return Ending(Failed(str(error)), error.exit_code)
    except KeyboardInterrupt:
        return Ending(Failed("Interrupted."), INTERRUPTED, is_spoilt=True)
    except Exception as error:  # the one place where a defect becomes a message
        if _is_out_of_memory(error):
            return Ending(Failed(_OUT_OF_MEMORY), PROBLEM, is_spoilt=True)
        return Ending(_defect(error), DEFECT, is_spoilt=True)


_OUT_OF_MEMORY = (
    "There is not enough memory. Try a smaller batch size; for training, a smaller tile size or "
    "encoder helps too."
)


def _defect(error: Exception) -> Failed:
    return Failed(
        f"DualStream's engine has a defect: {type(error).__name__}: {error}. Please report it with the "
        "lines below.",
        traceback.format_exc(),
    )


def _is_out_of_memory(error: Exception) -> bool:
    from .memory import is_exhausted  # with torch, which whatever failed has loaded by now

    return is_exhausted(error)
