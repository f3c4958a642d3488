"""Finished rows of a mask: the chosen class, its probability in percent, nodata."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from engine.contract.class_table import class_table
from engine.inference.classify import (
    CONFIDENCE,
    UNCERTAINTY,
    ClassDecision,
    MaskStripBuilder,
    best_probability,
    entropy,
    predict_class,
)
from engine.rasters.tiling import TileSpan


@pytest.mark.parametrize("values", [(3, 7), (7, 3), (0, 40_000), (1, 2, 250), (5, 300, 64_000, 9)])
@pytest.mark.parametrize("kind", [torch.from_numpy, np.asarray])
def test_rows_from_left_to_right(values: tuple[int, ...], kind: Callable[..., Any]) -> None:
    table = class_table({value: f"class {value}" for value in values})
    class_decision = ClassDecision(table)
    count = 1 if len(values) == 2 else len(values)
    generator = np.random.default_rng(0)
    probabilities = generator.random((count, 20, 50)).astype(np.float32)
    if count > 1:
        probabilities /= probabilities.sum(axis=0)
    known = generator.random((20, 30)) > 0.2
    strip = MaskStripBuilder(class_decision, 20, 50, [CONFIDENCE])
    strip.put(TileSpan(0, 0, 20, 0, 0), kind(probabilities[:, :, :20]), 0.3, None)
    strip.put(TileSpan(20, 20, 50, 0, 0), kind(probabilities[:, :, 20:]), 0.3, known)
    mask, confidence = strip.rows()
    if count == 1:
        index = (probabilities[0] > np.float32(0.3)).astype(int)
        best = np.where(index, probabilities[0], 1 - probabilities[0])
    else:
        index, best = probabilities.argmax(axis=0), probabilities.max(axis=0)
    expected = np.array([entry.value for entry in table])[index]
    percent = np.rint(best * 100).astype(int)
    expected[:, 20:][~known] = class_decision.nodata
    percent[:, 20:][~known] = 255
    assert mask.dtype == class_decision.dtype and (mask == expected).all()
    assert np.abs(confidence.astype(int) - percent).max() <= 0
    assert class_decision.nodata not in values


def test_without_confidence_there_is_only_the_mask() -> None:
    class_decision = ClassDecision(class_table({0: "a", 1: "b"}))
    strip = MaskStripBuilder(class_decision, 2, 3)
    strip.put(TileSpan(0, 0, 3, 0, 0), torch.tensor([[[0.1, 0.6, 0.5]] * 2]), 0.5, None)
    (mask,) = strip.rows()
    assert mask.tolist() == [[0, 1, 0]] * 2


def test_probability_of_the_chosen_class() -> None:
    three = torch.tensor([0.2, 0.5, 0.3]).view(3, 1, 1)
    assert predict_class(three, 0.5).tolist() == [[1]]
    assert best_probability(predict_class(three, 0.5), three).item() == 0.5
    second = torch.tensor([[[0.2]]])
    assert best_probability(predict_class(second, 0.5), second).item() == pytest.approx(0.8)


def test_entropy_is_0_where_sure_and_1_for_a_guess() -> None:
    two = torch.tensor([[[0.0, 0.5, 1.0, 0.11, 1.0000001]]])
    assert entropy(two)[0].tolist() == pytest.approx([0, 1, 0, 0.4999, 0], abs=1e-3)
    three = torch.tensor([[1 / 3, 1, 0.5], [1 / 3, 0, 0.5], [1 / 3, 0, 0]])[:, None]
    assert entropy(three)[0].tolist() == pytest.approx([1, 0, 0.6309], abs=1e-3)


def test_uncertainty_is_written_beside_the_mask() -> None:
    class_decision = ClassDecision(class_table({0: "a", 1: "b"}))
    strip = MaskStripBuilder(class_decision, 1, 3, [UNCERTAINTY, CONFIDENCE])
    valid = np.array([[True, True, False]])
    strip.put(TileSpan(0, 0, 3, 0, 0), torch.tensor([[[0.5, 0.9, 0.5]]]), 0.5, valid)
    mask, uncertainty, confidence = strip.rows()
    assert uncertainty.tolist() == [[100, 47, 255]] and confidence.tolist() == [[50, 90, 255]]
    assert mask.tolist() == [[0, 1, class_decision.nodata]]
