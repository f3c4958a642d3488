"""Weights of a trained network in another one: the same logits for the same classes, in all families."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from engine.contract.class_table import ClassTable, class_table
from engine.contract.errors import JobError
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard, logits_for
from engine.models.donor_weights import copy_weights, match_classes, remake_rows
from engine.models.logits import probabilities
from engine.models.model_file import build_network

#: Architecture, encoder and auxiliary bands of a network of each family.
FAMILIES = {
    "dualstream-dformer": ("mit-b0", 2),
    "cmx-b0": ("mit-b0", 1),
    "smp:Unet:timm-mobilenetv3_small_075": ("timm-mobilenetv3_small_075", 0),
    "segformer:mit-8.16.24.32-1.1.1.1-1.2.3.4:16": ("mit-8.16.24.32-1.1.1.1-1.2.3.4", 0),
}


def table(*names: str) -> ClassTable:
    return class_table(dict(enumerate(names)))


def card(classes: ClassTable, architecture: str = "dualstream-dformer") -> Card:
    encoder, bands = FAMILIES[architecture]
    auxiliary = AuxiliaryCard(bands, 64 if architecture.startswith("cmx") else 16)
    auxiliary = auxiliary if bands else AuxiliaryCard()
    logits = logits_for(len(classes))
    return Card(architecture, encoder, logits, 64, ImageCard(3), auxiliary, classes)


def network(described: Card, seed: int) -> nn.Module:
    """A network with weights and statistics of its own."""
    torch.manual_seed(seed)
    model = build_network(described)
    for value in model.state_dict().values():
        if value.is_floating_point():
            value.add_(0.02 * torch.randn_like(value))
    return model.eval()


def started(described: Card, donor: nn.Module, donor_card: Card) -> nn.Module:
    """A network of a card with the donor's weights and, to compare them, its statistics."""
    model = network(described, 2)
    copy_weights(model, described, donor, donor_card)
    for stream in ("image_normalisation", "auxiliary_normalisation"):
        model.get_submodule(stream).load_state_dict(donor.get_submodule(stream).state_dict())
    return model


def outputs(model: nn.Module, described: Card) -> list[Tensor]:
    """The logits of a tile, and those of the auxiliary heads."""
    generator, side = torch.Generator().manual_seed(3), described.tile_size
    image = torch.randn(1, 3, side, side, generator=generator)
    bands, auxiliary = described.auxiliary, None
    if bands.bands:
        sides = bands.tile_size, bands.tile_size
        auxiliary = torch.randn(1, bands.bands, *sides, generator=generator)
    model.eval()
    with torch.no_grad():
        logits = [model(image, auxiliary)["logits"]]
        if hasattr(model, "auxiliary_heads"):
            model.training = True  # only the network itself: its batch norms and dropouts stay
            logits += model(image, auxiliary)["auxiliary_logits"]
    return logits


@pytest.mark.parametrize("architecture", FAMILIES)
def test_the_same_classes_have_the_same_logits_in_any_order(architecture: str) -> None:
    donor_card = card(table("land", "Water", "snow"), architecture)
    donor = network(donor_card, 1)
    expected = outputs(donor, donor_card)
    same = started(donor_card, donor, donor_card)
    assert all(map(torch.equal, outputs(same, donor_card), expected))
    turned = card(table("snow", "land", "water"), architecture)
    for found, logits in zip(outputs(started(turned, donor, donor_card), turned), expected):
        torch.testing.assert_close(found, logits[:, [2, 0, 1]], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("architecture", FAMILIES)
def test_one_logit_becomes_several_and_several_one(architecture: str) -> None:
    two, three = (
        card(table(*names), architecture) for names in (("land", "water"), ("ice", "water", "land"))
    )
    donor = network(two, 1)
    for one, many in zip(outputs(donor, two), outputs(started(three, donor, two), three)):
        torch.testing.assert_close(many[:, 2], torch.zeros_like(many[:, 2]))
        torch.testing.assert_close(many[:, 1], one[:, 0], rtol=1e-4, atol=1e-4)
        among_known = probabilities(many[:, [2, 1]])[:, 1]
        torch.testing.assert_close(among_known, probabilities(one)[:, 0], rtol=1e-4, atol=1e-4)
    donor = network(three, 1)
    for many, one in zip(outputs(donor, three), outputs(started(two, donor, three), two)):
        torch.testing.assert_close(one[:, 0], many[:, 1] - many[:, 2], rtol=1e-4, atol=1e-4)


def test_two_classes_in_the_other_order_have_the_opposite_logit() -> None:
    one, turned = card(table("land", "water")), card(table("water", "land"))
    donor = network(one, 1)
    for found, expected in zip(outputs(started(turned, donor, one), turned), outputs(donor, one)):
        torch.testing.assert_close(found, -expected, rtol=1e-4, atol=1e-4)


def test_a_new_class_keeps_its_own_weights() -> None:
    donor, fresh = torch.tensor([[1.0, 2.0]]), torch.tensor([[9.0, 9.0], [7.0, 7.0], [5.0, 5.0]])
    made = remake_rows(donor, fresh, [1, None, 0])
    assert made.tolist() == [[1.0, 2.0], [7.0, 7.0], [0.0, 0.0]]
    rows, one = torch.tensor([[1.0], [2.0], [4.0]]), torch.tensor([[9.0]])
    assert remake_rows(rows, one, [0, None]).item() == 9 - 1
    assert remake_rows(rows, one, [None, 2]).item() == 4 - 9
    assert remake_rows(rows, one, [None, None]).item() == 9
    assert remake_rows(rows, one, [2, 1]).item() == 2 - 4


def test_only_statistics_and_new_classes_differ_from_the_donor() -> None:
    donor_card, larger = card(table("land", "water")), card(table("land", "water", "snow"))
    donor, fresh = network(donor_card, 1), network(larger, 2).state_dict()
    model = network(larger, 2)
    copy_weights(model, larger, donor, donor_card)
    state, taken = model.state_dict(), donor.state_dict()
    heads = {name for name in state if state[name].shape != taken[name].shape}
    assert {name.split(".")[0] for name in heads} == {"head", "auxiliary_heads"}
    for name, value in state.items():
        if name in heads:
            assert torch.equal(value[2], fresh[name][2]) and not torch.equal(value, fresh[name])
        elif "_normalisation." in name:
            assert torch.equal(value, fresh[name])
        else:
            assert torch.equal(value, taken[name]), name


def test_classes_are_the_same_by_name_or_without_one_by_value() -> None:
    donor = class_table({0: "land", 1: "Water", 2: "class 2", 5: "snow"})
    assert match_classes(class_table({0: "water ", 3: "LAND"}), donor) == [1, 0]
    assert match_classes(class_table({1: "class 1", 5: "ice"}), donor) == [1, None]
    assert match_classes(class_table({2: "fog", 5: "class 5"}), donor) == [2, 3]
    # "water" is found by its name: no second class is the same as it by its value.
    assert match_classes(class_table({1: "class 1", 2: "water"}), donor) == [None, 1]
    repeated = class_table({0: "road", 1: "road"})
    assert match_classes(repeated, repeated) == [0, 1]
    assert match_classes(class_table({1: "road"}), repeated) == [1]


def test_statistics_of_the_image_follow_its_range_of_values() -> None:
    """A network that standardises by (x / 255 - 0.5) / 0.5 does so on the new range too."""
    one = replace(
        card(table("land", "water")), image=ImageCard(3, low=(0.0,) * 3, high=(255.0,) * 3)
    )
    other = replace(one, image=ImageCard(3, low=(100.0,) * 3, high=(1100.0,) * 3))
    donor, model = network(one, 1), network(other, 2)
    donor.get_submodule("image_normalisation").set([127.5] * 3, [127.5] * 3)
    copy_weights(model, other, donor, one)
    state = model.state_dict()
    assert state["image_normalisation.mean"].tolist() == [600.0] * 3
    assert state["image_normalisation.std"].tolist() == [500.0] * 3
    same = network(one, 2)
    copy_weights(same, one, donor, one)
    assert same.state_dict()["image_normalisation.mean"].tolist() == [127.5] * 3


def test_another_stem_is_refused() -> None:
    one = card(table("land", "water"))
    other = replace(one, auxiliary=AuxiliaryCard(2, 128))  # its stem has another stride
    with pytest.raises(JobError, match=r"do not fit the network: .* \(64 and, .* 16 px\)"):
        copy_weights(network(other, 2), other, network(one, 1), one)
