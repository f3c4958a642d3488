"""Lets the engine find its fastest runtime, as it does by itself in the first long run on a machine.

python -m benchmarks.segment_settle job.json RUNTIME PRECISION
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from engine.contest import MIN_TILES
from engine.devices import choose_device
from engine.protocol import Event, Metric
from engine.runtimes import ready

from .segment_job import Job
from .segment_null import install


def main() -> None:
    """Measures and remembers, in the cache that the environment names; prints what was found."""
    install()
    path, runtime, precision = sys.argv[1:]
    job = Job(**json.loads(Path(path).read_text("utf-8")))
    fused = job.auxiliary_bands > 0
    ready(job.model, choose_device("cpu", precision), runtime, 0, MIN_TILES, fused, _print)


def _print(event: Event) -> None:
    if isinstance(event, Metric):
        print(event.message)


if __name__ == "__main__":
    main()
