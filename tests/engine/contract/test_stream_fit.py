"""Rasters and models that do not fit each other are told in one sentence."""

from __future__ import annotations

import pytest

from engine.contract.stream_fit import (
    MIN_SPREAD,
    auxiliary_flaw,
    bands_to_read,
    image_flaw,
    missing_stream_flaw,
    scale_flaw,
)
from tests.engine.contract.test_card_summary import CARD


@pytest.mark.parametrize(
    ("counts", "chosen", "trained", "training_count", "bands"),
    [
        ([(4, 4)], (), (), 0, ()),
        ([(4, 4)], (2, 1), (), 0, (2, 1)),
        ([(7, 7)], (), (4, 3, 2), 7, (4, 3, 2)),
        ([(3, 4)], (), (4, 3, 2), 7, ()),
        ([(4, 4), (3, 3)], (), (5, 6), 7, (5, 6)),
    ],
)
def test_a_raster_like_those_of_the_training_gives_the_bands_chosen_there(
    counts, chosen, trained, training_count, bands
) -> None:
    assert bands_to_read(counts, chosen, trained, training_count, 3) == bands


def test_sentences_name_model_raster_and_both_numbers() -> None:
    assert image_flaw(CARD, "a/m.safetensors", "i.tif", 3) == ""
    text = image_flaw(CARD, "a/m.safetensors", "i.tif", 4)
    assert "m.safetensors was trained on 3 image bands (red, green, blue); i.tif has 4" in text
    assert auxiliary_flaw(CARD, "m", ("a.tif",), 2) == ""
    assert "2 auxiliary bands; those given have 1 band" in auxiliary_flaw(CARD, "m", ("a.tif",), 1)
    assert "image_alone" in missing_stream_flaw(CARD, "m", "i.tif")


def test_another_scale_is_told_and_the_same_is_not() -> None:
    low, high = (0.0, 0.0), (10_000.0, 10_000.0)
    usual = [(200.0, 900.0, 4000.0), (300.0, 1000.0, 3000.0)]
    assert scale_flaw("i.tif", usual, low, high, MIN_SPREAD) == ""
    reflectance = [(0.02, 0.09, 0.4), (0.03, 0.1, 0.3)]
    text = scale_flaw("i.tif", reflectance, low, high, MIN_SPREAD)
    assert "most values lie between 0.02 and 0.4, those of the training between 0 and 10000" in text
    assert scale_flaw("i.tif", reflectance, (), (), MIN_SPREAD) == "", "nothing is known"
