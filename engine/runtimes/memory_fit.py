"""Reduces the tiles that a processor computes at a time to what fits into the free memory."""

from __future__ import annotations

from dataclasses import replace

from ..compute.memory import measure_peak_memory
from .backends import Backend, BackendFactory
from .random_tiles import random_tiles
from .runtime_config import RuntimeConfig

#: The share of the free memory that forward passes may take.
_USABLE = 0.8

#: Memory of a tile, in fp32 numbers per pixel: the least that is assumed, and more than any network takes.
_MIN_NUMBERS, _MAX_NUMBERS = 100, 2000


def fitting(
    config: RuntimeConfig, factory: BackendFactory, backend: Backend, budget: int
) -> RuntimeConfig:
    """The configuration with as many tiles at a time as fit, at least 1.

    A forward pass measures the memory of a tile, unless there is enough for any network.

    Args:
        config: The configuration that was chosen.
        factory: The network's factory.
        backend: A forward pass in that configuration.
        budget: Bytes of free memory that the network may use.
    """
    usable, pixels = _USABLE * budget, factory.card.tile_size**2
    is_ample = config.tiles_in_flight * 4 * _MAX_NUMBERS * pixels <= usable
    if factory.device.kind != "cpu" or config.tiles_in_flight == 1 or is_ample:
        return config
    count = max(
        1, int(usable / max(_tile_memory(config, factory, backend), 4 * _MIN_NUMBERS * pixels))
    )
    if config.lanes > 1:
        return config if count >= config.tiles_in_flight else replace(config, lanes=1)
    return replace(config, batch=min(config.batch, count))


def _tile_memory(config: RuntimeConfig, factory: BackendFactory, backend: Backend) -> int:
    """Peak growth of the process in bytes while it computes a tile."""
    values = random_tiles(factory.card, 1, factory.fused)
    image, auxiliary = values["image"], values.get("auxiliary")
    if config.is_graph:
        return measure_peak_memory(lambda: backend(image, auxiliary))
    from torch import from_numpy

    second = None if auxiliary is None else from_numpy(auxiliary)
    return measure_peak_memory(lambda: backend(from_numpy(image), second))
