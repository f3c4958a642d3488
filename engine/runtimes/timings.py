"""The measured times of a network on this machine, kept between runs."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..compute.devices import Device, hardware_name
from ..compute.processor import processor_name
from ..compute.threads import thread_count
from ..contract.architectures import ONNX
from ..contract.errors import JobError
from ..contract.model_card import Card
from ..contract.prepared_models import hash_key
from ..contract.version import engine_version
from .runtime_config import EXPORT_PACKAGES, GRAPH_RUNTIMES, RuntimeConfig, installed_versions
from .user_cache import read_json, write_json


@dataclass
class Timings:
    """Measurements of a network on this machine.

    Attributes:
        seconds: Seconds per tile by configuration; infinite where the network does not run.
        memory: Bytes per tile of a forward pass, by runtime; on processors.
        tiles: Number of tiles of all runs since the last measurement of times.
        starts: Seconds from the choice of a runtime until its network is ready, in a process that had not imported
            it; the shortest of all runs, by runtime.
    """

    seconds: dict[RuntimeConfig, float] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    tiles: int = 0
    starts: dict[str, float] = field(default_factory=dict)


def cache_name(card: Card, fused: bool, device: Device, batch_size: int) -> str:
    """The name of a network's timings in the cache: a hash of everything that its speed depends on.

    Args:
        card: The model's card.
        fused: Whether the auxiliary stream is given.
        device: Device of the network.
        batch_size: The job's batch size; 0: any.
    """
    facts: dict[str, object] = {
        "network": [card.architecture, card.encoder, card.logits, card.tile_size],
        "bands": [card.image.bands, card.auxiliary.bands, card.auxiliary.tile_size],
        "fused": fused,
        # Not the device's name, which is in the user's language.
        "device": [
            hardware_name(device.kind, device.index),
            device.precision,
            device.is_precision_auto,
            processor_name(),
        ],
        "threads": thread_count(),
        "batch": batch_size,
        "versions": [
            engine_version(),
            *installed_versions(("torch", *GRAPH_RUNTIMES.values())),
            *installed_versions(EXPORT_PACKAGES),
        ],
    }
    if card.architecture == ONNX:  # which says nothing of the network
        facts["graph"] = card.provenance.get("imported_sha256", "")
    return f"speed-{hash_key(facts)}.json"


def read_timings(name: str) -> Timings:
    """The timings of that name; empty if they are missing or have another form."""
    facts = read_json(name)
    try:
        seconds = {
            RuntimeConfig.from_record(entry["setup"]): float(entry["seconds"] or "inf")
            for entry in facts.get("seconds", [])
        }
        memory = {str(runtime): int(size) for runtime, size in facts.get("memory", {}).items()}
        starts = {str(name): float(value) for name, value in facts.get("starts", {}).items()}
        return Timings(seconds, memory, int(facts.get("tiles", 0)), starts)
    except (JobError, KeyError, TypeError, ValueError, AttributeError):
        return Timings()


def save_timings(name: str, timings: Timings) -> None:
    """Keeps timings for later runs."""
    seconds = [
        {"setup": config.record(), "seconds": value if value < float("inf") else None}
        for config, value in timings.seconds.items()
    ]
    write_json(
        name,
        {
            "seconds": seconds,
            "memory": timings.memory,
            "tiles": timings.tiles,
            "starts": timings.starts,
        },
    )


def count_tiles(name: str, tiles: int) -> Timings:
    """Adds the tiles of a run to the timings of that name, as other processes have left them."""
    timings = read_timings(name)
    timings.tiles += tiles
    save_timings(name, timings)
    return timings
