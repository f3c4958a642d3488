"""What a run of the checks is about: the device, the sizes, and the folder of its files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import torch
from accelerate.state import AcceleratorState

from engine.compute.devices import Device, choose_device
from engine.compute.machine import describe_machine
from engine.contract.version import engine_version

#: Memory of a card for each window of a batch, bytes: a batch of 8 needs 24 GB.
_BYTES_PER_WINDOW = 3 * 2**30


@dataclass(frozen=True)
class Setting:
    """The setting of all checks.

    Attributes:
        device: "cuda" or "cpu".
        is_small: Whether networks, tiles and scenes are small, so that a CPU needs minutes.
        folder: Folder for rasters, models and masks.
    """

    device: str
    is_small: bool
    folder: Path

    @property
    def is_gpu(self) -> bool:
        """Whether the checks run on an NVIDIA card."""
        return self.device != "cpu"

    @property
    def tile(self) -> int:
        """Side of a tile, px."""
        return 64 if self.is_small else 512

    @property
    def batch(self) -> int:
        """Windows of a training step: as many as a card of this size holds, a power of two."""
        if self.is_small:
            return 4
        total = torch.cuda.get_device_properties(self.device).total_memory
        return int(2 ** max(1, min(4, (total // _BYTES_PER_WINDOW).bit_length() - 1)))

    def precision(self, name: str) -> str:
        """The precision of that name; a CPU has no fp16 and takes fp32 instead."""
        return "fp32" if name == "fp16" and not self.is_gpu else name

    def choose(self, precision: str = "auto") -> Device:
        """Chooses the device in a precision."""
        return choose_device(self.device, precision)

    def wait(self) -> None:
        """Waits until the device has done what it was given."""
        if self.is_gpu:
            torch.cuda.synchronize()


def begin_training() -> None:
    """Lets the next training of this process have another device and precision than the one before.

    Accelerate keeps both for the whole process, as the engine does: it trains in a process of its own.
    """
    AcceleratorState._reset_state(reset_partial_state=True)


class DeviceMemory:
    """Measures the largest device memory within a ``with`` block.

    Attributes:
        mib: The largest memory of tensors, MiB; 0 on a CPU.
    """

    def __init__(self, setting: Setting) -> None:
        self._is_gpu, self.mib = setting.is_gpu, 0.0

    def __enter__(self) -> DeviceMemory:
        if self._is_gpu:
            torch.cuda.synchronize()
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_gpu:
            torch.cuda.synchronize()
            self.mib = torch.cuda.max_memory_allocated() / 2**20


def cores() -> int:
    """Number of processor cores of this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def facts(setting: Setting) -> dict[str, Any]:
    """Returns the machine and the versions of everything that matters."""
    found: dict[str, Any] = {"engine": engine_version(), **describe_machine()}
    found |= {"cores": cores(), "memory GiB": round(psutil.virtual_memory().total / 2**30, 1)}
    if setting.is_gpu:
        properties = torch.cuda.get_device_properties(setting.device)
        found["device memory GiB"] = round(properties.total_memory / 2**30, 1)
        found["compute capability"] = f"{properties.major}.{properties.minor}"
        found["cuDNN"] = torch.backends.cudnn.version()
    return found | {"sizes": "small" if setting.is_small else "full"}
