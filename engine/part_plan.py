"""How a run has cut a huge scene and how its models ran, for a later run to go on with its rows.

The plan lies beside the mask, ``MASK.rows-plan.json``, as long as the rows of its parts do. With it a run that has
more workers of as many cores, or would find another runtime the fastest by now, loses nothing of what is finished.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .fingerprints import json_digest
from .outputs import published
from .scene_tasks import SceneTask

#: What reading a plan raises where there is none, or where it was not written by us.
_NO_PLAN = (OSError, ValueError, KeyError, TypeError, OverflowError)


@dataclass(frozen=True)
class PartPlan:
    """What a run has decided about a scene.

    Attributes:
        settled: How the models run, as ``Ensemble.record`` gives it.
        cuts: First row and end of each part, from top to bottom.
    """

    settled: Sequence[Mapping[str, Any]]
    cuts: Sequence[tuple[int, int]]


def place_of(task: SceneTask) -> Path:
    """Where the plan of a scene lies; ``remove_rows`` removes it with the rows."""
    return Path(f"{task.output}.rows-plan.json")


def has_plan(task: SceneTask) -> bool:
    """Whether a run has begun a scene in parts, and not finished it."""
    return place_of(task).is_file()


def read_plan(task: SceneTask, run: Mapping[str, Any], height: int) -> PartPlan | None:
    """The plan of an unfinished run of a scene; None if there is none that fits.

    Args:
        task: The scene.
        run: All else that decides what its rows are, JSON-able.
        height: Its rows.
    """
    try:
        record = json.loads(place_of(task).read_text(encoding="utf-8"))
        plan = PartPlan(
            [dict(each) for each in record["settled"]],
            [(int(begin), int(end)) for begin, end in record["cuts"]],
        )
        is_ours = record["key"] == json_digest(run)
    except _NO_PLAN:
        return None
    return plan if is_ours and _covers(plan.cuts, height) else None


def keep_plan(task: SceneTask, run: Mapping[str, Any], plan: PartPlan) -> None:
    """Writes the plan of a scene, in one step; where that is not possible a later run makes its own."""
    record = {"key": json_digest(run), **asdict(plan)}
    with suppress(OSError), published(place_of(task)) as part:
        part.write_text(json.dumps(record), encoding="utf-8")


def _covers(cuts: Sequence[tuple[int, int]], height: int) -> bool:
    """Whether parts follow one another from the first row to the last."""
    edges = [0, *(end for _, end in cuts)]
    return edges[-1] == height and [*zip(edges, edges[1:])] == [*cuts] and edges == sorted({*edges})
