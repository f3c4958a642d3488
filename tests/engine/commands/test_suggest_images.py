"""Where to label next on several images, and with what was checked before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from affine import Affine
from rasterio.crs import CRS
from rasterio.warp import transform

from engine.commands.suggest import suggest
from engine.contract.errors import EngineError
from engine.contract.file_jobs import RARE_CLASS, SuggestJob
from engine.contract.protocol import Metric, Warned
from tests.engine.active_learning.conftest import SIDE, unsure_model, write_land
from tests.engine.commands.test_suggest import METRES, ignore, polygons, read
from tests.engine.synthetic import UTM_GRID

__all__ = ["unsure_model", "write_land"]

#: The grid of a second image, eight squares east of the first.
EAST = Affine.translation(8 * METRES, 0) @ UTM_GRID


@pytest.fixture
def two(write_land: Callable[..., str]) -> tuple[str, str]:
    """Two images of 3 x 3 squares with dark land, of which a model is unsure, in one and in two squares."""
    west = write_land(3, 3, [(0, 1)], "west.tif")
    return west, write_land(3, 3, [(2, 0), (1, 2)], "east.tif", transform=EAST)


def test_squares_of_several_images_are_ranked_together(
    two: tuple[str, str], unsure_model: str, tmp_path: Path
) -> None:
    heard: list[Any] = []
    output = tmp_path / "next.gpkg"
    job = SuggestJob(model=(unsure_model,), image=two, count=9, output=str(output))
    done = suggest(job, heard.append)
    found = read(output)
    places = dict(zip(found["places"], found["image"]))
    assert len(places) == 9 and {(0, 1), (2, 8), (1, 10)} <= {*places}
    assert all(image == two[col >= 8] for (_, col), image in places.items())
    is_dark = [place in {(0, 1), (2, 8), (1, 10)} for place in found["places"]]
    assert (found["uncertainty"] > 0.5).tolist() == is_dark and is_dark[0]
    assert "9 squares to label next, of 18 possible ones on 2 images." in done.message
    assert (done.outputs["images"], done.outputs["candidates"]) == (2, 18)
    shares = [event.fraction for event in heard if hasattr(event, "fraction")]
    assert shares == sorted(shares)
    assert any("image 2 of 2, tile" in getattr(event, "message", "") for event in heard)

    suggest(replace(job, image=(str(Path(two[0]).parent),)), ignore)  # a folder with both
    assert {(0, 1), (2, 8), (1, 10)} <= {*read(output)["places"]}


def test_labels_of_one_image_count_for_all(
    two: tuple[str, str], unsure_model: str, tmp_path: Path
) -> None:
    """Labels lie on one image only; what they lack is rare in the other, and nothing warns about that one."""
    heard: list[Any] = []
    output = tmp_path / "next.gpkg"
    labels = polygons(tmp_path / "labels.gpkg", (0.2, 0.2, 0.2, 2.6))
    area = polygons(tmp_path / "wholly.gpkg", (0, 0, 2, 3))
    job = SuggestJob(
        model=(unsure_model,),
        image=two,
        labels=labels,
        labelled_area=area,
        count=12,
        output=str(output),
    )
    done = suggest(job, heard.append)
    found = read(output)
    assert {*found["places"]} == {(2, c) for c in range(3)} | {
        (r, c) for r in range(3) for c in range(8, 11)
    }
    assert "unlike anything labelled" in done.message
    assert not any(isinstance(event, Warned) for event in heard)
    rare = [image for image, why in zip(found["image"], found["reason"]) if why == RARE_CLASS]
    assert two[1] in rare, "water is rare in the labels of the other image"
    nowhere = polygons(tmp_path / "nowhere.gpkg", (30, 30, 1, 1))
    suggest(replace(job, labels=(nowhere,), labelled_area="", count=1), heard.append)
    warnings = [event.message for event in heard if isinstance(event, Warned)]
    assert warnings == [f"The labels {nowhere} label no pixel of the image."]


def test_images_that_hold_no_square_are_left_out(
    two: tuple[str, str], unsure_model: str, tmp_path: Path
) -> None:
    heard: list[Any] = []
    area = polygons(tmp_path / "area.gpkg", (0, 8, 3, 3))
    job = SuggestJob(
        model=(unsure_model,), image=two, area=area, count=9, output=str(tmp_path / "n.gpkg")
    )
    done = suggest(job, heard.append)
    assert {*read(tmp_path / "n.gpkg")["places"]} == {(r, c) for r in range(3) for c in (8, 9, 10)}
    assert done.outputs["images"] == 1
    texts = [event.message for event in heard if isinstance(event, Metric)]
    assert any("1 of 2 images have no square to label." in text for text in texts)
    with pytest.raises(EngineError, match="outside of the image .*west.tif"):
        suggest(replace(job, area=polygons(tmp_path / "far.gpkg", (40, 40, 1, 1))), ignore)


def test_an_image_of_another_system_gets_its_squares_in_that_of_the_first(
    two: tuple[str, str], unsure_model: str, write_land: Callable[..., str], tmp_path: Path
) -> None:
    other, here = CRS.from_epsg(32644), CRS.from_epsg(32645)
    corner = transform(here, other, [UTM_GRID.c], [UTM_GRID.f])
    place = Affine(10, 0, round(corner[0][0]), 0, -10, round(corner[1][0]))
    image = write_land(2, 2, [(1, 0)], "other.tif", transform=place, crs=other)
    output = tmp_path / "n.gpkg"
    job = SuggestJob(model=(unsure_model,), image=(two[0], image), count=2, output=str(output))
    suggest(job, ignore)
    found = read(output)
    number = found["image"].tolist().index(image)
    middle = place @ (SIDE / 2, 1.5 * SIDE)
    x, y = transform(other, here, [middle[0]], [middle[1]])
    row, col = (UTM_GRID.f - y[0]) / METRES, (x[0] - UTM_GRID.c) / METRES
    # The places are upper left corners of the rectangle around the turned square.
    assert found["places"][number] == pytest.approx((row - 0.5, col - 0.5), abs=0.1)
    pixels = write_land(2, 2, [], "plain.tif", transform=Affine.identity(), crs=None)
    with pytest.raises(EngineError, match="cannot be in one layer: one of the two names no coord"):
        suggest(replace(job, image=(two[0], pixels)), ignore)


def test_without_a_model_each_image_shows_what_the_others_do_not(
    write_raster: Callable[..., str], tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (3, SIDE, 4 * SIDE)).astype(np.uint8)
    even = np.full_like(noise, 128)
    even[:, :, 3 * SIDE :] = noise[:, :, :SIDE]
    first = write_raster("first.tif", noise)
    second = write_raster("second.tif", even, transform=EAST)
    job = SuggestJob(image=(first, second), count=2, size=METRES, output=str(tmp_path / "n.gpkg"))
    done = suggest(job, ignore)
    found = read(tmp_path / "n.gpkg")
    assert done.outputs["candidates"] == 8
    is_noise = [col < 8 or col == 11 for _, col in found["places"]]
    assert sorted(is_noise) == [False, True]
    grey = write_raster("grey.tif", noise[:1], transform=EAST)
    with pytest.raises(
        EngineError, match=r"grey.tif has 1 band, .*first.tif 3 .*: give images of the same"
    ):
        suggest(replace(job, image=(first, grey)), ignore)


def tick(path: Path, ranks: set[int]) -> None:
    """Sets ``checked`` for squares of a layer, as a person does in QGIS."""
    meta, _, blobs, columns = pyogrio.raw.read(path, layer=path.stem)
    names = [*meta["fields"]]
    is_ticked = np.isin(columns[names.index("rank")], [*ranks])
    pyogrio.raw.write(
        path,
        blobs,
        [is_ticked],
        ["checked"],
        geometry_type="Polygon",
        crs=meta["crs"],
        driver="GPKG",
    )


@pytest.mark.parametrize("is_picture", [False, True])
def test_checked_squares_are_not_suggested_again(
    write_land: Callable[..., str],
    write_raster: Callable[..., str],
    unsure_model: str,
    tmp_path: Path,
    is_picture: bool,
) -> None:
    place = {"transform": Affine.identity(), "crs": None} if is_picture else {}
    image = write_land(3, 3, [(0, 1), (2, 0), (1, 2)], **place)
    first, second = tmp_path / "first.gpkg", tmp_path / "second.gpkg"
    job = SuggestJob(model=(unsure_model,), image=image, count=3, output=str(first))
    suggest(job, ignore)
    before = shapely.from_wkb(pyogrio.raw.read(first, layer="first")[2])
    tick(first, {1, 3})
    again = replace(job, checked=(str(first),), count=9, output=str(second))
    done = suggest(again, ignore)
    boxes = shapely.from_wkb(pyogrio.raw.read(second, layer="second")[2])
    assert len(boxes) == 7 and "unlike anything labelled" in done.message
    covered = [bool(shapely.intersects(boxes, shapely.centroid(box)).any()) for box in before]
    assert covered == [False, True, False]
    if is_picture:
        other = write_land(3, 3, [], "other.tif", **place)
        with pytest.raises(EngineError, match="have no coordinates, so checked squares of one"):
            suggest(replace(again, image=(image, other)), ignore)
        return
    # Labels of two kinds and a corrected mask count as well.
    classes = np.full((3 * SIDE, 3 * SIDE), 255, np.uint8)
    classes[5, 5] = 1
    raster = write_raster("labels.tif", classes, nodata=255)
    houses = polygons(tmp_path / "houses.gpkg", (2.4, 2.4, 0.2, 0.2))
    mask = write_raster("mask.tif", np.ones((3 * SIDE, 3 * SIDE), np.uint8))
    suggest(replace(again, labels=(raster, houses), corrections=(mask,)), ignore)
    left = {*read(second)["places"]}
    assert len(left) == 5 and not left & {(0, 0), (2, 2)}
