"""DualStream-DFormer: an image stream that an auxiliary stream modulates at every scale."""

from __future__ import annotations

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..contract.model_card import LAST_LAYERS
from .convnext import ConvNeXtEncoder, LayerNorm2d, stem_stride
from .cross_attention import CrossAttention
from .decoders import AttentionDecoder, AuxiliaryHead
from .fusion import GatedModulation
from .image_encoders import build_encoder
from .land_summary import with_decoder
from .logits import Outputs
from .pyramid_encoder import PyramidEncoder
from .two_stream_network import TwoStreamNetwork

#: Channels of the decoder at strides 2, 4, 8, 16 and 32.
DECODER_WIDTHS = (32, 64, 96, 128, 192)

#: Channels of the skip connection at half resolution, which comes straight from the image.
DETAIL = 24


class DualStreamDFormer(TwoStreamNetwork):
    """Segments an image alone, or with the help of a second stream on another grid.

    The image passes through the four stages of its encoder. After each stage the auxiliary encoder's map of the same
    depth is fused in: stages 1 and 2 by FiLM and a gate, stages 3 and 4 by cross-attention. The fused map is the input
    of the next stage and, as a skip connection, of the decoder. In model files the auxiliary encoder is named ``air``.

    At initialisation FiLM and cross-attention are identities and the gates are half open: both streams have
    gradient in the first step, and every single weight in the second.
    """

    PARTS: ClassVar = {"vision": "encoders", "air": "encoders", "fusions": "fusion"}
    LAST_LAYER = LAST_LAYERS["dualstream-dformer"]
    gives_features = True

    def __init__(
        self,
        encoder: str = "mit-b1",
        bands: int = 4,
        auxiliary_bands: int = 48,
        classes: int = 1,
        auxiliary_tile_size: int = 64,
        pretrained: str = "",
    ) -> None:
        """Builds the network.

        Args:
            encoder: The vision encoder, see ``image_encoders.build_encoder``.
            bands: Bands of the image stream.
            auxiliary_bands: Bands of the auxiliary stream; 0: no such stream and no fusion.
            classes: Logits per pixel; 1: sigmoid, more: softmax.
            auxiliary_tile_size: Side of ``auxiliary_values`` in px, for the stride of the auxiliary encoder's stem.
            pretrained: Weights of the vision encoder, see ``image_encoders.build_encoder``.

        Raises:
            JobError: If the encoder is unknown or the pretrained weights cannot be used.
        """
        super().__init__(bands, auxiliary_bands)
        self.vision = build_encoder(encoder, bands, pretrained)
        self.pretrained_parts = ("vision",) if pretrained else ()
        channels = self.vision.channels
        self.air: PyramidEncoder | None = None
        self.fusions = nn.ModuleList()
        if auxiliary_bands:
            self.air = ConvNeXtEncoder(auxiliary_bands, stem_stride(auxiliary_tile_size))
            widths = [*zip(channels, self.air.channels, strict=True)]
            self.fusions.extend(GatedModulation(c, auxiliary) for c, auxiliary in widths[:2])
            late = zip(widths[2:], self.vision.heads[2:], strict=True)
            self.fusions.extend(
                CrossAttention(c, auxiliary, heads) for (c, auxiliary), heads in late
            )
        self.detail = nn.Sequential(
            nn.Conv2d(bands, DETAIL, 4, stride=2, padding=1), LayerNorm2d(DETAIL), nn.GELU()
        )
        self.decoder = AttentionDecoder((DETAIL, *channels), DECODER_WIDTHS)
        self.head = nn.Conv2d(DECODER_WIDTHS[0], classes, 1)
        self.auxiliary_heads = nn.ModuleList(AuxiliaryHead(c, classes) for c in channels[1:3])

    def forward(self, pixel_values: Tensor, auxiliary_values: Tensor | None = None) -> Outputs:
        """Computes the logits of a batch of tiles.

        Args:
            pixel_values: (B, Ci, H, W), physical values of the image, NaN where missing; H and W multiples of 32.
            auxiliary_values: (B, Ca, h, w), physical values of the auxiliary stream over the same footprint, NaN where
                missing; None: all are missing. Any h and w.

        Returns:
            ``logits``, (B, K, H, W) in fp32, and ``features`` of stage 2 and of the decoder; in training instead of these
            ``auxiliary_logits`` from the fused maps of stages 2 and 3, (B, K, H / 8, W / 8) and (B, K, H / 16, W / 16).

        Raises:
            JobError: If H or W is not a multiple of 32, a stream has another number of bands than the network, or
                the network has no auxiliary stream.
        """
        self.check(pixel_values, auxiliary_values)
        image = self.image_normalisation(pixel_values)  # (B, Ci, H, W)
        if self.air is None:
            features = self.vision(image)
        else:
            features = self._fused_features(image, auxiliary_values, self.air)
        decoded = self.decoder([self.detail(image), *features])  # (B, 32, H / 2, W / 2)
        logits = self.head(decoded).float()  # (B, K, H / 2, W / 2)
        size = pixel_values.shape[-2:]
        outputs: Outputs = {
            "logits": F.interpolate(logits, size, mode="bilinear", align_corners=False)
        }
        if self.training:
            heads = zip(self.auxiliary_heads, features[1:3], strict=True)
            outputs["auxiliary_logits"] = [head(feature) for head, feature in heads]
        else:
            outputs["features"] = with_decoder(features[1], decoded)
        return outputs

    def _fused_features(
        self, image: Tensor, auxiliary_values: Tensor | None, auxiliary_encoder: PyramidEncoder
    ) -> list[Tensor]:
        """The fused maps of the four stages, finest first: (B, channels[i], H / 2**(i + 2), W / 2**(i + 2))."""
        if auxiliary_values is None:  # a single missing pixel, computed as any other
            shape = (image.shape[0], self.auxiliary_normalisation.bands, 1, 1)
            auxiliary_values = image.new_full(shape, torch.nan)
        validity = (
            auxiliary_values.isfinite().any(dim=1, keepdim=True).to(image.dtype)
        )  # (B, 1, h, w)
        auxiliary_features = auxiliary_encoder(self.auxiliary_normalisation(auxiliary_values))
        x, features = image, []
        for stage, fuse, auxiliary in zip(
            self.vision.stages, self.fusions, auxiliary_features, strict=True
        ):
            x = fuse(stage(x), auxiliary, validity)
            features.append(x)
        return features
