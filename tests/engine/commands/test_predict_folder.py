"""A folder becomes pictures and a submission that say what ``segment`` says, scene by scene."""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.__main__ import main
from engine.commands.predict_folder import predict_folder
from engine.commands.segment import segment
from engine.contract.card_reader import read_card
from engine.contract.errors import EngineError, JobError, LayoutError, ModelFileError, RasterError
from engine.contract.jobs import PredictFolderJob, SegmentJob
from engine.contract.protocol import Metric, Progress, Warned
from engine.datasets.rle import decode
from engine.models.model_file import load_model, save_model
from tests.engine.synthetic import read_band

pytestmark = pytest.mark.usefixtures("whole_tile_networks")

#: Values that are not the classes' indices, so that one cannot stand for the other.
CLOUDS = {"classes": ("clear", "thick", "thin", "shadow"), "values": (0, 2, 5, 9)}
SHAPES = {"a": (70, 90), "b": (64, 64), "c": (150, 40)}


@pytest.fixture
def folder(tmp_path) -> Path:
    """Three scenes of different shapes: smooth noise as PNG, three bands in both folders."""
    noise = np.random.default_rng(0)
    for stem, (height, width) in SHAPES.items():
        for name in ("rgb", "ngr"):
            small = noise.integers(0, 255, (height // 10, width // 10, 3)).astype(np.uint8)
            path = tmp_path / "in" / "test" / name / f"{stem}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC).save(path)
    return tmp_path / "in"


@pytest.fixture
def clouds(make_model) -> str:
    return make_model(3, 1, **CLOUDS)


def job_for(model: str, dataset: Path, output: Path, **fields: Any) -> PredictFolderJob:
    return PredictFolderJob(checkpoint=(model,), dataset=str(dataset), output=str(output), **fields)


def segmented(model: str, image: Path, tmp_path: Path, **changes: Any) -> np.ndarray:
    """The mask that ``segment`` makes of the same two files."""
    infrared = image.parents[1] / "ngr" / image.name
    fields = {"auxiliary": (str(infrared),), "auxiliary_bands": (1,), **changes}
    output = str(tmp_path / "mask.tif")
    segment(
        SegmentJob(model=(model,), image=str(image), output=output, **fields), lambda event: None
    )
    return read_band(output)


def rows_of(path: Path) -> dict[tuple[str, int], str]:
    with path.open(newline="") as file:
        table = csv.DictReader(file)
        assert table.fieldnames == ["image_id", "class", "rle"]
        return {(row["image_id"], int(row["class"])): row["rle"] for row in table}


@pytest.mark.parametrize("order", ["row", "column"])
def test_pictures_and_submission_say_what_segment_says(
    folder, clouds, events, tmp_path, order
) -> None:
    out = tmp_path / "out"
    done = predict_folder(job_for(clouds, folder, out, order=order), events)
    rows = rows_of(out / "submission.csv")
    assert [*rows] == [(stem, value) for stem in SHAPES for value in (2, 5, 9)]
    found = set()
    for stem, shape in SHAPES.items():
        mask = segmented(clouds, folder / "test" / "rgb" / f"{stem}.png", tmp_path)
        with Image.open(out / "results" / f"{stem}.png") as picture:
            assert picture.mode == "RGB" and picture.size == shape[::-1]
            colours = np.asarray(picture)
        for entry in read_card(clouds).classes:
            assert ((colours == entry.rgb).all(axis=2) == (mask == entry.value)).all()
        for value in (2, 5, 9):
            assert (decode(rows[stem, value], *shape, order) == (mask == value)).all()
        found |= set(np.unique(mask))
    assert len(found) > 1, "a mask of one class shows nothing"
    assert done.outputs["scenes"] == 3 and done.outputs["seconds"] > 0
    lines = events.messages(Metric)
    assert sum(line.startswith("Runtime: ") for line in lines) == 1, lines
    assert Path(done.outputs["submission"]) == out / "submission.csv"
    assert sorted(p.name for p in out.rglob("*.*")) == ["a.png", "b.png", "c.png", "submission.csv"]


def test_progress_runs_over_all_scenes(folder, clouds, events, tmp_path) -> None:
    job = job_for(clouds, folder, tmp_path / "out", batch_size=1, overlap=0)
    predict_folder(job, events)
    first, *progress = events.of(Progress)
    assert first == Progress(0.0, "Reading the models and the folder") == events.heard[0]
    shares = [event.fraction for event in progress]
    assert shares == sorted(shares) and shares[-1] == 1
    first, *tiles = progress
    assert first.message.startswith("Loading ")
    assert len(tiles) == 2 * 2 + 1 + 3, "a batch is one tile: 2 x 2, 1 and 3 of them"
    assert tiles[0].message.startswith("scene 1 of 3, a: tile 1 of 4")


@pytest.mark.parametrize("values", [(0, 2, 5, 9), (1, 2, 5, 9)])
def test_pixels_without_a_value_are_background_or_nothing(
    write_raster, make_model, events, tmp_path, values
) -> None:
    """The background is the class of value 0, at any position; without one every class has rows."""
    image = np.random.default_rng(1).integers(1, 3000, (4, 70, 90)).astype(np.uint16)
    image[:, 20:50, 30:60] = 0
    write_raster("in/hole.tif", image, nodata=0)
    model = make_model(auxiliary=0, **{**CLOUDS, "values": values})
    out = tmp_path / "out"
    predict_folder(job_for(model, tmp_path / "in", out), events)
    alone = {"auxiliary": (), "auxiliary_bands": ()}
    mask = segmented(model, tmp_path / "in" / "hole.tif", tmp_path, **alone)
    assert (mask[20:50, 30:60] == 255).all() and (mask == 255).sum() == 900
    picture = Image.open(out / "results" / "hole.png")
    colours = np.asarray(picture)
    if 0 in values:
        assert picture.mode == "RGB"
        mask[mask == 255] = 0
    else:
        assert picture.mode == "RGBA"
        assert ((colours[..., 3] == 0) == (mask == 255)).all()
        assert set(np.unique(colours[..., 3])) == {0, 255}
    for entry in read_card(model).classes:
        is_class = (colours[..., :3] == entry.rgb).all(axis=2)
        assert (is_class == (mask == entry.value)).all()
    rows = rows_of(out / "submission.csv")
    assert [*rows] == [("hole", value) for value in values if value > 0]
    for (_, value), text in rows.items():
        assert (decode(text, 70, 90) == (mask == value)).all()


@pytest.mark.parametrize(
    ("layout", "values", "expected"),
    [
        ("test", (0, 1, 3), (1, 2, 3)),
        ("", (0, 1, 3), (1, 2, 3)),
        ("", (1, 2), (1, 2, 3)),
        ("plain", (0, 1, 3), (1, 3)),
        ("test", (0, 1, 5), (1, 5)),
    ],
)
def test_classes_of_the_layout_that_the_model_does_not_know_have_empty_rows(
    folder, make_model, events, tmp_path, layout, values, expected
) -> None:
    """``layout`` is how the folder is given: by test/rgb, by rgb, or as images and nothing else."""
    dataset = {"test": folder, "": folder / "test", "plain": folder / "test" / "rgb"}[layout]
    names = [f"class {value}" for value in values]
    model = make_model(3, 0, classes=names, values=values)
    predict_folder(job_for(model, dataset, tmp_path / "out"), events)
    rows = rows_of(tmp_path / "out" / "submission.csv")
    assert [*rows] == [(stem, value) for stem in SHAPES for value in expected]
    pictures = tmp_path / "out" / "submission_pictures.csv"
    assert pictures.exists() == (expected == (1, 2, 3))
    if pictures.exists():
        lines = pictures.read_text().splitlines()
        assert lines[0] == "Image_Label,EncodedPixels"
        assert [line.split(",")[0] for line in lines[1:]] == ["a.png", "b.png", "c.png"]
    assert {rows[stem, value] for stem in SHAPES for value in expected if value not in values} <= {
        "-1"
    }


def test_a_second_run_leaves_nothing_of_the_first_once_it_starts(
    folder, clouds, make_model, events, tmp_path
) -> None:
    out = tmp_path / "out"
    job = job_for(clouds, folder, out)
    predict_folder(job, events)
    (out / "results" / "other.png").write_text("of another folder")

    def written() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in out.rglob("*.*")}

    first = written()
    messages = {
        make_model(4, 1, name="4.safetensors"): r"trained on 4 image band.*a\.png has 3",
        make_model(3, 2, name="2.safetensors"): r"trained on 2 auxiliary band.*given have 1",
        str(tmp_path / "no.safetensors"): "no model file",
    }
    for changes, says in [
        ({"overlap": 33}, "overlap must be"),
        *(({"checkpoint": (model,)}, says) for model, says in messages.items()),
    ]:
        with pytest.raises(EngineError, match=says):
            predict_folder(replace(job, **changes), events)
        assert written() == first, "what does not fit costs nothing"
    (folder / "test" / "rgb" / "a.png").write_bytes(b"no picture")
    with pytest.raises(RasterError, match=r"1 of 3 .*No submission was written.*others are in"):
        predict_folder(job, events)
    assert sorted(written()) == ["b.png", "c.png", "other.png"]


def test_a_first_scene_unlike_the_others_is_left_out(folder, make_model, events, tmp_path) -> None:
    Image.new("L", (64, 64)).save(folder / "test" / "rgb" / "a.png")
    job = job_for(make_model(3, 0, **CLOUDS), folder / "test" / "rgb", tmp_path / "out")
    with pytest.raises(RasterError, match="1 of 3 scene.*: a;"):
        predict_folder(replace(job, output=str(tmp_path / "out")), events)
    assert [path.name for path in sorted((tmp_path / "out").rglob("*.*"))] == ["b.png", "c.png"]


def test_the_ground_resolution_is_matched_unless_forbidden(
    write_raster, make_model, events, tmp_path
) -> None:
    """Noise of 10 m a pixel, a model of 5 m: each tile spans half as much, and says something else."""
    pixels = np.random.default_rng(4).integers(1, 3000, (4, 96, 96)).astype(np.uint16)
    image = write_raster("in/noise.tif", pixels)
    model = make_model(auxiliary=0, **CLOUDS)
    network, card = load_model(model)
    save_model(Path(model), network, replace(card, image=replace(card.image, ground=5.0)))
    found = []
    for match in (True, False):
        out = tmp_path / str(match)
        job = job_for(model, tmp_path / "in", out, match_resolution=match)
        predict_folder(job, events)
        rows = rows_of(out / "submission.csv")
        alone = {"auxiliary": (), "auxiliary_bands": (), "match_resolution": match}
        mask = segmented(model, Path(image), tmp_path, **alone)
        for (_, value), text in rows.items():
            assert (decode(text, 96, 96) == (mask == value)).all()
        found.append(mask)
    assert (found[0] != found[1]).any()


def test_earlier_pictures_that_cannot_be_removed_are_named(
    folder, clouds, events, tmp_path
) -> None:
    (tmp_path / "out" / "results" / "b.png").mkdir(parents=True)
    with pytest.raises(JobError, match=r"b\.png cannot be removed"):
        predict_folder(job_for(clouds, folder, tmp_path / "out"), events)


def test_a_damaged_scene_is_named_and_the_others_finish(folder, clouds, capfd, tmp_path) -> None:
    damaged, out = folder / "test" / "rgb" / "b.png", tmp_path / "out"
    damaged.write_bytes(damaged.read_bytes()[:900])
    (folder / "test" / "ngr" / "c.png").write_bytes(b"no picture")
    options = ("--checkpoint", clouds, "--dataset", str(folder), "--output", str(out))
    assert main(["predict-folder", *options]) == EngineError.exit_code
    stderr = capfd.readouterr().err
    assert f"The scene b is left out. {damaged} cannot be read" in stderr
    assert (
        "The scene c is left out." in stderr
        and f"{Path('ngr', 'c.png')} cannot be opened" in stderr
    )
    assert "Error: 2 of 3 scenes could not be segmented: b, c;" in stderr
    assert [path.name for path in out.rglob("*.*")] == ["a.png"]


def test_an_image_only_model_leaves_the_infrared_alone(
    folder, make_model, events, tmp_path
) -> None:
    model = make_model(3, 0, **CLOUDS)
    predict_folder(job_for(model, folder, tmp_path / "out"), events)
    warned = events.messages(Warned)
    assert len([text for text in warned if "trained without auxiliary rasters" in text]) == 1


def test_what_does_not_fit_is_refused(folder, clouds, make_model, events, tmp_path) -> None:
    def refuse(kind: type[EngineError], says: str, **changes: Any) -> None:
        fields = {"checkpoint": (clouds,), "dataset": str(folder), "output": str(tmp_path / "out")}
        with pytest.raises(kind, match=says):
            predict_folder(PredictFolderJob(**{**fields, **changes}), events)

    for name in ("checkpoint", "dataset", "output"):
        refuse(JobError, f"{name} is missing", **{name: ""})
    refuse(JobError, "order must be row or column, not diagonal", order="diagonal")
    refuse(JobError, "overlap must be from 0", overlap=33)
    refuse(
        JobError,
        r"batch_size must be a whole number from 1 to 65536 \(0: automatic\), not -1",
        batch_size=-1,
    )
    refuse(ModelFileError, "no model file", checkpoint=(str(tmp_path / "nowhere.safetensors"),))
    refuse(LayoutError, "no raster to segment", dataset=str(tmp_path / "nowhere"))
    refuse(JobError, "cannot be written", output=clouds)
    (tmp_path / "x" / "results").mkdir(parents=True)
    Image.new("RGB", (9, 9)).save(tmp_path / "x" / "results" / "i.png")
    results = {"dataset": str(tmp_path / "x" / "results"), "output": str(tmp_path / "x")}
    refuse(JobError, "i.png is also an input", **results)
    for stem in SHAPES:
        damaged = folder / "test" / "rgb" / f"{stem}.png"
        damaged.write_bytes(damaged.read_bytes()[:900])
    refuse(RasterError, r"a\.png cannot be read")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("order", ["row", "column"])
def test_a_competition_gets_one_mask_an_image_in_the_table_s_order(
    data, make_model, events, tmp_path, order
) -> None:
    source, root, out = data("buildings_rle"), tmp_path / "in", tmp_path / "out"
    (root / "test_img").mkdir(parents=True)
    stems = ("TEST_00003", "TEST_00000")
    for stem in stems:
        (root / "test_img" / f"{stem}.png").write_bytes(
            (source / "test_img" / f"{stem}.png").read_bytes()
        )
    (root / "test.csv").write_text(
        f"img_id,img_path\nlast,./test_img/{stems[0]}.png\n{stems[1]},./test_img/{stems[1]}.png\n"
    )
    model = make_model(3, 0, classes=("background", "roof", "shed"), values=(0, 1, 4), tile=128)
    network, card = load_model(model)
    network.image_normalisation.set([128.0] * 3, [64.0] * 3)
    save_model(model, network, card)
    job = job_for(model, root, out, order=order)
    done = predict_folder(job, events)
    rows = list(csv.reader((out / "submission.csv").read_text().splitlines()))
    assert [row[0] for row in rows] == ["img_id", "last", stems[1]]
    assert rows[0] == ["img_id", "mask_rle"] and done.outputs["scenes"] == 2
    assert sorted(path.name for path in (out / "results").iterdir()) == [
        f"{stems[1]}.png",
        "last.png",
    ]
    found = set()
    for stem, (_, text) in zip(stems, rows[1:]):
        image = root / "test_img" / f"{stem}.png"
        mask = segmented(model, image, tmp_path, auxiliary=(), auxiliary_bands=())
        assert (decode(text, 224, 224, order) == (mask != 0)).all()
        found |= set(np.unique(mask))
    assert len(found & {1, 4}) and 0 in found, "a mask of one class shows nothing"


def test_real_clouds(data, make_model, tmp_path) -> None:
    stems = ("Forest_00_1008", "Water_11_0728")
    for name in ("rgb", "ngr"):
        (tmp_path / "in" / name).mkdir(parents=True)
        for stem in stems:
            path = tmp_path / "in" / name / f"{stem}.png"
            shutil.copyfile(data(f"clouds/val/{name}/{stem}.png"), path)
    out, model = tmp_path / "out", make_model(3, 1, tile=128, **CLOUDS)
    options = ("--model", model, "--dataset", str(tmp_path / "in"), "--output", str(out))
    assert main(["predict-folder", *options]) == 0
    rows = rows_of(out / "submission.csv")
    assert [*rows] == [(stem, value) for stem in stems for value in (2, 5, 9)]
    classes = {entry.value: entry.rgb for entry in read_card(model).classes}
    for (stem, value), text in rows.items():
        colours = np.asarray(Image.open(out / "results" / f"{stem}.png"))
        assert (decode(text, 256, 256) == (colours == classes[value]).all(axis=2)).all()
