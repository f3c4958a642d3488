"""Many scenes: the masks that ``segment`` makes one by one, whatever becomes of some of them."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import sys
import types
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

import engine.commands.segment_folder
from engine.__main__ import main
from engine.batch.scene_task import SceneRecord, SceneTask
from engine.batch.scene_worker import SceneWorker
from engine.commands.segment import segment
from engine.commands.segment_folder import segment_folder
from engine.contract.errors import EngineError, JobError, LayoutError, ModelFileError, RasterError
from engine.contract.jobs import SegmentFolderJob, SegmentJob
from engine.contract.output_files import lock_output
from engine.contract.protocol import Done, Metric, Progress, Warned, decode
from engine.outputs.row_journal import Journal
from tests.engine.synthetic import UTM_GRID, read_band

BAND = """<VRTRasterBand dataType="UInt16" band="{0}">
 <SimpleSource><SourceFilename>{{0}}</SourceFilename><SourceBand>{0}</SourceBand></SimpleSource>
</VRTRasterBand>"""
VIRTUAL = f"""<VRTDataset rasterXSize="90" rasterYSize="70">
 <GeoTransform>500000, 10, 0, 3050000, 0, -10</GeoTransform>
 {"".join(map(BAND.format, range(1, 5)))}
</VRTDataset>
"""

pytestmark = pytest.mark.usefixtures("whole_tile_networks")

SHAPES = {"a": (70, 90), "b": (64, 64), "c": (150, 40)}


@pytest.fixture
def images(write_raster) -> dict[str, str]:
    """Three scenes of different shapes, one with a hole."""
    noise, paths = np.random.default_rng(0), {}
    for stem, shape in SHAPES.items():
        image = noise.integers(1, 3000, (4, *shape)).astype(np.uint16)
        image[:, :9, 7:30] = 0 if stem == "c" else image[:, :9, 7:30]
        paths[stem] = write_raster(f"in/{stem}.tif", image, nodata=0)
    return paths


@pytest.fixture
def coarse(write_raster) -> str:
    noise = np.random.default_rng(1).random((2, 20, 20)).astype(np.float32)
    return write_raster("coarse.tif", noise, transform=UTM_GRID @ UTM_GRID.scale(8))


@pytest.fixture
def job(images, make_model, tmp_path) -> SegmentFolderJob:
    return SegmentFolderJob(
        model=(make_model(auxiliary=0),),
        scenes=str(tmp_path / "in"),
        output_folder=str(tmp_path / "out"),
        overlap=16,
    )


def table_of(path: Path, header: str, *lines: str) -> str:
    path.write_text("\n".join([header, *lines]), encoding="utf-8")
    return str(path)


def rows_of(job: SegmentFolderJob) -> list[dict[str, str]]:
    with (Path(job.output_folder) / "summary.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def statuses(job: SegmentFolderJob) -> dict[str, str]:
    return {row["scene"]: row["status"] for row in rows_of(job)}


def masks(job: SegmentFolderJob) -> dict[str, Path]:
    return {path.stem: path for path in sorted(Path(job.output_folder).glob("*.tif"))}


def times(job: SegmentFolderJob) -> dict[str, int]:
    return {name: path.stat().st_mtime_ns for name, path in masks(job).items()}


def alone(job: SegmentFolderJob, image: str, tmp_path: Path, *auxiliary: str) -> list[np.ndarray]:
    """The mask and the confidence that ``segment`` makes of one image."""
    one = SegmentJob(
        model=job.model,
        image=image,
        auxiliary=auxiliary,
        overlap=job.overlap,
        output=str(tmp_path / "alone.tif"),
        confidence=str(tmp_path / "alone_confidence.tif"),
    )
    segment(one, lambda event: None)
    return [read_band(one.output), read_band(one.confidence)]


def test_masks_are_those_of_segment(images, coarse, job, make_model, events, tmp_path) -> None:
    """Of a table with a column too many; the second scene has auxiliary rasters of its own."""
    own_auxiliary = str(tmp_path / "own.tif")
    shutil.copy(coarse, own_auxiliary)
    with rasterio.open(own_auxiliary, "r+") as file:
        file.write(file.read() * 3)
    table = table_of(
        tmp_path / "scenes.csv",
        "image,labels,auxiliary,split",
        *("in/a.tif,none.tif,,train", "in/b.tif,,own.tif,", f"{images['c']},,,validation"),
    )
    job = replace(
        job, model=(make_model(),), scenes=table, auxiliary=(coarse,), confidence=True, batch_size=2
    )
    done = segment_folder(job, events)
    assert done.outputs["masks"] == [str(tmp_path / "out" / f"{stem}.tif") for stem in SHAPES]
    wholes = {}
    for stem, image in images.items():
        mask, confidence = alone(job, image, tmp_path, own_auxiliary if stem == "b" else coarse)
        assert (read_band(tmp_path / "out" / f"{stem}.tif") == mask).all(), stem
        assert (read_band(tmp_path / "out" / f"{stem}_confidence.tif") == confidence).all()
        assert mask.shape == SHAPES[stem]
        wholes[stem] = mask
    for row in rows_of(job):
        mask = wholes[row["scene"]]
        assert float(row["water"]) == pytest.approx((mask[mask != 255] == 1).mean(), abs=1e-6)
        assert float(row["mpx"]) == mask.size / 1e6 and row["status"] == "done"
    # All lie on the same spot: the last that has a value there counts.
    expected = np.full((150, 90), 255, np.uint8)
    for mask in wholes.values():
        part = expected[: mask.shape[0], : mask.shape[1]]
        part[mask != 255] = mask[mask != 255]
    assert (read_band(done.outputs["mosaic"]) == expected).all()
    assert done.outputs["scenes_done"] == 3 and done.outputs["scenes_failed"] == 0


def test_what_is_said(job, events) -> None:
    done = segment_folder(replace(job, batch_size=1), events)
    shares = [event.fraction for event in events.of(Progress)]
    assert shares == sorted(shares) and shares[-1] == 1 and len(set(shares)) > 6
    words = events.messages(Progress)
    assert any(
        w.startswith("1 of 3 scenes, 6,300 pixels, about ") and "b, tile" in w for w in words
    )
    lines = events.messages(Metric)
    assert sum(line.startswith("Runtime: ") for line in lines) == 1
    scenes = [e.values for e in events.heard if isinstance(e, Metric) and "scene" in e.values]
    assert [values["scene"] for values in scenes] == [*SHAPES]
    assert re.match(r"Segmented 3 of 3 scenes in \d+ s on CPU .* \(torch\), ", done.message)
    assert done.outputs["runtime_used"] == "torch" and done.outputs["nodata"] == 255
    assert [entry["name"] for entry in done.outputs["classes"]] == ["land", "water"]


def test_of_twenty_scenes_two_fail_and_are_explained(
    make_model, write_raster, events, tmp_path
) -> None:
    noise = np.random.default_rng(0)
    for number in range(20):
        bands = 3 if number == 5 else 4
        values = noise.integers(1, 3000, (bands, 40, 50)).astype(np.uint16)
        write_raster(f"in/s{number:02}.tif", values)
    broken = tmp_path / "in" / "s11.tif"
    broken.write_bytes(broken.read_bytes()[:300])
    job = SegmentFolderJob(
        model=(make_model(auxiliary=0),),
        scenes=str(tmp_path / "in"),
        output_folder=str(tmp_path / "out"),
    )
    done = segment_folder(job, events)
    assert len(masks(job)) == 18 and done.outputs["scenes_failed"] == done.failures == 2
    assert "2 of 20 failed (s05, s11)" in done.message and "summary.html explains" in done.message
    found = {row["scene"]: row["message"] for row in rows_of(job) if row["status"] == "failed"}
    assert [*found] == ["s05", "s11"]
    assert "trained on 4 image bands" in found["s05"] and "has 3" in found["s05"]
    assert "s11.tif" in found["s11"] and found["s11"].endswith(".")
    warned = events.messages(Warned)
    page = (tmp_path / "out" / "summary.html").read_text("utf-8")
    for name, sentence in found.items():
        assert f"The scene {name} failed. {sentence}" in warned
        assert sentence.split("(")[0] in page
    assert not [*(tmp_path / "out").glob("*.part*")]


def test_a_missing_image_stops_no_other(images, job, events, tmp_path) -> None:
    table = table_of(tmp_path / "t.csv", "image", "in/none.tif", "in/b.tif", "/vsizip/no.zip/x.tif")
    segment_folder(replace(job, scenes=table), events)
    assert statuses(job) == {"none": "failed", "b": "done", "x": "failed"}
    assert "there is no such file" in rows_of(job)[0]["message"]


def test_nothing_at_all_that_fits_is_an_error_with_a_summary(
    job, make_model, events, tmp_path
) -> None:
    wrong = replace(job, model=(make_model(bands=7, auxiliary=0, name="7.safetensors"),))
    with pytest.raises(
        RasterError, match="None of 3 scenes.*summary.html gives the reason.*on 7 image"
    ):
        segment_folder(wrong, events)
    assert statuses(job) == dict.fromkeys(SHAPES, "failed") and not masks(job)
    assert not (tmp_path / "out" / "mosaic.vrt").exists()


def forbidden(*arguments: Any, **named: Any) -> None:
    raise AssertionError("the models were made ready")


def test_a_rerun_computes_nothing(job, events, monkeypatch) -> None:
    job = replace(job, confidence=True)
    segment_folder(job, events)
    before, first = times(job), rows_of(job)
    assert len(before) == 6
    monkeypatch.setattr("engine.commands.segment_folder.SceneWorker", forbidden)
    monkeypatch.setattr("engine.runtimes.loaded_networks.get_network", forbidden)
    done = segment_folder(job, events)
    assert times(job) == before and statuses(job) == dict.fromkeys(SHAPES, "kept")
    assert (done.outputs["scenes_kept"], done.outputs["scenes_done"]) == (3, 0)
    for old, new in zip(first, rows_of(job), strict=True):
        assert {**new, "status": "done", "seconds": old["seconds"]} | {
            "mpx_per_second": old["mpx_per_second"]
        } == old


def test_a_rerun_computes_what_is_missing_and_mends_the_rest(job, events, tmp_path) -> None:
    segment_folder(job, events)
    before = times(job)
    (tmp_path / "out" / "a.tif").unlink()
    style = (tmp_path / "out" / "b.qml").read_text()
    (tmp_path / "out" / "b.qml").unlink()
    for left in ("c.tif.part", "c.tif.part.json", "c.tif.part.lock"):
        (tmp_path / "out" / left).write_text("killed when the mask was in place")
    segment_folder(job, events)
    assert statuses(job) == {"a": "done", "b": "kept", "c": "kept"}
    assert {name for name, time in times(job).items() if time != before[name]} == {"a"}
    assert (tmp_path / "out" / "b.qml").read_text() == style
    assert not [*(tmp_path / "out").glob("*.part*")]


def test_a_changed_input_computes_its_scene_again(images, job, events, write_raster) -> None:
    segment_folder(job, events)
    before = times(job)
    write_raster("in/b.tif", np.full((4, 64, 64), 7, np.uint16))
    os.utime(images["b"], ns=(0, 12345))
    segment_folder(job, events)
    assert statuses(job) == {"a": "kept", "b": "done", "c": "kept"}
    assert {name for name, time in times(job).items() if time != before[name]} == {"b"}


@pytest.mark.parametrize("change", [{"tta": "flips"}, {"threshold": 0.3}, {"model": "other"}])
def test_other_options_or_models_compute_all_again(
    job, make_model, events, tmp_path, change
) -> None:
    segment_folder(job, events)
    if "model" in change:
        other = make_model(auxiliary=0, classes=("sand", "sea"), name="other.safetensors")
        change = {"model": (other,)}
    new = replace(job, **change)
    segment_folder(new, events)
    assert statuses(job) == dict.fromkeys(SHAPES, "done")
    segment_folder(replace(new, device="cpu", batch_size=1), events)
    assert statuses(job) == dict.fromkeys(SHAPES, "kept")


def test_a_run_that_was_stopped_goes_on(job, events, tmp_path, monkeypatch) -> None:
    """Stopped after the first scene and the first strip of the third: it is then at row 48 of 150."""
    segment_folder(replace(job, output_folder=str(tmp_path / "whole")), events)
    events.heard.clear()
    append, begun = Journal.append, list[Journal]()

    def append_and_stop(self: Journal, parts: Any) -> None:
        append(self, parts)
        begun.append(self)
        if len({*begun}) == 3:
            self._stop()  # as if the disk had been given time
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "append", append_and_stop)
        with pytest.raises(KeyboardInterrupt):
            segment_folder(job, events)
    assert statuses(job) == {"a": "done", "b": "done"}
    assert "this list lacks 1 scene." in (tmp_path / "out" / "summary.html").read_text()
    before = times(job)
    events.heard.clear()
    segment_folder(job, events)
    assert statuses(job) == {"a": "kept", "b": "kept", "c": "done"}
    assert {name: time for name, time in times(job).items() if name != "c"} == before
    assert any("Resuming at row" in text for text in events.messages(Metric))
    for name, path in masks(job).items():
        assert (read_band(path) == read_band(tmp_path / "whole" / f"{name}.tif")).all()
    assert not [*(tmp_path / "out").glob("*.part*")]


def test_scenes_of_one_name_get_names_of_their_own(job, write_raster, events, tmp_path) -> None:
    noise = np.random.default_rng(0)
    names = ["north/s", "south/s", "t", "t_confidence"]
    for name in names:
        values = noise.integers(1, 3000, (4, 40, 50)).astype(np.uint16)
        write_raster(f"{name}.tif", values)
    rows = [f"{name}.tif," for name in names]
    table = table_of(tmp_path / "t.csv", "image,name", *rows, "t.tif,a:b/c", "t.tif,A_b_c")
    job = replace(job, scenes=table, confidence=True)
    segment_folder(job, events)
    expected = ["north_s", "south_s", "t", "t_confidence-2"]
    assert [*statuses(job)][:4] == expected
    assert len({name.casefold() for name in statuses(job)}) == 6
    assert len(masks(job)) == 12
    (warning,) = events.messages(Warned)
    assert "north_s" in warning and "t_confidence-2" in warning
    for name, new in zip(names, expected):
        mask = alone(job, str(tmp_path / f"{name}.tif"), tmp_path)[0]
        assert (read_band(tmp_path / "out" / f"{new}.tif") == mask).all()
    # The other way round they are called the same, and so nothing is computed again.
    table_of(tmp_path / "t.csv", "image", "south/s.tif", "north/s.tif")
    segment_folder(job, events)
    assert statuses(job) == {"south_s": "kept", "north_s": "kept"}


def test_what_does_not_fit_is_refused_before_anything_is_written(
    images, coarse, job, make_model, events, tmp_path
) -> None:
    def refuse(kind: type[EngineError], says: str, **changes: Any) -> None:
        with pytest.raises(kind, match=says):
            segment_folder(replace(job, **changes), events)
        assert not (tmp_path / "out").exists()

    refuse(JobError, "model is missing", model=())
    refuse(JobError, "output_folder is missing", output_folder="")
    refuse(JobError, "either scenes .* or images, not both", images=(images["a"],))
    refuse(JobError, "nothing to segment", scenes="")
    refuse(JobError, "batch_size must be", batch_size=-1)
    refuse(JobError, "auxiliary bands but no auxiliary", auxiliary_bands=(1,))
    refuse(ModelFileError, "trained on no auxiliary rasters", auxiliary=(coarse,))
    refuse(ModelFileError, "no model file", model=(str(tmp_path / "none.safetensors"),))
    refuse(EngineError, "runtime 'abacus' is unknown", runtime="abacus")
    (tmp_path / "empty").mkdir()
    refuse(LayoutError, "no raster to segment", scenes=str(tmp_path / "empty"))
    refuse(LayoutError, "table .* cannot be read", scenes=str(tmp_path / "none.csv"))
    table = table_of(tmp_path / "t.csv", "picture", "a.tif")
    refuse(LayoutError, "no column 'image'; it needs image, and may have auxiliary", scenes=table)
    table_of(tmp_path / "t.csv", "image,name", ",x")
    refuse(LayoutError, "Line 2 of .* must name one image", scenes=table)
    before = Path(images["a"]).read_bytes()
    for changes in (
        {"output_folder": str(tmp_path / "in")},
        {"output_folder": str(tmp_path / "in"), "scenes": "", "images": (images["a"],)},
    ):
        refuse(JobError, "choose another output folder", **changes)
    assert Path(images["a"]).read_bytes() == before


def test_what_a_virtual_raster_names_is_not_written_over(images, job, events, tmp_path) -> None:
    virtual, before = tmp_path / "a.vrt", Path(images["a"]).read_bytes()
    virtual.write_text(VIRTUAL.format(images["a"]))
    folder = str(tmp_path / "in")
    with pytest.raises(RasterError, match="a.tif is also an input: choose another folder or name"):
        segment_folder(
            replace(job, scenes="", images=(str(virtual),), output_folder=folder), events
        )
    one = SegmentJob(model=job.model, image=str(virtual), output=images["a"])
    with pytest.raises(JobError, match="is also an input"):
        segment(one, events)
    assert Path(images["a"]).read_bytes() == before


@pytest.mark.parametrize("name", ["summary.csv", "mosaic.vrt", "Mosaic-2.VRT"])
def test_an_input_is_no_summary(images, job, events, tmp_path, name) -> None:
    given, is_table = tmp_path / name, name.endswith("csv")
    given.write_text(f"image\n{images['a']}\n" if is_table else VIRTUAL.format(images["a"]))
    inputs = {"scenes": str(given)} if is_table else {"scenes": "", "images": (str(given),)}
    with pytest.raises(JobError, match=f"{name} would be written over: choose another output"):
        segment_folder(replace(job, output_folder=str(tmp_path), **inputs), events)


def test_a_summary_that_cannot_be_written_hides_nothing_else(
    job, events, tmp_path, monkeypatch
) -> None:
    def full(*arguments: Any) -> None:
        raise RasterError("The table is open elsewhere.")

    monkeypatch.setattr(engine.commands.segment_folder, "write_table", full)
    assert segment_folder(job, events).outputs["scenes_done"] == 3
    assert (tmp_path / "out" / "summary.html").is_file()
    warned = events.messages(Warned)
    assert "The table is open elsewhere." in warned


def test_rows_of_parts_go_with_the_finished_mask(job, events, tmp_path) -> None:
    left = tmp_path / "out" / "a.tif.rows-0123-0-64"
    for status in ("done", "kept"):
        left.parent.mkdir(exist_ok=True)
        left.write_bytes(b"rows")
        segment_folder(job, events)
        assert statuses(job)["a"] == status and not left.exists()


def test_the_bands_that_are_usual_in_a_folder(images, job, make_model, events, tmp_path) -> None:
    """A cloud layout's pictures have four bands, of which red, green and blue count."""
    for part in ("train/rgb", "test/rgb"):
        (tmp_path / "clouds" / part).mkdir(parents=True)
        shutil.copy(images["a"], tmp_path / "clouds" / part)
    model = make_model(bands=3, auxiliary=0, name="3.safetensors")
    job = replace(job, model=(model,), scenes=str(tmp_path / "clouds"))
    done = segment_folder(job, events)
    one = replace(job, scenes="", images=(images["a"],), image_bands=(1, 2, 3))
    other = segment_folder(replace(one, output_folder=str(tmp_path / "other")), events)
    assert (read_band(done.outputs["masks"][0]) == read_band(other.outputs["masks"][0])).all()
    assert segment_folder(job, events).outputs["scenes_kept"] == done.outputs["scenes_done"]


def test_a_missing_second_stream_must_be_confirmed(
    images, coarse, job, make_model, events, tmp_path
) -> None:
    job = replace(job, model=(make_model(),))
    with pytest.raises(ModelFileError, match=r"Without the second stream.*image_alone"):
        segment_folder(job, events)
    assert not Path(job.output_folder).exists(), "no scene has one, so nothing is begun"
    table = table_of(
        tmp_path / "t.csv", "image,auxiliary", f"{images['a']},{coarse}", f"{images['b']},"
    )
    job = replace(job, scenes=table)
    segment_folder(job, events)
    assert statuses(job) == {"a": "done", "b": "failed"}
    before = times(job)
    segment_folder(replace(job, image_alone=True), events)
    assert statuses(job) == {"a": "kept", "b": "done"}
    assert times(job)["a"] == before["a"]


def test_auxiliary_rasters_of_a_table_for_other_models_are_not_used(
    images, coarse, job, events, tmp_path
) -> None:
    table = table_of(tmp_path / "t.csv", "image,auxiliary", f"in/a.tif,{coarse}")
    segment_folder(replace(job, scenes=table), events)
    assert statuses(job) == {"a": "done"}
    assert any("are not used" in text for text in events.messages(Warned))


def test_a_pool_is_another_way_to_the_same_records(job, events, monkeypatch) -> None:
    asked: list[list[str]] = []

    def segment_on_pool(
        job: SegmentFolderJob, tasks: Sequence[SceneTask], emit: Any, on_progress: Any
    ) -> Iterator[SceneRecord]:
        asked.append([task.name for task in tasks])
        worker = SceneWorker(job)
        for task in reversed(tasks):
            yield worker.run(task, lambda event: None)

    pool = types.ModuleType("engine.batch.ray_pool")
    pool.segment_on_pool = segment_on_pool  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "engine.batch.ray_pool", pool)
    monkeypatch.setattr(engine.commands.segment_folder, "SceneWorker", forbidden)
    job = replace(job, on="ray")
    done = segment_folder(job, events)
    assert [row["scene"] for row in rows_of(job)] == [*SHAPES]  # in the order of the scenes
    assert [Path(path).stem for path in done.outputs["masks"]] == [*SHAPES]
    segment_folder(job, events)
    (Path(job.output_folder) / "b.tif").unlink()
    segment_folder(job, events)
    assert asked == [[*SHAPES], ["b"]]
    shares = [event.fraction for event in events.of(Progress)]
    assert [share for share in shares if share][:3] == [1 / 3, 2 / 3, 1]


def test_a_mask_on_another_machine_s_disk_is_none(job, events, tmp_path, monkeypatch) -> None:
    """Workers get absolute paths; records say the paths of the run, and of a mask that is seen."""
    asked: list[str] = []

    def segment_on_pool(
        job: SegmentFolderJob, tasks: Sequence[SceneTask], emit: Any, on_progress: Any
    ) -> Iterator[SceneRecord]:
        asked.extend([*job.model, job.output_folder, *(t.image for t in tasks)])
        for task in tasks:
            record = SceneWorker(job).run(task, lambda event: None)
            if task.name == "b":
                Path(task.output).unlink()
            yield record

    pool = types.ModuleType("engine.batch.ray_pool")
    pool.segment_on_pool = segment_on_pool  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "engine.batch.ray_pool", pool)
    monkeypatch.chdir(tmp_path)
    model = (Path(job.model[0]).name,)
    done = segment_folder(
        replace(job, model=model, scenes="in", output_folder="out", on="ray"), events
    )
    assert all(Path(path).is_absolute() for path in asked)
    assert done.outputs["masks"] == [str(Path("out") / f"{name}.tif") for name in "ac"]
    assert statuses(job)["b"] == "failed"
    assert "where this machine does not see it" in rows_of(job)[1]["message"]


def test_a_shell_is_told_by_the_exit_code_that_scenes_failed(job, capfd, tmp_path) -> None:
    """The last event is still the one of a run that is done, with its results."""
    table = table_of(tmp_path / "t.csv", "image", "in/none.tif", "in/b.tif")
    options = ["--model", *job.model, "--scenes", table, "--output_folder", job.output_folder]
    assert main(["segment", *options, "--events", "json"]) == EngineError.exit_code == 2
    assert statuses(job) == {"none": "failed", "b": "done"} and len(masks(job)) == 1
    last = decode(capfd.readouterr().out.splitlines()[-1])
    assert isinstance(last, Done) and last.failures == 1
    assert last.outputs["summary"].endswith("summary.html") and last.outputs["mosaic"]
    (tmp_path / "t.csv").write_text("image\nin/b.tif\n")
    assert main(["segment", *options]) == 0


@pytest.mark.parametrize("option", ["--output-folder", "--output_folder", "--output"])
def test_segment_of_many_scenes_in_the_shell(job, option, capfd) -> None:
    options = ["--model", *job.model, "--scenes", job.scenes, option, job.output_folder]
    assert main(["segment", *options]) == 0
    assert statuses(job) == dict.fromkeys(SHAPES, "done")
    assert "3 of 3 scenes" in capfd.readouterr().out


def test_segment_of_many_scenes_of_a_job_file(job, tmp_path, capfd) -> None:
    (tmp_path / "job.json").write_text(json.dumps(asdict(job)))
    assert main(["segment", "--config", str(tmp_path / "job.json")]) == 0
    assert len(masks(job)) == 3
    with pytest.raises(SystemExit):
        main(["segment", "--help"])
    assert "segment-folder --help" in " ".join(capfd.readouterr().out.split())


def test_a_second_run_into_the_same_folder_is_refused(job, events) -> None:
    folder = Path(job.output_folder)
    with (
        lock_output(folder / "masks"),
        pytest.raises(JobError, match="Another run is writing .*masks: wait until it ends"),
    ):
        segment_folder(job, events)
    assert not folder.exists()
