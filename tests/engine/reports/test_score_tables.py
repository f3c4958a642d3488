"""Rows, confusions and picture of a confusion matrix, and how pages show them."""

from __future__ import annotations

import math

import torch

from engine.reports.score_tables import class_scores, confusion_chart, largest_confusions
from engine.scores.confusion import Scores

#: Rows truth, columns prediction; the third class occurs nowhere.
MATRIX = [[70, 10, 0], [5, 15, 0], [0, 0, 0]]
NAMES, COLOURS = ["land", "water <b>", "ice"], ["#d9d4c7", "#0072b2", "#ffffff"]


def test_rows_have_the_scores_of_the_training_to_the_last_digit():
    rows, scores = class_scores(MATRIX, NAMES, COLOURS), Scores.of(torch.tensor(MATRIX))
    assert [row.iou for row in rows[:2]] == list(scores.iou[:2])
    assert [row.f1 for row in rows[:2]] == list(scores.dice[:2])
    assert (rows[0].precision, rows[0].recall) == (70 / 75, 70 / 80)
    assert (rows[1].true_pixels, rows[1].mapped_pixels) == (20, 25)
    assert all(math.isnan(v) for v in (rows[2].iou, rows[2].precision, rows[2].recall, rows[2].f1))


def test_the_largest_confusion_comes_first_and_none_is_made_up():
    found = largest_confusions(MATRIX, NAMES)
    assert [(c.true, c.mapped, c.pixels, c.share) for c in found] == [
        ("land", "water <b>", 10, 0.125),
        ("water <b>", "land", 5, 0.25),
    ]
    assert largest_confusions([[3, 0], [0, 4]], ["a", "b"]) == ()


def test_the_picture_is_small_and_escapes_names():
    svg = confusion_chart(MATRIX, NAMES)
    assert "88" in svg and "labelled as" in svg and "water &lt;b&gt;" in svg
    many = [[int(a == b) for a in range(60)] for b in range(60)]
    assert len(confusion_chart(many, [f"class {n}" for n in range(60)])) < 200_000
