"""Losses by name, combined as a weighted sum over losses and network heads; ignored pixels do not count.

``SegmentationLoss`` selects the labelled pixels once; a loss of ``loss_functions`` gets logits (P, K) in fp32 and
class indices (P,) of these pixels.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..compute.arrays import send
from ..contract.class_table import IGNORE_INDEX
from ..contract.errors import JobError
from ..contract.joined_names import check_loss
from ..contract.translation import tr
from ..models.logits import Outputs
from .loss_functions import IMAGE_LOSSES, LOSSES, PIXEL_LOSSES, LossFunction

#: Weights of the auxiliary heads on stages 2 and 3; the final head has weight 1.
AUXILIARY_WEIGHTS = (0.3, 0.15)


@dataclass(frozen=True)
class LossTerm:
    """A loss in a weighted sum.

    Attributes:
        weight: Its weight.
        function: The loss.
        is_by_image: Whether it is the mean over the images of a batch; otherwise it sees all their pixels together.
    """

    weight: float
    function: LossFunction
    is_by_image: bool = False

    def of(self, logits: Tensor, labels: Tensor, counts: list[int]) -> Tensor:
        """The weighted loss.

        Args:
            logits: Logits of labelled pixels (P, K), image by image.
            labels: Their class indices (P,).
            counts: Number of pixels of each image; an image without any counts as 0.
        """
        if not self.is_by_image:
            return self.weight * self.function(logits, labels)
        parts = zip(torch.split(logits, counts), torch.split(labels, counts))
        losses = [self.function(*part) for part in parts if len(part[1])]
        return self.weight * torch.stack(losses).sum() / len(counts)


@dataclass(frozen=True)
class LossSpec:
    """The validated losses of a job.

    Attributes:
        names: Name of each loss, from ``LOSSES`` or as ``module:function``.
        terms: Weight and function of each loss.
    """

    names: tuple[str, ...]
    terms: tuple[tuple[float, LossFunction], ...]

    def build(
        self,
        classes: int,
        logit_adjustment: Sequence[float] = (),
        class_weights: Sequence[float] = (),
    ) -> SegmentationLoss:
        """Builds the loss of a network with ``classes`` logits per pixel, see ``SegmentationLoss``.

        Args:
            classes: Number of logits per pixel.
            logit_adjustment: Values added to the logits.
            class_weights: Weight of each class in ``PIXEL_LOSSES``; empty: all are equal.
        """
        pixel: dict[str, LossFunction] = {}
        if class_weights:
            weights = torch.tensor(class_weights)
            pixel = {n: partial(f, weights=weights) for n, f in PIXEL_LOSSES.items()}
        terms = [
            LossTerm(share, pixel.get(n, f), n in IMAGE_LOSSES)
            for n, (share, f) in zip(self.names, self.terms)
        ]
        return SegmentationLoss(terms, classes, logit_adjustment)


def parse_loss(text: str) -> LossSpec:
    """Parses a sum of losses, e.g. ``focal+lovasz`` (half each) or ``0.7*focal+0.3*dice``.

    Args:
        text: Names of ``LOSSES`` or custom losses as ``module:function``, joined by +, either all with a
            weight (``weight*name``) or none; without weights each of n losses has the weight 1 / n. A custom
            loss is a ``LossFunction``: ``function(logits, target)``.

    Raises:
        JobError: If a name is unknown or a weight is not a positive number.
    """
    check_loss(text)
    parts = [part.strip().rpartition("*") for part in text.split("+")]
    weighted = [bool(star) for _, star, _ in parts]
    if any(weighted) and not all(weighted):
        raise JobError(tr("The loss {!r} must give all its parts a weight, or none.").format(text))
    names = tuple(name.strip() for _, _, name in parts)
    weights = [_weight(weight, text) if star else 1.0 / len(parts) for weight, star, _ in parts]
    return LossSpec(names, tuple((w, _function(name)) for w, name in zip(weights, names)))


def _function(name: str) -> LossFunction:
    if ":" in name:
        return _custom_loss(name)
    return LOSSES[name]


def code_files(loss: LossSpec) -> dict[str, str]:
    """The file that runs for each loss of the user's own, by the loss's name."""
    modules = {name: name.partition(":")[0] for name in loss.names if ":" in name}
    return {name: str(sys.modules[module].__file__) for name, module in modules.items()}


def _check_module(module: str, name: str) -> None:
    """Refuses a module that is not in a folder of PYTHONPATH: the current folder may hold anything."""
    folders = {
        Path(part).resolve() for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part
    }
    top = module.partition(".")[0]
    try:
        spec = importlib.util.find_spec(top) if top else None
    except (ImportError, ValueError):
        spec = None
    file = Path(spec.origin).resolve() if spec and spec.origin else None
    if file is None or folders.isdisjoint(file.parents[:2]):
        raise JobError(
            tr(
                "The loss {!r} is not used: DualStream runs a module only from a folder that you have named in the "
                "environment variable PYTHONPATH. Add the folder of {} there."
            ).format(name, module)
        )


def _custom_loss(name: str) -> LossFunction:
    """A user's loss, with its errors as sentences."""
    module, _, function = name.partition(":")
    _check_module(module, name)
    try:
        loss: LossFunction = getattr(importlib.import_module(module), function)
    except Exception as error:  # a user's module may raise anything
        raise JobError(
            tr(
                "The loss {!r} cannot be used: {}. It must name a function in a module that Python "
                "finds (add its folder to PYTHONPATH)."
            ).format(name, error)
        ) from error
    if not callable(loss):
        raise JobError(tr("The loss {!r} is not a function but {!r}.").format(name, loss))

    def checked(logits: Tensor, target: Tensor) -> Tensor:
        """The loss of logits (P, K) and class indices (P,), with errors as sentences."""
        try:
            value = loss(logits, target)
        except Exception as error:  # as above
            shapes = f"logits {tuple(logits.shape)}, target {tuple(target.shape)}"
            raise JobError(
                tr("The loss {!r} failed on {}: {}: {}").format(
                    name, shapes, type(error).__name__, error
                )
            ) from error
        if not isinstance(value, Tensor) or value.ndim:
            raise JobError(
                tr("The loss {!r} must return one number as a tensor, not {!r}.").format(
                    name, value
                )
            )
        return value

    return checked


def _weight(weight: str, text: str) -> float:
    try:
        value = float(weight)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise JobError(
            tr("The weight {!r} in the loss {!r} must be a number above 0.").format(weight, text)
        )
    return value


class SegmentationLoss(nn.Module):
    """Weighted sum of losses over all heads of a network, with ``AUXILIARY_WEIGHTS``.

    Args:
        terms: The losses.
        classes: Number of logits per pixel.
        logit_adjustment: Values added to the logits of every pixel, see ``compute_logit_adjustment``;
            empty: none.
    """

    def __init__(
        self,
        terms: Sequence[LossTerm],
        classes: int,
        logit_adjustment: Sequence[float] = (),
    ) -> None:
        super().__init__()
        self.terms = terms
        self.classes = classes
        self.logit_adjustment = torch.tensor(logit_adjustment) if any(logit_adjustment) else None

    def forward(self, outputs: Outputs, target: Tensor) -> Tensor:
        """The loss of a batch, a scalar in fp32 for logits of any precision.

        Args:
            outputs: ``logits`` (B, K, h, w), and in training ``auxiliary_logits``, a list of the
                same. Logits on a coarser grid than the target are upsampled bilinearly: downsampling
                the target instead would remove thin classes from the auxiliary heads.
            target: Class indices, (B, H, W) int64, ``IGNORE_INDEX`` where there is no label.

        Returns:
            The loss; without any labelled pixel a zero with zero gradients.
        """
        # Once for all heads, because nonzero() makes the CPU wait for a GPU.
        pixels = (target != IGNORE_INDEX).nonzero(as_tuple=True)
        labels = target[pixels]
        counts = []
        if any(term.is_by_image for term in self.terms):
            counts = pixels[0].bincount(minlength=len(target)).tolist()
        total = self._head_loss(outputs["logits"], target, pixels, labels, counts)
        for weight, logits in zip(AUXILIARY_WEIGHTS, outputs.get("auxiliary_logits", [])):
            total = total + weight * self._head_loss(logits, target, pixels, labels, counts)
        return total

    def _head_loss(
        self,
        logits: Tensor,
        target: Tensor,
        pixels: tuple[Tensor, ...],
        labels: Tensor,
        counts: list[int],
    ) -> Tensor:
        if logits.shape[1] != self.classes:
            raise ValueError(
                tr("{} logits given to a loss of {}").format(logits.shape[1], self.classes)
            )
        # Sums over a million pixels overflow 16 bits, which autocast would use again.
        with torch.autocast(logits.device.type, enabled=False):
            scores = logits.float()
            if scores.shape[-2:] != target.shape[-2:]:
                scores = F.interpolate(
                    scores, target.shape[-2:], mode="bilinear", align_corners=False
                )
            selected = scores.movedim(1, -1)[pixels]
            if self.logit_adjustment is not None:
                selected = selected + send(self.logit_adjustment, selected)
            if not len(labels):
                return scores.sum() * 0.0
            losses = (term.of(selected, labels, counts) for term in self.terms)
            return sum(losses, scores.new_zeros(()))


def compute_logit_adjustment(counts: Sequence[int], strength: float) -> list[float]:
    """Values added to the logits in training, which raise the recall of rare classes afterwards.

    Logit adjustment (Menon et al. 2021, arXiv:2007.07314, eq. 10): ``strength * log(share)``. Without the
    addition the trained network favours a class by ``share ** -strength``: not at all for strength 0, as if
    all classes were equally frequent for 1. With hard example mining, which measured the adjusted probability, the
    background was lost.

    Args:
        counts: Labelled pixels of each class, above 0.
        strength: 0 to 1.

    Returns:
        One value per logit: for two classes, which share one logit, the difference of their values.
    """
    logs = [strength * math.log(count / sum(counts)) for count in counts]
    return [logs[1] - logs[0]] if len(logs) == 2 else logs
