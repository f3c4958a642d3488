"""Measuring happens where it pays, its result decides, and is not looked for twice."""

from __future__ import annotations

import importlib.metadata
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from engine import contest, graph_store, runtime_cache, speed_notes
from engine.card_reader import read_card
from engine.contest import Contest
from engine.devices import Device
from engine.errors import EngineError
from engine.protocol import Metric
from engine.setups import ONNX_RUNTIME, OPENVINO, TORCH, Setup

pytestmark = pytest.mark.usefixtures("contests")

CPU = Device(torch.device("cpu"), "CPU (2 threads)", "fp32")
GIB = 2**30


class Trial:
    """Contests over one model file in which each setup takes a time of our choice."""

    def __init__(self, path: str, events: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path, self.events = path, events
        self.timed: list[Setup] = []
        self.seconds: Callable[[Setup], float] = lambda setup: 1.0
        trial = self

        def timed(self: Contest, setup: Setup) -> float:
            trial.timed.append(setup)
            return trial.seconds(setup)

        monkeypatch.setattr(Contest, "_timed", timed)
        monkeypatch.setattr(contest, "keep_memory", lambda: True)
        monkeypatch.setattr(contest, "is_installed", lambda name: name == ONNX_RUNTIME)

    def settle(self, runtime: str, tiles: int, batch: int = 0, device: Device = CPU) -> Any:
        maker: Any = SimpleNamespace(card=read_card(self.path), fused=True)
        self.timed.clear()
        self.events.heard.clear()
        return Contest(maker, self.path, device, batch, 8 * GIB, self.events).settle(runtime, tiles)


@pytest.fixture
def trial(
    make_model: Callable[..., str], tmp_path: Path, events: Any, monkeypatch: pytest.MonkeyPatch
) -> Trial:
    monkeypatch.setenv(runtime_cache.VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(contest, "_too_large", {})
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)  # more have lanes to try as well
    return Trial(make_model(), events, monkeypatch)


def test_short_runs_measure_once_they_are_many(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup, why, pays_from = trial.settle("auto", 50)
    assert (setup, trial.timed) == (Setup(TORCH, 4), []) and "too few tiles" in why
    # Two layouts of 1 and 4 tiles, three passes each, are 30 tiles: a fifth of 150.
    assert pays_from == 100
    assert trial.settle("auto", 99)[2] == 1 and not trial.timed
    trial.settle("auto", 1)
    assert len(trial.timed) == 4


def test_the_usual_batch_where_memory_is_not_kept(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contest, "keep_memory", lambda: False)
    assert trial.settle("auto", 1)[0] == Setup(TORCH, 1)


def test_the_fastest_is_chosen_and_remembered(trial: Trial) -> None:
    best = Setup(TORCH, 4, channels_last=False)
    trial.seconds = lambda setup: 0.5 if setup == best else 0.8
    setup, why, pays_from = trial.settle("auto", 160)
    assert setup == best and len(trial.timed) == 4
    assert why == ": 0.5 s a tile"
    # 30 tiles were spent. Translating takes as long as 60, and 15 are for ONNX Runtime with 1 and 4: all
    # together a fifth of 525, of which 160 are done.
    assert pays_from == pytest.approx(365)
    assert trial.settle("auto", 1)[0] == best and not trial.timed, "known: it costs nothing more"
    assert trial.settle("torch", 1)[0] == best and not trial.timed


def test_equally_fast_means_less_memory(trial: Trial) -> None:
    trial.seconds = lambda setup: 0.99 if setup.batch == 4 else 1.0
    assert trial.settle("auto", 160)[0] == Setup(TORCH, 1)


def test_a_long_run_tries_other_runtimes(trial: Trial) -> None:
    trial.seconds = lambda setup: 0.4 if setup == Setup(ONNX_RUNTIME, 4) else 0.5
    trial.settle("auto", 160)
    assert trial.settle("auto", 364)[2] == pytest.approx(1) and not trial.timed
    setup, why, pays_from = trial.settle("auto", 1)
    assert [each.runtime for each in trial.timed] == [ONNX_RUNTIME, ONNX_RUNTIME]
    assert setup == Setup(ONNX_RUNTIME, 4) and pays_from == float("inf")
    assert why == ": 0.4 s a tile (PyTorch 0.5 s)"
    assert trial.settle("torch", 300)[0] == Setup(TORCH, 1), "what was asked for is taken"


def test_lanes_are_tried_where_there_are_cores(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    for threads, lanes in ((1, {1}), (2, {1, 2}), (5, {1}), (6, {1, 3}), (16, {1, 4})):
        monkeypatch.setattr(torch, "get_num_threads", lambda count=threads: count)
        trial.seconds = lambda setup: 0.5 / setup.lanes
        assert trial.settle("auto", 5000)[0].lanes == max(lanes)
        for runtime in (TORCH, ONNX_RUNTIME):
            assert {setup.lanes for setup in trial.timed if setup.runtime == runtime} == lanes
        # A batch was asked for: so many tiles, through the network together.
        for batch in (1, 3):
            assert trial.settle(ONNX_RUNTIME, 5000, batch=batch)[0] == Setup(ONNX_RUNTIME, batch)


def test_a_run_that_measures_nothing_takes_lanes_where_there_are_cores(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    assert trial.settle("auto", 1)[0] == Setup(TORCH, 1, lanes=2) and not trial.timed
    assert trial.settle("torch", 1, batch=4)[0] == Setup(TORCH, 4), "asked for"
    gpu = Device(torch.device("cuda"), "a GPU", "fp32")
    assert trial.settle("auto", 1, device=gpu)[0] == Setup(TORCH, 8)
    monkeypatch.setattr(contest, "keep_memory", lambda: False)
    assert trial.settle("auto", 1)[0] == Setup(TORCH, 1)


def test_passes_of_all_lanes_go_on_at_a_time(
    make_model: Callable[..., str], tmp_path: Path, events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(runtime_cache.VARIABLE, str(tmp_path / "cache"))
    meeting = threading.Barrier(3, timeout=30)

    def run(images: torch.Tensor, auxiliary: torch.Tensor | None) -> torch.Tensor:
        meeting.wait()  # fails, if fewer than three are here
        time.sleep(0.05)
        return images

    path = make_model()
    maker: Any = SimpleNamespace(card=read_card(path), fused=True, make=lambda setup: run)
    found = Contest(maker, path, CPU, 0, 8 * GIB, events)
    found.found.memory[ONNX_RUNTIME] = GIB
    assert 0.05 / 3 <= found._timed(Setup(ONNX_RUNTIME, 1, lanes=3)) < 0.05
    found.found.memory[ONNX_RUNTIME] = 3 * GIB
    with pytest.raises(MemoryError):
        found._timed(Setup(ONNX_RUNTIME, 1, lanes=3))


def test_a_kept_graph_is_tried_sooner(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_store, "is_kept", lambda path, fused: True)
    # 30 tiles for torch and 15 more are a fifth of 225.
    assert trial.settle("auto", 224)[2] == pytest.approx(1)
    assert {each.runtime for each in trial.timed} == {TORCH}
    trial.settle("auto", 1)
    assert {each.runtime for each in trial.timed} == {ONNX_RUNTIME}


def test_all_finding_out_stays_within_its_share(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contest, "is_installed", lambda name: True)
    spent = 0
    for run in range(1, 16):
        trial.settle("auto", 50)
        names = [setup.runtime for setup in trial.timed]
        spent += sum(setup.batch * 3 for setup in trial.timed)
        spent += 60 * len({ONNX_RUNTIME, OPENVINO} & {*names})
        assert spent <= 50 * run / 5, run
    assert spent == 30 + 75 and trial.settle("auto", 150)[2] == float("inf")
    assert {setup.runtime for setup in trial.timed} == {OPENVINO}


def test_no_tiles_measure_nothing(trial: Trial) -> None:
    assert trial.settle("auto", 0) == (Setup(TORCH, 4), " (too few tiles to measure others)", 150)
    trial.settle("auto", 149)
    (notes,) = runtime_cache.cache_folder().iterdir()
    facts = runtime_cache.kept_facts(notes.name)
    runtime_cache.keep_facts(notes.name, {**facts, "tiles": 10_000})  # other processes' meanwhile
    assert trial.settle("auto", 0)[2] == 0 and not trial.timed
    trial.settle("auto", 1)
    assert trial.timed


def test_what_does_not_run_is_said_and_not_tried_again(trial: Trial) -> None:
    def seconds(setup: Setup) -> float:
        if setup.runtime == ONNX_RUNTIME:
            raise EngineError("As ONNX the network gives other probabilities.")
        return 1.0

    trial.seconds = seconds
    setup, _, pays_from = trial.settle("auto", 10_000)
    assert setup == Setup(TORCH, 1) and pays_from == float("inf")
    said = [event.message for event in trial.events.heard if isinstance(event, Metric)]
    assert said and said[0].startswith("ONNX Runtime is not used: As ONNX")
    contest._too_large.clear()  # as in another process
    trial.settle("auto", 10_000)
    assert not trial.timed


def test_what_does_not_fit_now_may_fit_another_time(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seconds(setup: Setup) -> float:
        if setup.batch == 4:
            raise MemoryError
        return 1.0

    trial.seconds = seconds
    assert trial.settle("auto", 10_000)[0] == Setup(TORCH, 1)
    said = {event.message for event in trial.events.heard}
    names = ("PyTorch", "ONNX Runtime")
    assert said == {f"measuring how fast {name} is here" for name in names}
    assert trial.settle("auto", 10_000)[0] == Setup(TORCH, 1) and not trial.timed
    monkeypatch.setattr(contest, "_too_large", {})  # as in another process
    trial.seconds = lambda setup: 1 / setup.batch
    assert trial.settle("auto", 10_000)[0] == Setup(TORCH, 4)
    assert {each.batch for each in trial.timed} == {4}


@pytest.mark.parametrize("facts", [{"seconds": [{}]}, {"seconds": 3}, {"memory": [1]}])
def test_notes_of_another_form_are_none(trial: Trial, facts: Any) -> None:
    trial.settle("auto", 160)
    (notes,) = runtime_cache.cache_folder().iterdir()
    runtime_cache.keep_facts(notes.name, facts)
    trial.settle("auto", 160)
    assert len(trial.timed) == 4


def test_a_defect_is_not_hidden(trial: Trial) -> None:
    def seconds(setup: Setup) -> float:
        raise ValueError("a defect")

    trial.seconds = seconds
    with pytest.raises(ValueError, match="a defect"):
        trial.settle("torch", 10_000)


def test_what_was_asked_for(trial: Trial) -> None:
    assert trial.settle("torch", 10**6, batch=3)[0] == Setup(TORCH, 3)
    assert {each.batch for each in trial.timed} == {3}
    assert trial.settle(ONNX_RUNTIME, 10)[0] == Setup(ONNX_RUNTIME, 4) and not trial.timed
    assert trial.settle("torch-compile", 10**6)[0] == Setup("torch-compile", 4) and not trial.timed


def test_bf16_is_tried_where_it_is_fast_and_open(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contest, "has_fast_bf16", lambda: True)
    trial.seconds = lambda setup: 0.3 if setup.precision == "bf16" else 1.0
    assert trial.settle("auto", 5000)[0].precision == "fp32"
    is_open = Device(CPU.place, CPU.name, "fp32", is_open=True)
    assert trial.settle("auto", 5000, device=is_open)[0] == Setup(TORCH, 1, precision="bf16")
    monkeypatch.setattr(contest, "has_fast_bf16", lambda: False)
    assert "bf16" not in trial.settle("auto", 5000, device=is_open)[0].precision


def test_gpus_take_more_tiles(trial: Trial) -> None:
    gpu = Device(torch.device("cuda", 0), "a GPU (cuda:0)", "bf16")
    assert trial.settle("auto", 10, device=gpu)[0] == Setup(TORCH, 8, precision="bf16")
    trial.seconds = lambda setup: 1 / setup.batch
    assert trial.settle("auto", 5000, device=gpu)[0] == Setup(TORCH, 16, precision="bf16")
    assert {setup.runtime for setup in trial.timed} == {TORCH}


def test_openvino_is_tried_where_it_is_installed(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contest, "is_installed", lambda name: True)
    trial.seconds = lambda setup: 0.2 if setup.runtime == OPENVINO else 1.0
    assert trial.settle("auto", 5000)[0] == Setup(OPENVINO, 1)


def test_another_network_or_machine_is_measured_anew(
    trial: Trial, make_model: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    trial.settle("torch", 160)
    assert len(trial.timed) == 4
    first, trial.path = trial.path, make_model(name="again.safetensors")
    trial.settle("torch", 160)
    assert not trial.timed, "another training of the same network is as fast"
    trial.path = make_model(bands=3, name="other.safetensors")
    trial.settle("torch", 160)
    assert len(trial.timed) == 4
    trial.path = first
    with monkeypatch.context() as patch:
        patch.setattr(speed_notes, "processor_name", lambda: "another processor")
        trial.settle("torch", 160)
        assert len(trial.timed) == 4
    trial.settle("torch", 160)
    assert not trial.timed
    known = importlib.metadata.version
    for package in ("onnx", "onnxscript", "onnxruntime"):

        def version(name: str, other: str = package) -> str:
            return "9" if name == other else known(name)

        with monkeypatch.context() as patch:
            patch.setattr(importlib.metadata, "version", version)
            trial.settle("torch", 160)
            assert len(trial.timed) == 4, package
