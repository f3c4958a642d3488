"""Every verb of the engine with its job and function, and how a run ends: always in ``Done`` or ``Failed``.

To add a verb: write its job in ``contract/jobs.py`` or ``contract/file_jobs.py``, its function in a module of
``commands``, and a row in ``VERBS``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..compute.failures import check_memory, failed_event
from ..contract.errors import EngineError
from ..contract.file_jobs import (
    DoctorJob,
    EvaluateJob,
    ExportJob,
    ImportJob,
    InfoJob,
    PolygonsJob,
    SketchJob,
    SuggestJob,
)
from ..contract.job_json import Job
from ..contract.jobs import PredictFolderJob, SegmentFolderJob, SegmentJob, TrainJob
from ..contract.light_engine import FULL_ENGINE_PACKAGES, NEEDS_FULL_ENGINE
from ..contract.protocol import Done, Emit, Failed
from ..contract.translation import tr

#: Every verb and its job. The verb's function and its module have the verb's name with _ for -, or a name in
#: ``_FUNCTIONS``.
VERBS: dict[str, type[Job]] = {
    "train": TrainJob,
    "plan": TrainJob,
    "sketch": SketchJob,
    "suggest": SuggestJob,
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

_FUNCTIONS = {"import": "import_model", "export": "export_model", "polygons": "mask_to_polygons"}

#: Exit codes: a problem that the user can solve, of the whole run or a part of it; a defect of the engine; an
#: interruption by SIGINT or SIGTERM.
PROBLEM, DEFECT, INTERRUPTED = 2, 1, 130


@dataclass(frozen=True)
class RunResult:
    """Result of a run.

    Attributes:
        event: Its last event.
        exit_code: The exit code of a process with this run only.
        is_unusable: Whether the process should not run another job: after a defect, lack of memory or an
            interruption.
    """

    event: Done | Failed
    exit_code: int = 0
    is_unusable: bool = False


def verb_function(verb: str) -> Callable[[Any, Emit], Done]:
    """The verb's function; imports its module, and with it what the verb needs, so that help and wrong options answer at once."""
    name = _FUNCTIONS.get(verb, verb.replace("-", "_"))
    function: Callable[[Any, Emit], Done] = getattr(
        importlib.import_module(f"..commands.{name}", __package__), name
    )
    return function


def run_to_end(run: Callable[[], Done]) -> RunResult:
    """Calls ``run`` and turns its result or exception into the last event of a run."""
    try:
        check_memory()
        done = run()
        return RunResult(done, PROBLEM if done.failures else 0)
    except EngineError as error:
        return RunResult(Failed(str(error)), error.exit_code)
    except KeyboardInterrupt:
        return RunResult(Failed(tr("Interrupted.")), INTERRUPTED, is_unusable=True)
    except ModuleNotFoundError as error:
        if error.name in FULL_ENGINE_PACKAGES:
            return RunResult(Failed(tr(NEEDS_FULL_ENGINE)), PROBLEM)
        return _broken(error)
    except Exception as error:
        return _broken(error)


def _broken(error: Exception) -> RunResult:
    """The end of a run by a defect or by lack of memory."""
    failed = failed_event(error)
    return RunResult(failed, DEFECT if failed.details else PROBLEM, is_unusable=True)
