"""Encoders of timm, driven stage by stage as MiT is, so that two streams can be fused between the stages."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from functools import partial

import timm
import torch
from timm.layers.format import Format
from timm.models import FeatureListNet
from torch import Tensor, nn
from torch.func import functional_call

from ..contract.errors import JobError, first_line, join_choices
from ..contract.translation import tr
from .batch_norms import use_running_stats_for_single_values
from .pyramid_encoder import PyramidEncoder
from .stems import adapt_stem
from .weight_files import fill_counters
from .weight_names import likeliest_prefix, without_prefix

#: The strides that every pyramid has, finest first.
STRIDES = (4, 8, 16, 32)

#: Names in timm; other texts could name folders or downloads.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")

#: Least channels of an attention head.
_MIN_HEAD_CHANNELS = 32

#: Number of weights that an error message names.
_MAX_NAMES = 5


class TimmPyramid(PyramidEncoder):
    """An encoder of timm with features at strides 4, 8, 16 and 32; its layers keep timm's names."""

    def __init__(
        self, encoder: str, bands: int, weights: Mapping[str, Tensor] | None = None
    ) -> None:
        """Builds the encoder.

        Args:
            encoder: Its name in timm.
            bands: Bands of the input.
            weights: State dict of timm's classifier with this encoder, for any number of bands; None: random weights.

        Raises:
            JobError: If timm has no such encoder, it is not a pyramid, or the weights are another network's.
        """
        super().__init__()
        self._encoder, self._bands = encoder, bands
        network = _feature_network(encoder, bands)
        layers = _layers(network)
        ends = _last_layers(network, encoder)
        self.channels = tuple(channels for _, channels in ends)
        self.heads = tuple(_attention_heads(channels) for channels in self.channels)
        channels_last = getattr(network, "output_fmt", Format.NCHW) == Format.NHWC
        stages: list[nn.Module] = []
        begin = 0
        for name, _ in ends:
            end = [*layers].index(name) + 1
            chosen = {layer: layers[layer] for layer in [*layers][begin:end]}
            stages.append(_Stage(chosen, channels_last, is_first=not stages))
            begin = end
        self.stages = nn.ModuleList(stages)
        use_running_stats_for_single_values(self)
        if weights is not None:
            self.stages.load_state_dict(_rename(weights, self.stages.state_dict(), encoder, bands))

    def check_tile(self, tile_size: int) -> None:
        """Makes sure that the encoder takes tiles of ``tile_size`` px: those with windows take some sizes only.

        Raises:
            JobError: If it does not.
        """
        # The meta device computes shapes only, without memory or arithmetic.
        tensors = (*self.named_parameters(), *self.named_buffers())
        weights = {name: value.to("meta") for name, value in tensors}
        tile = torch.empty(1, self._bands, tile_size, tile_size, device="meta")
        try:
            with torch.no_grad():
                functional_call(self, weights, (tile,))
        except Exception as error:  # each encoder raises its own errors
            raise JobError(
                tr(
                    "The encoder {} cannot take tiles of {} px: {}. Choose another tile size or encoder."
                ).format(self._encoder, tile_size, first_line(error))
            ) from error


class _Stage(nn.ModuleDict):
    """Some successive layers of an encoder, called with maps (B, C, H, W) whatever the layers' own order is."""

    def __init__(self, layers: dict[str, nn.Module], channels_last: bool, is_first: bool) -> None:
        super().__init__(layers)
        self._channels_last, self._is_first = channels_last, is_first

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to (B, channels, H', W')."""
        if self._channels_last and not self._is_first:
            x = x.permute(0, 2, 3, 1)
        for layer in self.values():
            x = layer(x)
        return x.permute(0, 3, 1, 2).contiguous() if self._channels_last else x


def _attention_heads(channels: int) -> int:
    """The largest number of equal heads with at least ``_MIN_HEAD_CHANNELS`` channels each."""
    numbers = range(max(1, channels // _MIN_HEAD_CHANNELS), 0, -1)
    return next(number for number in numbers if channels % number == 0)


def _feature_network(encoder: str, bands: int) -> nn.Module:
    """Builds timm's network of an encoder without its classifier."""
    if not _PLAIN_NAME.fullmatch(encoder) or not timm.is_model(encoder):
        raise JobError(_unknown_message(encoder))
    build = partial(timm.create_model, encoder, features_only=True, in_chans=bands)
    try:
        try:  # networks with windows otherwise take one size only
            return build(strict_img_size=False)
        except TypeError:
            return build()
    except Exception as error:  # timm raises many kinds
        raise JobError(
            tr(
                "timm cannot build the encoder {} for segmentation: {}. Choose another encoder."
            ).format(encoder, first_line(error))
        ) from error


def _layers(network: nn.Module) -> dict[str, nn.Module]:
    """The layers of a feature network in the order in which they are applied, by timm's flattened names."""
    layers = dict(network.named_children())
    if isinstance(network, FeatureListNet):
        return layers
    blocks = layers.pop("blocks", None)
    if {*layers} <= {"conv_stem", "bn1", "act1"} and isinstance(
        blocks, nn.Sequential
    ):  # EfficientNet, MobileNet
        return {**layers, **{f"blocks_{n}": block for n, block in blocks.named_children()}}
    return {}


def _last_layers(network: nn.Module, encoder: str) -> list[tuple[str, int]]:
    """Name of the last layer and output channels of each of the four stages."""
    layers, info = _layers(network), network.feature_info
    sizes = zip(info.module_name(), info.reduction(), info.channels())  # type: ignore[union-attr, operator]
    ends = {stride: (name.replace(".", "_"), channels) for name, stride, channels in sizes}
    if not layers or any(ends.get(stride, ("",))[0] not in layers for stride in STRIDES):
        raise JobError(
            tr(
                "The encoder {} cannot be used: its features do not have the strides 4, 8, 16 and "
                "32, or its stages are not applied one after the other. Choose a pyramid, such as "
                "tf_efficientnet_lite0, convnext_tiny or pvt_v2_b1."
            ).format(encoder)
        )
    return [ends[stride] for stride in STRIDES]


def _rename(
    weights: Mapping[str, Tensor], expected: Mapping[str, Tensor], encoder: str, bands: int
) -> dict[str, Tensor]:
    """The stages' weights among those of timm's whole network, with the stem adapted to ``bands``."""
    renamed = {}
    # Without the stage; timm has a dot where its feature networks have an underscore.
    spellings = {
        name: (base := name.split(".", 1)[1], base.replace("_", ".", 1)) for name in expected
    }
    known = {spelling for both in spellings.values() for spelling in both}
    weights = without_prefix(weights, likeliest_prefix(weights, known))
    for name, value in expected.items():
        source = next((weights[n] for n in spellings[name] if n in weights), None)
        if source is None:
            continue
        is_stem = source.ndim == 4 and value.shape == (source.shape[0], bands, *source.shape[2:])
        renamed[name] = adapt_stem(source, bands) if is_stem else source

    def refuse(reason: str) -> JobError:
        return JobError(
            tr(
                "The pretrained weights are not those of the encoder {} ({}): give those of this encoder, or "
                "name the encoder that they belong to."
            ).format(encoder, reason)
        )

    return fill_counters(renamed, expected, refuse, _MAX_NAMES)


def _unknown_message(name: str) -> str:
    similar = difflib.get_close_matches(name, timm.list_models(), n=3, cutoff=0.5)
    known = tr(
        "It is mit-b0 to mit-b5, or a pyramid of timm by its name, such as tf_efficientnet_lite0, "
        "convnext_tiny or resnet50."
    )
    if not similar:
        return tr("There is no encoder {!r}. {}").format(name, known)
    text = tr("There is no encoder {!r}. Did you mean {}? {}")
    return text.format(name, join_choices(similar), known)
