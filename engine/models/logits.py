"""Output of every network, and its meaning: logits to probabilities and classes."""

from __future__ import annotations

from typing import NotRequired, TypedDict

import torch
from torch import Tensor


class Outputs(TypedDict):
    """What a network returns.

    Attributes:
        logits: (B, K, H, W) on the image's grid, fp32.
        auxiliary_logits: In training: logits of further heads, (B, K, h, w) on coarser grids.
    """

    logits: Tensor
    auxiliary_logits: NotRequired[list[Tensor]]


def probabilities(logits: Tensor) -> Tensor:
    """The probability of every class that has a logit, (B, K, H, W) in fp32.

    K = 1 gives the probability of class 1, sigmoid; more give those of classes 0 to K - 1, softmax.
    """
    scores = logits.float()
    return scores.sigmoid() if scores.shape[1] == 1 else scores.softmax(dim=1)


def predicted_classes(logits: Tensor, threshold: float = 0.5) -> Tensor:
    """The class index of every pixel, (B, H, W) int64, of logits (B, K, H, W).

    K = 1: 1 where the probability is above ``threshold``, otherwise 0. More: the largest.
    """
    if logits.shape[1] == 1:
        # The threshold's logit, so that no rounding of a sigmoid comes between.
        minimum = torch.logit(torch.tensor(threshold, dtype=torch.float64)).item()
        return (logits[:, 0].float() > minimum).to(torch.int64)
    return logits.argmax(dim=1)
