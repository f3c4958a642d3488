"""Distributed training in several processes (ranks) that ``torchrun`` starts.

Every rank goes through the same training on its share of the windows. Gradients are averaged in every step, so that
all ranks have the same weights, and N ranks with a batch of B learn as one process with a batch of N x B. Networks with
batch norms do so only approximately on a CPU, see ``sync_batch_norms``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parallel import DistributedDataParallel

from ..contract.protocol import Event, Warned
from ..contract.translation import tr
from .rank_info import RankInfo

Value = TypeVar("Value")

#: Longest time that a rank waits for the others: one may need much longer to read its data.
_TIMEOUT = timedelta(hours=2)


def describe_step(ranks: RankInfo, batch_size: int, accumulation: int) -> str:
    """A sentence about the effective batch size of several processes."""
    processes, windows = ranks.world_size, ranks.world_size * batch_size * accumulation
    if accumulation == 1:
        text = tr("Learning in {} processes x batch {} = {} tiles a step.")
        return text.format(processes, batch_size, windows)
    text = tr("Learning in {} processes x batch {} x {} accumulated = {} tiles a step.")
    return text.format(processes, batch_size, accumulation, windows)


def connect_ranks(ranks: RankInfo, torch_device: torch.device) -> None:
    """Connects this process with the other ranks, if there are any, and waits for all of them.

    The backend is NCCL on GPUs if torch has it, else gloo.
    """
    if not ranks.is_distributed or dist.is_initialized():
        return
    is_gpu = torch_device.type == "cuda"
    backend = "nccl" if is_gpu and dist.is_nccl_available() else "gloo"
    if is_gpu:
        torch.cuda.set_device(torch_device)
    dist.init_process_group(backend, timeout=_TIMEOUT)


def disconnect_ranks() -> None:
    """Ends the connection; all ranks call it after the training."""
    if dist.is_initialized():
        dist.barrier()  # no rank may leave before the others have its data
        dist.destroy_process_group()


def all_gather(value: Value) -> list[Value]:
    """The values of all ranks in rank order; ``[value]`` in one process."""
    if not dist.is_initialized():
        return [value]
    values: list[Any] = [None] * dist.get_world_size()
    dist.all_gather_object(values, value)
    return values


def pixel_weight(labelled: Tensor) -> Tensor:
    """Weight of a rank's loss, a mean over its labelled pixels; 1 in one process.

    Gradients are averaged over ranks with equal weights. Multiplied by this weight, they average to the gradient of
    the mean over the pixels of all ranks, as in one process with all windows.

    Args:
        labelled: Number of labelled pixels of this rank in the step, a scalar.
    """
    count = labelled.to(torch.float32)
    if not dist.is_initialized():
        return torch.ones_like(count)
    total = count.clone()
    dist.all_reduce(total)
    return count * dist.get_world_size() / total.clamp(min=1)


def wrap_ddp(
    network: nn.Module, torch_device: torch.device, find_unused: bool = False
) -> nn.Module:
    """Wraps the network to average gradients over ranks in each backward pass; unchanged in one process.

    Only weights with ``requires_grad`` take part: wrap the network again when some are frozen or unfrozen.

    Args:
        network: The network, of the same architecture on every rank; all ranks take the weights of rank 0.
        torch_device: The device of the network.
        find_unused: Whether some weights may have no gradient, which costs a search in every step.
    """
    if not dist.is_initialized():
        return network
    return DistributedDataParallel(
        network,
        device_ids=[torch_device.index] if torch_device.type == "cuda" else None,
        gradient_as_bucket_view=True,
        find_unused_parameters=find_unused,
    )


def sync_batch_norms(
    network: nn.Module, torch_device: torch.device, emit: Callable[[Event], None]
) -> nn.Module:
    """Makes batch norms use the statistics of all ranks' batches, on GPUs only.

    torch's ``SyncBatchNorm`` does not support CPU tensors: there each rank normalises by its own windows, and
    ``DistributedDataParallel`` sends the running statistics of rank 0 to the others in every step.

    Args:
        network: The network; names and tensors of its weights stay.
        torch_device: The device of the network.
        emit: Callback for the warning that ranks on a CPU do not learn exactly as one process does.

    Returns:
        The network to train.
    """
    if torch_device.type == "cuda":
        synced: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(network)  # type: ignore[no-untyped-call]
        return synced
    if any(isinstance(module, _BatchNorm) for module in network.modules()):
        emit(
            Warned(
                tr(
                    "On a CPU each process normalises by the tiles of its own batch (batch norm): the "
                    "weights differ slightly from those of one process with the joined batch."
                )
            )
        )
    return network


def share_buffers(network: nn.Module) -> None:
    """Copies the buffers of rank 0, such as running statistics, to all ranks."""
    if dist.is_initialized():
        for buffer in network.buffers():
            dist.broadcast(buffer, 0)


def share_weights(network: nn.Module) -> None:
    """Copies the weights and buffers of rank 0 to all ranks."""
    if dist.is_initialized():
        for parameter in network.parameters():
            dist.broadcast(parameter.data, 0)
    share_buffers(network)
