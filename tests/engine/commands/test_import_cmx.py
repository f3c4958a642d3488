"""``import`` of CMX: a state dict with the authors' names, listed here, gives the logits of the paper's formulas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.commands.import_model import import_model
from engine.contract.errors import JobError
from engine.contract.file_jobs import ImportJob
from engine.models.model_file import load_model

CHANNELS, DEPTH, WIDTH = (32, 64, 160, 256), 2, 512
HEADS, REDUCTIONS, KERNELS = (1, 2, 5, 8), (8, 4, 2, 1), (7, 3, 3, 3)
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CLOUDS = ("0=background", "1=thick cloud", "2=thin cloud", "3=shadow")


def layer(name: str, *shape: int, bias: int = 0) -> dict[str, tuple[int, ...]]:
    """A weight of a shape and its bias: as long as the first side, or as given; none for -1."""
    biases = {} if bias == -1 else {f"{name}.bias": (bias or shape[0],)}
    return {f"{name}.weight": shape, **biases}


def batch_norm(name: str, c: int) -> dict[str, tuple[int, ...]]:
    measured = {f"{name}.running_mean": (c,), f"{name}.running_var": (c,)}
    return {**layer(name, c), **measured, f"{name}.num_batches_tracked": ()}


def encoder_names(extra: str, bands: int) -> dict[str, tuple[int, ...]]:
    names, before = {}, bands
    for s, (c, r, k) in enumerate(zip(CHANNELS, REDUCTIONS, KERNELS), 1):
        names |= layer(f"{extra}patch_embed{s}.proj", c, before, k, k)
        names |= layer(f"{extra}patch_embed{s}.norm", c) | layer(f"{extra}norm{s}", c)
        for block in (f"{extra}block{s}.{b}" for b in range(DEPTH)):
            names |= layer(f"{block}.norm1", c) | layer(f"{block}.norm2", c)
            names |= layer(f"{block}.attn.q", c, c) | layer(f"{block}.attn.kv", 2 * c, c)
            names |= layer(f"{block}.attn.proj", c, c)
            if r > 1:
                names |= layer(f"{block}.attn.sr", c, c, r, r) | layer(f"{block}.attn.norm", c)
            names |= layer(f"{block}.mlp.fc1", 4 * c, c) | layer(f"{block}.mlp.fc2", c, 4 * c)
            names |= layer(f"{block}.mlp.dwconv.dwconv", 4 * c, 1, 3, 3)
        before = c
    return {f"backbone.{name}": shape for name, shape in names.items()}


def fusion_names(s: int, c: int) -> dict[str, tuple[int, ...]]:
    frm, ffm = f"backbone.FRMs.{s}", f"backbone.FFMs.{s}"
    names = layer(f"{frm}.channel_weights.mlp.0", 4 * c, 4 * c)
    names |= layer(f"{frm}.channel_weights.mlp.2", 2 * c, 4 * c)
    names |= layer(f"{frm}.spatial_weights.mlp.0", c, 2 * c, 1, 1)
    names |= layer(f"{frm}.spatial_weights.mlp.2", 2, c, 1, 1)
    for side in (1, 2):
        names |= layer(f"{ffm}.cross.channel_proj{side}", 2 * c, c)
        names |= layer(f"{ffm}.cross.cross_attn.kv{side}", 2 * c, c, bias=-1)
        names |= layer(f"{ffm}.cross.end_proj{side}", c, 2 * c)
        names |= layer(f"{ffm}.cross.norm{side}", c)
    embed = f"{ffm}.channel_emb"
    names |= layer(f"{embed}.residual", c, 2 * c, 1, 1, bias=-1)
    names |= layer(f"{embed}.channel_embed.0", c, 2 * c, 1, 1)
    names |= layer(f"{embed}.channel_embed.1", c, 1, 3, 3)
    names |= layer(f"{embed}.channel_embed.3", c, c, 1, 1)
    return names | batch_norm(f"{embed}.channel_embed.4", c) | batch_norm(f"{embed}.norm", c)


def official_names(bands: int = 3, extra_bands: int = 3, classes: int = 4) -> dict[str, Any]:
    """Name and shape of every tensor of CMX-B0 as the authors' code saves it."""
    names = encoder_names("", bands) | encoder_names("extra_", extra_bands)
    for s, c in enumerate(CHANNELS):
        names |= fusion_names(s, c) | layer(f"decode_head.linear_c{s + 1}.proj", WIDTH, c)
    names |= layer("decode_head.linear_fuse.0", WIDTH, 4 * WIDTH, 1, 1)
    names |= batch_norm("decode_head.linear_fuse.1", WIDTH)
    return names | layer("decode_head.linear_pred", classes, WIDTH, 1, 1)


def random_state(**sizes: int) -> dict[str, Tensor]:
    """Random weights with which every layer matters."""
    torch.manual_seed(8)
    state = {}
    for name, shape in official_names(**sizes).items():
        if name.endswith("num_batches_tracked"):
            state[name] = torch.tensor(5)
        elif name.endswith("running_var"):
            state[name] = torch.rand(shape) + 0.01
        elif len(shape) == 1:
            state[name] = torch.randn(shape) * 0.2 + (1 if "norm" in name else 0)
        else:
            state[name] = torch.randn(shape) * (shape[0] / torch.Size(shape).numel()) ** 0.5
    return state


class Reference:
    """CMX-B0 by the formulas of the papers (arXiv:2105.15203, arXiv:2203.04838) from a state dict."""

    def __init__(self, state: dict[str, Tensor]) -> None:
        self.state = state

    def __call__(self, image: Tensor, extra: Tensor) -> Tensor:
        streams, fused = [image, extra], []
        for s in range(4):
            streams = [
                self.stage(f"backbone.{extra}", s, x) for extra, x in zip(("", "extra_"), streams)
            ]
            streams = self.rectify(f"backbone.FRMs.{s}", *streams)
            fused.append(self.fuse(f"backbone.FFMs.{s}", HEADS[s], *streams))
        logits = self.decode(fused)
        return F.interpolate(logits, image.shape[2:], mode="bilinear")

    def parameters(self, name: str) -> tuple[Tensor, Tensor | None]:
        return self.state[f"{name}.weight"], self.state.get(f"{name}.bias")

    def linear(self, name: str, x: Tensor) -> Tensor:
        return F.linear(x, *self.parameters(name))

    def convolve(self, name: str, x: Tensor, **options: int) -> Tensor:
        return F.conv2d(x, *self.parameters(name), **options)

    def norm(self, name: str, x: Tensor, eps: float = 1e-5) -> Tensor:
        return F.layer_norm(x, x.shape[-1:], *self.parameters(name), eps)

    def batch_norm(self, name: str, x: Tensor) -> Tensor:
        measured = (self.state[f"{name}.running_{what}"] for what in ("mean", "var"))
        return F.batch_norm(x, *measured, *self.parameters(name), eps=1e-5)

    def stage(self, prefix: str, s: int, x: Tensor) -> Tensor:
        stride, k = (2 if s else 4), KERNELS[s]
        embed = f"{prefix}patch_embed{s + 1}"
        x = self.convolve(f"{embed}.proj", x, stride=stride, padding=k // 2)
        size, x = x.shape[2:], self.norm(f"{embed}.norm", x.flatten(2).mT)
        for block in (f"{prefix}block{s + 1}.{b}" for b in range(DEPTH)):
            normed = self.norm(f"{block}.norm1", x, 1e-6)
            x = x + self.attend(f"{block}.attn", s, normed, size)
            hidden = self.linear(f"{block}.mlp.fc1", self.norm(f"{block}.norm2", x, 1e-6))
            picture, options = hidden.mT.unflatten(2, size), {"groups": hidden.shape[2]}
            hidden = self.convolve(f"{block}.mlp.dwconv.dwconv", picture, padding=1, **options)
            x = x + self.linear(f"{block}.mlp.fc2", F.gelu(hidden).flatten(2).mT)
        return self.norm(f"{prefix}norm{s + 1}", x, 1e-6).mT.unflatten(2, size)

    def attend(self, name: str, s: int, x: Tensor, size: torch.Size) -> Tensor:
        source = x
        if REDUCTIONS[s] > 1:
            reduced = self.convolve(f"{name}.sr", x.mT.unflatten(2, size), stride=REDUCTIONS[s])
            source = self.norm(f"{name}.norm", reduced.flatten(2).mT)
        tokens = (self.linear(f"{name}.q", x), *self.linear(f"{name}.kv", source).chunk(2, -1))
        q, k, v = (each.unflatten(2, (HEADS[s], -1)).transpose(1, 2) for each in tokens)
        weights = (q @ k.mT / q.shape[-1] ** 0.5).softmax(-1)
        return self.linear(f"{name}.proj", (weights @ v).transpose(1, 2).flatten(2))

    def rectify(self, name: str, image: Tensor, extra: Tensor) -> list[Tensor]:
        both = torch.cat([image, extra], 1)
        pooled = torch.cat([both.mean((2, 3)), both.amax((2, 3))], 1)
        hidden = self.linear(f"{name}.channel_weights.mlp.0", pooled).relu()
        channels = self.linear(f"{name}.channel_weights.mlp.2", hidden).sigmoid()[..., None, None]
        hidden = self.convolve(f"{name}.spatial_weights.mlp.0", both).relu()
        places = self.convolve(f"{name}.spatial_weights.mlp.2", hidden).sigmoid()
        first, second = (
            0.5 * (c + p) for c, p in zip(channels.chunk(2, 1), places.chunk(2, 1), strict=True)
        )
        return [image + second * extra, extra + first * image]

    def fuse(self, name: str, heads: int, *maps: Tensor) -> Tensor:
        tokens, size = [x.flatten(2).mT for x in maps], maps[0].shape[2:]
        residual, read, contexts = [], [], []
        for side, x in enumerate(tokens, 1):
            y, u = self.linear(f"{name}.cross.channel_proj{side}", x).relu().chunk(2, -1)
            pair = self.linear(f"{name}.cross.cross_attn.kv{side}", u).chunk(2, -1)
            k, v = (each.unflatten(2, (heads, -1)).transpose(1, 2) for each in pair)
            contexts.append((k.mT @ v / k.shape[-1] ** 0.5).softmax(-2))
            residual.append(y)
            read.append(u.unflatten(2, (heads, -1)).transpose(1, 2))
        sides = []
        for side in (0, 1):
            found = (read[side] @ contexts[1 - side]).transpose(1, 2).flatten(2)
            joined = torch.cat([residual[side], found], -1)
            output = tokens[side] + self.linear(f"{name}.cross.end_proj{side + 1}", joined)
            sides.append(self.norm(f"{name}.cross.norm{side + 1}", output))
        x, embed = torch.cat(sides, -1).mT.unflatten(2, size), f"{name}.channel_emb"
        y = self.convolve(f"{embed}.channel_embed.0", x)
        y = self.convolve(f"{embed}.channel_embed.1", y, padding=1, groups=y.shape[1]).relu()
        y = self.batch_norm(
            f"{embed}.channel_embed.4", self.convolve(f"{embed}.channel_embed.3", y)
        )
        return self.batch_norm(f"{embed}.norm", self.convolve(f"{embed}.residual", x) + y)

    def decode(self, maps: list[Tensor]) -> Tensor:
        size, wide = maps[0].shape[2:], []
        for s, x in enumerate(maps, 1):
            y = self.linear(f"decode_head.linear_c{s}.proj", x.flatten(2).mT)
            y = y.mT.unflatten(2, x.shape[2:])
            wide.insert(0, F.interpolate(y, size, mode="bilinear"))
        merged = self.convolve("decode_head.linear_fuse.0", torch.cat(wide, 1))
        hidden = self.batch_norm("decode_head.linear_fuse.1", merged).relu()
        return self.convolve("decode_head.linear_pred", hidden)


def job_for(state: Any, folder: Path, **changes: Any) -> ImportJob:
    path = folder / "cmx_best.pt"
    torch.save(state, path)
    output = str(folder / "out" / "cmx.safetensors")
    fields = {"class_names": CLOUDS, "normalisation": "imagenet", "tile_size": 64}
    return ImportJob(weights=str(path), output=output, **{**fields, **changes})


def pictures(*bands: int) -> list[Tensor]:
    """Noise on fields of 16 px, so that the masks have more than one class."""
    torch.manual_seed(2)
    fields = [F.interpolate(torch.rand(2, count, 4, 6) * 200, scale_factor=16) for count in bands]
    return [(field + torch.rand_like(field) * 55).floor() for field in fields]


def scaled(values: Tensor, mean: Any = MEAN, std: Any = STD) -> Tensor:
    mean, std = (torch.tensor(each)[:, None, None] for each in (mean, std))
    return (values / 255 - mean) / std


def test_a_checkpoint_with_the_authors_names_gives_the_authors_logits(tmp_path, events) -> None:
    """As their script saves it: wrapped, with prefixes, and with scores that are no plain numbers."""
    state, (image, extra) = random_state(), pictures(3, 3)
    with torch.no_grad():  # a bias that leaves no class out
        logits = Reference(state)(scaled(image), scaled(extra))
        state["decode_head.linear_pred.bias"] -= logits.transpose(0, 1).flatten(1).median(1).values
    wrapped = {f"module.{name}": value for name, value in state.items()}
    scores = {"mIOU": np.float64(0.7), "Accuracy": np.float32(0.8)}
    job = job_for({"model": wrapped, "epoch": 3, "best_score": scores}, tmp_path)
    done = import_model(job, events)
    assert (done.outputs["bands"], done.outputs["auxiliary_bands"]) == (3, 3)
    model, card = load_model(job.output)
    assert (card.architecture, card.encoder, card.logits) == ("cmx-b0", "mit-b0", 4)
    assert (card.tile_size, card.auxiliary.tile_size, card.auxiliary.bands) == (64, 64, 3)
    assert [entry.name for entry in card.classes] == [text[2:] for text in CLOUDS]
    assert card.auxiliary.mean == pytest.approx([255 * value for value in MEAN])
    with torch.no_grad():
        expected = Reference(state)(scaled(image), scaled(extra))
        found = model(image, extra)["logits"]
    assert expected.std() > 0.1 and len(expected.argmax(1).unique()) == 4
    assert (found - expected).abs().max() < 2e-5
    assert torch.equal(found.argmax(1), expected.argmax(1))


def test_one_band_that_a_network_repeats_is_one_band(tmp_path, events) -> None:
    """The cloud network repeats near infrared, scaled by one mean, into three channels."""
    state = random_state()
    job = job_for(state, tmp_path, auxiliary_mean=(0.5,), auxiliary_std=(0.25,))
    assert import_model(job, events).outputs["auxiliary_bands"] == 1
    model, card = load_model(job.output)
    assert card.auxiliary.bands == 1 and card.auxiliary.std == (0.25 * 255,)
    image, nir = pictures(3, 1)
    with torch.no_grad():
        repeated = scaled(nir, (0.5,), (0.25,)).expand(-1, 3, -1, -1)
        expected = Reference(state)(scaled(image), repeated)
        assert (model(image, nir)["logits"] - expected).abs().max() < 2e-5


def test_other_bands_and_one_class_are_told_by_the_shapes(tmp_path, events) -> None:
    statistics = {"mean": (0.1,) * 4, "std": (0.2,) * 4, "normalisation": "given"}
    auxiliary = {"auxiliary_mean": (0.3, 0.4), "auxiliary_std": (0.5, 0.6)}
    state = random_state(bands=4, extra_bands=2, classes=1)
    classes = {"class_names": ("0=land", "1=cloud"), "maximum": 1000.0, "architecture": "cmx"}
    job = job_for(state, tmp_path, **statistics, **auxiliary, **classes)
    import_model(job, events)
    card = load_model(job.output)[1]
    assert (card.image.bands, card.auxiliary.bands, card.logits) == (4, 2, 1)
    assert card.image.high == (1000.0,) * 4
    assert card.auxiliary.mean == (300.0, 400.0)


def test_what_does_not_fit_is_named_by_the_authors_names(tmp_path, events) -> None:
    state = random_state()

    def refuse(words: str, saved: Any, **changes: Any) -> None:
        job = job_for(saved, tmp_path, **changes)
        with pytest.raises(JobError, match=words):
            import_model(job, events)
        assert not Path(job.output).exists()

    lost = [name for name in state if name.startswith("backbone.FRMs.0.")]
    less = {name: value for name, value in state.items() if name not in lost}
    refuse(r"8 missing: backbone\.FRMs\.0\.channel_weights\.mlp\.0\.weight, .*\)", less)
    more = {f"backbone.other{n}": torch.zeros(1) for n in range(13)}
    refuse(r"13 unexpected: backbone\.other0, .*backbone\.other9 and 3 more\)", state | more)
    head = "decode_head.linear_fuse.1.bias"
    refuse(r"fuse\.1\.bias has the shape \(7,\) instead of \(512,\)", state | {head: torch.ones(7)})
    key = "backbone.block1.0.attn.kv.weight"
    refuse(
        r"kv\.weight has the shape \(32, 32\) instead of \(64, 32\)", state | {key: state[key][:32]}
    )
    fewer = {name: value for name, value in state.items() if "block4.1." not in name}
    refuse(r"32 channels and 2 \+ 2 \+ 2 \+ 1 blocks, as no MiT", fewer)
    refuse("NaN or infinity stands in decoder", state | {head: torch.full((512,), torch.inf)})
    refuse(
        "are those of the network cmx-b0, not unet-resnet50", state, architecture="unet-resnet50"
    )
    refuse("4 outputs per pixel.*but class_names has 0 names", state, class_names=())
    given = {"normalisation": "given", "mean": MEAN, "std": STD}
    refuse("give auxiliary_mean and auxiliary_std of each of the 3", state, **given)
    wrong = {"auxiliary_mean": (0.1, 0.2), "auxiliary_std": (0.1, 0.2)}
    refuse("3 bands, but auxiliary_mean has 2 values", state, **wrong)
