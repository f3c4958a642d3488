"""The summary of training land: distances, limit, size; in model files and in every family of networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from onnx import TensorProto, helper
from torch import Tensor, nn

from engine.contract.card_reader import read_card
from engine.contract.card_weights import count_parameters
from engine.contract.class_table import class_table
from engine.contract.errors import JobError, ModelFileError
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.contract.safetensors_header import read_header
from engine.contract.unlike import UNLIKE, has_land_summary, without_land_summary
from engine.models.donor_weights import copy_weights
from engine.models.factory import build_model
from engine.models.graph_check import check_graph
from engine.models.inference_form import inference_form
from engine.models.land_summary import LandSummary, labelled_positions
from engine.models.model_file import build_network, load_model, save_model
from engine.runtimes.torch_backends import ProbabilityNetwork
from tests.engine.small_network import add_land_summary


def land(count: int, shift: float = 0.0) -> Tensor:
    """Features (count, 6), of which two vary together and one hardly at all."""
    noise = torch.randn(count, 6, generator=torch.Generator().manual_seed(count))
    noise[:, 1] = noise[:, 0] + 0.1 * noise[:, 1]
    return noise * torch.tensor([3.0, 3.0, 1.0, 1.0, 1.0, 0.001]) + shift


def as_map(features: Tensor) -> Tensor:
    """Features (N, C) as one map (1, C, 20, N / 20)."""
    return features.T.reshape(1, features.shape[1], 20, -1)


def fitted() -> LandSummary:
    summary = LandSummary.of(land(4000))
    assert summary is not None
    assert summary.set_limit(summary.distance(as_map(land(2000))).flatten())
    return summary


def test_one_percent_of_land_like_the_training_s_is_unlike() -> None:
    share = fitted()(as_map(land(8000)), (20, 400))
    assert 0.002 < (share > 0.5).double().mean() < 0.03
    assert share.min() >= 0 and share.max() <= 1


def test_what_lies_off_the_training_s_directions_is_unlike_though_it_is_near() -> None:
    like, unlike = land(2000), land(2000)
    like[:, :2] += 1.0  # along the direction in which the training varies
    unlike[:, 0] += 1.0  # across it
    summary = fitted()
    assert (summary(as_map(like), (20, 100)) > 0.5).double().mean() < 0.1
    assert (summary(as_map(unlike), (20, 100)) > 0.5).double().mean() > 0.9


def test_a_distance_is_that_of_the_neighbourhood() -> None:
    summary, features = fitted(), torch.zeros(1, 6, 20, 20)
    features[0, :, 10, 10] = 100.0
    near = summary.distance(features)[0, 0]
    assert near[10, 10] == pytest.approx(float(near[8, 12])) and near[7, 10] < 0.1 * near[8, 10]


def test_features_that_are_all_alike_have_no_summary() -> None:
    assert LandSummary.of(torch.ones(100, 6)) is None
    assert LandSummary.of(torch.empty(0, 6)) is None
    assert LandSummary.of(torch.full((100, 6), torch.nan)) is None
    assert not fitted().set_limit(torch.empty(0))


@pytest.mark.parametrize("channels", [3, 512, 2048])
def test_a_summary_has_less_than_a_megabyte(channels: int) -> None:
    summary = LandSummary.of(torch.randn(3000, channels))
    assert summary is not None
    assert sum(value.numel() * value.element_size() for value in summary.buffers()) < 1e6
    far = summary.distance(5 * torch.randn(1, channels, 8, 8))
    assert far.min() > 2 * summary.distance(torch.randn(1, channels, 8, 8)).max()


def test_labelled_positions() -> None:
    target = torch.full((1, 16, 24), 255)
    target[0, 9, 23] = 1
    found = labelled_positions(target, torch.zeros(1, 4, 2, 3), 255)
    assert found.nonzero().tolist() == [[0, 1, 2]]


@pytest.mark.parametrize(
    "name",
    [
        "dualstream-dformer",
        "cmx-b0",
        "segformer:mit-b0:64",
        "smp:Unet:resnet18",
        "smp:PAN:resnet18",
    ],
)
def test_networks_give_features_that_are_the_same_in_the_form_for_inference(name: str) -> None:
    torch.manual_seed(0)
    bands = 2 if name.startswith(("dual", "cmx")) else 0
    network = build_model(name, bands=3, auxiliary_bands=bands, tile_size=128, encoder="mit-b0")
    for norm in network.modules():
        if isinstance(norm, nn.BatchNorm2d) and norm.running_mean is not None:
            norm.running_mean.normal_(std=0.1)
    tiles = torch.randn(2, 3, 128, 128)
    with torch.no_grad():
        outputs, light = network.eval()(tiles), inference_form(network)(tiles)
    assert outputs["features"].shape[0] == 2 and outputs["features"].shape[2:] == (16, 16)
    torch.testing.assert_close(light["features"], outputs["features"], rtol=1e-3, atol=1e-3)


def test_a_network_without_a_pyramid_gives_none() -> None:
    network = build_model(
        "smp:DPT:tu-vit_tiny_patch16_224", bands=3, auxiliary_bands=0, tile_size=224
    )
    assert not network.gives_features


@pytest.fixture
def known(feature_networks: None, make_model: Callable[..., str]) -> str:
    return add_land_summary(
        make_model(auxiliary=0), np.random.default_rng(0).normal(900, 200, (8, 4, 64, 64))
    )


def test_a_model_file_keeps_it(known: str) -> None:
    network, card = load_model(known)
    assert has_land_summary(card) and isinstance(network.land_summary, LandSummary)
    again, _ = load_model(known)
    for one, other in zip(network.state_dict().values(), again.state_dict().values(), strict=True):
        assert torch.equal(one, other)
    before = count_parameters(read_header(known))
    network.land_summary = None  # type: ignore[assignment]
    save_model(known, network, without_land_summary(card))
    assert load_model(known)[0].land_summary is None
    assert count_parameters(read_header(known)) == before


def test_a_card_and_weights_that_differ_are_refused(known: str, tmp_path: Path) -> None:
    network, card = load_model(known)
    for model, described, says in (
        (network, without_land_summary(card), "land_summary.weight is unknown"),
        (build_network(card), card, "land_summary.weight is missing"),
    ):
        path = tmp_path / "changed.safetensors"
        save_model(path, model, described)
        with pytest.raises(ModelFileError, match=says):
            read_card(path)


@pytest.mark.parametrize("features", [None, torch.zeros(1, 5, 8, 8)])
def test_a_summary_of_other_features_is_refused(features: Tensor | None) -> None:
    outputs = {"logits": torch.zeros(1, 1, 64, 64), "features": features}
    network = nn.Module()
    network.land_summary = LandSummary(2, 6)
    network.forward = lambda image, auxiliary: outputs
    with pytest.raises(ModelFileError, match="does not fit its network"):
        ProbabilityNetwork(network)(torch.zeros(1, 3, 64, 64))


def test_a_graph_with_its_outputs_in_another_order_is_refused() -> None:
    shapes = {"image": 3, "probabilities": 1, "unlike": 1}
    image, *outputs = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", bands, 32, 32])
        for name, bands in shapes.items()
    )
    nodes = [
        helper.make_node("ReduceMean", ["image"], ["probabilities"], axes=[1], keepdims=1),
        helper.make_node("Identity", ["probabilities"], ["unlike"]),
    ]
    classes = class_table({0: "land", 1: "water"})
    card = Card("onnx", "", 1, 32, ImageCard(3), AuxiliaryCard(), classes, metrics={UNLIKE: {}})
    for order in (outputs, outputs[::-1]):
        graph = helper.make_graph(nodes, "graph", [image], order)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        if order is outputs:
            assert check_graph(model.SerializeToString(), card, "m") == 0
            continue
        with pytest.raises(JobError, match="the file was changed"):
            check_graph(model.SerializeToString(), card, "m")


def test_another_training_does_not_take_it_over(known: str) -> None:
    donor, card = load_model(known)
    network = build_network(card)
    copy_weights(network, without_land_summary(card), donor, card)
    assert network.land_summary is None
    weights = (model.state_dict()["head.weight"] for model in (network, donor))
    assert torch.equal(*weights)


def test_a_card_with_a_summary_too_large_is_refused(known: str, tmp_path: Path) -> None:
    network, card = load_model(known)
    network.land_summary = LandSummary(1000, 1000)  # type: ignore[assignment]
    path = tmp_path / "large.safetensors"
    save_model(path, network, replace(card, metrics={UNLIKE: {}}))
    with pytest.raises(ModelFileError, match=r"land_summary.weight is \(1000, 1000\)"):
        read_card(path)
