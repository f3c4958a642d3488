"""Norms over several processes against torch's own over the joined batch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from engine.models import build_model
from engine.synced_norm import SyncedNorm, sync_norms
from tests.engine.ranked import found_by_ranks, norm_parts, normed

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def collectives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where two ranks have left what they told each other."""
    return found_by_ranks(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="module")
def joined() -> dict[str, np.ndarray]:
    """What torch's batch norm makes of the joined batch, in double precision."""
    batch, gradient, norm, _ = norm_parts()
    return normed(norm.double(), batch.double(), gradient.double())


def test_two_ranks_with_unequal_batches_norm_as_one(
    joined: dict[str, np.ndarray], collectives: Path
) -> None:
    found = [np.load(collectives / f"norm-{rank}.npz") for rank in (0, 1)]
    for name in ("result", "of_batch"):
        both = np.concatenate([each[name] for each in found])
        np.testing.assert_allclose(both, joined[name], rtol=2e-5, atol=2e-5)
    for name in ("of_weight", "of_bias"):  # DDP averages them, as it does all others
        both = found[0][name] + found[1][name]
        np.testing.assert_allclose(both, joined[name], rtol=2e-5, atol=2e-5)
    for name in ("running_mean", "running_var", "num_batches_tracked", "weight", "bias"):
        assert np.array_equal(found[0][name], found[1][name]), "the model file would differ"
        np.testing.assert_allclose(found[0][name], joined[name], rtol=1e-5)


def test_the_parts_alone_would_not(joined: dict[str, np.ndarray]) -> None:
    """The reference can tell: a norm of the first rank's part only is far from the joined one."""
    batch, gradient, norm, (part, _) = norm_parts()
    alone = normed(norm, batch[part], gradient[part])
    assert np.abs(alone["result"] - joined["result"][part]).max() > 0.05
    assert np.abs(alone["running_var"] - joined["running_var"]).max() > 0.05


def test_networks_keep_the_names_and_tensors_of_their_weights() -> None:
    for name, bands in (("cmx-b0", 1), ("smp:Unet:resnet18", 0)):
        network = build_model(name, bands=3, auxiliary_bands=bands, tile_size=64)
        before = {key: value.data_ptr() for key, value in network.state_dict().items()}
        order = [key for key, _ in network.named_parameters()]
        assert sync_norms(network, CPU) is network
        assert {key: value.data_ptr() for key, value in network.state_dict().items()} == before
        assert [key for key, _ in network.named_parameters()] == order
        kinds = {type(m) for m in network.modules() if isinstance(m, nn.BatchNorm2d)}
        assert not kinds and any(isinstance(m, SyncedNorm) for m in network.modules())


def test_in_one_process_and_in_evaluation_it_is_a_batch_norm() -> None:
    batch, gradient, norm, _ = norm_parts()
    other = norm_parts()[2]
    synced = sync_norms(norm, CPU)
    here, there = normed(synced, batch, gradient), normed(other, batch, gradient)
    assert here.keys() == there.keys()
    assert all(np.array_equal(here[name], there[name]) for name in here)
    assert torch.equal(synced.eval()(batch), other.eval()(batch))
    plain = sync_norms(nn.BatchNorm1d(4, affine=False, track_running_stats=False), CPU)
    assert not plain.state_dict() and plain.train()(torch.rand(3, 4)).mean().abs() < 1e-6
