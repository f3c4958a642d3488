"""The vision encoder and its pretrained weights, which the tests save themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import (
    SegformerConfig,
    SegformerForImageClassification,
    SegformerForSemanticSegmentation,
    SegformerModel,
)

from engine.contract.errors import JobError
from engine.models import mix_transformer
from engine.models.mix_transformer import ENCODERS, HEADS, MixTransformer
from engine.models.stems import adapt_stem

KINDS = (SegformerModel, SegformerForSemanticSegmentation, SegformerForImageClassification)


def save_checkpoint(folder: Path, kind: type = SegformerModel) -> tuple[str, torch.nn.Module]:
    """A b0 checkpoint of random weights in ``folder``, and the model it holds."""
    torch.manual_seed(7)
    model = kind(SegformerConfig()).eval()
    model.save_pretrained(folder)
    return str(folder), model


@pytest.mark.parametrize("bands", [1, 3, 7])
def test_stages_at_strides_4_to_32(bands: int) -> None:
    encoder = MixTransformer("mit-b0", bands)
    shapes = [tuple(f.shape) for f in encoder(torch.randn(2, bands, 32, 64))]
    assert shapes == [(2, 32, 8, 16), (2, 64, 4, 8), (2, 160, 2, 4), (2, 256, 1, 2)]


def test_sizes_are_those_of_the_paper() -> None:
    """Encoder parameters in millions (table 6): 3.4, 13.1, 24.2, 44.0, 60.8, 81.4."""
    millions = {}
    for name in ENCODERS:
        with torch.device("meta"):
            encoder = MixTransformer(name, 3)
        millions[name] = round(sum(p.numel() for p in encoder.parameters()) / 1e6, 1)
    assert millions == dict(zip(ENCODERS, (3.3, 13.2, 24.2, 44.1, 60.8, 81.4)))


def test_every_block_works_from_random_weights() -> None:
    """With the initialisation of ``transformers`` the feed-forward blocks would start near zero."""
    torch.manual_seed(0)
    block = MixTransformer("mit-b0", 3).stages[2].blocks[0]
    x = torch.randn(1, 64, 160)
    assert block.mlp(block.layernorm_after(x), 8, 8).std() > 0.05


def reference_stages(w: dict[str, Tensor], x: Tensor, eps: float, inner_eps: float) -> list[Tensor]:
    """The four stages by the paper's formulas, section 3.1.

    ``eps`` is for the norms of blocks and stages, ``inner_eps`` for those of patch embeddings and keys.
    """

    def norm(name: str, tokens: Tensor, added: float) -> Tensor:
        centred = tokens - tokens.mean(dim=-1, keepdim=True)
        scaled = centred / (centred.square().mean(dim=-1, keepdim=True) + added).sqrt()
        return scaled * w[f"{name}.weight"] + w[f"{name}.bias"]

    def linear(name: str, tokens: Tensor) -> Tensor:
        return tokens @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def convolved(name: str, picture: Tensor, **options: int) -> Tensor:
        return F.conv2d(picture, w[f"{name}.weight"], w[f"{name}.bias"], **options)

    def as_tokens(picture: Tensor) -> Tensor:
        return picture.flatten(2).mT

    def attention(name: str, tokens: Tensor, size: tuple[int, int], heads: int, r: int) -> Tensor:
        keys = tokens
        if r > 1:
            picture = tokens.mT.unflatten(2, size)
            reduced = as_tokens(
                convolved(f"{name}.sequence_reduction.sequence_reduction", picture, stride=r)
            )
            keys = norm(f"{name}.sequence_reduction.layer_norm", reduced, inner_eps)
        q, k, v = (
            linear(f"{name}.{part}_proj", given).unflatten(2, (heads, -1)).movedim(2, 1)
            for part, given in (("q", tokens), ("k", keys), ("v", keys))
        )
        found = (q @ k.mT / q.shape[-1] ** 0.5).softmax(dim=-1) @ v
        return linear(f"{name}.o_proj", found.movedim(1, 2).flatten(2))

    def mixed(name: str, tokens: Tensor, size: tuple[int, int]) -> Tensor:
        hidden = linear(f"{name}.fc1", tokens).mT.unflatten(2, size)
        hidden = convolved(f"{name}.dwconv.dwconv", hidden, padding=1, groups=hidden.shape[1])
        return linear(f"{name}.fc2", F.gelu(as_tokens(hidden)))

    maps = []
    kernels = zip((7, 3, 3, 3), (4, 2, 2, 2), HEADS, (8, 4, 2, 1), strict=True)
    for s, (kernel, stride, heads, r) in enumerate(kernels):
        x = convolved(f"{s}.patch_embeddings.proj", x, stride=stride, padding=kernel // 2)
        size = (x.shape[2], x.shape[3])
        tokens = norm(f"{s}.patch_embeddings.layer_norm", as_tokens(x), inner_eps)
        for b in range(2):
            name = f"{s}.blocks.{b}"
            normed = norm(f"{name}.layernorm_before", tokens, eps)
            tokens = tokens + attention(f"{name}.attention", normed, size, heads, r)
            normed = norm(f"{name}.layernorm_after", tokens, eps)
            tokens = tokens + mixed(f"{name}.mlp", normed, size)
        x = norm(f"{s}.layer_norm", tokens, eps).mT.unflatten(2, size)
        maps.append(x)
    return maps


@pytest.mark.parametrize("is_small", [False, True])
def test_stages_are_those_of_the_official_network(is_small: bool) -> None:
    """With small inputs of the norms (deviations near 1e-3) the result depends on their eps."""
    encoder = MixTransformer("mit-b0", 3).double()
    torch.manual_seed(3)
    with torch.no_grad():
        for name, weight in encoder.named_parameters():
            weight.normal_(std=0.5 if weight.ndim < 2 else weight[0].numel() ** -0.5)
            small = ("embeddings", "sequence_reduction", "o_proj", "fc2")
            if is_small and any(part in name for part in small):
                weight.mul_(1e-3)
        x = torch.randn(2, 3, 64, 96).double()
        found = encoder.eval()(x)
        weights = encoder.stages.state_dict()
        official = reference_stages(weights, x, 1e-6, 1e-5)
        others = reference_stages(weights, x, 1e-5, 1e-5), reference_stages(weights, x, 1e-6, 1e-6)
    for stage in range(4):
        torch.testing.assert_close(found[stage], official[stage], rtol=1e-9, atol=1e-9)
        if is_small:
            assert all((other[stage] - found[stage]).abs().max() > 0.05 for other in others)


@pytest.mark.parametrize("kind", KINDS)
def test_pretrained_folder_gives_the_same_features(tmp_path: Path, kind: type) -> None:
    """Apart from the norms' eps, which the library does not take from the official network."""
    source, model = save_checkpoint(tmp_path, kind)
    for name, module in model.named_modules():
        is_inner = "embeddings" in name or "sequence_reduction" in name
        if isinstance(module, torch.nn.LayerNorm) and not is_inner:
            module.eps = 1e-6
    x = torch.randn(1, 3, 64, 64)
    expected = getattr(model, "segformer", model)(x).last_hidden_state
    with torch.no_grad():
        assert torch.equal(MixTransformer("mit-b0", 3, source).eval()(x)[-1], expected)


@pytest.mark.parametrize("bands", [1, 2, 4, 9])
def test_pretrained_stem_answers_grey_pixels_alike(tmp_path: Path, bands: int) -> None:
    source, _ = save_checkpoint(tmp_path)
    grey = torch.randn(1, 1, 64, 64)
    with torch.no_grad():
        expected = MixTransformer("mit-b0", 3, source).eval()(grey.expand(1, 3, 64, 64))
        found = MixTransformer("mit-b0", bands, source).eval()(grey.expand(1, bands, 64, 64))
    assert all(torch.allclose(a, b, atol=1e-3) for a, b in zip(expected, found))


def test_adapted_stem() -> None:
    kernels = torch.randn(8, 3, 7, 7)
    assert torch.equal(adapt_stem(kernels, 3), kernels)
    assert torch.allclose(adapt_stem(kernels, 1)[:, 0], kernels.sum(dim=1), atol=1e-6)
    four = adapt_stem(kernels, 4)
    assert torch.allclose(four[:, :3], kernels * 0.75)
    assert torch.allclose(four[:, 3], kernels.mean(dim=1) * 0.75)


def test_unknown_encoder_lists_the_known_ones() -> None:
    with pytest.raises(JobError, match=r"'mit-b9'.*mit-b0, mit-b1"):
        MixTransformer("mit-b9", 3)


def test_another_size_is_refused_naming_both(tmp_path: Path) -> None:
    source, _ = save_checkpoint(tmp_path)
    with pytest.raises(JobError, match=r"are of mit-b0 .* the encoder is mit-b1"):
        MixTransformer("mit-b1", 3, source)


@pytest.mark.parametrize("source", ["nvidia/mit-b0", "/no/such/folder", "name@", "@revision"])
def test_hub_id_needs_a_revision(source: str) -> None:
    with pytest.raises(JobError, match="name@revision"):
        MixTransformer("mit-b0", 3, source)


def test_folder_without_a_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="holds no SegFormer checkpoint"):
        MixTransformer("mit-b0", 3, str(tmp_path))


def test_incomplete_checkpoint_is_refused(tmp_path: Path) -> None:
    source, model = save_checkpoint(tmp_path)
    state = {k: v for k, v in model.state_dict().items() if "stages.2" not in k}
    model.save_pretrained(source, state_dict=state)
    with pytest.raises(JobError, match="not those of a SegFormer encoder"):
        MixTransformer("mit-b0", 3, source)


def test_unreachable_hub_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(name: str, **options: object) -> None:
        assert (name, options["revision"]) == ("nvidia/mit-b0", "abc123")
        raise OSError("We couldn't connect\nmany\nlines")

    monkeypatch.setattr(mix_transformer.SegformerModel, "from_pretrained", unreachable)
    with pytest.raises(JobError) as caught:
        MixTransformer("mit-b0", 3, "nvidia/mit-b0@abc123")
    assert "could not be fetched" in str(caught.value) and "\n" not in str(caught.value)
