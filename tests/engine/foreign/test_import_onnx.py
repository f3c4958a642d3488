"""``import`` of ONNX networks: the masks are what the network gives, whatever its form; and they work like any model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyogrio
import pytest
from onnx import external_data_helper

from engine.commands.export_model import export_model
from engine.commands.import_model import import_model
from engine.commands.info import info
from engine.commands.segment import segment
from engine.commands.suggest import suggest
from engine.commands.train import train
from engine.contract.card_reader import read_card
from engine.contract.errors import DeviceError, EngineError, JobError, ModelFileError
from engine.contract.file_jobs import ExportJob, ImportJob, InfoJob, SuggestJob
from engine.contract.jobs import SegmentJob, TrainJob
from engine.models.graph_file import read_graph, save_graph
from engine.runtimes.graph_cache import check_model
from tests.engine.onnx_networks import MEAN, STD, class_names, network, scores, write
from tests.engine.synthetic import read_band

#: What the files do not tell.
GIVEN: dict[str, Any] = {"mean": MEAN, "std": STD, "class_names": class_names(3)}


@pytest.fixture
def pixels() -> Any:
    """Pixels (3, 90, 150) of 8 bits."""
    return np.random.default_rng(1).integers(0, 255, (3, 90, 150)).astype(np.uint8)


@pytest.fixture
def image(write_raster: Callable[..., str], pixels: Any) -> str:
    return write_raster("image.tif", pixels)


@pytest.fixture
def imported(tmp_path: Path, events: Any) -> Callable[..., str]:
    """``imported(model, **fields of ImportJob)``: the model file."""

    def make(model: onnx.ModelProto, name: str = "net", **given: Any) -> str:
        weights = write(tmp_path / f"{name}.onnx", model)
        output = str(tmp_path / f"{name}.safetensors")
        fields = {**GIVEN, **given}
        import_model(ImportJob(weights=weights, output=output, **fields), events)
        return output

    return make


def mask_of(model: str, image: str, tmp_path: Path, events: Any, **options: Any) -> Any:
    output = tmp_path / "mask.tif"
    segment(SegmentJob(model=(model,), image=image, output=str(output), **options), events)
    return read_band(output)


FORMS: dict[str, dict[str, Any]] = {
    "logits": {},
    "probabilities": {"last": "Softmax"},
    "not-normalised": {"last": "Sigmoid"},
    "classes": {"last": "classes"},
    "bands-last": {"layout": "NHWC"},
    "bands-last-classes": {"layout": "NHWC", "last": "classes"},
    "one-tile": {"batch": 1},
    "three-tiles": {"batch": 3},
    "any-size": {"tile": "side"},
    "odd-size": {"tile": 50},
    "old": {"opset": 9},
    "older-softmax": {"opset": 12, "layout": "NHWC"},
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_mask_is_that_of_the_network(
    form: dict[str, Any], imported: Any, image: str, pixels: Any, tmp_path: Path, events: Any
) -> None:
    tile = 96 if form.get("tile") == "side" else 512
    model = imported(network(**form), tile_size=tile)
    card = read_card(model)
    assert card.architecture == "onnx" and len(card.classes) == 3 and card.image.bands == 3
    assert card.tile_size == (96 if tile == 96 else form.get("tile", 64))
    mask = mask_of(model, image, tmp_path, events)
    assert np.array_equal(mask, scores(pixels, 3).argmax(axis=0)) and len(np.unique(mask)) == 3


@pytest.mark.parametrize("last", ["", "Sigmoid"])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_one_output_is_two_classes(
    last: str,
    layout: str,
    imported: Any,
    image: str,
    pixels: Any,
    tmp_path: Path,
    events: Any,
) -> None:
    model = imported(network(1, last, layout), class_names=class_names(2), threshold=0.7)
    assert read_card(model).logits == 1 and read_card(model).threshold == 0.7
    expected = 1 / (1 + np.exp(-scores(pixels, 1)[0])) > 0.7
    assert np.array_equal(mask_of(model, image, tmp_path, events), expected)
    half = mask_of(model, image, tmp_path, events, threshold=0.5)
    assert np.array_equal(half, scores(pixels, 1)[0] > 0)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_network_whose_logits_overflow_is_refused(channels: int, imported: Any) -> None:
    model = network(channels)
    weights = model.graph.initializer[0]
    huge = np.zeros([*weights.dims], np.float32)
    huge[:, 0] = 3e38  # of one band, because the sum of infinities of both signs is NaN
    weights.CopyFrom(onnx.numpy_helper.from_array(huge, weights.name))
    with pytest.raises(ModelFileError, match="not numbers"):
        imported(model, class_names=class_names(max(2, channels)))


def test_symmetries_confidence_and_overlap(
    imported: Any, image: str, pixels: Any, tmp_path: Path, events: Any
) -> None:
    model, confidence = imported(network(tile=32, batch=1)), tmp_path / "confidence.tif"
    mask = mask_of(model, image, tmp_path, events, tta="d4", overlap=11, confidence=str(confidence))
    logits = scores(pixels, 3)
    assert np.array_equal(mask, logits.argmax(axis=0))
    shares = np.exp(logits) / np.exp(logits).sum(axis=0)
    assert np.abs(read_band(confidence) - 100 * shares.max(axis=0)).max() <= 1


def test_missing_pixels_are_the_mean_of_their_band(
    imported: Any, write_raster: Callable[..., str], pixels: Any, tmp_path: Path, events: Any
) -> None:
    values = pixels.astype(np.float32)
    values[1, :40] = np.nan
    values[:, 80:] = np.nan
    image = write_raster("holes.tif", values)
    mask = mask_of(imported(network()), image, tmp_path, events)
    values[1, :40] = 255 * MEAN[1]
    assert np.array_equal(mask[:80], scores(values, 3).argmax(axis=0)[:80])
    assert (mask[80:] == 255).all()


def test_an_output_of_lower_resolution_is_resized(
    imported: Any, write_raster: Callable[..., str], tmp_path: Path, events: Any
) -> None:
    blocks = np.random.default_rng(2).integers(0, 255, (3, 4, 4)).astype(np.uint8)
    flat = np.kron(blocks, np.ones((1, 16, 16), np.uint8))
    image = write_raster("flat.tif", flat)
    mask = mask_of(imported(network(pool=4)), image, tmp_path, events)
    expected = scores(flat, 3).argmax(axis=0)
    inner = np.kron(np.ones((4, 4)), np.pad(np.ones((8, 8)), 4)).astype(bool)
    assert np.array_equal(mask[inner], expected[inner])


def test_two_inputs(
    imported: Any,
    image: str,
    pixels: Any,
    write_raster: Callable[..., str],
    tmp_path: Path,
    events: Any,
) -> None:
    with pytest.raises(JobError, match="auxiliary_mean and auxiliary_std of every band"):
        imported(network(second=3))
    model = imported(network(second=3), auxiliary_mean=(5 / 255,) * 3, auxiliary_std=(2 / 255,) * 3)
    stream = read_card(model).auxiliary
    assert (stream.bands, stream.tile_size) == (3, 8)
    assert stream.mean == pytest.approx((5,) * 3) and stream.std == pytest.approx((2,) * 3)
    levels = np.array([7.0, 5.0, 1.0], np.float32)
    coarse = np.broadcast_to(levels[:, None, None], (3, 90, 150))
    auxiliary = write_raster("coarse.tif", coarse)
    mask = mask_of(model, image, tmp_path, events, auxiliary=(auxiliary,))
    added = ((levels - 5) / 2)[:, None, None]
    assert np.array_equal(mask, (scores(pixels, 3) + added).argmax(axis=0))
    alone = mask_of(model, image, tmp_path, events, image_alone=True)
    assert np.array_equal(alone, scores(pixels, 3).argmax(axis=0)), "missing is the mean"


def test_metadata_of_deepness(image: str, pixels: Any, tmp_path: Path, events: Any) -> None:
    metadata = {
        "model_type": json.dumps("Segmentor"),
        "class_names": "{0: 'ground', 1: 'water', 2: 'wood'}",
        "tile_size": "64",
        "resolution": "20",
        "standardization_mean": json.dumps(MEAN),
        "standardization_std": json.dumps(STD),
    }
    weights = write(tmp_path / "zoo.onnx", network(tile="side", metadata=metadata))
    model = str(tmp_path / "zoo.safetensors")
    done = import_model(ImportJob(weights=weights, output=model), events)
    assert "metadata for Deepness" in done.message
    card = read_card(model)
    assert [entry.name for entry in card.classes] == ["ground", "water", "wood"]
    assert (card.tile_size, card.image.ground) == (64, 0.2)
    mask = mask_of(model, image, tmp_path, events, match_resolution=False)
    assert np.array_equal(mask, scores(pixels, 3).argmax(axis=0))
    wrong = write(tmp_path / "d.onnx", network(metadata={"model_type": '"Detector"'}))
    with pytest.raises(JobError, match="is a 'Detector' by its metadata, and only a Segmentor"):
        import_model(ImportJob(weights=wrong, output=model), events)


def test_deepness_names_the_second_class_only(imported: Any) -> None:
    metadata = {"class_names": '{"0": "water"}', "seg_thresh": "0.3"}
    card = read_card(imported(network(1, "Sigmoid", metadata=metadata), class_names=()))
    assert [entry.name for entry in card.classes] == ["background", "water"]
    assert (card.logits, card.threshold) == (1, 0.3)


def test_out_and_in_again(
    imported: Any, image: str, pixels: Any, tmp_path: Path, events: Any
) -> None:
    first = imported(network(batch=1))
    exported, again = str(tmp_path / "out.onnx"), str(tmp_path / "again.safetensors")
    assert "has the ONNX network of" in export_model(ExportJob(first, exported), events).message
    import_model(ImportJob(weights=exported, output=again), events)
    assert read_card(again).classes == read_card(first).classes
    mask = mask_of(again, image, tmp_path, events)
    assert np.array_equal(mask, scores(pixels, 3).argmax(axis=0))


@pytest.mark.slow
def test_our_own_export_needs_no_options(
    make_model: Callable[..., str], write_raster: Callable[..., str], tmp_path: Path, events: Any
) -> None:
    own = make_model(auxiliary=0, classes=("a", "b", "c"))
    exported, back = str(tmp_path / "own.onnx"), str(tmp_path / "back.safetensors")
    export_model(ExportJob(own, exported), events)
    import_model(ImportJob(weights=exported, output=back), events)
    pixels = np.random.default_rng(3).integers(0, 2000, (4, 80, 100)).astype(np.uint16)
    image = write_raster("own.tif", pixels)
    masks = [mask_of(model, image, tmp_path, events) for model in (own, back)]
    assert np.mean(masks[0] == masks[1]) > 0.999 and len(np.unique(masks[0])) > 1


def test_in_an_ensemble_with_a_network_of_two_streams(
    imported: Any,
    make_model: Callable[..., str],
    image: str,
    pixels: Any,
    write_raster: Callable[..., str],
    tmp_path: Path,
    events: Any,
) -> None:
    names = ("class 0", "class 1", "class 2")
    own = make_model(bands=3, auxiliary=2, classes=names)
    auxiliary = write_raster("air.tif", np.ones((2, 90, 150), np.float32))
    other = imported(network())
    masks = {}
    for combine in ("mean", "vote"):
        output = tmp_path / f"{combine}.tif"
        job = SegmentJob(
            model=(own, other),
            image=image,
            auxiliary=(auxiliary,),
            combine=combine,
            output=str(output),
            disagreement=str(tmp_path / "disagreement.tif"),
        )
        segment(job, events)
        masks[combine] = read_band(output)
    alone = [
        mask_of(model, image, tmp_path, events, auxiliary=(auxiliary,) if model == own else ())
        for model in (own, other)
    ]
    assert np.array_equal(alone[1], scores(pixels, 3).argmax(axis=0))
    agreed = alone[0] == alone[1]
    assert 0.05 < agreed.mean() < 0.95
    for mask in masks.values():
        assert np.array_equal(mask[agreed], alone[1][agreed])


def test_suggest_compares_squares_by_the_pretrained_encoder(
    imported: Any, image: str, tmp_path: Path, events: Any
) -> None:
    output = tmp_path / "next.gpkg"
    model = imported(network(tile=32))
    suggest(SuggestJob(model=(model,), image=image, count=3, output=str(output)), events)
    assert len(pyogrio.raw.read(output, layer="next")[2]) == 3


def test_it_is_not_trained_further(
    imported: Any, make_model: Callable[..., str], image: str, tmp_path: Path, events: Any
) -> None:
    model = imported(network())
    job = TrainJob(image=image, labels=image, output=str(tmp_path / "new.safetensors"))
    with pytest.raises(JobError, match="is an ONNX network, which cannot be trained further"):
        train(TrainJob(**{**job.__dict__, "start": model}), events)
    with pytest.raises(JobError, match="An ONNX network cannot be trained"):
        train(TrainJob(**{**job.__dict__, "architecture": "onnx"}), events)
    with pytest.raises(DeviceError, match="runs with onnxruntime, not with torch"):
        mask_of(model, image, tmp_path, events, runtime="torch")
    assert "an ONNX network, tile 64 px" in info(InfoJob(model), events).message


def test_weights_in_a_file_beside(image: str, pixels: Any, tmp_path: Path, events: Any) -> None:
    proto = network()
    external_data_helper.convert_model_to_external_data(
        proto, location="net.data", size_threshold=0
    )
    weights, model = str(tmp_path / "net.onnx"), str(tmp_path / "net.safetensors")
    onnx.save(proto, weights)
    assert (tmp_path / "net.data").exists()
    import_model(ImportJob(weights=weights, output=model, **GIVEN), events)
    mask = mask_of(model, image, tmp_path, events)
    assert np.array_equal(mask, scores(pixels, 3).argmax(axis=0))


def test_a_graph_that_was_changed_in_the_model_file(imported: Any, tmp_path: Path) -> None:
    path = imported(network())
    graph, card = read_graph(path), read_card(path)
    check_model(path)

    def add_operator(proto: onnx.ModelProto) -> None:
        proto.graph.node.add(op_type="Evil", domain="mine")

    def take_bands_away(proto: onnx.ModelProto) -> None:
        proto.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 2

    for damage, says in ((add_operator, "not of the ONNX"), (take_bands_away, "was changed")):
        proto = onnx.ModelProto.FromString(graph)
        damage(proto)
        save_graph(path, proto.SerializeToString(), card)
        with pytest.raises(ModelFileError, match=says):
            check_model(path)


def test_what_is_missing_is_asked_for(tmp_path: Path, events: Any) -> None:
    output = str(tmp_path / "m.safetensors")

    def refused(says: str, model: onnx.ModelProto, **given: Any) -> None:
        weights = write(tmp_path / "net.onnx", model)
        with pytest.raises(EngineError, match=says):
            import_model(ImportJob(weights=weights, output=output, **given), events)
        assert not Path(output).exists()

    refused("does not say how pixels were scaled: give the normalisation", network())
    refused("name 3 classes with class_names", network(), mean=MEAN, std=STD)
    refused("3 outputs per pixel, and 2 classes are given", network(), mean=MEAN, std=STD,
            class_names=class_names(2))  # fmt: skip
    refused("has a map of classes, and 0 classes are given", network(last="classes"),
            normalisation="imagenet")  # fmt: skip
    refused("takes tiles of 64 px, not 128", network(), tile_size=128, **GIVEN)
    yolo = {"author": "Ultralytics", "task": "segment", "names": "{0: 'house'}"}
    refused("is a YOLO, which finds objects", network(metadata=yolo), **GIVEN)
    refused("its outputs are", network(), graph_output="other", **GIVEN)
    refused("has no input other", network(), image_input="other", **GIVEN)
    refused("There is no layout 'CHW'", network(), layout="CHW", **GIVEN)
    refused("std of band 2 is 0, and must be from", network(), **{**GIVEN, "std": (1.0, 0.0, 1.0)})
