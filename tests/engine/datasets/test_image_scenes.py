"""Several images, one by one or by folder, and the labels that belong to all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.contract.errors import EngineError, JobError, LayoutError
from engine.contract.job_json import from_json, to_json
from engine.contract.jobs import TrainJob
from engine.contract.scene import Scene
from engine.datasets.layouts import find_scenes


@pytest.fixture
def tiles(tmp_path: Path) -> Path:
    """A folder of two tiles with a class raster of both, and a folder of class rasters."""
    for name in ("t/a.tif", "t/b.jpg", "t/b.jpg.aux.xml", "t/truth.tif", "l/a.png", "l/b.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def scenes(*images: Path | str, labels: Path | str, **more: tuple[str, ...]) -> list[Scene]:
    return find_scenes(TrainJob(image=tuple(map(str, images)), labels=str(labels), **more))


def test_a_folder_means_its_rasters_but_not_their_labels(tiles: Path) -> None:
    labels, stack = str(tiles / "t" / ".." / "t" / "truth.tif"), ("air.tif",)
    found = scenes(tiles / "t", "more.tif", labels=labels, auxiliary=stack)
    names = [str(tiles / "t/a.tif"), str(tiles / "t/b.jpg"), "more.tif"]
    assert found == [Scene(name, labels, stack) for name in names]


def test_a_folder_of_class_rasters_is_matched_by_name(tiles: Path) -> None:
    found = scenes(tiles / "t" / "b.jpg", tiles / "t" / "a.tif", labels=tiles / "l")
    assert [Path(scene.labels).name for scene in found] == ["b.png", "a.png"]


def test_doubles_and_missing_labels_are_refused(tiles: Path) -> None:
    def refuse(kind: type[EngineError], says: str, *images: Path | str) -> None:
        with pytest.raises(kind, match=says):
            scenes(*images, labels=tiles / "l")

    a, again = tiles / "t" / "a.tif", tiles / "l" / ".." / "t" / "a.tif"
    refuse(JobError, r"a\.tif is given twice", a, again)
    refuse(JobError, r"a\.tif and .*a\.tif have one name", a, "elsewhere/a.tif")
    refuse(LayoutError, r"l lacks the labels of 1 image, first of 'c'", a, "c.tif")
    refuse(LayoutError, r"l lacks the labels of 1 image, first of 'truth'", tiles / "t")


def test_one_image_may_still_be_written_as_a_text() -> None:
    for job in (TrainJob(image="i.tif"), from_json(TrainJob, '{"image": "i.tif"}')):
        assert job == TrainJob(image=("i.tif",)) == from_json(TrainJob, to_json(job))
    assert TrainJob(image="").image == from_json(TrainJob, '{"image": ""}').image == ()


def test_a_folder_of_labels_may_lack_images_that_have_corrections(tiles: Path) -> None:
    images = (str(tiles / "t" / "a.tif"), str(tiles / "t" / "c.tif"))
    (tiles / "t" / "c.tif").touch()

    def find(corrected: str) -> list[Scene]:
        folder = tiles / f"corrections-{corrected}"
        folder.mkdir()
        (folder / f"{corrected}.tif").touch()
        job = TrainJob(
            image=images,
            labels=(str(tiles / "l"),),
            corrections=(str(folder),),
            checked=(str(tiles / "squares.gpkg"),),
        )
        return find_scenes(job)

    first, second = find("c")
    assert first.labels and not first.corrections
    assert not second.labels and second.corrections
    with pytest.raises(LayoutError, match=r"l lacks the labels of 1 image, first of 'c'"):
        find("a")
