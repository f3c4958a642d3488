"""DualStream-DFormer: shapes, gradients, missing values, learning."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from engine.contract.errors import JobError
from engine.losses.segmentation_loss import parse_loss
from engine.models.factory import build_model
from engine.models.logits import predicted_classes, probabilities
from engine.training.metrics import ConfusionMatrix

#: Parameters of the default networks: 4 + 48 bands, one logit.
PARAMETERS = {"mit-b0": 13_465_878, "mit-b1": 25_910_454}
IMAGE_ONLY_B0 = 5_442_931


def network(**options: object) -> nn.Module:
    torch.manual_seed(0)
    return build_model("dualstream-dformer", **{"encoder": "mit-b0", **options})


@pytest.fixture(scope="module")
def small() -> nn.Module:
    """3 image and 5 auxiliary bands, 2 classes, every fusion opened; in evaluation mode."""
    model = network(bands=3, auxiliary_bands=5, classes=2)
    for parameter in model.parameter_groups()["fusion"]:
        nn.init.normal_(parameter, std=0.1)
    return model.eval()


def parameters(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize(("bands", "auxiliary_bands"), [(1, 1), (3, 5), (7, 48)])
@pytest.mark.parametrize("classes", [1, 3])
def test_shapes_for_any_bands(bands: int, auxiliary_bands: int, classes: int) -> None:
    model = network(bands=bands, auxiliary_bands=auxiliary_bands, classes=classes)
    x, air = torch.randn(2, bands, 64, 32), torch.randn(2, auxiliary_bands, 8, 4)
    outputs = model.train()(x, air)
    assert outputs["logits"].shape == (2, classes, 64, 32)
    assert [tuple(a.shape) for a in outputs["auxiliary_logits"]] == [
        (2, classes, 8, 4),
        (2, classes, 4, 2),
    ]
    assert set(model.eval()(x, air)) == {"logits", "features"}


@pytest.mark.parametrize("auxiliary_size", [(1, 1), (5, 9), (64, 64), (100, 3)])
@pytest.mark.parametrize("size", [(32, 32), (64, 96)])
def test_any_auxiliary_size(
    small: nn.Module, size: tuple[int, int], auxiliary_size: tuple[int, int]
) -> None:
    with torch.no_grad():
        logits = small(torch.randn(1, 3, *size), torch.randn(1, 5, *auxiliary_size))["logits"]
    assert logits.shape == (1, 2, *size) and logits.isfinite().all()


@pytest.mark.parametrize("encoder", PARAMETERS)
def test_parameter_counts(encoder: str) -> None:
    assert parameters(network(encoder=encoder)) == PARAMETERS[encoder]


def test_image_only_network_has_no_air_parts() -> None:
    model = network(auxiliary_bands=0)
    assert parameters(model) == IMAGE_ONLY_B0
    assert not model.parameter_groups()["fusion"]
    assert model.eval()(torch.randn(1, 4, 32, 32))["logits"].shape == (1, 1, 32, 32)
    with pytest.raises(JobError, match="without an auxiliary stream"):
        model(torch.randn(1, 4, 32, 32), torch.randn(1, 1, 4, 4))


def test_gradient_reaches_both_streams_at_once_and_every_weight_next() -> None:
    model = network(bands=3, auxiliary_bands=5)
    model.vision.stages.eval()  # drop path would silence a block by chance
    x = torch.randn(2, 3, 64, 64, requires_grad=True)
    air = torch.randn(2, 5, 16, 16, requires_grad=True)  # stage 4 keeps 2 x 2 keys to choose from
    target, loss = torch.randint(0, 2, (2, 64, 64)), parse_loss("focal+lovasz").build(1)
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3)
    loss(model(x, air), target).backward()
    assert x.grad.abs().sum() > 0 and air.grad.abs().sum() > 0
    optimiser.step()
    optimiser.zero_grad()
    loss(model(x, air), target).backward()
    # A bias of keys shifts all logits of a query alike: softmax does not see it.
    silent = {name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()}
    assert not {name for name in silent if not name.endswith("k_proj.bias")}


def test_without_auxiliary_the_network_is_its_image_part(small: nn.Module) -> None:
    alone = network(bands=3, auxiliary_bands=0, classes=2).eval()
    own = {k: v for k, v in alone.state_dict().items() if k.startswith("auxiliary_normalisation")}
    shared = {k: v for k, v in small.state_dict().items() if k in alone.state_dict()}
    alone.load_state_dict(shared | own)
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(small(x)["logits"], alone(x)["logits"])


def test_one_sample_without_auxiliary_does_not_touch_another(small: nn.Module) -> None:
    x, air = torch.randn(2, 3, 64, 64), torch.randn(2, 5, 8, 8)
    air[0] = torch.nan
    with torch.no_grad():
        both = small(x, air)["logits"]
        assert torch.allclose(both[:1], small(x[:1])["logits"], atol=1e-5)
        assert torch.allclose(both[1:], small(x[1:], air[1:])["logits"], atol=1e-5)


@pytest.mark.parametrize("missing", ["none", "sample", "part", "band", "image"])
def test_gradients_stay_finite_where_values_are_missing(missing: str) -> None:
    model = network(bands=2, auxiliary_bands=3)
    for parameter in model.parameter_groups()["fusion"]:
        nn.init.normal_(parameter, std=0.1)
    x, air = torch.randn(2, 2, 32, 32), torch.randn(2, 3, 6, 6)
    holes = {"sample": air[0], "part": air[0, :, :3], "band": air[:, 1], "image": x[:, :, :9]}
    if missing in holes:
        holes[missing].fill_(torch.nan)
    outputs = model(x, None if missing == "none" else air)
    parse_loss("ce").build(1)(outputs, torch.randint(0, 2, (2, 32, 32))).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def test_frozen_encoders_do_not_learn() -> None:
    model = network(bands=1, auxiliary_bands=1)
    model.freeze_encoders(True)
    model(torch.randn(1, 1, 32, 32), torch.randn(1, 1, 4, 4))["logits"].sum().backward()
    groups = model.parameter_groups()
    assert all(p.grad is None for p in groups["encoders"])
    assert any(p.grad is not None for p in groups["fusion"])
    model.freeze_encoders(False)
    assert all(p.requires_grad for p in model.parameters())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"architecture": "unet"}, "'unet'; it is one of dualstream-dformer"),
        ({"encoder": "resnet"}, "no encoder 'resnet'.*It is mit-b0"),
        ({"tile_size": 500}, "multiple of 32, not 500"),
        ({"tile_size": 0}, "multiple of 32, not 0"),
        ({"bands": 0}, "image bands must be at least 1, not 0"),
        ({"auxiliary_bands": -1}, "auxiliary bands must be at least 0, not -1"),
        ({"classes": 0}, "classes must be at least 1, not 0"),
        ({"auxiliary_tile_size": 0}, "auxiliary tile size must be at least 1, not 0"),
    ],
)
def test_impossible_networks_are_refused(options: dict[str, object], words: str) -> None:
    architecture = str(options.pop("architecture", "dualstream-dformer"))
    with pytest.raises(JobError, match=words):
        build_model(architecture, **options)


def test_what_logits_mean() -> None:
    one = torch.tensor([-1.0, 0.0, 1.0]).view(1, 1, 1, 3)
    assert predicted_classes(one).tolist() == [[[0, 0, 1]]]
    assert torch.allclose(probabilities(one), one.sigmoid())
    many = torch.randn(2, 3, 4, 4)
    assert torch.equal(predicted_classes(many), many.argmax(dim=1))
    shares = probabilities(many.half())
    assert shares.dtype == torch.float32
    assert torch.allclose(shares.sum(dim=1), torch.ones(2, 4, 4))


def crossed_problem() -> tuple[Tensor, Tensor, Tensor]:
    """Two images crossed with two auxiliary fields: true where both are high.

    Each image comes with either field, so neither stream alone can tell the samples apart.
    """
    torch.manual_seed(3)
    images = torch.nn.functional.interpolate(torch.randn(2, 1, 8, 8), (32, 32), mode="bicubic")
    fields = torch.randn(2, 1, 4, 4)
    x, air = images.repeat_interleave(2, dim=0), fields.repeat(2, 1, 1, 1)
    high = torch.nn.functional.interpolate(air, (32, 32)) > 0
    return x, air, ((x > 0) & high)[:, 0].long()


def test_learns_what_needs_both_streams() -> None:
    x, air, target = crossed_problem()
    model = network(bands=1, auxiliary_bands=1, classes=2, tile_size=32, auxiliary_tile_size=4)
    loss, optimiser = (
        parse_loss("focal+lovasz").build(2),
        torch.optim.AdamW(model.parameters(), 2e-3),
    )
    for _ in range(30):
        optimiser.zero_grad()
        loss(model(x, air), target).backward()
        optimiser.step()
    model.eval()
    miou = {}
    for name, values in (("both", air), ("image", None)):
        matrix = ConfusionMatrix(2)
        with torch.no_grad():
            matrix.update(predicted_classes(model(x, values)["logits"]), target)
        miou[name] = matrix.scores().miou
    assert miou["both"] > 0.9 and miou["image"] < 0.8
