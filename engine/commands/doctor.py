"""``doctor``: describes the machine as the engine sees it, and why it does not use the GPU."""

from __future__ import annotations

from ..compute.devices import describe_machine
from ..contract.file_jobs import DoctorJob
from ..contract.protocol import Done, Emit
from ..contract.version import engine_version


def doctor(job: DoctorJob, emit: Emit) -> Done:
    """Describes Python, torch, device, GPU and driver."""
    facts = {"engine": engine_version(), **describe_machine()}
    lines = [f"{name:>9}: {value or '-'}" for name, value in facts.items()]
    return Done("\n".join(lines), facts)
