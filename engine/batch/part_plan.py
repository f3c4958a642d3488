"""How a run has cut a huge scene and how its models ran, for a later run to go on with its rows.

The plan lies beside the mask as long as the rows of its parts do, as a state without rows, see ``journal_state``. With
it a run that has more workers of as many cores, or would find another runtime the fastest by now, loses nothing of
what is finished.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..contract.output_files import new_state_path, state_path
from ..contract.strict_json import json_digest
from ..outputs.journal_state import State, read_state, write_state
from .scene_task import SceneTask


@dataclass(frozen=True)
class PartPlan:
    """What a run has decided about a scene.

    Attributes:
        settled: How the models run, as ``Ensemble.record`` gives it.
        cuts: First row and end of each part, from top to bottom.
    """

    settled: Sequence[Mapping[str, Any]]
    cuts: Sequence[tuple[int, int]]


def plan_path(task: SceneTask) -> Path:
    """Where the plan of a scene lies; ``remove_rows`` removes it with the rows."""
    return state_path(_beside(task))


def has_plan(task: SceneTask) -> bool:
    """Whether a run has begun a scene in parts, and not finished it."""
    return plan_path(task).is_file()


def read_plan(task: SceneTask, run: Mapping[str, Any], height: int) -> PartPlan | None:
    """The plan of an unfinished run of a scene; None if there is none that fits.

    Args:
        task: The scene.
        run: All else that decides what its rows are, JSON-able.
        height: Its rows.
    """
    try:
        state = read_state(_beside(task))
        if state is None or state.key != json_digest(run):
            return None
        cuts = [(int(begin), int(end)) for begin, end in state.notes["cuts"]]
        plan = PartPlan([dict(each) for each in state.notes["settled"]], cuts)
    except (OSError, ValueError, KeyError, TypeError, OverflowError):  # not written by us
        return None
    return plan if _covers(plan.cuts, height) else None


def write_plan(task: SceneTask, run: Mapping[str, Any], plan: PartPlan) -> None:
    """Writes the plan of a scene; where that is not possible a later run makes its own."""
    try:
        plan_path(task).parent.mkdir(parents=True, exist_ok=True)
        write_state(_beside(task), State(json_digest(run), 0, notes=asdict(plan)))
    except OSError:
        with suppress(OSError):
            new_state_path(_beside(task)).unlink(missing_ok=True)


def _beside(task: SceneTask) -> str:
    return f"{task.output}.rows-plan"


def _covers(cuts: Sequence[tuple[int, int]], height: int) -> bool:
    """Whether parts follow one another from the first row to the last."""
    edges = [0, *(end for _, end in cuts)]
    return edges[-1] == height and [*zip(edges, edges[1:])] == [*cuts] and edges == sorted({*edges})
