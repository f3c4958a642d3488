"""What is collected of the logits of a validation: all pixels of a small one, a fair sample of a large one."""

from __future__ import annotations

import pytest
import torch

from engine.assessment import labelled_logits
from engine.assessment.labelled_logits import LogitSample, half_of
from engine.contract.class_table import IGNORE_INDEX
from engine.models.logits import Outputs

WINDOWS = 6


@pytest.fixture(params=[1, 3])
def windows(request: pytest.FixtureRequest) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits (N, K, H, W) and labels (N, H, W) of windows, some pixels of which have no label."""
    generator = torch.Generator().manual_seed(0)
    logits = 4 * torch.randn(WINDOWS, request.param, 16, 16, generator=generator)
    target = torch.randint(0, max(request.param, 2), (WINDOWS, 16, 16), generator=generator)
    target[torch.rand(target.shape, generator=generator) < 0.3] = IGNORE_INDEX
    target[1] = IGNORE_INDEX
    return logits, target


def collected(
    windows: tuple[torch.Tensor, torch.Tensor], size: int, collector: LogitSample | None = None
) -> LogitSample:
    """The windows in batches of ``size``."""
    logits, target = windows
    count = int((target != IGNORE_INDEX).sum())
    if collector is None:
        collector = LogitSample(len(logits), count, logits.shape[1], seed=3)
    for first in range(0, len(logits), size):
        indices = range(len(logits))[first : first + size]
        outputs: Outputs = {"logits": logits[first : first + size]}
        collector.add(indices, outputs, target[first : first + size])
    return collector


def test_every_labelled_pixel_is_in_its_half(windows: tuple[torch.Tensor, torch.Tensor]) -> None:
    logits, target = windows
    for half, found in enumerate(collected(windows, 4).halves()):
        own = [index for index in range(WINDOWS) if half_of(index, WINDOWS) == half]
        known = target[own] != IGNORE_INDEX
        assert len(found.target) == known.sum() > 0
        assert torch.equal(found.target, target[own][known])
        assert torch.equal(found.logits, logits[own].movedim(1, -1)[known])


def test_the_size_of_batches_does_not_matter(windows: tuple[torch.Tensor, torch.Tensor]) -> None:
    for one, other in zip(collected(windows, 1).halves(), collected(windows, 4).halves()):
        for name in ("logits", "target"):
            assert torch.equal(getattr(one, name), getattr(other, name))


def test_a_sample_is_bounded_and_fair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelled_logits, "_MAX_PIXELS", 2000)
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(WINDOWS, 3, 64, 64, generator=generator)
    target = torch.randint(0, 3, (WINDOWS, 64, 64), generator=generator)
    target[:, :, :32] = 2
    sampled = collected((logits, target), 4)
    pixels = torch.cat([half.target for half in sampled.halves()])
    assert 1800 < len(pixels) < 2200
    assert (pixels == 2).double().mean() == pytest.approx(2 / 3, abs=0.05)
    again, other = (
        collected((logits, target), 1, LogitSample(WINDOWS, target.numel(), 3, seed=seed))
        for seed in (3, 4)
    )
    found, same, different = (part.halves()[0].logits for part in (sampled, again, other))
    assert torch.equal(found, same) and not torch.equal(found[:50], different[:50])


@pytest.mark.parametrize("windows", [1, 2, 3, 5, 9, 10, 11, 25, 1000])
def test_halves_are_runs_of_windows(windows: int) -> None:
    halves = [half_of(index, windows) for index in range(windows)]
    assert abs(halves.count(0) - halves.count(1)) <= max(1, windows // 5)
    changes = sum(one != other for one, other in zip(halves, halves[1:]))
    assert changes == min(windows, 10) - 1
