"""The loss functions by name, each of labelled pixels only: logits (P, K) in fp32 and class indices (P,) to a scalar.

K = 1 is a sigmoid, K >= 2 a softmax. ``segmentation_loss`` combines them over a network's heads.

To add a loss: write its function, add it to ``LOSSES`` or ``PIXEL_LOSSES``, and add its name to ``LOSSES`` of
``contract/joined_names.py``, which has no torch. Its reference is in ``tests/engine/losses/test_losses.py``.

The functions import segmentation_models_pytorch themselves: with timm and a hub client it takes seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from ..compute.arrays import send

#: Probability of the true class above which a pixel is easy, and minimum share of hard pixels.
_OHEM_THRESHOLD, _OHEM_MIN_SHARE = 0.7, 100_000 / (4 * 512 * 512)

#: Share of the pixels that count in ``ohem_quarter``.
_OHEM_SHARE = 0.25

#: Weight of the pixels of any class but the first in ``alpha_focal``; those of the first have 1 - alpha.
_ALPHA = 0.25

#: Smoothing term of the Dice coefficient, which avoids 0 / 0.
_DICE_SMOOTH = 1e-6

#: A loss of labelled pixels: logits (P, K) in fp32 and class indices (P,), P >= 1, to a scalar.
LossFunction = Callable[[Tensor, Tensor], Tensor]


class PixelLoss(Protocol):
    """A loss that is a mean over pixels; every class may have a weight (K,)."""

    def __call__(self, logits: Tensor, target: Tensor, weights: Tensor | None = None) -> Tensor:
        """The mean; with weights ``sum(w l) / sum(w)``, where w is the weight of a pixel's class."""
        ...  # a protocol's body


def cross_entropy(logits: Tensor, target: Tensor, weights: Tensor | None = None) -> Tensor:
    """Mean cross-entropy of the labelled pixels."""
    return _mean(_pixel_cross_entropy(logits, target), target, weights)


def focal(logits: Tensor, target: Tensor, weights: Tensor | None = None) -> Tensor:
    """Mean focal loss ``(1 - p)^2 * -log p`` (Lin et al. 2017, arXiv:1708.02002, eq. 4 with gamma 2).

    p is the probability of the true class. ``FocalLoss("multiclass")`` of segmentation-models-pytorch sums K
    independent sigmoids instead, which does not fit a softmax output.
    """
    entropy = _pixel_cross_entropy(logits, target)
    return _mean((-torch.expm1(-entropy)) ** 2 * entropy, target, weights)


def alpha_focal(logits: Tensor, target: Tensor) -> Tensor:
    """Mean alpha-balanced focal loss ``alpha * (1 - p)^2 * -log p`` (arXiv:1708.02002, eq. 5), alpha 0.25.

    alpha is 0.75 for the first class. The sum is divided by the number of pixels, not by that of their weights.
    """
    entropy = _pixel_cross_entropy(logits, target)
    alpha = torch.where(target > 0, _ALPHA, 1 - _ALPHA)
    return (alpha * (-torch.expm1(-entropy)) ** 2 * entropy).mean()


def lovasz(logits: Tensor, target: Tensor) -> Tensor:
    """Lovász hinge (K = 1) or Lovász softmax over present classes (Berman et al. 2018, arXiv:1705.08790).

    Over all labelled pixels of the batch together, as mIoU is.
    """
    from segmentation_models_pytorch.losses import LovaszLoss

    return LovaszLoss(_mode(logits))(*_as_image(logits, target))  # type: ignore[no-any-return]


def ohem(logits: Tensor, target: Tensor, weights: Tensor | None = None) -> Tensor:
    """Mean cross-entropy of hard pixels: online hard example mining (arXiv:1604.03540), per pixel.

    Hard pixels have a probability of the true class below 0.7; if these are fewer than a tenth of all
    pixels, the hardest tenth is used (100 000 of four tiles of 512 x 512 px). Weights do not change which.
    """
    entropy = _pixel_cross_entropy(logits, target)
    minimum = max(1, round(_OHEM_MIN_SHARE * len(entropy)))
    hard = (entropy > -math.log(_OHEM_THRESHOLD)).nonzero()[:, 0]
    if len(hard) < minimum:
        hard = entropy.topk(minimum).indices
    return _mean(entropy[hard], target[hard], weights)


def lovasz_sigmoid(logits: Tensor, target: Tensor) -> Tensor:
    """Lovász extension of the Jaccard loss of the errors ``|t - p|`` (arXiv:1705.08790, eq. 8), for each image alone.

    p is the sigmoid, where ``lovasz`` takes the margin. For K >= 2 the mean over all classes but the first. An
    image without a pixel of a class gives the largest error.
    """
    probability, member = _foreground(logits, target)
    errors, order = (member - probability).abs().sort(dim=0, descending=True)
    member = member.gather(0, order)
    total = member.sum(dim=0)
    jaccard = 1 - (total - member.cumsum(dim=0)) / (total + (1 - member).cumsum(dim=0))
    return (errors * jaccard.diff(dim=0, prepend=torch.zeros_like(jaccard[:1]))).sum(dim=0).mean()


def ohem_quarter(logits: Tensor, target: Tensor, weights: Tensor | None = None) -> Tensor:
    """Mean cross-entropy of the quarter of the pixels in which it is largest. Weights do not change which."""
    entropy = _pixel_cross_entropy(logits, target)
    hard = entropy.topk(max(1, int(_OHEM_SHARE * len(entropy)))).indices
    return _mean(entropy[hard], target[hard], weights)


def dice(logits: Tensor, target: Tensor) -> Tensor:
    """Mean over classes of ``1 - Dice``; a class without any labelled pixel counts as 0."""
    from segmentation_models_pytorch.losses import DiceLoss

    return DiceLoss(_mode(logits))(*_as_image(logits, target))  # type: ignore[no-any-return]


def focal_dice(logits: Tensor, target: Tensor, weights: Tensor | None = None) -> Tensor:
    """The focal loss plus ``1 - Dice`` of the whole batch, as in the recipe of the building networks.

    ``Dice = (2 sum(p t) + s) / (sum(p) + sum(t) + s)`` with s = 1e-6, of the probabilities p (Milletari et
    al. 2016, arXiv:1606.04797, eq. 1, without the squares). For K >= 2 the mean over all classes but the
    first, including absent ones: their loss is 1 where they are predicted. Weights apply to the focal loss.
    """
    probability, member = _foreground(logits, target)
    overlap = (probability * member).sum(dim=0)
    total = probability.sum(dim=0) + member.sum(dim=0)
    dices = (2 * overlap + _DICE_SMOOTH) / (total + _DICE_SMOOTH)
    return focal(logits, target, weights) + (1 - dices).mean()


#: Losses by name in which classes may have weights.
PIXEL_LOSSES: dict[str, PixelLoss] = {
    "ce": cross_entropy,
    "ohem": ohem,
    "ohem-quarter": ohem_quarter,
    "focal": focal,
    "focal-dice": focal_dice,
}
#: All losses by name. The others weight the classes by themselves: they compare areas, whatever their size.
LOSSES: dict[str, LossFunction] = {
    **PIXEL_LOSSES,
    "alpha-focal": alpha_focal,
    "lovasz": lovasz,
    "lovasz-sigmoid": lovasz_sigmoid,
    "dice": dice,
}
#: Losses that see the pixels of each image alone; the others see those of the whole batch.
IMAGE_LOSSES = ("lovasz-sigmoid",)


def _foreground(logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Probability of each class but the first, and 1 where it is the true one, both (P, K - 1), or (P, 1) for K = 1."""
    probability = logits.sigmoid() if logits.shape[1] == 1 else logits.softmax(dim=1)[:, 1:]
    classes = range(1, probability.shape[1] + 1)
    return probability, torch.stack([target == k for k in classes], dim=1).to(probability.dtype)


def _pixel_cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """``-log p`` of the true class of each pixel, (P,)."""
    if logits.shape[1] == 1:
        binary = target.to(logits.dtype)
        return F.binary_cross_entropy_with_logits(logits[:, 0], binary, reduction="none")
    return F.cross_entropy(logits, target, reduction="none")


def _mean(losses: Tensor, target: Tensor, weights: Tensor | None) -> Tensor:
    """The mean of pixels' losses (P,), weighted by class if there are weights."""
    if weights is None:
        return losses.mean()
    shares = send(weights, losses)[target]
    return (losses * shares).sum() / shares.sum()


def _mode(logits: Tensor) -> str:
    """The mode of the library's losses."""
    return "binary" if logits.shape[1] == 1 else "multiclass"


def _as_image(logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """The pixels as the (1, K, P, 1) and (1, P, 1) image that the library's losses expect."""
    return logits.T[None, :, :, None], target[None, :, None]
