"""The measured cases: models, rasters, and the files of each pair.

Standard library only: Linux includes the memory of the starting process in the peak of a child process, so it must
stay small.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from engine.rasters.tiling import tile_spans

#: Tile size and overlap, px: the same for all tools.
TILE, OVERLAP = 512, 64

#: Width of a pixel of the coarse stack in image pixels; number of its bands.
COARSE, AIR_BANDS = 8, 48

#: The rasters: name and description.
RASTERS = {
    "uint16-tiled": "4 bands, uint16, deflate, tiled",
    "uint8-tiled": "3 bands, uint8, deflate, tiled",
}

#: The code that makes scenes and models; the files are made again when it changes.
_DATA_SOURCES = ("cases.py", "scenes.py", "models.py", "null_model.py")


@dataclass(frozen=True)
class Model:
    """A network and the rasters it is measured on.

    Attributes:
        name: Name in options and file names.
        title: Title in the tables.
        architecture: The engine's name of the architecture.
        encoder: The vision encoder, if the architecture leaves it open.
        bands: Bands of the image, the raster's first ones.
        auxiliary_bands: Bands of the second stream; 0: none.
        auxiliary_tile: Side of a tile in auxiliary pixels.
        classes: Number of classes.
        rasters: The rasters it is measured on.
        steps: Training steps; 0: constant weights.
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
        """The module that runs the engine for it; the engine itself does not know the null model."""
        return "benchmarks.segment.null_model" if self.architecture == "null" else "engine"


_DUALSTREAM = Model(
    "dualstream",
    "DualStream, EfficientNet-lite0, 4 + 48 bands",
    "dualstream-dformer",
    "tf_efficientnet_lite0",
    bands=4,
    auxiliary_bands=AIR_BANDS,
    auxiliary_tile=TILE // COARSE,
    rasters=("uint16-tiled",),
    steps=80,
)

MODELS = {
    model.name: model
    for model in (
        _DUALSTREAM,
        replace(
            _DUALSTREAM,
            name="dualstream-b1",
            title="DualStream, SegFormer-B1 size, 4 + 48 bands",
            encoder="mit-b1",
        ),
        Model(
            "cmx-b0",
            "CMX-B0, RGB + NIR",
            "cmx-b0",
            "mit-b0",
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
            steps=80,
        ),
        Model("null", "null model, a 1 x 1 convolution, RGB", "null", classes=2),
    )
}


@dataclass(frozen=True)
class Case:
    """A model on a raster of a side.

    Attributes:
        model: The model.
        raster: A name of ``RASTERS``.
        side: Width and height of the raster, px.
        folder: The folder of scenes and models, see ``data_folder``.
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
        """Both streams in one raster, for tools that take one; the coarse pixels are repeated."""
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
        """The dense reference mask."""
        return self.folder / "reference" / f"{self.model.name}-{self.raster}-{self.side}.npy"

    @property
    def pixels(self) -> float:
        """Millions of pixels."""
        return self.side**2 / 1e6

    def options(self, output: Path) -> list[str]:
        """Returns the options of ``python -m engine segment``."""
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
    """Returns where tiles begin along a side; the last one is shifted inward."""
    return [*range(0, side - tile, step), max(side - tile, 0)]


def grid(side: int, tile: int, step: int) -> list[int]:
    """Returns where tiles begin along a side in whole steps; the last one reaches beyond it."""
    return [step * index for index in range(max(0, -(-(side - tile) // step)) + 1)]


def tile_starts(tool: str, side: int) -> list[int]:
    """Returns where a tool's tiles begin along a side, which gives its seams."""
    if tool == "dualstream":
        return [slot.start for slot in tile_spans(side, TILE, OVERLAP)]
    step = TILE - OVERLAP
    if tool == "onnx":
        return grid(side, TILE, step)
    if tool == "terratorch":  # it mirrors 8 px around the scene first
        return [start - 8 for start in starts(side + 16, TILE, step)]
    return starts(side, TILE, step)


def data_folder(cache: Path) -> Path:
    """Returns the folder of the scenes, models and references that this version of the code makes."""
    digest = hashlib.sha256()
    for name in _DATA_SOURCES:
        digest.update((Path(__file__).parent / name).read_bytes())
    return cache / f"made-{digest.hexdigest()[:8]}"
