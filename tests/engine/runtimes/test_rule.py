"""The rule that chooses how a network is run, from device, processor, length of the run and prepared graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from engine.compute.devices import Device
from engine.contract.errors import DeviceError
from engine.contract.inference_options import RETIRED_RUNTIMES
from engine.runtimes import rule, runtime_config
from engine.runtimes.rule import COMPARISON, TORCH_START, choose, describe_precision
from engine.runtimes.runtime_config import ONNX_RUNTIME, TORCH, RuntimeConfig

CPU = Device("cpu", 0, "CPU (1 thread)", "fp32", is_precision_auto=True)
GPU = Device("cuda", 0, "a GPU (cuda:0)", "bf16", is_precision_auto=True)

#: The least numbers of tiles of 500 px that pay on one thread for the start of torch, and for a comparison.
LONG, SOME = int(TORCH_START * 4), int(COMPARISON * 4)


def factory(device: Device = CPU, graph: Any = "a graph", is_onnx: bool = False) -> Any:
    card = SimpleNamespace(tile_size=500)
    return SimpleNamespace(device=device, card=card, graph=graph, is_onnx=is_onnx)


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, threads: Callable[[int], None]) -> None:
    """One thread of a processor with bf16 instructions, and memory that stays with the process."""
    monkeypatch.setattr(rule, "keep_freed_memory", lambda: True)
    monkeypatch.setattr(rule, "has_fast_bf16", lambda: True)
    threads(1)


def test_a_processor_with_bf16_takes_torch_for_a_long_run() -> None:
    bf16 = RuntimeConfig(TORCH, 4, precision="bf16")
    graph = RuntimeConfig(ONNX_RUNTIME, 1)
    for tiles in (0, 1, LONG - 1):
        assert choose(factory(), "auto", 0, tiles) == (graph, "")
    config, reason = choose(factory(), "auto", 0, LONG)
    assert config == bf16
    assert reason.startswith("This run is long enough for bf16") and "the precision fp32" in reason


def test_doctor_says_when_a_processor_computes_in_bf16(monkeypatch: pytest.MonkeyPatch) -> None:
    assert describe_precision(CPU) == (
        "fp32; bf16 to map 1.5 million pixels or more in one run (with a prepared model 14 million pixels), and to train "
        "networks whose convolutions are all dense"
    )
    assert describe_precision(replace(CPU, is_precision_auto=False)) == "fp32"
    assert describe_precision(GPU) == "bf16"
    monkeypatch.setattr(rule, "has_fast_bf16", lambda: False)
    assert describe_precision(CPU) == "fp32"


def test_where_torch_computes_anyway_bf16_pays_sooner() -> None:
    for network, runtime in ((factory(graph=None), "auto"), (factory(), TORCH)):
        assert choose(network, runtime, 0, SOME - 1).config == RuntimeConfig(TORCH, 4)
        found = choose(network, runtime, 0, SOME).config
        assert found == RuntimeConfig(TORCH, 4, precision="bf16")


def test_more_threads_make_the_start_of_torch_dearer(threads: Callable[[int], None]) -> None:
    threads(2)
    assert choose(factory(), "auto", 0, LONG).config.runtime == ONNX_RUNTIME
    assert choose(factory(), "auto", 0, 2 * LONG).config.precision == "bf16"


def test_bf16_is_for_processors_with_instructions_and_an_open_precision(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fp32 = replace(CPU, is_precision_auto=False)
    assert choose(factory(fp32), "auto", 0, LONG).config == RuntimeConfig(ONNX_RUNTIME, 1)
    assert choose(factory(fp32), TORCH, 0, LONG).config.precision == "fp32"
    asked = replace(fp32, precision="bf16")
    assert choose(factory(asked), "auto", 0, 1).config == RuntimeConfig(TORCH, 4, precision="bf16")
    monkeypatch.setattr(rule, "has_fast_bf16", lambda: False)
    assert choose(factory(), "auto", 0, LONG).config == RuntimeConfig(ONNX_RUNTIME, 1)
    assert choose(factory(graph=None), "auto", 0, LONG).config == RuntimeConfig(TORCH, 4)


def test_a_gpu_computes_with_torch() -> None:
    config = RuntimeConfig(TORCH, 8, precision="bf16")
    assert choose(factory(GPU), "auto", 0, 1).config == config
    apple = Device("mps", 0, "Apple GPU (mps)", "fp32", is_precision_auto=True)
    assert choose(factory(apple), "auto", 0, LONG).config == RuntimeConfig(TORCH, 4, False)


def test_without_torch_a_long_run_takes_the_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(runtime_config._MODULES, TORCH, "no_such_package")
    assert choose(factory(), "auto", 0, LONG).config == RuntimeConfig(ONNX_RUNTIME, 1)


def test_without_onnx_runtime_torch_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(runtime_config._MODULES, ONNX_RUNTIME, "no_such_package")
    assert choose(factory(), "auto", 0, 1).config == RuntimeConfig(TORCH, 4)


def test_the_runtime_and_the_batch_that_are_asked_for_are_taken(
    threads: Callable[[int], None],
) -> None:
    threads(2)
    assert choose(factory(), TORCH, 0, 1).config == RuntimeConfig(TORCH, 1, lanes=2)
    assert choose(factory(graph=None), ONNX_RUNTIME, 0, 1).config == RuntimeConfig(
        ONNX_RUNTIME, 1, lanes=2
    )
    assert choose(factory(), TORCH, 3, 1).config == RuntimeConfig(TORCH, 3), "in one pass"


def test_one_tile_at_a_time_where_freed_memory_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule, "keep_freed_memory", lambda: False)
    assert choose(factory(), TORCH, 0, 1).config == RuntimeConfig(TORCH, 1)


@pytest.mark.parametrize(("count", "lanes"), [(2, 2), (5, 1), (6, 3), (16, 4)])
def test_lanes_where_there_are_cores(
    count: int, lanes: int, threads: Callable[[int], None]
) -> None:
    threads(count)
    for runtime in (TORCH, ONNX_RUNTIME):
        assert choose(factory(), runtime, 0, 1).config.lanes == lanes


@pytest.mark.parametrize(("declared", "batch"), [(0, 1), (1, 1), (4, 4)])
def test_an_onnx_network_gets_as_many_tiles_as_it_declares(declared: int, batch: int) -> None:
    """It would compute the missing ones too."""
    network = factory(graph=SimpleNamespace(batch=declared), is_onnx=True)
    for tiles in (0, LONG):
        assert choose(network, "auto", 0, tiles).config == RuntimeConfig(ONNX_RUNTIME, batch)
    assert choose(network, "auto", 2, 1).config.batch == 2
    with pytest.raises(DeviceError, match="runs with onnxruntime, not with torch: use the runtime"):
        choose(network, TORCH, 0, 1)


@pytest.mark.parametrize("runtime", RETIRED_RUNTIMES)
def test_runtimes_of_earlier_versions_count_as_automatic(runtime: str) -> None:
    for network in (factory(), factory(graph=None), factory(GPU)):
        automatic, found = (choose(network, name, 0, LONG) for name in ("auto", runtime))
        assert found.config == automatic.config
        assert runtime in found.reason and runtime not in automatic.reason
    network = factory(graph=SimpleNamespace(batch=0), is_onnx=True)
    assert runtime in choose(network, runtime, 0, 1).reason
