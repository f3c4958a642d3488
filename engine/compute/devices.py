"""The device and precision of a run. torch is loaded only where a GPU may exist, or one was asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..contract.errors import DeviceError, format_count
from ..contract.translation import tr
from .gpu_driver import has_torch, may_have_gpu
from .rank_info import SINGLE_PROCESS, RankInfo
from .threads import thread_count

if TYPE_CHECKING:
    import torch

_TORCH_TYPES = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}


@dataclass(frozen=True)
class Device:
    """A device and the precision of computations on it.

    Attributes:
        kind: cpu, cuda or mps.
        index: Number of the GPU, from 0; 0 for other devices.
        name: The name for users, e.g. ``NVIDIA H200 (cuda:0)``, ``CPU (8 threads)`` or, in a distributed
            training, ``4 x NVIDIA H200``.
        precision: fp32, bf16 or fp16.
        is_precision_auto: Whether the user left the precision open, so that a training or the rule of runtimes may change it.
    """

    kind: str
    index: int
    name: str
    precision: str
    is_precision_auto: bool = False

    @property
    def torch_device(self) -> torch.device:
        """Torch's device; loads torch."""
        import torch

        if self.kind == "cuda":
            return torch.device(self.kind, self.index)
        return torch.device(self.kind)

    def autocast(self) -> torch.autocast:
        """The autocast context of forward passes; loads torch."""
        import torch

        dtype = getattr(torch, _TORCH_TYPES[self.precision])
        return torch.autocast(self.kind, dtype, enabled=dtype is not torch.float32)


def choose_device(
    device: str = "auto", precision: str = "auto", ranks: RankInfo = SINGLE_PROCESS
) -> Device:
    """Chooses the device and precision; each rank of a distributed training gets a different GPU.

    Args:
        device: auto, cpu, cuda, cuda:N or mps; in a distributed training auto, cpu, cuda or all.
        precision: auto, fp32, bf16 or fp16; auto is mixed precision on CUDA and fp32 elsewhere; a
            training or the rule of runtimes may change that.
        ranks: The rank of this process in a distributed training.

    Raises:
        DeviceError: If the device does not exist, or cannot compute in that precision.
    """
    is_precision_auto = precision == "auto"
    kind, index = _choose(device, ranks)
    if is_precision_auto:
        precision = _default_precision(kind, index)
    if precision == "fp16" and kind == "cpu":
        raise DeviceError(tr("A CPU does not train or segment in fp16: use auto, fp32 or bf16."))
    if precision != "fp32" and not has_torch():
        raise DeviceError(
            tr(
                "The precision {} needs PyTorch, which this engine does not have: run Set up DualStream "
                "for the full engine, or use auto."
            ).format(precision)
        )
    name = hardware_name(kind, index)
    if kind == "cpu":
        threads = format_count(thread_count(), "{} thread", "{} threads")
        name = f"{name} ({threads})"
    if ranks.is_distributed:
        name = f"{ranks.world_size} x {name.removesuffix(f' (cuda:{index})')}"
    return Device(kind, index, name, precision, is_precision_auto)


def hardware_name(kind: str, index: int) -> str:
    """The GPU's model and number, "Apple GPU (mps)" or "CPU"."""
    if kind == "cuda":
        from .gpus import cuda_name

        return f"{cuda_name(index)} (cuda:{index})"
    return "Apple GPU (mps)" if kind == "mps" else "CPU"


def gpu_count() -> int:
    """Number of NVIDIA and AMD GPUs that torch can use."""
    if not may_have_gpu():
        return 0
    import torch

    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def _choose(device: str, ranks: RankInfo) -> tuple[str, int]:
    """Kind and index of a device."""
    if ranks.is_distributed:
        from .gpus import device_of_rank

        return device_of_rank(device, ranks)
    if device == "auto":
        if not may_have_gpu():
            return "cpu", 0
        from .gpus import fastest_device

        return fastest_device()
    kind, index = _parse(device)
    if kind != "cpu":
        _check_gpu(kind, index, device)
    return kind, index


def _parse(device: str) -> tuple[str, int]:
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
    return match.group(1), int(match.group(2) or 0) if match.group(1) == "cuda" else 0


def _check_gpu(kind: str, index: int, device: str) -> None:
    if not has_torch():
        raise DeviceError(
            tr(
                "The device {} needs PyTorch, which this engine does not have: run Set up DualStream "
                "for the full engine, or use auto."
            ).format(device)
        )
    from .gpus import check_gpu

    check_gpu(kind, index)


def _default_precision(kind: str, index: int) -> str:
    if kind != "cuda":
        return "fp32"
    from .gpus import cuda_precision

    return cuda_precision(index)
