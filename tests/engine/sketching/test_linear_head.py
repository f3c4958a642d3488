"""The linear layer of a sketch, and its score on held-out marks."""

from __future__ import annotations

import numpy as np
import pytest

from engine.sketching.held_out_score import held_out_score
from engine.sketching.linear_head import Standard, learn_head

#: Features of the maps that the made-up features stand for.
CHANNELS = (2, 4)


def blobs(count: int, classes: int, distance: float) -> tuple[np.ndarray, np.ndarray]:
    """Features (N, 6) and classes (N,): class k lies at ``distance`` on axis k."""
    target = np.arange(count) % classes
    features = np.random.default_rng(0).normal(size=(count, 6))
    features[np.arange(count), target] += distance
    return features.astype(np.float32), target


@pytest.mark.parametrize("classes", [2, 3])
def test_the_layer_tells_classes_apart(classes: int) -> None:
    features, target = blobs(300, classes, 6)
    head = learn_head(features, target, classes, Standard.of(features, CHANNELS))
    assert head.weight.shape == (1 if classes == 2 else classes, 6)
    assert (head.classes(features) == target).mean() > 0.99


def test_a_unit_of_a_feature_makes_no_difference() -> None:
    features, target = blobs(100, 3, 2)
    scaled = features * np.float32([1, 1000, 1, 1e-2, 1, 1]) + 7
    one = learn_head(features, target, 3, Standard.of(features, CHANNELS))
    two = learn_head(scaled, target, 3, Standard.of(scaled, CHANNELS))
    assert one.logits(features) == pytest.approx(two.logits(scaled), abs=0.02)


def test_a_rare_class_counts_as_much_as_a_frequent_one() -> None:
    features, target = blobs(400, 2, 1.5)
    rare = np.concatenate([np.flatnonzero(target == 0), np.flatnonzero(target == 1)[:8]])
    head = learn_head(features[rare], target[rare], 2, Standard.of(features, CHANNELS))
    found = head.classes(features)
    assert (found[target == 1] == 1).mean() > 0.6


def test_a_constant_feature_has_no_influence() -> None:
    features, target = blobs(50, 2, 3)
    features[:, 5] = 4
    head = learn_head(features, target, 2, Standard.of(features, CHANNELS))
    assert head.weight[0, 5] == pytest.approx(0, abs=1e-6)


def test_the_score_of_separable_marks_is_high_and_lies_in_its_interval() -> None:
    features, target = blobs(120, 3, 5)
    blocks = np.arange(120) // 6
    score = held_out_score(features, target, blocks, 3, Standard.of(features, CHANNELS))
    assert score is not None and 0.8 < score.low <= score.value <= score.high <= 1
    assert score.value > 0.95 and score.low < 0.95, "twenty blocks leave a doubt"


def test_marks_of_one_block_are_never_in_both_parts() -> None:
    """Noise that only repeats within a block cannot be learnt from other blocks."""
    noise = np.random.default_rng(0).normal(size=(20, 200)).astype(np.float32)
    target = np.arange(20) % 2
    features, repeated = np.repeat(noise, 10, axis=0), np.repeat(target, 10)
    standard = Standard.of(features, (100, 100))
    score = held_out_score(features, repeated, np.repeat(np.arange(20), 10), 2, standard)
    assert score is not None and score.value < 0.7
    mixed = held_out_score(features, repeated, np.tile(np.arange(10), 20), 2, standard)
    assert mixed is not None and mixed.value > 0.95


def test_a_class_in_one_block_gives_no_score() -> None:
    features, target = blobs(30, 3, 5)
    blocks = np.where(target == 2, 0, np.arange(30))
    assert held_out_score(features, target, blocks, 3, Standard.of(features, CHANNELS)) is None
