"""QGIS accepts and refuses the values of options that a shell and a job file accept and refuse, in the same sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract.errors import JobError
from dualstream_qgis.engine.contract.job_json import from_json
from dualstream_qgis.engine.contract.jobs import SegmentFolderJob, SegmentJob, TrainJob
from dualstream_qgis.engine.contract.recipe_options import RECIPE_FIELDS

from dualstream_qgis.algorithms.parameter_factories import parameter
from dualstream_qgis.dialogs.recipe_form import RecipeForm
from tests.option_cases import random_cases

pytestmark = pytest.mark.usefixtures("processing_ready")


def sentence_of_job(kind: Any, name: str, value: Any) -> str:
    try:
        from_json(kind, json.dumps({name: value}))
    except JobError as error:
        return str(error)
    return ""


def test_the_form_has_the_verdict_of_a_job_file() -> None:
    form = RecipeForm("dualstream-dformer", {})
    accepted, refused = 0, 0
    for case in random_cases(TrainJob, [*RECIPE_FIELDS], 300, seed=7):
        form.set_values({})
        row = form.row(case.name)
        row.set_text(case.text)
        if row.text() != case.text:
            continue  # a list of choices offers nothing else, and a line of text no control characters
        expected = sentence_of_job(TrainJob, case.name, case.value)
        assert row.problem == expected, case
        if expected:
            refused += 1
            with pytest.raises(JobError):
                form.values()
        else:
            accepted += 1
            form.values()
    assert min(accepted, refused) > 60, (accepted, refused)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *((TrainJob, name) for name in ("epochs", "minutes", "batch_size", "tile_size", "folds")),
        *((SegmentJob, name) for name in ("overlap", "batch_size", "threshold")),
        *((SegmentFolderJob, name) for name in ("workers", "cores", "split")),
    ],
)
def test_a_number_of_a_dialog_has_the_limits_of_the_job(kind: Any, name: str) -> None:
    definition = parameter(kind, name)
    for case in random_cases(kind, [name], 40, seed=3):
        number = case.value
        if not isinstance(number, str) and not sentence_of_job(kind, name, number):
            is_automatic = definition.defaultValue() is None and number == getattr(kind, name)
            assert is_automatic or definition.checkValueIsAcceptable(number), case
    for outside in (definition.minimum() - 1, definition.maximum() + 1):
        is_automatic = definition.defaultValue() is None and outside == getattr(kind, name)
        assert is_automatic or sentence_of_job(kind, name, outside).startswith(f"{name} must be")
        assert not definition.checkValueIsAcceptable(outside)
