"""The README documents all parameters with their defaults, and its links and commands exist."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from engine.contract.file_jobs import EvaluateJob, ExportJob, ImportJob, PolygonsJob
from engine.contract.jobs import PredictFolderJob, SegmentFolderJob, SegmentJob, TrainJob
from engine.contract.recipe_text import RECIPE_FIELDS

#: Job fields without a parameter of their own: the parameter EXTENT includes its CRS; others are for a shell.
NOT_A_PARAMETER = {"extent_crs", "json"}
NOT_IN_QGIS = {"evaluate": {"rle_order"}}

#: Parameters whose job field has another name.
FIELDS = {
    ("predictfolder", "MODEL"): "checkpoint",
    ("segmentfolder", "OUTPUT"): "output_folder",
}

#: The algorithms with a table of parameters, and their jobs.
JOBS = [
    ("train", TrainJob),
    ("segment", SegmentJob),
    ("segmentfolder", SegmentFolderJob),
    ("predictfolder", PredictFolderJob),
    ("polygons", PolygonsJob),
    ("evaluate", EvaluateJob),
    ("export", ExportJob),
    ("import", ImportJob),
]

#: What a training can be given besides its recipe, by layers and by a data set.
TRAINING = {field.name for field in fields(TrainJob)} - RECIPE_FIELDS.keys()
OF_LAYERS = {"image", "labels", "auxiliary", "area"}
OF_DATA_SETS = {"dataset", "rle_order"}


def section(readme: str, algorithm: str) -> str:
    return readme.split(f"`dualstream:{algorithm}`\n")[1].split("\n### ")[0].split("\n## ")[0]


def rows(table: str) -> list[tuple[str, str]]:
    """Name and default of every row."""
    return re.findall(r"^\| `(\w+)`[^|]*\| *`?([^|`]*?)`? *\|", table, re.MULTILINE)


def parameters(algorithm: str, job: type) -> set[str]:
    if algorithm == "train":
        names = (TRAINING - OF_DATA_SETS) | {"recipe", "report"}
    elif algorithm == "traindataset":
        names = (TRAINING - OF_LAYERS) | {"recipe", "report"}
    else:
        absent = NOT_A_PARAMETER | NOT_IN_QGIS.get(algorithm, set())
        names = {field.name for field in fields(job)} - absent
    return {name.upper() for name in names}


@pytest.mark.parametrize(("algorithm", "job"), [*JOBS, ("traindataset", TrainJob)])
def test_table_has_every_parameter(root, algorithm, job):
    table = section((root / "README.md").read_text("utf-8"), algorithm)
    named = {(FIELDS.get((algorithm, name), name.lower())).upper() for name, _ in rows(table)}
    assert named == parameters(algorithm, job)


@pytest.mark.parametrize(("algorithm", "job"), [*JOBS, ("traindataset", TrainJob)])
def test_defaults_are_the_jobs(root, algorithm, job):
    table = section((root / "README.md").read_text("utf-8"), algorithm)
    check_defaults(rows(table), job(), algorithm)


def test_the_recipe_s_table_has_every_field_with_its_default(root):
    readme = (root / "README.md").read_text("utf-8")
    table = rows(readme.split("### The recipe of a training\n")[1].split("\n### ")[0])
    assert {name for name, _ in table} == RECIPE_FIELDS.keys()
    check_defaults(table, TrainJob(), "train")


def check_defaults(table: list[tuple[str, str]], job: object, algorithm: str) -> None:
    for name, default in table:
        value = getattr(job, FIELDS.get((algorithm, name), name.lower()), None)
        is_open = default in ("as above", "automatic", "any", "not set") and value in (
            0,
            -1,
            "automatic",
        )
        if value in ("", (), None) or default == "as above" or is_open:
            continue
        assert default.lower() == (
            f"{value:g}" if isinstance(value, float) else str(value).lower()
        ), name


def test_relative_links_lead_somewhere(root):
    for name in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]:
        text = (root / name).read_text("utf-8")
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
            assert (root / target).exists(), f"{name} links to {target}"


def test_commands_of_make_exist(root):
    targets = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text("utf-8"), re.MULTILINE))
    for name in ["README.md", "CONTRIBUTING.md"]:
        text = (root / name).read_text("utf-8")
        assert set(re.findall(r"(?:`|^    )make (?:-s )?([a-z-]+)", text, re.MULTILINE)) <= targets
