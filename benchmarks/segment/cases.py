"""What ``benchmarks.segment`` measures: models, rasters, and where the files of each pair lie.

Standard library only: whoever starts measured processes must stay small, because Linux counts the memory
of a process at its start among the child's peak.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from engine.windows import axis_slots

#: Side of a tile and what neighbours share, px: the same for all tools.
TILE, OVERLAP = 512, 64

#: Image pixels along a pixel of the coarse stack, and its bands.
COARSE, AIR_BANDS = 8, 48

#: The rasters, by name, and how they are described.
RASTERS = {
    "uint16-tiled": "4 bands, uint16, deflate, tiled",
    "uint16-strip": "4 bands, uint16, deflate, strips",
    "jpeg-tiled": "3 bands, uint8, JPEG, tiled",
    "uint8-tiled": "3 bands, uint8, deflate, tiled",
    "uint8-strip": "3 bands, uint8, deflate, strips",
}

#: Files that decide what scenes and models look like: another text, other files.
_MAKERS = ("cases.py", "scenes.py", "models.py", "null_model.py")


@dataclass(frozen=True)
class Model:
    """A network as it is measured.

    Attributes:
        name: What the options and file names call it.
        title: What the tables call it.
        architecture: The engine's name of it.
        encoder: Its vision encoder, where the architecture does not say it.
        bands: Bands of the image, the raster's first ones.
        auxiliary_bands: Bands of the second stream; 0: none.
        auxiliary_tile: Side of a tile in auxiliary pixels.
        classes: Number of classes.
        rasters: The rasters it is measured on; of two alike, the strip-organised one last.
        steps: Training steps; 0: its weights are set.
    """

    name: str
    title: str
    architecture: str
    encoder: str = ""
    bands: int = 3
    auxiliary_bands: int = 0
    auxiliary_tile: int = 0
    classes: int = 4
    rasters: tuple[str, ...] = ("uint8-tiled",)
    steps: int = 0

    @property
    def shares_raster(self) -> bool:
        """Whether the second stream is the image raster's further bands."""
        return self.auxiliary_bands > 0 and self.auxiliary_tile == TILE

    @property
    def module(self) -> str:
        """What runs the engine for it: the null model is unknown to the engine itself."""
        return "benchmarks.segment.null_model" if self.architecture == "null" else "engine"


MODELS = {
    model.name: model
    for model in (
        Model(
            "dualstream-b1",
            "DualStream, SegFormer-B1 size, 4 + 48 bands",
            "dualstream-dformer",
            "mit-b1",
            bands=4,
            auxiliary_bands=AIR_BANDS,
            auxiliary_tile=TILE // COARSE,
            rasters=("uint16-tiled", "uint16-strip"),
            steps=80,
        ),
        Model(
            "cmx-b2",
            "CMX-B2, RGB + NIR",
            "cmx-b2",
            "mit-b2",
            auxiliary_bands=1,
            auxiliary_tile=TILE,
            rasters=("uint16-tiled",),
            steps=60,
        ),
        Model(
            "unet",
            "U-Net with ResNet-18, RGB",
            "smp:Unet:resnet18",
            "resnet18",
            rasters=("jpeg-tiled", "uint8-tiled", "uint8-strip"),
            steps=80,
        ),
        Model("null", "null model, a 1 x 1 convolution, RGB", "null", classes=2),
        Model(
            "null-both",
            "null model of two streams",
            "null",
            bands=4,
            auxiliary_bands=AIR_BANDS,
            auxiliary_tile=TILE // COARSE,
            classes=2,
            rasters=("uint16-tiled",),
        ),
    )
}


@dataclass(frozen=True)
class Case:
    """A model on a raster of a side.

    Attributes:
        model: The model.
        raster: A name of ``RASTERS``.
        side: Width and height of the raster, px.
        folder: Where scenes and models lie, see ``made_folder``.
    """

    model: Model
    raster: str
    side: int
    folder: Path

    @property
    def scene(self) -> Path:
        """The image raster."""
        return self.folder / "scenes" / str(self.side) / f"{self.raster}.tif"

    @property
    def auxiliary(self) -> Path | None:
        """The raster of the second stream, or None."""
        if not self.model.auxiliary_bands:
            return None
        return self.scene if self.model.shares_raster else self.scene.with_name("air.tif")

    @property
    def stacked(self) -> Path:
        """Both streams in one raster, for tools that take one: the coarse bands repeated in between."""
        if self.auxiliary in (None, self.scene):
            return self.scene
        return self.scene.with_name(f"stacked-{self.raster}.tif")

    @property
    def weights(self) -> Path:
        """The model file."""
        return self.folder / "models" / f"{self.model.name}.safetensors"

    @property
    def graph(self) -> Path:
        """The same model as ONNX."""
        return self.weights.with_suffix(".onnx")

    @property
    def reference(self) -> Path:
        """The dense reference mask; rasters of the same pixels share one."""
        content = self.raster.replace("-strip", "-tiled")
        return self.folder / "reference" / f"{self.model.name}-{content}-{self.side}.npy"

    @property
    def pixels(self) -> float:
        """Millions of pixels."""
        return self.side**2 / 1e6

    def options(self, output: Path) -> list[str]:
        """The options of ``python -m engine segment``."""
        words = ["--model", self.weights, "--image", self.scene, "--output", output]
        words += ["--overlap", OVERLAP]
        if self.model.shares_raster:
            first = self.model.bands + 1
            words += ["--image_bands", *range(1, first), "--auxiliary", self.scene]
            words += ["--auxiliary_bands", *range(first, first + self.model.auxiliary_bands)]
        elif self.auxiliary is not None:
            words += ["--auxiliary", self.auxiliary]
        return [str(word) for word in words]


def starts(side: int, tile: int, step: int) -> list[int]:
    """Where tiles begin along a side, the last one shifted inward."""
    return [*range(0, side - tile, step), max(side - tile, 0)]


def grid(side: int, tile: int, step: int) -> list[int]:
    """Where tiles begin along a side that they cover by whole steps, the last one reaching beyond it."""
    return [step * index for index in range(max(0, -(-(side - tile) // step)) + 1)]


def begins(tool: str, side: int) -> list[int]:
    """Where a tool's tiles begin along a side, by which its seams are found."""
    if tool == "ours":
        return [slot.start for slot in axis_slots(side, TILE, OVERLAP)]
    step = TILE - OVERLAP
    if tool == "onnx":
        return grid(side, TILE, step)
    if tool == "terratorch":  # it mirrors 8 px around the scene first
        return [start - 8 for start in starts(side + 16, TILE, step)]
    return starts(side, TILE, step)


def made_folder(cache: Path) -> Path:
    """The folder of what this very code makes: scenes, models, references."""
    digest = hashlib.sha256()
    for name in _MAKERS:
        digest.update((Path(__file__).parent / name).read_bytes())
    return cache / f"made-{digest.hexdigest()[:8]}"
