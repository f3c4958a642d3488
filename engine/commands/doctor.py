"""``doctor``: describes the machine as the engine sees it, and why it does not use the GPU."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec

from ..compute.devices import choose_device
from ..compute.gpu_driver import has_torch
from ..compute.machine import describe_machine
from ..compute.memory import free_memory
from ..contract.errors import format_bytes
from ..contract.file_jobs import DoctorJob
from ..contract.light_engine import LIGHT_ENGINE
from ..contract.machine_facts import LABELS
from ..contract.protocol import Done, Emit
from ..contract.translation import tr
from ..contract.version import engine_version
from ..runtimes.rule import describe_precision

#: Libraries that not everyone needs.
_OPTIONAL = ("onnxruntime", "ray")


def doctor(job: DoctorJob, emit: Emit) -> Done:
    """Describes Python, torch, device, GPU, driver, memory, disk, weights and optional libraries; what a light engine can."""
    is_light = not has_torch()
    facts = {
        "engine": engine_version(),
        **describe_machine(),
        "precision": describe_precision(choose_device()),
        "memory": tr("{} free").format(format_bytes(free_memory())),
        "disk": tr("{} free beside the engine").format(
            format_bytes(shutil.disk_usage(sys.prefix).free)
        ),
        "weights": "" if is_light else _weights(),
        "optional": ", ".join(name for name in _OPTIONAL if find_spec(name) is not None),
    }
    if is_light:
        facts["light"] = tr(LIGHT_ENGINE)
    lines = [
        f"{tr(label)}: {facts[name] or '–'}" for name, label in LABELS.items() if name in facts
    ]
    return Done("\n".join(lines), facts)


def _weights() -> str:
    """The pretrained weights on this machine, which only a training needs."""
    from ..models.present_weights import present_weights

    return ", ".join(present_weights())
