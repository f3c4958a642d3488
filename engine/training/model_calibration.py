"""Calibrates a trained network: temperature, threshold between two classes, and the scores that these give."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial

from torch import Tensor, nn

from ..contract.model_card import Card
from ..contract.translation import tr, tr_noop
from ..models.two_stream_network import TwoStreamNetwork
from .calibration import (
    ECE_BINS,
    LabelledLogits,
    ThresholdChoice,
    choose_threshold,
    expected_calibration_error,
    fit_temperature,
    reliability_bins,
    reliability_curve,
    same_cut,
)
from .labelled_logits import LogitHistogram, LogitSample, OutputCollector
from .metrics import Scores
from .validation import Validator


@dataclass(frozen=True)
class Calibration:
    """The record ``calibration`` in the metrics of a model card.

    Attributes:
        temperature: The number by which the logits of the best epoch are divided; 1: not calibrated.
        threshold: For two classes, the smallest calibrated probability of the second class.
        ece_before: Expected calibration error without a temperature.
        ece_after: The same with one: on each half of the validation windows with the temperature of the other half.
        ece_bins: Number of bins of the expected calibration error.
        cross_fitted: Whether there are two halves; else ``ece_after`` is measured where the temperature is fitted.
        reason: Why the network is not calibrated; empty if it is.
        iou: For two classes whose threshold is chosen, the IoU of the second class at the threshold.
        iou_at_half: The same at the threshold 0.5.
        iou_cross_fitted: The same with each run of windows at the best threshold of the others; the threshold is 0.5
            if this is no better than ``iou_at_half``.
        curve_before: Mean confidence, accuracy and share of the pixels in the bins of ``ece_before`` that have pixels.
        curve_after: The same for ``ece_after``.
    """

    temperature: float = 1.0
    threshold: float = 0.5
    ece_before: float = 0.0
    ece_after: float = 0.0
    ece_bins: int = ECE_BINS
    cross_fitted: bool = True
    reason: str = ""
    iou: float | None = None
    iou_at_half: float | None = None
    iou_cross_fitted: float | None = None
    curve_before: list[list[float]] = field(default_factory=list)
    curve_after: list[list[float]] = field(default_factory=list)


def calibrate(
    network: nn.Module,
    card: Card,
    validator: Validator,
    seed: int,
    has_own_threshold: bool,
    beside: Sequence[OutputCollector] = (),
) -> tuple[Card, str]:
    """Calibrates a network on the validation windows, once its training has ended.

    Divides the weights of the last layer by the temperature, so that every program that applies the network gets
    calibrated probabilities. The result depends only on network, windows and seed.

    Args:
        network: The network with its final weights; changed in place.
        card: Its card, with scores.
        validator: The validator of the training.
        seed: Seed of the sample of pixels.
        has_own_threshold: Whether two classes keep the card's threshold: then the calibrated probability that
            chooses the same pixels.
        beside: Further collectors of its pass over the validation windows.

    Returns:
        The card with threshold, scores at the threshold and ``calibration``, and a sentence for the log.
    """
    if card.logits > 1:
        pixels = card.metrics["pixels"]
        sample = validator.collect(
            network,
            lambda windows: LogitSample(windows, pixels, card.logits, seed),
            beside=beside,
        )
        result = _with_temperature(network, validator, sample.halves())
        return _finished(card, result, None)
    histogram = validator.collect(network, LogitHistogram, beside=beside)
    halves = histogram.halves()
    result = _with_temperature(network, validator, halves)
    if has_own_threshold:
        result = replace(result, threshold=same_cut(card.threshold, result.temperature))
        return _finished(card, result, None)
    if halves[0].join(halves[1]).classes < 2:
        return _finished(card, result, None)
    choice = choose_threshold(histogram.counts(), histogram.edges, result.temperature)
    result = replace(
        result,
        threshold=choice.threshold,
        iou=choice.iou,
        iou_at_half=choice.iou_at_half,
        iou_cross_fitted=choice.iou_cross_fitted,
    )
    return _finished(card, result, choice)


def _with_temperature(
    network: nn.Module, validator: Validator, halves: list[LabelledLogits]
) -> Calibration:
    """Fits the temperature, divides the network's logits by it, and measures the calibration error."""
    first, second = halves
    both = first.join(second)
    measure = partial(_joint_bins, halves)
    before = measure([1.0, 1.0])
    error, curve = expected_calibration_error(before), reliability_curve(before)
    record = Calibration(ece_before=error, ece_after=error, curve_before=curve, curve_after=curve)
    if both.classes < 2:
        return replace(record, reason=tr_noop("the validation part shows one class only"))
    temperature = fit_temperature(both)
    if temperature == 1:
        return replace(record, reason=tr_noop("no temperature is better than 1"))
    inputs = validator.first_inputs()
    if not isinstance(network, TwoStreamNetwork) or not network.scale_logits(
        1 / temperature, *inputs
    ):
        reason = tr_noop("more than linear operations follow the network's last layer")
        return replace(record, reason=reason)
    is_cross_fitted = len(first.target) > 0 < len(second.target)
    others = [fit_temperature(second), fit_temperature(first)]
    after = measure(others if is_cross_fitted else [temperature, temperature])
    return replace(
        record,
        temperature=temperature,
        ece_after=expected_calibration_error(after),
        curve_after=reliability_curve(after),
        cross_fitted=is_cross_fitted,
    )


def _joint_bins(halves: list[LabelledLogits], temperatures: list[float]) -> Tensor:
    """The bins of both halves together, each with a temperature."""
    first, second = map(reliability_bins, halves, temperatures)
    return first + second


def _finished(card: Card, result: Calibration, choice: ThresholdChoice | None) -> tuple[Card, str]:
    """The card with the results, and the sentence about them."""
    names = [entry.name for entry in card.classes]
    scores = Scores.of(choice.matrix).as_dict(names) if choice else {}
    metrics = {**card.metrics, **scores, "calibration": asdict(result)}
    threshold = result.threshold if card.logits == 1 else card.threshold
    return replace(card, threshold=threshold, metrics=metrics), _sentence(result, card, names)


def _sentence(result: Calibration, card: Card, names: list[str]) -> str:
    """The calibration in one line for users."""
    if result.reason:
        text = tr("Probabilities not calibrated: {} (expected error {:.3f}).").format(
            tr(result.reason), result.ece_before
        )
    else:
        text = (
            tr("Probabilities calibrated: temperature {:.2f}, expected error {:.3f} -> {:.3f}.")
            if result.cross_fitted
            else tr(
                "Probabilities calibrated: temperature {:.2f}, expected error {:.3f} -> {:.3f}, on the pixels of the fit."
            )
        ).format(result.temperature, result.ece_before, result.ece_after)
    return text if card.logits > 1 else f"{text} {_threshold_sentence(result, card, *names)}"


def _threshold_sentence(result: Calibration, card: Card, first: str, second: str) -> str:
    """The threshold between the two classes."""
    if result.iou is not None and result.iou_at_half is not None:
        if result.threshold == 0.5:
            return tr(
                "Threshold between {} and {}: 0.50; no other finds {} better on windows that did not choose it."
            ).format(first, second, second)
        return tr("Threshold between {} and {}: {:.2f} (IoU of {} {:.3f}, {:.3f} at 0.5).").format(
            first, second, result.threshold, second, result.iou, result.iou_at_half
        )
    if math.isclose(result.threshold, card.threshold):
        return tr("Threshold between {} and {}: {:.2f}.").format(first, second, result.threshold)
    return tr("Threshold between {} and {}: {:.2f} ({:.2f} before calibration).").format(
        first, second, result.threshold, card.threshold
    )
