"""Fusion: identity at the start, exact absence, and agreement across grids."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from engine.models.cross_attention import CrossAttention, RelativePosition
from engine.models.fusion import FiLM, GatedModulation, resample, resample_validity

VISION, AIR = 20, 12


def modules() -> list[nn.Module]:
    """Both kinds of fusion, moved away from their start."""
    torch.manual_seed(0)
    kinds = [GatedModulation(VISION, AIR), CrossAttention(VISION, AIR, heads=5)]
    for parameter in (p for kind in kinds for p in kind.parameters()):
        nn.init.normal_(parameter, std=0.3)
    return kinds


def maps(air: tuple[int, int] = (3, 5)) -> tuple[Tensor, Tensor, Tensor]:
    torch.manual_seed(1)
    return torch.randn(2, VISION, 6, 8), torch.randn(2, AIR, *air), torch.ones(2, 1, *air)


def test_film_and_cross_attention_start_as_identities() -> None:
    vision, air, validity = maps((6, 8))
    assert torch.equal(FiLM(VISION, AIR)(vision, air), vision)
    assert torch.equal(CrossAttention(VISION, AIR, heads=5)(vision, air, validity), vision)


def test_gate_carries_gradient_into_air_from_the_start() -> None:
    vision, air, validity = maps()
    air.requires_grad_()
    GatedModulation(VISION, AIR)(vision, air, validity).square().sum().backward()
    assert (air.grad.abs().sum(dim=1) > 0).all()


def test_cross_attention_opens_after_one_step() -> None:
    module = CrossAttention(VISION, AIR, heads=5)
    optimiser = torch.optim.SGD(module.parameters(), 0.1)
    for expected in (False, True):
        vision, air, validity = maps()
        air.requires_grad_()
        optimiser.zero_grad()
        (module(vision, air, validity) - 1).square().mean().backward()
        optimiser.step()
        assert bool(air.grad.any()) is expected
        assert module.output.weight.grad.any()


@pytest.mark.parametrize("module", modules(), ids=["gated", "cross"])
@pytest.mark.parametrize("auxiliary_size", [(1, 1), (3, 5), (6, 8), (13, 17), (3, 20)])
def test_any_grid_fits(module: nn.Module, auxiliary_size: tuple[int, int]) -> None:
    vision, air, validity = maps(auxiliary_size)
    fused = module(vision, air, validity)
    assert fused.shape == vision.shape and not torch.equal(fused, vision)


@pytest.mark.parametrize("module", modules(), ids=["gated", "cross"])
def test_sample_without_air_is_left_exactly_alone(module: nn.Module) -> None:
    vision, air, validity = (t.requires_grad_() for t in maps())
    mask = validity.detach().clone()
    mask[0] = 0
    fused = module(vision, air, mask)
    assert torch.equal(fused[0], vision[0])
    assert not torch.equal(fused[1], vision[1])
    fused.square().sum().backward()
    assert not air.grad[0].any() and air.grad[1].any()
    for tensor in (vision, air, *module.parameters()):
        assert tensor.grad.isfinite().all()


def test_gated_modulation_leaves_missing_pixels_exactly_alone() -> None:
    module = modules()[0]
    vision, air, _ = maps((3, 4))
    validity = torch.ones(2, 1, 3, 4)
    validity[:, :, :, :2] = 0
    fused = module(vision, air, validity)
    assert torch.equal(fused[..., :4], vision[..., :4])
    assert (fused[..., 4:] != vision[..., 4:]).all()


def test_cross_attention_never_looks_at_missing_keys() -> None:
    module = modules()[1]
    vision, air, validity = maps((3, 4))
    validity[:, :, 1, 2] = 0
    other = air.clone()
    other[:, :, 1, 2] = 1e3
    assert torch.equal(module(vision, air, validity), module(vision, other, validity))


def test_cross_attention_equals_its_formula() -> None:
    """Softmax over valid keys of q k / sqrt(d) + sum_f w_f (cos f dx + cos f dy), by loops."""
    module = CrossAttention(VISION, AIR, heads=5).double()
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.3)
    vision, air, validity = (t[:1].double() for t in maps((2, 3)))
    validity[0, 0, 0, 1] = 0
    fused = module(vision, air, validity)
    q = module.query(module.vision_norm(vision)[0].movedim(0, -1)).unflatten(-1, (5, 4))
    kv = module.key_value(module.air_norm(air)[0].movedim(0, -1))
    k, v = kv[..., :VISION].unflatten(-1, (5, 4)), kv[..., VISION:].unflatten(-1, (5, 4))
    keys = [(r, c) for r in range(2) for c in range(3) if (r, c) != (0, 1)]
    for row, col in [(0, 0), (3, 5), (5, 7)]:
        context = torch.zeros(5, 4, dtype=torch.float64)
        for head in range(5):
            logits = []
            for r, c in keys:
                dy, dx = (row + 0.5) / 6 - (r + 0.5) / 2, (col + 0.5) / 8 - (c + 0.5) / 3
                place = sum(
                    module.position.weight[head, f].item()
                    * (math.cos(math.pi * 2**f * dx) + math.cos(math.pi * 2**f * dy))
                    for f in range(5)
                )
                logits.append((q[row, col, head] @ k[r, c, head]).item() / 2 + place)
            for share, (r, c) in zip(torch.tensor(logits).double().softmax(0), keys):
                context[head] += share * v[r, c, head]
        expected = vision[0, :, row, col] + module.output(context.flatten())
        # float32 frequencies limit the agreement
        assert torch.allclose(fused[0, :, row, col], expected, atol=1e-5)


def test_positions_at_the_start_prefer_the_nearest_keys() -> None:
    position = RelativePosition(heads=2)
    logits = position.weight_queries(position((8, 8)))[0] @ position((4, 4)).T
    nearest = [(r // 2) * 4 + c // 2 for r in range(8) for c in range(8)]
    assert logits.argmax(dim=1).tolist() == nearest


def test_resampling_keeps_the_footprint() -> None:
    rows = ((torch.arange(16) + 0.5) / 16).view(1, 1, 16, 1).expand(1, 1, 16, 16)
    expected = (torch.arange(4) + 0.5) / 4
    assert torch.allclose(resample(rows, (4, 4))[0, 0, :, 0], expected)
    finer = resample(rows, (32, 32))[0, 0, 1:-1, 0]
    assert torch.allclose(finer, ((torch.arange(32) + 0.5) / 32)[1:-1])
    assert resample(rows, (4, 32)).shape == (1, 1, 4, 32)


def test_validity_asks_for_any_valid_pixel() -> None:
    validity = torch.zeros(1, 1, 8, 8)
    validity[0, 0, 1, 6] = 1
    assert resample_validity(validity, (2, 2))[0, 0].tolist() == [[0, 1], [0, 0]]
    finer = resample_validity(validity, (16, 16))[0, 0]
    assert finer.sum() == 4 and finer[2:4, 12:14].all()
