"""Forward passes alone, as the engine runs them, on random tiles that are on the device already."""

from __future__ import annotations

from pathlib import Path

import torch

from benchmarks.segment.bare import Batch, timed
from engine.contract.card_reader import read_card
from engine.contract.model_card import Card
from engine.runtimes.loaded_networks import get_network
from engine.runtimes.runtime_config import RuntimeConfig
from tests.gpu.setting import Setting

#: Passes that are timed; different batches in memory.
_PASSES, _BATCHES = 30, 4


def bare_batches(card: Card, size: int, count: int, device: torch.device) -> list[Batch]:
    """Returns ``count`` batches of random tiles on the device; it repeats the same few."""
    generator = torch.Generator().manual_seed(0)
    low, high = (torch.tensor(ends).view(1, -1, 1, 1) for ends in (card.image.low, card.image.high))
    stream, made = card.auxiliary, []
    for _ in range(min(count, _BATCHES)):
        shape = size, card.image.bands, card.tile_size, card.tile_size
        image = low + (high - low) * torch.rand(shape, generator=generator)
        mean, std = (torch.tensor(each).view(1, -1, 1, 1) for each in (stream.mean, stream.std))
        coarse = size, stream.bands, stream.tile_size, stream.tile_size
        second = mean + std * torch.randn(coarse, generator=generator)
        made.append((image.to(device), second.to(device)))
    return [made[number % len(made)] for number in range(count)]


def seconds_per_tile(setting: Setting, model: Path, config: RuntimeConfig) -> float:
    """Returns the seconds of a tile in forward passes of one configuration, after a warm-up."""
    device = setting.choose(config.precision)
    record = config.record()
    network = get_network(
        str(model), device, config.runtime, config.batch, 0, True, lambda event: None, record
    )
    passes = 3 if setting.is_small else _PASSES
    batches = bare_batches(read_card(str(model)), config.batch, passes, device.torch_device)
    timed(network, batches[:2], setting.device)
    return timed(network, batches, setting.device)["wall"] / (passes * config.batch)
