"""MiT, the encoder of SegFormer (Xie et al. 2021, arXiv:2105.15203), from ``transformers``.

Networks here drive its four stages one by one, because fusion happens between them.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from transformers import SegformerConfig, SegformerModel

from ..contract.errors import JobError, first_line
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

#: What the authors' code adds to the variance in the norms of blocks and stages. Those of the patch embeddings
#: and of the reduced keys have torch's own 1e-5 there.
_NORM_EPS = 1e-6


class MixTransformer(nn.Module):
    """The stages of a MiT encoder at strides 4, 8, 16 and 32.

    ``stages[i](x)`` takes (B, C, H, W) and returns (B, channels[i], H', W').

    Attributes:
        stages: The four stages.
        channels: Channels of each stage's output.
    """

    def __init__(
        self, encoder: str, bands: int, pretrained: str = "", drop_path: float = 0.1
    ) -> None:
        """Builds the encoder.

        Args:
            encoder: A name of ``ENCODERS``.
            bands: Bands of the input.
            pretrained: Folder with a SegFormer checkpoint, hub id with revision
                (``name@revision``), or empty for random weights.
            drop_path: Chance of the last block to be skipped for a sample in training; earlier
                blocks' chances rise to it linearly from 0.

        Raises:
            JobError: If the encoder is unknown, or the checkpoint cannot be used for it.
        """
        super().__init__()
        if encoder not in ENCODERS:
            raise JobError(f"There is no encoder {encoder!r}; it is one of {', '.join(ENCODERS)}.")
        self.channels, depths = ENCODERS[encoder]
        config = SegformerConfig(
            num_channels=bands,
            hidden_sizes=list(self.channels),
            depths=list(depths),
            num_attention_heads=list(HEADS),
            drop_path_rate=drop_path,
        )
        self.stages: nn.ModuleList = SegformerModel(config).stages
        _set_norm_eps(self.stages)
        if pretrained:
            self.stages.load_state_dict(_pretrained_state(encoder, bands, pretrained))
        else:
            _initialise_convolutions(self.stages)


def _set_norm_eps(stages: nn.ModuleList) -> None:
    """Gives the norms the eps of the authors' code.

    ``transformers`` builds all of them with 1e-5 and does not use its configuration's ``layer_norm_eps``.
    """
    for name, module in stages.named_modules():
        is_inner = "patch_embeddings" in name or "sequence_reduction" in name
        if isinstance(module, nn.LayerNorm) and not is_inner:
            module.eps = _NORM_EPS


def _initialise_convolutions(stages: nn.Module) -> None:
    """The paper's own initialisation, He et al. 2015 by outgoing connections.

    ``transformers`` draws every kernel with deviation 0.02, as it may where weights follow from a
    checkpoint. From random weights that makes the depthwise convolution of each feed-forward
    block, and with it the whole block, start near zero.
    """
    for module in stages.modules():
        if isinstance(module, nn.Conv2d):
            height, width = module.kernel_size
            fan_out = height * width * module.out_channels // module.groups
            nn.init.normal_(module.weight, 0.0, math.sqrt(2.0 / fan_out))
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def _pretrained_state(encoder: str, bands: int, source: str) -> dict[str, Tensor]:
    """The stages' weights from a checkpoint, its first layer made to fit ``bands``."""
    model = _checkpoint(source)
    channels, depths = ENCODERS[encoder]
    found = (tuple(model.config.hidden_sizes), tuple(model.config.depths))
    if found != (channels, depths):
        names = [name for name, size in ENCODERS.items() if size == found]
        raise JobError(
            f"The pretrained weights {source} are of {names[0] if names else 'an unknown size'} "
            f"(channels {found[0]}, depths {found[1]}), but the encoder is {encoder} "
            f"(channels {channels}, depths {depths})."
        )
    state: dict[str, Tensor] = model.stages.state_dict()
    stem = "0.patch_embeddings.proj.weight"
    return {**state, stem: adapt_stem(state[stem], bands)}


def _checkpoint(source: str) -> SegformerModel:
    """The SegFormer encoder that ``source``, a folder or a hub id with revision, holds."""
    local = Path(source).is_dir()
    name, at, revision = (source, "", "") if local else source.partition("@")
    if not local and not (name and at and revision):
        raise JobError(
            f"The pretrained weights {source!r} are not a folder, and a hub id needs its revision: "
            "write it as name@revision."
        )
    try:
        loaded: Any = SegformerModel.from_pretrained(
            name,
            revision=revision or "main",  # a folder has no revisions; a hub id always names its own
            local_files_only=local,
            output_loading_info=True,
        )
    except Exception as error:  # the hub's client raises what its HTTP library raises
        raise JobError(_unreadable(source, local, error)) from error
    model: SegformerModel = loaded[0]
    if loaded[1]["missing_keys"]:
        raise JobError(f"The pretrained weights {source} are not those of a SegFormer encoder.")
    return model


def _unreadable(source: str, local: bool, error: Exception) -> str:
    if local:
        return f"The folder {source} holds no SegFormer checkpoint that can be read: {first_line(error)}"
    return (
        f"The pretrained weights {source} could not be fetched; check the name, the revision and "
        f"the network, or give a folder that holds them: {first_line(error)}"
    )
