"""Labels of several sources: later labels override earlier ones, checked corrections override all, flaws are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from engine.contract.class_table import class_table
from engine.contract.errors import JobError, LabelError
from engine.contract.jobs import TrainJob
from engine.contract.map_styles import write_legend
from engine.contract.scene import Correction, Scene
from engine.datasets.class_changes import class_changes
from engine.datasets.corrections import label_numbers, open_corrections, open_scene_labels
from engine.datasets.covered_pixels import MarkSize
from engine.datasets.label_source import UNLABELLED, LabelOptions
from engine.datasets.layouts import find_scenes
from engine.rasters.grid import Grid
from engine.rasters.windows import Window
from tests.engine.synthetic import UTM, UTM_GRID, box, write_geojson

WHOLE = Window(0, 0, 40, 50)
Write = Callable[..., str]


@pytest.fixture
def write_boxes(tmp_path: Path) -> Write:
    """``write_boxes(name, ((row, col, height, width), fields), ...)``: rectangles of whole pixels as GeoJSON."""

    def write(name: str, *boxes: tuple[tuple[int, int, int, int], dict[str, Any]]) -> str:
        return write_geojson(tmp_path / name, *((box(*place), fields) for place, fields in boxes))

    return write


@pytest.fixture
def write_points(tmp_path: Path) -> Write:
    """``write_points(name, (row, col, class), ...)``: points in the middle of pixels, with a field ``class``."""

    def write(name: str, *marks: tuple[int, int, int]) -> str:
        points = [shapely.Point(UTM_GRID @ (col + 0.5, row + 0.5)) for row, col, _ in marks]
        values = [np.array([value for *_, value in marks], np.int32)]
        path, blobs = str(tmp_path / name), shapely.to_wkb(points)
        pyogrio.raw.write(path, blobs, values, ["class"], geometry_type="Point", crs=UTM)
        return path

    return write


@pytest.fixture
def old(write_raster: Write) -> str:
    """Class 1 everywhere but in the last ten rows, which have no label."""
    values = np.ones((40, 50), np.uint8)
    values[30:] = 255
    return write_raster("old.tif", values, nodata=255)


def read(scene: Scene, grid: Grid, field: str = "", **more: Any) -> np.ndarray:
    options = LabelOptions(field, numbers=label_numbers([scene], field), **more)
    return open_scene_labels(scene, grid, options).read(WHOLE)


def test_later_labels_override_where_they_have_a_class(
    grid: Grid, old: str, write_raster: Write, write_boxes: Write
) -> None:
    newer = np.full((40, 50), 255, np.uint8)
    newer[:, :10] = 2
    raster = write_raster("newer.tif", newer, nodata=255)
    boxes = write_boxes("b.geojson", ((5, 5, 10, 10), {"kind": 3}), ((35, 40, 5, 5), {"kind": 3}))
    found = read(Scene("i.tif", old, later_labels=(raster, boxes)), grid, field="kind")
    expected = np.ones((40, 50), int)
    expected[30:] = UNLABELLED
    expected[:, :10] = 2
    expected[5:15, 5:15] = expected[35:40, 40:45] = 3
    assert (found == expected).all()


def test_a_checked_square_counts_whole_and_nothing_outside_it(
    grid: Grid, old: str, write_boxes: Write
) -> None:
    """Also where nothing was labelled, and beyond the labelled area; pixels outside all polygons are background."""
    polygons = {"class": 2, "name": "roof", "pixels": 9}
    mask = write_boxes("m.geojson", ((0, 0, 6, 6), polygons), ((25, 20, 15, 5), polygons))
    squares = write_boxes(
        "s.geojson",
        ((0, 0, 10, 10), {"checked": True}),
        ((26, 16, 12, 12), {"checked": True}),
        ((0, 30, 10, 10), {"checked": False}),
        ((20, 40, 10, 10), {"checked": None}),
    )
    area = write_boxes("a.geojson", ((0, 0, 5, 50), {}))
    scene = Scene("i.tif", old, corrections=(Correction(mask, squares),))
    found = read(scene, grid, area=area)
    expected = np.full((40, 50), UNLABELLED)
    expected[:5] = 1
    expected[:10, :10] = expected[26:38, 16:28] = 0
    expected[:6, :6] = expected[26:38, 20:25] = 2
    assert (found == expected).all()


def test_points_override_earlier_labels_in_their_pixel_only(
    grid: Grid, old: str, write_points: Write, write_boxes: Write
) -> None:
    """As later labels everywhere, as corrections inside the checked squares; where they come first, the rest is unknown."""
    marks = write_points("p.gpkg", (2, 3, 2), (35, 3, 2), (35, 40, 5))
    expected = np.ones((40, 50), int)
    expected[30:] = UNLABELLED
    expected[2, 3] = expected[35, 3] = 2
    expected[35, 40] = 5
    assert (
        read(Scene("i.tif", old, later_labels=(marks,)), grid, "class", marks=MarkSize())
        == expected
    ).all()
    squares = write_boxes("s.geojson", ((0, 0, 40, 20), {}))
    corrected = Scene("i.tif", old, corrections=(Correction(marks, squares),))
    expected[35, 40] = UNLABELLED
    assert (read(corrected, grid, "class", marks=MarkSize()) == expected).all()
    boxes = write_boxes("b.geojson", ((10, 10, 5, 5), {"class": 3}))
    first = read(Scene("i.tif", marks, later_labels=(boxes,)), grid, "class", marks=MarkSize())
    assert ((first == UNLABELLED).sum(), (first == 3).sum()) == (2000 - 28, 25)
    after = read(Scene("i.tif", boxes, later_labels=(marks,)), grid, "class", marks=MarkSize())
    assert ((after == 0).sum(), (after == 3).sum()) == (2000 - 28, 25)


def test_rasters_correct_too_and_the_last_correction_counts(
    grid: Grid, old: str, write_raster: Write, write_boxes: Write
) -> None:
    first, second = np.full((40, 50), 4, np.uint8), np.full((40, 50), 5, np.uint8)
    second[:, 5:8] = 0
    masks = write_raster("1.tif", first), write_raster("2.tif", second, nodata=0)
    squares = write_boxes("s.geojson", ((0, 0, 10, 10), {}))
    pair = tuple(Correction(mask, squares) for mask in masks)
    found = read(Scene("i.tif", old, corrections=pair), grid)
    assert (found[:10, :5] == 5).all() and (found[:10, 5:8] == 4).all()
    assert (found[:10, 10:] == 1).all() and (found[10:30] == 1).all()
    alone = open_corrections(Scene("i.tif", corrections=pair), grid, LabelOptions()).read(WHOLE)
    assert (alone != UNLABELLED).sum() == 100


def test_polygons_of_a_mask_find_their_classes_by_name_or_value(
    grid: Grid, write_boxes: Write
) -> None:
    """The labels' field ``class`` has names, that of a mask's polygons values; a merged class has a value alone."""
    labels = write_boxes(
        "l.geojson", *(((0, n, 1, 1), {"class": n_}) for n, n_ in enumerate(("field", "wood")))
    )
    squares = write_boxes("s.geojson", ((10, 0, 10, 20), {}))
    box = (10, 0, 10, 10)
    for name, fields, value in (
        ("names", {"class": 7, "name": "wood"}, 2),
        ("values", {"class": 2, "name": "green"}, 2),
        ("own", {"class": "wood"}, 2),
    ):
        mask = write_boxes(f"{name}.geojson", (box, fields))
        scene = Scene("i.tif", labels, corrections=(Correction(mask, squares),))
        found = read(scene, grid, field="class")
        assert (found[10:20, :10] == value).all() and (found[10:20, 10:20] == 0).all(), name
    plain = Scene("i.tif", labels, corrections=(Correction(squares, squares),))
    assert (read(plain, grid)[10:20, :20] == 1).all()


def test_polygons_of_a_mask_keep_the_names_of_their_classes(grid: Grid, write_boxes: Write) -> None:
    """Corrections alone: by these names a training finds the classes of the model that it starts from."""
    squares = write_boxes("s.geojson", ((0, 0, 10, 10), {}))
    named = ((0, 0, 5, 5), {"class": 1, "name": "roof"}), ((5, 0, 5, 5), {"class": 1, "name": None})
    two = ((0, 5, 5, 5), {"class": 2, "name": "a"}), ((5, 5, 5, 5), {"class": 2, "name": "b"})
    mask = write_boxes("m.geojson", *named, *two)
    scene = Scene("i.tif", corrections=(Correction(mask, squares),))
    assert open_scene_labels(scene, grid, LabelOptions()).names == {
        0: "background",
        1: "roof",
        2: "2",
    }


def test_a_raster_finds_the_classes_of_polygons_by_name(
    grid: Grid, write_raster: Write, write_boxes: Write
) -> None:
    """A new class of the labels moves the numbers of the others, which follow from the names."""
    boxes = (((0, n, 1, 1), {"class": name}) for n, name in enumerate(("field", "lake", "wood")))
    labels = write_boxes("l.geojson", *boxes)
    squares = write_boxes("s.geojson", ((10, 0, 10, 20), {}))
    values = np.zeros((40, 50), np.uint8)
    values[:, :5], values[:, 5:10] = 1, 2
    mask = write_raster("m.tif", values)
    for names, found in (("field", "wood"), (1, 3)), (("field", "road"), (1, 2)):
        write_legend(Path(mask), class_table({0: "background", 1: names[0], 2: names[1]}))
        scene = Scene("i.tif", labels, corrections=(Correction(mask, squares),))
        read_values = read(scene, grid, field="class")
        assert (read_values[10:20, :5] == found[0]).all(), names
        assert (read_values[10:20, 5:10] == found[1]).all(), names
        assert (read_values[10:20, 10:20] == 0).all(), names


def test_gaps_between_polygons_keep_their_label_if_the_user_says_so(
    grid: Grid, old: str, write_boxes: Write
) -> None:
    mask = write_boxes("m.geojson", ((0, 0, 5, 5), {"class": 2, "name": "roof"}))
    squares = write_boxes("s.geojson", ((0, 0, 10, 10), {}))
    scene = Scene("i.tif", old, corrections=(Correction(mask, squares),))
    found = read(scene, grid, unlabelled="ignored")
    assert (found[:5, :5] == 2).all() and (found[5:30, :] == 1).all()


def test_a_new_polygon_may_lack_the_only_class(grid: Grid, old: str, write_boxes: Write) -> None:
    squares = write_boxes("s.geojson", ((0, 0, 20, 20), {}))
    boxes = [((0, 0, 5, 5), {"class": 3, "name": "roof"}), ((9, 0, 5, 5), {"class": None})]
    mask = write_boxes("m.geojson", *boxes)
    scene = Scene("i.tif", old, corrections=(Correction(mask, squares),))
    found = read(scene, grid)
    assert (found[9:14, :5] == 3).all() and (found[:5, :5] == 3).all()
    two = write_boxes("two.geojson", *boxes, ((0, 9, 5, 5), {"class": 4, "name": "tree"}))
    with pytest.raises(LabelError, match=r"Some polygons of .*two.geojson have no class: write"):
        read(replace(scene, corrections=(Correction(two, squares),)), grid)
    text = write_boxes("text.geojson", ((0, 0, 5, 5), {"class": "roof"}))
    with pytest.raises(LabelError, match="have 'roof' in the field class: it must hold class va"):
        read(replace(scene, corrections=(Correction(text, squares),)), grid)


def test_changes_of_classes_apply_to_corrections(grid: Grid, old: str, write_raster: Write) -> None:
    mask = np.full((40, 50), 2, np.uint8)
    mask[:5] = 3
    changes = class_changes(("3",), ("1+2=both",), [(1, "one"), (2, "two"), (3, "three")])
    square = write_raster("m.tif", mask)
    checked = write_geojson(Path(square).with_name("s.geojson"), (box(0, 0, 40, 50), {}))
    scene = Scene("i.tif", old, corrections=(Correction(square, checked),))
    found = open_scene_labels(scene, grid, LabelOptions(changes=changes))
    assert (found.read(WHOLE) == 1).all(), "ignored pixels keep the older label"
    assert found.names[1] == "both"


def test_flaws_are_told(grid: Grid, old: str, write_boxes: Write) -> None:
    mask = write_boxes("m.geojson", ((0, 0, 5, 5), {"class": 1, "name": "x"}))
    unchecked = write_boxes("s.geojson", ((0, 0, 5, 5), {"checked": False}))
    scene = Scene("i.tif", old, corrections=(Correction(mask, unchecked),))
    with pytest.raises(LabelError, match=r"None of the squares .*s.geojson is checked: set the fi"):
        read(scene, grid)
    with pytest.raises(LabelError, match=r"squares .*old.tif must be a layer of polygons"):
        read(replace(scene, corrections=(Correction(mask, old),)), grid)


def test_the_job_names_corrections_with_their_squares(tmp_path: Path) -> None:
    job = TrainJob(image="i.tif", labels=("l.tif", "n.gpkg"), corrections=("a.tif", "b.tif"))
    (scene,) = find_scenes(replace(job, checked="s.gpkg"))
    assert (scene.labels, scene.later_labels) == ("l.tif", ("n.gpkg",))
    assert scene.corrections == (Correction("a.tif", "s.gpkg"), Correction("b.tif", "s.gpkg"))
    assert scene.label_files == ("l.tif", "n.gpkg", "a.tif", "b.tif")
    (scene,) = find_scenes(replace(job, checked=("s.gpkg", "t.gpkg"), labels=""))
    assert [one.checked for one in scene.corrections] == ["s.gpkg", "t.gpkg"] and not scene.labels
    with pytest.raises(JobError, match=r"corrections a.tif have no checked squares: .*\(checked\)"):
        find_scenes(job)
    with pytest.raises(JobError, match=r"There are 2 corrections and 3 files of checked squares"):
        find_scenes(replace(job, checked=("s", "t", "u")))
    with pytest.raises(JobError, match="squares s are checked, but there are no corrections"):
        find_scenes(replace(job, checked="s", corrections=""))


def test_a_folder_corrects_the_images_of_its_names(tmp_path: Path, write_raster: Write) -> None:
    blank = np.zeros((4, 4), np.uint8)
    images = tuple(write_raster(f"images/{name}.tif", blank) for name in "ab")
    folder = str(Path(write_raster("masks/b.tif", blank)).parent)
    job = TrainJob(image=images, labels="l.gpkg", corrections=folder, checked="s.gpkg")
    first, second = find_scenes(job)
    assert not first.corrections and Path(second.corrections[0].path).name == "b.tif"
    with pytest.raises(JobError, match="No raster in .*masks has the name of an image"):
        find_scenes(replace(job, image=images[:1]))
