"""``doctor``: what the engine found of this machine, and why not the GPU."""

from __future__ import annotations

from collections.abc import Callable

from ..compute.devices import describe
from ..contract.file_jobs import DoctorJob
from ..contract.protocol import Done, Event
from ..contract.version import engine_version

Say = Callable[[Event], None]


def doctor(job: DoctorJob, say: Say) -> Done:
    """Describes Python, torch, device, GPU and driver."""
    found = {"engine": engine_version(), **describe()}
    lines = [f"{name:>9}: {value or '-'}" for name, value in found.items()]
    return Done("\n".join(lines), found)
