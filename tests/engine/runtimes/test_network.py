"""A loaded network gives the model's own probabilities with every runtime and any number of tiles at a time."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx.parser
import pytest
import rasterio
import torch
from torch import Tensor

from engine.commands.segment import segment
from engine.compute.cpu_lanes import lane_executor
from engine.compute.devices import Device, choose_device
from engine.contract.card_reader import read_card
from engine.contract.class_table import class_table
from engine.contract.errors import DeviceError, EngineError, JobError, ModelFileError
from engine.contract.jobs import SegmentJob
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.contract.protocol import Metric, Warned
from engine.models.model_file import build_network, load_model, save_model
from engine.runtimes import (
    backends,
    graph_cache,
    loaded_networks,
    memory_fit,
    onnx_export,
    rule,
    runtime_config,
    torch_backends,
    user_cache,
)
from engine.runtimes.loaded_networks import get_network
from engine.runtimes.network import Network
from engine.runtimes.onnx_export import export_network, prepare_graph
from engine.runtimes.random_tiles import random_tiles
from engine.runtimes.runtime_config import ONNX_RUNTIME, TORCH, RuntimeConfig, check_runtime

CPU = choose_device("cpu", "fp32")


@pytest.fixture(autouse=True)
def own_cache(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """The graphs stay for the whole file, since an export takes long."""
    folder = tmp_path_factory.getbasetemp() / "runtimes-cache"
    monkeypatch.setenv(user_cache.VARIABLE, str(folder))
    loaded_networks._loaded.clear()
    yield
    loaded_networks._loaded.clear()


@pytest.fixture(scope="module")
def unet(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The model file of a small network of one stream, three classes."""
    torch.manual_seed(3)
    image = ImageCard(3, low=(0.0,) * 3, high=(255.0,) * 3)
    classes = class_table({0: "a", 1: "b", 2: "c"})
    card = Card("smp:Unet:resnet18", "", 3, 64, image, AuxiliaryCard(), classes)
    model = build_network(card).eval()
    model.image_normalisation.set([128.0] * 3, [60.0] * 3)  # type: ignore[operator, union-attr]
    path = tmp_path_factory.mktemp("unet") / "unet.safetensors"
    save_model(path, model, card)
    return str(path)


def expected(path: str, *tiles: Any) -> Tensor:
    """The reference: the model itself, tile by tile."""
    image, auxiliary = (None if values is None else torch.as_tensor(values) for values in tiles)
    model, card = load_model(path)
    seconds = [None] * len(image) if auxiliary is None else auxiliary.split(1)
    with torch.no_grad():
        outputs = [model(*tiles) for tiles in zip(image.split(1), seconds, strict=True)]
    logits = torch.cat([output["logits"] for output in outputs])
    return logits.sigmoid() if card.logits == 1 else logits.softmax(dim=1)


def get(path: str, events: Any, runtime: str = "auto", **options: Any) -> Network:
    given = {"batch_size": 0, "tiles": 9, "fused": True, **options}
    return get_network(path, given.pop("device", CPU), runtime, emit=events, **given)


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("batch", [1, 2, 5])
def test_probabilities(
    fused: bool, batch: int, make_model: Callable[..., str], events: Any
) -> None:
    path = make_model()
    network = get(path, events, batch_size=batch, fused=fused)
    tiles = random_tiles(network.card, 3, fused)
    assert ("auxiliary" in tiles) == fused
    found = network(*map(network.to_device, tiles.values()))
    assert found.dtype == torch.float32 and found.is_contiguous() and not found.requires_grad
    assert found.std() > 1e-3
    assert torch.allclose(found, expected(path, tiles["image"], tiles.get("auxiliary")), atol=1e-5)
    assert (network.batch, network.runtime) == (batch, TORCH)
    (metric,) = events.of(Metric)
    assert metric.message.startswith("Runtime: PyTorch") and metric.values == network.record()


def test_bf16(unet: str, events: Any) -> None:
    network = get(unet, events, device=choose_device("cpu", "bf16"))
    image = network.to_device(random_tiles(network.card, 2)["image"])
    difference = (network(image) - expected(unet, image, None)).abs().max()
    assert 1e-6 < difference < 0.1 and network.precision == "bf16"


def test_scenes_after_the_first_pay_nothing(
    make_model: Callable[..., str], events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [make_model(name=f"{number}.safetensors") for number in range(5)]
    first = get(paths[0], events)
    with monkeypatch.context() as patch:
        message = "it was read again"
        patch.setattr("engine.models.model_file.load_model", lambda path: pytest.fail(message))
        assert get(paths[0], events) is first
        assert get(paths[0], events, tiles=10) is first
    assert len(events.of(Metric)) == 3, "each run's log names the runtime"
    assert get(paths[0], events, fused=False) is not first
    model, card = load_model(paths[0])
    save_model(paths[0], model, replace(card, threshold=0.25))
    again = get(paths[0], events)
    assert again is not first and again.card.threshold == 0.25, "a changed file is another one"
    for path in paths[1:]:
        get(path, events)
    assert get(paths[0], events) is not again, "only the last ones stay"


def test_all_networks_of_a_run_stay_loaded(make_model: Callable[..., str], events: Any) -> None:
    paths = [make_model(name=f"{number}.safetensors") for number in range(6)]
    members = [get(path, events, networks=6) for path in paths]
    assert [get(path, events, networks=6) for path in paths] == members
    get(make_model(name="alone.safetensors"), events)
    assert len(loaded_networks._loaded) == 4


def test_a_loaded_network_is_made_again_for_a_long_run(
    make_model: Callable[..., str], events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule, "has_fast_bf16", lambda: True)
    path, device = make_model(), choose_device("cpu")
    short = get(path, events, device=device)
    assert short.precision == "fp32"
    with monkeypatch.context() as patch:
        message = "its weights would be in memory twice"
        patch.setattr("engine.models.model_file.load_model", lambda path: pytest.fail(message))
        assert get(path, events, device=device, tiles=0) is short, "scenes of the same run"
        long = get(path, events, device=device, tiles=10**6)
    assert long.precision == "bf16"
    assert all(get(path, events, device=device, tiles=tiles) is long for tiles in (0, 10**7))
    assert get(path, events, device=device).precision == "fp32"


@pytest.mark.parametrize("runtime", ["torch-compile", "openvino", "onnxruntime-gpu"])
def test_a_runtime_of_an_earlier_version_counts_as_automatic(
    runtime: str, make_model: Callable[..., str], events: Any
) -> None:
    network = get(make_model(), events, runtime)
    assert network.runtime == TORCH
    sentence = f"DualStream no longer has the runtime {runtime}: it chose this one automatically."
    assert events.messages(Metric)[0].endswith(sentence)


def test_as_in_the_run_before(make_model: Callable[..., str], events: Any) -> None:
    path = make_model()
    before = RuntimeConfig(TORCH, 3, channels_last=False).record()
    network = get(path, events, tiles=10**6, resume_from=before)
    assert (
        network.record() == before and "The run before used the same." in events.heard[-1].message
    )
    for record in (
        {"runtime": "abacus"},
        {"runtime": [TORCH]},
        {"runtime": TORCH, "colour": 1},
        {"runtime": TORCH, "batch": 0},
        {"runtime": TORCH, "batch": 2.0},
        {"runtime": TORCH, "batch": True},
        {"runtime": TORCH, "channels_last": 1},
        {"runtime": TORCH, "precision": "fp8"},
        {"runtime": TORCH, "precision": []},
        [TORCH],
    ):
        with pytest.raises(JobError, match="do not say .* Delete them, the file OUTPUT.part.json"):
            get(path, events, resume_from=record)


def test_the_runtime_of_the_run_before_is_gone(
    make_model: Callable[..., str], events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(runtime_config._MODULES, ONNX_RUNTIME, "no_such_package")
    words = "made with ONNX Runtime, which is not .* install .* or delete .*OUTPUT.part"
    with pytest.raises(DeviceError, match=words):
        get(make_model(), events, resume_from=RuntimeConfig(ONNX_RUNTIME, 2).record())


# Memory -------------------------------------------------------------------------------------------


class LimitedBackend:
    """A backend with memory for ``max_tiles`` tiles; its probabilities are the tiles."""

    def __init__(self, max_tiles: int) -> None:
        self.max_tiles, self.sizes = max_tiles, []

    def __call__(self, images: Tensor, auxiliary: Tensor | None) -> Tensor:
        self.sizes.append(len(images))
        assert auxiliary is None or len(auxiliary) == len(images)
        if len(images) > self.max_tiles:
            return torch.empty(2**58)  # fails as torch does
        return images if auxiliary is None else images + auxiliary[:, :1]


def limited_network(
    max_tiles: int, batch: int, unet: str, events: Any, runtime: str = TORCH
) -> Any:
    backend = LimitedBackend(max_tiles)
    network = Network(read_card(unet), CPU, RuntimeConfig(runtime, batch), backend)
    network.report(events)
    return network, backend


@pytest.mark.parametrize(("precision", "cause"), [("fp32", "are damaged"), ("bf16", "fp32")])
def test_a_network_is_refused_at_the_first_tile_without_numbers(
    precision: str, cause: str, unet: str, events: Any
) -> None:
    config = RuntimeConfig(precision=precision)
    network = Network(read_card(unet), CPU, config, LimitedBackend(1))
    network.report(events)
    tile = torch.rand(1, 3, 4, 4)
    assert torch.equal(network(tile), tile)
    for value in (torch.nan, torch.inf, -torch.inf):
        broken = tile.clone()
        broken[0, 1, 2, 3] = value
        with pytest.raises(ModelFileError, match=f"are not numbers.*{cause}"):
            network(broken)
        with pytest.raises(ModelFileError, match="are not numbers"):
            network(broken.numpy())


def test_out_of_memory_halves_the_batch(unet: str, events: Any) -> None:
    network, run = limited_network(2, 8, unet, events)
    images, auxiliary = torch.rand(7, 3, 4, 4), torch.rand(7, 5, 4, 4)
    assert torch.equal(network(images, auxiliary), images + auxiliary[:, :1])
    assert run.sizes == [7, 4, 2, 2, 2, 1] and network.batch == 2
    assert torch.equal(network(images), images), "and stays so"
    assert events.messages(Warned) == [
        "There was not enough memory for 8 tiles at a time: the run continues with 4.",
        "There was not enough memory for 4 tiles at a time: the run continues with 2.",
    ]
    assert network.record()["batch"] == 2
    network.report(events)
    message = events.heard[-1].message
    reason = "There is not enough memory for more."
    assert message.endswith(f"2 tiles at a time. {reason}")


def test_out_of_memory_in_lanes(unet: str, events: Any) -> None:
    barrier, inside = threading.Barrier(4, timeout=30), [0]

    def run(images: Tensor, auxiliary: Tensor | None) -> Tensor:
        """Has memory for one pass at a time; the first four begin together."""
        inside[0] += 1
        try:
            if network.lanes == 4:
                barrier.wait()
            if inside[0] > 1:
                raise MemoryError
            time.sleep(0.02)
            return images
        finally:
            time.sleep(0.02)
            inside[0] -= 1

    made: list[int] = []
    rebuild = lambda config: made.append(config.lanes) or run  # noqa: E731
    config = RuntimeConfig(ONNX_RUNTIME, 1, lanes=4)
    network = Network(read_card(unet), CPU, config, run, "", rebuild)
    network.report(events)
    images = torch.rand(8, 1, 3, 4, 4)
    with ThreadPoolExecutor(4) as pool:
        found = [*pool.map(network, images)]
    assert torch.equal(torch.stack(found), images)
    assert network.lanes == 1 and network.has_halved and made == [2, 1]
    assert events.messages(Warned) == [
        "There was not enough memory for 4 tiles at a time: the run continues with 2.",
        "There was not enough memory for 2 tiles at a time: the run continues with 1.",
    ]


def test_the_next_run_takes_the_first_batch_again(unet: str, events: Any) -> None:
    network = get(unet, events, batch_size=4)
    images, enough = torch.rand(4, 3, 64, 64), network._backend
    network._backend = LimitedBackend(2)
    network(images)
    assert network.batch == 2
    assert get(unet, events, batch_size=4, tiles=0) is network, "the same run goes on so"
    again = get(unet, events, batch_size=4)
    assert again is not network and again.batch == 4 and type(again._backend) is type(enough)


def test_other_networks_go_before_the_batch_is_halved(
    make_model: Callable[..., str], unet: str, events: Any
) -> None:
    others = [weakref.ref(get(make_model(name=f"{n}.safetensors"), events)) for n in range(2)]
    network = get(unet, events, batch_size=4)
    images, tries = torch.rand(4, 3, 64, 64), []

    def run(images: Tensor, auxiliary: Tensor | None) -> Tensor:
        tries.append(len(images))
        if any(other() for other in others):
            raise MemoryError
        return images

    network._backend = run
    assert torch.equal(network(images), images) and tries == [4, 4] and network.batch == 4
    assert get(unet, events, batch_size=4) is network


def test_not_even_one_tile(unet: str, events: Any) -> None:
    network, run = limited_network(0, 2, unet, events)
    with pytest.raises(
        DeviceError, match="does not have enough memory for one tile of 64 px: close other"
    ):
        network(torch.rand(2, 3, 4, 4))
    assert run.sizes == [2, 1]


def test_other_errors_are_not_taken_for_it(unet: str, events: Any) -> None:
    network = get(unet, events)
    with pytest.raises(JobError, match="bands"):
        network(torch.rand(1, 4, 64, 64))


def test_the_batch_fits_the_free_memory(
    unet: str, events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_fit, "measure_peak_memory", lambda call: (call(), 100 * 2**20)[1])
    monkeypatch.setattr(loaded_networks, "free_memory", lambda: 400 * 2**20)
    assert get(unet, events, batch_size=64).batch == 3, "80 % of the free memory"
    (warning,) = events.messages(Warned)
    assert "not enough free memory for 64 tiles at a time: the run uses 3." in warning
    monkeypatch.setattr(loaded_networks, "free_memory", lambda: 2**20)
    loaded_networks._loaded.clear()
    assert get(unet, events, batch_size=64).batch == 1
    monkeypatch.setattr(loaded_networks, "free_memory", lambda: 2**50)
    monkeypatch.setattr(memory_fit, "measure_peak_memory", lambda call: pytest.fail("needless"))
    loaded_networks._loaded.clear()
    assert get(unet, events, batch_size=64).batch == 64


# Graphs -------------------------------------------------------------------------------------------


def test_onnx_runtime(unet: str, events: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = get(unet, events, ONNX_RUNTIME, batch_size=2)
    image = random_tiles(first.card, 3)["image"]
    reference = expected(unet, image, None)
    found = first(image)
    assert 1e-9 < np.abs(found - reference.numpy()).max() < 1e-4, "another runtime computed it"
    assert (first.runtime, first.batch) == (ONNX_RUNTIME, 2)
    (graph,) = user_cache.cache_folder().glob("graph-*.onnx")
    for entry in user_cache.cache_folder().iterdir():
        assert user_cache._ENTRY_NAME.fullmatch(entry.name), "else it would never go"

    # Cached: neither exported nor compared again.
    loaded_networks._loaded.clear()
    with monkeypatch.context() as patch:
        cached = lambda *_, **__: pytest.fail("it is in the cache")  # noqa: E731
        patch.setattr(onnx_export, "export_network", cached)
        patch.setattr(graph_cache, "probability_difference", cached)
        assert np.array_equal(get(unet, events, ONNX_RUNTIME)(image[:2]), found[:2])

    # Another processor computes differently: compared anew.
    compared: list[Any] = []
    with monkeypatch.context() as patch:
        patch.setattr(graph_cache, "processor_name", lambda: "another processor")
        compare = lambda *args: compared.append(args) or 0.0  # noqa: E731
        patch.setattr(graph_cache, "probability_difference", compare)
        loaded_networks._loaded.clear()
        get(unet, events, ONNX_RUNTIME)
    assert len(compared) == 2, "for several tiles and for one"

    # Damaged: exported anew.
    content = graph.read_bytes()
    proto = onnx.load_from_string(user_cache.read_entry(graph.name).content)
    graph.write_bytes(content[:-100])
    monkeypatch.setattr(onnx_export, "export_network", lambda *_, **__: proto)
    loaded_networks._loaded.clear()
    again = get(unet, events, ONNX_RUNTIME)(image)
    assert np.allclose(again, reference, atol=1e-4)
    assert graph.read_bytes() == content


def export_constant(*_: Any, **__: Any) -> onnx.ModelProto:
    """A graph with the probability 0.2 for every class."""
    return onnx.parser.parse_model(
        """
        <ir_version: 8, opset_import: ["" : 18]>
        wrong (float[batch, 3, 64, 64] image) => (float[batch, 3, 64, 64] probabilities)
        <float[1] part = {0.2}>
        {
            missing = IsNaN(image)
            probabilities = Where(missing, part, part)
        }
        """
    )


@pytest.mark.parametrize("runtime", [TORCH, ONNX_RUNTIME])
def test_lanes_give_the_same_mask(
    runtime: str,
    unet: str,
    write_raster: Any,
    tmp_path: Path,
    events: Any,
    threads: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.runtimes.rule.keep_freed_memory", lambda: True)  # as glibc
    image = np.random.default_rng(1).integers(1, 255, (3, 150, 400)).astype(np.uint8)
    image[:, :, :150] = 0  # the first tiles of each strip are empty
    scene = write_raster("image.tif", image, nodata=0)
    job = SegmentJob(model=(unet,), image=scene, runtime=runtime)
    rasters, empty = [], []
    for lanes, batch_size in ((1, 1), (3, 0)):  # each lane has one thread
        threads(lanes)
        mask, confidence = (str(tmp_path / f"{name}-{lanes}.tif") for name in ("mask", "sure"))
        asked = replace(job, batch_size=batch_size, output=mask, confidence=confidence)
        empty.append(segment(asked, events).outputs["tiles_without_data"])
        for path in (mask, confidence):
            with rasterio.open(path) as file:
                rasters.append(file.read(1))
    assert np.array_equal(rasters[0], rasters[2]) and np.array_equal(rasters[1], rasters[3])
    assert len(np.unique(rasters[0])) > 2 and empty[0] == empty[1] > 0
    assert any("3 tiles at a time." in text for text in events.messages(Metric))


def test_backends_take_the_cores_of_lanes_that_were_lost(
    unet: str, monkeypatch: pytest.MonkeyPatch, threads: Callable[[int], None]
) -> None:
    threads(8)
    seen: list[int] = []
    factory = backends.BackendFactory(unet, CPU, True)
    tile = torch.rand(1, 3, 64, 64)
    forward = lambda self, image, _: seen.append(torch.get_num_threads()) or image  # noqa: E731
    monkeypatch.setattr(onnx_export.ProbabilityNetwork, "forward", forward)
    made = [factory.make(RuntimeConfig(TORCH, 1, lanes=lanes)) for lanes in (4, 2, 1)]
    made[0](tile, None)  # in no lane, as when the memory of a tile is measured
    with lane_executor(4) as pool:
        pool.submit(lambda: [run(tile, None) for run in made]).result()
    assert seen == [8, 2, 4, 8] and torch.get_num_threads() == 8


def test_a_graph_with_other_probabilities_is_not_used(
    unet: str, events: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(user_cache.VARIABLE, str(tmp_path))
    monkeypatch.setattr(onnx_export, "export_network", export_constant)
    with pytest.raises(EngineError, match="gives other probabilities, by up to"):
        get(unet, events, ONNX_RUNTIME)
    with pytest.raises(EngineError, match="gives other probabilities"):
        get(unet, events, ONNX_RUNTIME)
    assert get(unet, events).runtime == TORCH


@pytest.mark.parametrize("other", ["another network", "not ONNX", "other tiles"])
def test_a_graph_that_was_put_in_the_place_of_another_is_refused_and_removed(
    unet: str, events: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    """The comparison belongs to the bytes, not to the name of the file."""
    monkeypatch.setenv(user_cache.VARIABLE, str(tmp_path))
    network = get(unet, events, ONNX_RUNTIME)
    image = random_tiles(network.card, 1)["image"]
    found = network(image)
    (graph,) = tmp_path.glob("graph-*.onnx")
    wrong = export_constant()
    if other == "other tiles":
        wrong.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 4
    content = b"text" if other == "not ONNX" else wrong.SerializeToString()
    user_cache.write_entry(graph.name, content)
    loaded_networks._loaded.clear()
    with pytest.raises(EngineError, match="Its prepared graph is removed from the cache: run it"):
        get(unet, events, ONNX_RUNTIME)
    assert not graph.exists()
    assert np.array_equal(get(unet, events, ONNX_RUNTIME)(image), found), "made anew"


def test_memory_that_ran_out_is_no_fault_of_the_network(
    unet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def export(*_: Any, **__: Any) -> None:
        torch.empty(2**58)

    model, card = load_model(unet)
    monkeypatch.setattr(torch.onnx, "export", export)
    with pytest.raises(MemoryError):
        export_network(onnx_export.ProbabilityNetwork(model), card)


class Constant:
    """A backend whose class is the same everywhere, as sure as ``share`` says; further planes are 1."""

    def __init__(self, share: float, further: int = 0) -> None:
        self.share, self.calls, self._further = share, 0, further

    def __call__(self, images: Tensor, auxiliary: Tensor | None) -> Tensor:
        self.calls += 1
        planes = torch.full((len(images), 1 + self._further, *images.shape[2:]), self.share)
        planes[:, 1:] = 1.0
        return planes


@pytest.mark.parametrize("further", [0, 1])  # how unlike the training tiles are
@pytest.mark.parametrize(
    ("half", "exact", "agrees"), [(0.9, 0.95, True), (0.1, 0.95, False), (0.4, 0.6, True)]
)
def test_16_bits_are_compared_with_32_on_the_first_tile(
    half: float,
    exact: float,
    agrees: bool,
    further: int,
    make_model: Callable[..., str],
    events: Any,
) -> None:
    backends_made = {"bf16": Constant(half, further), "fp32": Constant(exact, further)}
    network = Network(
        read_card(make_model()),
        CPU,
        RuntimeConfig(TORCH, 2, precision="bf16"),
        backends_made["bf16"],
        rebuild=lambda config: backends_made[config.precision],
        compares=True,
    )
    network.report(events)
    tiles = torch.rand(3, 3, 8, 8)
    assert (network(tiles)[:, :1] == (half if agrees else exact)).all()
    assert network.precision == ("bf16" if agrees else "fp32")
    assert bool(events.messages(Warned)) != agrees
    compared = backends_made["fp32"].calls
    network(tiles)
    assert not agrees or backends_made["fp32"].calls == compared == 1, "once"


@pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere torch is asked whether the processor has fast bf16"
)
def test_a_prepared_model_starts_without_torch(
    unet: str, tmp_path: Path, write_raster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_graph(unet)
    pixels = np.random.default_rng(1).integers(1, 255, (3, 90, 100)).astype(np.uint8)
    job = ["segment", "--model", unet, "--image", write_raster("image.tif", pixels)]
    masks = []
    for runtime in ("auto", ONNX_RUNTIME, TORCH):
        masks.append(tmp_path / f"{runtime}.tif")
        options = [*job, "--output", str(masks[-1]), "--runtime", runtime]
        script = (
            "import sys; from engine.__main__ import main\n"
            f"code = main({options!r})\n"
            "print(code, *sorted({name.split('.')[0] for name in sys.modules}))"
        )
        answer = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        ).stdout.split("\n")[-2]
        code, *imported = answer.split()
        heavy = {"torch", "torchvision", "transformers", "timm", "scipy", "onnx", "kornia"}
        assert code == "0" and bool(heavy & {*imported}) == (runtime == TORCH)
    found = [rasterio.open(mask).read(1) for mask in masks]
    assert np.array_equal(found[0], found[1]) and (found[0] != found[2]).mean() < 0.01


# GPUs ---------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:.*CUDA is not available")
def test_cudnn_looks_for_the_fastest_in_every_job(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []

    def network(images: Tensor, auxiliary: Tensor | None) -> Tensor:
        seen.append(torch.backends.cudnn.benchmark)
        return images

    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)
    for kind in ("cuda", "cuda", "cpu"):
        device = Device(kind, 0, "a device", "fp32")
        torch_backends.TorchBackend(network, device, False)(torch.rand(1, 3, 4, 4), None)
        assert not torch.backends.cudnn.benchmark, "restored after the pass"
    assert seen == [True, True, False]


# Refusals -----------------------------------------------------------------------------------------


def test_refusals(unet: str, events: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DeviceError, match="runtime 'tensorrt' is unknown: use auto, torch or onnx"):
        get(unet, events, "tensorrt")
    with pytest.raises(DeviceError, match="computes in fp32 here, not in bf16"):
        get(unet, events, ONNX_RUNTIME, device=choose_device("cpu", "bf16"))
    gpu = Device("cuda", 0, "a GPU (cuda:0)", "bf16")
    with pytest.raises(DeviceError, match="on the processor here, not on a GPU"):
        get(unet, events, ONNX_RUNTIME, device=gpu)
    with pytest.raises(ModelFileError, match="There is no model file"):
        get(str(tmp_path / "none.safetensors"), events)
    with monkeypatch.context() as patch:
        patch.setitem(runtime_config._MODULES, ONNX_RUNTIME, "no_such_package")
        with pytest.raises(DeviceError, match="install the Python package onnxruntime"):
            get(unet, events, ONNX_RUNTIME)
    for runtime, device in (("auto", gpu), (TORCH, gpu), (ONNX_RUNTIME, CPU)):
        check_runtime(runtime, device)
