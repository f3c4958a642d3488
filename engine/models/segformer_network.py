"""SegFormer (Xie et al. 2021, arXiv:2105.15203) as ``transformers`` has it, with the library's weights and norms."""

from __future__ import annotations

from typing import Any, ClassVar

import torch.nn.functional as F
from torch import Tensor, nn
from transformers import SegformerConfig, SegformerForSemanticSegmentation

from ..contract.errors import JobError
from ..contract.model_card import LAST_LAYERS
from ..contract.translation import tr
from .batch_norms import use_running_stats_for_single_values
from .decoders import MergedDecoder
from .image_encoders import build_encoder
from .logits import Outputs
from .mix_transformer import ENCODERS, HEADS, LightStage
from .two_stream_network import TwoStreamNetwork

#: Channels, blocks and attention heads of the four stages.
Sizes = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]


class SegformerNetwork(TwoStreamNetwork):
    """Segments an image with the SegFormer of ``transformers``, as weights that it has trained need it.

    CMX without auxiliary bands is SegFormer too, but its norms have the eps of the authors' code, which ``transformers``
    does not take, and its decoder has the width of CMX.

    Attributes:
        network: The library's network; its weights keep the library's names.
    """

    PARTS: ClassVar = {"network.segformer": "encoders"}
    LAST_LAYER = LAST_LAYERS["segformer"]
    gives_features = True

    def __init__(
        self, encoder: str, width: int, bands: int = 3, classes: int = 1, pretrained: str = ""
    ) -> None:
        """Builds the network.

        Args:
            encoder: ``mit-b0`` to ``mit-b5``, or one spelled out, see ``architectures.parse_segformer_name``.
            width: Channels of the decoder.
            bands: Bands of the image.
            classes: Logits per pixel; 1: sigmoid, more: softmax.
            pretrained: Weights of the encoder, see ``image_encoders.build_encoder``; empty: random weights.

        Raises:
            JobError: If the heads do not divide the channels, or the pretrained weights cannot be used.
        """
        super().__init__(bands, 0)
        self.network = SegformerForSemanticSegmentation(
            segformer_config(encoder, width, bands, classes)
        )
        if pretrained:
            weights = build_encoder(encoder, bands, pretrained).stages.state_dict()
            self.network.segformer.stages.load_state_dict(weights)
            self.pretrained_parts = ("network.segformer",)
        use_running_stats_for_single_values(self)

    def forward(self, pixel_values: Tensor, auxiliary_values: Tensor | None = None) -> Outputs:
        """Computes the logits of a batch of tiles.

        Args:
            pixel_values: (B, C, H, W), physical values of the image, NaN where missing; H and W multiples of 32.
            auxiliary_values: Must be None: the network has no auxiliary stream.

        Returns:
            ``logits``, (B, K, H, W) in fp32, and the ``features`` of stage 2.

        Raises:
            JobError: If the image has another number of bands than the network, H or W is not a multiple of 32, or
                an auxiliary stream is given.
        """
        self.check(pixel_values, auxiliary_values)
        x, features = self.image_normalisation(pixel_values), []
        for stage in self.network.segformer.stages:
            x = stage(x)
            features.append(x)
        logits: Tensor = self.network.decode_head(features).float()  # (B, K, H / 4, W / 4)
        size = (pixel_values.shape[-2], pixel_values.shape[-1])
        logits = F.interpolate(logits, size, mode="bilinear", align_corners=False)
        return {"logits": logits, "features": features[1]}

    def inference_parts(self) -> dict[str, nn.Module]:
        """Stages that keep their layout and a decoder with fewer multiplications, see ``inference_form``."""
        head: Any = self.network.decode_head
        linears = [projection.proj for projection in head.linear_projections]
        decoder = MergedDecoder(linears, head.linear_fuse, head.batch_norm, head.classifier)
        stages = self.network.segformer.stages.named_children()
        parts = {f"network.segformer.stages.{name}": LightStage(stage) for name, stage in stages}
        return {**parts, "network.decode_head": decoder}

    def image_features(self, pixel_values: Tensor) -> Tensor:
        """As ``TwoStreamNetwork.image_features``; the library's encoder returns its last features by name."""
        encoder: nn.Module = self.network.segformer
        last: Tensor = encoder(self.image_normalisation(pixel_values)).last_hidden_state
        return last.float().mean(dim=(2, 3))


def segformer_config(encoder: str, width: int, bands: int, classes: int) -> SegformerConfig:
    """The library's configuration of a network, all else as published.

    Raises:
        JobError: If the heads do not divide the channels.
    """
    channels, depths, heads = _sizes(encoder)
    if any(c % h for c, h in zip(channels, heads, strict=True)):
        raise JobError(
            tr("The heads {} of the encoder {} do not divide its channels {}.").format(
                heads, encoder, channels
            )
        )
    config = SegformerConfig(
        num_channels=bands,
        hidden_sizes=list(channels),
        depths=list(depths),
        num_attention_heads=list(heads),
        decoder_hidden_size=width,
    )
    config.num_labels = classes
    return config


def encoder_name(sizes: Sizes) -> str:
    """The name of the encoder with these sizes: the published one, or spelled out."""
    for name, published in ENCODERS.items():
        if (*published, HEADS) == sizes:
            return name
    return "mit-" + "-".join(".".join(map(str, numbers)) for numbers in sizes)


def _sizes(encoder: str) -> Sizes:
    if encoder in ENCODERS:
        return (*ENCODERS[encoder], HEADS)
    spelled = encoder.removeprefix("mit-").split("-")
    channels, depths, heads = (tuple(map(int, part.split("."))) for part in spelled)
    return channels, depths, heads
