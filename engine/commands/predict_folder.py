"""``predict-folder``: every image of a folder becomes a coloured picture and rows of a table of run lengths.

    results/STEM.png    the classes in their colours, as large as the image
    submission.csv      image_id,class,rle or, for a folder with test.csv, img_id,mask_rle: ``submissions``

The id is the one of test.csv, else the image's name without ending, ``class`` the class's value. The
background, class value 0, is in no row. Competitions know no nodata: pixels without a value are background
in both. With a model that has no class of value 0 they are in no row, and transparent. In the clouds'
folders every class of theirs has its rows, a class that the model does not know too: -1.

A scene that cannot be read is named and the others go on, but then there is no submission: one that
lacks scenes looks like a whole one. What an earlier run wrote goes when the first scene starts.

Memory holds the whole mask and picture of one scene, not a strip of it as in ``segment``: Pillow writes a
picture at once, and run lengths down a column need its last row before the next column's first.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..batch.batch_progress import deduplicate_metrics
from ..compute.devices import Device, choose_device
from ..contract.card_reader import read_card
from ..contract.class_table import to_records
from ..contract.ensemble_file import read_ensemble
from ..contract.errors import EngineError, JobError, RasterError, format_count, join_names
from ..contract.eta import Stopwatch, format_duration, tile_progress
from ..contract.jobs import PredictFolderJob
from ..contract.output_files import check_writable
from ..contract.protocol import Done, Emit, Event, Progress, Warned
from ..contract.scene import Scene
from ..datasets.layouts import prediction_scenes
from ..datasets.list_progress import ProgressIterator
from ..datasets.rle import check_order
from ..datasets.rle_submission import BACKGROUND, Row, submission_for, write_submission
from ..inference.ensemble import Ensemble
from ..inference.scene_prefetch import scene_cache
from ..inference.scene_streams import open_streams
from ..inference.sliding_window import OnProgress
from ..outputs.pictures import save_classes

#: Failed scenes that the last sentence names; the warnings before it name them all.
_NAMED = 10


def predict_folder(job: PredictFolderJob, emit: Emit) -> Done:
    """Segments a folder's scenes with one model, or with several together.

    Args:
        job: What to segment, with what, to where.
        emit: Is told progress over scenes and tiles, and which scenes cannot be read.

    Raises:
        EngineError: If anything does not fit, or a scene could not be read: then there is no new
            submission, but the pictures of all other scenes. What does not fit is found before
            anything of an earlier run is removed.
    """
    stopwatch, emit = Stopwatch(), deduplicate_metrics(emit)
    ProgressIterator(emit).report("reading the models and the folder")
    scenes = _checked(job)
    device = choose_device(job.device, job.precision)
    ensemble = Ensemble(job.checkpoint, device, job)
    scenes = _fitting(scenes, ensemble, emit)
    submission = submission_for(Path(job.dataset), scenes, ensemble.classes, job.order)
    _check_fit(scenes, ensemble)
    _remove_earlier(job, scenes)
    rows: list[Row] = []
    failed: list[str] = []
    for number, scene in enumerate(scenes):
        try:
            check_writable(_picture(job, scene))  # a name that no picture can have stops no other
            ahead = (
                len(scenes) if number == len(failed) else 0
            )  # said once, with the first that works
            at_least = _no_less_than(number / len(scenes), emit)
            begin, end = number / len(scenes), (number + 1) / len(scenes)
            place = f"scene {number + 1} of {len(scenes)}, {scene.stem}: "
            on_progress = tile_progress(emit, stopwatch, begin, end, place)
            values = _values(ensemble, scene, ahead, at_least, on_progress)
        except EngineError as error:
            emit(Warned(f"The scene {scene.stem} is left out. {error}"))
            failed.append(scene.stem)
            continue
        save_classes(_picture(job, scene), values, ensemble.classes)
        rows += submission.rows(scene.stem, values)
    if failed:
        raise RasterError(_failure(job, failed, len(scenes)))
    write_submission(_submission(job), submission.header, rows)
    return _done(job, ensemble, device, len(scenes), stopwatch)


def _checked(job: PredictFolderJob) -> list[Scene]:
    """The scenes, if all that can be known before the model is loaded is right."""
    for name in ("checkpoint", "dataset", "output"):
        if not getattr(job, name):
            raise JobError(
                f"The option {name} is missing: predict-folder needs checkpoint, dataset and output."
            )
    check_order(job.order)
    for member in read_ensemble(job.checkpoint, job.combine).members:
        read_card(member.model)  # refuses what is no model file, in no time
    scenes = prediction_scenes(Path(job.dataset))
    check_writable(_submission(job), (".csv",))
    check_writable(_picture(job, scenes[0]).with_name("picture.png"))
    sources = {
        os.path.abspath(path) for scene in scenes for path in (scene.image, *scene.auxiliary)
    }
    for scene in scenes:
        if os.path.abspath(_picture(job, scene)) in sources:
            raise JobError(
                f"The picture {_picture(job, scene)} is also an input: choose another output folder."
            )
    return scenes


def _submission(job: PredictFolderJob) -> Path:
    return Path(job.output) / "submission.csv"


def _picture(job: PredictFolderJob, scene: Scene) -> Path:
    return Path(job.output) / "results" / f"{scene.stem}.png"


def _fitting(scenes: list[Scene], ensemble: Ensemble, emit: Emit) -> list[Scene]:
    """The scenes without their auxiliary rasters, if the model was trained on the image alone.

    A folder holds what it holds; nobody has chosen these rasters for this model.
    """
    if ensemble.has_auxiliary or not any(scene.auxiliary for scene in scenes):
        return scenes
    emit(
        Warned("The model was trained without auxiliary rasters: those in the folder are not used.")
    )
    return [replace(scene, auxiliary=()) for scene in scenes]


def _check_fit(scenes: list[Scene], ensemble: Ensemble) -> None:
    """Makes sure that the models fit a scene at least; if none, the first says why.

    One that is damaged, or unlike the others, is left out when its turn comes.
    """
    first = _misfit(scenes[0], ensemble)
    if first is not None and all(_misfit(scene, ensemble) for scene in scenes[1:]):
        raise first


def _misfit(scene: Scene, ensemble: Ensemble) -> EngineError | None:
    """Why a scene cannot be segmented, as far as opening it tells; None if it can."""
    try:
        # Warnings are said when its turn comes.
        with open_streams(scene, ensemble.cards, lambda event: None) as streams:
            grid = streams[0].image.grid
            ensemble.tiles(grid, grid.bounds, scene.image)
    except EngineError as error:
        return error
    return None


def _remove_earlier(job: PredictFolderJob, scenes: list[Scene]) -> None:
    """Removes what an earlier run wrote for these scenes: it would pass for this run's."""
    try:
        for path in (_submission(job), *(_picture(job, scene) for scene in scenes)):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise JobError(
            f"{error.filename} cannot be removed ({error.strerror}): choose another output folder."
        ) from error


def _no_less_than(share: float, emit: Emit) -> Emit:
    """Says progress of a scene as progress of the folder, ``share`` of which is done."""

    def said(event: Event) -> None:
        if isinstance(event, Progress):
            event = replace(event, fraction=max(event.fraction, share))
        emit(event)

    return said


def _values(
    ensemble: Ensemble, scene: Scene, scenes: int, emit: Emit, on_progress: OnProgress
) -> NDArray[Any]:
    """The class value of every pixel (H, W) of a scene.

    Where the image has none it is the background, or nodata if the models have no background.
    """
    with open_streams(scene, ensemble.cards, emit) as streams:
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
    results = Path(job.output) / "results"
    others = f"The pictures of the others are in {results}; no" if len(failed) < scenes else "No"
    return (
        f"{len(failed)} of {format_count(scenes, 'scene')} could not be segmented: {join_names(failed, _NAMED)}; "
        f"the warnings above say why. {others} submission was written, for it would lack scenes."
    )


def _done(
    job: PredictFolderJob, ensemble: Ensemble, device: Device, scenes: int, stopwatch: Stopwatch
) -> Done:
    seconds = stopwatch.seconds
    return Done(
        f"The submission {_submission(job)} for {format_count(scenes, 'scene')} took {format_duration(seconds)} on "
        f"{device.name} ({ensemble.precision}, {ensemble.runtime}); their pictures are in "
        f"{Path(job.output) / 'results'}.",
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
