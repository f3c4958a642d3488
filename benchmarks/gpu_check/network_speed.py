"""Checks of forward passes alone: memory formats, torch.compile, and what the autotuner chooses."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from engine.contract.card_reader import read_card
from engine.contract.errors import DeviceError, first_line
from engine.contract.model_card import Card
from engine.contract.protocol import Event, Metric
from engine.runtimes.loaded_networks import get_network
from engine.runtimes.runtime_config import COMPILED, TORCH, RuntimeConfig
from engine.runtimes.timings import read_timings

from ..segment.bare import Batch, timed
from .inputs import model_file, null_model
from .results import Value, at_least, required
from .setting import DeviceMemory, Setting

#: Passes that are timed; different batches in memory.
_PASSES, _BATCHES = 30, 4

#: Tiles of a run that is worth measuring all runtimes for.
_MANY_TILES = 1_000_000


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
    passes = 3 if setting.small else _PASSES
    batches = bare_batches(read_card(str(model)), config.batch, passes, device.torch_device)
    timed(network, batches[:2], setting.device)
    return timed(network, batches, setting.device)["wall"] / (passes * config.batch)


def layouts(setting: Setting) -> list[Value]:
    """Measures forward passes in both memory formats, and compiled."""
    model, precision = model_file(setting), setting.choose().precision
    values = []
    for channels_last in (False, True):
        config = RuntimeConfig(TORCH, setting.batch, channels_last, precision)
        name = "channels last" if channels_last else "contiguous"
        with DeviceMemory(setting) as memory:
            seconds = seconds_per_tile(setting, model, config)
        values.append(Value(f"{name}, {precision}", 1000 * seconds, "ms a tile"))
        values.append(Value(f"{name}: device memory", memory.mib, "MiB"))
    # Compiling for a processor takes minutes; a network of one layer shows that it works.
    compiled = null_model(setting) if setting.small else model
    config = RuntimeConfig(COMPILED, setting.batch, True, precision)
    try:
        seconds = seconds_per_tile(setting, compiled, config)
    except DeviceError as error:  # a sentence for the user, as where there is no compiler
        return [*values, Value("torch.compile", first_line(error))]
    return [*values, Value("torch.compile", 1000 * seconds, "ms a tile")]


def autotuner(setting: Setting) -> list[Value]:
    """Lets the engine measure its configurations, and tells the choice and the seconds of each."""
    events: list[Event] = []
    # On a processor the graphs for ONNX Runtime would take most of the time, and need no card.
    runtime = "auto" if setting.is_gpu else TORCH
    model, device = str(model_file(setting)), setting.choose()
    network = get_network(model, device, runtime, 0, _MANY_TILES, True, events.append)
    told = [event.message for event in events if isinstance(event, Metric)]
    measured = _timings(Path(os.environ["DUALSTREAM_CACHE"]))
    choice = RuntimeConfig.from_record(network.record())
    fastest = min(measured.values(), default=0.0)
    return [
        at_least("measured configurations", len(measured), 2),
        *(Value(name, 1000 * seconds, "ms a tile") for name, seconds in measured.items()),
        Value("chosen", str(choice)),
        required(
            "the fastest was chosen",
            measured.get(str(choice), float("inf")) <= 1.05 * fastest,
            "within 5 % of the fastest",
        ),
        Value("told", told[-1] if told else "nothing"),
    ]


def _timings(cache: Path) -> dict[str, float]:
    """Seconds of a tile by configuration, from the newest measurement in the cache."""
    files = sorted(cache.glob("speed-*.json"), key=lambda path: path.stat().st_mtime)
    found = read_timings(files[-1].name).seconds if files else {}
    return {str(config): seconds for config, seconds in found.items() if seconds < float("inf")}
