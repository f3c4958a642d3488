"""Chooses the configuration that runs a network fastest on this machine, from stored measurements.

The times belong to a kind of network on a machine, not to a model file: another training of the same network
is as fast. Until the runs of a network have enough tiles, it takes the default configuration.
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
from ..contract.architectures import ONNX
from ..contract.errors import first_line
from ..contract.eta import PREPARING
from ..contract.inference_options import RUNTIMES
from ..contract.protocol import Emit, Metric, Progress
from ..contract.translation import tr
from .backends import Backend, BackendFactory
from .candidates import candidates, default_config, graph_runtimes, runtimes_for
from .onnx_export import random_tiles
from .runtime_config import COMPILED, GRAPH_RUNTIMES, RuntimeConfig
from .timings import cache_name, count_tiles, read_timings, save_timings

#: Tiles that a network's runs must have had, together, before all candidates are measured. To measure them, the
#: export to ONNX included, takes as long as 200 to 250 tiles of U-Net or SegFormer take with the default
#: configuration on two cores: about a fifth of the time of so many tiles.
MIN_TILES = 1200

#: Forward passes of each candidate, the first to warm up.
_PASSES = 3

#: Candidates whose times differ by less count as equally fast; then the first counts, which takes less memory.
_EQUAL = 1.03

#: The share of the free memory that forward passes may take.
_USABLE = 0.8

#: The minimum memory of a tile, in fp32 numbers per pixel.
_MIN_NUMBERS = 100

#: Configurations that did not fit into the memory, by the timings' names. Only in this process: later they may fit.
_too_large: dict[str, set[RuntimeConfig]] = {}


class Choice(NamedTuple):
    """The configuration that a network runs with.

    Attributes:
        config: The configuration.
        reason: Why it was chosen, as the end of a sentence.
        is_final: Whether no candidate is left to measure.
    """

    config: RuntimeConfig
    reason: str
    is_final: bool


class Autotuner:
    """Chooses how a network is run.

    Args:
        factory: Makes the forward passes that are measured.
        device: Device of the network.
        batch_size: The job's batch size; 0: any.
        budget: Bytes of memory that forward passes may use.
        emit: Callback for progress and metric events.
        clock: Returns seconds since a fixed moment.

    Attributes:
        name: The name of the network's timings in the cache.
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
        self.name = cache_name(factory.card, factory.fused, device, batch_size)
        self._timings = read_timings(self.name)
        self._too_large = _too_large.setdefault(self.name, set())

    def choose(self, runtime: str, tiles: int) -> Choice:
        """Chooses the configuration of a run; measures the candidates first if there were enough tiles.

        Args:
            runtime: The job's runtime, or auto.
            tiles: Number of tiles of the run, which counts with those before; 0: nothing is measured.

        Raises:
            EngineError: If the network does not run with torch.
        """
        is_onnx = self._factory.card.architecture == ONNX
        names = graph_runtimes(runtime) if is_onnx else runtimes_for(runtime, self._device)
        configs = [c for name in names for c in candidates(name, self._device, self._batch_size)]
        if len(configs) > 1 and tiles and self._unmeasured(configs):
            self._timings = count_tiles(self.name, tiles)
            if self._timings.tiles >= MIN_TILES:
                self._measure(self._unmeasured(configs))
        is_final = len(configs) == 1 or not self._unmeasured(configs)
        known, infinity = self._timings.seconds, float("inf")
        times = {c: known[c] for c in configs if known.get(c, infinity) < infinity}
        if times:
            fastest = min(times.values())
            # The first configuration of each runtime takes the least memory.
            config = next(c for c, seconds in times.items() if seconds <= fastest * _EQUAL)
            return Choice(config, _reason(config, times), is_final)
        reason = "" if is_final else tr("There were too few tiles to measure others.")
        return Choice(default_config(names[0], self._device, self._batch_size), reason, is_final)

    def fit(self, config: RuntimeConfig, backend: Backend) -> RuntimeConfig:
        """Reduces the number of tiles at a time to what fits into the free memory.

        Args:
            config: The configuration that was chosen.
            backend: A forward pass in that configuration.
        """
        is_cpu = self._device.kind == "cpu"
        if not is_cpu or config.tiles_in_flight == 1 or config.runtime == COMPILED:
            return config
        fitting = self._fitting_tiles(config.runtime, backend)
        if config.lanes > 1:
            return config if fitting >= config.tiles_in_flight else replace(config, lanes=1)
        return replace(config, batch=min(config.batch, fitting))

    def _fitting_tiles(self, runtime: str, backend: Backend) -> int:
        """Number of tiles at a time that fit into the free memory, at least 1."""
        memory = self._timings.memory
        if runtime not in memory:
            growth = measure_peak_memory(lambda: backend(*self._random_batch(1)))
            memory[runtime] = max(growth, 4 * _MIN_NUMBERS * self._factory.card.tile_size**2)
            save_timings(self.name, self._timings)
        return max(1, int(self._budget * _USABLE / memory[runtime]))

    def _unmeasured(self, configs: list[RuntimeConfig]) -> list[RuntimeConfig]:
        """The configurations without a time, except those that were too large in this process."""
        known = {*self._timings.seconds, *self._too_large}
        return [config for config in configs if config not in known]

    def _measure(self, configs: list[RuntimeConfig]) -> None:
        """Measures configurations and stores their times."""
        for config in configs:
            name = tr(RUNTIMES[config.runtime])
            self._emit(Progress(PREPARING, tr("Measuring how fast {} is here").format(name)))
            try:
                self._timings.seconds[config] = self._time_per_tile(config)
            except Exception as error:  # each runtime raises its own errors
                if is_out_of_memory(error):
                    self._too_large.add(config)
                    continue
                if config.runtime not in GRAPH_RUNTIMES:
                    raise
                self._timings.seconds[config] = float("inf")
                self._emit(Metric(tr("{} is not used: {}.").format(name, first_line(error))))
            save_timings(self.name, self._timings)
        self._timings.tiles = 0
        save_timings(self.name, self._timings)

    def _time_per_tile(self, config: RuntimeConfig) -> float:
        """Seconds per tile, the minimum of some passes: other programs can only make a pass slower.

        Raises:
            MemoryError: If the memory would not suffice.
        """
        backend = self._factory.make(config)
        is_cpu = self._device.kind == "cpu"
        if is_cpu and config.tiles_in_flight > self._fitting_tiles(config.runtime, backend):
            raise MemoryError
        batch = self._random_batch(config.batch)

        def forward(_: int = 0) -> None:
            backend(*batch).flatten()[0].item()  # reading a value waits for a GPU to finish

        seconds = []
        # cuDNN caches the fastest algorithms per thread: a single lane must be this thread.
        with lane_executor(config.lanes) if config.lanes > 1 else nullcontext() as pool:
            for _ in range(_PASSES):
                start = self._clock()
                if pool:
                    list(pool.map(forward, range(config.lanes)))
                else:
                    forward()
                seconds.append(self._clock() - start)
        return min(seconds) / config.tiles_in_flight

    def _random_batch(self, size: int) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Random tiles (B, C, T, T) and (B, Ca, t, t) on the device."""
        values = random_tiles(self._factory.card, size, self._factory.fused)
        on_device = {name: value.to(self._device.torch_device) for name, value in values.items()}
        return on_device["image"], on_device.get("auxiliary")


def _reason(config: RuntimeConfig, times: dict[RuntimeConfig, float]) -> str:
    """The sentence with the time of the chosen configuration and the best time of every other runtime."""
    best: dict[str, float] = {}
    for other, seconds in times.items():
        if other.runtime != config.runtime:
            best[other.runtime] = min(seconds, best.get(other.runtime, seconds))
    if not best:
        return tr("A tile takes {:.2g} s.").format(times[config])
    others = (tr("{} {:.2g} s").format(tr(RUNTIMES[name]), best[name]) for name in best)
    return tr("A tile takes {:.2g} s ({}).").format(times[config], ", ".join(others))
