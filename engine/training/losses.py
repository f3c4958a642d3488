"""Losses by name, summed over a network's heads; ignored pixels count nowhere.

Pixels are chosen here, once: a loss itself only ever sees the labelled pixels of a batch, as logits
(P, K) in fp32 and class indices (P,). K = 1 is a sigmoid, K >= 2 a softmax.

The library of losses is imported where it is used: it brings timm and a hub client along, seconds
that every worker process of a data loader would pay for ``IGNORE_INDEX``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..contract.class_table import IGNORE_INDEX
from ..models.logits import Outputs

#: Weights of the auxiliary heads, on stages 2 and 3; the final head's is 1.
AUXILIARY_WEIGHTS = (0.3, 0.15)

#: A true class's probability from which on a pixel is easy, and the least share of pixels mined.
_OHEM_THRESHOLD, _OHEM_MIN_SHARE = 0.7, 100_000 / (4 * 512 * 512)

#: Keeps the Dice coefficient of nothing at all from being 0 / 0.
_DICE_SMOOTH = 1e-6

#: A loss of labelled pixels: logits (P, K) in fp32 and class indices (P,), P >= 1, to a scalar.
LossFunction = Callable[[Tensor, Tensor], Tensor]


def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Mean cross-entropy of the labelled pixels."""
    return _pixel_cross_entropy(logits, target).mean()


def focal(logits: Tensor, target: Tensor, gamma: float = 2.0) -> Tensor:
    """Mean focal loss ``(1 - p)^gamma * -log p`` (Lin et al. 2017, arXiv:1708.02002, eq. 4).

    For K >= 2 p is the softmax's probability of the true class. ``FocalLoss("multiclass")`` of
    segmentation-models-pytorch sums K independent sigmoids instead: another loss than that of the
    probabilities that this network reports.
    """
    if logits.shape[1] == 1:
        from segmentation_models_pytorch.losses import FocalLoss

        return FocalLoss(_mode(logits), gamma=gamma)(logits, target)  # type: ignore[no-any-return]
    entropy = _pixel_cross_entropy(logits, target)
    return ((-torch.expm1(-entropy)) ** gamma * entropy).mean()


def lovasz(logits: Tensor, target: Tensor) -> Tensor:
    """Lovász hinge (K = 1) or Lovász softmax over present classes (Berman et al. 2018, 1705.08790).

    Over all labelled pixels of the batch together, as mIoU is.
    """
    from segmentation_models_pytorch.losses import LovaszLoss

    return LovaszLoss(_mode(logits))(*_as_image(logits, target))  # type: ignore[no-any-return]


def ohem(logits: Tensor, target: Tensor) -> Tensor:
    """Mean cross-entropy of the hard pixels: online hard example mining (1604.03540), per pixel.

    Hard are pixels whose true class has a probability below 0.7; where these are fewer than a tenth
    of all, the hardest tenth (100 000 of four tiles of 512 x 512 px).
    """
    entropy = _pixel_cross_entropy(logits, target)
    minimum = max(1, round(_OHEM_MIN_SHARE * len(entropy)))
    hard = entropy[entropy > -math.log(_OHEM_THRESHOLD)]
    return (hard if len(hard) >= minimum else entropy.topk(minimum).values).mean()


def dice(logits: Tensor, target: Tensor) -> Tensor:
    """Mean over classes of ``1 - Dice``; a class without any labelled pixel counts as 0."""
    from segmentation_models_pytorch.losses import DiceLoss

    return DiceLoss(_mode(logits))(*_as_image(logits, target))  # type: ignore[no-any-return]


def focal_dice(logits: Tensor, target: Tensor) -> Tensor:
    """The focal loss plus ``1 - Dice`` of the whole batch, as building footprints are learnt with.

    ``Dice = (2 sum(p t) + s) / (sum(p) + sum(t) + s)`` with s = 1e-6, of the probabilities p as they
    are (Milletari et al. 2016, arXiv:1606.04797, eq. 1, without the squares). For K >= 2 its mean
    over all classes but the first, an absent one counted: 1 where it is seen nonetheless.
    """
    share = logits.sigmoid() if logits.shape[1] == 1 else logits.softmax(dim=1)[:, 1:]
    member = torch.stack([target == k for k in range(1, share.shape[1] + 1)], dim=1).to(share.dtype)
    overlap, total = (share * member).sum(dim=0), share.sum(dim=0) + member.sum(dim=0)
    dices = (2 * overlap + _DICE_SMOOTH) / (total + _DICE_SMOOTH)
    return focal(logits, target) + (1 - dices).mean()


#: Every loss by name.
LOSSES: dict[str, LossFunction] = {
    "ce": cross_entropy,
    "ohem": ohem,
    "focal": focal,
    "lovasz": lovasz,
    "dice": dice,
    "focal-dice": focal_dice,
}


class SegmentationLoss(nn.Module):
    """A weighted sum of losses, summed over heads: final 1, stage 2 0.3, stage 3 0.15."""

    def __init__(
        self,
        terms: Sequence[tuple[float, LossFunction]],
        classes: int,
        logit_adjustment: Sequence[float] = (),
    ) -> None:
        """Sums ``terms``, pairs of weight and loss, for a network with ``classes`` logits.

        ``logit_adjustment`` is added to the logits of every pixel before they are judged, see
        ``compute_logit_adjustment``; none: nothing is.
        """
        super().__init__()
        self.terms = terms
        self.classes = classes
        self.logit_adjustment = torch.tensor(logit_adjustment) if any(logit_adjustment) else None

    def forward(self, outputs: Outputs, target: Tensor) -> Tensor:
        """The loss of a batch, a scalar in fp32 whatever the precision of the logits.

        Args:
            outputs: ``logits`` (B, K, h, w), and in training ``auxiliary_logits``, a list of the
                same. Logits on a coarser grid than the target are enlarged bilinearly: reducing
                the target instead would drop thin classes from the auxiliary heads.
            target: Class indices, (B, H, W) int64, ``IGNORE_INDEX`` where there is no label.

        Returns:
            Without any labelled pixel a zero, through which gradient (of zero) flows.
        """
        # Looked for once: a GPU is waited for until it has counted them.
        chosen = (target != IGNORE_INDEX).nonzero(as_tuple=True)
        labels = target[chosen]
        total = self._of_head(outputs["logits"], target, chosen, labels)
        for weight, logits in zip(AUXILIARY_WEIGHTS, outputs.get("auxiliary_logits", [])):
            total = total + weight * self._of_head(logits, target, chosen, labels)
        return total

    def _of_head(
        self, logits: Tensor, target: Tensor, chosen: tuple[Tensor, ...], classes: Tensor
    ) -> Tensor:
        """The loss of a head at the pixels that are chosen, whose labels are ``classes``."""
        if logits.shape[1] != self.classes:
            raise ValueError(f"{logits.shape[1]} logits given to a loss of {self.classes}")
        # Sums over a million pixels do not fit 16 bits, and autocast would bring them back.
        with torch.autocast(logits.device.type, enabled=False):
            scores = logits.float()
            if scores.shape[-2:] != target.shape[-2:]:
                scores = F.interpolate(
                    scores, target.shape[-2:], mode="bilinear", align_corners=False
                )
            pixels = scores.movedim(1, -1)[chosen]
            if self.logit_adjustment is not None:
                pixels = pixels + self.logit_adjustment.to(pixels.device, non_blocking=True)
            if not len(classes):
                return scores.sum() * 0.0
            return sum((w * term(pixels, classes) for w, term in self.terms), scores.new_zeros(()))


def compute_logit_adjustment(counts: Sequence[int], strength: float) -> list[float]:
    """What is added to each class's logit in training, so that rare classes are found later on.

    Logit adjustment (Menon et al. 2021, arXiv:2007.07314, eq. 10): ``strength * log(share)``. A network
    that is right in spite of it favours a class without it by ``share ** -strength``: not at all at 0,
    as if all were equally frequent at 1.

    Args:
        counts: Labelled pixels of each class, above 0.
        strength: 0 to 1.

    Returns:
        One number a logit: of both classes' difference where there are two, else one a class.
    """
    logs = [strength * math.log(count / sum(counts)) for count in counts]
    return [logs[1] - logs[0]] if len(logs) == 2 else logs


def _pixel_cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """``-log p`` of the true class of each pixel, (P,)."""
    if logits.shape[1] == 1:
        binary = target.to(logits.dtype)
        return F.binary_cross_entropy_with_logits(logits[:, 0], binary, reduction="none")
    return F.cross_entropy(logits, target, reduction="none")


def _mode(logits: Tensor) -> str:
    """The library's word for a sigmoid or a softmax."""
    return "binary" if logits.shape[1] == 1 else "multiclass"


def _as_image(logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """The pixels as the (1, K, P, 1) and (1, P, 1) image that the library's losses expect."""
    return logits.T[None, :, :, None], target[None, :, None]
