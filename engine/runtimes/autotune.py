"""Chooses the setup that runs a network fastest on this machine: measured once, remembered, used by every run.

The times belong to a kind of network on a machine, not to a model file: another training of the same network
is as fast. A run with few tiles measures nothing; without remembered times it takes the default setup.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import NamedTuple

import torch

from ..compute.cpu_lanes import lane_executor
from ..compute.devices import Device
from ..compute.memory import is_out_of_memory, measure_peak_memory
from ..contract.errors import first_line
from ..contract.eta import PREPARING
from ..contract.protocol import Event, Metric, Progress
from .backends import Backend, BackendFactory
from .candidates import candidates, default_setup, runtimes_for
from .onnx_export import random_tiles
from .runtime_config import COMPILED, GRAPHS, RUNTIMES, RuntimeConfig
from .timings import cache_name, read_timings, save_timings

Emit = Callable[[Event], None]

#: A run with fewer tiles measures nothing. To measure all candidates, the export to ONNX included, takes as long
#: as 200 to 250 tiles of U-Net or SegFormer take with the default setup on two cores: about a fifth of such a run.
MIN_TILES = 1200

#: Passes of each candidate, the first to warm up.
_PASSES = 3

#: Candidates whose times differ by less count as equally fast; then the first counts, which takes less memory.
_EQUAL = 1.03

#: The share of the free memory that passes may take.
_USABLE = 0.8

#: The least memory that a tile takes, in fp32 numbers per pixel.
_MIN_NUMBERS = 100

#: Setups that did not fit into the memory, by the notes' names. They stay in this process: later they may fit.
_too_large: dict[str, set[RuntimeConfig]] = {}


class Choice(NamedTuple):
    """The setup that a network runs with.

    Attributes:
        config: The setup.
        reason: Why it was chosen, as the end of a sentence.
        is_final: Whether no candidate is left to measure.
    """

    config: RuntimeConfig
    reason: str
    is_final: bool


class Autotuner:
    """Chooses how a network is run.

    Args:
        factory: Makes the passes that are measured.
        device: Where the network runs.
        batch_size: The batch size that the job asks for; 0: any.
        budget: Bytes of memory that passes may use.
        emit: Callback for progress and metric events.
        clock: Seconds since some moment.
    """

    def __init__(
        self,
        factory: BackendFactory,
        device: Device,
        batch_size: int,
        budget: int,
        emit: Emit,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._factory, self._device, self._batch_size = factory, device, batch_size
        self._budget, self._emit, self._clock = budget, emit, clock
        self._name = cache_name(factory.card, factory.fused, device, batch_size)
        self._found = read_timings(self._name)
        self._too_large = _too_large.setdefault(self._name, set())

    def choose(self, runtime: str, tiles: int) -> Choice:
        """Chooses the setup of a run, after measuring the candidates if the run has enough tiles.

        Args:
            runtime: The runtime that the job asks for, or auto.
            tiles: How many tiles the run computes; 0: nothing is measured.

        Raises:
            EngineError: If the network does not run with torch.
        """
        names = runtimes_for(runtime, self._device)
        setups = [s for name in names for s in candidates(name, self._device, self._batch_size)]
        if len(setups) > 1 and tiles >= MIN_TILES:
            self._measure(self._missing(setups))
        is_final = len(setups) == 1 or not self._missing(setups)
        known = {s: self._found.seconds.get(s, float("inf")) for s in setups}
        known = {config: seconds for config, seconds in known.items() if seconds < float("inf")}
        if known:
            config = _fastest(known)
            return Choice(config, _reason(config, known), is_final)
        reason = "" if is_final else " (too few tiles to measure others)"
        return Choice(default_setup(names[0], self._device, self._batch_size), reason, is_final)

    def fit(self, config: RuntimeConfig, run: Backend) -> RuntimeConfig:
        """The setup with fewer tiles at a time where the free memory does not suffice for all of them.

        Args:
            config: The setup that was chosen.
            run: A pass of it.
        """
        if (
            self._device.torch_device.type != "cpu"
            or config.tiles_in_flight == 1
            or config.runtime == COMPILED
        ):
            return config
        fitting = self._fitting_tiles(config.runtime, run)
        if config.lanes > 1:
            return config if fitting >= config.tiles_in_flight else replace(config, lanes=1)
        return replace(config, batch=min(config.batch, fitting))

    def _fitting_tiles(self, runtime: str, run: Backend) -> int:
        """How many tiles at a time the free memory suffices for, at least 1.

        What a tile takes is remembered from the memory that a first pass of one tile needs.
        """
        if runtime not in self._found.memory:
            growth = measure_peak_memory(lambda: run(*self._tiles(1)))
            minimum = 4 * _MIN_NUMBERS * self._factory.card.tile_size**2
            self._found.memory[runtime] = max(growth, minimum)
            save_timings(self._name, self._found)
        return max(1, int(self._budget * _USABLE / self._found.memory[runtime]))

    def _missing(self, setups: list[RuntimeConfig]) -> list[RuntimeConfig]:
        """The setups that were not measured, without those that were too large in this process."""
        known = {*self._found.seconds, *self._too_large}
        return [config for config in setups if config not in known]

    def _measure(self, setups: list[RuntimeConfig]) -> None:
        """Measures setups and remembers their times."""
        for config in setups:
            name = RUNTIMES[config.runtime]
            self._emit(Progress(PREPARING, f"measuring how fast {name} is here"))
            try:
                self._found.seconds[config] = self._seconds(config)
            except Exception as error:  # each runtime has errors of its own
                if is_out_of_memory(error):
                    self._too_large.add(config)
                    continue
                if config.runtime not in GRAPHS:
                    raise
                self._found.seconds[config] = float("inf")
                self._emit(Metric(f"{name} is not used: {first_line(error)}."))
            save_timings(self._name, self._found)

    def _seconds(self, config: RuntimeConfig) -> float:
        """Seconds per tile, the least of some passes: other programs can only make a pass slower.

        Raises:
            MemoryError: If the memory would not suffice.
        """
        run = self._factory.make(config)
        is_cpu = self._device.torch_device.type == "cpu"
        if is_cpu and config.tiles_in_flight > self._fitting_tiles(config.runtime, run):
            raise MemoryError
        tiles = self._tiles(config.batch)

        def look(_: int = 0) -> None:
            run(*tiles).flatten()[0].item()  # reading a value waits for a GPU to finish

        seconds = []
        # cuDNN remembers the fastest algorithms by thread: a single lane must be this thread.
        with lane_executor(config.lanes) if config.lanes > 1 else nullcontext() as pool:
            for _ in range(_PASSES):
                start = self._clock()
                if pool:
                    list(pool.map(look, range(config.lanes)))
                else:
                    look()
                seconds.append(self._clock() - start)
        return min(seconds) / config.tiles_in_flight

    def _tiles(self, batch: int) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Random tiles (B, C, T, T) and (B, Ca, t, t) on the device."""
        values = random_tiles(self._factory.card, batch, self._factory.fused)
        placed = {name: value.to(self._device.torch_device) for name, value in values.items()}
        return placed["image"], placed.get("auxiliary")


def _fastest(known: dict[RuntimeConfig, float]) -> RuntimeConfig:
    """The choice itself: the first setup that is about as fast as the fastest.

    Args:
        known: Seconds per tile by setup; of one runtime, the setup that takes the least memory first.
    """
    best = min(known.values())
    return next(config for config, seconds in known.items() if seconds <= best * _EQUAL)


def _reason(config: RuntimeConfig, known: dict[RuntimeConfig, float]) -> str:
    """The time of the chosen setup and the best time of every other runtime, as the end of a sentence."""
    best: dict[str, float] = {}
    for other, seconds in known.items():
        if other.runtime != config.runtime:
            best[other.runtime] = min(seconds, best.get(other.runtime, seconds))
    others = ", ".join(f"{RUNTIMES[name]} {seconds:.2g} s" for name, seconds in best.items())
    return f": {known[config]:.2g} s a tile{f' ({others})' if others else ''}"
