"""CMX whole: its published sizes, its two streams, absence, precision, saving."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import SegformerConfig, SegformerModel

from engine.commands.info import info
from engine.contract.architectures import ARCHITECTURES
from engine.contract.class_table import class_table
from engine.contract.errors import JobError
from engine.contract.file_jobs import InfoJob
from engine.contract.model_card import AuxiliaryCard, Card, ImageCard
from engine.models.cmx import CMX
from engine.models.decoders import MLPDecoder
from engine.models.factory import build_model
from engine.models.mix_transformer import ENCODERS, HEADS
from engine.models.model_file import build_network, load_model, save_model

#: Millions of parameters with three bands a stream, 40 classes and a decoder of width 512, as the authors publish
#: them; for B0, which they do not publish, as counted here.
MILLIONS = {1: 44.5, 2: 66.6, 3: 106.3, 4: 139.9, 5: 181.1, 0: 12.1}

#: Thousands of parameters of each stage's rectification and fusion, B1 to B5.
RECTIFICATIONS = [107.1, 427.1, 2665.3, 6820.4]
FUSIONS = [71.3, 281.9, 1749.1, 4469.8]


def network(**options: object) -> nn.Module:
    torch.manual_seed(0)
    return build_model("cmx-b0", **{"bands": 3, "auxiliary_bands": 1, "classes": 4, **options})


@pytest.fixture(scope="module")
def small() -> nn.Module:
    """B0 with 3 + 1 bands and 4 classes, in evaluation mode."""
    return network().eval()


def parameters(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize("size", MILLIONS)
def test_published_sizes(size: int) -> None:
    with torch.device("meta"):
        model = build_model(f"cmx-b{size}", bands=3, auxiliary_bands=3, classes=40)
    assert round(parameters(model) / 1e6, 1) == MILLIONS[size]
    depths = [len(stage.blocks) for stage in model.auxiliary_encoder.stages]
    assert tuple(depths) == ENCODERS[f"mit-b{size}"][1]
    if size:
        thousands = [round(parameters(part) / 1e3, 1) for part in model.rectifications]
        assert thousands == RECTIFICATIONS
        assert [round(parameters(part) / 1e3, 1) for part in model.fusions] == FUSIONS


def test_the_family_and_not_the_spelling_of_a_name_chooses_the_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(ARCHITECTURES, "dualstream-b9", ARCHITECTURES["cmx-b0"])
    with torch.device("meta"):
        assert isinstance(build_model("dualstream-b9", bands=3, auxiliary_bands=1), CMX)
    assert {known.family for known in ARCHITECTURES.values()} == {
        "dualstream-dformer",
        "cmx",
        "smp",
    }


def test_drop_path_rises_linearly_over_all_blocks_of_both_streams() -> None:
    """A wrong count of blocks before stage 2 would make the rates jump back."""
    with torch.device("meta"):
        model = CMX("mit-b4")
    for encoder in (model.image_encoder, model.auxiliary_encoder):
        blocks = [block for stage in encoder.stages for block in stage.blocks]
        chances = [getattr(block.drop_path, "drop_prob", 0.0) for block in blocks]
        assert len(chances) == 3 + 8 + 27 + 3
        assert chances == pytest.approx([0.1 * i / 40 for i in range(41)])


def test_streams_share_no_weight_and_heads_are_those_of_the_encoder() -> None:
    model = network(auxiliary_bands=3)
    pairs = zip(model.image_encoder.parameters(), model.auxiliary_encoder.parameters(), strict=True)
    assert all(a is not b for a, b in pairs)
    for fusion, heads in zip(model.fusions, HEADS, strict=True):
        assert fusion.image_path.heads == fusion.auxiliary_path.heads == heads


@pytest.mark.parametrize("size", [(64, 64), (32, 96), (256, 64)])
@pytest.mark.parametrize("mode", [True, False])
def test_logits_on_the_grid_of_the_image(size: tuple[int, int], mode: bool) -> None:
    model = network(bands=5, auxiliary_bands=2, classes=3).train(mode)
    outputs = model(torch.randn(1, 5, *size), torch.randn(1, 2, *size))
    assert set(outputs) == {"logits", "features"}
    assert outputs["logits"].shape == (1, 3, *size) and outputs["logits"].dtype == torch.float32


def test_rectified_maps_go_on_and_fused_maps_go_to_the_decoder(small: nn.Module) -> None:
    pixels, nir = torch.randn(1, 3, 64, 96), torch.randn(1, 1, 64, 96)
    with torch.no_grad():
        image, auxiliary, features = pixels, nir, []
        for index in range(4):
            image = small.image_encoder.stages[index](image)
            auxiliary = small.auxiliary_encoder.stages[index](auxiliary)
            image, auxiliary = small.rectifications[index](image, auxiliary)
            features.append(small.fusions[index](image, auxiliary))
        coarse = small.decoder(features)
        assert coarse.shape == (1, 4, 16, 24)
        expected = F.interpolate(coarse, scale_factor=4, mode="bilinear")
        assert torch.allclose(small(pixels, nir)["logits"], expected, atol=1e-5)


def test_decoder_equals_concatenation_and_one_convolution() -> None:
    torch.manual_seed(4)
    decoder = MLPDecoder((3, 5, 6, 7), classes=2, width=8).double().eval()
    assert isinstance(decoder.dropout, nn.Dropout2d) and decoder.dropout.p == 0.1
    decoder.norm.running_mean.normal_()
    decoder.norm.running_var.uniform_(0.5, 2)
    sizes = zip((3, 5, 6, 7), (16, 8, 4, 2))
    features = [torch.randn(2, c, side, 2 * side).double() for c, side in sizes]
    wide = [
        F.interpolate(
            torch.einsum("oc,bchw->bohw", linear.weight, x) + linear.bias[:, None, None],
            (16, 32),
            mode="bilinear",
        )
        for linear, x in zip(decoder.linears, features)
    ]
    merged = F.conv2d(torch.cat(wide[::-1], dim=1), decoder.merge.weight)
    mean, var = decoder.norm.running_mean, decoder.norm.running_var
    normed = (merged - mean[:, None, None]) / (var[:, None, None] + 1e-3).sqrt()
    expected = F.conv2d(normed.relu(), decoder.logits.weight, decoder.logits.bias)
    assert torch.allclose(decoder(features), expected)


def save_checkpoint(folder: Path) -> tuple[str, dict[str, Tensor]]:
    """A b0 checkpoint of random weights, and the weights of its stages."""
    torch.manual_seed(7)
    model = SegformerModel(SegformerConfig())
    model.save_pretrained(folder)
    return str(folder), model.stages.state_dict()


def test_pretrained_folder_fills_both_streams(tmp_path: Path) -> None:
    source, state = save_checkpoint(tmp_path)
    model = network(pretrained=source)
    own, other = (e.stages.state_dict() for e in (model.image_encoder, model.auxiliary_encoder))
    stem = "0.patch_embeddings.proj.weight"
    assert all(torch.equal(own[name], value) for name, value in state.items())
    assert all(torch.equal(other[n], value) for n, value in state.items() if n != stem)
    assert torch.allclose(other[stem], state[stem].sum(dim=1, keepdim=True), atol=1e-6)


def test_missing_pixels_are_the_mean_of_their_band(small: nn.Module) -> None:
    x, nir = torch.randn(1, 3, 64, 64), torch.randn(1, 1, 64, 64)
    holes = torch.rand(1, 1, 64, 64) < 0.3
    with torch.no_grad():
        missing = small(x, nir.masked_fill(holes, torch.nan))["logits"]
        assert torch.equal(missing, small(x, nir.masked_fill(holes, 0.0))["logits"])
        x[:, 1, :9] = torch.nan
        assert small(x, nir)["logits"].isfinite().all()


@pytest.mark.parametrize("factor", [0.25, 0.5, 2])
def test_auxiliary_on_another_grid_is_resampled(small: nn.Module, factor: float) -> None:
    """A plane keeps its values on any grid, apart from the outermost pixels."""
    torch.manual_seed(5)
    side, coarse = 128, int(128 * factor)
    x = torch.randn(1, 3, side, side)

    def plane(n: int) -> Tensor:
        centres = (torch.arange(n) + 0.5) / n
        return (centres[:, None] + 2 * centres)[None, None]

    with torch.no_grad():
        same, other = small(x, plane(side))["logits"], small(x, plane(coarse))["logits"]
        turned = small(x, plane(coarse).flip(-1))["logits"]
    assert (same - other).abs().mean() < 0.1 * (same - turned).abs().mean()
    assert (same - turned).abs().mean() > 0


def test_one_stream_is_segformer() -> None:
    model = network(auxiliary_bands=0).eval()
    assert not model.parameter_groups()["fusion"] and model.auxiliary_encoder is None
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        features = model.image_encoder(x)
        expected = F.interpolate(model.decoder(features), (64, 64), mode="bilinear")
        assert torch.equal(model(x)["logits"], expected)
        with pytest.raises(JobError, match="without an auxiliary stream"):
            model(x, torch.randn(1, 1, 64, 64))


def test_model_file_gives_back_the_same_network(tmp_path: Path) -> None:
    table = class_table(dict(enumerate(("background", "thick", "thin", "shadow"))))
    image, auxiliary = ImageCard(3, ("r", "g", "b"), "uint8"), AuxiliaryCard(1, 64)
    card = Card("cmx-b0", "mit-b0", 4, 64, image, auxiliary, table)
    model = build_network(card)
    model.auxiliary_normalisation.set([100.0], [50.0])
    x, nir = torch.rand(2, 3, 64, 64) * 255, torch.rand(2, 1, 64, 64) * 255
    model(x, nir)  # moves the statistics of batch norm, which must travel along
    save_model(tmp_path / "cmx.safetensors", model, card)
    again, _ = load_model(tmp_path / "cmx.safetensors")
    with torch.no_grad():
        assert torch.equal(model.eval()(x, nir)["logits"], again(x, nir)["logits"])


def test_info_describes_an_architecture() -> None:
    job = InfoJob(architecture="cmx-b2", bands=3, auxiliary_bands=1, classes=4)
    outputs = info(job, lambda event: None).outputs
    with torch.device("meta"):
        assert outputs["parameters"] == parameters(
            build_model("cmx-b2", bands=3, auxiliary_bands=1, classes=4)
        )
    assert outputs["encoder"] == "mit-b2" and outputs["streams"] == {"image": 3, "auxiliary": 1}
    assert outputs["tile_size"] == outputs["auxiliary_tile_size"] == 512, (
        "both streams share a grid"
    )
    job = InfoJob(architecture="dualstream-dformer", encoder="mit-b0")
    assert info(job, lambda event: None).outputs["auxiliary_tile_size"] == 64
