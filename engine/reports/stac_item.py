"""A model as an item of a SpatioTemporal Asset Catalog (STAC), with the extension for machine learning models (MLM).

The fields are those of STAC 1.1 and of MLM 1.5 (``stac-extensions.github.io/mlm``). A field of MLM says what a program
must do that runs the network. Our networks standardise the bands themselves, so there is no ``value_scaling``; the
numbers are in a field of our own. Everything is in English, as catalogues are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
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
from .card_values import ModelFacts, band_names

_EXTENSIONS = [
    "https://stac-extensions.github.io/mlm/v1.5.0/schema.json",
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
]

#: Options of a training that are not hyperparameters: they hold paths, or do not change the result.
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
        JobError: If it is neither empty nor an identifier of SPDX.
    """
    if licence and not _LICENCE.fullmatch(licence):
        raise JobError(
            tr(
                "The licence {} is not an SPDX identifier: give one such as CC-BY-4.0 or Apache-2.0, or other."
            ).format(licence)
        )


def stac_item(card: Card, facts: ModelFacts, href: str, licence: str = "") -> dict[str, Any]:
    """The item about a model, as values of JSON.

    Args:
        card: The model's card.
        facts: What is known of its file.
        href: Path of the model file from the folder of the item, with / between folders.
        licence: The licence under which the model is shared; empty: unknown.
    """
    geometry, box = _geometry(card.provenance.get("footprint"))
    is_onnx = card.architecture == ONNX
    bands = _bands(card)
    item = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": _EXTENSIONS,
        "id": Path(facts.path).stem,
        "geometry": geometry,
        "properties": {
            **_description(card, facts, licence),
            **_model(card, facts, is_onnx),
            **_origin(card, is_onnx),
            "mlm:input": _inputs(card),
            "mlm:output": [_output(card, is_onnx)],
            "mlm:hyperparameters": _hyperparameters(card),
            "bands": bands,
        },
        "links": [],
        "assets": {"model": {**_asset(facts, href, is_onnx), "bands": bands}},
    }
    return {**item, "bbox": box} if box else item


def _description(card: Card, facts: ModelFacts, licence: str) -> dict[str, Any]:
    names = ", ".join(entry.name for entry in card.classes)
    scores = ("miou", "pixel_accuracy", "iou")
    licences = {"license": licence, "dualstream:pretrained_licence": card.pretrained.licence}
    return {
        "title": Path(facts.path).stem,
        "description": f"Semantic segmentation of {names}, by the network {card.architecture}.",
        "datetime": _date(card, facts),
        "dualstream:scores": {key: card.metrics[key] for key in scores if key in card.metrics},
        **{key: value for key, value in licences.items() if value},
    }


def _date(card: Card, facts: ModelFacts) -> str:
    """When the model was trained or imported; if that is not known, when its file was changed."""
    try:
        found = datetime.fromisoformat(str(card.provenance["date"])).astimezone(timezone.utc)
    except (KeyError, ValueError, OverflowError):
        found = datetime.fromtimestamp(Path(facts.path).stat().st_mtime, timezone.utc)
    return found.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _model(card: Card, facts: ModelFacts, is_onnx: bool) -> dict[str, Any]:
    """The network and the machines that run it."""
    name = Path(facts.path).stem
    device = str(card.provenance.get("device", "")) or "hardware that is not known"
    machines = "processors" if is_onnx else "processors and GPUs"
    # The file of an ONNX network does not say how many parameters it has.
    size = {"mlm:total_parameters": facts.parameters} if facts.parameters else {}
    return {
        "mlm:name": name if _NAME.fullmatch(name) else "DualStream model",
        "mlm:architecture": " with ".join(filter(None, [card.architecture, card.encoder])),
        "mlm:tasks": ["semantic-segmentation"],
        "mlm:framework": "ONNX" if is_onnx else "PyTorch",
        "mlm:memory_size": facts.size,
        "mlm:accelerator": None,
        "mlm:accelerator_constrained": False,
        "mlm:accelerator_summary": f"Runs on {machines}; trained on {device}",
        **size,
    }


def _origin(card: Card, is_onnx: bool) -> dict[str, Any]:
    """The version of the framework, and the weights that the training started from, as far as they are known."""
    found: dict[str, Any] = {}
    version = str(card.provenance.get("torch", ""))
    if not is_onnx and _VERSION.fullmatch(version):
        found["mlm:framework_version"] = version
    if card.pretrained.origin:
        found |= {"mlm:pretrained": True, "mlm:pretrained_source": card.pretrained.origin}
    elif card.provenance.get("job") and not {"start", "imported"} & card.provenance.keys():
        found |= {"mlm:pretrained": False, "mlm:pretrained_source": None}  # random weights
    return found


def _bands(card: Card) -> list[dict[str, Any]]:
    """The bands of the image, then those of the auxiliary stream."""
    image, auxiliary, names = card.image, card.auxiliary, band_names(card)
    values: dict[str, Any] = {}
    if _DATA_TYPES.fullmatch(image.dtype):
        values["data_type"] = image.dtype
    if image.ground > 0:
        values["gsd"] = image.ground
    bands = [
        {"name": name, "description": f"band {number} of the image", **values}
        for number, name in enumerate(names[: image.bands], 1)
    ]
    for number, name in enumerate(names[image.bands :], 1):
        band: dict[str, Any] = {
            "name": name,
            "description": f"band {number} of the auxiliary raster",
        }
        if number <= min(len(auxiliary.mean), len(auxiliary.std)):
            mean, deviation = auxiliary.mean[number - 1], auxiliary.std[number - 1]
            band["statistics"] = {"mean": mean, "stddev": deviation}
        bands.append(band)
    return bands


def _inputs(card: Card) -> list[dict[str, Any]]:
    image, auxiliary, names = card.image, card.auxiliary, band_names(card)
    scaling = [
        {"type": "min-max", "minimum": low, "maximum": high}
        for low, high in zip(image.low, image.high)
    ]
    inputs = [_input("image", names[: image.bands], card.tile_size, scaling)]
    if auxiliary.bands:
        scaling = [
            {"type": "z-score", "mean": mean, "stddev": deviation}
            for mean, deviation in zip(auxiliary.mean, auxiliary.std)
        ]
        inputs.append(_input("auxiliary", names[image.bands :], auxiliary.tile_size, scaling))
    return inputs


def _input(name: str, bands: Sequence[str], side: int, scaling: list[Any]) -> dict[str, Any]:
    return {
        "name": name,
        "description": "Values as the rasters have them, NaN where there is none. The network standardises them itself.",
        "bands": [*bands],
        "input": _array([-1, len(bands), side, side], "bands"),
        "value_scaling": None,
        "resize_type": None,
        "dualstream:scaling_in_the_network": scaling,
    }


def _array(shape: list[int], planes: str) -> dict[str, Any]:
    """An array (B, C, H, W) that the network takes or gives; ``planes``: MLM's name of its second axis."""
    return {
        "shape": shape,
        "dim_order": ["batch", planes, "height", "width"],
        "data_type": "float32",
    }


def _output(card: Card, is_onnx: bool) -> dict[str, Any]:
    name, single, several = "logits", "sigmoid(logits)", "argmax(softmax(logits))"
    if is_onnx:  # its graph makes the probabilities
        name, single, several = "probabilities", "probabilities", "argmax(probabilities)"
    rule = f"{several}, an index into the classes"
    if card.logits == 1:
        first, second = card.classes[0].value, card.classes[1].value
        rule = f"{single} > {card.threshold:g} is {second}, otherwise {first}"
    return {
        "name": name,
        "tasks": ["semantic-segmentation"],
        "result": _array([-1, card.logits, card.tile_size, card.tile_size], "class"),
        "classification:classes": [_class(entry) for entry in card.classes],
        "post_processing_function": {"format": "text", "expression": rule},
    }


def _class(entry: ClassEntry) -> dict[str, Any]:
    """A class; its short name has letters, digits, - and _ only, and is left out if nothing remains.

    It has no title, which stac-model does not read: the description is the name.
    """
    short = re.sub("[^0-9A-Za-z_-]+", "-", entry.name).strip("-")
    return {
        "value": entry.value,
        **({"name": short} if short else {}),
        "description": entry.name,
        "color_hint": entry.colour.lstrip("#").upper(),
    }


def _hyperparameters(card: Card) -> dict[str, Any]:
    """The options of the training as they were applied, the threshold and the temperature."""
    provenance = card.provenance
    job, length = (provenance.get(key) for key in ("job", "length"))
    found: dict[str, Any] = {"tile_size": card.tile_size, "threshold": card.threshold}
    # The job of an import has options of the same names, where 0 means the value of the files.
    if isinstance(job, dict) and "weights" not in job:
        names = sorted(RECIPE_FIELDS.keys() - _NO_HYPERPARAMETERS)
        found |= {name: job[name] for name in names if name in job}
    if isinstance(length, dict) and "epochs" in length:
        found["epochs"] = length["epochs"]
    applied = ("batch_size", "accumulation", "processes")
    found |= {name: provenance[name] for name in applied if name in provenance}
    temperature = card.metrics.get("calibration", {}).get("temperature")
    return found if temperature is None else {**found, "temperature": temperature}


def _asset(facts: ModelFacts, href: str, is_onnx: bool) -> dict[str, Any]:
    content = "The bytes of an ONNX file as the tensor graph" if is_onnx else "Weights"
    writer = "safetensors.numpy.save" if is_onnx else "safetensors.torch.save_file"
    return {
        "href": quote(href),
        "type": "application/vnd.safetensors",
        "title": "Model file of DualStream",
        "description": f"{content}, with the card of the model in the header, key dualstream",
        "roles": ["mlm:model", "mlm:weights", "data"],
        "mlm:artifact_type": writer,
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
