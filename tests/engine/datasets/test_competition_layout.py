"""A competition's tables and pictures become scenes, in the table's order, named by its ids."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.contract.errors import LayoutError
from engine.contract.jobs import TrainJob
from engine.datasets.layouts import find_scenes, prediction_scenes
from engine.rasters.windows import Window
from engine.sampling.survey import survey
from engine.sampling.window_dataset import WindowReader

HEADER = "img_id,img_path,mask_rle"


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """``folder(*rows, header=..., table=...)``: a table, and pictures a, b and c of 20 x 30 px."""

    def make(*rows: str, header: str = HEADER, table: str = "train.csv") -> Path:
        (tmp_path / table).write_text("\n".join([header, *rows]), "utf-8")
        pictures = tmp_path / table.replace(".csv", "_img")
        pictures.mkdir(exist_ok=True)
        for name in "abc":
            Image.new("RGB", (30, 20), (9, 9, 9)).save(pictures / f"{name}.png")
        return tmp_path

    return make


def test_rows_are_scenes_in_the_table_s_order(folder: Callable[..., Path]) -> None:
    root = folder("b,./train_img/b.png,1 4", "", "a,train_img/a.png,-1")
    found = find_scenes(TrainJob(dataset=str(root)))
    assert [scene.stem for scene in found] == ["b", "a"]
    assert [Path(scene.image) for scene in found] == [root / "train_img" / f"{n}.png" for n in "ba"]
    assert {scene.split for scene in found} == {""}
    assert found[0].labels == f"{root / 'train.csv'}|img_id=b"


def test_rows_without_a_text_are_left_out(folder: Callable[..., Path]) -> None:
    root = folder("a,,1 4", ",,", "b,,-1", " , ,", ",,,,")
    assert [scene.stem for scene in find_scenes(TrainJob(dataset=str(root)))] == ["a", "b"]
    with pytest.raises(LayoutError, match="Line 3 .* img_id ''"):
        find_scenes(TrainJob(dataset=str(folder("a,,1 4", ",,,a note"))))
    with pytest.raises(LayoutError, match="has no row"):
        find_scenes(TrainJob(dataset=str(folder(",,"))))


@pytest.mark.parametrize("text", ["name,split\na,test\n", "", "\x00\xff"])
def test_another_test_table_changes_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "test.csv").write_text(text, encoding="latin-1")
    for picture in (tmp_path / "a.png", tmp_path / "test" / "rgb" / "b.png"):
        picture.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (9, 9)).save(picture)
        assert [Path(scene.image) for scene in prediction_scenes(tmp_path)] == [picture]


def test_headers_as_spreadsheets_write_them(folder: Callable[..., Path]) -> None:
    root = folder('"a","train_img/a.png","1 4",x', header="\ufeffIMG_ID, Img_Path ,mask_rle,note")
    assert [scene.stem for scene in find_scenes(TrainJob(dataset=str(root)))] == ["a"]


def test_a_wrong_path_falls_back_to_the_picture_of_that_id(folder: Callable[..., Path]) -> None:
    root = folder("a,C:\\data\\a.png,-1", "c,,1 1", "first,train_img/b.png,-1")
    images = [Path(scene.image).name for scene in find_scenes(TrainJob(dataset=str(root)))]
    assert images == ["a.png", "c.png", "b.png"]


@pytest.mark.parametrize(
    ("rows", "header", "says"),
    [
        ((), HEADER, r"train\.csv has no row"),
        (
            ("a,x",),
            "img_id,mask_rle",
            "no column 'img_path'; it needs .*these columns: img_id, mask_rle",
        ),
        (("a,x",), "img_id,img_path", "no column 'mask_rle'"),
        ((), "", "no column 'img_id'; it needs .*these columns: -"),
        (("a,a,-1", "b,b,-1", "a,a,1 2"), HEADER, "img_id 'a' twice, in lines 2 and 4"),
        (("a,train_img/a.png",), HEADER, "Line 2 .* ends before the column 'mask_rle'"),
        ((",x,-1",), HEADER, "Line 2 .* img_id '': it must be a name without slashes"),
        (("../a,x,-1",), HEADER, r"img_id '\.\./a'"),
        (
            ("a,a,-1", "d,./d.png,-1"),
            HEADER,
            r"Line 3 of .*, img_id 'd': the picture is missing.*.*\./d\.png",
        ),
    ],
)
def test_a_table_that_does_not_fit_is_named(
    folder: Callable[..., Path], rows: tuple[str, ...], header: str, says: str
) -> None:
    with pytest.raises(LayoutError, match=says):
        find_scenes(TrainJob(dataset=str(folder(*rows, header=header))))


def test_test_scenes_keep_order_and_ids(folder: Callable[..., Path]) -> None:
    root = folder("TEST_1,./test_img/c.png", "b,", header="img_id,img_path", table="test.csv")
    found = prediction_scenes(root)
    names = [(scene.stem, Path(scene.image).name) for scene in found]
    assert names == [("TEST_1", "c.png"), ("b", "b.png")]
    (root / "test.csv").unlink()
    (root / "test_img" / "a.png").rename(root / "test.csv")
    assert [scene.stem for scene in prediction_scenes(root / "test_img")] == ["b", "c"]
    with pytest.raises(LayoutError, match=r"test\.csv cannot be read"):
        prediction_scenes(root)  # the pictures beside it say what it should be
    (root / "test.csv").unlink()
    with pytest.raises(LayoutError, match=r"test\.csv \(img_id, img_path\)"):
        prediction_scenes(root)


def test_the_survey_reads_the_masks_and_names_the_classes(folder: Callable[..., Path]) -> None:
    root = folder("a,,1 40", "b,,-1", "c,,31 90")
    job = TrainJob(dataset=str(root), tile_size=32)
    found = survey(job, find_scenes(job))
    assert [(c.value, c.name) for c in found.classes] == [(0, "background"), (1, "foreground")]
    total = {v: found.counts(False)[v] + found.counts(True)[v] for v in (0, 1)}
    assert total == {0: 3 * 600 - 130, 1: 130}
    target = WindowReader(found).read(2, Window(0, 0, 32, 32))["target"]
    assert (target[1:4, :30] == 1).all() and (target[:20, :30] == 1).sum() == 90
    named = TrainJob(dataset=str(root), tile_size=32, class_names=("1=roof=#ff0000",))
    assert survey(named, find_scenes(named)).classes[1].name == "roof"


def test_the_order_of_the_job_counts(folder: Callable[..., Path]) -> None:
    root = folder("a,,1 40", "b,,1 20")
    job = TrainJob(dataset=str(root), tile_size=32, rle_order="column")
    target = WindowReader(survey(job, find_scenes(job))).read(0, Window(0, 0, 32, 32))["target"]
    assert (target[:20, :2] == 1).all() and (target[:20, :30] == 1).sum() == 40


def real(data: Callable[[str], Path], **fields: Any) -> tuple[TrainJob, Any]:
    job = TrainJob(dataset=str(data("buildings_rle")), **fields)
    return job, survey(job, find_scenes(job))


def test_real_masks_are_counted_as_they_are_written(data: Callable[[str], Path]) -> None:
    with (data("buildings_rle") / "train.csv").open(newline="") as file:
        lengths = [sum(map(int, row["mask_rle"].split()[1::2])) for row in csv.DictReader(file)]
    _, found = real(data, tile_size=224)
    totals = [0] * 12
    for block in found.blocks:
        totals[block.scene] += block.counts.get(1, 0)
    assert totals == lengths and len(lengths) == 12


def test_of_many_small_pictures_whole_ones_are_held_out(data: Callable[[str], Path]) -> None:
    _, found = real(data, tile_size=224)
    held = {block.scene for block in found.blocks if block.is_validation}
    trained = {block.scene for block in found.blocks if not block.is_validation}
    assert len(held) == 2 and not held & trained and held | trained == set(range(12))
    assert min(block.window.height for block in found.blocks) >= 64, "no crumbs"
    share = found.counts(True)[1] / (found.counts(True)[1] + found.counts(False)[1])
    assert 0.1 < share < 0.3


def test_few_pictures_are_held_out_in_blocks(
    data: Callable[[str], Path], folder: Callable[..., Path]
) -> None:
    rows = [f"{number},train_img/a.png,{30 * number + 1} 60" for number in range(9)]
    for count in (9, 10):
        root = folder(*rows, "9,train_img/a.png,1 60") if count == 10 else folder(*rows)
        job = TrainJob(dataset=str(root), tile_size=32)
        blocks = survey(job, find_scenes(job)).blocks
        by_scene = [{b.is_validation for b in blocks if b.scene == n} for n in range(count)]
        assert (max(map(len, by_scene)) == 1) == (count == 10)


def test_real_test_pictures(data: Callable[[str], Path]) -> None:
    found = prediction_scenes(data("buildings_rle"))
    assert [scene.stem for scene in found] == [f"TEST_0000{n}" for n in range(4)]
    assert all(np.asarray(Image.open(scene.image)).shape == (224, 224, 3) for scene in found)
