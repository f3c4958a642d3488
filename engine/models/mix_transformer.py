"""MiT, the encoder of SegFormer (Xie et al. 2021, arXiv:2105.15203), from ``transformers``.

Networks of two streams call its four stages one by one, because they fuse the streams between them.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from transformers import SegformerConfig, SegformerModel

from ..contract.errors import JobError, first_line
from ..contract.translation import tr
from .pyramid_encoder import PyramidEncoder
from .stems import adapt_stem

_SMALL = (32, 64, 160, 256)
_LARGE = (64, 128, 320, 512)

#: Channels and blocks of the four stages: table 6 of the paper.
ENCODERS: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "mit-b0": (_SMALL, (2, 2, 2, 2)),
    "mit-b1": (_LARGE, (2, 2, 2, 2)),
    "mit-b2": (_LARGE, (3, 4, 6, 3)),
    "mit-b3": (_LARGE, (3, 4, 18, 3)),
    "mit-b4": (_LARGE, (3, 8, 27, 3)),
    "mit-b5": (_LARGE, (3, 6, 40, 3)),
}

#: Attention heads of the four stages, the same in every size.
HEADS = (1, 2, 5, 8)

#: The eps of the norms of blocks and stages in the authors' code. The norms of patch embeddings and of reduced keys
#: have torch's default, 1e-5.
_NORM_EPS = 1e-6


class MixTransformer(PyramidEncoder):
    """A MiT encoder: four stages with outputs at strides 4, 8, 16 and 32."""

    def __init__(self, encoder: str, bands: int, pretrained: str = "") -> None:
        """Builds the encoder.

        Args:
            encoder: A name of ``ENCODERS``.
            bands: Bands of the input.
            pretrained: Folder with a SegFormer checkpoint, hub id with revision
                (``name@revision``), or empty for random weights.

        Raises:
            JobError: If the encoder is unknown, or the checkpoint cannot be used for it.
        """
        super().__init__()
        if encoder not in ENCODERS:
            raise JobError(
                tr("There is no encoder {!r}; it is one of {}.").format(
                    encoder, ", ".join(ENCODERS)
                )
            )
        self.channels, depths = ENCODERS[encoder]
        self.heads = HEADS
        config = SegformerConfig(
            num_channels=bands,
            hidden_sizes=list(self.channels),
            depths=list(depths),
            num_attention_heads=list(HEADS),
            drop_path_rate=0.1,  # of the last block; it rises linearly from 0 at the first one
        )
        self.stages = SegformerModel(config).stages
        _set_norm_eps(self.stages)
        if pretrained:
            self.stages.load_state_dict(_pretrained_state(encoder, bands, pretrained))
        else:
            _init_convolutions(self.stages)

    def inference_parts(self) -> dict[str, nn.Module]:
        """Stages that keep their layout, see ``inference_form``."""
        return {f"stages.{name}": LightStage(stage) for name, stage in self.stages.named_children()}


class LightStage(nn.Module):
    """A stage of MiT for inference: its map is a view of its tokens, in torch's memory format ``channels_last``.

    The library's stage copies the map to the other format, from which the next layers copy it back.
    """

    def __init__(self, stage: Any) -> None:
        """Builds it of a trained stage's layers."""
        super().__init__()
        self.patch_embeddings, self.layer_norm = stage.patch_embeddings, stage.layer_norm
        self.blocks = stage.blocks

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) to (B, channels, H', W')."""
        tokens, height, width = self.patch_embeddings(x)  # (B, H' * W', channels)
        for block in self.blocks:
            tokens = block(tokens, height, width)
        stage: Tensor = self.layer_norm(tokens).transpose(1, 2).unflatten(2, (height, width))
        return stage


def _set_norm_eps(stages: nn.ModuleList) -> None:
    """Sets the eps of the authors' code: ``transformers`` ignores its ``layer_norm_eps`` and takes 1e-5."""
    for name, module in stages.named_modules():
        is_inner = "patch_embeddings" in name or "sequence_reduction" in name
        if isinstance(module, nn.LayerNorm) and not is_inner:
            module.eps = _NORM_EPS


def _init_convolutions(stages: nn.Module) -> None:
    """Initialises convolutions as the authors' code does: He et al. 2015 (arXiv:1502.01852), fan out.

    ``transformers`` draws every kernel with deviation 0.02. In training from random weights, the depthwise
    convolution of each feed-forward block, and with it the whole block, would start near zero.
    """
    for module in stages.modules():
        if isinstance(module, nn.Conv2d):
            height, width = module.kernel_size
            fan_out = height * width * module.out_channels // module.groups
            nn.init.normal_(module.weight, 0.0, math.sqrt(2.0 / fan_out))
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def _pretrained_state(encoder: str, bands: int, source: str) -> dict[str, Tensor]:
    """The stages' weights from a checkpoint, its stem adapted to ``bands``."""
    model = _load_checkpoint(source)
    channels, depths = ENCODERS[encoder]
    found_channels = tuple(model.config.hidden_sizes)
    found_depths = tuple(model.config.depths)
    if (found_channels, found_depths) != (channels, depths):
        names = [n for n, known in ENCODERS.items() if known == (found_channels, found_depths)]
        other = names[0] if names else tr("an unknown size")
        raise JobError(
            tr(
                "The pretrained weights {} are of {} (channels {}, depths {}), but the encoder is {} "
                "(channels {}, depths {})."
            ).format(source, other, found_channels, found_depths, encoder, channels, depths)
        )
    state: dict[str, Tensor] = model.stages.state_dict()
    stem = "0.patch_embeddings.proj.weight"
    return {**state, stem: adapt_stem(state[stem], bands)}


def _load_checkpoint(source: str) -> SegformerModel:
    """Loads a SegFormer encoder from a folder or a hub id with revision."""
    local = Path(source).is_dir()
    name, at, revision = (source, "", "") if local else source.partition("@")
    if not local and not (name and at and revision):
        raise JobError(
            tr(
                "The pretrained weights {!r} are not a folder, and a hub id needs its revision: "
                "write it as name@revision."
            ).format(source)
        )
    try:
        loaded: Any = SegformerModel.from_pretrained(
            name,
            revision=revision or "main",  # a folder has no revisions
            local_files_only=local,
            output_loading_info=True,
        )
    except Exception as error:  # the hub's client raises the errors of its HTTP library
        text = (
            tr("The folder {} holds no SegFormer checkpoint that can be read: {}.")
            if local
            else tr(
                "The pretrained weights {} could not be fetched; check the name, the revision and the network, "
                "or give a folder that holds them: {}."
            )
        )
        raise JobError(text.format(source, first_line(error))) from error
    model: SegformerModel = loaded[0]
    if loaded[1]["missing_keys"]:
        raise JobError(
            tr("The pretrained weights {} are not those of a SegFormer encoder.").format(source)
        )
    return model
