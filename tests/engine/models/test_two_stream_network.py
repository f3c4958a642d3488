"""What CMX and DualStream-DFormer have in common: a second stream that may be missing, refusals, precision."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor, nn

from engine.contract.errors import JobError
from engine.models.factory import build_model
from tests.engine.small_network import SmallNetwork


@pytest.fixture(scope="module", params=["cmx-b0", "dualstream-dformer"])
def model(request: pytest.FixtureRequest) -> nn.Module:
    """3 image and 5 auxiliary bands, 2 classes, in evaluation mode."""
    torch.manual_seed(0)
    network = build_model(
        request.param, encoder="mit-b0", bands=3, auxiliary_bands=5, classes=2
    ).eval()
    if request.param == "dualstream-dformer":  # whose fusions start as identities
        for parameter in network.parameter_groups()["fusion"]:
            nn.init.normal_(parameter, std=0.1)
    return network


@torch.no_grad()
def test_a_missing_auxiliary_stream_is_none_or_nan(model: nn.Module) -> None:
    x = torch.randn(2, 3, 64, 64)
    without = model(x)["logits"]
    assert without.isfinite().all()
    assert torch.equal(without, model(x, torch.full((2, 5, 64, 64), torch.nan))["logits"])
    assert not torch.allclose(without, model(x, torch.randn(2, 5, 64, 64))["logits"])


@torch.no_grad()
def test_bf16_autocast_gives_fp32_logits(model: nn.Module) -> None:
    torch.manual_seed(6)
    x, air = torch.randn(1, 3, 128, 128), torch.randn(1, 5, 128, 128)
    exact = model(x, air)["logits"]
    with torch.autocast("cpu", torch.bfloat16):
        rough = model(x, air)["logits"]
    assert rough.dtype == torch.float32
    assert (rough - exact).abs().mean() < 0.1 * exact.std()


@torch.no_grad()
@pytest.mark.parametrize("factor", [1 / 3, 1 / 0.07])
def test_logits_are_scaled_in_the_last_layer(factor: float, model: nn.Module) -> None:
    network = copy.deepcopy(model)
    nn.init.normal_(network.last_layer.bias, std=0.5)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    x, air = torch.randn(2, 3, 64, 64), torch.randn(2, 5, 64, 64)
    expected = factor * network(x, air)["logits"]
    assert network.scale_logits(factor, x[:1], air[:1])
    torch.testing.assert_close(network(x, air)["logits"], expected, rtol=1e-4, atol=1e-4 * factor)
    changed = [n for n, v in network.state_dict().items() if not torch.equal(v, before[n])]
    prefix = network.LAST_LAYER
    assert changed == [f"{prefix}.weight", f"{prefix}.bias"] and expected.std() > 1e-3


class Squashed(SmallNetwork):
    """Its last layer is followed by a function that is linear near 0 only."""

    def forward(
        self, pixel_values: Tensor, auxiliary_values: Tensor | None = None
    ) -> dict[str, Tensor]:
        logits = super().forward(pixel_values, auxiliary_values)["logits"]
        return {"logits": torch.tanh(logits / 10)}


class WithoutConvolution(SmallNetwork):
    """A network whose last layer has no weights."""

    def __init__(self) -> None:
        super().__init__(3, 8)
        self.head = nn.Identity()


@pytest.mark.parametrize("build", [partial(Squashed, 3, 1), WithoutConvolution])
def test_logits_that_cannot_be_scaled_stay(build: Callable[[], SmallNetwork]) -> None:
    torch.manual_seed(0)
    network = build().eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    assert not network.scale_logits(0.5, torch.randn(1, 3, 32, 32), None)
    assert all(torch.equal(value, before[n]) for n, value in network.state_dict().items())


def test_parameter_groups_hold_everything_once(model: nn.Module) -> None:
    groups = model.parameter_groups()
    assert list(groups) == ["encoders", "fusion", "decoder"] and all(groups.values())
    grouped = [id(p) for group in groups.values() for p in group]
    assert sorted(grouped) == sorted(id(p) for p in model.parameters())
    for group in ("encoders", "fusion"):
        parts = [model.get_submodule(part) for part, name in model.PARTS.items() if name == group]
        assert [id(p) for p in groups[group]] == [id(p) for m in parts for p in m.parameters()]


@pytest.mark.parametrize("size", [(100, 64), (64, 48), (33, 32), (16, 16)])
def test_sides_must_be_multiples_of_32(model: nn.Module, size: tuple[int, int]) -> None:
    with pytest.raises(JobError, match=f"{size[0]} x {size[1]} px .* multiples of 32"):
        model(torch.randn(1, 3, *size), torch.randn(1, 5, *size))


def test_other_bands_are_refused(model: nn.Module) -> None:
    x, air = torch.randn(1, 3, 64, 64), torch.randn(1, 5, 64, 64)
    with pytest.raises(JobError, match="auxiliary stream has 2 bands, but the network expects 5"):
        model(x, air[:, :2])
    with pytest.raises(JobError, match="image stream has 1 band, but the network expects 3"):
        model(x[:, :1], air)


@torch.no_grad()
@pytest.mark.parametrize("name", ["cmx", "dualstream-dformer", "unet-resnet50"])
def test_features_of_the_image_encoder_are_pooled(name: str) -> None:
    torch.manual_seed(0)
    network = build_model(name, encoder="mit-b0", bands=3, auxiliary_bands=0, tile_size=64).eval()
    tiles = torch.randn(2, 3, 64, 64)
    tiles[1, :, :, :8] = torch.nan
    features = network.image_features(tiles)
    assert features.shape == (2, 2048 if name == "unet-resnet50" else 256)
    assert features.isfinite().all() and not torch.allclose(*features)
    # Batches of another size are added in another order: the features of random ResNets are as large as 40.
    alone = network.image_features(tiles[:1])
    assert torch.allclose(features[:1], alone, rtol=1e-4, atol=1e-4)
