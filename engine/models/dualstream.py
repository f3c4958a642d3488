"""DualStream-DFormer: a MiT vision stream that an air-quality stream modulates at every scale."""

from __future__ import annotations

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .convnext import ChannelNorm, ConvNeXtEncoder, stem_stride
from .cross_attention import CrossAttention
from .decoders import AttentionDecoder, AuxiliaryHead
from .fusion import GatedModulation
from .logits import Outputs
from .mix_transformer import HEADS, MixTransformer
from .two_stream_network import TwoStreamNetwork

#: Channels of the decoder at strides 2, 4, 8, 16 and 32.
DECODER_WIDTHS = (32, 64, 96, 128, 192)

#: Channels of the half-resolution skip that comes straight from the image.
DETAIL = 24


class DualStreamDFormer(TwoStreamNetwork):
    """Segments an image with the help of a second stream on a grid of its own, or alone.

    Stage by stage the image passes through MiT, and after each stage what the air encoder found at
    the same depth is fused in: stages 1 and 2 by FiLM and a gate, stages 3 and 4 by
    cross-attention. The fused map goes on to the next stage and, as a skip, to the decoder.

    At the start FiLM and cross-attention are identities; the gates of stages 1 and 2 are half open,
    so both streams have gradient in the first step and every single weight has it in the second.
    """

    PARTS: ClassVar = {"vision": "encoders", "air": "encoders", "fusions": "fusion"}

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
            encoder: The vision encoder, a name of ``mix_transformer.ENCODERS``.
            bands: Bands of the image stream.
            auxiliary_bands: Bands of the auxiliary stream; 0: no such stream and no fusion.
            classes: Logits per pixel; 1: sigmoid, more: softmax.
            auxiliary_tile_size: Usual side of ``air_values`` in px; sets the air stem's stride.
            pretrained: Weights of the vision encoder, see ``MixTransformer``.

        Raises:
            JobError: If the encoder is unknown or the pretrained weights cannot be used.
        """
        super().__init__(bands, auxiliary_bands)
        self.vision = MixTransformer(encoder, bands, pretrained)
        self.pretrained_parts = ("vision",) if pretrained else ()
        channels = self.vision.channels
        self.air: ConvNeXtEncoder | None = None
        self.fusions = nn.ModuleList()
        if auxiliary_bands:
            self.air = ConvNeXtEncoder(auxiliary_bands, stem_stride(auxiliary_tile_size))
            for stage, (own, air) in enumerate(zip(channels, self.air.channels, strict=True)):
                early = stage < 2
                self.fusions.append(
                    GatedModulation(own, air) if early else CrossAttention(own, air, HEADS[stage])
                )
        self.detail = nn.Sequential(
            nn.Conv2d(bands, DETAIL, 4, stride=2, padding=1), ChannelNorm(DETAIL), nn.GELU()
        )
        self.decoder = AttentionDecoder((DETAIL, *channels), DECODER_WIDTHS)
        self.head = nn.Conv2d(DECODER_WIDTHS[0], classes, 1)
        self.auxiliary_heads = nn.ModuleList(AuxiliaryHead(c, classes) for c in channels[1:3])

    def forward(self, pixel_values: Tensor, air_values: Tensor | None = None) -> Outputs:
        """Logits of a batch of tiles.

        Args:
            pixel_values: (B, Ci, H, W), raw values of the image; H and W multiples of 32. Not a
                number means missing.
            air_values: (B, Ca, h, w), raw values of the auxiliary stream over the same footprint;
                any h and w. Not a number means missing, None that all is.

        Returns:
            ``logits``, (B, K, H, W) in fp32; in training also ``auxiliary_logits``, the logits from
            the fused maps of stages 2 and 3 on their own grids, (B, K, H / 8, W / 8) and
            (B, K, H / 16, W / 16).

        Raises:
            JobError: If a stream has another number of bands than the network or is not in it, or
                H or W is no multiple of 32.
        """
        self.check(pixel_values, air_values)
        image = self.image_normalisation(pixel_values)
        fused = self._fused(image, air_values)
        decoded = self.decoder([self.detail(image), *fused])
        logits = self.head(decoded).float()
        outputs: Outputs = {
            "logits": F.interpolate(
                logits, pixel_values.shape[-2:], mode="bilinear", align_corners=False
            )
        }
        if self.training:
            heads = zip(self.auxiliary_heads, fused[1:3], strict=True)
            outputs["auxiliary_logits"] = [head(feature) for head, feature in heads]
        return outputs

    def _fused(self, image: Tensor, air_values: Tensor | None) -> list[Tensor]:
        """The four fused maps, finest first."""
        if self.air is None:
            return self._stages(image, [], image)
        if air_values is None:
            # A single missing pixel takes the ordinary way, so that there is only one.
            shape = (image.shape[0], self.auxiliary_normalisation.bands, 1, 1)
            air_values = image.new_full(shape, torch.nan)
        validity = air_values.isfinite().any(dim=1, keepdim=True).to(image.dtype)
        air = self.air(self.auxiliary_normalisation(air_values))
        return self._stages(image, air, validity)

    def _stages(self, x: Tensor, air: list[Tensor], validity: Tensor) -> list[Tensor]:
        fused = []
        for index, stage in enumerate(self.vision.stages):
            x = stage(x)
            if air:
                x = self.fusions[index](x, air[index], validity)
            fused.append(x)
        return fused
