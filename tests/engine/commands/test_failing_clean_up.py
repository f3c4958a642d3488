"""A disk that fails during a run: the one sentence at its end is about the first failure, whatever fails after it."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import rasterio
from PIL import Image

from engine.command_line.registry import PROBLEM, run_to_end, verb_function
from engine.contract.checkpoint_files import NO_REPORT
from engine.contract.file_jobs import (
    EvaluateJob,
    ExportJob,
    ImportJob,
    InfoJob,
    PolygonsJob,
    SketchJob,
    SuggestJob,
)
from engine.contract.jobs import PredictFolderJob, SegmentFolderJob, SegmentJob, TrainJob
from engine.contract.protocol import Failed, Warned
from engine.runtimes.user_cache import VARIABLE
from tests.engine.failing_disk import ERRORS, FIRST, LATER, FailingDisk
from tests.engine.onnx_networks import MEAN, STD, class_names, network, write
from tests.engine.small_network import use_small_networks
from tests.engine.synthetic import UTM, UTM_GRID, squares


class Outcome(NamedTuple):
    """The end of a run: its exit code, its last sentence, its warnings, and the traceback of a defect."""

    exit_code: int
    message: str
    warnings: tuple[str, ...]
    details: str

    @property
    def tells_first(self) -> bool:
        """Whether the user is told of the first failure."""
        return any(FIRST in text for text in (self.message, *self.warnings))


def run(verb: str, job: Any, listen: Callable[[Any], object] = lambda event: None) -> Outcome:
    """Runs a verb to its end; ``listen`` is called with its events."""
    warnings: list[str] = []

    def emit(event: Any) -> None:
        if isinstance(event, Warned):
            warnings.append(event.message)
        listen(event)

    result = run_to_end(lambda: verb_function(verb)(job, emit))
    details = result.event.details if isinstance(result.event, Failed) else ""
    return Outcome(result.exit_code, result.event.message, tuple(warnings), details)


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An image, labels, models, a mask and pictures."""
    folder = tmp_path_factory.mktemp("bed")
    noise = np.random.default_rng(0)
    labels = squares(noise, 6, 3)
    image = (noise.normal(60, 10, (3, *labels.shape)) + 40.0 * labels).clip(1, 255).astype(np.uint8)
    (folder / "scenes").mkdir()
    (folder / "pictures").mkdir()
    for name, values in (("image", image), ("labels", labels[None]), ("scenes/a", image)):
        _write_raster(folder / f"{name}.tif", values)
    Image.fromarray(np.moveaxis(image, 0, 2)).save(folder / "pictures" / "a.png")
    for name in ("one", "two"):
        weights = write(folder / f"{name}.onnx", network())
        given = {"mean": MEAN, "std": STD, "class_names": class_names(3)}
        job = ImportJob(weights=weights, output=str(folder / f"{name}.safetensors"), **given)
        assert run("import", job).exit_code == 0
    mask = str(folder / "mask.tif")
    model, scene = (str(folder / "one.safetensors"),), str(folder / "image.tif")
    assert run("segment", SegmentJob(model=model, image=scene, output=mask)).exit_code == 0
    return folder


def _write_raster(path: Path, values: Any) -> None:
    count, height, width = values.shape
    settings = {"driver": "GTiff", "crs": UTM, "transform": UTM_GRID, "dtype": values.dtype}
    with rasterio.open(path, "w", count=count, height=height, width=width, **settings) as file:
        file.write(values)


def segment_job(bed: Path, out: Path) -> SegmentJob:
    models = (str(bed / "one.safetensors"), str(bed / "two.safetensors"))
    paths = {name: str(out / f"{name}.tif") for name in ("output", "confidence", "disagreement")}
    return SegmentJob(model=models, image=str(bed / "image.tif"), **paths)


def folder_job(bed: Path, out: Path) -> SegmentFolderJob:
    model, scenes = (str(bed / "one.safetensors"),), str(bed / "scenes")
    return SegmentFolderJob(model=model, scenes=scenes, output_folder=str(out), confidence=True)


def train_job(bed: Path, out: Path) -> TrainJob:
    return TrainJob(
        image=(str(bed / "image.tif"),),
        labels=(str(bed / "labels.tif"),),
        output=str(out / "model.safetensors"),
        encoder="mit-b0",
        pretrained="none",
        tile_size=32,
        epochs=1,
        checkpoint_every=1,
        report=NO_REPORT,
        batch_size=2,
        device="cpu",
    )


def folds_job(bed: Path, out: Path) -> TrainJob:
    return replace(train_job(bed, out), output=str(out / "models.json"), folds=2)


def import_job(bed: Path, out: Path) -> ImportJob:
    given = {"mean": MEAN, "std": STD, "class_names": class_names(3)}
    return ImportJob(str(bed / "one.onnx"), output=str(out / "net.safetensors"), **given)


def export_job(form: str, ending: str) -> Callable[[Path, Path], ExportJob]:
    return lambda bed, out: ExportJob(
        str(bed / "one.safetensors"), str(out / f"m.{ending}"), format=form
    )


def polygons_job(bed: Path, out: Path) -> PolygonsJob:
    return PolygonsJob(str(bed / "mask.tif"), classes=(0, 1, 2), output=str(out / "p.gpkg"))


def evaluate_job(bed: Path, out: Path) -> EvaluateJob:
    return EvaluateJob(str(bed / "mask.tif"), str(bed / "labels.tif"), report=str(out / "e.html"))


def suggest_job(bed: Path, out: Path) -> SuggestJob:
    model, image = (str(bed / "one.safetensors"),), (str(bed / "image.tif"),)
    return SuggestJob(model=model, image=image, count=1, output=str(out / "s.gpkg"))


def sketch_job(bed: Path, out: Path) -> SketchJob:
    outputs = {"output": str(out / "m.tif"), "confidence": str(out / "c.tif")}
    model = str(out / "m.safetensors")
    image, labels = str(bed / "image.tif"), (str(bed / "labels.tif"),)
    return SketchJob(image=image, labels=labels, output_model=model, **outputs)


def predict_job(bed: Path, out: Path) -> PredictFolderJob:
    model = (str(bed / "one.safetensors"),)
    return PredictFolderJob(checkpoint=model, dataset=str(bed / "pictures"), output=str(out))


def info_job(bed: Path, out: Path) -> InfoJob:
    return InfoJob(model=str(bed / "one.safetensors"), report=str(out / "i.html"))


JOBS: dict[str, tuple[str, Callable[[Path, Path], Any]]] = {
    "segment": ("segment", segment_job),
    "segment-folder": ("segment-folder", folder_job),
    "train": ("train", train_job),
    "import": ("import", import_job),
    "onnx": ("export", export_job("onnx", "onnx")),
    "stac": ("export", export_job("stac", "json")),
    "markdown": ("export", export_job("markdown", "md")),
    "polygons": ("polygons", polygons_job),
    "evaluate": ("evaluate", evaluate_job),
    "sketch": ("sketch", sketch_job),
    "suggest": ("suggest", suggest_job),
    "predict-folder": ("predict-folder", predict_job),
    "info": ("info", info_job),
    "folds": ("train", folds_job),
}


class Runs:
    """Runs of one job, each into a new folder of a disk that may fail.

    Attributes:
        step: Every how many operations of the job are made to fail.
        writes: Number of operations of the last run that write.
        lost: The files that the first run has written and the last one has not.
    """

    def __init__(
        self,
        folder: Path,
        patch: pytest.MonkeyPatch,
        run_into: Callable[[Path], Outcome],
        step: int,
    ) -> None:
        self._folder, self._run_into, self.step, self.writes = folder, run_into, step, 0
        self._numbers = itertools.count()
        self._disk = FailingDisk(folder, patch)
        self._complete: set[Path] = set()
        self.lost: set[Path] = set()

    def run(self, **failures: Any) -> Outcome:
        """The end of a run with the ``failures`` of ``FailingDisk.begin``."""
        out = self._folder / f"run-{next(self._numbers)}"
        out.mkdir()
        self._disk.begin(**failures)
        end = self._run_into(out)
        self.writes = self._disk.writes
        self._disk.begin()
        written = {path.relative_to(out) for path in out.rglob("*") if path.is_file()}
        self._complete = self._complete or written
        self.lost = self._complete - written
        return end


#: Two trainings for every operation take minutes. A training alone has every fifth operation tried.
_STEPS = {"train": 5, "sketch": 5}
NAMES = [pytest.param(name, marks=[pytest.mark.slow] if name == "folds" else []) for name in JOBS]


@pytest.fixture(params=NAMES)
def runs(
    request: pytest.FixtureRequest, bed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Runs:
    """Runs of every verb that writes."""
    verb, make = JOBS[request.param]
    use_small_networks(monkeypatch)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    step = _STEPS.get(request.param, 1)
    return Runs(tmp_path, monkeypatch, lambda out: run(verb, make(bed, out)), step)


def test_the_sentence_is_that_of_the_first_failure(runs: Runs) -> None:
    """Every operation of a run that writes fails once, and then all clean-ups, in turn by each error."""
    assert runs.run().exit_code == 0
    flaws = []
    numbers = range(1, runs.writes + 1, runs.step)
    for number, error in zip(numbers, itertools.cycle(ERRORS)):
        first = runs.run(at=number)
        is_silent = (first.exit_code or runs.lost) and not first.tells_first
        if first.details or is_silent:
            flaws.append((number, first, runs.lost))
        later = runs.run(at=number, later=error)
        if later.details or later.exit_code not in (first.exit_code, PROBLEM):
            flaws.append((number, later))
        if first.exit_code and (LATER in later.message or not later.tells_first):
            flaws.append((number, later))
    assert not flaws, "\n".join(map(str, flaws))


@pytest.mark.parametrize("error", ERRORS)
def test_clean_ups_that_fail_after_a_run_lose_nothing(runs: Runs, error: int) -> None:
    """From the last operation that writes on, such as the one that moves an output to its place."""
    assert runs.run().exit_code == 0
    end = runs.run(at=runs.writes, later=error, fails=False)
    assert end.exit_code == 0 and not end.warnings, end
    assert not runs.lost
