"""The output of every network: logits, and the probabilities and classes that they mean."""

from __future__ import annotations

from typing import NotRequired, TypedDict

import torch
from torch import Tensor


class Outputs(TypedDict):
    """The outputs of a network.

    Attributes:
        logits: (B, K, H, W) on the image's grid, fp32.
        features: (B, C, H / 8, W / 8) of encoder and decoder, for a ``LandSummary``, if the network ``gives_features``;
            in training some networks leave them out.
        auxiliary_logits: In training only: the logits (B, K, h, w) of auxiliary heads, on coarser grids.
    """

    logits: Tensor
    features: NotRequired[Tensor]
    auxiliary_logits: NotRequired[list[Tensor]]


def probabilities(logits: Tensor) -> Tensor:
    """The probabilities (B, K, H, W) in fp32 of logits (B, K, H, W).

    K = 1: the sigmoid, for class 1. More: the softmax, for classes 0 to K - 1. Where a logit is not finite, NaN.
    """
    logits = logits.float()
    values = logits.sigmoid() if logits.shape[1] == 1 else logits.softmax(dim=1)
    # The sigmoid of infinity is 1: a computation that overflowed would look like certainty. This adds 0 or NaN.
    return values + (logits - logits)


def predicted_classes(logits: Tensor, threshold: float = 0.5) -> Tensor:
    """The class index of every pixel, (B, H, W) int64, of logits (B, K, H, W).

    K = 1: 1 where the probability is above ``threshold``, otherwise 0. More: the argmax.
    """
    if logits.shape[1] == 1:
        # The threshold's logit, because a sigmoid would round.
        minimum = torch.logit(torch.tensor(threshold, dtype=torch.float64)).item()
        return (logits[:, 0].float() > minimum).to(torch.int64)
    return logits.argmax(dim=1)
