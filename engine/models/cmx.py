"""CMX: two streams that rectify each other stage by stage (Zhang et al. 2023, arXiv:2203.04838)."""

from __future__ import annotations

from typing import ClassVar

import torch.nn.functional as F
from torch import Tensor, nn

from ..contract.model_card import LAST_LAYERS
from .batch_norms import use_running_stats_for_single_values
from .decoders import MLPDecoder
from .fusion import FeatureFusion, FeatureRectification, resample
from .image_encoders import build_encoder
from .logits import Outputs
from .pyramid_encoder import PyramidEncoder
from .two_stream_network import TwoStreamNetwork


class CMX(TwoStreamNetwork):
    """Segments an image with the help of a second one on the same grid, such as RGB with NIR.

    Each stream has its own encoder, MiT in the paper. After each stage the two maps rectify each other (FRM); the rectified maps
    are the inputs of the next stage and, fused into one (FFM), of the decoder.

    Without auxiliary bands the network is SegFormer: one encoder and the same decoder.
    """

    PARTS: ClassVar = {
        "image_encoder": "encoders",
        "auxiliary_encoder": "encoders",
        "rectifications": "fusion",
        "fusions": "fusion",
    }
    LAST_LAYER = LAST_LAYERS["cmx"]
    gives_features = True

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
            encoder: The encoder of each stream, see ``image_encoders.build_encoder``.
            bands: Bands of the image stream.
            auxiliary_bands: Bands of the auxiliary stream; 0: no such stream and no fusion.
            classes: Logits per pixel; 1: sigmoid, more: softmax.
            pretrained: Weights that both encoders start from, see ``image_encoders.build_encoder``.

        Raises:
            JobError: If the encoder is unknown or the pretrained weights cannot be used.
        """
        super().__init__(bands, auxiliary_bands)
        self.image_encoder = build_encoder(encoder, bands, pretrained)
        channels, heads = self.image_encoder.channels, self.image_encoder.heads
        self.auxiliary_encoder: PyramidEncoder | None = None
        self.rectifications, self.fusions = nn.ModuleList(), nn.ModuleList()
        if auxiliary_bands:
            self.auxiliary_encoder = build_encoder(encoder, auxiliary_bands, pretrained)
            self.rectifications.extend(FeatureRectification(c) for c in channels)
            self.fusions.extend(FeatureFusion(c, h) for c, h in zip(channels, heads, strict=True))
        if pretrained:
            second = ("auxiliary_encoder",) if auxiliary_bands else ()
            self.pretrained_parts = ("image_encoder", *second)
        self.decoder = MLPDecoder(channels, classes)
        for part in (self.rectifications, self.fusions, self.decoder):
            part.apply(_init_weights)
        use_running_stats_for_single_values(self)

    def forward(self, pixel_values: Tensor, auxiliary_values: Tensor | None = None) -> Outputs:
        """Computes the logits of a batch of tiles.

        Args:
            pixel_values: (B, Ci, H, W), physical values of the image, NaN where missing; H and W multiples of 32.
            auxiliary_values: (B, Ca, h, w), physical values of the auxiliary stream over the same footprint, NaN where
                missing; None: all are missing. Other grids than the image's are resampled to it.

        Returns:
            ``logits``, (B, K, H, W) in fp32, and the ``features`` of stage 2.

        Raises:
            JobError: If H or W is not a multiple of 32, a stream has another number of bands than the network, or
                the network has no auxiliary stream.
        """
        self.check(pixel_values, auxiliary_values)
        image = self.image_normalisation(pixel_values)  # (B, Ci, H, W)
        height, width = image.shape[-2:]
        if self.auxiliary_encoder is None:
            features = self.image_encoder(image)
        else:
            if auxiliary_values is None:  # 0 is the mean of a band, as of any missing value
                bands = self.auxiliary_normalisation.bands
                auxiliary = image.new_zeros(image.shape[0], bands, height, width)
            else:
                auxiliary = resample(
                    self.auxiliary_normalisation(auxiliary_values), (height, width)
                )
            features = self._fused_features(image, auxiliary, self.auxiliary_encoder)
        logits = self.decoder(features).float()  # (B, K, H / 4, W / 4)
        logits = F.interpolate(logits, (height, width), mode="bilinear", align_corners=False)
        return {"logits": logits, "features": features[1]}

    def inference_parts(self) -> dict[str, nn.Module]:
        """The decoder with fewer multiplications, see ``inference_form``."""
        return {"decoder": self.decoder.inference_form()}

    def _fused_features(
        self, image: Tensor, auxiliary: Tensor, auxiliary_encoder: PyramidEncoder
    ) -> list[Tensor]:
        """The fused maps of the four stages, finest first: (B, channels[i], H / 2**(i + 2), W / 2**(i + 2))."""
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


def _init_weights(module: nn.Module) -> None:
    """Initialises fusion and decoder, for ``nn.Module.apply``.

    Linear layers: normal with deviation 0.02, truncated at two deviations. Convolutions: He et al. 2015
    (arXiv:1502.01852), fan out. For the two weights of FRM and the K logits that would give a deviation near 1, and
    saturated outputs; these layers are initialised as linear layers are.
    """
    if isinstance(module, nn.Linear):
        _init_small(module)
    elif isinstance(module, nn.Conv2d):
        # For a depthwise convolution torch counts all channels as outgoing; its fan in is right.
        nn.init.kaiming_normal_(
            module.weight, mode="fan_out" if module.groups == 1 else "fan_in", nonlinearity="relu"
        )
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, FeatureRectification):  # ``apply`` visits children first
        _init_small(module.place[-1])
    elif isinstance(module, MLPDecoder):
        _init_small(module.logits)


def _init_small(layer: nn.Module) -> None:
    """Weights near zero, bias zero."""
    for name, parameter in layer.named_parameters():
        if name == "bias":
            nn.init.zeros_(parameter)
        else:
            nn.init.trunc_normal_(parameter, std=0.02, a=-0.04, b=0.04)
