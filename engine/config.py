"""What a run is asked to do: one frozen dataclass a command, with every default; JSON in and out.

The same fields are the command line's options (``--batch_size 8``) and the job file's keys.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from .errors import JobError

#: An extent: x minimum, y minimum, x maximum, y maximum.
Extent = tuple[float, float, float, float]


@dataclass(frozen=True)
class TrainJob:
    """Train a segmentation network on one or two raster streams.

    Give either ``image`` and ``labels`` (and ``auxiliary``, ``area``) or ``dataset``.

    Attributes:
        architecture: The network's name; ``python -m engine info`` lists them.
        encoder: The vision encoder, mit-b0 to mit-b5.
        image: The image raster; it defines the grid of labels and masks.
        auxiliary: Auxiliary rasters of any CRS and resolution; their bands are stacked.
        labels: Class raster, or polygon file, on which to train.
        class_field: Attribute of the polygons that names the class; empty: all are one class.
        area: Polygon file: only pixels inside are labelled.
        unlabelled: Pixels outside every polygon: "background" (a class) or "ignored".
        class_names: Names and colours of classes, each as value=name or value=name=#rrggbb.
        dataset: DualStream folder or scenes table (CSV), instead of single layers.
        output: The model file to write (.safetensors).
        epochs: Passes over the training area.
        batch_size: Windows per optimiser step.
        tile_size: Side of the square the network sees, in image pixels; a multiple of 32.
        auxiliary_tile_size: Side of the same square in auxiliary pixels; 0: from the resolutions.
        learning_rate: Peak learning rate of fusion and decoder (AdamW).
        encoder_rate: The encoders' learning rate as a share of learning_rate; 0: 0.1 with pretrained
            weights, 1 without.
        weight_decay: AdamW's weight decay.
        warmup_epochs: Epochs with frozen encoders; -1: a tenth of the epochs with pretrained
            weights, none without.
        loss: Names of the losses, joined by +.
        stream_dropout: Chance that a training window is shown without its auxiliary stream.
        validation_share: Share of the labelled area kept for validation, in spatial blocks.
        checkpoint_every: Epochs between checkpoints; 0: none.
        pretrained: Folder with a pretrained SegFormer, or hub id with revision (name@revision).
        seed: Seed of everything random.
        device: auto, cpu, cuda, cuda:N or mps.
        precision: auto, fp32, bf16 or fp16.
    """

    architecture: str = "dualstream-dformer"
    encoder: str = "mit-b1"
    image: str = ""
    auxiliary: tuple[str, ...] = ()
    labels: str = ""
    class_field: str = ""
    area: str = ""
    unlabelled: str = "background"
    class_names: tuple[str, ...] = ()
    dataset: str = ""
    output: str = ""
    epochs: int = 40
    batch_size: int = 4
    tile_size: int = 512
    auxiliary_tile_size: int = 0
    learning_rate: float = 3e-4
    encoder_rate: float = 0.0
    weight_decay: float = 0.01
    warmup_epochs: int = -1
    loss: str = "focal+lovasz"
    stream_dropout: float = 0.1
    validation_share: float = 0.2
    checkpoint_every: int = 5
    pretrained: str = ""
    seed: int = 0
    device: str = "auto"
    precision: str = "auto"


@dataclass(frozen=True)
class SegmentJob:
    """Segment an image with a trained model.

    Attributes:
        model: The model file.
        image: The image raster to segment.
        auxiliary: Auxiliary rasters, in the order they were trained in; none: the image alone.
        extent: Only this part: x minimum, y minimum, x maximum, y maximum.
        extent_crs: The extent's coordinate system; empty: the image's.
        overlap: Pixels that neighbouring tiles share and blend over; -1: an eighth of the tile.
        batch_size: Tiles per forward pass.
        confidence: Raster to write with the chosen class's probability in percent; empty: none.
        output: The mask to write (.tif).
        device: auto, cpu, cuda, cuda:N or mps.
        precision: auto, fp32, bf16 or fp16.
    """

    model: str = ""
    image: str = ""
    auxiliary: tuple[str, ...] = ()
    extent: Extent | None = None
    extent_crs: str = ""
    overlap: int = -1
    batch_size: int = 4
    confidence: str = ""
    output: str = ""
    device: str = "auto"
    precision: str = "auto"


@dataclass(frozen=True)
class EvaluateJob:
    """Compare a mask with labels: IoU per class, mIoU, pixel accuracy, Dice.

    Attributes:
        mask: A mask written by segment.
        labels: Class raster or polygon file holding the truth.
        class_field: Attribute of the polygons that names the class; empty: all are one class.
        area: Polygon file: only pixels inside count.
        unlabelled: Pixels outside every polygon: "background" (a class) or "ignored".
        json: Print JSON instead of a table.
    """

    mask: str = ""
    labels: str = ""
    class_field: str = ""
    area: str = ""
    unlabelled: str = "background"
    json: bool = False


@dataclass(frozen=True)
class InfoJob:
    """Describe a model file, or an architecture.

    Attributes:
        model: The model file to describe; empty: describe ``architecture``, or list them all.
        architecture: The network's name.
        encoder: The vision encoder.
        bands: Bands of the image stream.
        auxiliary_bands: Bands of the auxiliary stream.
        classes: Logits per pixel.
        tile_size: Side of a tile in image pixels.
        auxiliary_tile_size: Side of a tile in auxiliary pixels.
        json: Print JSON instead of a table.
    """

    model: str = ""
    architecture: str = ""
    encoder: str = "mit-b1"
    bands: int = 4
    auxiliary_bands: int = 48
    classes: int = 2
    tile_size: int = 512
    auxiliary_tile_size: int = 64
    json: bool = False


@dataclass(frozen=True)
class DoctorJob:
    """Say which Python, torch, device, GPU and driver the engine found, and why not the GPU.

    Attributes:
        json: Print JSON instead of a table.
    """

    json: bool = False


Job = Union[TrainJob, SegmentJob, EvaluateJob, InfoJob, DoctorJob]
J = TypeVar("J", TrainJob, SegmentJob, EvaluateJob, InfoJob, DoctorJob)


def to_json(job: Job) -> str:
    """The job as a JSON document, every field spelled out."""
    return json.dumps(asdict(job), indent=2, ensure_ascii=False)


def from_json(kind: type[J], text: str) -> J:
    """The job that a JSON document describes; fields it leaves out keep their defaults.

    Raises:
        JobError: If the document is no JSON object, names an unknown field, or a value's type is wrong.
    """
    try:
        record = json.loads(text)
    except ValueError as error:
        raise JobError(f"The job file is not JSON: {error}.") from error
    if not isinstance(record, dict):
        raise JobError("The job file must hold one JSON object with the job's fields.")
    hints = get_type_hints(kind)
    known = {field.name for field in fields(kind)}
    for name in record:
        if name not in known:
            raise JobError(f"The job has no field {name!r}; it knows {', '.join(sorted(known))}.")
    return kind(**{name: _typed(name, value, hints[name]) for name, value in record.items()})


def read_job(kind: type[J], path: str) -> J:
    """The job in the JSON file at ``path``.

    Raises:
        JobError: If the file cannot be read or does not describe such a job.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise JobError(f"The job file {path} cannot be read: {error}.") from error
    return from_json(kind, text)


def _typed(name: str, value: Any, hint: Any) -> Any:
    """``value`` as the field's type, or a sentence about it."""
    options = [option for option in get_args(hint) if option is not type(None)]
    if get_origin(hint) is not tuple and options:
        return None if value is None else _typed(name, value, options[0])
    if get_origin(hint) is tuple:
        items = get_args(hint)
        if not isinstance(value, (list, tuple)):
            raise JobError(f"The field {name} must be a list, not {value!r}.")
        if items[-1] is not Ellipsis and len(value) != len(items):
            raise JobError(f"The field {name} must have {len(items)} values, not {len(value)}.")
        return tuple(_typed(name, item, items[0]) for item in value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise JobError(f"The field {name} must be of type {hint.__name__}, not {value!r}.")
    if hint is float and not math.isfinite(value):
        raise JobError(f"The field {name} must be a finite number, not {value!r}.")
    return value
