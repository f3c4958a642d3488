"""Where data lie: single layers, a folder in a known layout or a scenes table become one list of scenes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..contract.class_table import ClassTable, parse_class_names
from ..contract.errors import JobError, LayoutError
from ..contract.jobs import TrainJob
from ..contract.paths import check_file, is_file, is_folder
from ..contract.scene import Scene, rasters_by_stem, require_auxiliary, require_labels, require_some
from .cloud_layout import (
    CLOUD_CLASSES,
    CLOUD_PASTE,
    cloud_scenes,
    from_cloud_folder,
    is_cloud_folder,
    require_colours,
)
from .competition_layout import (
    competition_test_scenes,
    from_competition_folder,
    is_competition_folder,
    is_competition_test,
)
from .scene_tables import scenes_from_table

#: DualStream's folders by split: image, labels, and the auxiliary stacks in stacking order.
DUALSTREAM_FOLDERS = {
    "train": ("ts_sn", "tl_sn", ("t_ap", "t_gems")),
    "validation": ("vs_sn", "vl_sn", ("v_ap", "v_gems")),
}


def find_scenes(job: TrainJob) -> list[Scene]:
    """The scenes a training job names, whichever way; its choice of bands wins over the layout's.

    Raises:
        JobError: If the job names no data, names it twice, or chooses bands of what it has not.
        LayoutError: If a folder or table is incomplete, or its images lack the layout's bands.
    """
    scenes = _named_scenes(job)
    require_auxiliary(job.auxiliary_bands, any(scene.auxiliary for scene in scenes))
    if not job.image_bands:
        require_colours(scene for scene in scenes if scene.usual_image_bands)
    return [
        replace(
            scene,
            image_bands=job.image_bands or scene.usual_image_bands,
            auxiliary_bands=job.auxiliary_bands or scene.usual_auxiliary_bands,
        )
        for scene in scenes
    ]


def _named_scenes(job: TrainJob) -> list[Scene]:
    if job.dataset and (job.image or job.labels):
        raise JobError("Give either a dataset or an image with labels, not both.")
    if job.dataset:
        return from_dataset(Path(job.dataset))
    if not job.image:
        raise JobError("There is nothing to train on: give an image with labels, or a dataset.")
    if not job.labels:
        raise JobError(f"The image {job.image} has no labels: give a class raster or polygons.")
    return [Scene(job.image, job.labels, job.auxiliary)]


def from_dataset(path: Path) -> list[Scene]:
    """The scenes of a folder in a known layout, or of a scenes table.

    Raises:
        LayoutError: If the path is neither, or incomplete.
    """
    if is_file(path):
        return scenes_from_table(path)
    if not is_folder(path):
        check_file(path, LayoutError)
        raise LayoutError(
            f"The dataset {path} does not exist: give a folder or a scenes table (CSV)."
        )
    layout = find_layout(path)
    if layout is not None:
        return layout.scenes(path)
    raise LayoutError(
        f"The folder {path} has no known layout. DualStream's has ts_sn (images), tl_sn (labels), t_ap "
        "and t_gems (auxiliary), and the same with v for validation; the clouds' has train/rgb, "
        "train/ngr and train/label, and the same in val; a competition's has train.csv (img_id, img_path, "
        "mask_rle) and train_img; or give a scenes table (CSV)."
    )


def layout_classes(job: TrainJob) -> ClassTable:
    """The class table that comes with the layout of a job's dataset; none with most."""
    layout = find_layout(Path(job.dataset)) if job.dataset else None
    return layout.classes if layout else ()


def default_paste(job: TrainJob, classes: ClassTable) -> tuple[str, ...]:
    """The classes for the augmentation copy-paste: the job's, else those of the dataset's layout.

    Args:
        job: The training job.
        classes: The classes that are trained: of the layout's, others are left out.
    """
    layout = find_layout(Path(job.dataset)) if job.dataset else None
    if job.paste or layout is None or not layout.paste:
        return job.paste
    given = parse_class_names(job.class_names)
    present = {entry.value for entry in classes}
    names = {e.value: given.get(e.value, (e.name, ""))[0] for e in layout.classes}
    roles = {value: role for value, role in layout.paste.items() if value in present}
    # Without any cloud there is nothing for a shadow to travel with.
    is_alone = set(roles.values()) <= {":companion"}
    return () if is_alone else tuple(f"{names[value]}{role}" for value, role in roles.items())


def prediction_scenes(path: Path) -> list[Scene]:
    """The scenes of a folder that are to be segmented; they have no labels.

    They are in the order of test.csv where there is one, else sorted by name.

    Args:
        path: A folder with test.csv and test_img, one with test/rgb and test/ngr, one with rgb and ngr,
            or one with rasters.

    Raises:
        LayoutError: If it is none of these, or holds no raster.
    """
    if is_competition_test(path):
        return competition_test_scenes(path)
    for folder in (path / "test", path):
        if (folder / "rgb").is_dir() and (scenes := cloud_scenes(folder)):
            return scenes
    files = rasters_by_stem(path)
    if not files:
        raise LayoutError(
            f"There is no raster to segment in {path}: give a folder with test/rgb and test/ngr, one "
            "with rgb and ngr (such as val), one with test.csv (img_id, img_path) and test_img, or one "
            "that holds the rasters themselves."
        )
    return [Scene(str(files[stem])) for stem in sorted(files)]


def from_dualstream_folder(root: Path) -> list[Scene]:
    """The scenes of DualStream's layout: files of the same stem belong together.

    Raises:
        LayoutError: If an image has no labels, or an auxiliary folder belongs to no image.
    """
    scenes: list[Scene] = []
    for split, (image_folder, label_folder, auxiliary_folders) in DUALSTREAM_FOLDERS.items():
        images = rasters_by_stem(root / image_folder)
        labels = rasters_by_stem(root / label_folder)
        require_labels(images, labels, root / label_folder)
        stacks = []
        for folder in (root / name for name in auxiliary_folders if (root / name).is_dir()):
            stacks.append(rasters_by_stem(folder))
            require_some(images, stacks[-1], folder, root / image_folder)
        for stem, image in images.items():
            present = tuple(str(stack[stem]) for stack in stacks if stem in stack)
            fill_counters = present if len(present) == len(stacks) else ()
            scenes.append(Scene(str(image), str(labels[stem]), fill_counters, split))
    if not any(scene.split == "train" for scene in scenes):
        raise LayoutError(f"{root / DUALSTREAM_FOLDERS['train'][0]} holds no raster to train on.")
    if not any(scene.split == "validation" for scene in scenes):
        return [replace(scene, split="") for scene in scenes]
    return scenes


def _is_dualstream_folder(root: Path) -> bool:
    return (root / DUALSTREAM_FOLDERS["train"][0]).is_dir()


@dataclass(frozen=True)
class Layout:
    """A known layout of a training folder.

    Attributes:
        matches: Whether a folder is laid out so.
        scenes: Its labelled scenes.
        classes: The classes and colours that it fixes; none with most.
        paste: How copy-paste treats these classes, by value.
    """

    matches: Callable[[Path], bool]
    scenes: Callable[[Path], list[Scene]]
    classes: ClassTable = ()
    paste: Mapping[int, str] = field(default_factory=dict)


_LAYOUTS = (
    Layout(_is_dualstream_folder, from_dualstream_folder),
    Layout(is_cloud_folder, from_cloud_folder, CLOUD_CLASSES, CLOUD_PASTE),
    Layout(is_competition_folder, from_competition_folder),
)


def find_layout(path: Path) -> Layout | None:
    """The layout of a folder, the first that owns it; None for a table and any other folder.

    Scenes, classes and what to paste all come from this one answer.
    """
    return next((layout for layout in _LAYOUTS if layout.matches(path)), None)
