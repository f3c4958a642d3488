"""A model as an item of a SpatioTemporal Asset Catalog (STAC), with the extension for machine learning models (MLM).

The fields are those of STAC 1.1 and of MLM 1.5 (``stac-extensions.github.io/mlm``). A field of MLM tells what a program
must do that runs the network. Our networks standardise the bands themselves, so there is no ``value_scaling``; the
numbers are in a field of our own. Everything is in English, as catalogues are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..contract.architectures import ONNX
from ..contract.class_table import ClassEntry
from ..contract.errors import JobError
from ..contract.model_card import Card
from ..contract.recipe_options import RECIPE_FIELDS
from ..contract.translation import tr
from .model_report import ModelFacts

_EXTENSIONS = [
    "https://stac-extensions.github.io/mlm/v1.5.0/schema.json",
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
]

#: Options of a training that are no hyperparameters: they hold paths, or change nothing of the result.
_NO_HYPERPARAMETERS = {"pretrained", "resume", "checkpoint_every", "preset"}

#: Types of values that STAC has a name for.
_DATA_TYPES = re.compile("u?int(8|16|32|64)|float(16|32|64)")

#: What STAC accepts as a licence, MLM as the name of a model and as the version of its framework.
_LICENCE = re.compile(r"[\w.+-]+")
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_.\-\s]+[a-zA-Z0-9]")
_VERSION = re.compile(r"\d+\.\d+\.\d+(\+[0-9a-zA-Z.-]+)?")


def check_licence(licence: str) -> None:
    """Refuses a licence that STAC and model hubs cannot name.

    Raises:
        JobError: If it is not empty and no identifier of SPDX.
    """
    if licence and not _LICENCE.fullmatch(licence):
        raise JobError(
            tr(
                "The licence {} is no SPDX identifier: give one such as CC-BY-4.0 or Apache-2.0, or other."
            ).format(licence)
        )


def stac_item(card: Card, facts: ModelFacts, href: str, licence: str = "") -> dict[str, Any]:
    """The item about a model, as values of JSON.

    Args:
        card: The model's card.
        facts: What is known of its file.
        href: Path of the model file from the folder of the item, with / between folders.
        licence: The licence under which the model is shared; empty: not told.
    """
    geometry, box = _geometry(card.provenance.get("footprint"))
    names = band_names(card)
    bands = [*_bands(card, names)]
    item = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": _EXTENSIONS,
        "id": Path(facts.path).stem,
        "geometry": geometry,
        "properties": {
            **_description(card, facts, licence),
            **_model(card, facts),
            "mlm:input": [*_inputs(card, names)],
            "mlm:output": [_output(card)],
            "mlm:hyperparameters": _hyperparameters(card),
            "bands": bands,
        },
        "links": [],
        "assets": {"model": {**_asset(card, facts, href), "bands": bands}},
    }
    return {**item, "bbox": box} if box else item


def band_names(card: Card) -> list[str]:
    """A name for every band of the image, then of the auxiliary stream; each occurs once."""
    streams = (
        ("image", card.image.bands, card.image.band_names),
        ("auxiliary", card.auxiliary.bands, card.auxiliary.band_names),
    )
    names: list[str] = []
    for stream, bands, known in streams:
        for number in range(1, bands + 1):
            name = known[number - 1] if number <= len(known) else ""
            usual = f"{stream} {number}"
            names.append(f"{name} ({usual})" if name in names else name or usual)
    return names


def _description(card: Card, facts: ModelFacts, licence: str) -> dict[str, Any]:
    names = ", ".join(entry.name for entry in card.classes)
    scores = {
        name: card.metrics[name]
        for name in ("miou", "pixel_accuracy", "iou")
        if name in card.metrics
    }
    found: dict[str, Any] = {
        "title": Path(facts.path).stem,
        "description": f"Semantic segmentation of {names}, by the network {card.architecture}.",
        "datetime": _date(card, facts),
        "dualstream:scores": scores,
    }
    if licence:
        found["license"] = licence
    if card.pretrained.licence:
        found["dualstream:pretrained_licence"] = card.pretrained.licence
    return found


def _date(card: Card, facts: ModelFacts) -> str:
    """When the model was trained or imported; if that is not known, when its file was changed."""
    try:
        found = datetime.fromisoformat(str(card.provenance["date"])).astimezone(timezone.utc)
    except (KeyError, ValueError, OverflowError):
        found = datetime.fromtimestamp(Path(facts.path).stat().st_mtime, timezone.utc)
    return found.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _model(card: Card, facts: ModelFacts) -> dict[str, Any]:
    """The network, the machine and the weights that it started from."""
    name = Path(facts.path).stem
    version, device = (str(card.provenance.get(key, "")) for key in ("torch", "device"))
    is_onnx = card.architecture == ONNX
    machines = "processors" if is_onnx else "processors and GPUs"
    found: dict[str, Any] = {
        "mlm:name": name if _NAME.fullmatch(name) else "DualStream model",
        "mlm:architecture": f"{card.architecture} with {card.encoder}"
        if card.encoder
        else card.architecture,
        "mlm:tasks": ["semantic-segmentation"],
        "mlm:framework": "ONNX" if is_onnx else "PyTorch",
        "mlm:memory_size": facts.size,
        "mlm:accelerator": None,
        "mlm:accelerator_constrained": False,
        "mlm:accelerator_summary": f"Runs on {machines}; trained on {device or 'hardware that is not known'}",
    }
    if facts.parameters:  # the file of an ONNX network does not tell them
        found["mlm:total_parameters"] = facts.parameters
    if _VERSION.fullmatch(version) and not is_onnx:  # it is that of torch
        found["mlm:framework_version"] = version
    if card.pretrained.origin:
        found |= {"mlm:pretrained": True, "mlm:pretrained_source": card.pretrained.origin}
    elif (
        card.provenance.get("job") and not {"start", "imported"} & card.provenance.keys()
    ):  # trained from random weights
        found |= {"mlm:pretrained": False, "mlm:pretrained_source": None}
    return found


def _bands(card: Card, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    image = card.image
    for index, name in enumerate(names):
        band: dict[str, Any] = {"name": name}
        if index >= image.bands:
            number = index - image.bands
            band["description"] = f"band {number + 1} of the auxiliary raster"
            if number < len(card.auxiliary.mean) and number < len(card.auxiliary.std):
                mean, deviation = card.auxiliary.mean[number], card.auxiliary.std[number]
                band["statistics"] = {"mean": mean, "stddev": deviation}
        else:
            band["description"] = f"band {index + 1} of the image"
            if _DATA_TYPES.fullmatch(image.dtype):
                band["data_type"] = image.dtype
            if image.ground > 0:
                band["gsd"] = image.ground
        yield band


def _inputs(card: Card, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    image, auxiliary = card.image, card.auxiliary
    scaling = [
        {"type": "min-max", "minimum": low, "maximum": high}
        for low, high in zip(image.low, image.high)
    ]
    yield _input("image", names[: image.bands], card.tile_size, scaling)
    if auxiliary.bands:
        scaling = [
            {"type": "z-score", "mean": mean, "stddev": deviation}
            for mean, deviation in zip(auxiliary.mean, auxiliary.std)
        ]
        yield _input("auxiliary", names[image.bands :], auxiliary.tile_size, scaling)


def _input(name: str, bands: Sequence[str], side: int, scaling: list[Any]) -> dict[str, Any]:
    return {
        "name": name,
        "description": "Values as the rasters have them, NaN where there is none. The network standardises them itself.",
        "bands": [*bands],
        "input": {
            "shape": [-1, len(bands), side, side],
            "dim_order": ["batch", "bands", "height", "width"],
            "data_type": "float32",
        },
        "value_scaling": None,
        "resize_type": None,
        "dualstream:scaling_in_the_network": scaling,
    }


def _output(card: Card) -> dict[str, Any]:
    name, single, several = "logits", "sigmoid(logits)", "argmax(softmax(logits))"
    if card.architecture == ONNX:  # its graph makes the probabilities
        name, single, several = "probabilities", "probabilities", "argmax(probabilities)"
    if card.logits == 1:
        second = card.classes[1]
        rule = f"{single} > {card.threshold:g} is {second.value}, otherwise {card.classes[0].value}"
    else:
        rule = f"{several}, an index into the classes"
    return {
        "name": name,
        "tasks": ["semantic-segmentation"],
        "result": {
            "shape": [-1, card.logits, card.tile_size, card.tile_size],
            "dim_order": ["batch", "class", "height", "width"],
            "data_type": "float32",
        },
        "classification:classes": [_class(entry) for entry in card.classes],
        "post_processing_function": {"format": "text", "expression": rule},
    }


def _class(entry: ClassEntry) -> dict[str, Any]:
    """A class; its short name has letters, digits, - and _ only, and is left out if nothing remains.

    It has no title, which stac-model does not read: the description is the name.
    """
    short = re.sub("[^0-9A-Za-z_-]+", "-", entry.name).strip("-")
    colour = entry.colour.lstrip("#").upper()
    return {
        "value": entry.value,
        **({"name": short} if short else {}),
        "description": entry.name,
        "color_hint": colour,
    }


def _hyperparameters(card: Card) -> dict[str, Any]:
    """The options of the training as they were applied, the threshold and the temperature."""
    job, length = (card.provenance.get(key) for key in ("job", "length"))
    found: dict[str, Any] = {"tile_size": card.tile_size, "threshold": card.threshold}
    # The job of an import has options of the same names, where 0 means what the files tell.
    if isinstance(job, dict) and "weights" not in job:
        names = [*(RECIPE_FIELDS.keys() - _NO_HYPERPARAMETERS)]
        found |= {name: job[name] for name in sorted(names) if name in job}
    if isinstance(length, dict) and "epochs" in length:
        found["epochs"] = length["epochs"]
    found |= {
        name: card.provenance[name]
        for name in ("batch_size", "accumulation", "processes")
        if name in card.provenance
    }
    temperature = card.metrics.get("calibration", {}).get("temperature")
    return found if temperature is None else {**found, "temperature": temperature}


def _asset(card: Card, facts: ModelFacts, href: str) -> dict[str, Any]:
    description, function = "Weights", "safetensors.torch.save_file"
    if card.architecture == ONNX:
        description, function = (
            "The bytes of an ONNX file as the tensor graph",
            "safetensors.numpy.save",
        )
    return {
        "href": quote(href),
        "type": "application/vnd.safetensors",
        "title": "Model file of DualStream",
        "description": f"{description}, with the card of the model in the header, key dualstream",
        "roles": ["mlm:model", "mlm:weights", "data"],
        "mlm:artifact_type": function,
        "file:size": facts.size,
        "file:checksum": f"1220{facts.sha256}",  # multihash: SHA-256, 32 bytes
    }


def _geometry(value: Any) -> tuple[dict[str, Any] | None, list[float]]:
    """The footprint of a card with its bounding box; None and nothing for a card without a valid one."""
    try:
        polygons = [
            [[[float(x), float(y)] for x, y in ring] for ring in p] for p in value["coordinates"]
        ]
        points = [point for polygon in polygons for ring in polygon for point in ring]
        xs, ys = zip(*points)
    except (KeyError, TypeError, ValueError):
        return None, []
    is_valid = all(math.isfinite(number) for number in (*xs, *ys))
    if not is_valid or any(len(ring) < 4 for polygon in polygons for ring in polygon):
        return None, []
    geometry = {"type": "MultiPolygon", "coordinates": polygons}
    return geometry, [min(xs), min(ys), max(xs), max(ys)]
