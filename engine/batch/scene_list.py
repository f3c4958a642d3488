"""Lists the scenes of a run, and names their masks."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePath

from ..contract.card_reader import read_card
from ..contract.ensemble_file import read_ensemble
from ..contract.errors import JobError, ModelFileError, join_names
from ..contract.jobs import SegmentFolderJob
from ..contract.model_card import Card
from ..contract.paths import is_folder, is_reserved, path_problem, real_path
from ..contract.protocol import Emit, Warned
from ..contract.scene import Scene, require_auxiliary
from ..contract.stream_fit import missing_stream_flaw
from ..contract.translation import tr
from ..datasets.layouts import prediction_scenes
from ..datasets.list_progress import ProgressIterator
from ..datasets.scene_tables import scenes_to_segment_from_table
from ..inference.scene_streams import refuse_unused_auxiliary
from .scene_task import SceneTask

#: Characters that some system forbids in file names, and surrogates: bytes of a name that are not UTF-8.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\ud800-\udfff]+')

#: Files that a run writes beside the masks; some file systems ignore case.
_SUMMARIES = re.compile(r"summary\.csv|summary\.html|mosaic.*\.vrt", re.IGNORECASE)

#: Maximum number of renamed scenes in a warning.
_NAMED = 5


def read_cards(job: SegmentFolderJob) -> dict[str, Card]:
    """The cards of the job's models by file.

    Raises:
        JobError: If the models cannot work together.
        ModelFileError: If a file is not a model file.
    """
    members = read_ensemble(job.model, job.combine).members
    return {member.model: read_card(member.model) for member in members}


def plan_tasks(job: SegmentFolderJob, cards: dict[str, Card], emit: Emit) -> list[SceneTask]:
    """The scenes of a job, in its order, with their names and outputs.

    Args:
        job: The job.
        cards: The cards of its models.
        emit: Callback for warnings about unused rasters and renamed scenes.

    Raises:
        JobError: If the job has no scenes, has both scenes and images, or a mask would overwrite an input.
        LayoutError: If a folder or table cannot be used.
        ModelFileError: If auxiliary rasters are given that no model takes, or no scene has those that one needs.
    """
    progress_of = ProgressIterator(emit)
    scenes = _with_auxiliary(_scenes(job, progress_of), job, cards, emit)
    require_auxiliary(job.auxiliary_bands, any(scene.auxiliary for scene in scenes))
    named = zip(scenes, _names(scenes, progress_of, emit), strict=True)
    tasks = [
        _task(job, scene, name) for scene, name in progress_of(named, tr("Planning the masks"))
    ]
    _check_outputs(job, tasks, progress_of)
    return tasks


def _scenes(job: SegmentFolderJob, progress_of: ProgressIterator) -> list[Scene]:
    if bool(job.scenes) == bool(job.images):
        raise JobError(
            tr("Give either scenes (a scenes table, or a folder of rasters) or images, not both.")
            if job.scenes
            else tr(
                "There is nothing to segment: give scenes (a scenes table, or a folder of rasters), "
                "or images."
            )
        )
    if job.images:
        return [Scene(image) for image in job.images]
    path = Path(job.scenes)
    if not is_folder(path):
        return scenes_to_segment_from_table(path, progress_of)
    progress_of.report(tr("Looking for rasters in the folder of scenes"))
    return prediction_scenes(path)


def _with_auxiliary(
    scenes: list[Scene], job: SegmentFolderJob, cards: dict[str, Card], emit: Emit
) -> list[Scene]:
    """The scenes with their own auxiliary rasters, or with the job's if they have none.

    If no scene has a second stream that a model needs, the run is refused here; if some lack it, these fail.

    Unused rasters of a table or folder cause a warning, for they may be meant for other models. Unused rasters of
    the job cause an error.
    """
    for model, card in cards.items():
        if not card.auxiliary.bands:
            continue
        if job.auxiliary:
            return [s if s.auxiliary else replace(s, auxiliary=job.auxiliary) for s in scenes]
        if scenes and not job.image_alone and not any(scene.auxiliary for scene in scenes):
            raise ModelFileError(missing_stream_flaw(card, model, job.scenes or scenes[0].image))
        return scenes
    refuse_unused_auxiliary(job.auxiliary, cards)
    if any(scene.auxiliary for scene in scenes):
        text = tr("The model was trained without auxiliary rasters: those in {} are not used.")
        emit(Warned(text.format(job.scenes)))
    return [replace(scene, auxiliary=()) for scene in scenes]


def _names(scenes: Sequence[Scene], progress_of: ProgressIterator, emit: Emit) -> list[str]:
    """A unique name for each scene, which does not depend on the order of the scenes.

    Scenes of equal stem get the names of their folders in front. Scenes that are still equal, such as an image that
    is listed twice, are numbered.
    """
    step = tr("Naming the scenes")
    stems = [_stem(scene) for scene in progress_of(scenes, step)]
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for number, stem in enumerate(progress_of(stems, step)):
        groups[stem.casefold()].append(number)  # some file systems ignore case
    names = list(stems)
    for numbers in progress_of(groups.values(), step):
        if len(numbers) > 1:
            group = [(scenes[number].image, stems[number]) for number in numbers]
            for number, name in zip(numbers, _prefix_folders(group, progress_of)):
                names[number] = name
    names = _add_numbers(progress_of(names, step))
    renamed = [
        tr("{} becomes {}").format(s.image, n)
        for s, stem, n in zip(scenes, stems, names)
        if stem != n
    ]
    if renamed:
        emit(Warned(tr("Scenes of one name get others: {}.").format(join_names(renamed, _NAMED))))
    return names


def _stem(scene: Scene) -> str:
    """A scene's name as some system may need it: without forbidden characters, and not that of a device."""
    name = _FORBIDDEN.sub("_", scene.stem).strip(" .") or "scene"
    return f"_{name}" if is_reserved(name) else name


def _prefix_folders(group: Sequence[tuple[str, str]], progress_of: ProgressIterator) -> list[str]:
    """Names of images of one stem, with as many folders in front as make the most of them unique."""
    stems = [stem for _, stem in group]
    step = tr("Giving scenes of one name different names")
    paths = [os.path.split(os.path.abspath(image))[0] for image, _ in progress_of(group, step)]
    folders = {
        path: [_FORBIDDEN.sub("", part) for part in PurePath(path).parts]
        for path in progress_of(dict.fromkeys(paths), step)
    }
    best, maximum = stems, len({*map(str.casefold, stems)})
    deepest = max(map(len, folders.values())) if len(folders) > 1 else 0
    for depth in range(1, deepest + 1):
        ends = {path: "_".join(filter(None, parts[-depth:])) for path, parts in folders.items()}
        pairs = zip(paths, stems)
        names = [f"{ends[p]}_{stem}" if ends[p] else stem for p, stem in progress_of(pairs, step)]
        count = len({*map(str.casefold, names)})
        if count > maximum:
            best, maximum = names, count
        if count == len(group):
            break
    return best


def _add_numbers(names: Iterable[str]) -> list[str]:
    """The names, numbered where they would share a file with the mask or confidence raster of another."""
    taken: set[str] = set()
    last: dict[str, int] = {}
    unique = []
    for name in names:
        number = last.get(name, 1)
        while True:
            new = f"{name}-{number}" if number > 1 else name
            files = {new.casefold(), _confidence(new).casefold()}
            if taken.isdisjoint(files):
                break
            number += 1
        taken |= files
        last[name] = number  # smaller numbers are taken
        unique.append(new)
    return unique


def _confidence(name: str) -> str:
    return f"{name}_confidence"


def _task(job: SegmentFolderJob, scene: Scene, name: str) -> SceneTask:
    folder = str(Path(job.output_folder))
    # A name that no file can have is kept, so that only this scene fails.
    file = scene.name if scene.name and path_problem(scene.name) else name
    confidence = _below(folder, f"{_confidence(file)}.tif") if job.confidence else ""
    return SceneTask(
        name,
        scene.image,
        scene.auxiliary,
        _below(folder, f"{file}.tif"),
        confidence,
        (scene.default_image_bands, scene.default_auxiliary_bands),
    )


def _check_outputs(
    job: SegmentFolderJob, tasks: Sequence[SceneTask], progress_of: ProgressIterator
) -> None:
    """Makes sure that no output overwrites an input."""
    sources = _real_sources(tasks, progress_of)
    folder = real_path(job.output_folder)
    links = _links(folder)
    same_folder = os.path.normcase(folder)
    for task in progress_of(tasks, tr("Checking the masks' paths")):
        for path in task.outputs.paths:
            name = os.path.split(path)[1]
            real = real_path(path) if name in links else _below(folder, name)
            if os.path.normcase(real) in sources:
                raise JobError(
                    tr("The mask {} is also an input: choose another output folder.").format(path)
                )
    table = real_path(job.scenes) if job.scenes else ""
    tables = {os.path.normcase(table): table} if table else {}
    inside = (item for item in {**sources, **tables}.items() if item[0].startswith(same_folder))
    for same, source in sorted(inside):
        parent, name = os.path.split(same)
        if parent == same_folder and _SUMMARIES.fullmatch(name):
            raise JobError(
                tr("The input {} would be written over: choose another output folder.").format(
                    source
                )
            )
    if same_folder in tables:
        raise JobError(
            tr(
                "The masks cannot lie among the images in {}, because the next run would take them for "
                "scenes: choose another output folder."
            ).format(job.scenes)
        )


def _real_sources(tasks: Sequence[SceneTask], progress_of: ProgressIterator) -> dict[str, str]:
    """The real paths of all inputs, by what equal paths have in common where case makes no difference.

    Each folder is resolved once.
    """
    real: dict[str, str] = {}
    folders: dict[str, str] = {}
    for task in progress_of(tasks, tr("Checking the images' paths")):
        for path in task.sources:
            folder, name = os.path.split(path)
            if folder not in folders:
                with suppress(ValueError):  # an impossible name: its scenes will fail
                    folders[folder] = os.path.realpath(folder)
            is_link = os.path.islink(path)  # noqa: PTH114 (Path raises where a name is too long)
            found = os.path.realpath(path) if is_link else _below(folders.get(folder, folder), name)
            real[os.path.normcase(found)] = found
    return real


def _below(folder: str, name: str) -> str:
    """A joined path; ``Path`` is ten times slower, which matters for a million scenes."""
    return name if folder == "." else f"{folder.rstrip(os.sep)}{os.sep}{name}"


def _links(folder: str) -> set[str]:
    """The names of the symbolic links in a folder; empty if there is no folder."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name for entry in entries if entry.is_symlink()}
    except OSError:
        return set()
