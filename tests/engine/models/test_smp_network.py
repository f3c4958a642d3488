"""The networks of segmentation-models-pytorch: equal to the library's own, and safe in small batches."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import segmentation_models_pytorch as smp
import timm
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from engine.commands.info import info
from engine.contract.architectures import ARCHITECTURES, BUILDING_NETWORKS
from engine.contract.errors import JobError
from engine.contract.file_jobs import InfoJob
from engine.models.batch_norms import batch_norms, use_running_stats_for_single_values
from engine.models.factory import build_model
from engine.models.smp_network import SmpNetwork
from engine.models.stems import adapt_stem
from engine.training.optimizer import average_weights

#: Parameters with 3 bands and one logit, as a plain script of segmentation-models-pytorch 0.6 counts.
PARAMETERS = {
    "pspnet-densenet161": 27_855_233,
    "unet-resnet50": 32_521_105,
    "deeplabv3plus-mobilenetv3": 4_708_353,
}


def network(name: str = "smp:Unet:resnet18", **options: Any) -> Any:
    torch.manual_seed(0)
    return build_model(
        name, **{"bands": 3, "auxiliary_bands": 0, "classes": 1, "tile_size": 64, **options}
    )


@pytest.fixture(scope="module")
def presets() -> dict[str, nn.Module]:
    return {name: network(name).eval() for name in BUILDING_NETWORKS}


@pytest.mark.parametrize("name", PARAMETERS)
def test_presets_are_the_library_s_networks(name: str, presets: dict[str, nn.Module]) -> None:
    model = presets[name]
    assert sum(p.numel() for p in model.parameters()) == PARAMETERS[name]
    kind, encoder = BUILDING_NETWORKS[name]
    plain = smp.create_model(kind, encoder, None, 3, 1).eval()
    plain.load_state_dict(model.network.state_dict())
    ours = {k for k in model.state_dict() if "_normalisation." not in k}
    assert ours == {f"network.{k}" for k in plain.state_dict()}
    x = torch.rand(2, 3, 64, 96) * 255
    mean, std = torch.tensor([100.0, 90.0, 80.0]), torch.tensor([50.0, 40.0, 30.0])
    scaled = (x - mean[:, None, None]) / std[:, None, None]
    model.image_normalisation.set(mean, std)
    with torch.no_grad():
        outputs = model(x)
        assert set(outputs) == {"logits", "features"}
        assert torch.allclose(outputs["logits"], plain(scaled), atol=1e-5)
        x[0, 1, 3:9] = torch.nan
        scaled[0, 1, 3:9] = 0.0
        assert torch.allclose(model(x)["logits"], plain(scaled), atol=1e-5)


@pytest.mark.parametrize("kind", [a.__name__ for a in smp.MODEL_ARCHITECTURES_MAPPING.values()])
def test_every_architecture_trains_on_one_tile(kind: str) -> None:
    """The last batch of an epoch may be a single tile; pooled to one pixel it has no variance."""
    encoder = "tu-convnext_atto" if kind == "DPT" else "resnet18"
    model = network(f"smp:{kind}:{encoder}", bands=4, classes=3, tile_size=128).train()
    logits = model(torch.randn(1, 4, 128, 128))["logits"]
    assert logits.shape == (1, 3, 128, 128) and logits.dtype == torch.float32
    logits.square().mean().backward()
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)
    assert all(norm.training for norm in batch_norms(model))


@torch.no_grad()
@pytest.mark.parametrize("kind", [a.__name__ for a in smp.MODEL_ARCHITECTURES_MAPPING.values()])
def test_the_logits_of_every_architecture_can_be_scaled(kind: str) -> None:
    encoder = "tu-convnext_atto" if kind == "DPT" else "resnet18"
    model = network(f"smp:{kind}:{encoder}", bands=4, classes=3, tile_size=128).eval()
    x = torch.randn(2, 4, 128, 128)
    expected = model(x)["logits"] / 1.7
    assert model.scale_logits(1 / 1.7, x[:1], None) and expected.std() > 0
    atol = 1e-5 * float(expected.abs().max())
    torch.testing.assert_close(model(x)["logits"], expected, rtol=1e-4, atol=atol)


def test_a_single_value_is_normed_by_the_running_statistics() -> None:
    norm = nn.BatchNorm2d(3)
    norm.running_mean.copy_(torch.tensor([1.0, 2.0, 3.0]))
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        norm(torch.ones(1, 3, 1, 1))
    assert norm.training
    use_running_stats_for_single_values(norm)
    before = norm.running_mean.clone()
    for spared in (norm, copy.deepcopy(norm)):
        normed = spared(torch.ones(1, 3, 1, 1))
        assert torch.allclose(normed.flatten(), torch.tensor([0.0, -1.0, -2.0]), atol=1e-4)
        assert spared.training and torch.equal(spared.running_mean, before)
    norm(torch.randn(1, 3, 2, 1))
    assert not torch.equal(norm.running_mean, before), "two values have a variance"
    with pytest.raises(ValueError, match="expected 4D"):
        norm(torch.ones(1, 3))
    assert norm.training, "restored after a failed call"


def test_the_averaged_copy_follows() -> None:
    model = network("smp:DeepLabV3Plus:resnet18")
    kept = average_weights(model, 0.9)
    model.train()(torch.randn(1, 3, 64, 64))
    kept.update_parameters(model)
    assert kept.module.train()(torch.randn(1, 3, 64, 64))["logits"].shape == (1, 1, 64, 64)


def test_groups_and_frozen_encoders() -> None:
    model = network()
    groups = model.parameter_groups()
    encoder = {id(p) for p in model.network.encoder.parameters()}
    assert {id(p) for p in groups["encoders"]} == encoder and not groups["fusion"]
    assert len(encoder) + len(groups["decoder"]) == len([*model.parameters()])
    model.freeze_encoders(True)
    model.train()
    before = {n: b.clone() for n, b in model.named_buffers()}
    model(torch.randn(2, 3, 64, 64))["logits"].sum().backward()
    changed = {n for n, b in model.named_buffers() if not torch.equal(b, before[n])}
    assert changed and not any(n.startswith("network.encoder.") for n in changed)
    assert all(p.grad is None for p in groups["encoders"])
    assert model.network.encoder.training, "only its batch norms stay in evaluation mode"
    assert not any(m.training for m in model.eval().modules())
    model.train().freeze_encoders(False)
    model(torch.randn(2, 3, 64, 64))
    assert not torch.equal(
        model.network.encoder.bn1.running_mean, before["network.encoder.bn1.running_mean"]
    )
    assert all(p.requires_grad for p in model.parameters())


def test_mobilenet_is_the_tensorflow_variant(presets: dict[str, nn.Module]) -> None:
    """``timm-`` is an alias that the library may change: both variants have the same names of weights."""
    ours: Any = presets["deeplabv3plus-mobilenetv3"].network.encoder
    assert ours.model.conv_stem.padding == (0, 0), "TensorFlow's pads to the lower right, by itself"
    other: Any = smp.encoders.get_encoder("tu-mobilenetv3_large_100", weights=None).eval()
    assert other.model.conv_stem.padding == (1, 1)
    assert set(ours.state_dict()) == set(other.state_dict())
    other.load_state_dict(ours.state_dict())
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert not torch.allclose(ours(x)[1], other(x)[1], atol=1e-3)
    same = smp.encoders.get_encoder("tu-tf_mobilenetv3_large_100", weights=None, output_stride=16)
    same.load_state_dict(ours.state_dict())
    with torch.no_grad():
        assert torch.equal(ours(x)[-1], same.eval()(x)[-1])


def random_weights(encoder: nn.Module) -> dict[str, Tensor]:
    torch.manual_seed(7)
    return {
        name: torch.rand_like(v) + 0.5 if v.is_floating_point() else v.clone()
        for name, v in encoder.state_dict().items()
    }


@pytest.mark.parametrize(
    "form", ["encoder", "whole", "ours", "wrapped", "safetensors", "lightning"]
)
def test_pretrained_files(form: str, tmp_path: Path) -> None:
    given = random_weights(smp.encoders.get_encoder("resnet18", weights=None))
    path = tmp_path / ("w.safetensors" if form == "safetensors" else "w.pth")
    prefixes = {"whole": "encoder.", "ours": "network.encoder.", "lightning": "net.model.encoder."}
    prefix = prefixes.get(form, "")
    state: Any = {f"{prefix}{n}": v for n, v in given.items()}
    if form == "encoder":
        state |= {"fc.weight": torch.zeros(2, 2)}
        state = {n: v for n, v in state.items() if not n.endswith("num_batches_tracked")}
    if form == "whole":
        state |= {"decoder.something": torch.zeros(1)}
    if form == "lightning":
        state |= {"criterion.weight": torch.zeros(1), "net.model.decoder.bn1.bias": torch.zeros(1)}
    if form == "wrapped":
        state = {"state_dict": {f"module.{n}": v for n, v in state.items()}, "epoch": 3}
    save_file(state, path) if form == "safetensors" else torch.save(state, path)
    for bands in (3, 1, 5):
        own = network(bands=bands, pretrained=str(path)).network.encoder.state_dict()
        expected = given | {"conv1.weight": adapt_stem(given["conv1.weight"], bands)}
        assert all(torch.equal(own[n], v) for n, v in expected.items() if "num_batches" not in n)


@pytest.mark.parametrize("name", ["tf_efficientnet_lite0", "convnext_atto"])
def test_files_of_timm_models(name: str, tmp_path: Path) -> None:
    given = random_weights(timm.create_model(name))
    torch.save(given, tmp_path / "timm.pth")
    own = network(f"smp:Unet:tu-{name}", pretrained=str(tmp_path / "timm.pth"))
    encoder = own.network.encoder.state_dict()
    for key, value in encoder.items():
        timms = key.removeprefix("model.").replace("stem_", "stem.").replace("stages_", "stages.")
        assert torch.equal(value, given[timms]), key


def test_weights_of_another_encoder_are_refused(tmp_path: Path) -> None:
    given = random_weights(smp.encoders.get_encoder("resnet34", weights=None))
    torch.save(given, tmp_path / "w.pth")
    words = r"the encoder resnet18 \(\d\d unexpected: layer1\.2\.conv1\.weight, .* and \d+ more"
    with pytest.raises(JobError, match=words):
        network(pretrained=str(tmp_path / "w.pth"))
    del given["conv1.weight"], given["bn1.bias"]
    torch.save(given, tmp_path / "w.pth")
    with pytest.raises(JobError, match=r"\(2 missing: conv1.weight, bn1.bias\)"):
        network("smp:Unet:resnet34", pretrained=str(tmp_path / "w.pth"))
    with pytest.raises(JobError, match="neither imagenet nor a file"):
        network(pretrained="coco")
    with pytest.raises(JobError, match="no file of weights nowhere.pth"):
        network(pretrained="nowhere.pth")
    (tmp_path / "x.pth").write_bytes(b"no pickle")
    with pytest.raises(JobError, match="not a file of weights that torch can read"):
        network(pretrained=str(tmp_path / "x.pth"))


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("smp:Unett:resnet18", {}, "no architecture 'Unett'; it has Unet, UnetPlusPlus"),
        ("smp:Unet:resnet55", {}, "no encoder 'resnet55'. Did you mean resnet50"),
        ("smp:Unet:tu-resnet1888", {}, "no encoder 'tu-resnet1888'. Did you mean tu-resnet"),
        ("smp:Linknet:mit_b0", {}, "cannot build Linknet with the encoder mit_b0: .*not supported"),
        ("smp:PAN:resnet18", {}, "PAN with resnet18 cannot take tiles of 64 px"),
        ("unet-resnet50", {"auxiliary_bands": 2}, "image only, not 2 auxiliary bands as well"),
    ],
)
def test_impossible_networks_are_refused(name: str, options: dict[str, Any], words: str) -> None:
    with pytest.raises(JobError, match=words):
        network(name, **options)


def test_wrong_input_is_refused() -> None:
    model = network().eval()
    with pytest.raises(JobError, match="without an auxiliary stream"):
        model(torch.zeros(1, 3, 64, 64), torch.zeros(1, 1, 4, 4))
    with pytest.raises(JobError, match="33 x 64 px"):
        model(torch.zeros(1, 3, 33, 64))


def test_info_counts_one_stream(events: Any) -> None:
    done = info(InfoJob(architecture="unet-resnet50", bands=3, classes=1), events)
    assert done.outputs["parameters"] == PARAMETERS["unet-resnet50"]
    assert done.outputs["streams"] == {"image": 3} and done.outputs["encoder"] == "resnet50"
    assert "smp:Architecture:encoder" in info(InfoJob(), events).message
    assert set(BUILDING_NETWORKS) <= set(ARCHITECTURES)


def test_the_encoder_starts_as_the_library_s() -> None:
    torch.manual_seed(3)
    ours = SmpNetwork("unet", "resnet18", tile_size=64).network.state_dict()
    torch.manual_seed(3)
    plain = smp.Unet("resnet18", encoder_weights=None).state_dict()
    assert all(torch.equal(ours[name], value) for name, value in plain.items())
