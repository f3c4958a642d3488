"""Checks of probabilities: that they are numbers, and that two runtimes give the same ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..compute.arrays import Array, namespace
from ..contract.errors import EngineError, ModelFileError
from ..contract.model_card import Card
from ..contract.translation import tr

#: By how much the probabilities of two runtimes may differ.
TOLERANCE = 1e-3

#: The share of pixels that may differ more.
_MAX_OUTLIERS = 1e-4

#: From this probability of its class on, a pixel is confident.
_CONFIDENT = 0.75


def check_finite(values: Array, name: str, precision: str = "fp32") -> None:
    """Refuses a network whose probabilities are not finite: they would become a mask of one class.

    They are NaN where a logit is not finite, see ``models.logits.probabilities``. Missing pixels are not a cause:
    networks take them for the mean of their band.

    Args:
        values: Probabilities (B, K, T, T).
        name: The model's name, for the message.
        precision: The precision of the computation: fp32, bf16 or fp16.

    Raises:
        ModelFileError: With a possible cause.
    """
    xp = namespace(values)
    # The sum is finite only if all are: a tenth of the time of looking at each.
    if bool(xp.isfinite(xp.sum(values))):
        return
    if precision == "fp32":
        raise ModelFileError(
            tr(
                "The network of {} gives probabilities that are not numbers (NaN): its weights are "
                "damaged, or its training went wrong. Take another model file, or train the model "
                "again."
            ).format(name)
        )
    raise ModelFileError(
        tr(
            "The network of {} gives probabilities that are not numbers (NaN) in {}: its values "
            "may be beyond what 16 bits hold. Choose the precision fp32; if that does not help, "
            "its weights are damaged."
        ).format(name, precision)
    )


def probability_difference(
    actual: NDArray[np.float32],
    expected: NDArray[np.float32],
    card: Card,
    tolerance: float = TOLERANCE,
) -> float:
    """The largest difference between the probabilities (B, K, H, W) of a graph and those expected of it.

    Args:
        actual: Of the graph.
        expected: Of its network, or of another runtime.
        card: The model's card.
        tolerance: By how much they may differ.

    Raises:
        EngineError: If they differ on more than single pixels.
    """
    difference = np.abs(actual - expected).max(axis=1)
    # Not ">": a difference of NaN must count too.
    if np.mean(~(difference <= tolerance)) > _MAX_OUTLIERS:
        raise EngineError(
            tr(
                "As ONNX the network {} gives other probabilities, by up to {:.3g}: it is not used. "
                "Please report this with the model's card."
            ).format(card.architecture, difference.max())
        )
    return float(difference.max())


def class_agreement(actual: Array, expected: Array, threshold: float) -> float:
    """The share of pixels of the same class among those in which ``expected`` is confident; 1 if there are none.

    Args:
        actual: Probabilities (B, K, H, W).
        expected: Probabilities (B, K, H, W) of a more precise computation.
        threshold: With K = 1, the probability above which a pixel is the second class.
    """
    xp = namespace(expected)
    best = xp.max(expected, axis=1)
    if expected.shape[1] == 1:
        # Sure of a class: away from the threshold, by half of what is left to 0 or 1.
        sure_second, sure_first = (1 + threshold) / 2, threshold / 2
        confident = (best >= sure_second) | (best <= sure_first)
    else:
        confident = best >= _CONFIDENT
    same = _classes(xp, actual, threshold) == _classes(xp, expected, threshold)
    count = int(xp.sum(xp.astype(confident, xp.int64)))
    return int(xp.sum(xp.astype(same & confident, xp.int64))) / count if count else 1.0


def _classes(xp: Any, probabilities: Array, threshold: float) -> Array:
    if probabilities.shape[1] == 1:
        return probabilities[:, 0] > threshold
    return xp.argmax(probabilities, axis=1)
