"""The rank of this process in a distributed training, from the environment variables of ``torchrun``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class RankInfo:
    """The rank of this process in its training.

    Attributes:
        rank: Rank, from 0.
        local_rank: Rank on this machine, which is the index of its GPU.
        world_size: Number of processes; 1: not distributed.
    """

    rank: int = 0
    local_rank: int = 0
    world_size: int = 1

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> RankInfo:
        """The rank from the environment variables of ``torchrun``; not distributed without them."""
        values = [environment.get(name, "") for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE")]
        return cls(*map(int, values)) if all(value.isdigit() for value in values) else cls()

    @property
    def is_main_process(self) -> bool:
        """Whether this process writes files and emits events."""
        return self.rank == 0

    @property
    def is_distributed(self) -> bool:
        """Whether there are other processes."""
        return self.world_size > 1


#: The rank of a process that trains alone.
SINGLE_PROCESS = RankInfo()
