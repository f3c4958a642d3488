"""Lets the engine find its fastest runtime, as it does by itself in the first long run on a machine.

Usage: ``python -m benchmarks.segment.autotune job.json RUNTIME PRECISION``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from engine.compute.devices import choose_device
from engine.contract.protocol import Event, Metric
from engine.runtimes.autotune import MIN_TILES
from engine.runtimes.loaded_networks import get_network

from .job import Job
from .null_model import install


def main() -> None:
    """Measures the runtimes, stores the fastest in the cache that the environment names, and prints it."""
    install()
    path, runtime, precision = sys.argv[1:]
    job = Job(**json.loads(Path(path).read_text("utf-8")))
    fused = job.auxiliary_bands > 0
    get_network(job.model, choose_device("cpu", precision), runtime, 0, MIN_TILES, fused, _print)


def _print(event: Event) -> None:
    if isinstance(event, Metric):
        print(event.message)


if __name__ == "__main__":
    main()
