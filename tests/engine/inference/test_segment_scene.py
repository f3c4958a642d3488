"""Models that segment scene after scene: counts, run keys, tags and records of each scene."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
import rasterio

from engine.batch.scene_task import DONE, FAILED, SceneTask
from engine.batch.scene_worker import SceneWorker
from engine.compute.devices import choose_device
from engine.contract.inference_options import InferenceOptions, SceneOutputs
from engine.contract.job_json import from_json
from engine.contract.jobs import SegmentFolderJob, SegmentJob
from engine.contract.protocol import Metric, Warned
from engine.contract.scene import Scene
from engine.inference.ensemble import Ensemble
from engine.inference.run_key import run_key
from engine.inference.scene_streams import open_streams
from engine.inference.segment_scene import BatchContext, SegmentedRows, segment_scene
from tests.engine.synthetic import read_band

pytestmark = pytest.mark.usefixtures("whole_tile_networks")


def test_each_scene_counts_its_own_empty_tiles(
    write_raster: Callable[..., str], make_model: Callable[..., str], events: Any, tmp_path: Path
) -> None:
    image = np.random.default_rng(0).integers(1, 3000, (4, 64, 192)).astype(np.uint16)
    images = {"full": image, "half": image * (np.arange(192) < 64).astype(np.uint16)}
    scenes = {n: Scene(write_raster(f"{n}.tif", v, nodata=0)) for n, v in images.items()}
    options = InferenceOptions(overlap=0)
    ensemble = Ensemble((make_model(auxiliary=0),), choose_device(), options)
    empty = {}
    for number, name in enumerate(("half", "full", "half")):
        outputs = SceneOutputs(str(tmp_path / f"{name}_mask.tif"))
        batch = BatchContext(scenes=0 if number else 3)
        done = segment_scene(scenes[name], outputs, ensemble, events, batch)
        empty[name, number] = done.outputs["tiles_without_data"]
        assert ("Tiles without data" in done.message) == (name == "half")
    assert empty == {("half", 0): 2, ("full", 1): 0, ("half", 2): 2}


def test_tags_are_made_before_the_rasters_are_written(
    write_raster: Callable[..., str], make_model: Callable[..., str], events: Any, tmp_path: Path
) -> None:
    image = np.random.default_rng(0).integers(1, 3000, (4, 70, 90)).astype(np.uint16)
    scene, mask = Scene(write_raster("i.tif", image)), str(tmp_path / "m.tif")
    ensemble = Ensemble((make_model(auxiliary=0),), choose_device())
    calls: list[SegmentedRows] = []

    def make_tags(rows: SegmentedRows) -> dict[str, str]:
        calls.append(rows)
        assert not Path(mask).exists()
        return {"SUM": str(int(np.fromfile(rows.row_paths[0], np.uint8).sum()))}

    segment_scene(scene, SceneOutputs(mask), ensemble, events, BatchContext(make_tags))
    with rasterio.open(mask) as file:
        assert file.tags()["SUM"] == str(int(file.read(1).astype(int).sum()))
    (rows,) = calls
    status = Path(scene.image).stat()
    assert rows.files == [(scene.image, status.st_size, status.st_mtime_ns)]
    assert rows.tiles == 4 and rows.resumed_rows == 0


def test_members_weights_decide_what_the_rows_are(
    write_raster: Callable[..., str], make_model: Callable[..., str], tmp_path: Path
) -> None:
    """An ensemble file that was changed is another one, under the same name."""
    ensemble_spec, device, keys = tmp_path / "team.json", choose_device(), []
    scene = Scene(write_raster("image.tif", np.ones((4, 70, 70), np.uint16)))
    outputs = SceneOutputs(str(tmp_path / "mask.tif"))
    names = [Path(make_model(auxiliary=0, name=f"{n}.safetensors")).name for n in range(2)]
    for weight, combine in ((1, "mean"), (2, "mean"), (2, "vote"), (2, "vote")):
        members = [{"model": names[0], "weight": weight}, {"model": names[1]}]
        ensemble_spec.write_text(json.dumps({"members": members, "combine": combine}))
        ensemble = Ensemble((str(ensemble_spec),), device)
        with open_streams(scene, ensemble.cards, lambda event: None) as streams:
            region = streams[0].image.grid.bounds
            keys.append(json.dumps(run_key(scene, outputs, ensemble, region, streams)))
    assert len({*keys}) == 3 and keys[2] == keys[3]


@pytest.fixture
def tasks(write_raster: Callable[..., str], tmp_path: Path) -> list[SceneTask]:
    """Two scenes that can be segmented, the second on half of its pixels."""
    made = []
    for number in range(2):
        image = np.random.default_rng(number).integers(1, 3000, (4, 70, 90)).astype(np.uint16)
        image[:, : 35 * number] = 0
        path = write_raster(f"s{number}.tif", image, nodata=0)
        made.append(SceneTask(f"s{number}", path, (), str(tmp_path / f"m{number}.tif")))
    return made


def worker(make_model: Callable[..., str], *records: Any, **changes: Any) -> SceneWorker:
    return SceneWorker(SegmentFolderJob(model=(make_model(auxiliary=0),), **changes), *records)


def test_a_worker_gives_records(
    tasks: list[SceneTask], make_model: Callable[..., str], events: Any
) -> None:
    segmenting = worker(make_model, runtime="torch")
    for number, task in enumerate(tasks):
        record = segmenting.run(task, events)
        values = read_band(task.output)
        known = values[values != 255]
        assert (record.status, record.pixels, record.tiles) == (DONE, 70 * 90, 4)
        assert record.known == known.size == 70 * 90 - number * 35 * 90
        assert record.shares == {"land": (known == 0).mean(), "water": (known == 1).mean()}
        assert record.device.startswith("CPU") and record.runtime == "torch"


def test_workers_with_runtime_records_run_alike(
    tasks: list[SceneTask], make_model: Callable[..., str], events: Any
) -> None:
    first = worker(make_model, batch_size=3)
    first.run(tasks[0], events)
    (runtime,) = first.ensemble.record()
    assert runtime["batch"] == 3
    second = worker(make_model, [{**runtime, "batch": 2}])
    assert second.run(tasks[1], events).status == DONE
    assert second.ensemble.record() == [{**runtime, "batch": 2}]


def test_a_failure_is_a_record_and_the_worker_goes_on(
    tasks: list[SceneTask],
    make_model: Callable[..., str],
    events: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    segmenting = worker(make_model)
    (tmp_path / "m.tif").write_bytes(b"")
    missing = SceneTask("x", str(tmp_path / "x.tif"), (), str(tmp_path / "m.tif"))
    record = segmenting.run(missing, events)
    assert record.status == FAILED and "there is no such file" in record.sentence
    assert "A mask m.tif lies there; it is not this run" in record.sentence
    for error, text in (
        (KeyError("x"), "has a defect: KeyError: 'x'"),
        (MemoryError(), "not enough memory"),
    ):
        with monkeypatch.context() as patch:
            publish_mask = Mock(side_effect=error)
            patch.setattr("engine.inference.segment_scene.publish_mask", publish_mask)
            record = segmenting.run(tasks[0], events)
        assert record.status == FAILED and text in record.sentence
    (warning,) = [text for text in events.messages(Warned) if "Traceback" in text]
    assert "segment_scene.py" in warning and tasks[0].name in warning
    assert segmenting.run(tasks[0], events).status == DONE
    assert any("Resuming at row" in text for text in events.messages(Metric))


def test_a_mask_names_the_job_with_which_segment_makes_it(
    tasks: list[SceneTask], make_model: Callable[..., str], events: Any
) -> None:
    given = {"model": (make_model(auxiliary=0),), "image_bands": (4, 3, 2, 1), "overlap": 3}
    given |= {"batch_size": 4, "combine": "vote", "tta": "flips", "threshold": 0.3}
    given |= {
        "image_alone": True,
        "match_resolution": False,
        "device": "cpu",
        "precision": "fp32",
        "runtime": "torch",
    }
    task = tasks[0]
    SceneWorker(SegmentFolderJob(**given, auxiliary_bands=(2,))).run(task, events)
    with rasterio.open(task.output) as file:
        written = json.loads(file.tags()["DUALSTREAM_JOB"])["segment"]
    job = from_json(SegmentJob, json.dumps(written))
    names = {"image": Path(task.image).name, "output": Path(task.output).name}
    given["model"] = tuple(Path(model).name for model in given["model"])
    assert job == SegmentJob(**given, **names), "no paths of this computer"
    assert written.keys() == {field.name for field in fields(SegmentJob)}
    # The order is part of the mask's bytes.
    order = "model image auxiliary image_bands auxiliary_bands extent extent_crs image_alone overlap batch_size"
    order += " combine tta threshold match_resolution confidence disagreement unlike output device precision runtime"
    assert [*written] == order.split()
