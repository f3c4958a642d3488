"""Folders of cloud competitions become scenes: infrared from a separate picture, labels by colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.contract.card_reader import read_card
from engine.contract.class_table import class_table
from engine.contract.errors import LabelError, LayoutError, ModelFileError
from engine.contract.jobs import TrainJob
from engine.contract.scene import Scene
from engine.datasets.layouts import default_paste, find_scenes, layout_classes, prediction_scenes
from engine.inference.scene_streams import open_streams
from engine.rasters.windows import Window
from engine.sampling.survey import survey
from engine.sampling.window_dataset import TrainingWindows


def make(root: Path, *names: str, mode: str = "RGB") -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new(mode, (4, 4)).save(root / name)


def folder(root: Path, split: str, *stems: str, parts: str = "rgb ngr label") -> None:
    make(root, *(f"{split}/{part}/{stem}.png" for part in parts.split() for stem in stems))


def test_scenes_match_by_stem_and_have_their_bands(tmp_path: Path) -> None:
    folder(tmp_path, "train", "b", "a")
    folder(tmp_path, "valid", "c")
    folder(tmp_path, "test", "d", parts="rgb ngr")
    first, second, held = find_scenes(TrainJob(dataset=str(tmp_path)))
    assert first == Scene(
        str(tmp_path / "train/rgb/a.png"),
        str(tmp_path / "train/label/a.png"),
        (str(tmp_path / "train/ngr/a.png"),),
        "train",
        (1, 2, 3),
        (1,),
        (1, 2, 3),
        (1,),
    )
    assert second.stem == "b" and held.split == "validation" and held.stem == "c"


def test_the_job_s_bands_win(tmp_path: Path) -> None:
    folder(tmp_path, "train", "a")
    job = TrainJob(dataset=str(tmp_path), image_bands=(3, 2), auxiliary_bands=(2,))
    (scene,) = find_scenes(job)
    assert scene.image_bands == (3, 2) and scene.auxiliary_bands == (2,)
    assert scene.split == "", "without a validation folder: split in blocks"


def test_images_that_are_not_red_green_and_blue_are_refused(tmp_path: Path) -> None:
    folder(tmp_path, "train", "a")
    for mode, count in (("L", 1), ("P", 1), ("LA", 2)):
        make(tmp_path, "train/rgb/a.png", mode=mode)
        says = rf"rgb.a\.png has {count} band.*this layout expects red, green and blue pictures in rgb/"
        with pytest.raises(LayoutError, match=says) as caught:
            find_scenes(TrainJob(dataset=str(tmp_path)))
        assert "or none" not in str(caught.value)
    (scene,) = find_scenes(TrainJob(dataset=str(tmp_path), image_bands=(1,)))
    assert scene.image_bands == (1,), "who chooses may train on grey pictures"


def test_incomplete_folders(tmp_path: Path) -> None:
    folder(tmp_path, "train", "a", "b")
    (tmp_path / "train/ngr/b.png").unlink()
    scenes = find_scenes(TrainJob(dataset=str(tmp_path)))
    assert [bool(scene.auxiliary) for scene in scenes] == [True, False]
    (tmp_path / "train/ngr/a.png").rename(tmp_path / "train/ngr/a_nir.png")
    with pytest.raises(LayoutError, match=r"No file in .*ngr has the name of an image in .*rgb"):
        find_scenes(TrainJob(dataset=str(tmp_path)))
    (tmp_path / "train/label/a.png").unlink()
    with pytest.raises(LayoutError, match="label lacks the labels of 1 .*'a'"):
        find_scenes(TrainJob(dataset=str(tmp_path)))
    for path in (tmp_path / "train/rgb").iterdir():
        path.unlink()
    with pytest.raises(LayoutError, match="holds no raster to train on"):
        find_scenes(TrainJob(dataset=str(tmp_path)))


def test_the_layout_fixes_classes_and_copy_paste(tmp_path: Path) -> None:
    folder(tmp_path, "train", "a")
    job = TrainJob(dataset=str(tmp_path))
    assert [(c.value, c.name, c.colour) for c in layout_classes(job)] == [
        (0, "background", "#000000"),
        (1, "thick cloud", "#ff0000"),
        (2, "thin cloud", "#00ff00"),
        (3, "cloud shadow", "#ffff00"),
    ]
    table = layout_classes(job)
    assert default_paste(job, table) == ("thick cloud", "thin cloud:soft", "cloud shadow:companion")
    renamed = class_table({0: "background", 1: "cloud", 3: "shade"})
    assert default_paste(job, renamed) == ("cloud", "shade:companion")
    assert default_paste(TrainJob(dataset=str(tmp_path), paste=("snow",)), table) == ("snow",)
    assert default_paste(job, table[:3]) == ("thick cloud", "thin cloud:soft")
    assert default_paste(job, (table[0], table[3])) == (), "a shadow without any cloud"
    other = TrainJob(image="i.tif", labels="l.tif")
    assert default_paste(other, table) == () and layout_classes(other) == ()


def test_scenes_classes_and_paste_come_from_one_layout(tmp_path: Path) -> None:
    folder(tmp_path, "train", "a")
    job = TrainJob(dataset=str(tmp_path))
    clouds = layout_classes(job)
    make(tmp_path, "ts_sn/b.tif", "tl_sn/b.tif")
    assert [scene.stem for scene in find_scenes(job)] == ["b"], "DualStream's folders go first"
    assert layout_classes(job) == () and default_paste(job, clouds) == ()


def test_scenes_to_segment(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="no raster to segment"):
        prediction_scenes(tmp_path / "nowhere")
    folder(tmp_path, "train", "a")
    with pytest.raises(LayoutError, match="no raster to segment"):
        prediction_scenes(tmp_path)
    found = prediction_scenes(tmp_path / "train")
    assert [(s.stem, s.labels, len(s.auxiliary)) for s in found] == [("a", "", 1)]
    assert (found[0].default_image_bands, found[0].default_auxiliary_bands) == ((1, 2, 3), (1,))
    assert found[0].image_bands == found[0].auxiliary_bands == (), "nobody has chosen any"
    folder(tmp_path, "test", "y", "x", "z", parts="rgb")
    make(tmp_path, "test/ngr/y.tif")
    found = prediction_scenes(tmp_path)
    assert [(s.stem, bool(s.auxiliary)) for s in found] == [("x", False), ("y", True), ("z", False)]
    plain = prediction_scenes(tmp_path / "test/rgb")
    assert [s.stem for s in plain] == [*"xyz"]
    assert not any(s.auxiliary or s.default_image_bands for s in plain)


@pytest.mark.parametrize(
    ("chosen", "read"),
    [
        (((), ()), ([1, 2, 3], [1])),
        (((1, 2, 3), (1,)), ([1, 2, 3], [1])),
        (((3, 2, 1), (2,)), ([3, 2, 1], [2])),
    ],
)
def test_a_model_s_own_bands_win_over_the_folder_s(
    tmp_path: Path, make_model: Callable[..., str], events: Any, chosen: Any, read: Any
) -> None:
    folder(tmp_path, "test", "a", parts="rgb ngr")
    (scene,) = prediction_scenes(tmp_path)
    path = make_model(3, 1)
    card = read_card(path)
    card = replace(
        card,
        image=replace(card.image, chosen=chosen[0], of=3),
        auxiliary=replace(card.auxiliary, chosen=chosen[1], of=3),
    )
    with open_streams(scene, {path: card}, events) as (streams,):
        assert streams.stack is not None
        assert (streams.image.indexes, streams.stack.rasters[0].indexes) == read
    make(tmp_path, "test/rgb/a.png", mode="L")
    with (
        pytest.raises(ModelFileError, match=r"trained on 3 image band.*a\.png has 1"),
        open_streams(scene, {path: card}, events),
    ):
        pass


def test_the_folder_s_bands_are_taken_of_files_with_more(
    tmp_path: Path, make_model: Callable[..., str], write_raster: Callable[..., str], events: Any
) -> None:
    write_raster("rgb/a.tif", np.zeros((4, 8, 8), np.uint8), photometric="minisblack")
    path = make_model(3, 0)
    (scene,) = prediction_scenes(tmp_path)
    with open_streams(scene, {path: read_card(path)}, events) as (streams,):
        assert streams.image.indexes == [1, 2, 3]


COLOURS = {0: (0, 0, 0), 1: (255, 0, 0), 2: (0, 255, 0), 3: (255, 255, 0)}


@pytest.fixture
def labelled(tmp_path: Path) -> np.ndarray:
    """Class values (96, 96) of a scene in a cloud folder, whose labels are yet to be saved."""
    values = np.zeros((96, 96), np.uint8)
    values[:60, :50], values[60:80], values[80:, :30] = 1, 2, 3
    folder(tmp_path, "train", "a")
    for part in ("rgb", "ngr"):
        noise = np.random.default_rng(0).integers(0, 255, (96, 96, 3)).astype(np.uint8)
        Image.fromarray(noise).save(tmp_path / f"train/{part}/a.png")
    return values


def surveyed(root: Path, **fields: Any) -> dict[int, int]:
    """Pixels of each class that a survey finds in the folder."""
    job = TrainJob(architecture="cmx-b0", dataset=str(root), tile_size=32, **fields)
    found = survey(job, find_scenes(job), streams_share_grid=True)
    train, held = found.counts(is_validation=False), found.counts(is_validation=True)
    return {value: train.get(value, 0) + held.get(value, 0) for value in {**train, **held}}


def totals(values: np.ndarray) -> dict[int, int]:
    return dict(zip(*(found.tolist() for found in np.unique(values, return_counts=True))))


def test_a_palette_is_only_a_way_to_store_the_colours(tmp_path: Path, labelled: np.ndarray) -> None:
    indices = np.array([7, 2, 3, 1], np.uint8)  # of each class in the palette: never its value
    palette = np.full((256, 3), 9, np.uint8)
    palette[indices] = [*COLOURS.values()]
    picture = Image.fromarray(indices[labelled])
    picture.putpalette(palette.ravel().tolist())
    path = tmp_path / "train/label/a.png"
    picture.save(path)
    assert surveyed(tmp_path) == totals(labelled)
    recoloured = ("1=dense=#123456",)
    assert surveyed(tmp_path, class_names=recoloured) == totals(labelled), "the layout's colours"
    picture.putpixel((40, 70), 5)
    picture.save(path)
    with pytest.raises(LabelError, match=r"a\.png .*#090909 at row 70, column 40"):
        surveyed(tmp_path)


def test_grey_labels_may_hold_the_layout_s_values_only(
    tmp_path: Path, labelled: np.ndarray
) -> None:
    path = tmp_path / "train/label/a.png"
    labelled[70:72, 40:96] = 9
    labelled[70:96, 40:42] = 9
    Image.fromarray(labelled).save(path)
    says = r"label.a\.png have the value 9 at row 70, column 40 .* or hold 0, 1, 2, 3\."
    with pytest.raises(LabelError, match=says):
        surveyed(tmp_path)
    found = surveyed(tmp_path, class_names=("9=snow",), validation_share=0.1)
    assert found == totals(labelled), "a class that the user adds"


def count_pixels(root: Path) -> dict[int, int]:
    """Pixels of each class in the label pictures of a folder, counted with Pillow."""
    totals = dict.fromkeys(COLOURS, 0)
    for path in (root / "label").iterdir():
        picture = np.asarray(Image.open(path).convert("RGB"))
        for value, colour in COLOURS.items():
            totals[value] += int((picture == colour).all(axis=-1).sum())
    assert sum(totals.values()) == 256 * 256 * len(list((root / "label").iterdir()))
    return totals


def test_the_real_clouds(data: Callable[[str], Path]) -> None:
    root = data("clouds")
    job = TrainJob(
        architecture="cmx-b0", dataset=str(root), tile_size=128, stream_dropout=0.0, epochs=1
    )
    found = survey(job, find_scenes(job), streams_share_grid=True)
    assert found.counts(is_validation=False) == count_pixels(root / "train")
    assert found.counts(is_validation=True) == count_pixels(root / "val")
    assert found.classes == layout_classes(job) and not found.warnings
    assert (found.image.bands, found.image.chosen, found.image.of) == (3, (1, 2, 3), 3)
    assert (found.auxiliary.bands, found.auxiliary.chosen, found.auxiliary.of) == (1, (1,), 3)
    assert found.auxiliary_tile_size == 128
    window = Window(60, 100, 128, 128)
    index = next(i for i, s in enumerate(found.scenes) if s.stem == "Forest_05_0415")
    sample = TrainingWindows(job, found).reader.read(index, window)
    for part, name in (("ngr", "auxiliary"), ("rgb", "image")):
        picture = np.asarray(Image.open(root / f"train/{part}/Forest_05_0415.png").convert("RGB"))
        cut = picture[60:188, 100:228].transpose(2, 0, 1)
        assert np.array_equal(sample[name], cut[:1] if part == "ngr" else cut)
    label = np.asarray(Image.open(root / "train/label/Forest_05_0415.png"))[60:188, 100:228]
    assert np.array_equal(np.array([*COLOURS.values()])[sample["target"]], label)
    assert len(np.unique(sample["target"])) > 1
