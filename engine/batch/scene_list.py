"""Which scenes a run is about, and which file each of their masks is."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePath

from ..contract.card_reader import read_card
from ..contract.ensemble_file import read_ensemble
from ..contract.errors import JobError, ModelFileError, join_names
from ..contract.jobs import SegmentFolderJob
from ..contract.model_card import Card
from ..contract.paths import is_folder, path_problem, real_path
from ..contract.protocol import Event, Warned
from ..contract.scene import Scene, require_auxiliary
from ..datasets.layouts import prediction_scenes
from ..datasets.list_progress import ProgressIterator
from ..datasets.scene_tables import scenes_to_segment_from_table
from .scene_task import SceneTask

Emit = Callable[[Event], None]

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
    members = read_ensemble(job.model, job.combine).members
    return {member.model: read_card(member.model) for member in members}


def tasks_of(job: SegmentFolderJob, cards: dict[str, Card], emit: Emit) -> list[SceneTask]:
    """The scenes of a job, in its order, with their names and outputs.

    Args:
        job: Names them one way or another.
        cards: Its models.
        emit: Is told what is left out or called differently.

    Raises:
        JobError: If it names no scenes, names them twice, or a mask would replace what it is made of.
        LayoutError: If a folder or table cannot be used.
        ModelFileError: If auxiliary rasters are given that no model takes.
    """
    progress_of = ProgressIterator(emit)
    scenes = _with_auxiliary(_scenes(job, progress_of), job, cards, emit)
    require_auxiliary(job.auxiliary_bands, any(scene.auxiliary for scene in scenes))
    named = zip(scenes, _names(scenes, progress_of, emit), strict=True)
    tasks = [_task(job, scene, name) for scene, name in progress_of(named, "planning the masks")]
    _check_outputs(job, tasks, progress_of)
    return tasks


def _scenes(job: SegmentFolderJob, progress_of: ProgressIterator) -> list[Scene]:
    if bool(job.scenes) == bool(job.images):
        raise JobError(
            "Give either scenes (a scenes table, or a folder of rasters) or images, not both."
            if job.scenes
            else "There is nothing to segment: give scenes (a scenes table, or a folder of rasters), or images."
        )
    if job.images:
        return [Scene(image) for image in job.images]
    place = Path(job.scenes)
    if not is_folder(place):
        return scenes_to_segment_from_table(place, progress_of)
    progress_of.report("looking for rasters in the folder of scenes")
    return prediction_scenes(place)


def _with_auxiliary(
    scenes: list[Scene], job: SegmentFolderJob, cards: dict[str, Card], emit: Emit
) -> list[Scene]:
    """The scenes with the auxiliary rasters that are used: their own, else the job's.

    A table or folder holds what it holds, for other models too. What the job itself names is meant.
    """
    if any(card.auxiliary.bands for card in cards.values()):
        if not job.auxiliary:
            return scenes
        return [s if s.auxiliary else replace(s, auxiliary=job.auxiliary) for s in scenes]
    if job.auxiliary:
        raise ModelFileError(
            f"The model {', '.join(Path(model).name for model in cards)} was trained on no auxiliary "
            f"rasters: leave out those given ({', '.join(job.auxiliary)})."
        )
    if any(scene.auxiliary for scene in scenes):
        emit(
            Warned(
                f"The model was trained without auxiliary rasters: those in {job.scenes} are not used."
            )
        )
    return [replace(scene, auxiliary=()) if scene.auxiliary else scene for scene in scenes]


def _names(scenes: Sequence[Scene], progress_of: ProgressIterator, emit: Emit) -> list[str]:
    """A name for each scene that is no other's, and does not depend on which other scenes come first.

    Scenes of one stem get the names of the folders that tell them apart; files that even these do not tell
    apart, such as one that is named twice, are numbered.
    """
    doing = "naming the scenes"
    stems = [_stem(scene) for scene in progress_of(scenes, doing)]
    alike: defaultdict[str, list[int]] = defaultdict(list)
    for place, stem in enumerate(progress_of(stems, doing)):
        alike[stem.casefold()].append(place)  # some systems do not tell A from a
    names = list(stems)
    for places in progress_of(alike.values(), doing):
        if len(places) > 1:
            same = [(scenes[place], stems[place]) for place in places]
            for place, name in zip(places, _by_folders(same, progress_of), strict=True):
                names[place] = name
    names = _numbered(progress_of(names, doing))
    renamed = [f"{s.image} is {n}" for s, stem, n in zip(scenes, stems, names) if stem != n]
    if renamed:
        emit(Warned(f"Scenes of one name get others: {join_names(renamed, _NAMED)}."))
    return names


def _stem(scene: Scene) -> str:
    """A scene's name as part of a file's."""
    return _FORBIDDEN.sub("_", scene.stem).strip(" .") or "scene"


def _by_folders(alike: Sequence[tuple[Scene, str]], progress_of: ProgressIterator) -> list[str]:
    """Names of scenes of one stem, with as many folders before them as tell the most of them apart."""
    stems = [stem for _, stem in alike]
    doing = "telling scenes of one name apart"
    places = [os.path.split(os.path.abspath(s.image))[0] for s, _ in progress_of(alike, doing)]
    folders = {place: _parts(place) for place in progress_of(dict.fromkeys(places), doing)}
    best, maximum = stems, len({*map(str.casefold, stems)})
    deepest = max(map(len, folders.values())) if len(folders) > 1 else 0
    for depth in range(1, deepest + 1):
        ends = {place: "_".join(filter(None, parts[-depth:])) for place, parts in folders.items()}
        pairs = zip(places, stems)
        names = [f"{ends[p]}_{stem}" if ends[p] else stem for p, stem in progress_of(pairs, doing)]
        count = len({*map(str.casefold, names)})
        if count > maximum:
            best, maximum = names, count
        if count == len(alike):
            break
    return best


def _parts(folder: str) -> list[str]:
    """The names of a folder and those above it, without what file names must not hold."""
    return [_FORBIDDEN.sub("", part) for part in PurePath(folder).parts]


def _numbered(names: Iterable[str]) -> list[str]:
    """The names, with numbers behind those that would meet another's mask or confidence raster."""
    taken: set[str] = set()
    last: dict[str, int] = {}
    found = []
    for name in names:
        new, number = name, last.get(name, 1)
        if number > 1:
            new = f"{name}-{number}"
        while taken & (files := {new.casefold(), _confidence(new).casefold()}):
            number += 1
            new = f"{name}-{number}"
        taken |= files
        last[name] = number  # all before it are taken
        found.append(new)
    return found


def _confidence(name: str) -> str:
    return f"{name}_confidence"


def _task(job: SegmentFolderJob, scene: Scene, name: str) -> SceneTask:
    folder = str(Path(job.output_folder))
    # A name that no file can have stays: the scene fails by it, alone.
    file = scene.name if scene.name and path_problem(scene.name) else name
    confidence = _below(folder, f"{_confidence(file)}.tif") if job.confidence else ""
    return SceneTask(
        name,
        scene.image,
        scene.auxiliary,
        _below(folder, f"{file}.tif"),
        confidence,
        (scene.usual_image_bands, scene.usual_auxiliary_bands),
    )


def _check_outputs(
    job: SegmentFolderJob, tasks: Sequence[SceneTask], progress_of: ProgressIterator
) -> None:
    """Makes sure that nothing is written over what is read."""
    sources = _real_sources(tasks, progress_of)
    folder = real_path(job.output_folder)
    links = _links_in(folder)
    for task in progress_of(tasks, "checking the masks' paths"):
        for path in task.outputs.paths:
            name = os.path.split(path)[1]
            real = real_path(path) if name in links else _below(folder, name)
            if real in sources:
                raise JobError(f"The mask {path} is also an input: choose another output folder.")
    tables = {real_path(job.scenes)} if job.scenes else set()
    for source in sorted(path for path in sources | tables if path.startswith(folder)):
        parent, name = os.path.split(source)
        if parent == folder and _SUMMARIES.fullmatch(name):
            raise JobError(
                f"The input {source} would be written over: choose another output folder."
            )
    if folder in tables:
        raise JobError(
            f"The masks cannot lie among the images in {job.scenes}, for the next run would take them for "
            "scenes: choose another output folder."
        )


def _real_sources(tasks: Sequence[SceneTask], progress_of: ProgressIterator) -> set[str]:
    """All rasters that are read, links followed; each folder is looked at once."""
    found: set[str] = set()
    folders: dict[str, str] = {}
    for task in progress_of(tasks, "checking the images' paths"):
        for path in task.sources:
            place, name = os.path.split(path)
            if place not in folders:
                with suppress(ValueError):  # no folder's name; its scenes' turn will tell
                    folders[place] = os.path.realpath(place)
            is_link = os.path.islink(path)  # noqa: PTH114 (Path raises where a name is too long)
            found.add(
                os.path.realpath(path) if is_link else _below(folders.get(place, place), name)
            )
    return found


def _below(folder: str, name: str) -> str:
    """A path as text: of a million Path takes ten times as long."""
    return name if folder == "." else f"{folder.rstrip(os.sep)}{os.sep}{name}"


def _links_in(folder: str) -> set[str]:
    """The names of the links in a folder; none where there is no such folder."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name for entry in entries if entry.is_symlink()}
    except OSError:
        return set()
