"""Chooses the configuration in which a run ends first on this machine, from stored measurements.

The times belong to a kind of network on a machine, not to a model file: another training of the same network
is as fast. A run takes the time until its network is ready and the time of its tiles: few tiles are computed by the
runtime that is ready first, many by the fastest. Until the runs of a network have enough tiles for a measurement,
typical times stand for those of this machine (``priors.py``).
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from ..compute.devices import Device
from ..compute.eta import PREPARING
from ..compute.failures import is_out_of_memory
from ..compute.threads import thread_count
from ..contract.errors import first_line
from ..contract.inference_options import RUNTIMES
from ..contract.protocol import Emit, Metric, Progress
from ..contract.translation import tr
from .backends import Backend, BackendFactory
from .candidates import candidates, default_config, graph_runtimes, runtimes_for
from .pass_timer import PassTimer
from .priors import seconds_per_tile, start_seconds
from .runtime_config import COMPILED, GRAPH_RUNTIMES, TORCH, RuntimeConfig
from .timings import cache_name, count_tiles, read_timings, save_timings

#: Tiles that a network's runs must have had, together, before all candidates are measured: about fifteen times as
#: many as the passes of a measurement.
MIN_TILES = 1200

#: Forward passes of each candidate, one after the other in rounds; the first round warms up.
_ROUNDS = 5

#: Candidates whose times differ by less count as equally fast; then the first counts, which takes less memory.
_EQUAL = 1.03

#: Seconds that a run must gain before it computes in 16 bits without a measurement.
_WORTH_16_BITS = 1.0

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
        # An ONNX network that declares its batch size computes that many tiles in every pass.
        declared = factory.graph.batch if factory.is_onnx and factory.graph else 1
        batch_size = batch_size or (declared if declared > 1 else 0)
        self._factory, self._device, self._batch_size = factory, device, batch_size
        self._emit = emit
        self.name = cache_name(factory.card, factory.fused, device, batch_size)
        self._timings = read_timings(self.name)
        self._too_large = _too_large.setdefault(self.name, set())
        self._timer = PassTimer(factory, device, budget, self._timings.memory, clock)

    def choose(self, runtime: str, tiles: int) -> Choice:
        """Chooses the configuration of a run; measures the candidates first if there were enough tiles.

        Args:
            runtime: The job's runtime, or auto.
            tiles: Number of tiles of the run, which counts with those before; 0: nothing is measured.

        Raises:
            EngineError: If the network does not run with torch.
        """
        factory, device = self._factory, self._device
        if factory.is_onnx:
            names = graph_runtimes(runtime)
        else:
            names = runtimes_for(runtime, device, factory.graph is not None)
        configs = [c for name in names for c in candidates(name, device, self._batch_size)]
        if len(configs) > 1 and tiles and self._unmeasured(configs):
            self._timings.tiles = count_tiles(self.name, tiles).tiles
            if self._timings.tiles >= MIN_TILES:
                self._measure(self._unmeasured(configs))
        is_final = len(configs) == 1 or not self._unmeasured(configs)
        known, infinity = self._timings.seconds, float("inf")
        times = {c: known[c] for c in configs if known.get(c, infinity) < infinity}
        expected = {**self._expected(names, configs, times), **times}
        if not expected or (not tiles and not times):
            expected = {default_config(names[0], device, self._batch_size): 0.0}
        config = self._first_to_end(expected, tiles)
        return Choice(config, _reason(config, times, expected, is_final), is_final)

    def is_guess(self, config: RuntimeConfig) -> bool:
        """Whether a configuration computes in 16 bits which neither the job nor a measurement chose."""
        return config.precision == "bf16" and self._device.precision == "fp32"

    def refuse(self, precision: str) -> None:
        """Remembers that the network is not to be computed in a precision on this machine."""
        for config in candidates(TORCH, self._device, self._batch_size):
            if config.precision == precision:
                self._timings.seconds[config] = float("inf")
        save_timings(self.name, self._timings)

    def note_start(self, runtime: str, seconds: float) -> None:
        """Remembers how long a network took to be ready in a process that had not imported its runtime."""
        if seconds < self._timings.starts.get(runtime, float("inf")):
            self._timings.starts[runtime] = seconds
            save_timings(self.name, self._timings)

    def _expected(
        self, names: list[str], configs: list[RuntimeConfig], times: dict[RuntimeConfig, float]
    ) -> dict[RuntimeConfig, float]:
        """Expected seconds per tile of the runtimes and precisions of which no configuration is measured."""
        known = {(c.runtime, c.precision) for c in self._timings.seconds}
        found = {}
        for name in names:
            default = default_config(name, self._device, self._batch_size)
            precisions = dict.fromkeys(c.precision for c in configs if c.runtime == name)
            for config in (replace(default, precision=precision) for precision in precisions):
                if (name, config.precision) not in known and config not in self._too_large:
                    card, threads = self._factory.card, thread_count()
                    found[config] = seconds_per_tile(config, card, threads, times)
        return found

    def _first_to_end(self, seconds: dict[RuntimeConfig, float], tiles: int) -> RuntimeConfig:
        """The configuration whose run ends first; without a number of tiles that which is fastest per tile."""

        def total(config: RuntimeConfig) -> float:
            if not tiles:
                return seconds[config]
            is_ready = self._factory.is_ready(config.runtime)
            start = 0.0 if is_ready else start_seconds(config.runtime, self._timings.starts)
            is_guess = config not in self._timings.seconds
            penalty = _WORTH_16_BITS if is_guess and config.precision == "bf16" else 0.0
            return start + penalty + tiles * seconds[config]

        first = min(map(total, seconds))
        # The first configuration of each runtime takes the least memory.
        return next(config for config in seconds if total(config) <= first * _EQUAL)

    def fit(self, config: RuntimeConfig, backend: Backend) -> RuntimeConfig:
        """Reduces the number of tiles at a time to what fits into the free memory.

        Args:
            config: The configuration that was chosen.
            backend: A forward pass in that configuration.
        """
        is_cpu = self._device.kind == "cpu"
        if not is_cpu or config.tiles_in_flight == 1 or config.runtime == COMPILED:
            return config
        known = len(self._timings.memory)
        fitting = self._timer.fitting_tiles(config.runtime, backend)
        if len(self._timings.memory) > known:
            save_timings(self.name, self._timings)
        if config.lanes > 1:
            return config if fitting >= config.tiles_in_flight else replace(config, lanes=1)
        return replace(config, batch=min(config.batch, fitting))

    def _unmeasured(self, configs: list[RuntimeConfig]) -> list[RuntimeConfig]:
        """The configurations without a time, except those that were too large in this process."""
        known = {*self._timings.seconds, *self._too_large}
        return [config for config in configs if config not in known]

    def _measure(self, configs: list[RuntimeConfig]) -> None:
        """Measures configurations in turns and stores their times.

        Other programs make passes slower. In turns they slow all configurations alike: each is compared with the
        first one pass by pass, and the median of the comparisons counts.
        """
        passes: dict[RuntimeConfig, list[float]] = {config: [] for config in configs}
        for _ in range(_ROUNDS):
            for config in [*passes]:
                name = tr(RUNTIMES[config.runtime])
                self._emit(Progress(PREPARING, tr("Measuring how fast {} is here").format(name)))
                try:
                    passes[config].append(self._timer.seconds_per_tile(config))
                except Exception as error:  # each runtime raises its own errors
                    del passes[config]
                    self._give_up(config, error)
        if passes:
            reference = next(iter(passes.values()))[1:]
            for config, seconds in passes.items():
                ratios = [own / other for own, other in zip(seconds[1:], reference)]
                self._timings.seconds[config] = statistics.median(ratios) * min(reference)
        self._timings.tiles = 0
        save_timings(self.name, self._timings)

    def _give_up(self, config: RuntimeConfig, error: Exception) -> None:
        """Remembers a configuration that does not run; raises the error if it is a defect."""
        if is_out_of_memory(error):
            self._too_large.add(config)
            return
        if config.runtime not in GRAPH_RUNTIMES:
            raise error
        self._timings.seconds[config] = float("inf")
        text = tr("{} is not used: {}.").format(tr(RUNTIMES[config.runtime]), first_line(error))
        self._emit(Metric(text))


def _reason(
    config: RuntimeConfig,
    times: dict[RuntimeConfig, float],
    expected: dict[RuntimeConfig, float],
    is_final: bool,
) -> str:
    """The sentence on why a configuration was chosen; empty if there was no choice."""
    if config not in times:
        if len(expected) > 1 and config.runtime in GRAPH_RUNTIMES:
            return tr("It is ready first, and there are few tiles.")
        return "" if is_final else tr("There were too few tiles to measure others.")
    best: dict[str, float] = {}
    for other, seconds in times.items():
        if other.runtime != config.runtime:
            best[other.runtime] = min(seconds, best.get(other.runtime, seconds))
    if not best:
        return tr("A tile takes {:.2g} s.").format(times[config])
    others = (tr("{} {:.2g} s").format(tr(RUNTIMES[name]), best[name]) for name in best)
    return tr("A tile takes {:.2g} s ({}).").format(times[config], ", ".join(others))
