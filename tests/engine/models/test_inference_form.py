"""Networks in the form for inference: the same probabilities from fewer layers, for every kind of network."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from engine.models.factory import build_model
from engine.models.inference_form import inference_form, with_weights_in
from engine.models.logits import Outputs, probabilities
from engine.models.two_stream_network import TwoStreamNetwork

#: Architecture, encoder and auxiliary bands, and the number of batch norms that are left.
NETWORKS = [
    ("dualstream-dformer", "tf_efficientnet_lite0", 3, 0),
    ("dualstream-dformer", "mit-b0", 3, 0),
    ("dualstream-dformer", "convnext_atto", 0, 0),
    ("dualstream-dformer", "resnet18", 3, 0),
    ("cmx", "mit-b0", 2, 0),
    ("cmx", "mit-b0", 0, 0),
    ("smp:Unet:resnet18", "", 0, 0),
    ("smp:Linknet:mobilenet_v2", "", 0, 0),
    ("segformer:mit-b0:64", "", 0, 0),
    # A norm before the convolution has none to go into.
    ("smp:FPN:densenet121", "", 0, 62),
]


def batch_norms(network: nn.Module) -> int:
    return sum(isinstance(layer, nn.BatchNorm2d) for layer in network.modules())


def trained(architecture: str, encoder: str = "", auxiliary_bands: int = 0) -> nn.Module:
    """A network whose norms have statistics as after a training."""
    torch.manual_seed(0)
    chosen = {"encoder": encoder} if encoder else {}
    network = build_model(
        architecture, bands=3, auxiliary_bands=auxiliary_bands, classes=3, **chosen
    )
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.normal_(0.0, 0.1)
            layer.running_var.uniform_(0.5, 1.5)
            layer.bias.data.normal_(0.0, 0.1)
    return network.eval()


@torch.no_grad()
def shares(network: nn.Module, auxiliary_bands: int = 0) -> Tensor:
    torch.manual_seed(1)
    image = torch.randn(2, 3, 160, 160)
    auxiliary = torch.randn(2, auxiliary_bands, 12, 12) if auxiliary_bands else None
    return probabilities(network(image, auxiliary)["logits"])


@pytest.mark.parametrize(("architecture", "encoder", "auxiliary_bands", "left"), NETWORKS)
def test_gives_the_same_from_fewer_layers(
    architecture: str, encoder: str, auxiliary_bands: int, left: int
) -> None:
    network = trained(architecture, encoder, auxiliary_bands)
    norms, names = batch_norms(network), [*network.state_dict()]
    before = shares(network, auxiliary_bands)
    light = inference_form(network)
    assert light is not network and batch_norms(light) == left
    torch.testing.assert_close(shares(light, auxiliary_bands), before, atol=1e-4, rtol=0)
    # What is saved and trained stays as it was.
    assert batch_norms(network) == norms and [*network.state_dict()] == names
    assert torch.equal(shares(network, auxiliary_bands), before)


def test_auxiliary_stream_may_be_missing() -> None:
    network = trained("cmx", "mit-b0", 2)
    torch.testing.assert_close(shares(inference_form(network)), shares(network), atol=1e-5, rtol=0)


def test_decoder_multiplies_less() -> None:
    network = trained("cmx", "mit-b0", 0)
    counted = []
    for each in (network, inference_form(network)):
        counter = FlopCounterMode(display=False)
        with counter:
            shares(each)
        counted.append(counter.get_total_flops())
    assert counted[1] < 0.6 * counted[0]


class Odd(TwoStreamNetwork):
    """Convolutions whose batch norms must stay: by ``kind``, shared, used twice, or called twice."""

    PARTS = {}
    LAST_LAYER = "last"

    def __init__(self, kind: str) -> None:
        super().__init__(3, 0)
        self.kind = kind
        self.first = nn.Conv2d(3, 3, 3, padding=1)
        self.norm, self.last = nn.BatchNorm2d(3), nn.Conv2d(3, 2, 1)

    def forward(self, pixel_values: Tensor, auxiliary_values: Tensor | None = None) -> Outputs:
        x = self.first(pixel_values)
        y = self.norm(x)
        if self.kind == "result used twice":
            y = y + x
        elif self.kind == "convolution called twice":
            y = self.first(y)
        elif self.kind == "norm called twice":
            y = self.norm(y)
        if self.kind == "large tiles only" and pixel_values.shape[-1] < 160:
            raise ValueError("too small")
        return {"logits": self.last(y)}


@pytest.mark.parametrize(
    ("kind", "left"),
    [
        ("plain", 0),
        ("result used twice", 1),
        ("convolution called twice", 1),
        ("norm called twice", 1),
        ("large tiles only", 1),
    ],
)
def test_folds_what_nothing_else_uses(kind: str, left: int) -> None:
    torch.manual_seed(0)
    network = Odd(kind)
    network.norm.running_mean.normal_()
    light = inference_form(network)
    assert batch_norms(light) == left
    torch.testing.assert_close(shares(light), shares(network.eval()), atol=1e-5, rtol=0)


def test_network_that_would_change_stays() -> None:
    network = Odd("plain")
    network.norm.running_var.fill_(torch.nan)
    assert inference_form(network) is network


@pytest.mark.parametrize(
    ("architecture", "encoder"),
    [("smp:Linknet:mobilenet_v2", ""), ("cmx-b0", ""), ("dualstream-dformer", "convnext_atto")],
)
def test_weights_of_16_bits_give_the_same_bytes(architecture: str, encoder: str) -> None:
    network = inference_form(trained(architecture, encoder))
    half = with_weights_in(network, "bf16")
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(shares(half), shares(network))
    assert with_weights_in(network, "fp32") is network
    assert all(value.dtype == torch.float32 for value in network.parameters())
    smaller = sum(value.dtype == torch.bfloat16 for value in half.parameters())
    assert smaller > 0.5 * len([*half.parameters()])
