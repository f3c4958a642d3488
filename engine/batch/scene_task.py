"""One scene of many: its task and its record, which are sent between processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from glob import escape
from pathlib import Path
from typing import Any

from ..contract.file_replacement import discard_file
from ..contract.inference_options import SceneOutputs
from ..contract.translation import tr

#: Status of a scene: its mask was made in this run, or by an earlier run, or there is none.
DONE, KEPT, FAILED = "done", "kept", "failed"


@dataclass(frozen=True)
class SceneTask:
    """A scene to segment.

    Attributes:
        name: Name in the run, unique.
        image: The image raster.
        auxiliary: Its auxiliary rasters, in stacking order.
        output: The mask to write.
        confidence: The raster to write with the probability of the chosen class; empty: none.
        default_bands: ``default_image_bands`` and ``default_auxiliary_bands`` of the ``Scene``.
    """

    name: str
    image: str
    auxiliary: tuple[str, ...] = ()
    output: str = ""
    confidence: str = ""
    default_bands: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())

    @property
    def sources(self) -> tuple[str, ...]:
        """The input rasters."""
        return (self.image, *self.auxiliary)

    @property
    def outputs(self) -> SceneOutputs:
        """The rasters to write."""
        return SceneOutputs(self.output, self.confidence)


@dataclass(frozen=True)
class SceneRecord:
    """The result of a scene.

    Attributes:
        name: Name of the scene.
        image: Path of the image.
        output: Path of the mask.
        status: ``DONE``, ``KEPT`` or ``FAILED``.
        sentence: The reason of a failure, else the warnings.
        seconds: Duration, s.
        pixels: Number of pixels of the mask; 0 if there is none.
        shares: The share 0..1 of each class, by name, of the pixels that have a class.
        device: The device's name.
        runtime: The network's runtime.
        tiles: Number of tiles of all models.
        known: Number of pixels that have a class.
        unlike: The share 0..1 of the scene that is unlike the training; None: no model has a land summary.
        areas: Area of each class by name, m2; empty if the scene has no place on Earth, or an older run made it.
    """

    name: str
    image: str
    output: str
    status: str
    sentence: str = ""
    seconds: float = 0.0
    pixels: int = 0
    shares: Mapping[str, float] = field(default_factory=dict)
    device: str = ""
    runtime: str = ""
    tiles: int = 0
    known: int = 0
    unlike: float | None = None
    areas: Mapping[str, float] = field(default_factory=dict)

    @property
    def megapixels(self) -> float:
        """Million pixels of the mask."""
        return self.pixels / 1e6

    @property
    def rate(self) -> float:
        """Million pixels per second; 0 if nothing was computed."""
        return self.megapixels / self.seconds if self.seconds > 0 else 0.0

    @property
    def pixel_rate(self) -> float:
        """Pixels per second."""
        return 1e6 * self.rate


def failed_record(task: SceneTask, sentence: str, seconds: float = 0.0) -> SceneRecord:
    """The record of a failed scene; ``sentence`` is the reason and the way out."""
    return SceneRecord(task.name, task.image, task.output, FAILED, sentence, seconds)


def remove_rows(task: SceneTask) -> None:
    """Removes the stored rows of all parts of a scene, see ``scene_parts``."""
    for output in map(Path, task.outputs.paths):
        for path in output.parent.glob(f"{escape(output.name)}.rows-*"):
            discard_file(path)


def record_from(values: Mapping[str, Any]) -> SceneRecord:
    """The record whose fields are ``values``.

    Raises:
        TypeError: If a field is missing or unknown.
        ValueError: If a value has a wrong type.
    """
    record = SceneRecord(**values)
    counts = record.seconds, record.pixels, record.tiles, record.known, record.unlike or 0
    numbers = (*counts, *record.shares.values(), *record.areas.values())
    if not all(isinstance(number, (int, float)) for number in numbers):
        raise ValueError(tr("not the record of a scene"))
    return record
