"""CMX with the authors' names: every tensor's name and shape, and the logits by the papers' formulas."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

#: Channels and blocks of the stages of MiT-B0; width of the decoder.
CHANNELS, DEPTHS, WIDTH = (32, 64, 160, 256), (2, 2, 2, 2), 512
HEADS, REDUCTIONS, KERNELS = (1, 2, 5, 8), (8, 4, 2, 1), (7, 3, 3, 3)


def layer(name: str, *shape: int, bias: int = 0) -> dict[str, tuple[int, ...]]:
    """A weight of a shape and its bias: as long as the first side, or as given; none for -1."""
    biases = {} if bias == -1 else {f"{name}.bias": (bias or shape[0],)}
    return {f"{name}.weight": shape, **biases}


def batch_norm(name: str, c: int) -> dict[str, tuple[int, ...]]:
    measured = {f"{name}.running_mean": (c,), f"{name}.running_var": (c,)}
    return {**layer(name, c), **measured, f"{name}.num_batches_tracked": ()}


def encoder_names(
    extra: str, bands: int, channels: Sequence[int], depths: Sequence[int]
) -> dict[str, tuple[int, ...]]:
    names: dict[str, tuple[int, ...]] = {}
    before = bands
    for s, (c, depth, r, k) in enumerate(zip(channels, depths, REDUCTIONS, KERNELS), 1):
        names |= layer(f"{extra}patch_embed{s}.proj", c, before, k, k)
        names |= layer(f"{extra}patch_embed{s}.norm", c) | layer(f"{extra}norm{s}", c)
        for block in (f"{extra}block{s}.{b}" for b in range(depth)):
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


def official_names(
    bands: int = 3,
    extra_bands: int = 3,
    classes: int = 4,
    channels: Sequence[int] = CHANNELS,
    depths: Sequence[int] = DEPTHS,
) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor of CMX as the authors' code saves it."""
    names = encoder_names("", bands, channels, depths)
    names |= encoder_names("extra_", extra_bands, channels, depths)
    for s, c in enumerate(channels):
        names |= fusion_names(s, c) | layer(f"decode_head.linear_c{s + 1}.proj", WIDTH, c)
    names |= layer("decode_head.linear_fuse.0", WIDTH, 4 * WIDTH, 1, 1)
    names |= batch_norm("decode_head.linear_fuse.1", WIDTH)
    return names | layer("decode_head.linear_pred", classes, WIDTH, 1, 1)


def random_state(**sizes: int) -> dict[str, Tensor]:
    """Random weights of CMX-B0 with which every layer matters."""
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
        for block in (f"{prefix}block{s + 1}.{b}" for b in range(DEPTHS[s])):
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
