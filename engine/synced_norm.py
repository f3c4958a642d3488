"""Batch norms of one network in several processes: statistics of all their batches, as of one joined batch.

Left alone, every process would normalise its own few windows. torch's own ``SyncBatchNorm`` joins them on
GPUs and refuses tensors of a processor; ``SyncedNorm`` does the same there. Both keep the names of the
weights, so that the model file does not tell how many processes trained it.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn.modules.batchnorm import _BatchNorm


class SyncedNorm(_BatchNorm):
    """A batch norm over the batches of all processes, which may be of unequal size, even empty.

    In evaluation, and where there is one process, an ordinary batch norm.
    """

    def _check_input_dim(self, input: Tensor) -> None:
        """Takes (B, C) and anything of more dimensions."""
        if input.ndim < 2:
            raise ValueError(f"a batch norm needs (B, C, ...), not {tuple(input.shape)}")

    def forward(self, input: Tensor) -> Tensor:
        """The batch (B, C, ...) with mean 0 and variance 1 a channel, scaled and shifted.

        In training all processes must call it, in the same order.
        """
        if not self.training or not dist.is_initialized():
            return super().forward(input)
        self._check_input_dim(input)
        normed: Tensor
        normed, mean, variance, count = _Joined.apply(input, self.weight, self.bias, self.eps)
        self._remember(mean, variance, count)
        return normed

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor, count: Tensor) -> None:
        """Moves the running statistics towards a batch's: the variance as of a sample (n - 1)."""
        if self.running_mean is None or self.running_var is None:
            return
        if self.num_batches_tracked is None:
            raise AssertionError("running statistics without a counter")
        self.num_batches_tracked.add_(1)
        tracked = int(self.num_batches_tracked)
        share = 1.0 / tracked if self.momentum is None else self.momentum
        unbiased = variance * count / (count - 1).clamp(min=1)
        self.running_mean.lerp_(mean.to(self.running_mean), share)
        self.running_var.lerp_(unbiased.to(self.running_var), share)


class _Joined(torch.autograd.Function):
    """Normalises by the statistics of all processes; returns these too: mean, variance, count."""

    @staticmethod
    def forward(ctx: Any, input: Tensor, weight: Any, bias: Any, eps: float) -> tuple[Tensor, ...]:
        """Standardised values of ``input`` (B, C, ...) in its type, then mean, variance (C,) and count."""
        values, dims = input.float(), _all_but_channels(input)
        # In double precision, and about the mean: the difference of two large sums would cancel.
        own = torch.full((1,), input.numel() // input.shape[1], dtype=torch.float64)
        summed = torch.cat([values.sum(dims, dtype=torch.float64), own.to(input.device)])
        dist.all_reduce(summed)
        count = summed[-1].clamp(min=1)
        mean = summed[:-1] / count
        centred = values - _along(mean.float(), input)
        squares = centred.square().sum(dims, dtype=torch.float64)
        dist.all_reduce(squares)
        variance = squares / count
        scale = (variance + eps).rsqrt().float()
        normed = centred * _along(scale, input)
        ctx.save_for_backward(normed, weight, scale, count)
        ctx.bias_dtype = None if bias is None else bias.dtype
        result = normed if weight is None else normed * _along(weight.float(), input)
        result = result if bias is None else result + _along(bias.float(), input)
        ctx.mark_non_differentiable(mean, variance, count)
        return result.to(input.dtype), mean, variance, count

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor, *_: Any) -> tuple[Tensor | None, ...]:
        """Gradients of input, weight and bias; the input's counts what it moves in all processes."""
        normed, weight, scale, count = ctx.saved_tensors
        values, dims = grad.float(), _all_but_channels(grad)
        of_bias = values.sum(dims, dtype=torch.float64)
        of_weight = (values * normed).sum(dims, dtype=torch.float64)
        # Each value moves the mean and variance of all: their gradients are summed over the processes.
        # Those of weight and bias stay this process's own, as of any other parameter.
        joined = torch.cat([of_bias, of_weight])
        dist.all_reduce(joined)
        by_mean, by_variance = (joined / count).float().chunk(2)
        factor = scale if weight is None else scale * weight.float()
        centred = values - _along(by_mean, grad) - normed * _along(by_variance, grad)
        return (
            (centred * _along(factor, grad)).to(grad.dtype),
            None if weight is None else of_weight.to(weight.dtype),
            of_bias.to(ctx.bias_dtype) if ctx.bias_dtype else None,
            None,
        )


def _all_but_channels(input: Tensor) -> list[int]:
    return [0, *range(2, input.ndim)]


def _along(values: Tensor, like: Tensor) -> Tensor:
    """One value a channel (C,), in the shape that acts on (B, C, ...)."""
    return values.reshape(1, -1, *[1] * (like.ndim - 2))


def sync_norms(network: nn.Module, place: torch.device) -> nn.Module:
    """Has the batch norms of a network take the statistics of all processes' batches.

    Whatever else a batch norm did in small batches, see ``models.batch_norms``, it does no more: together
    the processes have more than one value a channel.

    Args:
        network: The network; its norms are replaced in place, with the same weights and names.
        place: Where it computes.

    Returns:
        The network, or what replaces it where it is a batch norm itself.
    """
    if place.type == "cuda":
        synced: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(network)  # type: ignore[no-untyped-call]
        return synced
    if isinstance(network, _BatchNorm):
        return _synced(network)
    for path, module in list(network.named_modules()):
        if isinstance(module, _BatchNorm):
            owner, _, name = path.rpartition(".")
            setattr(network.get_submodule(owner), name, _synced(module))
    return network


def _synced(norm: _BatchNorm) -> SyncedNorm:
    """The norm as one over all processes, with its own tensors."""
    made = SyncedNorm(
        norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats
    )
    for name, parameter in norm.named_parameters(recurse=False):
        made.register_parameter(name, parameter)
    for name, buffer in norm.named_buffers(recurse=False):
        made.register_buffer(name, buffer)
    made.training = norm.training
    return made
