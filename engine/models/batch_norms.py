"""Batch norms that see a single value per channel use their running statistics, as in evaluation.

torch raises an error there, because one value has no variance. It happens in branches that pool a tile to one pixel
(ASPP; CMX's coarsest map of a tile of 32 px) when the last batch of an epoch is one tile.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

#: Attribute of a batch norm that is in evaluation mode for one call only.
_IS_TEMPORARY = "spared_single_value"


def use_running_stats_for_single_values(network: nn.Module) -> None:
    """Makes every batch norm of a network use its running statistics for one value per channel.

    The state dict does not change, and copies of the network do the same.
    """
    for norm in batch_norms(network):
        norm.register_forward_pre_hook(_enter_evaluation)
        norm.register_forward_hook(_leave_evaluation, always_call=True)


def batch_norms(network: nn.Module) -> list[_BatchNorm]:
    """All batch norms in a network, of any dimension."""
    return [module for module in network.modules() if isinstance(module, _BatchNorm)]


# Functions of the module, not closures: deepcopy, and with it weight averaging, copies hooks.


def _enter_evaluation(norm: nn.Module, inputs: tuple[Tensor, ...]) -> None:
    if norm.training and inputs[0][:, 0].numel() == 1:
        norm.training = False
        setattr(norm, _IS_TEMPORARY, True)


def _leave_evaluation(norm: nn.Module, _inputs: Any, _output: Any) -> None:
    if getattr(norm, _IS_TEMPORARY, False):
        norm.training = True
        delattr(norm, _IS_TEMPORARY)
