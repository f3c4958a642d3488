"""STAC items of models are valid against the published schemas, and say what the card says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from engine.contract.class_table import class_table
from engine.contract.errors import JobError
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard, PretrainedCard
from engine.reports.card_values import ModelFacts, band_names
from engine.reports.stac_item import check_licence, stac_item

SCHEMAS = Path(__file__).with_name("stac_schemas")
ITEM = "https://schemas.stacspec.org/v1.1.0/item-spec/json-schema/"
ADDRESSES = {
    "Feature.json": "https://geojson.org/schema/Feature.json",
    "Geometry.json": "https://geojson.org/schema/Geometry.json",
}
SQUARE = [[128.0, 36.0], [128.1, 36.0], [128.1, 36.1], [128.0, 36.0]]


def address(path: Path) -> str:
    if path.stem[-1].isdigit():
        name, version = path.stem.rsplit("-", 1)
        return f"https://stac-extensions.github.io/{name}/v{version}/schema.json"
    return ADDRESSES.get(path.name, ITEM + path.name)


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / name).read_text("utf-8"))
    return found


REGISTRY: Registry[Any] = Registry().with_resources(
    (address(path), Resource(contents=schema(path.name), specification=DRAFT7))
    for path in SCHEMAS.glob("*.json")
)


def flaws(item: dict[str, Any]) -> list[str]:
    """What is wrong with an item, by the schemas of STAC and of each of its extensions."""
    found = []
    names = [
        "item.json",
        *(f"{u.split('/')[-3]}-{u.split('/')[-2][1:]}.json" for u in item["stac_extensions"]),
    ]
    for name in names:
        validator = jsonschema.Draft7Validator(
            {"$ref": address(SCHEMAS / name)},
            registry=REGISTRY,
            format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER,
        )
        found += [f"{name}: {error.message}" for error in validator.iter_errors(item)]
    return found


def two_streams() -> Card:
    return Card(
        architecture="dualstream-dformer",
        encoder="tf_efficientnet_lite0",
        logits=1,
        tile_size=128,
        image=ImageCard(3, ("red", "", "red"), "int16", (0.0,) * 3, (9.0,) * 3, ground=30.0),
        auxiliary=AuxiliaryCard(2, 16, ("red", "nir"), (1.0, 2.0), (0.5, 0.25)),
        classes=class_table({0: "땅", 1: "open water"}),
        threshold=0.35,
        metrics={
            "miou": 0.7,
            "iou": {"땅": 0.8, "open water": 0.6},
            "calibration": {"temperature": 2.0},
        },
        provenance={
            "date": "2026-01-02T03:04:05+00:00",
            "torch": "2.15.0+cu132",
            "device": "CPU (8 threads)",
            "batch_size": 4,
            "job": {"learning_rate": 0.001, "pretrained": "secret/path", "output": "secret/path"},
            "footprint": {"type": "MultiPolygon", "coordinates": [[SQUARE]]},
        },
        pretrained=PretrainedCard("efficientnet 0.1.0", "Apache-2.0"),
    )


@pytest.fixture
def facts(tmp_path) -> ModelFacts:
    path = tmp_path / "물 model.safetensors"
    path.write_bytes(b"x" * 10)
    return ModelFacts(str(path), 10, "ab" * 32, 1234)


def test_an_item_of_two_streams_is_valid(facts):
    item = stac_item(two_streams(), facts, "물 model.safetensors", "CC-BY-4.0")
    assert flaws(item) == []
    assert json.loads(json.dumps(item, allow_nan=False)) == item and "secret" not in json.dumps(
        item
    )
    assert item["bbox"] == [128.0, 36.0, 128.1, 36.1] and item["geometry"]["coordinates"] == [
        [SQUARE]
    ]
    properties = item["properties"]
    assert properties["datetime"] == "2026-01-02T03:04:05Z" and properties["license"] == "CC-BY-4.0"
    assert [each["name"] for each in properties["bands"]] == [
        "red", "image 2", "red (image 3)", "red (auxiliary 1)", "nir",
    ]  # fmt: skip
    image, auxiliary = properties["mlm:input"]
    assert image["input"]["shape"] == [-1, 3, 128, 128] and auxiliary["input"]["shape"] == [
        -1,
        2,
        16,
        16,
    ]
    assert auxiliary["bands"] == ["red (auxiliary 1)", "nir"]
    assert image["dualstream:scaling_in_the_network"][0] == {
        "type": "min-max",
        "minimum": 0.0,
        "maximum": 9.0,
    }
    (output,) = properties["mlm:output"]
    assert output["result"]["shape"] == [-1, 1, 128, 128]
    assert (
        output["post_processing_function"]["expression"]
        == "sigmoid(logits) > 0.35 is 1, otherwise 0"
    )
    assert [entry.get("name") for entry in output["classification:classes"]] == [None, "open-water"]
    # What stac-model 0.7 reads of a class.
    known = {"value", "name", "description", "color_hint"}
    assert all(entry.keys() <= known for entry in output["classification:classes"])
    assert properties["mlm:hyperparameters"] == {
        "tile_size": 128, "threshold": 0.35, "learning_rate": 0.001, "batch_size": 4, "temperature": 2.0,
    }  # fmt: skip
    assert "trained on CPU (8 threads)" in properties["mlm:accelerator_summary"]
    assert properties["mlm:pretrained_source"] == "efficientnet 0.1.0"
    assert item["assets"]["model"]["file:checksum"] == "1220" + "ab" * 32


@pytest.mark.parametrize(
    "footprint", [None, {"coordinates": [[[[1, 2]]]]}, {"coordinates": "x"}, 3]
)
def test_an_item_of_a_plain_card_is_valid_and_has_no_geometry(facts, footprint):
    card = Card(
        "cmx-b0", "", 3, 64, ImageCard(4), AuxiliaryCard(), class_table({1: "a", 2: "b", 7: "c"})
    )
    item = stac_item(replace(card, provenance={"footprint": footprint}), facts, "m.safetensors")
    assert flaws(item) == []
    assert item["geometry"] is None and "bbox" not in item and "license" not in item["properties"]
    assert "mlm:pretrained" not in item["properties"], "it is not known"
    assert [
        entry["value"] for entry in item["properties"]["mlm:output"][0]["classification:classes"]
    ] == [1, 2, 7]


@pytest.mark.parametrize("architecture", ["segformer:mit-b0:256", "onnx"])
def test_an_imported_model_does_not_claim_a_training(architecture, facts):
    job = {"weights": "net", "tile_size": 0, "auxiliary_tile_size": 0}
    card = replace(
        two_streams(),
        architecture=architecture,
        encoder="",
        pretrained=PretrainedCard(),
        metrics={},
        provenance={"imported": "net", "job": job, "torch": "2.9.0"},
    )
    is_onnx = architecture == "onnx"
    item = stac_item(card, replace(facts, parameters=0 if is_onnx else 9), "a.safetensors")
    assert flaws(item) == []
    found = item["properties"]
    assert "mlm:pretrained" not in found, "nobody knows from what it started"
    assert found["mlm:hyperparameters"] == {"tile_size": 128, "threshold": card.threshold}
    assert found["mlm:framework"] == ("ONNX" if is_onnx else "PyTorch")
    assert ("mlm:total_parameters" in found) is not is_onnx
    assert ("mlm:framework_version" in found) is not is_onnx
    assert ("GPU" in found["mlm:accelerator_summary"]) is not is_onnx
    (output,) = found["mlm:output"]
    assert output["name"] == ("probabilities" if is_onnx else "logits")
    rule = output["post_processing_function"]["expression"]
    assert rule.startswith("probabilities >" if is_onnx else "sigmoid(logits) >")
    module = "numpy.save" if is_onnx else "torch.save_file"
    assert item["assets"]["model"]["mlm:artifact_type"] == f"safetensors.{module}"


def test_a_model_of_random_weights_says_so(facts):
    card = replace(two_streams(), pretrained=PretrainedCard())
    item = stac_item(card, facts, "m.safetensors")
    assert flaws(item) == [] and item["properties"]["mlm:pretrained"] is False


BREAKS: list[tuple[list[Any], Any]] = [
    (["properties", "mlm:input", 0, "input", "dim_order"], ["batch", "channel", "height", "width"]),
    (["properties", "mlm:input", 0, "value_scaling"], [{"type": "min-max"}]),
    (["properties", "mlm:output", 0, "classification:classes", 0, "color_hint"], "#aabbcc"),
    (["properties", "mlm:tasks"], ["mapping"]),
    (["properties", "datetime"], None),
    (["assets", "model", "roles"], ["data"]),
    (["assets", "model", "file:size"], "10"),
    (["geometry"], None),
    (["bbox"], [1, 2]),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value"), BREAKS)
def test_the_schemas_see_what_is_wrong(facts, place, value):
    item = json.loads(json.dumps(stac_item(two_streams(), facts, "m.safetensors")))
    part = item
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    assert flaws(item)


def test_every_band_has_a_name_of_its_own():
    card = replace(two_streams(), image=ImageCard(2, ("a", "a")), auxiliary=AuxiliaryCard())
    assert band_names(card) == ["a", "a (image 2)"]


def test_a_licence_is_an_identifier():
    for licence in ("", "MIT", "CC-BY-4.0", "GPL-2.0+", "other"):
        check_licence(licence)
    with pytest.raises(JobError, match="not an SPDX identifier: give one such as CC-BY-4.0"):
        check_licence("free for all")
