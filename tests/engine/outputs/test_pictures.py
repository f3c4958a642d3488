"""Pictures show the values of their arrays, pixel by pixel, in the expected panels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.contract.class_table import class_table
from engine.contract.errors import RasterError
from engine.outputs.pictures import save_classes, save_comparison

CLASSES = class_table({0: "clear", 4: "cloud"}, {0: "#000000", 4: "#00ff00"})
SIDE, GAP = 256, 14


@pytest.fixture
def window() -> dict[str, Any]:
    """A window with a hole, unlabelled rows, and one wrong column of pixels."""
    truth = np.zeros((SIDE, SIDE), np.int64)
    truth[:, 100:] = 1
    truth[200:] = -100
    predicted = np.where(truth < 0, 0, truth)
    predicted[:, 100] = 0
    image = np.random.default_rng(0).integers(0, 256, (4, SIDE, SIDE)).astype(np.float32)
    image[:, 220:230, 10:20] = np.nan
    auxiliary = np.linspace(-3, 5, 64, dtype=np.float32).reshape(1, 8, 8)
    return {"image": image, "auxiliary": auxiliary, "predicted": predicted, "truth": truth}


def panels(path: Path, count: int) -> list[np.ndarray]:
    """The sheet's panels from left to right (SIDE, SIDE, 3)."""
    sheet = np.asarray(Image.open(path)).astype(int)
    assert sheet.shape[1] == count * (SIDE + GAP) + GAP
    lefts = [GAP + index * (SIDE + GAP) for index in range(count)]
    return [sheet[40 : 40 + SIDE, left : left + SIDE] for left in lefts]


def test_classes_in_their_colours(tmp_path: Path) -> None:
    save_classes(tmp_path / "c.png", np.array([[0, 4, 4], [4, 0, 0]], np.uint8), CLASSES)
    with Image.open(tmp_path / "c.png") as picture:
        assert picture.mode == "RGB"
        green = np.asarray(picture)[..., 1]
    assert green.tolist() == [[0, 255, 255], [255, 0, 0]]


@pytest.mark.parametrize("nowhere", [2, 300])
def test_values_of_no_class_are_transparent(tmp_path: Path, nowhere: int) -> None:
    save_classes(tmp_path / "c.png", np.array([[0, nowhere, 4]], np.uint16), CLASSES)
    with Image.open(tmp_path / "c.png") as picture:
        assert picture.mode == "RGBA"
        black, nothing, green = np.asarray(picture)[0].tolist()
    assert (black, green) == ([0, 0, 0, 255], [0, 255, 0, 255]) and nothing[3] == 0


def test_names_that_the_font_lacks_are_written_plainly(tmp_path: Path) -> None:
    """Without accents, or as the class's value."""
    truth, image = np.zeros((32, 32), np.int64), np.zeros((1, 32, 32), np.float32)

    def sheet(*names: str) -> np.ndarray:
        classes = class_table(dict(enumerate(names)))
        save_comparison(tmp_path / "w.png", image, None, truth, truth, classes)
        return np.asarray(Image.open(tmp_path / "w.png"))

    plain = sheet("Gewasser", "class 1", "class 2")
    cyrillic = "\u043e\u0431\u043b\u0430\u043a\u043e"
    assert (sheet("Gew\u00e4sser", cyrillic, "Stra\u00dfe") == plain).all()
    assert not np.array_equal(sheet("Gewasser", "class 1", "class 3"), plain)


def test_every_panel_shows_its_array(window: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "w.png"
    save_comparison(path, **window, classes=CLASSES, limits=((0, 0, 0), (255, 255, 255)))
    image, auxiliary, predicted, truth, difference = panels(path, 5)
    labelled = window["truth"] >= 0
    known = np.isfinite(window["image"][0])
    assert (image[~known] == (92, 64, 128)).all() and (~known).sum() == 100
    colours = window["image"][:3].transpose(1, 2, 0)
    assert (image[known & labelled] == colours[known & labelled]).all()
    pale = known & ~labelled
    assert np.allclose(image[pale], 0.7 * 255 + 0.3 * colours[pale], atol=1), (
        "pale: no label counts"
    )
    assert (predicted[labelled][:, 1] == 255 * window["predicted"][labelled]).all()
    assert predicted[~labelled].min() > 170
    assert (truth[labelled][:, 1] == 255 * window["truth"][labelled]).all()
    assert len(np.unique(truth[~labelled], axis=0)) == 2, "stripes of two greys"
    assert truth[~labelled].min() > 170
    assert difference[~labelled].min() > 170
    wrong = labelled & (window["predicted"] != window["truth"])
    assert wrong.sum() == 200
    assert (difference[wrong][:, 0] > difference[wrong][:, 1] + 100).all()
    assert (np.ptp(difference[labelled & ~wrong], axis=1) == 0).all(), "grey"
    blocks = auxiliary.reshape(8, 32, 8, 32, 3)
    blocks = blocks[:6]  # below, no label counts
    assert (blocks == blocks[:, :1, :, :1, :1]).all(), "8 x 8 squares, grey"
    assert blocks[0, 0, 0, 0, 0] == 0
    assert (np.diff(blocks[:, 0, :, 0, 0].ravel()) >= 0).all()


@pytest.mark.parametrize("absent", [None, np.empty((0, 0, 0), np.float32)])
def test_without_an_auxiliary_stream_there_is_no_such_panel(
    window: dict[str, Any], tmp_path: Path, absent: Any
) -> None:
    window["auxiliary"] = absent
    save_comparison(tmp_path / "w.png", **window, classes=CLASSES)
    predicted = panels(tmp_path / "w.png", 4)[1][:200, :, 1]
    assert (predicted == 255 * window["predicted"][:200]).all()


def test_without_limits_a_few_glints_do_not_set_the_scale(
    window: dict[str, Any], tmp_path: Path
) -> None:
    window["image"] = np.full((1, SIDE, SIDE), 300, np.float32)
    window["image"][:, ::2] = 500
    window["image"][:, 5, 5] = 60000
    save_comparison(tmp_path / "w.png", **window, classes=CLASSES)
    image = panels(tmp_path / "w.png", 5)[0]
    assert (image[1] == [[0] * 3] * 5 + [[0] * 3] * (SIDE - 5)).all() and (image[0] == 255).all()


@pytest.mark.parametrize(
    ("shape", "drawn"),
    [((64, 64), (256, 256)), ((1024, 512), (512, 256)), ((100, 300), (100, 300))],
)
def test_small_windows_are_enlarged_and_large_ones_reduced(
    tmp_path: Path, shape: tuple[int, int], drawn: tuple[int, int]
) -> None:
    truth = np.zeros(shape, np.int64)
    truth[: shape[0] // 2] = 1
    image = np.full((3, *shape), np.nan, np.float32)
    save_comparison(tmp_path / "w.png", image, None, truth, truth, CLASSES)
    sheet = np.asarray(Image.open(tmp_path / "w.png"))
    columns = np.flatnonzero((sheet == (92, 64, 128)).all(axis=2).sum(axis=0) == drawn[0])
    assert len(columns) == drawn[1], "the image panel: all of it without a value"
    green = (sheet == (0, 255, 0)).all(axis=2)[40 : 40 + drawn[0]]
    assert green.sum() == 2 * drawn[0] // 2 * drawn[1], "half of prediction and truth"


def test_nothing_labelled_and_many_classes_still_make_a_sheet(tmp_path: Path) -> None:
    classes = class_table({value: f"a class with a long name {value}" for value in range(30)})
    unknown = np.full((32, 32), -100)
    image = np.zeros((2, 32, 32), np.float32)
    save_comparison(tmp_path / "w.png", image, None, unknown, unknown, classes, title="epoch 1")
    width, height = Image.open(tmp_path / "w.png").size
    assert width == 4 * (256 + GAP) + GAP and height > 256 + 5 * 26


def test_a_picture_that_cannot_be_written_leaves_nothing(
    window: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "w.png").mkdir()
    with pytest.raises(RasterError, match=r"picture .*w\.png could not be written"):
        save_comparison(tmp_path / "w.png", **window, classes=CLASSES)
    assert [path.name for path in tmp_path.iterdir()] == ["w.png"]


@pytest.mark.parametrize("by_user", [False, True])
def test_names_or_the_user_tell_which_bands_are_red_green_and_blue(
    window: dict[str, Any], tmp_path: Path, by_user: bool
) -> None:
    path, limits = tmp_path / "w.png", ((0, 0, 0, 0), (255, 255, 510, 255))
    told: dict[str, Any] = {"names": ("blue", "green", "red", "near infrared")}
    if by_user:
        told = {"names": ("band 1", "band 2", "band 3", "band 4"), "colours": (2, 1, 0)}
    save_comparison(path, **window, classes=CLASSES, limits=limits, **told)
    image, *_ = panels(path, 5)
    known = np.isfinite(window["image"][0]) & (window["truth"] >= 0)  # others are pale
    blue, green, red, _ = window["image"]
    shown = np.stack([np.round(red / 2), green, blue], axis=2)
    assert np.abs(image[known] - shown[known]).max() <= 1
