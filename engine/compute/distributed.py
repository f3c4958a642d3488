"""One training in several processes: which of them this is, and what they tell each other.

``torchrun`` starts the processes, the ranks, and tells each by environment variables who it is. Every rank
goes through the same training on its share of the windows; gradients are averaged in every step, so that the
weights stay the same everywhere, and N ranks with a batch of B learn as one process with a batch of N x B; on a CPU
only almost so where a network has batch norms, see ``sync_norms``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parallel import DistributedDataParallel

from ..contract.protocol import Event, Warned

Value = TypeVar("Value")

#: The longest that a rank waits for the others: reading the data may take one much longer than another.
_PATIENCE = timedelta(hours=2)

_VARIABLES = ("RANK", "LOCAL_RANK", "WORLD_SIZE")


@dataclass(frozen=True)
class RankInfo:
    """This process among those of its training.

    Attributes:
        rank: Its number, from 0.
        local_rank: Its number on this machine: that of its GPU.
        world_size: How many processes there are; 1: it is alone.
    """

    rank: int = 0
    local_rank: int = 0
    world_size: int = 1

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> RankInfo:
        """What ``torchrun`` says of this process; alone where it was not started so."""
        told = [environment.get(name, "") for name in _VARIABLES]
        if not all(value.isdigit() for value in told):
            return cls()
        return cls(*map(int, told))

    @property
    def is_main_process(self) -> bool:
        """Whether it is the one that writes files and reports."""
        return self.rank == 0

    @property
    def is_distributed(self) -> bool:
        """Whether there are other processes."""
        return self.world_size > 1


def describe_step(ranks: RankInfo, batch_size: int, accumulation: int) -> str:
    """From how many windows several processes learn in one step, as a sentence."""
    accumulated = f" x {accumulation} accumulated" if accumulation > 1 else ""
    windows = ranks.world_size * batch_size * accumulation
    return f"{ranks.world_size} processes x batch {batch_size}{accumulated} = {windows} windows a step."


def connect_ranks(ranks: RankInfo, torch_device: torch.device) -> None:
    """Connects this process with the others of its training, if there are any. Waits for all of them.

    Args:
        ranks: Which process this is.
        torch_device: Where it computes: through NCCL on NVIDIA GPUs where torch has it, else through gloo.
    """
    if not ranks.is_distributed or dist.is_initialized():
        return
    is_gpu = torch_device.type == "cuda"
    backend = "nccl" if is_gpu and dist.is_nccl_available() else "gloo"
    if is_gpu:
        torch.cuda.set_device(torch_device)
    dist.init_process_group(backend, timeout=_PATIENCE)


def disconnect_ranks() -> None:
    """Ends the connection; all ranks call it when the training is done."""
    if dist.is_initialized():
        dist.barrier()  # none goes while another still wants something of it
        dist.destroy_process_group()


def gathered(value: Value) -> list[Value]:
    """The values of all ranks in their order, the same on every rank; in one process its own alone."""
    if not dist.is_initialized():
        return [value]
    values: list[Any] = [None] * dist.get_world_size()
    dist.all_gather_object(values, value)
    return values


def pixel_weight(labelled: Tensor) -> Tensor:
    """What a rank's mean over its labelled pixels counts in the mean over all ranks; 1 in one process.

    Gradients are averaged over ranks as if each had as many labelled pixels; multiplied by this, the average
    is the mean over all pixels, as in one process with all windows.

    Args:
        labelled: The number of this rank's labelled pixels in the step, a scalar.
    """
    own = labelled.to(torch.float32)
    if not dist.is_initialized():
        return torch.ones_like(own)
    total = own.clone()
    dist.all_reduce(total)
    return own * dist.get_world_size() / total.clamp(min=1)


def wrap_ddp(
    network: nn.Module, torch_device: torch.device, find_unused: bool = False
) -> nn.Module:
    """The network with its gradients averaged over ranks after each backward pass; itself in one process.

    Only weights that learn now take part: call it anew, and drop the old one, when some are frozen or freed.

    Args:
        network: The network, alike in its parts on every rank; rank 0's weights go to all others.
        torch_device: Where it computes.
        find_unused: Whether some of these weights may have no gradient, which costs a search in every step.
    """
    if not dist.is_initialized():
        return network
    return DistributedDataParallel(
        network,
        device_ids=[torch_device.index] if torch_device.type == "cuda" else None,
        gradient_as_bucket_view=True,
        find_unused_parameters=find_unused,
    )


def sync_norms(
    network: nn.Module, torch_device: torch.device, emit: Callable[[Event], None]
) -> nn.Module:
    """Has batch norms take the statistics of all ranks' batches, as of one joined batch, where torch can.

    torch's ``SyncBatchNorm`` refuses tensors of a CPU: there each rank normalises by its own windows, and the running
    statistics are rank 0's, which ``DistributedDataParallel`` sends to the others in every step.

    Args:
        network: The network; names and tensors of its weights stay.
        torch_device: Where it computes.
        emit: Callback for the warning that processes on a CPU do not learn exactly as one process does.

    Returns:
        The network to train.
    """
    if torch_device.type == "cuda":
        synced: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(network)  # type: ignore[no-untyped-call]
        return synced
    if any(isinstance(module, _BatchNorm) for module in network.modules()):
        emit(
            Warned(
                "On a CPU each process normalises by the windows of its own batch (batch norm): the weights differ "
                "slightly from those of one process with the joined batch."
            )
        )
    return network


def share_buffers(network: nn.Module) -> None:
    """Gives every rank the buffers of rank 0's network, such as the running statistics that are saved."""
    if dist.is_initialized():
        for buffer in network.buffers():
            dist.broadcast(buffer, 0)
