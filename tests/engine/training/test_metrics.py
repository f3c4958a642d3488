"""Scores against numbers worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from engine.contract.class_table import IGNORE_INDEX
from engine.scores.confusion import Scores
from engine.training.metrics import ConfusionMatrix

NAMES = ["land", "water", "cloud"]


def test_scores_of_a_matrix_worked_out_by_hand() -> None:
    scores = Scores.of(torch.tensor([[6, 2, 0], [1, 3, 0], [0, 0, 0]]))
    assert scores.iou[:2] == pytest.approx((6 / 9, 3 / 6))
    assert scores.dice[:2] == pytest.approx((12 / 15, 6 / 9))
    assert math.isnan(scores.iou[2]) and math.isnan(scores.dice[2])
    assert scores.miou == pytest.approx((6 / 9 + 3 / 6) / 2)
    assert scores.mean_dice == pytest.approx((12 / 15 + 6 / 9) / 2)
    assert scores.pixel_accuracy == pytest.approx(9 / 12)
    assert scores.pixels == 12


def test_false_alarms_of_an_absent_class_count() -> None:
    scores = Scores.of(torch.tensor([[3, 1], [0, 0]]))
    assert scores.iou == pytest.approx((3 / 4, 0.0))
    assert scores.miou == pytest.approx(3 / 8)


def test_nothing_compared_has_no_score() -> None:
    matrix = ConfusionMatrix(2)
    matrix.update(torch.zeros(1, 4, 4).long(), torch.full((1, 4, 4), IGNORE_INDEX))
    scores = matrix.scores()
    assert scores.pixels == 0
    assert math.isnan(scores.miou) and math.isnan(scores.pixel_accuracy)
    assert scores.sentence(["a", "b"]).startswith("mIoU none")


def test_counts_batches_and_skips_ignored() -> None:
    torch.manual_seed(0)
    matrix, expected = ConfusionMatrix(3), torch.zeros(3, 3, dtype=torch.int64)
    for _ in range(3):
        truth, predicted = torch.randint(0, 3, (2, 5, 4)), torch.randint(0, 3, (2, 5, 4))
        truth[torch.rand(truth.shape) < 0.3] = IGNORE_INDEX
        matrix.update(predicted, truth)
        for t, p in zip(truth.flatten().tolist(), predicted.flatten().tolist()):
            if t != IGNORE_INDEX:
                expected[t, p] += 1
    assert torch.equal(matrix.matrix(), expected)


def test_one_class_is_perfect_or_absent() -> None:
    matrix = ConfusionMatrix(1)
    matrix.update(torch.zeros(1, 4, 4).long(), torch.zeros(1, 4, 4).long())
    assert matrix.matrix().tolist() == [[16]]
    assert matrix.scores().miou == 1.0


def test_scores_as_a_dictionary_and_a_sentence() -> None:
    scores = Scores.of(torch.tensor([[6, 2, 0], [1, 3, 0], [0, 0, 0]]))
    record = scores.as_dict(NAMES)
    assert record["iou"]["water"] == pytest.approx(0.5)
    names = {"miou", "pixel_accuracy", "mean_dice", "iou", "dice", "pixels", "confusion"}
    assert set(record) == names and record["confusion"] == [[6, 2, 0], [1, 3, 0], [0, 0, 0]]
    assert Scores.of(torch.eye(101)).confusion == ()
    assert scores.sentence(NAMES) == (
        "mIoU 0.583, pixel accuracy 0.750, mean F1 0.733 (IoU: land 0.667, water 0.500, cloud none)"
    )
    with pytest.raises(ValueError):
        scores.as_dict(["land"])
