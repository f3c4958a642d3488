"""A card in a few lines: what a dialog shows of a model."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.contract.card_summary import describe_bands, describe_ground, summarize
from engine.contract.class_table import class_table
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard, PretrainedCard

CARD = Card(
    architecture="dualstream-dformer",
    encoder="tf_efficientnet_lite0",
    logits=1,
    tile_size=128,
    image=ImageCard(3, ("red", "green", "blue"), "uint16", ground=30.0),
    auxiliary=AuxiliaryCard(2, 16, ("nir", "swir")),
    classes=class_table({0: "land", 1: "water"}),
    metrics={"miou": 0.7271},
    provenance={"date": "2026-11-22T21:26:53+00:00", "scenes": 107},
    pretrained=PretrainedCard("weights 1", "Apache-2.0"),
)


def test_a_card_is_told_in_plain_lines() -> None:
    summary = summarize(CARD)
    assert summary.network == "dualstream-dformer with EfficientNet-lite0"
    assert summary.image == "3 bands (red, green, blue), uint16, 30 m per pixel"
    assert summary.auxiliary == "2 bands (nir, swir)"
    assert [entry.name for entry in summary.classes] == ["land", "water"]
    assert summary.score == "mIoU 0.727 in its validation, trained 2026-11-22, 107 scenes"
    assert summary.licence == "", "a free licence restricts nothing"


def test_what_is_not_known_is_left_out() -> None:
    bare = Card("unet-resnet50", "resnet50", 1, 64, ImageCard(4), AuxiliaryCard(), CARD.classes)
    summary = summarize(bare)
    assert (summary.image, summary.auxiliary, summary.score) == ("4 bands", "", "")
    many = replace(CARD.image, bands=9, band_names=tuple(f"b{n}" for n in range(9)), ground=0.0)
    assert "(b0, b1, b2, b3, b4, b5 and 3 more)" in summarize(replace(CARD, image=many)).image


def test_the_file_of_bands_is_named_once() -> None:
    names = ("air: no2", "air: so2", "GEMS: o3", "GEMS: hcho")
    assert describe_bands(4, names) == "4 bands (air: no2, so2, GEMS: o3, hcho)"
    many = tuple(f"air: hour {n}" for n in range(48))
    assert describe_bands(48, many).count("air") == 1


def test_a_licence_that_binds_is_told() -> None:
    bound = replace(CARD, pretrained=PretrainedCard("weights 2", "not commercial use"))
    assert summarize(bound).licence == "not commercial use"


@pytest.mark.parametrize(
    ("ground", "text"), [(30.0, "30 m per pixel"), (0.132, "13.2 cm per pixel")]
)
def test_ground_resolutions_have_a_unit_that_suits_them(ground: float, text: str) -> None:
    assert describe_ground(ground) == text
