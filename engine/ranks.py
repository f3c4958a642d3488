"""One training in several processes: which of them this is, and what they tell each other.

``torchrun`` starts the processes, the ranks, and tells each by environment variables who it is. Every rank
goes through the same training on its share of the windows; gradients are averaged in every step, so that the
weights stay the same everywhere, and N ranks with a batch of B learn as one process with a batch of N x B.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

#: The longest that a rank waits for the others: reading the data may take one much longer than another.
_PATIENCE = timedelta(hours=2)

_VARIABLES = ("RANK", "LOCAL_RANK", "WORLD_SIZE")


@dataclass(frozen=True)
class Ranks:
    """This process among those of its training.

    Attributes:
        rank: Its number, from 0.
        local: Its number on this machine: that of its GPU.
        world: How many processes there are; 1: it is alone.
    """

    rank: int = 0
    local: int = 0
    world: int = 1

    @classmethod
    def here(cls, environment: Mapping[str, str] = os.environ) -> Ranks:
        """What ``torchrun`` says of this process; alone where it was not started so."""
        told = [environment.get(name, "") for name in _VARIABLES]
        if not all(value.isdigit() for value in told):
            return cls()
        return cls(*map(int, told))

    @property
    def is_first(self) -> bool:
        """Whether it is the one that writes files and reports."""
        return self.rank == 0

    @property
    def are_many(self) -> bool:
        """Whether there are other processes."""
        return self.world > 1


def step_described(ranks: Ranks, batch_size: int, accumulation: int) -> str:
    """From how many windows several processes learn in one step, as a sentence."""
    accumulated = f" x {accumulation} accumulated" if accumulation > 1 else ""
    windows = ranks.world * batch_size * accumulation
    return f"{ranks.world} processes x batch {batch_size}{accumulated} = {windows} windows a step."


def join(ranks: Ranks, place: torch.device) -> None:
    """Connects this process with the others of its training, if there are any. Waits for all of them.

    Args:
        ranks: Which process this is.
        place: Where it computes: through NCCL on NVIDIA GPUs where torch has it, else through gloo.
    """
    if not ranks.are_many or dist.is_initialized():
        return
    is_gpu = place.type == "cuda"
    backend = "nccl" if is_gpu and dist.is_nccl_available() else "gloo"
    if is_gpu:
        torch.cuda.set_device(place)
    dist.init_process_group(backend, timeout=_PATIENCE)


def leave() -> None:
    """Ends the connection; all ranks call it when the training is done."""
    if dist.is_initialized():
        dist.barrier()  # none goes while another still wants something of it
        dist.destroy_process_group()


def summed(values: Sequence[float], place: torch.device) -> list[float]:
    """The sums over all ranks of some numbers, the same on every rank; in one process the numbers.

    Args:
        values: This rank's numbers, as many as any other's.
        place: Where this rank computes.
    """
    if not dist.is_initialized():
        return [float(value) for value in values]
    total = torch.tensor(values, dtype=torch.float64, device=place)
    dist.all_reduce(total)
    return [float(value) for value in total.tolist()]


def least(value: int, place: torch.device) -> int:
    """The smallest of the ranks' numbers, the same on every rank; in one process the number.

    Args:
        value: This rank's number.
        place: Where this rank computes.
    """
    if not dist.is_initialized():
        return value
    smallest = torch.tensor(value, dtype=torch.int64, device=place)
    dist.all_reduce(smallest, dist.ReduceOp.MIN)
    return int(smallest)


def alike(value: int, place: torch.device) -> bool:
    """Whether all ranks have the same number; arguments as of ``least``."""
    return least(value, place) == -least(-value, place)


def weight_of(labelled: Tensor) -> Tensor:
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


def parallel(network: nn.Module, place: torch.device, some_idle: bool = False) -> nn.Module:
    """The network with its gradients averaged over ranks after each backward pass; itself in one process.

    Only weights that learn now take part: call it anew, and drop the old one, when some are frozen or freed.

    Args:
        network: The network, alike in its parts on every rank; rank 0's weights go to all others.
        place: Where it computes.
        some_idle: Whether some of these weights may have no gradient, which costs a search in every step.
    """
    if not dist.is_initialized():
        return network
    return DistributedDataParallel(
        network,
        device_ids=[place.index] if place.type == "cuda" else None,
        gradient_as_bucket_view=True,
        find_unused_parameters=some_idle,
    )
