"""Lists the scenes of a job: from single layers, a folder in a known layout, or a scenes table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..contract.class_table import ClassTable
from ..contract.errors import JobError, LayoutError
from ..contract.jobs import TrainJob
from ..contract.paths import check_file, is_file, is_folder
from ..contract.scene import (
    Files,
    Scene,
    rasters_by_stem,
    require_auxiliary,
    require_labels,
    require_matching_auxiliary,
)
from ..contract.translation import tr
from .cloud_layout import (
    CLOUD_CLASSES,
    CLOUD_PASTE,
    cloud_scenes,
    cloud_training_scenes,
    is_cloud_folder,
    require_default_bands,
)
from .competition_layout import (
    competition_test_scenes,
    competition_training_scenes,
    is_competition_folder,
    is_competition_test,
)
from .image_scenes import scenes_of_images, with_corrections, with_later_labels
from .scene_tables import scenes_from_table

#: DualStream's folders by split: image, labels, and the auxiliary stacks in stacking order.
DUALSTREAM_FOLDERS = {
    "train": ("ts_sn", "tl_sn", ("t_ap", "t_gems")),
    "validation": ("vs_sn", "vl_sn", ("v_ap", "v_gems")),
}

#: Beginnings of the names of auxiliary files in the air-quality system's own folders; the image's name follows.
_AUXILIARY_PREFIXES = (
    *("AIR_Pollution_CO_", "AIR_Pollution_NO2_", "AIR_Pollution_SO2_"),
    "GEMS_",
)


@dataclass(frozen=True)
class _Layout:
    """A known layout of a training folder.

    Attributes:
        matches: Whether a folder has the layout.
        scenes: The labelled scenes of a folder.
        classes: The classes and colours that the layout fixes; usually none.
        paste: The role of these classes in copy-paste augmentation, by value.
    """

    matches: Callable[[Path], bool]
    scenes: Callable[[Path], list[Scene]]
    classes: ClassTable = ()
    paste: Mapping[int, str] = field(default_factory=dict)


def find_scenes(job: TrainJob) -> list[Scene]:
    """The scenes of a training job; its choice of bands replaces the default bands of a layout.

    Raises:
        JobError: If the job names no data, names it twice, or chooses bands without a raster for them.
        LayoutError: If a folder or table is incomplete, or its images lack the layout's default bands.
    """
    scenes = _named_scenes(job)
    require_auxiliary(job.auxiliary_bands, any(scene.auxiliary for scene in scenes))
    if not job.image_bands:
        require_default_bands(scene for scene in scenes if scene.default_image_bands)
    scenes = with_corrections(with_later_labels(scenes, job.labels[1:]), job)
    if job.corrections and job.labels:
        _require_any_labels(scenes, Path(job.labels[0]))
    return [
        replace(
            scene,
            image_bands=job.image_bands or scene.default_image_bands,
            auxiliary_bands=job.auxiliary_bands or scene.default_auxiliary_bands,
        )
        for scene in scenes
    ]


def _named_scenes(job: TrainJob) -> list[Scene]:
    if job.dataset and (job.image or job.labels):
        raise JobError(tr("Give either a dataset or an image with labels, not both."))
    if job.dataset:
        return _dataset_scenes(Path(job.dataset))
    if not job.image:
        raise JobError(tr("There is nothing to train on: give an image with labels, or a dataset."))
    if not (job.labels or job.corrections):
        raise JobError(
            tr("The image {} has no labels: give a class raster or polygons.").format(job.image[0])
        )
    labels = job.labels[0] if job.labels else ""
    others = (*job.labels[1:], *job.corrections)
    return scenes_of_images(job.image, labels, job.auxiliary, others, bool(job.corrections))


def _require_any_labels(scenes: Sequence[Scene], folder: Path) -> None:
    """Makes sure that an image without labels in a folder has others, or corrections."""
    images = {Path(scene.image).stem: Path(scene.image) for scene in scenes}
    found = {
        Path(scene.image).stem: Path(scene.image)
        for scene in scenes
        if scene.labels or scene.later_labels or scene.corrections
    }
    require_labels(images, found, folder)


def _dataset_scenes(path: Path) -> list[Scene]:
    """The scenes of a folder in a known layout, or of a scenes table."""
    if is_file(path):
        return scenes_from_table(path)
    if not is_folder(path):
        check_file(path, LayoutError)
        raise LayoutError(
            tr("The dataset {} does not exist: give a folder or a scenes table (CSV).").format(path)
        )
    layout = _find_layout(path)
    if layout is not None:
        return layout.scenes(path)
    raise LayoutError(
        tr(
            "The folder {} has no known layout. DualStream's has ts_sn (images), tl_sn (labels), "
            "t_ap and t_gems (auxiliary), and the same with v for validation; the clouds' has "
            "train/rgb, train/ngr and train/label, and the same in val; a competition's has "
            "train.csv (img_id, img_path, mask_rle) and train_img; or give a scenes table (CSV)."
        ).format(path)
    )


def layout_classes(job: TrainJob) -> ClassTable:
    """The class table that the layout of a job's dataset fixes; empty if it fixes none."""
    layout = _find_layout(Path(job.dataset)) if job.dataset else None
    return layout.classes if layout else ()


def default_paste(job: TrainJob, classes: ClassTable) -> tuple[str, ...]:
    """The classes for copy-paste augmentation: the job's, else the dataset layout's.

    Args:
        job: The training job.
        classes: The classes that are trained; other classes of the layout are left out.
    """
    layout = _find_layout(Path(job.dataset)) if job.dataset else None
    if job.paste or layout is None or not layout.paste:
        return job.paste
    # Not the layout's names: the user may have renamed or merged classes.
    names = {entry.value: entry.name for entry in classes}
    roles = {value: role for value, role in layout.paste.items() if value in names}
    if set(roles.values()) <= {":companion"}:  # a shadow is copied together with a cloud only
        return ()
    return tuple(f"{names[value]}{role}" for value, role in roles.items())


def prediction_scenes(path: Path) -> list[Scene]:
    """The scenes of a folder to segment, in the order of test.csv or sorted by name; they have no labels.

    Args:
        path: A folder with test.csv and test_img, with test/rgb and test/ngr, with rgb and ngr, or with rasters.

    Raises:
        LayoutError: If the folder is none of these, or holds no raster.
    """
    if is_competition_test(path):
        return competition_test_scenes(path)
    for folder in (path / "test", path):
        if (folder / "rgb").is_dir() and (scenes := cloud_scenes(folder)):
            return scenes
    files = rasters_by_stem(path)
    if not files:
        raise LayoutError(
            tr(
                "There is no raster to segment in {}: give a folder with test/rgb and test/ngr, one "
                "with rgb and ngr (such as val), one with test.csv (img_id, img_path) and test_img, "
                "or one that holds the rasters themselves."
            ).format(path)
        )
    return [Scene(str(files[stem])) for stem in sorted(files)]


def _dualstream_scenes(root: Path) -> list[Scene]:
    """The labelled scenes of DualStream's layout: files of the same stem belong together.

    The name of an auxiliary file may also begin with one of ``_AUXILIARY_PREFIXES``.
    """
    scenes: list[Scene] = []
    for split, (image_folder, label_folder, auxiliary_folders) in DUALSTREAM_FOLDERS.items():
        images = rasters_by_stem(root / image_folder)
        labels = rasters_by_stem(root / label_folder)
        require_labels(images, labels, root / label_folder)
        stacks: list[Files] = []
        for folder in (root / name for name in auxiliary_folders if (root / name).is_dir()):
            for stack in _stacks(images, rasters_by_stem(folder)):
                stacks.append(stack)
                require_matching_auxiliary(images, stack, folder, root / image_folder)
        for stem, image in images.items():
            auxiliary = tuple(str(stack[stem]) for stack in stacks if stem in stack)
            if len(auxiliary) < len(stacks):
                auxiliary = ()
            scenes.append(Scene(str(image), str(labels[stem]), auxiliary, split))
    if not any(scene.split == "train" for scene in scenes):
        raise LayoutError(
            tr("{} holds no raster to train on.").format(root / DUALSTREAM_FOLDERS["train"][0])
        )
    if not any(scene.split == "validation" for scene in scenes):
        return [replace(scene, split="") for scene in scenes]
    return scenes


def _stacks(images: Files, files: Files) -> list[Files]:
    """The auxiliary rasters of a folder by the stem of their image, one mapping for each raster of a scene."""
    if not images.keys() & files.keys():
        by_prefix: Iterator[Files] = (
            {
                stem.removeprefix(prefix): path
                for stem, path in files.items()
                if stem.startswith(prefix)
            }
            for prefix in _AUXILIARY_PREFIXES
        )
        if found := [stack for stack in by_prefix if stack]:
            return found
    return [files]


def _is_dualstream_folder(root: Path) -> bool:
    return (root / DUALSTREAM_FOLDERS["train"][0]).is_dir()


_LAYOUTS = (
    _Layout(_is_dualstream_folder, _dualstream_scenes),
    _Layout(is_cloud_folder, cloud_training_scenes, CLOUD_CLASSES, CLOUD_PASTE),
    _Layout(is_competition_folder, competition_training_scenes),
)


def _find_layout(path: Path) -> _Layout | None:
    """The first layout that matches a folder; None for a table and any other folder."""
    return next((layout for layout in _LAYOUTS if layout.matches(path)), None)
