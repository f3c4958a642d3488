"""An option has one verdict and one sentence, whether it comes from a shell, a recipe or a job file."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import fields
from typing import Any

import pytest

from engine.command_line.shell_options import with_options
from engine.contract.errors import JobError
from engine.contract.file_jobs import EvaluateJob, ExportJob, ImportJob, PolygonsJob, SuggestJob
from engine.contract.job_json import from_json
from engine.contract.jobs import SegmentFolderJob, SegmentJob, TrainJob
from engine.contract.options import AUTOMATIC, describe_values, options_of
from engine.contract.recipe_options import RECIPE_FIELDS
from engine.contract.recipe_text import parse_recipe
from tests.option_cases import Case, random_cases

JOBS = (
    *(TrainJob, SegmentJob, SegmentFolderJob, PolygonsJob),
    *(EvaluateJob, SuggestJob, ImportJob, ExportJob),
)


def verdict(read: Callable[[], Any]) -> tuple[str, Any]:
    """The value, or the sentence that refuses it; a shell's own parser refuses a switch without one of ours."""
    try:
        return "accepted", read()
    except JobError as error:
        return "refused", str(error)
    except SystemExit:
        return "refused", None


def in_shell(kind: Any, case: Case) -> Any:
    if case.text in ("true", "yes", "false", "off") and isinstance(getattr(kind, case.name), bool):
        options = [f"--{case.name}" if case.text in ("true", "yes") else f"--no_{case.name}"]
    elif isinstance(case.value, list):
        options = [f"--{case.name}", *map(str, case.value)]
    else:
        options = [f"--{case.name}={case.text}"]
    with redirect_stderr(io.StringIO()), redirect_stdout(io.StringIO()):
        return getattr(with_options(kind(), options, "engine"), case.name)


def in_job_file(kind: Any, case: Case) -> Any:
    return getattr(from_json(kind, json.dumps({case.name: case.value})), case.name)


def in_recipe(case: Case) -> Any:
    return parse_recipe(f'{case.name}="{case.text}"')[case.name]


def test_random_values_have_the_same_verdict_everywhere() -> None:
    verdicts: dict[str, int] = {"accepted": 0, "refused": 0}
    for kind in JOBS:
        names = [field.name for field in fields(kind) if field.name != "extent"]
        for case in random_cases(kind, names, 4 * len(names) if kind is TrainJob else 30, seed=7):
            expected = verdict(lambda kind=kind, case=case: in_job_file(kind, case))
            shell = verdict(lambda kind=kind, case=case: in_shell(kind, case))
            assert shell in (expected, ("refused", None)) and shell[0] == expected[0], case
            if kind is TrainJob and case.name in RECIPE_FIELDS:
                assert verdict(lambda case=case: in_recipe(case)) == expected, case
            verdicts[expected[0]] += 1
    assert sum(verdicts.values()) > 380 and min(verdicts.values()) > 100, verdicts


@pytest.mark.parametrize(
    ("kind", "name", "good", "bad"),
    [
        (TrainJob, "encoder_rate", [0.0, 20.0], [-0.1, float("nan"), float("inf")]),
        (TrainJob, "seed", [0, 5_000_000_000, 2**63 - 1], [-1, 2**63]),
        (TrainJob, "validation_share", [0.95, 0.001], [0.0, 1.0]),
        (TrainJob, "ema", [-1.0, 0.0, 0.99995], [1.0, -0.5]),
        (TrainJob, "learning_rate", [0.0, 1.0], [1.1]),
        (TrainJob, "accumulation", [0, 5000], [-1, 2_000_000]),
        (TrainJob, "tile_size", [0, 32, 8192], [16, 50, 8224]),
        (TrainJob, "folds", [0, 20], [21]),
        (TrainJob, "optimizer", ["", AUTOMATIC, "adam"], ["sgd"]),
        (TrainJob, "encoder_norms", ["frozen"], ["", "melted"]),
        (SegmentJob, "threshold", [-1.0, 0.5], [0.0, 1.0, -0.5]),
        (SegmentJob, "tta", ["d4"], ["", "d8"]),
        (SegmentJob, "image_bands", [(), (1, 2)], [(0,)]),
        (PolygonsJob, "neck", [0.5, 100.0], [0.0, 101.0]),
    ],
)
def test_limits(kind: Any, name: str, good: list[Any], bad: list[Any]) -> None:
    for value in good:
        assert getattr(kind(**{name: value}), name) == value
    for value in bad:
        sentence = f"^{name} must be .*, not .*\\.$"
        with pytest.raises(JobError, match=sentence):
            kind(**{name: value})


def test_an_option_with_a_label_has_a_help_and_says_what_it_accepts() -> None:
    for kind in JOBS:
        for name, declared in options_of(kind).items():
            assert bool(declared.label) <= bool(declared.help), name
            assert describe_values(kind, name), name


def test_the_help_of_the_shell_has_the_text_and_the_limits(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        with_options(SegmentJob(), ["--help"], "engine")
    shown = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "which hides seams. Automatic: an eighth of the model's tile size. [a whole" in shown
    assert "number from 0 to 65536 (-1: automatic)] (default: -1)" in shown
    assert "--image STR The image raster." in shown, "of a path, the help of the docstring"
