"""Facts about a network from its ONNX file and the job: bands and their scaling, classes, threshold, ground resolution.

The file's metadata comes first: the card in our own exports, or what the QGIS plugin Deepness needs. The job gives
the rest, and may rename the classes or give another mean and standard deviation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..contract.card_reader import card_of_text
from ..contract.class_table import ClassTable, class_table, parse_class_names
from ..contract.errors import JobError, format_count
from ..contract.file_jobs import ImportJob
from ..contract.model_card import CARD_KEY, Card, deviation_flaw
from ..contract.translation import tr
from ..models.refused_files import is_yolo, yolo_message
from ..sampling.band_statistics import IMAGENET_RGB_MEAN, IMAGENET_RGB_STD
from .deepness_metadata import DeepnessFacts, read_deepness

#: The names of a network's two classes where its file names the second one only.
_BACKGROUND = "background"


@dataclass(frozen=True)
class Scaling:
    """How the bands of a stream are scaled for a network.

    Attributes:
        mean: What is subtracted from each band, in physical units.
        std: By what each band is divided.
        maximum: The physical value that images reach.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    maximum: float


@dataclass(frozen=True)
class FileFacts:
    """The metadata of an ONNX file.

    Attributes:
        card: The card of one of our own exports, or None.
        deepness: What Deepness needs, or None.
    """

    card: Card | None = None
    deepness: DeepnessFacts | None = None

    @property
    def tile_size(self) -> int:
        """Side of a tile in px; 0: unknown."""
        return self.card.tile_size if self.card else self.deepness.tile_size if self.deepness else 0


def file_facts(metadata: Mapping[str, str], path: str) -> FileFacts:
    """Reads the metadata of an ONNX file.

    Raises:
        EngineError: If the metadata are damaged, or of a network that does not segment.
    """
    if is_yolo(metadata):
        raise JobError(yolo_message(path))
    if CARD_KEY in metadata:
        return FileFacts(card=card_of_text(metadata[CARD_KEY], path))
    return FileFacts(deepness=read_deepness(metadata, path))


def image_scaling(job: ImportJob, facts: FileFacts, bands: int) -> Scaling:
    """How the bands of the image are scaled.

    Args:
        job: The job.
        facts: The file's metadata.
        bands: Number of bands that the network takes; 0: any.

    Raises:
        JobError: If neither file nor job gives it, or gives it for another number of bands.
    """
    deepness = facts.deepness
    if job.mean or job.std:
        mean, std = job.mean, job.std
    elif deepness:
        count = bands or max(len(deepness.mean), len(deepness.std))
        mean = deepness.mean or (0.0,) * count
        std = deepness.std or (1.0,) * count
        return _scaling(mean, std, bands, 255.0)
    elif job.normalisation == "none" and bands:
        mean, std = (0.0,) * bands, (1.0,) * bands
    elif job.normalisation == "imagenet":
        mean, std = IMAGENET_RGB_MEAN, IMAGENET_RGB_STD
    else:
        raise JobError(
            tr(
                "The file {} does not say how pixels were scaled: give the normalisation imagenet or none, or mean and std "
                "of every band in shares of maximum."
            ).format(job.weights)
        )
    return _scaling(mean, std, bands, job.maximum)


def auxiliary_scaling(job: ImportJob, bands: int) -> Scaling:
    """How the bands of the second stream are scaled.

    Raises:
        JobError: If the job does not give it for each band.
    """
    if not job.auxiliary_mean or not job.auxiliary_std:
        raise JobError(
            tr(
                "The network {} has two inputs: give auxiliary_mean and auxiliary_std of every band of the second one, in "
                "shares of maximum, as mean and std."
            ).format(job.weights)
        )
    return _scaling(job.auxiliary_mean, job.auxiliary_std, bands, job.maximum)


def _scaling(
    mean: tuple[float, ...], std: tuple[float, ...], bands: int, maximum: float
) -> Scaling:
    """The scaling by mean and standard deviation in shares of ``maximum``; refuses any other number than one for each band."""
    needed = bands or len(mean)
    for name, values in (("mean", mean), ("std", std)):
        if len(values) != needed or not needed:
            raise JobError(
                tr("The network has {}, but {} has {}: give one for each band.").format(
                    format_count(needed, "{} band", "{} bands"),
                    name,
                    format_count(len(values), "{} value", "{} values"),
                )
            )
    if flaw := deviation_flaw("std", std):
        raise JobError(f"{flaw}.")
    return Scaling(
        mean=tuple(maximum * value for value in mean),
        std=tuple(maximum * value for value in std),
        maximum=maximum,
    )


def classes_of(job: ImportJob, facts: FileFacts, channels: int) -> ClassTable:
    """The classes of a network.

    Args:
        job: The job.
        facts: The file's metadata.
        channels: Its outputs per pixel, 1 of two classes; 0: a class map, of any number of classes.

    Raises:
        JobError: If nothing names them, or they are not as many.
    """
    needed = 2 if channels == 1 else channels
    given = parse_class_names(job.class_names)
    if given:
        names = {value: name for value, (name, _) in given.items()}
        colours = {value: colour for value, (_, colour) in given.items() if colour}
        table = class_table(names, colours)
    elif facts.card:
        table = facts.card.classes
    else:
        names = facts.deepness.class_names if facts.deepness else {}
        if channels == 1 and len(names) == 1:
            names = {0: _BACKGROUND, 1: next(iter(names.values()))}
        table = class_table(names)
    if len(table) < 2 or (needed and len(table) != needed):
        raise JobError(
            tr(
                "The network {} has {}, and {} given: name {} with class_names, each as value=name, such as "
                "0=background."
            ).format(
                job.weights,
                format_count(channels, "{} output per pixel", "{} outputs per pixel")
                if channels
                else tr("a map of classes"),
                format_count(len(table), "{} class is", "{} classes are"),
                format_count(needed, "{} class", "{} classes") if needed else tr("its classes"),
            )
        )
    return table
