"""Layers, folders and tables all become the same list of scenes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine.contract.errors import EngineError, JobError, LayoutError
from engine.contract.jobs import TrainJob
from engine.contract.scene import Scene
from engine.datasets.layouts import find_scenes, prediction_scenes


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_single_layers_are_one_scene() -> None:
    job = TrainJob(image="i.tif", labels="l.gpkg", auxiliary=("a.tif",))
    assert find_scenes(job) == [Scene("i.tif", "l.gpkg", ("a.tif",))]
    chosen = replace(job, image_bands=(3, 1), auxiliary_bands=(2,))
    (scene,) = find_scenes(chosen)
    assert scene == Scene("i.tif", "l.gpkg", ("a.tif",), "", (3, 1), (2,))


def test_dualstream_folder_matches_by_stem_and_stacks(tmp_path: Path) -> None:
    for split in "tv":
        parts = ("s_sn/a.tif", "l_sn/a.png", "_ap/a.tif", "_gems/a.tif", "s_sn/notes.txt")
        make(tmp_path, *(split + part for part in parts))
    scenes = find_scenes(TrainJob(dataset=str(tmp_path)))
    assert [scene.split for scene in scenes] == ["train", "validation"]
    assert scenes[0].auxiliary == (str(tmp_path / "t_ap/a.tif"), str(tmp_path / "t_gems/a.tif"))
    assert scenes[1].labels == str(tmp_path / "vl_sn/a.png")


def test_the_air_quality_systems_own_file_names(tmp_path: Path) -> None:
    pollutants = [f"AIR_Pollution_{gas}_" for gas in ("CO", "NO2", "SO2")]
    for stem in ("a", "b"):
        make(tmp_path, f"ts_sn/{stem}.tif", f"tl_sn/{stem}.tif", f"t_gems/GEMS_{stem}.tif")
        make(tmp_path, *(f"t_ap/{prefix}{stem}.tif" for prefix in pollutants))
    scenes = find_scenes(TrainJob(dataset=str(tmp_path)))
    names = [*(f"t_ap/{prefix}a.tif" for prefix in pollutants), "t_gems/GEMS_a.tif"]
    assert scenes[0].auxiliary == tuple(str(tmp_path / name) for name in names)
    (tmp_path / "t_gems/GEMS_b.tif").unlink()
    assert find_scenes(TrainJob(dataset=str(tmp_path)))[1].auxiliary == ()
    make(tmp_path, "ts_sn/GEMS_c.tif", "tl_sn/GEMS_c.tif", "t_gems/GEMS_c.tif")
    named = find_scenes(TrainJob(dataset=str(tmp_path)))
    assert len(named) == 3, "a name that begins so is the image's own where one has it"


def test_two_rasters_of_one_name_are_refused(tmp_path: Path) -> None:
    make(tmp_path, "ts_sn/a.tif", "tl_sn/a.tif", "tl_sn/a.png", "flat/x.tif", "flat/x.png")
    make(tmp_path, "flat/x.png.aux.xml", "flat/x.tfw")
    with pytest.raises(LayoutError, match=r"tl_sn holds two rasters of one .*, a\.png and a\.tif"):
        find_scenes(TrainJob(dataset=str(tmp_path)))
    with pytest.raises(LayoutError, match=r"flat holds two .*, x\.png and x\.tif"):
        prediction_scenes(tmp_path / "flat")
    (tmp_path / "flat/x.png").unlink()
    assert [Path(scene.image).name for scene in prediction_scenes(tmp_path / "flat")] == ["x.tif"]


def test_scenes_without_their_whole_stack_have_none(tmp_path: Path) -> None:
    names = [f"{folder}/{stem}.tif" for folder in ("ts_sn", "tl_sn", "t_ap") for stem in "ab"]
    make(tmp_path, *names, "t_gems/b.tif")
    bare, whole = find_scenes(TrainJob(dataset=str(tmp_path)))
    assert bare.auxiliary == () and len(whole.auxiliary) == 2
    assert bare.split == "", "without a validation folder: split in blocks"


def test_table_paths_count_from_the_table(tmp_path: Path) -> None:
    make(tmp_path, "d/i.tif", "d/l.tif", "d/a.tif", "d/b.tif")
    table = tmp_path / "d" / "scenes.csv"
    table.write_text(
        "Image, labels,auxiliary,split\ni.tif,l.tif,a.tif; b.tif,val\n,,,\n", "utf-8-sig"
    )
    (scene,) = find_scenes(TrainJob(dataset=str(table)))
    assert scene.image == str(tmp_path / "d/i.tif") and len(scene.auxiliary) == 2
    assert scene.split == "validation"


def test_incomplete_data_is_named(tmp_path: Path) -> None:
    def refuse(kind: type[EngineError], says: str, dataset: Path | str = "", **job: str) -> None:
        with pytest.raises(kind, match=says):
            find_scenes(TrainJob(dataset=str(dataset), **job))

    refuse(JobError, "nothing to train on")
    refuse(JobError, "has no labels", image="i.tif")
    refuse(JobError, "not both", "d", image="i.tif")
    refuse(LayoutError, "does not exist", tmp_path / "nowhere")
    refuse(LayoutError, "no known layout", tmp_path)
    make(tmp_path, "ts_sn/a.tif", "ts_sn/b.tif", "tl_sn/b.png")
    refuse(LayoutError, "lacks the labels of 1 image.*'a'.* scenes table \\(CSV\\)", tmp_path)
    make(tmp_path, "tl_sn/a.png", "t_ap/a_ap.tif")
    refuse(LayoutError, "No file in .*t_ap has the name of an image.* scenes table", tmp_path)
    table = tmp_path / "scenes.csv"
    table.write_text("picture,labels\nx,y\n")
    refuse(LayoutError, "no column 'image'", table)
    table.write_text("image,labels\nts_sn/a.tif,nowhere.tif\n")
    refuse(LayoutError, "Line 2 .* labels .*nowhere.tif does not exist", table)
    table.write_text("image,labels,split\nts_sn/a.tif,tl_sn/b.png,later\n")
    refuse(LayoutError, "split 'later' is unknown", table)


def test_the_real_water_folder(data: Callable[[str], Path]) -> None:
    scenes = find_scenes(TrainJob(dataset=str(data("water"))))
    assert [sum(s.split == name for s in scenes) for name in ("train", "validation")] == [84, 23]
    assert all(len(scene.auxiliary) == 2 for scene in scenes)
