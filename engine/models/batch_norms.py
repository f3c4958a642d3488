"""Batch norms in small batches and in frozen encoders.

A batch norm takes no statistics of a single value: torch refuses it. Branches that pool a tile to one
pixel (ASPP; CMX's coarsest map of a tile of 32 px) come to that when the last batch of an epoch is one
tile, and then use the running statistics, as in evaluation.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

#: Marks a batch norm that is in evaluation mode for one call only.
_SPARED = "spared_single_value"


def use_running_stats_for_single_values(network: nn.Module) -> None:
    """Has every batch norm of a network use its running statistics where it sees one value a channel.

    Nothing else changes, neither the state dict nor what copies of the network do.
    """
    for norm in batch_norms(network):
        norm.register_forward_pre_hook(_before)
        norm.register_forward_hook(_after, always_call=True)


def batch_norms(network: nn.Module) -> list[_BatchNorm]:
    """All batch norms in a network, of any dimension."""
    return [module for module in network.modules() if isinstance(module, _BatchNorm)]


# Functions of the module, not closures: deepcopy, and with it weight averaging, copies hooks.


def _before(norm: nn.Module, arguments: tuple[Tensor, ...]) -> None:
    if norm.training and arguments[0][:, 0].numel() == 1:
        norm.training = False
        setattr(norm, _SPARED, True)


def _after(norm: nn.Module, _arguments: Any, _normed: Any) -> None:
    if getattr(norm, _SPARED, False):
        norm.training = True
        delattr(norm, _SPARED)
