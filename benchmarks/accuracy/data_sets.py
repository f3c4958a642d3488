"""The data sets of the benchmark, and the rows of their tables: options of the training job, and streams."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import rasterio

from engine.datasets.layouts import DUALSTREAM_FOLDERS

from ..locations import DATA

Streams = Literal["both", "image only", "auxiliary only"]

#: Rows of tiles (y) of each part of the buildings.
_PARTS = {"train": range(220241, 220246), "validation": (220246,), "test": (220247, 220248)}

#: The defaults before encoders were pretrained, for about the time of today's defaults on two quiet cores.
_BEFORE = {
    "preset": "dualstream",
    "encoder": "mit-b1",
    "pretrained": "none",
    "tile_size": 512,
    "minutes": 6,
}


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Attributes:
        job: Fields of the training job besides data and output.
        streams: The streams that it sees.
    """

    job: dict[str, Any] = field(default_factory=dict)
    streams: Streams = "both"


@dataclass(frozen=True)
class Experiment:
    """A data set with the rows of its table.

    Attributes:
        folder: The folder of the data.
        rows: The compared trainings by name.
        score: The reported score: "miou", or a class's name for its IoU.
        write: Writes the data of some streams into a new folder and returns the data set in it.
        has_forest: Whether a random forest is measured too.
        test: Writes a scene that is not in the training and returns its image and labels; None: validation is scored.
    """

    folder: Path
    rows: dict[str, Row]
    score: str
    write: Callable[[Path, Path, Streams], None]
    has_forest: bool = True
    test: Callable[[Path], tuple[Path, Path]] | None = None
    table: str = ""

    def prepare(self, folder: Path, streams: Streams) -> None:
        """Writes the data of some streams, once."""
        target = self._target(folder, streams)
        if not target.exists():
            target.mkdir()
            self.write(self.folder, target, streams)

    def dataset(self, folder: Path, streams: Streams) -> Path:
        """The data set of some streams, which ``prepare`` wrote."""
        return self._target(folder, streams) / self.table

    def _target(self, folder: Path, streams: Streams) -> Path:
        return folder / f"{self.folder.name}-{streams.replace(' ', '-')}"

    def select(self, metrics: dict[str, Any]) -> float:
        """The reported score of a training's metrics."""
        return float(metrics["miou"] if self.score == "miou" else metrics["iou"][self.score] or 0)


def _water(source: Path, target: Path, streams: Streams) -> None:
    for image, labels, stacks in DUALSTREAM_FOLDERS.values():
        for name in (image, labels, *(stacks if streams != "image only" else ())):
            (target / name).mkdir(parents=True)
            for file in (source / name).iterdir():
                if name == image and streams == "auxiliary only" and file.suffix == ".tif":
                    _write_zeros(file, target / name / file.name)
                else:
                    (target / name / file.name).symlink_to(file.resolve())


def _write_zeros(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o644)
    with rasterio.open(target, "r+") as file:
        file.write(np.zeros((file.count, file.height, file.width), file.dtypes[0]))


def _clouds(source: Path, target: Path, streams: Streams) -> None:
    for split in ("train", "val"):
        (target / split).mkdir(parents=True)
        for name in ("rgb", "label", *(("ngr",) if streams == "both" else ())):
            (target / split / name).symlink_to((source / split / name).resolve())


def _buildings(source: Path, target: Path, streams: Streams) -> None:
    shutil.copy(next(source.glob("*.geojson")), target / "polygons.geojson")
    lines = ["image,labels,split"]
    for part, rows in _PARTS.items():
        for tile in sorted(path for y in rows for path in (source / "train").glob(f"*-{y}-19.tif")):
            for file in tile.parent.glob(f"{tile.name}*"):  # with its georeference
                shutil.copy(file, target / file.name)
            if part != "test":
                lines.append(f"{tile.name},polygons.geojson,{part}")
    (target / "scenes.csv").write_text("\n".join([*lines, ""]))


def _buildings_test(folder: Path) -> tuple[Path, Path]:
    target = folder / "buildings-both"
    mosaic = target / "test.vrt"
    if not mosaic.exists():
        tiles = [str(path) for y in _PARTS["test"] for path in sorted(target.glob(f"*-{y}-19.tif"))]
        command = ["gdalbuildvrt", "-q", str(mosaic), *tiles]
        subprocess.run(command, check=True)
    return mosaic, target / "polygons.geojson"


SETS: dict[str, Experiment] = {
    "water": Experiment(
        DATA / "water",
        {
            "defaults": Row(),
            "defaults before": Row(_BEFORE),
            "image only": Row(streams="image only"),
            "auxiliary only": Row(streams="auxiliary only"),
            "random weights": Row({"pretrained": "none"}),
            "image only, random weights": Row({"pretrained": "none"}, "image only"),
            "MiT-B0, random weights": Row({"encoder": "mit-b0", "pretrained": "none"}),
            "cmx": Row({"architecture": "cmx", "preset": "dualstream"}),
            "cmx, random weights": Row(
                {"architecture": "cmx", "preset": "dualstream", "pretrained": "none"}
            ),
        },
        "class 1",
        _water,
    ),
    "clouds": Experiment(
        DATA / "clouds",
        {
            "defaults": Row(),
            "defaults before": Row(_BEFORE),
            "image only": Row(streams="image only"),
            "random weights": Row({"pretrained": "none"}),
            "cmx": Row({"architecture": "cmx"}),
            "cmx, random weights": Row({"architecture": "cmx", "pretrained": "none"}),
            "cmx-b0, random weights": Row({"architecture": "cmx-b0", "pretrained": "none"}),
        },
        "miou",
        _clouds,
    ),
    "buildings": Experiment(
        DATA / "buildings",
        {
            "defaults": Row(),
            "defaults before": Row(_BEFORE),
            "random weights": Row({"pretrained": "none"}),
            "U-Net": Row({"architecture": "smp:Unet:tu-tf_efficientnet_lite0"}),
            "building recipe": Row(
                {"architecture": "smp:Unet:tu-tf_efficientnet_lite0", "preset": "buildings"}
            ),
        },
        "foreground",
        _buildings,
        has_forest=False,
        test=_buildings_test,
        table="scenes.csv",
    ),
}
