"""One scene of many: what is to be done with it, and what became of it. Travels between processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from glob import escape
from pathlib import Path
from typing import Any

from ..contract.inference_options import SceneOutputs

#: What can become of a scene: its mask was made now, or by an earlier run; or there is none.
DONE, KEPT, FAILED = "done", "kept", "failed"


@dataclass(frozen=True)
class SceneTask:
    """A scene to segment.

    Attributes:
        name: What it is called in the run; no two are called alike.
        image: The image raster.
        auxiliary: Its auxiliary rasters, in stacking order.
        output: The mask to write.
        confidence: The raster to write with the chosen class's probability; empty: none.
        usual: The bands of image and stack that ``Scene`` calls usual.
    """

    name: str
    image: str
    auxiliary: tuple[str, ...] = ()
    output: str = ""
    confidence: str = ""
    usual: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())

    @property
    def sources(self) -> tuple[str, ...]:
        """The rasters that it is made of."""
        return (self.image, *self.auxiliary)

    @property
    def outputs(self) -> SceneOutputs:
        """The rasters to write."""
        return SceneOutputs(self.output, self.confidence)


@dataclass(frozen=True)
class SceneRecord:
    """What became of a scene.

    Attributes:
        name: As in its task.
        image: As in its task.
        output: The mask, as in its task.
        status: ``DONE``, ``KEPT`` or ``FAILED``.
        sentence: Why it failed; of others what a user should know of it, mostly nothing.
        seconds: What it took.
        pixels: The mask's; 0 if there is none.
        shares: The share 0..1 of each class, by name, of the pixels that have one.
        device: What computed it.
        runtime: What ran the network there.
        tiles: How many tiles the models looked at.
        known: The pixels that have a class.
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

    @property
    def megapixels(self) -> float:
        """The mask's size in million pixels."""
        return self.pixels / 1e6

    @property
    def rate(self) -> float:
        """Million pixels a second; 0 where nothing was computed."""
        return self.megapixels / self.seconds if self.seconds > 0 else 0.0


def failed_record(task: SceneTask, sentence: str, seconds: float = 0.0) -> SceneRecord:
    """The record of a scene that has failed.

    Args:
        task: The scene.
        sentence: Why, and what to do.
        seconds: What it took to find out.
    """
    return SceneRecord(task.name, task.image, task.output, FAILED, sentence, seconds)


def remove_rows(task: SceneTask) -> None:
    """Removes what any run has kept of the parts of a scene, see ``scene_parts``."""
    for path in map(Path, task.outputs.paths):
        for left in path.parent.glob(f"{escape(path.name)}.rows-*"):
            left.unlink(missing_ok=True)


def record_from(values: Mapping[str, Any]) -> SceneRecord:
    """The record whose fields are ``values``.

    Raises:
        TypeError: If they are others.
        ValueError: If one is of another type.
    """
    record = SceneRecord(**values)
    numbers = (record.seconds, record.pixels, record.tiles, record.known, *record.shares.values())
    if not all(isinstance(number, (int, float)) for number in numbers):
        raise ValueError("not the record of a scene")
    return record
