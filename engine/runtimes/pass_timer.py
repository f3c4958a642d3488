"""Times forward passes on random tiles, and measures how much memory a tile takes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

from ..compute.arrays import Array, to_numpy
from ..compute.cpu_lanes import lane_executor
from ..compute.devices import Device
from ..compute.memory import measure_peak_memory
from .backends import Backend, BackendFactory
from .random_tiles import random_tiles
from .runtime_config import GRAPH_RUNTIMES, RuntimeConfig

#: The share of the free memory that forward passes may take.
_USABLE = 0.8

#: The minimum memory of a tile, in fp32 numbers per pixel.
_MIN_NUMBERS = 100


class PassTimer:
    """Times the configurations of one model.

    Args:
        factory: Makes the forward passes.
        device: Device of the network.
        budget: Bytes of memory that forward passes may use.
        memory: Bytes per tile of a pass, by runtime; what is measured is added.
        clock: Returns seconds since a fixed moment.
    """

    def __init__(
        self,
        factory: BackendFactory,
        device: Device,
        budget: int,
        memory: dict[str, int],
        clock: Callable[[], float],
    ) -> None:
        self._factory, self._device, self._clock = factory, device, clock
        self._budget, self._memory = budget, memory
        self._graphs: dict[RuntimeConfig, Backend] = {}

    def seconds_per_tile(self, config: RuntimeConfig) -> float:
        """Seconds per tile of one pass, or of one pass of each lane at the same time.

        Raises:
            MemoryError: If the memory would not suffice.
        """
        backend = self._backend(config)
        is_cpu = self._device.kind == "cpu"
        if is_cpu and config.tiles_in_flight > self.fitting_tiles(config.runtime, backend):
            raise MemoryError
        batch = self._random_batch(config.batch, config.runtime)

        def forward(_: int = 0) -> None:
            to_numpy(backend(*batch)[:1, :1, :1, :1])  # reading a value waits for a GPU to finish

        # cuDNN caches the fastest algorithms per thread: a single lane must be this thread.
        with lane_executor(config.lanes) if config.lanes > 1 else nullcontext() as pool:
            start = self._clock()
            if pool:
                list(pool.map(forward, range(config.lanes)))
            else:
                forward()
            return (self._clock() - start) / config.tiles_in_flight

    def fitting_tiles(self, runtime: str, backend: Backend) -> int:
        """Number of tiles at a time that fit into the free memory, at least 1.

        Args:
            runtime: A name of ``RUNTIMES``.
            backend: A forward pass of it.
        """
        if runtime not in self._memory:
            growth = measure_peak_memory(lambda: backend(*self._random_batch(1, runtime)))
            self._memory[runtime] = max(growth, 4 * _MIN_NUMBERS * self._factory.card.tile_size**2)
        return max(1, int(self._budget * _USABLE / self._memory[runtime]))

    def _backend(self, config: RuntimeConfig) -> Backend:
        """The forward pass of a configuration; those of graphs are kept, because they are loaded slowly."""
        if config.runtime not in GRAPH_RUNTIMES:
            return self._factory.make(config)
        if config not in self._graphs:
            self._graphs[config] = self._factory.make(config)
        return self._graphs[config]

    def _random_batch(self, size: int, runtime: str) -> tuple[Array, Array | None]:
        """Random tiles (B, C, T, T) and (B, Ca, t, t) as the backends of a runtime take them."""
        tiles: dict[str, Array] = {**random_tiles(self._factory.card, size, self._factory.fused)}
        if runtime not in GRAPH_RUNTIMES:
            from .torch_backends import on_device

            device = self._device.torch_device
            tiles = {name: on_device(values, device) for name, values in tiles.items()}
        return tiles["image"], tiles.get("auxiliary")
