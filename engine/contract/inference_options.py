"""The job fields that all commands which apply models share, and the rasters that they write per scene."""

from __future__ import annotations

from dataclasses import dataclass

from .options import AUTOMATIC, ROWS, CheckedJob, option
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

#: Ways to combine models: the mean of their probabilities, or the class that most of them choose.
COMBINATIONS = ("mean", "vote")

#: Largest batch size; no device has the memory for it.
MAX_BATCH_SIZE = 65_536

#: Devices to choose from; there are more, such as cuda:7.
DEVICES = ("auto", "cpu", "cuda", "cuda:0", "cuda:1", "cuda:2", "cuda:3", "mps")

#: Number formats in which a network computes.
PRECISIONS = ("auto", "fp32", "bf16", "fp16")


@dataclass(frozen=True)
class InferenceOptions(CheckedJob):
    """Options of inference; the jobs that apply models inherit these fields."""

    image_alone: bool = option(
        False,
        "Without the second stream",
        "Use a model that was trained on two streams where you have no auxiliary rasters. The mask is then made "
        "from the image alone, which is less accurate. Without this option such a run is refused.",
        decides=(),
    )
    overlap: int = option(
        -1,
        "Overlap of tiles in pixels",
        "Number of pixels by which neighbouring tiles overlap. Their results are blended there, which "
        "hides seams. Automatic: an eighth of the model's tile size.",
        high=65_536,
        is_open=True,
    )
    batch_size: int = option(
        0,
        "Batch size",
        "Number of tiles that are processed together. Automatic: the number that is fastest on the "
        "device. If the memory runs out, DualStream processes fewer at a time.",
        low=1,
        high=MAX_BATCH_SIZE,
        is_open=True,
        decides=(ROWS,),
    )
    combine: str = option(
        AUTOMATIC,
        "Combination of several models",
        "mean: the class with the largest mean probability. vote: the class that most models choose. "
        "automatic: the combination in the ensemble file, otherwise mean.",
        choices=(AUTOMATIC, *COMBINATIONS),
        decides=(ROWS,),
    )
    tta: str = option(
        "none",
        "Test-time augmentation",
        "The mean probability over flipped (flips: 4 views) or flipped and rotated copies of each "
        "tile (d4: 8 views). Often a little more accurate, and 4 or 8 times slower.",
        choices=tuple(VIEWS),
    )
    threshold: float = option(
        -1.0,
        "Threshold of two classes",
        "With two classes, the lowest probability, 0 to 1, at which a pixel gets the second class. A "
        "lower threshold finds more of this class, with more false alarms. Automatic: the model's own "
        "threshold, with which its training found the second class best on the validation part (the "
        "networks pspnet-densenet161, unet-resnet50 and deeplabv3plus-mobilenetv3 have their authors' "
        "0.3 and 0.35 before calibration); for the mean of several models, the weighted mean of their thresholds.",
        high=1,
        excluded=(0, 1),
        is_open=True,
    )
    match_resolution: bool = option(
        True,
        "Match the ground resolution",
        "If the image's pixels are more than 10 % larger or smaller on the ground than those the model "
        "was trained on, the image is resampled for the model. The mask keeps the image's grid.",
    )
    device: str = option(
        "auto",
        "Device",
        "auto: the graphics card if there is one. cuda:1: the second NVIDIA card.",
        examples=DEVICES,
        decides=(),
    )
    precision: str = option(
        "auto",
        "Precision",
        "Number format of the computation. auto: the fastest one that is safe on the device.",
        choices=PRECISIONS,
        decides=(),
    )
    runtime: str = option(
        "auto",
        "Runtime",
        "The library that computes the network. auto: PyTorch on graphics cards, and for many tiles on "
        "processors with bf16 instructions; otherwise ONNX Runtime if the model is prepared for it, else "
        "PyTorch. torch: PyTorch, as in training. onnxruntime: ONNX Runtime, on the processor; it starts "
        "faster and takes less memory.",
        examples=("auto", *RUNTIMES),  # those of earlier versions are read too
        decides=(ROWS,),
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
