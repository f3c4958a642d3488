"""The survey: bands, tile sizes, classes and their names, and data that do not fit together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine

from engine.contract.architectures import architecture
from engine.contract.errors import JobError, LabelError, RasterError
from engine.contract.jobs import TrainJob
from engine.datasets.layouts import find_scenes
from engine.rasters.windows import Window
from engine.sampling import sample_reader
from engine.sampling.sample_reader import WindowReader
from engine.sampling.survey import Survey, survey
from engine.sampling.window_dataset import TrainingWindows
from tests.engine.synthetic import UTM_GRID

RED, GREEN = (255, 0, 0), (0, 255, 0)


def surveyed(**fields: Any) -> Survey:
    job = TrainJob(**{"tile_size": 64, **fields})
    share_grid = architecture(job.architecture).streams_share_grid
    return survey(job, find_scenes(job), streams_share_grid=share_grid)


@pytest.fixture
def scene(write_raster: Callable[..., str]) -> dict[str, Any]:
    """Four bands that tell their number, and coloured labels: red left, green right."""
    image = np.stack([np.full((128, 128), 10 * band, np.uint8) for band in (1, 2, 3, 4)])
    picture = np.zeros((3, 128, 128), np.uint8)
    picture[:, :, :40] = np.array(RED)[:, None, None]
    picture[:, :, 40:] = np.array(GREEN)[:, None, None]
    return {
        "image": write_raster("i.tif", image, photometric="minisblack"),
        "labels": write_raster("l.tif", picture),
        "class_names": ("1=left=#FF0000", "5=right=#00ff00"),
    }


def test_one_raster_gives_both_streams(scene: dict[str, Any]) -> None:
    both = {"auxiliary": (scene["image"],), "image_bands": (3, 1, 2), "auxiliary_bands": (4,)}
    result = surveyed(architecture="cmx-b0", **scene, **both)
    assert (result.image.bands, result.image.chosen, result.image.of) == (3, (3, 1, 2), 4)
    assert (result.auxiliary.bands, result.auxiliary.chosen, result.auxiliary.of) == (1, (4,), 4)
    assert result.image.band_names == ("band 3", "band 1", "band 2")
    assert result.auxiliary.band_names == ("i: band 4",)
    sample = WindowReader(result).read(0, Window(10, 20, 64, 64))
    assert [float(band.mean()) for band in sample["image"]] == [30, 10, 20]
    assert sample["auxiliary"].shape == (1, 64, 64) and (sample["auxiliary"] == 40).all()


def test_the_survey_knows_where_the_labels_lie(scene: dict[str, Any]) -> None:
    """The image is 1280 m wide, on 27.6 degrees north and 87 degrees east."""
    (ring,) = surveyed(**scene).outlines
    longitudes, latitudes = zip(*ring)
    assert min(longitudes) == pytest.approx(87.0, abs=1e-4)
    assert max(longitudes) - min(longitudes) == pytest.approx(0.013, rel=0.05)
    assert min(latitudes) < 27.57 < max(latitudes)


def test_bands_that_are_not_there_are_refused(scene: dict[str, Any]) -> None:
    with pytest.raises(RasterError, match=r"i\.tif has no band 5"):
        surveyed(**scene, image_bands=(5,))
    with pytest.raises(JobError, match="auxiliary bands but no auxiliary raster"):
        surveyed(**scene, auxiliary_bands=(4,))


def test_twin_encoders_see_both_streams_in_tiles_of_one_size(
    scene: dict[str, Any], write_raster: Callable[..., str]
) -> None:
    coarse = np.ones((8, 8), np.float32)
    stack = (write_raster("a.tif", coarse, transform=UTM_GRID @ Affine.scale(16)),)
    assert surveyed(**scene, auxiliary=stack).auxiliary_tile_size == 8
    twin = {"architecture": "cmx-b0", "auxiliary": stack, **scene}
    assert surveyed(**twin).auxiliary_tile_size == 64


def test_names_and_colours_come_from_the_user_s_table(scene: dict[str, Any]) -> None:
    result = surveyed(**scene)
    table = [(c.value, c.name, c.colour.lower()) for c in result.classes]
    assert table == [(1, "left", "#ff0000"), (5, "right", "#00ff00")]
    totals = {v: result.counts(False)[v] + result.counts(True)[v] for v in (1, 5)}
    assert totals == {1: 40 * 128, 5: 88 * 128}


def test_wrong_tables_are_refused(scene: dict[str, Any]) -> None:
    def refuse(kind: type[Exception], says: str, *names: str) -> None:
        with pytest.raises(kind, match=says):
            surveyed(**{**scene, "class_names": names})

    refuse(LabelError, "no colour is known")
    refuse(LabelError, "no colour is known", "1=left", "5=right")
    refuse(LabelError, "#00ff00 at row 0, column 40", "1=left=#ff0000")
    refuse(JobError, "colour #FF0000 stands for two classes, 1 and 5", "1=l=#ff0000", "5=r=#FF0000")
    refuse(JobError, "colour 'red' of class 1", "1=left=red", "5=right=#00ff00")
    refuse(LabelError, "'fog' .* has no labelled pixel", *scene["class_names"], "7=fog=#777777")


@pytest.fixture
def clouds(write_raster: Callable[..., str], tmp_path: Path) -> Path:
    """The clouds' folders with black, red and green in training, and yellow in validation only."""
    for split, colours in (
        ("train", ((0, 0, 0), RED, GREEN)),
        ("val", ((0, 0, 0), RED, (255, 255, 0))),
    ):
        picture = np.zeros((3, 64, 64), np.uint8)
        for place, colour in enumerate(colours):
            picture[:, :, 20 * place : 20 * place + 20] = np.array(colour)[:, None, None]
        for part in ("rgb", "ngr"):
            write_raster(f"{split}/{part}/a.tif", np.full((3, 64, 64), 9, np.uint8))
        write_raster(f"{split}/label/a.tif", picture)
    return tmp_path


def test_classes_of_the_layout_that_do_not_occur_are_left_out_and_told(clouds: Path) -> None:
    result = surveyed(dataset=str(clouds))
    assert [c.name for c in result.classes] == ["background", "thick cloud", "thin cloud"]
    assert result.absent == ("cloud shadow",) and "cloud shadow" in result.warnings[0]
    target = WindowReader(result).read(1, Window(0, 0, 64, 64))["target"]
    assert (target[:, 40:60] < 0).all() and (target[:, :40] >= 0).all()
    with pytest.raises(LabelError, match="'shade' .* has no labelled pixel"):
        surveyed(dataset=str(clouds), class_names=("3=shade",))
    renamed = surveyed(dataset=str(clouds), class_names=("1=dense=#00ffff",))
    assert (renamed.classes[1].name, renamed.classes[1].colour) == ("dense", "#00ffff")
    assert renamed.counts(False) == result.counts(False), "the labels' colours stay known"
    renamed = surveyed(dataset=str(clouds), class_names=("0=clear sky",))
    shown = [(entry.name, entry.is_background) for entry in renamed.classes]
    assert shown == [("clear sky", True), ("thick cloud", False), ("thin cloud", False)]
    with pytest.raises(JobError, match="#00FF00 stands for two classes, 2 and 1"):
        surveyed(dataset=str(clouds), class_names=("1=dense=#00FF00",))


def test_merged_and_ignored_classes_are_so_everywhere(clouds: Path) -> None:
    """In the survey's counts and class table, and in the windows that training and validation read."""
    plain = surveyed(dataset=str(clouds)).counts(False)
    whole = Window(0, 0, 64, 64)
    merged = surveyed(dataset=str(clouds), merge=("thick cloud+2=cloud",))
    assert [(c.value, c.name) for c in merged.classes] == [(0, "background"), (1, "cloud")]
    assert merged.counts(False) == {0: plain[0], 1: plain[1] + plain[2]}
    assert merged.absent == ("cloud shadow",)
    target = WindowReader(merged).read(0, whole)["target"]
    assert (target[:, 20:60] == 1).all()
    given = surveyed(
        dataset=str(clouds), class_names=("2=haze=#123456", "1=cloud"), merge=("1+haze=haze",)
    )
    assert (given.classes[1].name, given.classes[1].colour) == ("haze", "#123456")
    ignored = surveyed(dataset=str(clouds), ignore=("thick cloud", "cloud shadow"))
    assert [c.value for c in ignored.classes] == [0, 2] and ignored.absent == ()
    assert ignored.counts(False) == {0: plain[0], 2: plain[2]}
    target = WindowReader(ignored).read(0, whole)["target"]
    assert (target[:, 20:40] < 0).all() and (target[:, 40:60] == 1).all()
    with pytest.raises(LabelError, match="'fog' .value 7. has no labelled pixel to train on"):
        surveyed(dataset=str(clouds), merge=("7=fog",))
    with pytest.raises(JobError, match="'fog', but the labels have .*, thin cloud"):
        surveyed(dataset=str(clouds), ignore=("fog",))


def test_a_scene_s_colour_that_is_no_class_is_named(clouds: Path) -> None:
    with rasterio.open(clouds / "train/label/a.tif", "r+") as file:
        file.write(np.full((1, 1), 3, np.uint8), 1, window=((30, 31), (50, 51)))
    with pytest.raises(LabelError, match=r"a\.tif .*#03ff00 at row 30, column 50"):
        surveyed(dataset=str(clouds))


@pytest.mark.parametrize("date", ["2020-06-27", "2020-07-22"])
def test_a_real_pair_of_other_types_shares_the_image_s_tiles(
    data: Callable[[str], Path], write_raster: Callable[..., str], date: str
) -> None:
    folder = data(f"clouds/scenes/{date}")
    result = surveyed(
        architecture="cmx-b0",
        image=str(folder / "RGB.tif"),
        auxiliary=(str(folder / "B08.tif"),),
        labels=str(folder / "SCL.tif"),
        tile_size=256,
    )
    assert result.image.dtype == "uint8" and result.auxiliary_tile_size == 256
    sample = WindowReader(result).read(0, Window(300, 200, 256, 256))
    for name, part in (("RGB", "image"), ("B08", "auxiliary")):
        with rasterio.open(folder / f"{name}.tif") as file:
            expected = file.read()[:, 300:556, 200:456]
        assert np.array_equal(sample[part], expected)
    assert sample["auxiliary"].max() > 255, "16 bit"


def test_open_scenes_keep_a_bounded_amount_in_memory(
    write_raster: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).integers(0, 2, (64, 64)).astype(np.uint8)
    rows = ["image,labels,auxiliary"]
    for number in range(8):
        write_raster(f"i{number}.tif", noise)
        coarse = np.full((32, 32), number, np.float32)
        write_raster(f"a{number}.tif", coarse, transform=UTM_GRID @ Affine.scale(2))
        rows.append(f"i{number}.tif,i{number}.tif,a{number}.tif")
    (tmp_path / "scenes.csv").write_text("\n".join(rows))
    job = TrainJob(dataset=str(tmp_path / "scenes.csv"), tile_size=64)
    windows = TrainingWindows(job, survey(job, find_scenes(job)))
    reader, each = windows.reader, 4 * 32 * 32
    monkeypatch.setattr(sample_reader, "_OPEN_BYTES", 3 * each)
    for number in range(8):
        reader.image(number)  # open before any coarse raster is in memory
    for number in (*range(8), 0, 5):
        sample = reader.read(number, Window(0, 0, 64, 64))
        assert (sample["auxiliary"] == number).all()
        assert sum(opened.memory_bytes for opened in reader._scenes.values()) <= 4 * each
    assert list(reader._scenes) == [7, 0, 5], "those that were read last"
