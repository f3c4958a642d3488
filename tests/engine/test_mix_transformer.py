"""The vision encoder and its pretrained weights, which the tests save themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import (
    SegformerConfig,
    SegformerForImageClassification,
    SegformerForSemanticSegmentation,
    SegformerModel,
)

from engine.errors import JobError
from engine.models import mix_transformer
from engine.models.mix_transformer import ENCODERS, MixTransformer
from engine.models.stems import adapted_stem

KINDS = (SegformerModel, SegformerForSemanticSegmentation, SegformerForImageClassification)


def saved(folder: Path, kind: type = SegformerModel) -> tuple[str, torch.nn.Module]:
    """A b0 checkpoint of random weights in ``folder``, and the model it holds."""
    torch.manual_seed(7)
    model = kind(SegformerConfig()).eval()
    model.save_pretrained(folder)
    return str(folder), model


def features(encoder: MixTransformer, x: torch.Tensor) -> list[torch.Tensor]:
    result = []
    for stage in encoder.eval().stages:
        x = stage(x)
        result.append(x)
    return result


@pytest.mark.parametrize("bands", [1, 3, 7])
def test_stages_at_strides_4_to_32(bands: int) -> None:
    encoder = MixTransformer("mit-b0", bands)
    shapes = [tuple(f.shape) for f in features(encoder, torch.randn(2, bands, 32, 64))]
    assert shapes == [(2, 32, 8, 16), (2, 64, 4, 8), (2, 160, 2, 4), (2, 256, 1, 2)]


def test_sizes_are_those_of_the_paper() -> None:
    """Encoder parameters in millions (table 6): 3.4, 13.1, 24.2, 44.0, 60.8, 81.4."""
    counted = {}
    for name in ENCODERS:
        with torch.device("meta"):
            encoder = MixTransformer(name, 3)
        counted[name] = round(sum(p.numel() for p in encoder.parameters()) / 1e6, 1)
    assert counted == dict(zip(ENCODERS, (3.3, 13.2, 24.2, 44.1, 60.8, 81.4)))


def test_every_block_works_from_random_weights() -> None:
    """The library's own start leaves the feed-forward blocks shut; ours does not."""
    torch.manual_seed(0)
    block = MixTransformer("mit-b0", 3).stages[2].blocks[0]
    x = torch.randn(1, 64, 160)
    assert block.mlp(block.layernorm_after(x), 8, 8).std() > 0.05


@pytest.mark.parametrize("kind", KINDS)
def test_pretrained_folder_gives_the_same_features(tmp_path: Path, kind: type) -> None:
    source, model = saved(tmp_path, kind)
    x = torch.randn(1, 3, 64, 64)
    expected = getattr(model, "segformer", model)(x).last_hidden_state
    with torch.no_grad():
        assert torch.equal(features(MixTransformer("mit-b0", 3, source), x)[-1], expected)


@pytest.mark.parametrize("bands", [1, 2, 4, 9])
def test_pretrained_stem_answers_grey_pixels_alike(tmp_path: Path, bands: int) -> None:
    source, _ = saved(tmp_path)
    grey = torch.randn(1, 1, 64, 64)
    with torch.no_grad():
        expected = features(MixTransformer("mit-b0", 3, source), grey.expand(1, 3, 64, 64))
        found = features(MixTransformer("mit-b0", bands, source), grey.expand(1, bands, 64, 64))
    assert all(torch.allclose(a, b, atol=1e-3) for a, b in zip(expected, found))


def test_adapted_stem() -> None:
    kernels = torch.randn(8, 3, 7, 7)
    assert torch.equal(adapted_stem(kernels, 3), kernels)
    assert torch.allclose(adapted_stem(kernels, 1)[:, 0], kernels.sum(dim=1), atol=1e-6)
    four = adapted_stem(kernels, 4)
    assert torch.allclose(four[:, :3], kernels * 0.75)
    assert torch.allclose(four[:, 3], kernels.mean(dim=1) * 0.75)


def test_unknown_encoder_lists_the_known_ones() -> None:
    with pytest.raises(JobError, match=r"'mit-b9'.*mit-b0, mit-b1"):
        MixTransformer("mit-b9", 3)


def test_another_size_is_refused_naming_both(tmp_path: Path) -> None:
    source, _ = saved(tmp_path)
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
    source, model = saved(tmp_path)
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
