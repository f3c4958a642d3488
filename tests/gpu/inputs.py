"""The rasters, jobs and models that the checks share; each is made when it is first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import torch
from numpy.typing import NDArray

from benchmarks.segment.null_model import install
from benchmarks.segment.scenes import make_scene, write, write_large
from benchmarks.train.data_sets import big_raster
from benchmarks.train.loop import Loop
from engine.command_line.registry import VERBS, verb_function
from engine.contract.architectures import with_recipe
from engine.contract.card_reader import read_card
from engine.contract.jobs import AUTOMATIC, TrainJob
from engine.contract.protocol import Done, Event
from engine.contract.unlike import without_land_summary
from engine.datasets.layouts import find_scenes
from engine.models.model_file import build_network, load_model, save_model
from engine.sampling.augmentation import augmentation_for
from engine.sampling.survey import survey
from tests.gpu.setting import DeviceMemory, Setting, begin_training

#: The precision in which the model is trained that other checks apply.
TRAINED_PRECISION = "bf16"

#: The job fields of each network, and those of its small form.
_NETWORKS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "dualstream-b1": (
        {"architecture": "dualstream-dformer", "encoder": "mit-b1"},
        {"architecture": "dualstream-dformer", "encoder": "mit-b0"},
    ),
    "cmx-b2": ({"architecture": "cmx-b2"}, {"architecture": "cmx-b0"}),
}

#: Sides of the training raster, of the large scene, and of the part of it on which masks are compared, px; and the
#: same of the small form.
_TRAINING, _LARGE, _COMPARED = (6144, 320), (20_000, 1500), (1536, 256)
_SEED, _PIXEL, _COARSE_PIXEL = 7, 10.0, 80.0


def training_fields(setting: Setting) -> dict[str, Any]:
    """Returns the job fields of the training raster: image, coarse stack and class raster."""
    folder = setting.folder / f"training-{_TRAINING[setting.is_small]}"
    if not setting.is_small:
        with rasterio.Env(GDAL_NUM_THREADS="ALL_CPUS"):
            return big_raster(folder, _TRAINING[0])
    paths = [folder / name for name in ("image.tif", "air.tif", "land.tif")]
    if not paths[-1].exists():
        folder.mkdir(parents=True, exist_ok=True)
        image, land, air = make_scene(_TRAINING[1], _SEED)
        write(paths[0], image, _PIXEL)
        write(paths[1], air, _COARSE_PIXEL)
        write(paths[2], land[np.newaxis], _PIXEL)
    image_path, air_path, labels = map(str, paths)
    return {"image": image_path, "auxiliary": (air_path,), "labels": labels}


def network_fields(setting: Setting, network: str) -> dict[str, Any]:
    """Returns the job fields of a network and its rasters; CMX takes the fourth band as its second stream."""
    fields = {**training_fields(setting), **_NETWORKS[network][setting.is_small]}
    if network.startswith("cmx"):
        bands = {"image_bands": (1, 2, 3), "auxiliary_bands": (4,)}
        fields |= {"auxiliary": (str(fields["image"]),), **bands}
    return fields


def train_job(setting: Setting, network: str, precision: str, **fields: Any) -> TrainJob:
    """Returns the job of a short training from random weights."""
    common = {
        "tile_size": setting.tile,
        "batch_size": setting.batch,
        "pretrained": "none",
        "report": "none",
        "validate_every": 2,
        "checkpoint_every": 0,
        "epochs": 2 if setting.is_small else 6,
        "device": setting.device,
        "precision": setting.precision(precision),
        "output": str(setting.folder / f"{network}.safetensors"),
    }
    return TrainJob(**{**network_fields(setting, network), **common, **fields})


def make_loop(setting: Setting, network: str, precision: str, **fields: Any) -> Loop:
    """Returns the engine's training loop for a network, ready to take batches."""
    job, architecture = with_recipe(train_job(setting, network, precision, **fields))
    shares_grid = architecture.streams_share_grid
    data = survey(job, find_scenes(job), streams_share_grid=shares_grid)
    if job.augmentation == AUTOMATIC:
        job = replace(job, augmentation=augmentation_for(data.image.dtype, data.image.bands))
    begin_training()
    return Loop(job, data, setting.choose(job.precision))


def run_engine(verb: str, job: Any = None, **fields: Any) -> tuple[Done, list[Event]]:
    """Runs a command of the engine in this process; returns its result and its events."""
    events: list[Event] = []
    return verb_function(verb)(job or VERBS[verb](**fields), events.append), events


@dataclass(frozen=True)
class Training:
    """A training by the command ``train``.

    Attributes:
        job: Its job.
        done: Its result.
        events: Its other events.
        peak_memory: The largest memory of tensors on the card, MiB; 0 on a CPU.
    """

    job: TrainJob
    done: Done
    events: list[Event]
    peak_memory: float


@cache
def trained(setting: Setting, network: str, precision: str) -> Training:
    """Trains a network with the command ``train``; the next call returns the same training."""
    begin_training()
    job = train_job(setting, network, precision)
    with DeviceMemory(setting) as memory:
        done, events = run_engine("train", job)
    return Training(job, done, events, memory.mib)


def model_file(setting: Setting) -> Path:
    """Returns the trained model that the checks of segmenting apply."""
    return Path(trained(setting, "dualstream-b1", TRAINED_PRECISION).job.output)


def second_model(setting: Setting) -> Path:
    """Returns a model like the first, with weights that differ a little."""
    path = setting.folder / "second.safetensors"
    if not path.exists():
        network, card = load_model(str(model_file(setting)))
        generator = torch.Generator().manual_seed(0)
        with torch.no_grad():
            for parameter in network.parameters():
                spread = parameter.std() if parameter.numel() > 1 else 0.0
                parameter += 0.05 * spread * torch.randn(parameter.shape, generator=generator)
        save_model(path, network, card)
    return path


def null_model(setting: Setting) -> Path:
    """Returns a model of the same streams whose network is one layer: its run is all but the network's work."""
    install()
    path = setting.folder / "null.safetensors"
    if not path.exists():
        card = without_land_summary(read_card(str(model_file(setting))))
        card = replace(card, architecture="null", encoder="")
        save_model(path, build_network(card).eval(), card)
    return path


def large_scene(setting: Setting) -> tuple[Path, Path, int]:
    """Returns the image, the coarse stack and the side in px of the scene to segment."""
    side = _LARGE[setting.is_small]
    folder = setting.folder / f"scene-{side}"
    if not (folder / "air.tif").exists():
        with rasterio.Env(GDAL_NUM_THREADS="ALL_CPUS"):
            write_large(folder, side)
    return folder / "uint16-tiled.tif", folder / "air.tif", side


def compared_scene(setting: Setting) -> dict[str, Any]:
    """Returns the job fields of the part of the large scene on which masks are compared."""
    image, air, _ = large_scene(setting)
    with rasterio.open(image) as file:
        left, top = file.bounds.left, file.bounds.top
    reach = _COMPARED[setting.is_small] * _PIXEL
    extent = (left, top - reach, left + reach, top)
    return {"image": str(image), "auxiliary": (str(air),), "extent": extent}


def segment(setting: Setting, models: Sequence[Path], **fields: Any) -> NDArray[np.uint8]:
    """Segments a scene with the command ``segment`` and returns the mask."""
    output = setting.folder / "mask.tif"
    common = {"device": setting.device, "output": str(output), "runtime": "torch"}
    run_engine("segment", **{"model": tuple(map(str, models)), **common, **fields})
    with rasterio.open(output) as file:
        mask: NDArray[np.uint8] = file.read(1)
    return mask
