"""Learns the linear layer of a sketch: softmax regression with classes of equal weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]
from scipy.special import log_softmax  # type: ignore[import-untyped]

Features = NDArray[np.float32]
Classes = NDArray[np.int64]

#: Strength of the penalty on the squared weights of standardised features, relative to the mean loss of a pixel.
PENALTY = 0.1

#: Smallest deviation of a feature that varies.
_SMALLEST_DEVIATION = 1e-4

#: Most steps of the optimizer; it usually needs fewer.
_STEPS = 100


@dataclass(frozen=True)
class LinearHead:
    """A linear layer.

    Attributes:
        weight: (K, C); of two classes one row, for the second.
        bias: (K,).
    """

    weight: Features
    bias: Features

    def logits(self, features: Features) -> Features:
        """The logits (N, K) of features (N, C)."""
        found: Features = features @ self.weight.T + self.bias
        return found

    def classes(self, features: Features) -> Classes:
        """The class indices (N,) of features (N, C)."""
        logits = self.logits(features)
        if logits.shape[1] == 1:
            return (logits[:, 0] > 0).astype(np.int64)
        found: Classes = logits.argmax(axis=1)
        return found


class Standard(NamedTuple):
    """The mean of each feature (C,) and what it is divided by, from all land: a few marks do not show how it varies."""

    mean: Features
    std: Features

    @classmethod
    def of(cls, features: Features, channels: Sequence[int]) -> Self:
        """Those of the features (N, C) of pixels that need not be marked.

        The deviations are larger in maps of many channels, so that the penalty lets these count less each: the bands
        would hardly count beside a hundred channels of one scale (``docs/benchmarks.md``).

        Args:
            features: The features.
            channels: Number of features of each map, in the order of the features.
        """
        std = features.std(axis=0)
        std = np.where(std > _SMALLEST_DEVIATION, std, 1)  # a constant feature says nothing
        factors = np.repeat(np.array(channels, np.float32) ** 0.25, channels)
        return cls(features.mean(axis=0), (std * factors / 2).astype(np.float32))


def learn_head(features: Features, target: Classes, classes: int, standard: Standard) -> LinearHead:
    """Learns the layer from pixels; the same pixels give the same layer.

    Args:
        features: What the layer sees in each pixel (N, C).
        target: The class index of each (N,), from 0.
        classes: Number of classes, at least 2.
        standard: Mean and standard deviation of the features.
    """
    mean, std = standard
    values = (features - mean) / std
    counts = np.bincount(target, minlength=classes)
    weights = (1 / np.maximum(counts, 1) / np.count_nonzero(counts))[target].astype(np.float32)
    known = np.zeros((len(target), classes), np.float32)
    known[np.arange(len(target)), target] = 1
    shape = classes, values.shape[1] + 1

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """The loss and its gradient for weights and biases."""
        layer = flat.reshape(shape)
        logs = log_softmax(values @ layer[:, :-1].T.astype(np.float32) + layer[:, -1], axis=1)
        errors = (np.exp(logs) - known) * weights[:, None]
        gradient = np.empty(shape)
        gradient[:, :-1] = errors.T.astype(np.float32) @ values + PENALTY * layer[:, :-1]
        gradient[:, -1] = errors.sum(axis=0)
        total = -float(weights @ (logs * known).sum(axis=1))
        return total + PENALTY / 2 * float((layer[:, :-1] ** 2).sum()), gradient.ravel()

    start = np.zeros(shape).ravel()
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    layer = found.x.reshape(shape)
    if classes == 2:  # one logit: that of the second class relative to the first
        layer = layer[1:] - layer[:1]
    weight = layer[:, :-1] / std
    return LinearHead(weight.astype(np.float32), (layer[:, -1] - weight @ mean).astype(np.float32))
