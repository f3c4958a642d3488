"""Describes this machine for people."""

from __future__ import annotations

import platform
import sys

from .devices import choose_device
from .gpu_driver import gpu_driver, has_torch


def describe_machine() -> dict[str, str]:
    """Versions of Python, torch and the driver, and names of the devices, as ``doctor`` prints them."""
    device, torch_facts = choose_device(), _describe_torch()
    return {
        "python": f"{platform.python_version()} ({sys.executable})",
        "platform": platform.platform(),
        "torch": torch_facts.get("torch", ""),
        "cuda": torch_facts.get("cuda", ""),
        "device": device.name,
        "precision": device.precision,
        "gpu": torch_facts.get("gpu", ""),
        "driver": gpu_driver(),
        "reason": torch_facts.get("reason", ""),
    }


def _describe_torch() -> dict[str, str]:
    """Versions of torch and CUDA, the GPUs, and why there is none; nothing in a light engine."""
    if not has_torch():
        return {}
    import torch

    from .gpus import cuda_name, why_no_gpu

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    gpus = ", ".join(map(cuda_name, range(count)))
    return {
        "torch": torch.__version__,
        "cuda": torch.version.cuda or "",
        "gpu": gpus or ("Apple GPU" if torch.backends.mps.is_available() else ""),
        "reason": why_no_gpu(),
    }
