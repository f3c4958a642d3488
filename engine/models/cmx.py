"""CMX: two MiT streams that correct each other stage by stage (Zhang et al. 2023, arXiv:2203.04838)."""

from __future__ import annotations

from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor, nn

from .batch_norms import use_running_stats_for_single_values
from .decoders import MLPDecoder
from .fusion import FeatureFusion, FeatureRectification, resample
from .logits import Outputs
from .mix_transformer import HEADS, MixTransformer
from .two_stream_network import TwoStreamNetwork


class CMX(TwoStreamNetwork):
    """Segments an image with the help of a second one on the same grid, such as RGB with NIR.

    Both streams pass through a MiT encoder of their own. After each stage they rectify each other;
    the rectified maps go on to the next stage, and fused into one map to the decoder.

    A training batch may be a single tile of 32 x 32 px, as the last one of an epoch can be. Its coarsest
    fused map is one pixel, of which batch norm can take no statistics: see ``batch_norms``.

    Without auxiliary bands nothing is left to rectify or to fuse: the network is SegFormer, one
    encoder and the same decoder.
    """

    PARTS: ClassVar = {
        "image_encoder": "encoders",
        "auxiliary_encoder": "encoders",
        "rectifications": "fusion",
        "fusions": "fusion",
    }

    def __init__(
        self,
        encoder: str = "mit-b2",
        bands: int = 3,
        auxiliary_bands: int = 1,
        classes: int = 4,
        pretrained: str = "",
    ) -> None:
        """Builds the network.

        Args:
            encoder: The encoder of each stream, a name of ``mix_transformer.ENCODERS``.
            bands: Bands of the image stream.
            auxiliary_bands: Bands of the auxiliary stream; 0: no such stream and no fusion.
            classes: Logits per pixel; 1: sigmoid, more: softmax.
            pretrained: Weights that both encoders start from, see ``MixTransformer``.

        Raises:
            JobError: If the encoder is unknown or the pretrained weights cannot be used.
        """
        super().__init__(bands, auxiliary_bands)
        self.image_encoder = MixTransformer(encoder, bands, pretrained)
        channels, streams = self.image_encoder.channels, ["image_encoder"]
        self.auxiliary_encoder: MixTransformer | None = None
        self.rectifications, self.fusions = nn.ModuleList(), nn.ModuleList()
        if auxiliary_bands:
            self.auxiliary_encoder = MixTransformer(encoder, auxiliary_bands, pretrained)
            streams.append("auxiliary_encoder")
            self.rectifications.extend(FeatureRectification(own) for own in channels)
            self.fusions.extend(
                FeatureFusion(own, heads) for own, heads in zip(channels, HEADS, strict=True)
            )
        self.pretrained_parts = tuple(streams) if pretrained else ()
        self.decoder = MLPDecoder(channels, classes)
        for part in (self.rectifications, self.fusions, self.decoder):
            part.apply(_initialise)
        use_running_stats_for_single_values(self)

    def forward(self, pixel_values: Tensor, air_values: Tensor | None = None) -> Outputs:
        """Logits of a batch of tiles.

        Args:
            pixel_values: (B, Ci, H, W), raw values of the image; H and W multiples of 32. Not a
                number means missing.
            air_values: (B, Ca, h, w), raw values of the auxiliary stream over the same footprint,
                best on the same grid: any other is resampled to it. Not a number means missing,
                None that all is.

        Returns:
            ``logits``, (B, K, H, W) in fp32.

        Raises:
            JobError: If a stream has another number of bands than the network or is not in it, or H
                or W is no multiple of 32.
        """
        self.check(pixel_values, air_values)
        image = self.image_normalisation(pixel_values)
        if self.auxiliary_encoder is None:
            features = self._image_features(image)
        else:
            features = self._fused_features(
                image, self._auxiliary(image, air_values), self.auxiliary_encoder
            )
        logits = self.decoder(features).float()
        return {
            "logits": F.interpolate(
                logits, pixel_values.shape[-2:], mode="bilinear", align_corners=False
            )
        }

    def _auxiliary(self, image: Tensor, air_values: Tensor | None) -> Tensor:
        """The standardised auxiliary stream on the image's grid, (B, Ca, H, W)."""
        size = (image.shape[-2], image.shape[-1])
        if air_values is None:
            # Zero is what every missing value becomes.
            return image.new_zeros(image.shape[0], self.auxiliary_normalisation.bands, *size)
        return resample(self.auxiliary_normalisation(air_values), size)

    def _image_features(self, x: Tensor) -> list[Tensor]:
        """The four maps of the only stream, finest first."""
        features = []
        for stage in self.image_encoder.stages:
            x = stage(x)
            features.append(x)
        return features

    def _fused_features(
        self, image: Tensor, auxiliary: Tensor, auxiliary_encoder: MixTransformer
    ) -> list[Tensor]:
        """The four fused maps, finest first."""
        features = []
        stages = zip(
            self.image_encoder.stages,
            auxiliary_encoder.stages,
            self.rectifications,
            self.fusions,
            strict=True,
        )
        for image_stage, auxiliary_stage, rectify, fuse in stages:
            image, auxiliary = rectify(image_stage(image), auxiliary_stage(auxiliary))
            features.append(fuse(image, auxiliary))
        return features


def _initialise(module: nn.Module) -> None:
    """The start from random weights of fusion and decoder, for ``nn.Module.apply``.

    Linear layers are normal with deviation 0.02, cut off at two of them; convolutions as He et al.
    2015 (arXiv:1502.01852), by outgoing connections. That rule would give a layer to two weights or
    to K logits a deviation near 1, saturated from the start; these are as linear layers are.
    """
    if isinstance(module, nn.Linear):
        _small(module)
    elif isinstance(module, nn.Conv2d):
        # Of a depthwise convolution torch counts all channels as outgoing; incoming is right there.
        nn.init.kaiming_normal_(
            module.weight, mode="fan_out" if module.groups == 1 else "fan_in", nonlinearity="relu"
        )
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, FeatureRectification):  # apply comes to children first
        _small(module.place[-1])
    elif isinstance(module, MLPDecoder):
        _small(module.logits)


def _small(layer: nn.Module) -> None:
    """A layer's weights near zero, and its bias at zero."""
    for name, parameter in layer.named_parameters():
        if name == "bias":
            nn.init.zeros_(parameter)
        else:
            nn.init.trunc_normal_(parameter, std=0.02, a=-0.04, b=0.04)
