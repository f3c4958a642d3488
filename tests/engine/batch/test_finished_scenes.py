"""A mask is kept only if models, options and input files are unchanged."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.crs import CRS

from engine.batch.finished_scenes import TAG, make_finished_tags, options_key, read_finished_record
from engine.batch.scene_task import DONE, KEPT, SceneRecord, SceneTask
from engine.contract.class_table import class_table
from engine.contract.jobs import SegmentFolderJob
from engine.rasters.grid import Grid
from tests.engine.masks import write_mask

TABLE = class_table({0: "land", 1: "water"})
GRID = Grid(20, 30, Affine(10, 0, 500_000, 0, -10, 3_050_000), CRS.from_epsg(32645))


@pytest.fixture
def task(tmp_path: Path) -> SceneTask:
    """A scene whose mask is finished, with the key "k"."""
    for name in ("image.tif", "auxiliary.tif"):
        (tmp_path / name).write_bytes(b"1234")
    image, auxiliary = str(tmp_path / "image.tif"), str(tmp_path / "auxiliary.tif")
    made = SceneTask("a", image, (auxiliary,), str(tmp_path / "a.tif"))
    record = SceneRecord("a", image, made.output, DONE, "Dark.", 2.5, 600, {"land": 1.0}, "CPU")
    states = [(file, Path(file).stat()) for file in (image, auxiliary)]
    files = [(file, state.st_size, state.st_mtime_ns) for file, state in states]
    write(made, make_finished_tags(made, "k", files, record))
    return made


def write(task: SceneTask, tags: dict[str, str]) -> None:
    write_mask(task.output, np.zeros((20, 30), np.uint8), GRID, TABLE, tags)


def test_a_finished_scene_is_kept_with_its_record(task: SceneTask) -> None:
    record = read_finished_record(task, "k")
    assert record is not None and record.status == KEPT
    assert (record.seconds, record.pixels, record.shares) == (2.5, 600, {"land": 1.0})
    assert (record.sentence, record.device) == ("Dark.", "CPU")
    renamed = read_finished_record(replace(task, name="other"), "k")
    assert renamed == replace(record, name="other")


def test_other_scenes_are_not_kept(task: SceneTask, tmp_path: Path) -> None:
    other = str(tmp_path / "other.tif")
    shutil.copy2(task.image, other)
    missing = str(tmp_path / "none.tif")
    assert read_finished_record(task, "l") is None
    changes: list[dict[str, Any]] = [
        {"image": other},
        {"auxiliary": ()},
        {"confidence": missing},
        {"output": missing},
        {"output": task.image},  # no raster
        {"default_bands": ((1, 2, 3), ())},
    ]
    for change in changes:
        assert read_finished_record(replace(task, **change), "k") is None, change


@pytest.mark.parametrize("index", [0, 1])
def test_a_changed_input_is_noticed(task: SceneTask, index: int) -> None:
    file = Path(task.sources[index])
    before = file.stat()
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns + 1000))
    assert read_finished_record(task, "k") is None
    file.write_bytes(b"12345")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert read_finished_record(task, "k") is None  # another size
    file.write_bytes(b"1234")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert read_finished_record(task, "k") is not None
    file.unlink()
    assert read_finished_record(task, "k") is None


def test_a_confidence_raster_belongs_to_its_mask(task: SceneTask, tmp_path: Path) -> None:
    """A run that was killed between the two leaves the confidence of an earlier one."""
    both = replace(task, confidence=str(tmp_path / "c.tif"))
    shutil.copy2(task.output, both.confidence)
    assert read_finished_record(both, "k") is not None
    with rasterio.open(task.output) as file:
        facts = json.loads(file.tags()[TAG])
    write(replace(task, output=both.confidence), {TAG: json.dumps({**facts, "key": "older"})})
    assert read_finished_record(both, "k") is None


@pytest.mark.parametrize(
    "tag", ["", "no JSON", "[]", "{}", '{"key": "k"}', '{"key": "k", "sources": [], "files": 3}']
)
def test_a_foreign_tag_keeps_nothing(task: SceneTask, tag: str) -> None:
    write(task, {TAG: tag} if tag else {})
    assert read_finished_record(task, "k") is None


def test_a_damaged_record_keeps_nothing(task: SceneTask) -> None:
    with rasterio.open(task.output) as file:
        facts = json.loads(file.tags()[TAG])
    for change in ({"seconds": "soon"}, {"shares": {"land": None}}, {"unknown": 1}):
        write(task, {TAG: json.dumps({**facts, "record": {**facts["record"], **change}})})
        assert read_finished_record(task, "k") is None


def test_paths_may_be_given_from_another_folder(
    task: SceneTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert (
        read_finished_record(SceneTask("a", "image.tif", ("auxiliary.tif",), "a.tif"), "k")
        is not None
    )


#: Options that change the classes, and options that do not.
DECIDING: dict[str, Any] = {
    "tta": "flips", "overlap": 4, "threshold": 0.4, "match_resolution": False,
    "image_bands": (2, 1), "auxiliary_bands": (1,), "confidence": True,
}  # fmt: skip
NOT_DECIDING: dict[str, Any] = {
    "device": "cpu", "batch_size": 2, "on": "ray", "workers": 2, "cores": 1, "split": 5.0,
    "output_folder": "x", "scenes": "y", "combine": "vote", "images": ("z",), "auxiliary": ("a",),
    "precision": "bf16", "runtime": "torch", "image_alone": True,
}  # fmt: skip


def test_the_key_depends_on_models_and_deciding_options(
    make_model: Callable[..., str], tmp_path: Path
) -> None:
    model = make_model()
    job = SegmentFolderJob(model=(model,))
    keys = [options_key(job)]
    keys += [options_key(replace(job, **{name: value})) for name, value in DECIDING.items()]
    assert len(set(keys)) == len(keys)
    assert {field.name for field in fields(job)} == {"model", *DECIDING, *NOT_DECIDING}
    for name, value in NOT_DECIDING.items():
        assert options_key(replace(job, **{name: value})) == keys[0], name
    copy = str(tmp_path / "copy.safetensors")
    shutil.copy(model, copy)
    assert options_key(replace(job, model=(copy,))) == keys[0]  # the same model elsewhere
    other = make_model(classes=("sand", "sea"), name="other.safetensors")
    assert options_key(replace(job, model=(other,))) != keys[0]
    two = replace(job, model=(model, other))
    assert options_key(two) != options_key(replace(two, combine="vote"))
    weighted = {"members": [{"model": model, "weight": 2}, {"model": other}]}
    (tmp_path / "e.json").write_text(json.dumps(weighted))
    assert options_key(replace(job, model=(str(tmp_path / "e.json"),))) != options_key(two)
