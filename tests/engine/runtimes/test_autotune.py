"""After enough tiles every candidate is measured once; the fastest is chosen from then on."""

from __future__ import annotations

import importlib.metadata
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from engine.compute.devices import Device
from engine.contract.class_table import class_table
from engine.contract.errors import EngineError
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.contract.protocol import Metric
from engine.runtimes import autotune, candidates, runtime_config, timings, user_cache
from engine.runtimes.autotune import MIN_TILES, Autotuner, Choice
from engine.runtimes.candidates import default_config, runtimes_for
from engine.runtimes.runtime_config import COMPILED, ONNX_RUNTIME, OPENVINO, TORCH, RuntimeConfig

pytestmark = pytest.mark.usefixtures("contests")

CPU = Device("cpu", 0, "CPU (2 threads)", "fp32")
GPU = Device("cuda", 0, "a GPU (cuda:0)", "bf16")
GIB = 2**30


class FakeFactory:
    """Makes forward passes that take the time that ``seconds`` says, on a fake clock."""

    def __init__(self, events: Any) -> None:
        classes = class_table({0: "land", 1: "water"})
        self.card = Card("smp:Unet:resnet18", "", 1, 64, ImageCard(4), AuxiliaryCard(), classes)
        self.name, self.fused, self.events = "the model", True, events
        self.is_onnx, self.ready = False, {TORCH, ONNX_RUNTIME}
        self.graph: Any = "a graph"
        self.seconds: Callable[[RuntimeConfig], float] = lambda config: 1.0
        self.measured: list[RuntimeConfig] = []
        self._now, self._lock = 0.0, threading.Lock()

    def is_ready(self, runtime: str) -> bool:
        return runtime in self.ready

    def make(self, config: RuntimeConfig) -> Any:
        self.measured.append(config)
        seconds = self.seconds(config)

        def run(images: Any, auxiliary: Any) -> Any:
            with self._lock:
                self._now += seconds * len(images)
            return images

        return run

    def choose(
        self,
        runtime: str = "auto",
        tiles: int = MIN_TILES,
        batch: int = 0,
        device: Device = CPU,
        budget: int = 8 * GIB,
    ) -> Choice:
        self.measured.clear()
        self.events.heard.clear()
        this: Any = self
        autotuner = Autotuner(this, device, batch, budget, self.events, lambda: self._now)
        return autotuner.choose(runtime, tiles)


@pytest.fixture
def factory(
    tmp_path: Path, events: Any, monkeypatch: pytest.MonkeyPatch, threads: Callable[[int], None]
) -> FakeFactory:
    monkeypatch.setenv(user_cache.VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(autotune, "_too_large", {})
    monkeypatch.setattr(candidates, "keep_freed_memory", lambda: True)
    monkeypatch.setitem(runtime_config.GRAPH_RUNTIMES, OPENVINO, "no_such_package")
    threads(1)  # more have lanes to measure too
    return FakeFactory(events)


def test_a_long_run_measures_for_all_runs(factory: FakeFactory) -> None:
    few = "There were too few tiles to measure others."
    for tiles in (0, MIN_TILES - 1):
        assert factory.choose(tiles=tiles) == (RuntimeConfig(TORCH, 4), few, False)
        assert not factory.measured
    best = RuntimeConfig(TORCH, 4, channels_last=False)
    factory.seconds = lambda config: 0.5 if config == best else 0.8
    assert factory.choose() == (best, "A tile takes 0.5 s (ONNX Runtime 0.8 s).", True)
    assert len({*factory.measured}) == 5
    assert {best, RuntimeConfig(ONNX_RUNTIME, 1)} <= {*factory.measured}
    for runtime in ("auto", TORCH):
        assert factory.choose(runtime, 1)[::2] == (best, True) and not factory.measured


def test_tiles_of_short_runs_add_up(factory: FakeFactory) -> None:
    for tiles in (MIN_TILES // 2, MIN_TILES // 2 - 1, 0):
        assert not factory.choose(TORCH, tiles).is_final and not factory.measured
    assert factory.choose(TORCH, 1).is_final and factory.measured
    assert not factory.choose("auto", MIN_TILES - 1).is_final, "counted anew"
    assert factory.choose("auto", 1).is_final and factory.measured


def test_the_runtime_that_is_asked_for_is_taken(factory: FakeFactory) -> None:
    factory.seconds = lambda config: 0.4 if config == RuntimeConfig(ONNX_RUNTIME, 1) else 0.5
    assert factory.choose(TORCH) == (RuntimeConfig(TORCH, 1), "A tile takes 0.5 s.", True)
    reason = "A tile takes 0.4 s (PyTorch 0.5 s)."
    assert factory.choose() == (RuntimeConfig(ONNX_RUNTIME, 1), reason, True)
    assert {*factory.measured} == {RuntimeConfig(ONNX_RUNTIME, 1)}, "torch is known"
    assert factory.choose(TORCH).config == RuntimeConfig(TORCH, 1)
    assert factory.choose(TORCH, batch=3).config == RuntimeConfig(TORCH, 3)
    assert {config.batch for config in factory.measured} == {3}


@pytest.mark.parametrize(("runtime", "batch"), [(COMPILED, 0), (ONNX_RUNTIME, 3)])
def test_a_single_candidate_is_not_measured(runtime: str, batch: int, factory: FakeFactory) -> None:
    choice = factory.choose(runtime, batch=batch)
    assert choice == (RuntimeConfig(runtime, batch or 4), "", True) and not factory.measured


def test_equally_fast_means_less_memory(factory: FakeFactory) -> None:
    factory.seconds = lambda config: 0.99 if config.batch == 4 else 1.0
    assert factory.choose().config == RuntimeConfig(TORCH, 1)


@pytest.mark.parametrize(("count", "lanes"), [(2, 2), (5, 1), (6, 3), (16, 4)])
def test_lanes_are_measured_where_there_are_cores(
    count: int, lanes: int, factory: FakeFactory, threads: Callable[[int], None]
) -> None:
    threads(count)
    factory.seconds = lambda config: 0.5 / config.lanes
    assert factory.choose().config.lanes == lanes
    measured = {(config.runtime, config.lanes) for config in factory.measured}
    assert measured == {(name, each) for name in (TORCH, ONNX_RUNTIME) for each in (1, lanes)}
    for name in (TORCH, ONNX_RUNTIME):
        assert factory.choose(name, batch=3).config == RuntimeConfig(name, 3), (
            "asked for: in one pass"
        )


def test_the_default_config(
    monkeypatch: pytest.MonkeyPatch, threads: Callable[[int], None]
) -> None:
    monkeypatch.setattr(candidates, "keep_freed_memory", lambda: True)
    threads(2)
    assert default_config(TORCH, CPU, 0) == RuntimeConfig(TORCH, 1, lanes=2)
    assert default_config(TORCH, CPU, 4) == RuntimeConfig(TORCH, 4), "asked for"
    assert default_config(TORCH, GPU, 0) == RuntimeConfig(TORCH, 8, precision="bf16")
    monkeypatch.setattr(candidates, "keep_freed_memory", lambda: False)
    assert default_config(TORCH, CPU, 0) == RuntimeConfig(TORCH, 1)


def test_passes_of_all_lanes_are_timed_together(
    factory: FakeFactory, threads: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    threads(3)
    barrier, make = threading.Barrier(3, timeout=30), factory.make

    def make_waiting(config: RuntimeConfig) -> Any:
        run = make(config)
        return lambda *tiles: (config.lanes == 3 and barrier.wait(), run(*tiles))[1]

    monkeypatch.setattr(factory, "make", make_waiting)
    factory.choose(TORCH)  # fewer than three at a time would break the barrier
    assert RuntimeConfig(TORCH, 1, lanes=3) in factory.measured


def test_setups_that_do_not_run_are_named_and_remembered(
    factory: FakeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seconds(config: RuntimeConfig) -> float:
        if config.runtime == ONNX_RUNTIME:
            raise EngineError("As ONNX the network gives other probabilities.")
        return 1.0

    factory.seconds = seconds
    assert factory.choose() == (RuntimeConfig(TORCH, 1), "A tile takes 1 s.", True)
    messages = factory.events.messages(Metric)
    assert messages and messages[0].startswith("ONNX Runtime is not used: As ONNX")
    monkeypatch.setattr(autotune, "_too_large", {})  # as in another process
    assert factory.choose().is_final and not factory.measured


def test_setups_that_do_not_fit_now_may_fit_in_another_process(
    factory: FakeFactory, monkeypatch: pytest.MonkeyPatch, threads: Callable[[int], None]
) -> None:
    threads(2)
    factory.seconds = lambda config: 1 / config.tiles_in_flight
    assert factory.choose(budget=1)[::2] == (RuntimeConfig(TORCH, 1), True), (
        "for one tile at a time"
    )
    messages = {event.message for event in factory.events.heard}
    assert messages == {
        f"Measuring how fast {name} is here" for name in ("PyTorch", "ONNX Runtime")
    }
    assert factory.choose().config == RuntimeConfig(TORCH, 1) and not factory.measured
    monkeypatch.setattr(autotune, "_too_large", {})
    assert factory.choose().config == RuntimeConfig(TORCH, 4)
    assert {config.tiles_in_flight for config in factory.measured} == {2, 4}


def test_a_defect_is_not_hidden(factory: FakeFactory) -> None:
    def seconds(config: RuntimeConfig) -> float:
        raise ValueError("a defect")

    factory.seconds = seconds
    with pytest.raises(ValueError, match="a defect"):
        factory.choose(TORCH)


@pytest.mark.parametrize(
    "facts", [{"seconds": [{}]}, {"seconds": 3}, {"memory": [1]}, {"tiles": "many"}]
)
def test_timings_of_another_form_count_as_none(factory: FakeFactory, facts: Any) -> None:
    factory.choose(TORCH)
    (entry,) = user_cache.cache_folder().iterdir()
    user_cache.write_json(entry.name, facts)
    factory.choose(TORCH)
    assert len({*factory.measured}) == 4


def test_timings_with_further_facts_or_no_count_of_tiles_are_read(factory: FakeFactory) -> None:
    factory.choose(TORCH)
    (entry,) = user_cache.cache_folder().iterdir()
    facts = user_cache.read_json(entry.name)
    assert facts.pop("tiles") == 0
    user_cache.write_json(entry.name, {**facts, "spent": 30.0})
    assert factory.choose(TORCH).is_final and not factory.measured


def test_bf16_is_measured_where_it_is_fast_and_open(
    factory: FakeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory.seconds = lambda config: 0.3 if config.precision == "bf16" else 1.0
    automatic = replace(CPU, is_precision_auto=True)
    for is_fast, device, expected in (
        (True, CPU, "fp32"),
        (False, automatic, "fp32"),
        (True, automatic, "bf16"),
    ):
        monkeypatch.setattr(candidates, "has_fast_bf16", lambda is_fast=is_fast: is_fast)
        assert factory.choose(TORCH, device=device).config.precision == expected


def test_candidates_of_gpus_and_of_openvino(monkeypatch: pytest.MonkeyPatch) -> None:
    found = candidates.candidates(TORCH, GPU, 0)
    assert found == [RuntimeConfig(TORCH, batch, precision="bf16") for batch in (4, 8, 16)]
    assert runtimes_for("auto", GPU, True) == [TORCH]
    monkeypatch.setitem(
        runtime_config.GRAPH_RUNTIMES, OPENVINO, "json"
    )  # a package that is installed
    assert runtimes_for("auto", CPU, True) == [TORCH, ONNX_RUNTIME, OPENVINO]
    assert runtimes_for("auto", CPU, False) == [TORCH], "not translated while the user waits"
    assert runtimes_for("auto", replace(CPU, precision="bf16"), True) == [TORCH]
    assert runtimes_for(OPENVINO, CPU, False) == [OPENVINO]


def test_another_network_or_machine_is_measured_anew(
    factory: FakeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count() -> int:
        factory.choose(TORCH)
        return len({*factory.measured})

    assert count() == 4
    card = factory.card
    factory.card = replace(card, threshold=0.25)
    assert count() == 0, "another training of the same network is as fast"
    factory.card = replace(card, image=ImageCard(3))
    assert count() == 4
    factory.card = card
    with monkeypatch.context() as patch:
        patch.setattr(timings, "processor_name", lambda: "another processor")
        assert count() == 4
    known = importlib.metadata.version
    for package in ("onnx", "onnxscript", "onnxruntime"):
        version = lambda name, new=package: "9" if name == new else known(name)  # noqa: E731
        with monkeypatch.context() as patch:
            patch.setattr(importlib.metadata, "version", version)
            assert count() == 4, package
    assert count() == 0


@pytest.mark.parametrize(("declared", "batch"), [(0, 1), (1, 1), (4, 4)])
def test_an_onnx_network_gets_as_many_tiles_as_it_declares(
    factory: FakeFactory, declared: int, batch: int
) -> None:
    """It would compute the missing ones too."""
    factory.is_onnx, factory.graph = True, SimpleNamespace(batch=declared)
    for tiles in (0, 1, MIN_TILES):
        assert factory.choose(tiles=tiles).config == RuntimeConfig(ONNX_RUNTIME, batch)
    assert factory.choose(batch=2).config.batch == 2


def test_few_tiles_are_for_the_runtime_that_is_ready_first(
    factory: FakeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "has_fast_bf16", lambda: True)
    factory.card = replace(factory.card, tile_size=512)
    device = replace(CPU, is_precision_auto=True)
    factory.ready = set()  # a new process
    few = factory.choose(tiles=1, device=device)
    assert few == (
        RuntimeConfig(ONNX_RUNTIME, 1),
        "It is ready first, and there are few tiles.",
        False,
    )
    many = factory.choose(tiles=MIN_TILES - 3, device=device)
    assert (many.config.runtime, many.config.precision) == (TORCH, "bf16") and not many.is_final
    factory.graph = None
    assert factory.choose(tiles=1, device=device).config.runtime == TORCH
    assert not factory.measured


def test_a_start_that_was_measured_replaces_the_typical_one(factory: FakeFactory) -> None:
    factory.ready, this = set(), cast(Any, factory)
    assert factory.choose(tiles=1).config.runtime == ONNX_RUNTIME
    for seconds in (0.2, 7.0):  # the shortest counts: the first start reads files from the disk
        Autotuner(this, CPU, 0, GIB, factory.events).note_start(TORCH, seconds)
    assert factory.choose(tiles=1).config.runtime == TORCH


def test_16_bits_without_a_measurement_must_be_worth_it(
    factory: FakeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "has_fast_bf16", lambda: True)
    factory.card = replace(factory.card, tile_size=512)
    device, this = replace(CPU, is_precision_auto=True), cast(Any, factory)
    precision = lambda tiles: factory.choose(TORCH, tiles, 0, device).config.precision  # noqa: E731
    assert [precision(tiles) for tiles in (0, 1, 100)] == ["fp32", "fp32", "bf16"]
    autotuner = Autotuner(this, device, 0, GIB, factory.events)
    assert autotuner.is_guess(RuntimeConfig(precision="bf16"))
    autotuner.refuse("bf16")
    assert precision(100) == "fp32", "its classes were others"
