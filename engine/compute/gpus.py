"""The GPUs that torch can use here, and the reason if there is none."""

from __future__ import annotations

import torch

from ..contract.errors import DeviceError
from ..contract.translation import tr
from .gpu_driver import gpu_driver
from .rank_info import RankInfo


def fastest_device() -> tuple[str, int]:
    """Kind and index of the first GPU; the CPU without one."""
    if torch.cuda.is_available():
        return "cuda", 0
    return ("mps" if torch.backends.mps.is_available() else "cpu"), 0


def check_gpu(kind: str, index: int) -> None:
    """Makes sure that there is a GPU of this kind and index.

    Raises:
        DeviceError: If there is none.
    """
    if kind == "cuda" and not torch.cuda.is_available():
        raise DeviceError(tr("There is no usable GPU. {}").format(why_no_gpu()))
    if kind == "cuda" and index >= torch.cuda.device_count():
        count = torch.cuda.device_count()
        raise DeviceError(
            tr("There is no GPU {}: this machine has {}, counted from 0.").format(index, count)
        )
    if kind == "mps" and not torch.backends.mps.is_available():
        raise DeviceError(tr("There is no Apple GPU here: use auto or cpu."))


def device_of_rank(device: str, ranks: RankInfo) -> tuple[str, int]:
    """Kind and index of the device of one of several ranks: the GPU with its local rank, or the CPU.

    Raises:
        DeviceError: If the device does not suit several ranks, or there are too few GPUs.
    """
    if device not in ("auto", "all", "cuda", "cpu"):
        raise DeviceError(
            tr(
                "The device {!r} is a single one, but this training has {} processes: leave it at "
                "auto for a GPU each, or choose cpu."
            ).format(device, ranks.world_size)
        )
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device == "cpu" or (device == "auto" and not count):
        return "cpu", 0
    if not count:
        raise DeviceError(tr("There is no usable GPU. {}").format(why_no_gpu()))
    if ranks.local_rank >= count:
        raise DeviceError(
            tr(
                "There are more processes than GPUs: this machine has {}. Start torchrun with "
                "--nproc-per-node {}, or choose the device cpu."
            ).format(count, count)
        )
    return "cuda", ranks.local_rank


def cuda_name(index: int) -> str:
    """The model name of an NVIDIA or AMD GPU."""
    return torch.cuda.get_device_name(torch.device("cuda", index))


def cuda_precision(index: int) -> str:
    """The default precision of a GPU: bf16 where it has instructions for it, else fp16."""
    with torch.cuda.device(index):
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"


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
