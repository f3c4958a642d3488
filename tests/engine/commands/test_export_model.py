"""``export``: the ONNX file gives the model's own masks, on real tiles, for any number of tiles."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import rasterio
import torch
from torch import nn

from engine.commands.export_model import GRAPH_KEY, export_model
from engine.contract.architectures import architecture
from engine.contract.class_table import class_table
from engine.contract.errors import EngineError, JobError
from engine.contract.file_jobs import ExportJob
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.foreign.deepness_metadata import deepness_metadata
from engine.models.logits import predicted_classes
from engine.models.model_file import build_network, load_model, save_model
from engine.runtimes import onnx_export, onnx_variants


def card_of(
    name: str, classes: Sequence[str], tile: int, auxiliary: int = 0, side: int = 0
) -> Card:
    return Card(
        architecture=name,
        encoder=architecture(name).encoder or "mit-b0",
        logits=1 if len(classes) == 2 else len(classes),
        tile_size=tile,
        image=ImageCard(3, ("r", "g", "b"), "uint8", (0.0,) * 3, (255.0,) * 3, ground=0.13),
        auxiliary=AuxiliaryCard(auxiliary, side),
        classes=class_table(dict(enumerate(classes))),
        threshold=0.35 if len(classes) == 2 else 0.5,
    )


def saved(card: Card, path: Path, images: torch.Tensor) -> str:
    """A model file whose masks of such images hold all classes, as a trained one's do."""
    torch.manual_seed(11)
    model = build_network(card).eval()
    low, deviation = images.mean(dim=(0, 2, 3)), images.std(dim=(0, 2, 3))
    model.image_normalisation.set(low, deviation)  # type: ignore[operator, union-attr]
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(std=0.1)  # type: ignore[union-attr]
            module.running_var.uniform_(0.5, 1.5)  # type: ignore[union-attr]
    for parameter in model.parameter_groups()["fusion"]:  # type: ignore[operator]
        nn.init.normal_(parameter, std=0.1)
    if card.logits == 1:
        with torch.inference_mode():
            middle = model(images)["logits"].sigmoid().median()
        card = replace(card, threshold=float(middle))
    save_model(path, model, card)
    return str(path)


def read(path: Path, size: int) -> torch.Tensor:
    with rasterio.open(path) as file:
        return torch.from_numpy(file.read()[:, :size, :size].astype(np.float32))


def tiles(images: list[torch.Tensor]) -> torch.Tensor:
    batch = torch.stack(images)
    batch[0, 1, 5:9, 5:20] = torch.nan
    batch[-1, :, 20:24] = torch.nan
    return batch


def compare(model: str, output: str, values: dict[str, torch.Tensor]) -> None:
    """Masks of the file and of the model, for one tile and for all."""
    network, card = load_model(model)
    session = onnxruntime.InferenceSession(output, providers=["CPUExecutionProvider"])
    assert [each.name for each in session.get_inputs()] == [*values]
    shapes = [each.shape for each in session.get_inputs()]
    assert all(isinstance(shape[0], str) for shape in shapes)
    assert [shape[1:] for shape in shapes] == [[*value.shape[1:]] for value in values.values()]
    for count in (1, len(values["image"])):
        some = {name: value[:count] for name, value in values.items()}
        with torch.inference_mode():
            logits = network(*some.values())["logits"]
        found = session.run(
            ["probabilities"], {name: value.numpy() for name, value in some.items()}
        )[0]
        assert np.isfinite(found).all() and found.std() > 1e-4
        expected = logits.sigmoid() if card.logits == 1 else logits.softmax(dim=1)
        assert np.abs(found - expected.numpy()).max() < 1e-4
        if card.logits == 1:
            mask = (expected[:, 0] > card.threshold).numpy()
            assert (
                np.mean((found[:, 0] > card.threshold) == mask) > 0.999 and 0.2 < mask.mean() < 0.8
            )
        else:
            assert np.mean(found.argmax(axis=1) == predicted_classes(logits).numpy()) > 0.9999


def test_one_stream(data, tmp_path, events, capfd, root) -> None:
    paths = sorted(data("buildings/train").glob("*.tif"))[:3]
    values = {"image": tiles([read(path, 64) for path in paths])}
    card = card_of("smp:Unet:resnet18", ("ground", "building"), 64)
    model = saved(card, tmp_path / "m.safetensors", torch.stack([read(p, 64) for p in paths]))
    output = str(tmp_path / "new" / "m.onnx")
    done = export_model(ExportJob(model, output), events)
    assert capfd.readouterr() == ("", ""), "the exporter is silent"
    assert done.outputs["difference"] < 1e-4 and "Deepness" in done.message
    assert [path.name for path in Path(output).parent.iterdir()] == ["m.onnx"]
    compare(model, output, values)
    proto = onnx.load(output)
    onnx.checker.check_model(proto)
    assert proto.ir_version <= 9 and proto.opset_import[0].version >= 17
    assert str(root).encode() not in Path(output).read_bytes()
    metadata = {entry.key: entry.value for entry in proto.metadata_props}
    own = json.loads(metadata.pop("dualstream"))
    assert own["classes"][1]["name"] == "building" and own["tile_size"] == 64
    assert json.loads(metadata.pop(GRAPH_KEY)) == {
        "precision": "fp32",
        "outputs": ["probabilities"],
    }
    network, card = load_model(model)
    assert metadata == deepness_metadata(card)
    as_deepness_does(output, metadata, card, values["image"][1:2], network)


def as_deepness_does(
    output: str, metadata: dict[str, str], card: Card, image: torch.Tensor, network: nn.Module
) -> None:
    """Follows Deepness 0.6 step by step, and compares its mask with the model's at its threshold."""
    pixels = image[0].permute(1, 2, 0).numpy().astype(np.uint8)[None]
    mean = np.array(json.loads(metadata["standardization_mean"]), np.float32)
    std = np.array(json.loads(metadata["standardization_std"]), np.float32)
    fed = ((np.float32(pixels * 1.0 / 255.0) - mean) / std).transpose(0, 3, 1, 2)
    assert np.allclose(fed, image.numpy(), atol=1e-4), "the raw values arrive"
    session = onnxruntime.InferenceSession(output, providers=["CPUExecutionProvider"])
    result = session.run(None, {session.get_inputs()[0].name: fed})[0]
    result[result < float(json.loads(metadata["seg_thresh"]))] = 0.0
    median = int(json.loads(metadata["seg_small_segment"])) // 2 * 2 + 1
    assert median == 1, "its median over so many pixels changes nothing"
    with torch.inference_mode():
        expected = predicted_classes(network(image)["logits"], card.threshold).numpy()
    assert np.mean((result != 0)[:, 0] == expected) > 0.999 and 0.2 < expected.mean() < 0.8


def test_what_deepness_is_told() -> None:
    two = deepness_metadata(card_of("unet-resnet50", ("ground", "building"), 64))
    assert json.loads(two["model_type"]) == "Segmentor" and json.loads(two["tile_size"]) == 64
    assert json.loads(two["class_names"]) == {"0": "ground", "1": "building"}
    assert json.loads(two["resolution"]) == pytest.approx(13) and two["seg_thresh"] == "0.35"
    three = deepness_metadata(card_of("cmx-b0", ("a", "b", "c"), 64))
    assert json.loads(three["seg_thresh"]) == 0, "a threshold would turn low maxima into class 0"
    assert deepness_metadata(card_of("cmx-b0", ("a", "b"), 64, 1, 64)) == {}


@pytest.mark.slow
def test_dualstream(data, tmp_path, events) -> None:
    names = [path.stem for path in sorted(data("water/vs_sn").glob("*.tif"))[:3]]
    images = [read(data("water/vs_sn") / f"{name}.tif", 128) for name in names]
    coarse = [read(data("water/v_gems") / f"{name}.tif", 8) for name in names]
    auxiliary = torch.stack(coarse)
    auxiliary[0] = torch.nan
    auxiliary[1, 0, 2:4] = torch.nan
    card = card_of("dualstream-dformer", ("land", "water"), 128, 2, 8)
    model = saved(card, tmp_path / "m.safetensors", torch.stack(images))
    output = str(tmp_path / "m.onnx")
    message = export_model(ExportJob(model, output), events).message
    assert "two inputs" in message and "give NaN where one is missing" in message
    compare(model, output, {"image": tiles(images), "auxiliary": auxiliary})


@pytest.mark.slow
def test_cmx(data, tmp_path, events) -> None:
    names = [path.name for path in sorted(data("clouds/val/rgb").glob("*.png"))[:3]]
    images = [read(data("clouds/val/rgb") / name, 256) for name in names]
    infrared = torch.stack([read(data("clouds/val/ngr") / name, 256)[:1] for name in names])
    infrared[0, :, :40] = torch.nan
    card = card_of("cmx-b0", ("clear", "thick", "thin", "shadow"), 256, 1, 256)
    model = saved(card, tmp_path / "m.safetensors", torch.stack(images))
    output = str(tmp_path / "m.onnx")
    export_model(ExportJob(model, output), events)
    compare(model, output, {"image": tiles(images), "auxiliary": infrared})


def file_identity(card: Card, offset: float) -> onnx.ModelProto:
    """A file that gives the first band's sign, and so not what the network gives, plus an offset."""
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    side = card.tile_size
    graph = helper.make_graph(
        [
            helper.make_node("Slice", ["image", "start", "end", "axis"], ["band"]),
            helper.make_node("Add", ["band", "offset"], ["probabilities"]),
        ],
        "wrong",
        [helper.make_tensor_value_info("image", kind, ["batch", 3, side, side])],
        [helper.make_tensor_value_info("probabilities", kind, ["batch", 1, side, side])],
        [
            helper.make_tensor(name, onnx.TensorProto.INT64, [1], [value])
            for name, value in (("start", 0), ("end", 1), ("axis", 1))
        ]
        + [helper.make_tensor("offset", kind, [1], [offset])],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


@pytest.mark.parametrize("offset", [0.0, float("nan")])
def test_a_file_that_disagrees_is_not_published(offset, tmp_path, events, monkeypatch) -> None:
    card = card_of("smp:Unet:resnet18", ("a", "b"), 64)
    model = saved(card, tmp_path / "m.safetensors", torch.rand(1, 3, 64, 64))
    monkeypatch.setattr(
        onnx_variants, "export_network", lambda _, card, **__: file_identity(card, offset)
    )
    with pytest.raises(EngineError, match="gives other probabilities"):
        export_model(ExportJob(model, str(tmp_path / "out" / "m.onnx")), events)
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_exported_is_refused(make_model, tmp_path, events, monkeypatch) -> None:
    model, output = make_model(), str(tmp_path / "m.onnx")
    with pytest.raises(JobError, match="option output is missing"):
        export_model(ExportJob(model), events)
    with pytest.raises(JobError, match="must end in .onnx"):
        export_model(ExportJob(model, str(tmp_path / "m.pb")), events)
    monkeypatch.setattr(onnx_export, "_MAX_FILE_BYTES", 1000)
    with pytest.raises(JobError, match="one ONNX file holds 2 GiB at most"):
        export_model(ExportJob(model, output), events)
    assert not Path(output).exists()


def test_classes_in_16_bits(tmp_path, events) -> None:
    """One file with both options: its classes are those of its probabilities, and close to the model's."""
    card = replace(
        card_of("smp:Unet:resnet18", ("ground", "building"), 64),
        classes=class_table({3: "ground", 250: "building"}),
    )
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(5)) * 255
    model, output = saved(card, tmp_path / "m.safetensors", images), str(tmp_path / "m.onnx")
    done = export_model(ExportJob(model, output, precision="fp16", class_map=True), events)
    assert "in 16 bits" in done.message and "two outputs" in done.message
    assert 0 < done.outputs["logit_difference"] < 0.1
    assert Path(output).stat().st_size < 0.6 * Path(model).stat().st_size
    metadata = {entry.key: entry.value for entry in onnx.load(output).metadata_props}
    assert metadata.keys() == {"dualstream", GRAPH_KEY}, "Deepness takes classes for probabilities"
    network, card = load_model(model)
    assert json.loads(metadata[GRAPH_KEY]) == {
        "precision": "fp16",
        "outputs": ["probabilities", "classes"],
        "threshold": card.threshold,
        "values": [3, 250],
        "nodata": 255,
    }
    session = onnxruntime.InferenceSession(output, providers=["CPUExecutionProvider"])
    found = session.run(["classes"], {"image": images.numpy()})[0]
    with torch.inference_mode():
        index = predicted_classes(network(images)["logits"], card.threshold)
    expected = np.array([3, 250])[index.numpy()]
    assert 0.2 < (expected == 3).mean() < 0.8 and np.mean(found == expected) > 0.98


def test_cards_are_written_beside_the_model(make_model, tmp_path, events) -> None:
    model = make_model(auxiliary=0, name="water model.safetensors")
    item, page = tmp_path / "water.json", tmp_path / "sub" / "README.md"
    done = export_model(ExportJob(model, str(item), format="stac", licence="MIT"), events)
    assert "has no geometry" in done.message and done.outputs == {"output": str(item)}
    record = json.loads(item.read_text("utf-8"))
    assert record["assets"]["model"]["href"] == "water%20model.safetensors"
    assert record["properties"]["license"] == "MIT"
    done = export_model(ExportJob(model, str(page), format="markdown"), events)
    assert "model hubs" in done.message and page.read_text("utf-8").startswith("---\nlibrary_name")
    export_model(ExportJob(model, str(tmp_path / "sub" / "m.json"), format="stac"), events)
    record = json.loads((tmp_path / "sub" / "m.json").read_text("utf-8"))
    assert record["assets"]["model"]["href"] == "../water%20model.safetensors"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "gguf"}, "format must be onnx, stac or markdown, not gguf"),
        ({"precision": "int8"}, "precision must be fp32 or fp16, not int8"),
        ({"format": "stac"}, "must end in .json"),
        ({"format": "stac", "precision": "fp16"}, "are about ONNX files"),
        ({"format": "markdown", "class_map": True}, "are about ONNX files"),
        ({"licence": "MIT"}, "licence is about cards"),
        ({"format": "stac", "licence": "my own"}, "not an SPDX identifier"),
    ],
)
def test_wrong_options_are_refused(options, message, make_model, tmp_path, events) -> None:
    model, output = make_model(auxiliary=0), str(tmp_path / "out" / "m.onnx")
    with pytest.raises(JobError, match=message):
        export_model(ExportJob(model, output, **options), events)
    assert not (tmp_path / "out").exists()
