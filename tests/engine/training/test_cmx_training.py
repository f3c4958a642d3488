"""CMX in training: its start from random weights, gradients, smallest batches, learning."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.losses.segmentation_loss import parse_loss
from engine.models.factory import build_model
from engine.models.fusion import FeatureFusion, FeatureRectification
from engine.models.logits import predicted_classes
from engine.training.metrics import ConfusionMatrix


def network(**options: object) -> nn.Module:
    torch.manual_seed(0)
    return build_model("cmx-b0", **{"bands": 3, "auxiliary_bands": 1, "classes": 4, **options})


def test_random_weights_start_undecided() -> None:
    """Gates near one half and logits near zero; the fused maps have about unit spread."""
    model = network()
    pixels, nir = torch.randn(2, 3, 128, 128), torch.randn(2, 1, 128, 128)
    gates: list[Tensor] = []
    fused: list[Tensor] = []
    for module in model.modules():
        if isinstance(module, FeatureRectification):
            for part in (module.channel, module.place):
                part.register_forward_hook(lambda _, __, y: gates.append(y.sigmoid()))
        elif isinstance(module, FeatureFusion):
            module.register_forward_hook(lambda _, __, y: fused.append(y))
    logits = model(pixels, nir)["logits"]
    assert len(gates) == 8 and all(0.1 < g.min() and g.max() < 0.9 for g in gates)
    assert all(0.8 < f.std() < 1.2 for f in fused)
    assert 0.01 < logits.std() < 1.0


def test_gradient_reaches_every_weight_in_the_first_step() -> None:
    model = network()
    model.image_encoder.eval()  # drop path would silence a block by chance
    model.auxiliary_encoder.eval()
    x = torch.randn(2, 3, 64, 64, requires_grad=True)
    nir = torch.randn(2, 1, 64, 64, requires_grad=True)
    target = torch.randint(0, 4, (2, 64, 64))
    parse_loss("focal+dice").build(4)(model(x, nir), target).backward()
    assert x.grad.abs().sum() > 0 and nir.grad.abs().sum() > 0
    assert all(p.grad.isfinite().all() for p in model.parameters())
    # A bias of keys shifts all logits of a query alike: softmax does not see it.
    silent = {name for name, p in model.named_parameters() if not p.grad.any()}
    assert not {name for name in silent if not name.endswith("k_proj.bias")}


def test_gradients_stay_finite_where_values_are_missing() -> None:
    model, x, nir = network(), torch.randn(2, 3, 64, 64), torch.randn(2, 1, 64, 64)
    x[:, :, :20], nir[0], nir[1, :, 5:] = torch.nan, torch.nan, torch.inf
    parse_loss("ce").build(4)(model(x, nir), torch.randint(0, 4, (2, 64, 64))).backward()
    assert all(p.grad.isfinite().all() for p in model.parameters())


def test_smallest_training_batches() -> None:
    """A single tile of 32 px is one pixel of the coarsest map: it is normed by what others were."""
    model, coarsest = network(), {}
    fuse = model.fusions[-1]
    fuse.register_forward_hook(lambda _, maps, fused: coarsest.update(maps=maps, fused=fused))

    def statistics() -> list[Tensor]:
        return [b.clone() for b in fuse.buffers()]

    for count, side in ((1, 64), (2, 32)):
        before = statistics()
        model(torch.randn(count, 3, side, side), torch.randn(count, 1, side, side))
        assert all(not torch.equal(old, new) for old, new in zip(before, statistics()))
    before, decoder = statistics(), model.decoder.norm.running_mean.clone()
    logits = model(torch.randn(1, 3, 32, 32), torch.randn(1, 1, 32, 32))["logits"]
    parse_loss("ce").build(4)({"logits": logits}, torch.randint(0, 4, (1, 32, 32))).backward()
    assert all(p.grad.isfinite().all() for p in model.parameters())
    assert fuse.main[0].weight.grad.any() and all(m.training for m in model.modules())
    assert all(torch.equal(old, new) for old, new in zip(before, statistics()))
    assert not torch.equal(model.decoder.norm.running_mean, decoder), "others see more pixels"
    assert coarsest["fused"].shape == (1, 256, 1, 1)
    evaluated = FeatureFusion(256, 8).eval()
    evaluated.load_state_dict(fuse.state_dict())
    assert torch.allclose(evaluated(*coarsest["maps"]), coarsest["fused"], atol=1e-6)
    network(auxiliary_bands=0)(torch.randn(1, 3, 32, 32))


def test_bf16_autocast_trains() -> None:
    model, loss = network(), parse_loss("focal+dice").build(4)
    with torch.autocast("cpu", torch.bfloat16):
        outputs = model(torch.randn(2, 3, 64, 64), torch.randn(2, 1, 64, 64))
    loss(outputs, torch.randint(0, 4, (2, 64, 64))).backward()
    assert all(p.grad.dtype == torch.float32 for p in model.parameters())
    assert all(p.grad.isfinite().all() for p in model.parameters())


def test_frozen_encoders_do_not_learn() -> None:
    model = network()
    model.freeze_encoders(True)
    model(torch.randn(1, 3, 64, 64), torch.randn(1, 1, 64, 64))["logits"].sum().backward()
    groups = model.parameter_groups()
    assert all(p.grad is None for p in groups["encoders"])
    assert all(p.grad is not None for p in groups["fusion"])
    model.freeze_encoders(False)
    assert all(p.requires_grad for p in model.parameters())


def test_learns_what_needs_both_streams() -> None:
    """True where both streams are high; each image comes with either field."""
    torch.manual_seed(3)
    images, fields = (
        F.interpolate(torch.randn(2, 1, 4, 4), (32, 32), mode="bicubic") for _ in range(2)
    )
    x, nir = images.repeat_interleave(2, dim=0), fields.repeat(2, 1, 1, 1)
    target = ((x > 0) & (nir > 0))[:, 0].long()
    model = network(bands=1, auxiliary_bands=1, classes=2)
    loss, optimiser = parse_loss("focal+dice").build(2), torch.optim.AdamW(model.parameters(), 1e-3)
    for _ in range(15):
        optimiser.zero_grad()
        loss(model(x, nir), target).backward()
        optimiser.step()
    model.eval()
    miou = {}
    for name, values in (("both", nir), ("image", None)):
        matrix = ConfusionMatrix(2)
        with torch.no_grad():
            matrix.update(predicted_classes(model(x, values)["logits"]), target)
        miou[name] = matrix.scores().miou
    assert miou["both"] > 0.85 and miou["image"] < 0.75
