"""``predict-folder``: every image of a folder becomes a coloured picture and rows of a table of run lengths.

    results/STEM.png    the classes in their colours, as large as the image
    submission.csv      image_id,class,rle: a row a scene and class, but for the background, class value 0

``image_id`` is the image's name without ending, ``class`` the class's value. Competitions know no nodata:
pixels without a value are background in both. With a model that has no class of value 0 they are in no
row, and transparent. In the clouds' folders every class of theirs has its rows, a class that the model
does not know too: -1.

A scene that cannot be read is named and the others go on, but then there is no submission: one that
lacks scenes looks like a whole one. What an earlier run wrote goes when the first scene starts.

Memory holds the whole mask and picture of one scene, not a strip of it as in ``segment``: Pillow writes a
picture at once, and run lengths down a column need its last row before the next column's first.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .classes import ClassTable, to_records
from .cloud_layout import CLOUD_CLASSES
from .config import PredictFolderJob
from .devices import Device, choose_device
from .errors import EngineError, JobError, RasterError
from .layouts import prediction_scenes
from .mapping import Mapper, Told, open_streams
from .model_file import Card, load_model, read_card
from .outputs import check_writable, published
from .pace import Pace, in_words
from .pictures import save_classes
from .protocol import Done, Event, Progress, Warned
from .rasters import block_cache
from .run_lengths import check_order, encode
from .scenes import Scene

Say = Callable[[Event], None]

#: A row of the submission: image id, class value, run lengths.
Row = tuple[str, int, str]

#: The class value that has no row, and that pixels without a value get.
_BACKGROUND = 0

#: Failed scenes that the last sentence names; the warnings before it name them all.
_NAMED = 10


def predict_folder(job: PredictFolderJob, say: Say) -> Done:
    """Segments a folder's scenes with one model.

    Args:
        job: What to segment, with what, to where.
        say: Is told progress over scenes and tiles, and which scenes cannot be read.

    Raises:
        EngineError: If anything does not fit, or a scene could not be read: then there is no new
            submission, but the pictures of all other scenes. What does not fit is found before
            anything of an earlier run is removed.
    """
    scenes = _checked(job)
    pace = Pace()
    device = choose_device(job.device, job.precision)
    model, card = load_model(job.checkpoint[0])
    mapper = Mapper(model, card, device, job.batch_size, job.overlap)
    scenes = _fitting(scenes, card, say)
    submitted = _submitted(job, scenes, card.classes)
    _remove_earlier(job, scenes)
    rows: list[Row] = []
    failed: list[str] = []
    for number, scene in enumerate(scenes):
        try:
            values = _values(mapper, scene, card, job, say, _teller(scenes, number, pace, say))
        except EngineError as error:
            say(Warned(f"The scene {scene.stem} is left out. {error}"))
            failed.append(scene.stem)
            continue
        save_classes(_picture(job, scene), values, card.classes)
        rows += [(scene.stem, value, encode(values == value, job.order)) for value in submitted]
    if failed:
        raise RasterError(_failure(job, failed, len(scenes)))
    _write(_submission(job), rows)
    return _done(job, card, device, len(scenes), pace)


def _checked(job: PredictFolderJob) -> list[Scene]:
    """The scenes, if all that can be known before the model is loaded is right."""
    for name in ("checkpoint", "dataset", "output"):
        if not getattr(job, name):
            raise JobError(
                f"The option {name} is missing: predict-folder needs checkpoint, dataset and output."
            )
    check_order(job.order)
    read_card(job.checkpoint[0])  # refuses what is no model file, in no time
    scenes = prediction_scenes(Path(job.dataset))
    check_writable(_submission(job), (".csv",))
    check_writable(_picture(job, scenes[0]))
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


def _fitting(scenes: list[Scene], card: Card, say: Say) -> list[Scene]:
    """The scenes without their auxiliary rasters, if the model was trained on the image alone.

    A folder holds what it holds; nobody has chosen these rasters for this model.
    """
    if card.auxiliary.bands or not any(scene.auxiliary for scene in scenes):
        return scenes
    say(
        Warned("The model was trained without auxiliary rasters: those in the folder are not used.")
    )
    return [replace(scene, auxiliary=()) for scene in scenes]


def _submitted(job: PredictFolderJob, scenes: list[Scene], classes: ClassTable) -> list[int]:
    """The class values that every scene has rows of: the model's, and those that the layout asks for.

    A model with a class that the layout does not have was trained for something else.
    """
    values = {entry.value for entry in classes}
    asked = {entry.value for entry in CLOUD_CLASSES}
    is_layout = Path(scenes[0].image).parent != Path(job.dataset)  # where plain images lie
    if is_layout and values <= asked:
        values |= asked
    return sorted(values - {_BACKGROUND})


def _remove_earlier(job: PredictFolderJob, scenes: list[Scene]) -> None:
    """Removes what an earlier run wrote for these scenes: it would pass for this run's."""
    try:
        for path in (_submission(job), *(_picture(job, scene) for scene in scenes)):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise JobError(
            f"{error.filename} cannot be removed ({error.strerror}): choose another output folder."
        ) from error


def _teller(scenes: list[Scene], number: int, pace: Pace, say: Say) -> Told:
    """Tells how far the whole folder is, while the scene at ``number`` is mapped."""

    def told(tile: int, tiles: int) -> None:
        share = (number + tile / tiles) / len(scenes)
        place = f"scene {number + 1} of {len(scenes)}, {scenes[number].stem}"
        say(Progress(share, f"{place}: tile {tile} of {tiles}{pace.left(share)}"))

    return told


def _values(
    mapper: Mapper, scene: Scene, card: Card, job: PredictFolderJob, say: Say, told: Told
) -> NDArray[Any]:
    """The class value of every pixel (H, W) of a scene.

    Where the image has none it is the background, or nodata if the model has no background.
    """
    with open_streams(scene, card, job.checkpoint[0], say) as (image, stack):
        bounds = image.grid.bounds
        values = np.empty((bounds.height, bounds.width), mapper.dtype)
        row = 0
        with block_cache(image, card.tile_size):
            for (rows,) in mapper.strips(image, stack, bounds, told, confidence=False):
                values[row : row + len(rows)] = rows
                row += len(rows)
    if any(entry.value == _BACKGROUND for entry in card.classes):
        values[values == mapper.nodata] = _BACKGROUND
    return values


def _write(path: Path, rows: list[Row]) -> None:
    try:
        with published(path) as part, part.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(("image_id", "class", "rle"))
            table.writerows(rows)
    except OSError as error:
        raise RasterError(
            f"The table {path} could not be written ({error}): is the disk full?"
        ) from error


def _failure(job: PredictFolderJob, failed: list[str], scenes: int) -> str:
    more = f" and {len(failed) - _NAMED} more" if len(failed) > _NAMED else ""
    results = Path(job.output) / "results"
    others = f"The pictures of the others are in {results}; no" if len(failed) < scenes else "No"
    return (
        f"{len(failed)} of {scenes} scene(s) could not be segmented: {', '.join(failed[:_NAMED])}{more}; "
        f"the warnings above say why. {others} submission was written, for it would lack scenes."
    )


def _done(job: PredictFolderJob, card: Card, device: Device, scenes: int, pace: Pace) -> Done:
    seconds = pace.seconds
    return Done(
        f"The submission {_submission(job)} for {scenes} scene(s) took {in_words(seconds)} on "
        f"{device.name} ({device.precision}); their pictures are in {Path(job.output) / 'results'}.",
        {
            "output": job.output,
            "submission": str(_submission(job)),
            "results": str(Path(job.output) / "results"),
            "scenes": scenes,
            "device_used": device.name,
            "precision": device.precision,
            "seconds": round(seconds, 2),
            "classes": to_records(card.classes),
        },
    )
