"""Which parameters a training holds back, and the learning rate of each part."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from transformers import SegformerConfig, SegformerModel

from engine.contract.architectures import with_recipe
from engine.contract.jobs import TrainJob
from engine.models.factory import build_model
from engine.training.optimizer import build_optimizer

#: Networks with an encoder file each, and the parts that start from it.
NETWORKS = {
    "dualstream-dformer": ("segformer", ["vision"]),
    "cmx-b0": ("segformer", ["image_encoder", "auxiliary_encoder"]),
    "smp:Unet:resnet18": ("resnet", ["network.encoder"]),
}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Encoder weights on the disk: a SegFormer's folder, and a file of a ResNet."""
    folder = tmp_path_factory.mktemp("weights")
    SegformerModel(SegformerConfig()).save_pretrained(folder / "segformer")
    encoder = build_model("smp:Unet:resnet18", bands=3, auxiliary_bands=0).get_submodule(
        "network.encoder"
    )
    save_file(encoder.state_dict(), folder / "resnet.safetensors")
    return {"segformer": str(folder / "segformer"), "resnet": str(folder / "resnet.safetensors")}


@pytest.fixture(scope="module")
def network(weights: dict[str, str]) -> Callable[..., tuple[nn.Module, str]]:
    """Builds a network, with pretrained weights if wanted, and says what these are called."""

    def build(name: str, is_pretrained: bool) -> tuple[nn.Module, str]:
        source = weights[NETWORKS[name][0]] if is_pretrained else ""
        bands = 0 if name.startswith("smp") else 3
        options = {"encoder": "mit-b0", "bands": 3, "tile_size": 64, "auxiliary_tile_size": 16}
        return build_model(name, auxiliary_bands=bands, pretrained=source, **options), source

    return build


def names_of(model: nn.Module, parameters: list[nn.Parameter]) -> set[str]:
    chosen = {id(parameter) for parameter in parameters}
    return {name for name, parameter in model.named_parameters() if id(parameter) in chosen}


def below(model: nn.Module, parts: list[str]) -> set[str]:
    prefixes = tuple(f"{part}." for part in parts)
    return {name for name, _ in model.named_parameters() if name.startswith(prefixes)}


def rates(model: nn.Module, job: TrainJob) -> dict[str, float]:
    """The peak learning rate of every parameter, in shares of the job's."""
    optimizer = build_optimizer(model, with_recipe(job)[0])
    assert all(group["lr"] == group["peak"] for group in optimizer.param_groups)
    by_id = {id(p): group["lr"] for group in optimizer.param_groups for p in group["params"]}
    return {name: by_id.pop(id(p)) / 1e-3 for name, p in model.named_parameters()}


@pytest.mark.parametrize("name", NETWORKS)
def test_warm_up_freezes_what_is_pretrained(
    name: str, network: Callable[..., tuple[nn.Module, str]]
) -> None:
    model, _ = network(name, True)
    model.freeze_encoders(True)
    still = {name for name, p in model.named_parameters() if not p.requires_grad}
    assert still == below(model, NETWORKS[name][1]) and still
    model.freeze_encoders(False)
    assert all(p.requires_grad for p in model.parameters())


@pytest.mark.parametrize("name", NETWORKS)
def test_without_pretrained_weights_both_fields_mean_all_encoders(
    name: str, network: Callable[..., tuple[nn.Module, str]]
) -> None:
    model, _ = network(name, False)
    encoders = names_of(model, model.parameter_groups()["encoders"])
    model.freeze_encoders(True)
    assert {name for name, p in model.named_parameters() if not p.requires_grad} == encoders
    factors = rates(model, TrainJob(architecture=name, learning_rate=1e-3, encoder_rate=0.25))
    assert {name for name, rate in factors.items() if rate == 0.25} == encoders
    assert {rate for name, rate in factors.items() if name not in encoders} == {1.0}
    assert {*rates(model, TrainJob(architecture=name, learning_rate=1e-3)).values()} == {1.0}


def test_an_encoder_without_weights_learns_at_the_full_rate_from_the_first_step(
    network: Callable[..., tuple[nn.Module, str]],
) -> None:
    model, source = network("dualstream-dformer", True)
    job = TrainJob(encoder="mit-b0", encoder_rate=0.1, learning_rate=1e-3, pretrained=source)
    model.freeze_encoders(True)
    optimizer = build_optimizer(model, with_recipe(job)[0])
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    torch.manual_seed(0)
    for _ in range(2):  # with the first, the fusions open
        model(torch.randn(2, 3, 64, 64), torch.randn(2, 3, 16, 16))["logits"].sum().backward()
        optimizer.step()
    moved = {name for name, p in model.named_parameters() if not torch.equal(p, before[name])}
    assert not moved & below(model, ["vision"]) and moved >= below(model, ["air"])
    factors = rates(model, job)
    assert {rate for name, rate in factors.items() if name.startswith("vision.")} == {0.1}
    assert {rate for name, rate in factors.items() if not name.startswith("vision.")} == {1.0}


@pytest.mark.parametrize("name", ["dualstream-dformer", "cmx-b0"])
def test_an_auxiliary_encoder_with_a_rate_of_its_own_is_frozen_too(
    name: str, network: Callable[..., tuple[nn.Module, str]]
) -> None:
    model, source = network(name, True)
    model.freezes_all_encoders = True
    second = {"dualstream-dformer": "air", "cmx-b0": "auxiliary_encoder"}[name]
    asked = {"encoder_rate": 0.1, "auxiliary_rate": 0.5, "learning_rate": 1e-3}
    factors = rates(model, TrainJob(architecture=name, pretrained=source, **asked))
    auxiliary, encoders = below(model, [second]), names_of(model, model.frozen_parameters())
    assert encoders == names_of(model, model.parameter_groups()["encoders"]) and auxiliary
    assert {factors[name] for name in auxiliary} == {0.5}
    assert {factors[name] for name in encoders - auxiliary} == {0.1}


@pytest.mark.parametrize("name", ["dualstream-dformer", "cmx-b0"])
def test_every_part_has_a_rate_of_its_own(
    name: str, network: Callable[..., tuple[nn.Module, str]]
) -> None:
    model, source = network(name, True)
    job = TrainJob(architecture=name, learning_rate=1e-3, pretrained=source)
    asked = {"encoder_rate": 0.5, "fusion_rate": 2.0}
    factors = rates(model, TrainJob(**{**vars(job), **asked}))
    pretrained = below(model, NETWORKS[name][1])
    fusion = names_of(model, model.parameter_groups()["fusion"])
    assert {factors[name] for name in pretrained} == {0.5}
    assert {factors[name] for name in fusion} == {2.0}
    assert {factors[name] for name in factors.keys() - pretrained - fusion} == {1.0}
    assert {factors for name, factors in rates(model, job).items() if name in fusion} == {1.0}
