"""The device and precision of a run, and the reason if it cannot use a GPU."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess  # always a list, never a shell  # nosec B404
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..contract.errors import DeviceError, format_count
from ..contract.translation import tr
from .distributed import RankInfo

_PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True)
class Device:
    """A torch device and the precision of computations on it.

    Attributes:
        torch_device: torch's device.
        name: The name for users, e.g. ``NVIDIA H200 (cuda:0)``, ``CPU (8 threads)`` or, in a distributed
            training, ``4 x NVIDIA H200``.
        precision: fp32, bf16 or fp16.
        is_precision_auto: Whether the user left the precision open, so that a measurement may change it.
    """

    torch_device: torch.device
    name: str
    precision: str
    is_precision_auto: bool = False

    def autocast(self) -> torch.autocast:
        """The autocast context of forward passes."""
        dtype = _PRECISIONS[self.precision]
        return torch.autocast(self.torch_device.type, dtype, enabled=dtype is not torch.float32)


def send(values: Tensor, target: Tensor) -> Tensor:
    """A few values with the type and on the device of ``target``, on NVIDIA cards without waiting for their queue.

    On Apple's GPUs an asynchronous copy may read a temporary after its memory is freed (pytorch issue 189690).
    """
    return values.to(target.device, target.dtype, non_blocking=target.is_cuda)


def send_indices(indices: Tensor, target: Tensor) -> Tensor:
    """Indices (N,) on the device of ``target``; in CPU memory they would make the CPU wait for the GPU."""
    return indices.to(target.device, non_blocking=target.is_cuda)


def choose_device(device: str = "auto", precision: str = "auto") -> Device:
    """Chooses the device and precision; each rank of a distributed training gets a different GPU.

    Args:
        device: auto, cpu, cuda, cuda:N or mps; in a distributed training auto, cpu, cuda or all.
        precision: auto, fp32, bf16 or fp16; auto is mixed precision on CUDA and fp32 elsewhere.

    Raises:
        DeviceError: If the device does not exist, or cannot compute in that precision.
    """
    ranks, is_precision_auto = RankInfo.from_environment(), precision == "auto"
    torch_device = (
        _torch_device_of_rank(device, ranks) if ranks.is_distributed else _torch_device(device)
    )
    if is_precision_auto:
        precision = _default_precision(torch_device)
    if precision not in _PRECISIONS:
        raise DeviceError(
            tr("The precision {!r} is unknown: use auto, fp32, bf16 or fp16.").format(precision)
        )
    if precision == "fp16" and torch_device.type == "cpu":
        raise DeviceError(tr("A CPU does not train or segment in fp16: use auto, fp32 or bf16."))
    name = _device_name(torch_device)
    if ranks.is_distributed:
        name = f"{ranks.world_size} x {name.removesuffix(f' ({torch_device})')}"
    return Device(torch_device, name, precision, is_precision_auto)


def has_fast_bf16() -> bool:
    """Whether this CPU has bf16 instructions; others emulate them, several times slower than fp32."""
    capabilities = _cpu_capabilities()
    return any(capabilities.get(name) for name in ("amx_bf16", "avx512_bf16", "sve_bf16", "bf16"))


def hardware_name(torch_device: torch.device) -> str:
    """The GPU's model and number, "Apple GPU (mps)" or "CPU"."""
    if torch_device.type == "cuda":
        return f"{torch.cuda.get_device_name(torch_device)} ({torch_device})"
    return "Apple GPU (mps)" if torch_device.type == "mps" else "CPU"


def processor_name() -> str:
    """The model name of this machine's CPU."""
    return str(_cpu_capabilities().get("cpu_name") or platform.processor() or platform.machine())


def why_no_gpu() -> str:
    """The sentences on why torch cannot use a GPU, and a remedy; empty if it can."""
    if torch.cuda.is_available() or torch.backends.mps.is_available():
        return ""
    driver = gpu_driver()
    if torch.version.cuda is None and torch.version.hip is None:
        if not driver:
            return tr("This torch was built for the CPU only.")
        return tr(
            "This torch was built for the CPU only: run Set up DualStream again with a CUDA build of torch."
        )
    if not driver:
        return tr(
            "No NVIDIA driver was found (nvidia-smi does not answer): there is no GPU, or no driver."
        )
    return tr(
        "The NVIDIA driver {} does not work with this torch, which was built for CUDA {}: install a newer "
        "driver, or run Set up DualStream with an older CUDA build."
    ).format(driver, torch.version.cuda)


def gpu_driver() -> str:
    """The version of the NVIDIA driver; empty without one."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return ""
    query = [command, "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        result = subprocess.run(  # a list, never a shell  # nosec B603
            query, capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return result.stdout.split("\n")[0].strip()


def _torch_device(device: str) -> torch.device:
    if device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda", 0)
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    if device == "all":
        raise DeviceError(
            tr(
                "The device all is for training: choose auto here, or map many scenes with "
                "segment-folder and --on ray, which uses every GPU."
            )
        )
    match = re.fullmatch(r"(cpu|mps|cuda)(?::(\d+))?", device)
    if match is None:
        raise DeviceError(
            tr("The device {!r} is unknown: use auto, cpu, cuda, cuda:0 or mps.").format(device)
        )
    kind, index = match.group(1), int(match.group(2) or 0)
    if kind == "cuda" and not torch.cuda.is_available():
        raise DeviceError(tr("There is no usable GPU. {}").format(why_no_gpu()))
    if kind == "cuda" and index >= torch.cuda.device_count():
        count = torch.cuda.device_count()
        raise DeviceError(
            tr("There is no GPU {}: this machine has {}, counted from 0.").format(index, count)
        )
    if kind == "mps" and not torch.backends.mps.is_available():
        raise DeviceError(tr("There is no Apple GPU here: use auto or cpu."))
    return torch.device("cuda", index) if kind == "cuda" else torch.device(kind)


def _torch_device_of_rank(device: str, ranks: RankInfo) -> torch.device:
    """The device of one of several ranks: the GPU with its local rank, or the CPU."""
    if device not in ("auto", "all", "cuda", "cpu"):
        raise DeviceError(
            tr(
                "The device {!r} is a single one, but this training has {} processes: leave it at "
                "auto for a GPU each, or choose cpu."
            ).format(device, ranks.world_size)
        )
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device == "cpu" or (device == "auto" and not count):
        return torch.device("cpu")
    if not count:
        raise DeviceError(tr("There is no usable GPU. {}").format(why_no_gpu()))
    if ranks.local_rank >= count:
        raise DeviceError(
            tr(
                "There are more processes than GPUs: this machine has {}. Start torchrun with "
                "--nproc-per-node {}, or choose the device cpu."
            ).format(count, count)
        )
    return torch.device("cuda", ranks.local_rank)


def _cpu_capabilities() -> Mapping[str, Any]:
    """Name and instruction sets of the CPU; empty before torch 2.10."""
    get_capabilities: Callable[[], Mapping[str, Any]] = getattr(torch.cpu, "get_capabilities", dict)
    return get_capabilities()


def _default_precision(torch_device: torch.device) -> str:
    if torch_device.type != "cuda":
        return "fp32"
    with torch.cuda.device(torch_device):
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"


def _device_name(torch_device: torch.device) -> str:
    name = hardware_name(torch_device)
    if torch_device.type != "cpu":
        return name
    threads = format_count(torch.get_num_threads(), "{} thread", "{} threads")
    return f"{name} ({threads})"


def describe_machine() -> dict[str, str]:
    """Versions of Python, torch and the driver, and names of the devices, as ``doctor`` prints them."""
    device = choose_device()
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    gpus = ", ".join(torch.cuda.get_device_name(index) for index in range(count))
    return {
        "python": f"{platform.python_version()} ({sys.executable})",
        "platform": platform.platform(),
        "torch": torch.__version__,
        "cuda": torch.version.cuda or "",
        "device": device.name,
        "precision": device.precision,
        "gpu": gpus or ("Apple GPU" if device.torch_device.type == "mps" else ""),
        "driver": gpu_driver(),
        "reason": why_no_gpu(),
    }
