"""How models are applied to scenes, and what is written of one: what all commands that apply models share."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import JobError

#: Test-time augmentation by name: the symmetries of the square (see ``tile_transforms.apply_symmetry``) whose
#: probabilities are averaged. "flips" are none, both flips and the half turn.
VIEWS: dict[str, tuple[int, ...]] = {
    "none": (0,),
    "flips": (0, 2, 4, 6),
    "d4": tuple(range(8)),
}


#: The most tiles that a forward pass can be asked to take; memory ends long before.
MAX_TILES = 65_536


@dataclass(frozen=True)
class InferenceOptions:
    """How models are applied, whichever they are; the jobs that apply models inherit these fields.

    Attributes:
        overlap: Image pixels that neighbouring tiles share and blend over; -1: an eighth of the tile.
        batch_size: Tiles per forward pass; 0: what is fastest on the device.
        combine: How several models agree: "mean" of their probabilities or majority "vote";
            "automatic": as the ensemble file says, else the mean.
        tta: Test-time augmentation, the views of each tile that are averaged: "none", "flips" (4)
            or "d4" (8, flips and turns).
        threshold: Of two classes, the probability from which on a pixel is the second; -1: the
            model's own; the mean of several models has the mean of theirs, weighted as the models are, and
            in a vote each has its own.
        match_resolution: Resample the image to the ground resolution that the model was trained at,
            where both are metric and differ by more than 10 %; the mask keeps the image's grid.
        device: auto, cpu, cuda, cuda:N or mps.
        precision: auto, fp32, bf16 or fp16.
        runtime: What computes the network: "torch", "torch-compile" (NVIDIA GPUs), "onnxruntime" or
            "openvino" (processors); "auto": the fastest one found here, see ``network.py``.

    Raises:
        JobError: If something is impossible.
    """

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
        """Refuses what is impossible whatever the model."""
        if not 0 <= self.batch_size <= MAX_TILES:
            raise JobError(
                f"The batch size must be at least 1, or 0 for what is fastest, and at most {MAX_TILES}, not "
                f"{self.batch_size}."
            )
        if self.tta not in VIEWS:
            raise JobError(
                f"The test-time augmentation {self.tta!r} is unknown; it is one of {', '.join(VIEWS)}."
            )
        if self.threshold != -1 and not 0 < self.threshold < 1:
            raise JobError(f"The threshold must be between 0 and 1, not {self.threshold:g}.")


@dataclass(frozen=True)
class SceneOutputs:
    """The rasters that are written of a scene.

    Attributes:
        mask: The class of every pixel.
        confidence: The chosen class's probability in percent; empty: not wanted.
        disagreement: The share of models, in percent, whose class is another than the mask's; empty: not wanted.
    """

    mask: str
    confidence: str = ""
    disagreement: str = ""

    @property
    def extras(self) -> dict[str, str]:
        """The rasters that are wanted besides the mask, by what they show."""
        wanted = {"confidence": self.confidence, "disagreement": self.disagreement}
        return {name: path for name, path in wanted.items() if path}

    @property
    def paths(self) -> tuple[str, ...]:
        """All of them, the mask first."""
        return (self.mask, *self.extras.values())
