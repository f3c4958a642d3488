"""Weights of CMX by the names of its authors' code (github.com/huaaaliu/RGBX_Semantic_Segmentation), and of its copies.

The layers are ours one by one, with four differences: queries and keys are named otherwise, keys and values are one
layer there, the decoder's convolution before its batch norm has a bias, and that batch norm has another eps.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from ..contract.card_weights import STATISTICS
from ..contract.errors import JobError
from ..contract.translation import tr
from ..models.factory import build_model, build_on_meta
from ..models.mix_transformer import ENCODERS
from ..models.weight_files import fill_counters
from .foreign_network import ForeignNetwork

_STEM, _EXTRA_STEM = "backbone.patch_embed1.proj.weight", "backbone.extra_patch_embed1.proj.weight"
_LAST, _MERGE = "decode_head.linear_pred.weight", "decode_head.linear_fuse.0"

#: Our stem of the auxiliary stream.
_AUXILIARY_STEM = "auxiliary_encoder.stages.0.patch_embeddings.proj.weight"

#: eps of the decoder's batch norm when the authors' code segments; in training it is 1e-3, as ours always is.
_EPS = 1e-5

_ENCODER = re.compile(r"(image|auxiliary)_encoder\.stages\.(\d)\.(?:blocks\.(\d+)\.)?(.+)\.(\w+)")
_BLOCK = {
    "layernorm_before": "norm1",
    "layernorm_after": "norm2",
    "attention.q_proj": "attn.q",
    "attention.k_proj": "attn.kv",
    "attention.v_proj": "attn.kv",
    "attention.o_proj": "attn.proj",
    "attention.sequence_reduction.sequence_reduction": "attn.sr",
    "attention.sequence_reduction.layer_norm": "attn.norm",
}
_STAGE = {
    "patch_embeddings.proj": "patch_embed{}.proj",
    "patch_embeddings.layer_norm": "patch_embed{}.norm",
    "layer_norm": "norm{}",
}
_PATH = {
    "entry": "channel_proj{}",
    "key_value": "cross_attn.kv{}",
    "exit": "end_proj{}",
    "norm": "norm{}",
}

#: Patterns of our names of fusion and decoder, and the authors'.
_RULES = (
    (r"rectifications\.(\d)\.channel\.", r"backbone.FRMs.\1.channel_weights.mlp."),
    (r"rectifications\.(\d)\.place\.", r"backbone.FRMs.\1.spatial_weights.mlp."),
    (r"fusions\.(\d)\.main\.", r"backbone.FFMs.\1.channel_emb.channel_embed."),
    (r"fusions\.(\d)\.(residual|norm)\.", r"backbone.FFMs.\1.channel_emb.\2."),
    (r"decoder\.merge\.", f"{_MERGE}."),
    (r"decoder\.norm\.", "decode_head.linear_fuse.1."),
    (r"decoder\.logits\.", "decode_head.linear_pred."),
)


def read_cmx(path: str, state: Mapping[str, Tensor]) -> ForeignNetwork:
    """CMX by our names, of a state dict with the authors'.

    Names and shapes show encoder, bands and classes.

    Raises:
        JobError: If the encoder has no published size, or weights are missing, unknown or of another shape.
    """

    def refuse(reason: str) -> JobError:
        return JobError(
            tr(
                "The weights {} have names of CMX, but do not fit its network with the decoder's width of 512 ({}): "
                "take a checkpoint of CMX with its MLP decoder."
            ).format(path, reason)
        )

    for name in (_STEM, _EXTRA_STEM, _LAST):
        if name not in state or state[name].ndim != 4:
            raise refuse(tr("{} is missing or is not a kernel").format(name))
    encoder = _encoder(state, refuse)
    bands, auxiliary_bands = state[_STEM].shape[1], state[_EXTRA_STEM].shape[1]
    logits, architecture = state[_LAST].shape[0], f"cmx-{encoder.removeprefix('mit-')}"
    outline = build_on_meta(
        lambda: build_model(
            architecture, bands=bands, auxiliary_bands=auxiliary_bands, classes=logits
        )
    )
    shapes = {n: value for n, value in outline.state_dict().items() if n not in STATISTICS}
    checked = fill_counters(state, _expected(shapes), refuse)
    converted = {name: _take(checked[_official_name(name)], name) for name in shapes}
    _fold(converted, checked, outline)
    return ForeignNetwork(
        architecture, Path(path), converted, refuse, bands, logits, auxiliary_bands
    )


def join_repeated_band(network: ForeignNetwork) -> ForeignNetwork:
    """CMX with one auxiliary band, of a network that saw the same band in all of its auxiliary channels."""
    stem = network.state[_AUXILIARY_STEM].double().sum(dim=1, keepdim=True)
    return replace(network, state={**network.state, _AUXILIARY_STEM: stem}, auxiliary_bands=1)


def _encoder(state: Mapping[str, Tensor], refuse: Callable[[str], JobError]) -> str:
    """The encoder whose channels and blocks the weights have."""
    blocks = {match[0] for name in state if (match := re.match(r"backbone\.block\d\.\d+\.", name))}
    depths = tuple(sum(f"block{stage}." in block for block in blocks) for stage in range(1, 5))
    channels = state[_STEM].shape[0]
    for name, (published, published_depths) in ENCODERS.items():
        if (published[0], published_depths) == (channels, depths):
            return name
    raise refuse(
        tr("its encoder has {} channels and {} blocks, as no MiT has").format(
            channels, " + ".join(map(str, depths))
        )
    )


def _expected(shapes: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The authors' state dict for our names and shapes, on the meta device."""
    expected = {_official_name(name): value for name, value in shapes.items()}
    for name, value in expected.items():
        if ".attn.kv." in name:
            expected[name] = torch.cat([value, value])
    expected[f"{_MERGE}.bias"] = shapes["decoder.norm.bias"]
    return expected


def _official_name(name: str) -> str:
    """The authors' name of one of our weights."""
    if match := _ENCODER.fullmatch(name):
        stream, stage, block, layer, kind = match.groups()
        number = int(stage) + 1
        layer = _STAGE[layer].format(number) if block is None else _BLOCK.get(layer, layer)
        place = "" if block is None else f"block{number}.{block}."
        return f"backbone.{'extra_' if stream == 'auxiliary' else ''}{place}{layer}.{kind}"
    if match := re.fullmatch(r"fusions\.(\d)\.(image|auxiliary)_path\.(\w+)\.(\w+)", name):
        layer = _PATH[match[3]].format(1 if match[2] == "image" else 2)
        return f"backbone.FFMs.{match[1]}.cross.{layer}.{match[4]}"
    if match := re.fullmatch(r"decoder\.linears\.(\d)\.(\w+)", name):
        return f"decode_head.linear_c{int(match[1]) + 1}.proj.{match[2]}"
    for pattern, official in _RULES:
        if re.match(pattern, name):
            return re.sub(pattern, official, name, count=1)
    raise KeyError(name)


def _take(value: Tensor, name: str) -> Tensor:
    """The part of the authors' weight that is ours: keys are the first half of keys and values."""
    if ".k_proj." in name:
        return value.chunk(2)[0]
    return value.chunk(2)[1] if ".v_proj." in name else value


def _fold(converted: dict[str, Tensor], official: Mapping[str, Tensor], outline: nn.Module) -> None:
    """Folds the bias before the decoder's batch norm into its mean, and the other eps into its weight."""
    variance = converted["decoder.norm.running_var"].double()
    ratio = (variance + outline.get_submodule("decoder.norm").eps) / (variance + _EPS)  # type: ignore[operator]
    converted["decoder.norm.weight"] = converted["decoder.norm.weight"].double() * ratio.sqrt()
    mean = converted["decoder.norm.running_mean"].double()
    converted["decoder.norm.running_mean"] = mean - official[f"{_MERGE}.bias"]
