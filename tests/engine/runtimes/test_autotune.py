"""Long runs measure every candidate once; the fastest is chosen from then on."""

from __future__ import annotations

import importlib.metadata
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.compute.devices import Device
from engine.contract.class_table import class_table
from engine.contract.errors import EngineError
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.contract.protocol import Metric
from engine.runtimes import autotune, candidates, runtime_config, timings, user_cache
from engine.runtimes.autotune import MIN_TILES, Autotuner, Choice
from engine.runtimes.candidates import default_setup, runtimes_for
from engine.runtimes.runtime_config import COMPILED, ONNX_RUNTIME, OPENVINO, TORCH, RuntimeConfig

pytestmark = pytest.mark.usefixtures("contests")

CPU = Device(torch.device("cpu"), "CPU (2 threads)", "fp32")
GPU = Device(torch.device("cuda", 0), "a GPU (cuda:0)", "bf16")
GIB = 2**30


class TrialStep:
    """Makes passes that take a time of our choice, on a clock of its own."""

    def __init__(self, events: Any) -> None:
        classes = class_table({0: "land", 1: "water"})
        self.card = Card("smp:Unet:resnet18", "", 1, 64, ImageCard(4), AuxiliaryCard(), classes)
        self.name, self.fused, self.events = "the model", True, events
        self.seconds: Callable[[RuntimeConfig], float] = lambda setup: 1.0
        self.measured: list[RuntimeConfig] = []
        self._now, self._lock = 0.0, threading.Lock()

    def make(self, setup: RuntimeConfig) -> Any:
        self.measured.append(setup)
        seconds = self.seconds(setup)

        def run(images: torch.Tensor, auxiliary: torch.Tensor | None) -> torch.Tensor:
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
        factory: Any = self
        choosing = Autotuner(factory, device, batch, budget, self.events, lambda: self._now)
        return choosing.choose(runtime, tiles)


@pytest.fixture
def trial(
    tmp_path: Path,
    events: Any,
    monkeypatch: pytest.MonkeyPatch,
    threads: Callable[[int], None],
) -> TrialStep:
    monkeypatch.setenv(user_cache.VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(autotune, "_too_large", {})
    monkeypatch.setattr(candidates, "keep_freed_memory", lambda: True)
    monkeypatch.setitem(runtime_config.GRAPHS, OPENVINO, "no_such_package")
    threads(1)  # more have lanes to measure too
    return TrialStep(events)


def test_a_long_run_measures_for_all_runs(trial: TrialStep) -> None:
    few = " (too few tiles to measure others)"
    for tiles in (0, MIN_TILES - 1):
        assert trial.choose(tiles=tiles) == (RuntimeConfig(TORCH, 4), few, False)
        assert not trial.measured
    best = RuntimeConfig(TORCH, 4, channels_last=False)
    trial.seconds = lambda setup: 0.5 if setup == best else 0.8
    assert trial.choose() == (best, ": 0.5 s a tile (ONNX Runtime 0.8 s)", True)
    assert len(trial.measured) == 6 and {*trial.measured} >= {best, RuntimeConfig(ONNX_RUNTIME, 4)}
    for runtime in ("auto", TORCH):
        assert trial.choose(runtime, 1)[::2] == (best, True) and not trial.measured


def test_the_runtime_that_is_asked_for_is_taken(trial: TrialStep) -> None:
    trial.seconds = lambda setup: 0.4 if setup == RuntimeConfig(ONNX_RUNTIME, 4) else 0.5
    assert trial.choose(TORCH) == (RuntimeConfig(TORCH, 1), ": 0.5 s a tile", True)
    assert trial.choose() == (
        RuntimeConfig(ONNX_RUNTIME, 4),
        ": 0.4 s a tile (PyTorch 0.5 s)",
        True,
    )
    assert trial.measured == [RuntimeConfig(ONNX_RUNTIME, 1), RuntimeConfig(ONNX_RUNTIME, 4)], (
        "the others are known"
    )
    assert trial.choose(TORCH).config == RuntimeConfig(TORCH, 1)
    assert trial.choose(TORCH, batch=3).config == RuntimeConfig(TORCH, 3)
    assert {setup.batch for setup in trial.measured} == {3}


@pytest.mark.parametrize(("runtime", "batch"), [(COMPILED, 0), (ONNX_RUNTIME, 3)])
def test_a_single_candidate_is_not_measured(runtime: str, batch: int, trial: TrialStep) -> None:
    choice = trial.choose(runtime, batch=batch)
    assert choice == (RuntimeConfig(runtime, batch or 4), "", True) and not trial.measured


def test_equally_fast_means_less_memory(trial: TrialStep) -> None:
    trial.seconds = lambda setup: 0.99 if setup.batch == 4 else 1.0
    assert trial.choose().config == RuntimeConfig(TORCH, 1)


@pytest.mark.parametrize(("count", "lanes"), [(2, 2), (5, 1), (6, 3), (16, 4)])
def test_lanes_are_measured_where_there_are_cores(
    count: int, lanes: int, trial: TrialStep, threads: Callable[[int], None]
) -> None:
    threads(count)
    trial.seconds = lambda setup: 0.5 / setup.lanes
    assert trial.choose().config.lanes == lanes
    measured = {(setup.runtime, setup.lanes) for setup in trial.measured}
    assert measured == {(name, each) for name in (TORCH, ONNX_RUNTIME) for each in (1, lanes)}
    for name in (TORCH, ONNX_RUNTIME):
        assert trial.choose(name, batch=3).config == RuntimeConfig(name, 3), (
            "asked for: in one pass"
        )


def test_the_default_setup(monkeypatch: pytest.MonkeyPatch, threads: Callable[[int], None]) -> None:
    monkeypatch.setattr(candidates, "keep_freed_memory", lambda: True)
    threads(2)
    assert default_setup(TORCH, CPU, 0) == RuntimeConfig(TORCH, 1, lanes=2)
    assert default_setup(TORCH, CPU, 4) == RuntimeConfig(TORCH, 4), "asked for"
    assert default_setup(TORCH, GPU, 0) == RuntimeConfig(TORCH, 8, precision="bf16")
    monkeypatch.setattr(candidates, "keep_freed_memory", lambda: False)
    assert default_setup(TORCH, CPU, 0) == RuntimeConfig(TORCH, 1)


def test_passes_of_all_lanes_are_timed_together(
    trial: TrialStep, threads: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    threads(3)
    meeting, make = threading.Barrier(3, timeout=30), trial.make

    def meet(setup: RuntimeConfig) -> Any:
        run = make(setup)
        return lambda *tiles: (setup.lanes == 3 and meeting.wait(), run(*tiles))[1]

    monkeypatch.setattr(trial, "make", meet)
    trial.choose(TORCH)  # a meeting of fewer than three fails
    assert RuntimeConfig(TORCH, 1, lanes=3) in trial.measured


def test_setups_that_do_not_run_are_named_and_remembered(
    trial: TrialStep, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seconds(setup: RuntimeConfig) -> float:
        if setup.runtime == ONNX_RUNTIME:
            raise EngineError("As ONNX the network gives other probabilities.")
        return 1.0

    trial.seconds = seconds
    assert trial.choose() == (RuntimeConfig(TORCH, 1), ": 1 s a tile", True)
    said = [event.message for event in trial.events.heard if isinstance(event, Metric)]
    assert said and said[0].startswith("ONNX Runtime is not used: As ONNX")
    monkeypatch.setattr(autotune, "_too_large", {})  # as in another process
    assert trial.choose().is_final and not trial.measured


def test_setups_that_do_not_fit_now_may_fit_in_another_process(
    trial: TrialStep, monkeypatch: pytest.MonkeyPatch, threads: Callable[[int], None]
) -> None:
    threads(2)
    trial.seconds = lambda setup: 1 / setup.tiles_in_flight
    assert trial.choose(budget=1)[::2] == (RuntimeConfig(TORCH, 1), True), "for one tile at a time"
    names = ("PyTorch", "ONNX Runtime")
    said = {event.message for event in trial.events.heard}
    assert said == {f"measuring how fast {name} is here" for name in names}
    assert trial.choose().config == RuntimeConfig(TORCH, 1) and not trial.measured
    monkeypatch.setattr(autotune, "_too_large", {})
    assert trial.choose().config == RuntimeConfig(TORCH, 4)
    assert {setup.tiles_in_flight for setup in trial.measured} == {2, 4}


def test_a_defect_is_not_hidden(trial: TrialStep) -> None:
    def seconds(setup: RuntimeConfig) -> float:
        raise ValueError("a defect")

    trial.seconds = seconds
    with pytest.raises(ValueError, match="a defect"):
        trial.choose(TORCH)


@pytest.mark.parametrize("facts", [{"seconds": [{}]}, {"seconds": 3}, {"memory": [1]}])
def test_notes_of_another_form_count_as_none(trial: TrialStep, facts: Any) -> None:
    trial.choose(TORCH)
    (notes,) = user_cache.cache_folder().iterdir()
    user_cache.write_json(notes.name, facts)
    trial.choose(TORCH)
    assert len(trial.measured) == 4


def test_unknown_facts_in_notes_are_ignored(trial: TrialStep) -> None:
    trial.choose(TORCH)
    (notes,) = user_cache.cache_folder().iterdir()
    facts = user_cache.read_json(notes.name)
    user_cache.write_json(notes.name, {**facts, "tiles": 160, "spent": 30.0})
    assert trial.choose(TORCH).is_final and not trial.measured


def test_bf16_is_measured_where_it_is_fast_and_open(
    trial: TrialStep, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial.seconds = lambda setup: 0.3 if setup.precision == "bf16" else 1.0
    is_precision_auto = replace(CPU, is_precision_auto=True)
    for is_fast, device, expected in (
        (True, CPU, "fp32"),
        (False, is_precision_auto, "fp32"),
        (True, is_precision_auto, "bf16"),
    ):
        monkeypatch.setattr(candidates, "has_fast_bf16", lambda is_fast=is_fast: is_fast)
        assert trial.choose(TORCH, device=device).config.precision == expected


def test_candidates_of_gpus_and_of_openvino(monkeypatch: pytest.MonkeyPatch) -> None:
    found = candidates.candidates(TORCH, GPU, 0)
    assert found == [RuntimeConfig(TORCH, batch, precision="bf16") for batch in (4, 8, 16)]
    assert runtimes_for("auto", GPU) == [TORCH]
    monkeypatch.setitem(runtime_config.GRAPHS, OPENVINO, "json")  # a package that is installed
    assert runtimes_for("auto", CPU) == [TORCH, ONNX_RUNTIME, OPENVINO]
    assert runtimes_for("auto", replace(CPU, precision="bf16")) == [TORCH]
    assert runtimes_for(OPENVINO, CPU) == [OPENVINO]


def test_another_network_or_machine_is_measured_anew(
    trial: TrialStep, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count() -> int:
        trial.choose(TORCH)
        return len(trial.measured)

    assert (count(), count()) == (4, 0)
    card = trial.card
    trial.card = replace(card, threshold=0.25)
    assert count() == 0, "another training of the same network is as fast"
    trial.card = replace(card, image=ImageCard(3))
    assert count() == 4
    trial.card = card
    with monkeypatch.context() as patch:
        patch.setattr(timings, "processor_name", lambda: "another processor")
        assert count() == 4
    known = importlib.metadata.version
    for package in ("onnx", "onnxscript", "onnxruntime"):
        with monkeypatch.context() as patch:
            patch.setattr(
                importlib.metadata,
                "version",
                lambda name, other=package: "9" if name == other else known(name),
            )
            assert count() == 4, package
    assert count() == 0
