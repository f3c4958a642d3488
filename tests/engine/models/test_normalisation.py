"""Standardising inside the model."""

from __future__ import annotations

import math

import pytest
import torch

from engine.contract.errors import JobError
from engine.models.normalisation import LIMIT, Normalisation


def test_identity_until_statistics_are_set() -> None:
    x = torch.randn(2, 3, 4, 4)
    assert torch.equal(Normalisation(3)(x), x)


def test_standardises_each_band() -> None:
    normalisation = Normalisation(2)
    normalisation.set([10.0, -4.0], torch.tensor([2.0, 8.0]))
    x = torch.tensor([14.0, 4.0]).view(1, 2, 1, 1)
    assert normalisation(x).flatten().tolist() == [2.0, 1.0]


def test_missing_is_zero_and_outliers_are_cut() -> None:
    normalisation = Normalisation(1)
    normalisation.set([5.0], [2.0])
    x = torch.tensor([math.nan, math.inf, -math.inf, 1e9, -1e9]).view(1, 1, 1, 5)
    assert normalisation(x).flatten().tolist() == [0.0, 0.0, 0.0, LIMIT, -LIMIT]


def test_fp32_under_autocast() -> None:
    normalisation = Normalisation(1)
    normalisation.set([10000.0], [1.0])
    with torch.autocast("cpu", torch.bfloat16):
        y = normalisation(torch.full((1, 1, 1, 1), 10003.0))
    assert y.dtype == torch.float32 and y.item() == 3.0


@pytest.mark.parametrize(
    ("mean", "std"),
    [([0.0], [1.0, 1.0]), ([0.0, 0.0], [1.0]), ([0.0, 0.0], [1.0, 0.0]), ([0, math.nan], [1, 1])],
)
def test_impossible_statistics_are_refused(mean: list[float], std: list[float]) -> None:
    normalisation = Normalisation(2)
    with pytest.raises(JobError):
        normalisation.set(mean, std)
    assert normalisation.std.tolist() == [1.0, 1.0]


def test_one_band_is_never_broadcast_to_many() -> None:
    with pytest.raises(JobError, match="auxiliary stream has 1 band, but the network expects 4"):
        Normalisation(4, "auxiliary")(torch.zeros(1, 1, 2, 2))
