"""The README documents all parameters with their defaults, and its links and commands exist."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from engine.contract.file_jobs import EvaluateJob, ExportJob, ImportJob, PolygonsJob
from engine.contract.jobs import PredictFolderJob, SegmentFolderJob, SegmentJob, TrainJob

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


def section(readme: str, algorithm: str) -> str:
    return readme.split(f"`dualstream:{algorithm}`\n")[1].split("\n### ")[0].split("\n## ")[0]


@pytest.mark.parametrize(("algorithm", "job"), JOBS)
def test_table_has_every_parameter(root, algorithm, job):
    table = section((root / "README.md").read_text("utf-8"), algorithm)
    named = {name for line in table.splitlines() for name in re.findall(r"^\| `(\w+)`", line)}
    absent = NOT_A_PARAMETER | NOT_IN_QGIS.get(algorithm, set())
    found = {FIELDS.get((algorithm, name), name.lower()) for name in named}
    assert found == {f.name for f in fields(job)} - absent


@pytest.mark.parametrize(("algorithm", "job"), JOBS)
def test_defaults_are_the_jobs(root, algorithm, job):
    table = section((root / "README.md").read_text("utf-8"), algorithm)
    for name, default in re.findall(r"^\| `(\w+)`[^|]*\| `?([^|`]*?)`? \|", table, re.MULTILINE):
        value = getattr(job(), FIELDS.get((algorithm, name), name.lower()))
        if value not in ("", (), None) and default not in {"as above", "not set"}:
            assert default == (f"{value:g}" if isinstance(value, float) else str(value)), name


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
