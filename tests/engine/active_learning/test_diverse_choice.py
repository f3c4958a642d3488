"""The choice of squares: uncertain ones, unlike each other and what is labelled, and a place for rare classes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.active_learning.diverse_choice import Candidates, choose_squares
from engine.contract.file_jobs import RARE_CLASS, UNCERTAIN, UNLIKE

NONE = np.empty((0, 3), np.float32)


def vectors(*rows: tuple[float, float, float]) -> np.ndarray:
    """Vectors of unit length."""
    found = np.array(rows, np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def candidates(features: np.ndarray, doubt: np.ndarray, **others: np.ndarray) -> Candidates:
    """Candidates of which none shows a rare class or is unlike the training, unless it is said."""
    nothing = np.zeros(len(features))
    return Candidates(features, doubt, **{"unlike": nothing, "rarity": nothing, **others})


def test_squares_are_diverse_rather_than_equal() -> None:
    """Five equal roofs are the most uncertain, a road and a field less so: one roof is enough."""
    roof, road, field = (1, 0, 0), (0, 1, 0), (0, 0, 1)
    features = vectors(*[roof] * 5, road, field)
    uncertainty = np.array([0.9, 0.89, 0.88, 0.87, 0.86, 0.6, 0.5])
    chosen = choose_squares(candidates(features, uncertainty), NONE, 4)
    assert [one.index for one in chosen[:3]] == [0, 5, 6]
    scores = [one.score for one in chosen]
    assert scores == sorted(scores, reverse=True) and scores[0] == 0.9 and scores[3] < 0.01
    assert {one.reason for one in chosen} == {UNCERTAIN}


def test_what_is_labelled_is_not_asked_for_again() -> None:
    features = vectors((1, 0, 0), (1, 0.1, 0), (0, 1, 0))
    uncertainty = np.array([0.9, 0.8, 0.5])
    labelled = vectors((1, 0, 0), (0.9, 0, 0.1))
    chosen = choose_squares(candidates(features, uncertainty), labelled, 3)
    assert [one.index for one in chosen] == [2, 1, 0]
    assert {one.reason for one in chosen} == {UNCERTAIN}


def test_every_fourth_place_is_for_a_rare_class() -> None:
    noise = np.random.default_rng(0)
    features = vectors(*noise.normal(size=(20, 3)))
    rarity = np.zeros(20)
    rarity[[17, 19]] = 0.5, 0.3
    uncertainty = np.linspace(0.9, 0.1, 20)
    chosen = choose_squares(candidates(features, uncertainty, rarity=rarity), NONE, 20)
    assert sorted(one.index for one in chosen) == [*range(20)], "each once"
    rare = [place for place, one in enumerate(chosen, 1) if one.reason == RARE_CLASS]
    assert rare == [4, 8] and {chosen[3].index, chosen[7].index} == {17, 19}


def test_land_unlike_the_training_has_a_place_though_the_model_is_sure_of_it() -> None:
    features = vectors(*np.random.default_rng(0).normal(size=(20, 3)))
    doubt, unlike = np.linspace(0.9, 0.3, 20), np.full(20, 0.02)
    doubt[[5, 9]], unlike[[5, 9]] = 0.0, (0.3, 0.9)
    chosen = choose_squares(candidates(features, doubt, unlike=unlike), NONE, 20)
    places = {place: one.index for place, one in enumerate(chosen, 1) if one.reason == UNLIKE}
    assert {*places} == {2, 6} and {*places.values()} == {5, 9}
    assert chosen[0].index == 0, "the most uncertain is first"


def test_without_model_and_labels_the_most_typical_square_is_first() -> None:
    features = vectors((1, 0.1, 0), (1, 0, 0), (1, 0, 0.1), (0, 1, 0), (0, 0, 1))
    without_model = replace(candidates(features, np.ones(5)), has_model=False)
    chosen = choose_squares(without_model, NONE, 3)
    assert chosen[0].index in (0, 2) and {one.index for one in chosen[1:]} == {3, 4}
    assert {one.reason for one in chosen} == {UNLIKE}
