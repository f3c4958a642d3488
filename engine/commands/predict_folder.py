"""``predict-folder``: makes a coloured picture of every image of a folder and a table of run lengths.

    results/STEM.png    the classes in their colours, in the size of the image
    submission.csv      image_id,class,rle or, for a folder with test.csv, img_id,mask_rle: ``rle_submission``
    submission_pictures.csv     for a clouds' folder the pictures as run lengths, Image_Label,EncodedPixels

The id comes from test.csv, else it is the image's file name without ending; ``class`` is the class value. The
background, class value 0, has no rows. Competitions have no nodata: pixels without a value are background in both
outputs, or, if the model has no class of value 0, transparent and in no row. In a clouds' folder every class of the
dataset has rows, with the run length -1 for a class that the model does not have.

If a scene cannot be read, the run continues with the others and then fails without a submission, since one that
lacks scenes looks like a complete one. Outputs of an earlier run are removed when the first scene starts.

The whole mask and picture of a scene are in memory, not a strip as in ``segment``: Pillow writes a picture at once,
and run lengths down columns need all rows.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..batch.batch_progress import without_repeats
from ..compute.devices import Device, choose_device
from ..compute.eta import Stopwatch, format_duration, tile_progress
from ..contract.card_reader import read_card
from ..contract.class_table import ClassTable, to_records
from ..contract.ensemble_file import read_ensemble
from ..contract.errors import EngineError, JobError, RasterError, format_count, join_names
from ..contract.file_replacement import remove_file
from ..contract.jobs import PredictFolderJob
from ..contract.output_files import check_writable
from ..contract.protocol import Done, Emit, Event, Progress, Warned
from ..contract.scene import Scene
from ..contract.translation import tr
from ..datasets.layouts import prediction_scenes
from ..datasets.list_progress import ProgressIterator
from ..datasets.rle_submission import (
    BACKGROUND,
    PICTURE_HEADER,
    Row,
    encode_picture,
    has_cloud_layout,
    submission_for,
    write_submission,
)
from ..inference.ensemble import Ensemble
from ..inference.scene_prefetch import scene_cache
from ..inference.scene_streams import open_streams
from ..inference.sliding_window import OnProgress
from ..outputs.pictures import save_classes

#: Largest number of failed scenes that the final error names; the warnings name all of them.
_MAX_NAMED = 10


def predict_folder(job: PredictFolderJob, emit: Emit) -> Done:
    """Segments a folder's scenes with one model, or with several together.

    Raises:
        EngineError: If the models do not fit the folder, before outputs of an earlier run are removed. Or if a
            scene could not be read; then there are pictures of the other scenes, but no submission.
    """
    stopwatch, emit = Stopwatch(), without_repeats(emit)
    ProgressIterator(emit).report(tr("Reading the models and the folder"))
    scenes = _check(job)
    device = choose_device(job.device, job.precision)
    ensemble = Ensemble(job.checkpoint, device, job)
    scenes = _drop_auxiliary(scenes, ensemble, emit)
    tables = _Tables(job, scenes, ensemble.classes)
    _check_fit(scenes, ensemble)
    _remove_outputs(job, scenes)
    failed: list[str] = []
    for number, scene in enumerate(scenes):
        begin, end = number / len(scenes), (number + 1) / len(scenes)
        label = tr("scene {} of {}, {}").format(number + 1, len(scenes), scene.stem)
        try:
            # Not in _check: an impossible name must not stop the other scenes.
            check_writable(_picture(job, scene))
            values = _segment(
                ensemble,
                scene,
                # The runtime is chosen for all scenes together, at the first that can be read.
                len(scenes) if number == len(failed) else 0,
                _with_minimum_progress(begin, emit),
                tile_progress(emit, stopwatch, begin, end, f"{label}: "),
            )
        except EngineError as error:
            emit(Warned(tr("The scene {} is left out. {}").format(scene.stem, error)))
            failed.append(scene.stem)
            continue
        save_classes(_picture(job, scene), values, ensemble.classes)
        tables.add(scene, values)
    if failed:
        raise RasterError(_failure(job, failed, len(scenes)))
    tables.write()
    return _done(job, ensemble, device, len(scenes), stopwatch)


class _Tables:
    """The tables of a folder's masks: as runs of pixels and, for the layout of clouds, as pictures."""

    def __init__(self, job: PredictFolderJob, scenes: list[Scene], classes: ClassTable) -> None:
        dataset = Path(job.dataset)
        self._job = job
        self._submission = submission_for(dataset, scenes, classes, job.order)
        self._has_pictures = has_cloud_layout(dataset, scenes, classes)
        self._rows: list[Row] = []
        self._pictures: list[Row] = []

    def add(self, scene: Scene, values: NDArray[Any]) -> None:
        """Adds a scene's mask (H, W)."""
        self._rows += self._submission.rows(scene.stem, values)
        if self._has_pictures:
            self._pictures.append((Path(scene.image).name, encode_picture(values)))

    def write(self) -> None:
        """Writes the tables; raises ``RasterError`` if one cannot be written."""
        write_submission(_submission(self._job), self._submission.header, self._rows)
        if self._has_pictures:
            pictures = sorted(self._pictures)
            write_submission(_pictures_submission(self._job), PICTURE_HEADER, pictures)


def _check(job: PredictFolderJob) -> list[Scene]:
    """Checks everything that does not need the loaded models, and returns the scenes."""
    job.require(
        ("checkpoint", "dataset", "output"),
        tr("The option {} is missing: predict-folder needs checkpoint, dataset and output."),
    )
    for member in read_ensemble(job.checkpoint, job.combine).members:
        read_card(member.model)  # refuses other files at once
    scenes = prediction_scenes(Path(job.dataset))
    check_writable(_submission(job), (".csv",))
    check_writable(_picture(job, scenes[0]).with_name("picture.png"))
    sources = {
        os.path.abspath(path) for scene in scenes for path in (scene.image, *scene.auxiliary)
    }
    for scene in scenes:
        if os.path.abspath(_picture(job, scene)) in sources:
            raise JobError(
                tr("The picture {} is also an input: choose another output folder.").format(
                    _picture(job, scene)
                )
            )
    return scenes


def _submission(job: PredictFolderJob) -> Path:
    return Path(job.output) / "submission.csv"


def _pictures_submission(job: PredictFolderJob) -> Path:
    return Path(job.output) / "submission_pictures.csv"


def _picture(job: PredictFolderJob, scene: Scene) -> Path:
    return Path(job.output) / "results" / f"{scene.stem}.png"


def _drop_auxiliary(scenes: list[Scene], ensemble: Ensemble, emit: Emit) -> list[Scene]:
    """The scenes, without their auxiliary rasters if the model was trained on the image alone."""
    if ensemble.has_auxiliary or not any(scene.auxiliary for scene in scenes):
        return scenes
    emit(
        Warned(
            tr("The model was trained without auxiliary rasters: those in the folder are not used.")
        )
    )
    return [replace(scene, auxiliary=()) for scene in scenes]


def _check_fit(scenes: list[Scene], ensemble: Ensemble) -> None:
    """Raises the error of the first scene if the models fit no scene; single misfits are left out later."""
    first = _opening_error(scenes[0], ensemble)
    if first is not None and all(_opening_error(scene, ensemble) for scene in scenes[1:]):
        raise first


def _opening_error(scene: Scene, ensemble: Ensemble) -> EngineError | None:
    """The error on opening a scene; None if it can be opened."""
    try:
        # Without warnings: they are emitted when the scene is segmented.
        alone = ensemble.options.image_alone
        with open_streams(scene, ensemble.cards, lambda event: None, alone) as streams:
            grid = streams[0].image.grid
            ensemble.tiles(grid, grid.bounds, scene.image)
    except EngineError as error:
        return error
    return None


def _remove_outputs(job: PredictFolderJob, scenes: list[Scene]) -> None:
    """Removes earlier outputs for these scenes, which could be mistaken for outputs of this run."""
    try:
        for path in (
            _submission(job),
            _pictures_submission(job),
            *(_picture(job, scene) for scene in scenes),
        ):
            remove_file(path)
    except OSError as error:
        raise JobError(
            tr("{} cannot be removed ({}): choose another output folder.").format(
                error.filename, error.strerror
            )
        ) from error


def _with_minimum_progress(share: float, emit: Emit) -> Emit:
    """Callback that raises the progress of each event to at least ``share``, that of the run."""

    def forward(event: Event) -> None:
        if isinstance(event, Progress):
            event = replace(event, fraction=max(event.fraction, share))
        emit(event)

    return forward


def _segment(
    ensemble: Ensemble, scene: Scene, scenes: int, emit: Emit, on_progress: OnProgress
) -> NDArray[Any]:
    """The class value of every pixel (H, W) of a scene.

    Pixels without a value are background, or nodata if the models have no background.
    """
    with open_streams(scene, ensemble.cards, emit, ensemble.options.image_alone) as streams:
        grid = streams[0].image.grid
        values = np.empty((grid.height, grid.width), ensemble.dtype)
        row = 0
        ensemble.prepare(streams, grid.bounds, emit, scenes=scenes)
        with scene_cache(streams, ensemble.tallest(streams)):
            for (rows,) in ensemble.strips(streams, grid.bounds, on_progress):
                values[row : row + len(rows)] = rows
                row += len(rows)
    if any(entry.value == BACKGROUND for entry in ensemble.classes):
        values[values == ensemble.nodata] = BACKGROUND
    return values


def _failure(job: PredictFolderJob, failed: list[str], scenes: int) -> str:
    sentences = [
        tr("{} of {} could not be segmented: {}; the warnings above say why.").format(
            len(failed),
            format_count(scenes, "{} scene", "{} scenes"),
            join_names(failed, _MAX_NAMED),
        ),
        tr("No submission was written, because it would lack scenes."),
    ]
    if len(failed) < scenes:
        results = Path(job.output) / "results"
        sentences.append(tr("The pictures of the others are in {}.").format(results))
    return " ".join(sentences)


def _done(
    job: PredictFolderJob, ensemble: Ensemble, device: Device, scenes: int, stopwatch: Stopwatch
) -> Done:
    seconds = stopwatch.seconds
    return Done(
        tr("The submission {} for {} took {} on {} ({}, {}); their pictures are in {}.").format(
            _submission(job),
            format_count(scenes, "{} scene", "{} scenes"),
            format_duration(seconds),
            device.name,
            ensemble.precision,
            ensemble.runtime,
            Path(job.output) / "results",
        ),
        {
            "output": job.output,
            "submission": str(_submission(job)),
            "results": str(Path(job.output) / "results"),
            "scenes": scenes,
            "device_used": device.name,
            "precision": ensemble.precision,
            "seconds": round(seconds, 2),
            "classes": to_records(ensemble.classes),
        },
    )
