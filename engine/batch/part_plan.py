"""The plan of a huge scene: its parts and the runtimes of its models, so that a later run can use its rows.

The plan is stored beside the mask as long as the rows of its parts, as a state without rows, see ``journal_state``.
A later run with more workers, or on another machine, can then use the finished rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..contract.output_files import state_path
from ..contract.strict_json import json_digest
from ..inference.ensemble import RuntimeRecords
from ..outputs.journal_state import State, read_state, write_state
from .scene_task import SceneTask


@dataclass(frozen=True)
class PartPlan:
    """The parts of a scene and the runtimes of its models.

    Attributes:
        runtime_records: Runtime configurations of the models, see ``Ensemble.record``.
        cuts: First row and end of each part, from top to bottom.
    """

    runtime_records: RuntimeRecords
    cuts: Sequence[tuple[int, int]]


def plan_path(task: SceneTask) -> Path:
    """The file of a scene's plan; ``remove_rows`` removes it with the rows."""
    return state_path(_plan_output(task))


def has_plan(task: SceneTask) -> bool:
    """Whether an unfinished run has cut the scene."""
    return plan_path(task).is_file()


def read_plan(task: SceneTask, run: Mapping[str, Any], height: int) -> PartPlan | None:
    """The plan of an unfinished run; None if there is none, or its inputs or options differ.

    Args:
        task: The scene.
        run: The ``run_key`` of the scene.
        height: Rows of the scene.
    """
    try:
        state = read_state(_plan_output(task))
        if state is None or state.key != json_digest(run):
            return None
        cuts = [(int(begin), int(end)) for begin, end in state.notes["cuts"]]
        plan = PartPlan([dict(each) for each in state.notes["settled"]], cuts)
    except (OSError, ValueError, KeyError, TypeError, OverflowError):  # damaged
        return None
    return plan if _covers(plan.cuts, height) else None


def write_plan(task: SceneTask, run: Mapping[str, Any], plan: PartPlan) -> None:
    """Writes the plan of a scene. If that fails, a later run makes another plan."""
    with suppress(OSError):
        plan_path(task).parent.mkdir(parents=True, exist_ok=True)
        notes = {"settled": [*plan.runtime_records], "cuts": [*plan.cuts]}
        write_state(_plan_output(task), State(json_digest(run), 0, notes=notes))


def _plan_output(task: SceneTask) -> str:
    return f"{task.output}.rows-plan"


def _covers(cuts: Sequence[tuple[int, int]], height: int) -> bool:
    """Whether the parts cover all rows without gap or overlap."""
    edges = [0, *(end for _, end in cuts)]
    return edges[-1] == height and [*zip(edges, edges[1:])] == [*cuts] and edges == sorted({*edges})
