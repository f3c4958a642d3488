"""The network before the first epoch."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from torch import nn

from engine.contract.architectures import SKETCH
from engine.contract.class_table import class_table
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.planning.start_model import StartModel
from engine.training.initial_network import copy_scorable

CLASSES = class_table({0: "land", 1: "water"})


@pytest.mark.parametrize(("architecture", "is_scored"), [("cmx-b0", True), (SKETCH, False)])
def test_a_sketch_is_not_scored_on_marks_that_it_has_seen(
    architecture: str, is_scored: bool
) -> None:
    card = Card(architecture, "e", 1, 64, ImageCard(3), AuxiliaryCard(), CLASSES)
    plan = cast(Any, SimpleNamespace(start=StartModel("m.safetensors", card)))
    assert (copy_scorable(plan, card, nn.Linear(1, 1)) is not None) == is_scored
    assert copy_scorable(cast(Any, SimpleNamespace(start=None)), card, nn.Linear(1, 1)) is None
