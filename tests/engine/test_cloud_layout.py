"""The clouds' folders become scenes: infrared from its own picture, labels by their colours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.config import TrainJob
from engine.dataset import TrainingWindows
from engine.errors import LayoutError
from engine.layouts import default_paste, layout_classes, prediction_scenes, scenes_of
from engine.scenes import Scene
from engine.survey import survey
from engine.windows import Window


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def folder(root: Path, split: str, *stems: str, parts: str = "rgb ngr label") -> None:
    make(root, *(f"{split}/{part}/{stem}.png" for part in parts.split() for stem in stems))


def test_scenes_match_by_stem_and_have_their_bands(tmp_path: Path) -> None:
    folder(tmp_path, "train", "b", "a")
    folder(tmp_path, "valid", "c")
    folder(tmp_path, "test", "d", parts="rgb ngr")
    first, second, held = scenes_of(TrainJob(dataset=str(tmp_path)))
    assert first == Scene(
        str(tmp_path / "train/rgb/a.png"),
        str(tmp_path / "train/label/a.png"),
        (str(tmp_path / "train/ngr/a.png"),),
        "train",
        (1, 2, 3),
        (1,),
    )
    assert second.stem == "b" and held.split == "validation" and held.stem == "c"


def test_the_job_s_bands_win(tmp_path: Path) -> None:
    folder(tmp_path, "train", "a")
    job = TrainJob(dataset=str(tmp_path), image_bands=(3, 2), auxiliary_bands=(2,))
    (scene,) = scenes_of(job)
    assert scene.image_bands == (3, 2) and scene.auxiliary_bands == (2,)
    assert scene.split == "", "without a validation folder: split in blocks"


def test_incomplete_folders(tmp_path: Path) -> None:
    folder(tmp_path, "train", "a", "b")
    (tmp_path / "train/ngr/b.png").unlink()
    assert [bool(s.auxiliary) for s in scenes_of(TrainJob(dataset=str(tmp_path)))] == [True, False]
    (tmp_path / "train/ngr/a.png").rename(tmp_path / "train/ngr/a_nir.png")
    with pytest.raises(LayoutError, match=r"No file in .*ngr has the name of an image in .*rgb"):
        scenes_of(TrainJob(dataset=str(tmp_path)))
    (tmp_path / "train/ngr/a_nir.png").unlink()
    (tmp_path / "train/label/a.png").unlink()
    with pytest.raises(LayoutError, match=r"No file in .*ngr|label lacks the labels of 1 .*'a'"):
        scenes_of(TrainJob(dataset=str(tmp_path)))
    (tmp_path / "train/ngr").rmdir()
    with pytest.raises(LayoutError, match="label lacks the labels of 1 .*'a'"):
        scenes_of(TrainJob(dataset=str(tmp_path)))
    for path in (tmp_path / "train/rgb").iterdir():
        path.unlink()
    with pytest.raises(LayoutError, match="holds no raster to train on"):
        scenes_of(TrainJob(dataset=str(tmp_path)))


def test_the_layout_says_its_classes_and_what_to_paste(tmp_path: Path) -> None:
    folder(tmp_path, "train", "a")
    job = TrainJob(dataset=str(tmp_path))
    assert [(c.value, c.name, c.colour) for c in layout_classes(job)] == [
        (0, "background", "#000000"),
        (1, "thick cloud", "#ff0000"),
        (2, "thin cloud", "#00ff00"),
        (3, "cloud shadow", "#ffff00"),
    ]
    assert default_paste(job) == ("thick cloud", "thin cloud:soft", "cloud shadow:companion")
    renamed = TrainJob(dataset=str(tmp_path), class_names=("3=shade", "9=snow"))
    assert default_paste(renamed)[2] == "shade:companion"
    assert default_paste(TrainJob(dataset=str(tmp_path), paste=("snow",))) == ("snow",)
    table = layout_classes(job)
    assert default_paste(job, table) == default_paste(job)
    assert default_paste(job, table[:3]) == ("thick cloud", "thin cloud:soft")
    assert default_paste(job, (table[0], table[3])) == (), "a shadow without any cloud"
    other = TrainJob(image="i.tif", labels="l.tif")
    assert default_paste(other) == () and layout_classes(other) == ()


def test_scenes_to_segment(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="no raster to segment"):
        prediction_scenes(tmp_path / "nowhere")
    folder(tmp_path, "train", "a")
    with pytest.raises(LayoutError, match="no raster to segment"):
        prediction_scenes(tmp_path)
    found = prediction_scenes(tmp_path / "train")
    assert [(s.stem, s.labels, len(s.auxiliary), s.auxiliary_bands) for s in found] == [
        ("a", "", 1, (1,))
    ]
    folder(tmp_path, "test", "y", "x", "z", parts="rgb")
    make(tmp_path, "test/ngr/y.tif")
    found = prediction_scenes(tmp_path)
    assert [(s.stem, bool(s.auxiliary)) for s in found] == [("x", False), ("y", True), ("z", False)]
    plain = prediction_scenes(tmp_path / "test/rgb")
    assert [(s.stem, s.auxiliary, s.image_bands) for s in plain] == [(n, (), ()) for n in "xyz"]


COLOURS = {0: (0, 0, 0), 1: (255, 0, 0), 2: (0, 255, 0), 3: (255, 255, 0)}


def counted(root: Path) -> dict[int, int]:
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
    found = survey(job, scenes_of(job))
    assert found.counts(is_validation=False) == counted(root / "train")
    assert found.counts(is_validation=True) == counted(root / "val")
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
