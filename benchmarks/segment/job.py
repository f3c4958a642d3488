"""The job of one tool in a measured process: files, tiles, and the network that all tools share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.windows import Window

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Job:
    """The job of one tool; paths are text.

    Attributes:
        model: The model file.
        graph: The same model as ONNX.
        image: The image raster.
        auxiliary: The second stream's raster, or "".
        stacked: Both streams in one raster.
        bands: Bands of the image, the first ones.
        auxiliary_bands: Bands of the second stream.
        auxiliary_tile: Side of a tile in its pixels.
        classes: Number of classes.
        output: The mask to write.
        tile: Side of a tile, px.
        overlap: Overlap of neighbouring tiles, px.
        batch: Batch size, for tools that have one.
        threads: Number of threads of the runtime.
    """

    model: str
    graph: str
    image: str
    auxiliary: str
    stacked: str
    bands: int
    auxiliary_bands: int
    auxiliary_tile: int
    classes: int
    output: str
    tile: int
    overlap: int
    batch: int
    threads: int

    @property
    def step(self) -> int:
        """The stride: distance between the origins of neighbouring tiles, px."""
        return self.tile - self.overlap


class Tiles:
    """Counts the tiles that a network has computed."""

    def __init__(self) -> None:
        self.seen = 0


def torch_network(job: Job, tiles: Tiles, scale: float = 1.0, probable: bool = False) -> Any:
    """Returns the network as a module that takes both streams in one tensor (B, C, T, T).

    Args:
        job: Names the model file and its bands.
        tiles: The counter of computed tiles.
        scale: The factor by which the tool has divided the pixels.
        probable: Whether the module returns probabilities; otherwise two logits or more.
    """
    import torch

    from engine.models.logits import probabilities
    from engine.models.model_file import load_model

    from .null_model import install

    install()
    network, _ = load_model(job.model)

    class Stacked(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, pixels: Any) -> Any:
            """Logits or probabilities (B, K, H, W) of both streams in one tensor (B, C, H, W)."""
            tiles.seen += len(pixels)
            image = pixels[:, : job.bands] * scale
            second = None
            if job.auxiliary_bands:
                apart = job.tile // job.auxiliary_tile
                second = pixels[:, job.bands :][..., ::apart, ::apart] * scale
                second = second[:, : job.auxiliary_bands]
            logits = self.network(image, second)["logits"]
            if logits.shape[1] == 1:  # the tools expect a logit for each of the two classes
                logits = torch.cat([torch.zeros_like(logits), logits], dim=1)
            return probabilities(logits) if probable else logits

    return Stacked().eval()


class Scene:
    """Both streams of a job's scene, opened once and read tile by tile.

    Attributes:
        height: Rows of the image.
        width: Columns of the image.
        profile: The image's profile, as rasterio names it.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._image = rasterio.open(job.image)
        self.height, self.width = self._image.height, self._image.width
        self.profile = self._image.profile
        self._is_one = job.auxiliary in ("", job.image)
        self._second = self._image if self._is_one else rasterio.open(job.auxiliary)

    def read(self, row: int, col: int) -> tuple[Floats, Floats | None]:
        """Reads the tile at a position: image (C, T, T) and second stream (Ca, t, t); zero beyond the raster."""
        job = self._job
        count = job.bands + (job.auxiliary_bands if self._is_one else 0)
        window = Window(col, row, job.tile, job.tile)
        beyond = row + job.tile > self.height or col + job.tile > self.width
        pixels = self._read(self._image, count, window, beyond)
        if not job.auxiliary_bands:
            return pixels, None
        if self._is_one:
            return pixels[: job.bands], pixels[job.bands :]
        side, apart = job.auxiliary_tile, job.tile // job.auxiliary_tile
        window = Window(col // apart, row // apart, side, side)
        return pixels, self._read(self._second, job.auxiliary_bands, window, beyond)

    def whole(self) -> Floats:
        """Reads the whole scene (C + Ca, H, W), the second stream repeated over the image's pixels."""
        job = self._job
        count = job.bands + (job.auxiliary_bands if self._is_one else 0)
        pixels = self._read(self._image, count, Window(0, 0, self.width, self.height), False)
        if self._is_one:
            return pixels
        coarse = self._second.read([*range(1, job.auxiliary_bands + 1)]).astype(np.float32)
        return np.concatenate([pixels, repeated(coarse, self.height // coarse.shape[1])])

    @staticmethod
    def _read(source: Any, count: int, window: Window, beyond: bool) -> Floats:
        bands = [*range(1, count + 1)]
        # A boundless read is slow even for windows inside the raster.
        options = {"boundless": True, "fill_value": 0} if beyond else {}
        found: Floats = source.read(bands, window=window, **options).astype(np.float32)
        return found


def repeated(coarse: Floats, times: int) -> Floats:
    """Repeats coarse pixels (C, h, w) over the fine pixels that they cover."""
    return coarse.repeat(times, axis=1).repeat(times, axis=2)


def write_mask(job: Job, mask: NDArray[np.uint8], profile: Any) -> None:
    """Writes a mask (H, W) with the image's profile, one band and compression, as most scripts do."""
    options = {**profile, "count": 1, "dtype": "uint8", "compress": "deflate", "nodata": None}
    options.pop("photometric", None)
    with rasterio.open(job.output, "w", **options) as file:
        file.write(mask, 1)


def onnx_session(job: Job) -> Any:
    """Returns an ONNX Runtime session on the job's ONNX file, with the job's number of threads."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = job.threads
    return onnxruntime.InferenceSession(job.graph, options, providers=["CPUExecutionProvider"])
