"""Doubt of pixels: the uncertainty, weighted by what validation says of each class."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.active_learning.doubt import Doubt, MappedRows, class_weights, square_worth
from engine.contract.class_table import class_table
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard

TABLE = class_table({0: "land", 3: "water", 9: "road"})


def scored(**iou: float | None) -> Card:
    """A card with validation scores by class."""
    return Card("a", "e", 3, 64, ImageCard(3), AuxiliaryCard(), TABLE, metrics={"iou": iou})


def test_doubt_about_a_badly_mapped_class_counts_more() -> None:
    found = class_weights([scored(land=0.9, water=0.6, road=0.8)], TABLE)
    assert found == pytest.approx([0.625, 1, 0.75])
    two = class_weights([scored(land=0.9, water=0.5, road=1), scored(water=0.7, road=1)], TABLE)
    assert two == pytest.approx([0.625, 1, 0.5]), "the mean of the models that know it"


def test_a_class_without_a_score_counts_as_the_worst() -> None:
    assert class_weights([scored(land=0.9, water=None, road=0.8)], TABLE).tolist()[1:] == [1, 1]
    for nothing in (replace(scored(), metrics={}), scored(land=1.0, water=1.0, road=1.0)):
        assert class_weights([nothing], TABLE).tolist() == [1, 1, 1]


def test_pixels_without_a_value_have_no_doubt() -> None:
    mask = np.array([[0, 3, 9, 255]], np.uint8)
    rows = MappedRows(mask, np.array([[50, 50, 100, 255]], np.uint8), np.zeros((1, 4), bool))
    doubt = Doubt(TABLE, np.array([0.5, 1.0, 0.8]), 255).of(rows)
    assert doubt.tolist() == [[2500, 5000, 8000, 0]]


def test_a_square_with_several_classes_is_worth_more_than_one_that_puzzles_the_model() -> None:
    shares = np.array([[1.0, 1.0, 0.5, 0.0, 1 / 3], [0, 0, 0.5, 0.5, 1 / 3], [0, 0, 0, 0.5, 1 / 3]])
    doubt = np.array([0.1, 0.9, 0.1, 0.1, 0.1])
    worth = square_worth(shares, doubt, np.array([0.5, 1.0, 1.0]))
    assert (np.argsort(worth) == [0, 1, 2, 3, 4]).all()
    assert worth[3] > 1.3 * worth[2], "both classes are hard"
    assert square_worth(shares, doubt * 0 + 1, np.ones(3))[4] == pytest.approx(1)
