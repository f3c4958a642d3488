"""The job fields that all commands which apply models share, and the rasters that they write per scene."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import JobError
from .translation import tr
from .unlike import UNLIKE

#: Test-time augmentation by name: the symmetries of the square (see ``tile_transforms.apply_symmetry``) whose
#: probabilities are averaged. "flips": the identity, both flips and the half turn.
VIEWS: dict[str, tuple[int, ...]] = {
    "none": (0,),
    "flips": (0, 2, 4, 6),
    "d4": tuple(range(8)),
}

#: Runtimes: the name in jobs and in QGIS, and the name in messages.
RUNTIMES = {
    "torch": "PyTorch",
    "onnxruntime": "ONNX Runtime",
}

#: Runtimes of earlier versions. Jobs and saved settings that name one are read; the engine then chooses by itself.
RETIRED_RUNTIMES = ("torch-compile", "openvino", "onnxruntime-gpu")

#: Largest batch size; no device has the memory for it.
_MAX_TILES = 65_536


@dataclass(frozen=True)
class InferenceOptions:
    """Options of inference; the jobs that apply models inherit these fields.

    Attributes:
        image_alone: Apply models that were trained on two streams also where the second one is missing, which is
            less accurate; false: refuse it.
        overlap: Overlap of neighbouring tiles, which are blended there, in image pixels; -1: an eighth of
            the tile.
        batch_size: Tiles per forward pass; 0: as many as suit the device.
        combine: How several models are combined: "mean" of their probabilities or majority "vote";
            "automatic": as the ensemble file says, else the mean.
        tta: Test-time augmentation, the views of each tile that are averaged: "none", "flips" (4)
            or "d4" (8, flips and turns).
        threshold: For two classes, the smallest probability of the second class; -1: the threshold of the
            model; the mean of several models has the weighted mean of their thresholds, and in a vote each
            model has its own.
        match_resolution: Resample the image to the ground resolution that the model was trained at, if
            both are metric and differ by more than 10 %; the mask keeps the image's grid.
        device: auto, cpu, cuda, cuda:N or mps.
        precision: auto, fp32, bf16 or fp16.
        runtime: Library that computes the network: "torch" or, on processors, "onnxruntime"; "auto": chosen by
            device, processor and length of the run, see ``engine/runtimes/rule.py``.

    Raises:
        JobError: If a value is impossible for every model.
    """

    image_alone: bool = False
    overlap: int = -1
    batch_size: int = 0
    combine: str = "automatic"
    tta: str = "none"
    threshold: float = -1.0
    match_resolution: bool = True
    device: str = "auto"
    precision: str = "auto"
    runtime: str = "auto"

    def __post_init__(self) -> None:
        if not 0 <= self.batch_size <= _MAX_TILES:
            raise JobError(
                tr(
                    "The batch size must be at least 1, or 0 for what is fastest, and at most {}, not {}."
                ).format(_MAX_TILES, self.batch_size)
            )
        if self.tta not in VIEWS:
            raise JobError(
                tr("The test-time augmentation {!r} is unknown; it is one of {}.").format(
                    self.tta, ", ".join(VIEWS)
                )
            )
        if self.threshold != -1 and not 0 < self.threshold < 1:
            raise JobError(
                tr("The threshold must be between 0 and 1, not {:g}.").format(self.threshold)
            )


@dataclass(frozen=True)
class SceneOutputs:
    """The rasters that are written for a scene.

    Attributes:
        mask: Path of the mask, the class of every pixel.
        confidence: Path of the raster of the probability of the mask's class, percent; empty: none.
        disagreement: Path of the raster of the share of models that choose another class, percent; empty: none.
        unlike: Path of the raster of how unlike the training each pixel is, percent; empty: none.
    """

    mask: str
    confidence: str = ""
    disagreement: str = ""
    unlike: str = ""

    @property
    def extras(self) -> dict[str, str]:
        """The rasters to write besides the mask, by name."""
        paths = {
            "confidence": self.confidence,
            "disagreement": self.disagreement,
            UNLIKE: self.unlike,
        }
        return {name: path for name, path in paths.items() if path}

    @property
    def paths(self) -> tuple[str, ...]:
        """All rasters to write, the mask first."""
        return (self.mask, *self.extras.values())
