"""Which scenes a run is about, and which file each of their masks is."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from .card_reader import read_card
from .config import SegmentFolderJob
from .ensemble_file import team_of
from .errors import JobError, ModelFileError, some_of
from .layouts import prediction_scenes
from .model_card import Card
from .paths import is_folder, problem_of, real_path
from .protocol import Event, Warned
from .scene_tables import table_to_segment
from .scene_tasks import SceneTask
from .scenes import Scene, require_auxiliary

Say = Callable[[Event], None]

#: What no system has in file names, or not everywhere, and what is no text: bytes of names that are not UTF-8.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\ud800-\udfff]+')

#: What a run writes into its folder besides the masks; some systems do not tell A from a.
_SUMMARIES = re.compile(r"summary\.csv|summary\.html|mosaic.*\.vrt", re.IGNORECASE)

#: How many renamed scenes a warning names.
_NAMED = 5


def cards_of(job: SegmentFolderJob) -> dict[str, Card]:
    """What the job's models were trained on, by file.

    Raises:
        JobError: If the models cannot work together.
        ModelFileError: If a file is no model file.
    """
    members = team_of(job.model, job.combine).members
    return {member.model: read_card(member.model) for member in members}


def tasks_of(job: SegmentFolderJob, cards: dict[str, Card], say: Say) -> list[SceneTask]:
    """The scenes of a job, in its order, with their names and outputs.

    Args:
        job: Names them one way or another.
        cards: Its models.
        say: Is told what is left out or called differently.

    Raises:
        JobError: If it names no scenes, names them twice, or a mask would replace what it is made of.
        LayoutError: If a folder or table cannot be used.
        ModelFileError: If auxiliary rasters are given that no model takes.
    """
    scenes = _with_auxiliary(_scenes(job), job, cards, say)
    require_auxiliary(job.auxiliary_bands, any(scene.auxiliary for scene in scenes))
    tasks = [
        _task(job, scene, name) for scene, name in zip(scenes, _names(scenes, say), strict=True)
    ]
    _check_outputs(job, tasks)
    return tasks


def _scenes(job: SegmentFolderJob) -> list[Scene]:
    if bool(job.scenes) == bool(job.images):
        raise JobError(
            "Give either scenes (a scenes table, or a folder of rasters) or images, not both."
            if job.scenes
            else "There is nothing to segment: give scenes (a scenes table, or a folder of rasters), or images."
        )
    if job.images:
        return [Scene(image, "") for image in job.images]
    place = Path(job.scenes)
    return prediction_scenes(place) if is_folder(place) else table_to_segment(place)


def _with_auxiliary(
    scenes: list[Scene], job: SegmentFolderJob, cards: dict[str, Card], say: Say
) -> list[Scene]:
    """The scenes with the auxiliary rasters that are used: their own, else the job's.

    A table or folder holds what it holds, for other models too. What the job itself names is meant.
    """
    if any(card.auxiliary.bands for card in cards.values()):
        return [replace(scene, auxiliary=scene.auxiliary or job.auxiliary) for scene in scenes]
    if job.auxiliary:
        raise ModelFileError(
            f"The model {', '.join(Path(model).name for model in cards)} was trained on no auxiliary "
            f"rasters: leave out those given ({', '.join(job.auxiliary)})."
        )
    if any(scene.auxiliary for scene in scenes):
        say(
            Warned(
                f"The model was trained without auxiliary rasters: those in {job.scenes} are not used."
            )
        )
    return [replace(scene, auxiliary=()) for scene in scenes]


def _names(scenes: Sequence[Scene], say: Say) -> list[str]:
    """A name for each scene that is no other's, and does not depend on which other scenes come first.

    Scenes of one stem get the names of the folders that tell them apart; files that even these do not tell
    apart, such as one that is named twice, are numbered.
    """
    stems = [_FORBIDDEN.sub("_", scene.stem).strip(" .") or "scene" for scene in scenes]
    alike: defaultdict[str, list[int]] = defaultdict(list)
    for place, stem in enumerate(stems):
        alike[stem.casefold()].append(place)  # some systems do not tell A from a
    names = list(stems)
    for places in alike.values():
        told_apart = _by_folders([(scenes[place], stems[place]) for place in places])
        for place, name in zip(places, told_apart, strict=True):
            names[place] = name
    names = _numbered(names)
    renamed = [f"{s.image} is {n}" for s, stem, n in zip(scenes, stems, names) if stem != n]
    if renamed:
        say(Warned(f"Scenes of one name get others: {some_of(renamed, _NAMED)}."))
    return names


def _by_folders(alike: Sequence[tuple[Scene, str]]) -> list[str]:
    """Names of scenes of one stem, with as many folders before them as tell the most of them apart."""
    stems = [stem for _, stem in alike]
    folders = [PurePath(os.path.abspath(scene.image)).parts[:-1] for scene, _ in alike]
    best = stems
    for depth in range(1, max(map(len, folders)) + 1 if len(alike) > 1 else 0):
        kept = [[_FORBIDDEN.sub("", part) for part in parts[-depth:]] for parts in folders]
        names = ["_".join([*filter(None, parts), stem]) for parts, stem in zip(kept, stems)]
        if len(set(map(str.casefold, names))) > len(set(map(str.casefold, best))):
            best = names
    return best


def _numbered(names: Iterable[str]) -> list[str]:
    """The names, with numbers behind those that would meet another's mask or confidence raster."""
    taken: set[str] = set()
    found = []
    for name in names:
        new, number = name, 1
        while taken & (files := {new.casefold(), _confidence(new).casefold()}):
            number += 1
            new = f"{name}-{number}"
        taken |= files
        found.append(new)
    return found


def _confidence(name: str) -> str:
    return f"{name}_confidence"


def _task(job: SegmentFolderJob, scene: Scene, name: str) -> SceneTask:
    folder = Path(job.output_folder)
    # A name that no file can have stays: the scene fails by it, alone.
    file = scene.name if scene.name and problem_of(scene.name) else name
    confidence = str(folder / f"{_confidence(file)}.tif") if job.confidence else ""
    return SceneTask(
        name,
        scene.image,
        scene.auxiliary,
        str(folder / f"{file}.tif"),
        confidence,
        (scene.usual_image_bands, scene.usual_auxiliary_bands),
    )


def _check_outputs(job: SegmentFolderJob, tasks: Sequence[SceneTask]) -> None:
    """Makes sure that nothing is written over what is read."""
    sources = {real_path(path) for task in tasks for path in task.sources}
    for task in tasks:
        for path in filter(None, (task.output, task.confidence)):
            if real_path(path) in sources:
                raise JobError(f"The mask {path} is also an input: choose another output folder.")
    folder = real_path(job.output_folder)
    tables = {real_path(job.scenes)} if job.scenes else set()
    for source in sorted(sources | tables):
        parent, name = os.path.split(source)
        if parent == folder and _SUMMARIES.fullmatch(name):
            raise JobError(
                f"The input {source} would be written over: choose another output folder."
            )
    if job.scenes and real_path(job.scenes) == real_path(job.output_folder):
        raise JobError(
            f"The masks cannot lie among the images in {job.scenes}, for the next run would take them for "
            "scenes: choose another output folder."
        )
