"""Calibrates the probabilities of a trained network by one temperature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial

from torch import Tensor, nn

from ..contract.model_card import Card
from ..contract.quantities import format_share
from ..contract.translation import tr, tr_noop
from ..models.two_stream_network import TwoStreamNetwork
from ..training.validation import OutputCollector, Validator
from .calibration import (
    ECE_BINS,
    LabelledLogits,
    expected_calibration_error,
    fit_temperature,
    reliability_bins,
    reliability_curve,
    same_cut,
)
from .labelled_logits import LogitSample


@dataclass(frozen=True)
class Calibration:
    """The record ``calibration`` in the metrics of a model card.

    Attributes:
        temperature: The number by which the logits of the kept epoch are divided; 1: not calibrated.
        threshold: For two classes, the smallest calibrated probability of the second class.
        ece_before: Expected calibration error without a temperature.
        ece_after: The same with one: on each half of the validation windows with the temperature of the other half.
        ece_bins: Number of bins of the expected calibration error.
        cross_fitted: Whether there are two halves; else ``ece_after`` is measured where the temperature is fitted.
        reason: Why the network is not calibrated; empty if it is.
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
    curve_before: list[list[float]] = field(default_factory=list)
    curve_after: list[list[float]] = field(default_factory=list)


def calibrate(
    network: nn.Module,
    card: Card,
    validator: Validator,
    seed: int,
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
        beside: Further collectors of its pass over the validation windows.

    Returns:
        The card with ``calibration``, and for two classes with the threshold that chooses the same pixels as before;
        and a sentence for the log.
    """
    pixels = card.metrics["pixels"]
    sample = validator.collect(
        network, lambda windows: LogitSample(windows, pixels, card.logits, seed), beside=beside
    )
    result = _with_temperature(network, validator, sample.halves())
    if card.logits == 1:
        result = replace(result, threshold=same_cut(card.threshold, result.temperature))
        card = replace(card, threshold=result.threshold)
    metrics = {**card.metrics, "calibration": asdict(result)}
    return replace(card, metrics=metrics), _sentence(result)


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
        return replace(record, reason=tr_noop("they are best as they are"))
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


def _sentence(result: Calibration) -> str:
    """The calibration in one line for users."""
    if result.reason:
        return tr("Probabilities not calibrated: {} (on average wrong by {}).").format(
            tr(result.reason), format_share(result.ece_before)
        )
    text = (
        tr("Probabilities calibrated: on average they were wrong by {}, now by {}.")
        if result.cross_fitted
        else tr(
            "Probabilities calibrated: on average they were wrong by {}, now by {}, on the pixels that calibrated them."
        )
    )
    return text.format(format_share(result.ece_before), format_share(result.ece_after))
