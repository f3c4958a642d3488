"""The network of a sketch: a linear layer on the features of a frozen encoder, the bands and the auxiliary stream."""

from __future__ import annotations

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..contract.encoders import CPU_ENCODER
from ..contract.model_card import LAST_LAYERS
from .decoders import pixel_layer
from .image_encoders import build_encoder
from .logits import Outputs
from .two_stream_network import TwoStreamNetwork

#: The last layer of the encoder at stride 2, as its first stage names it.
_HALF_RESOLUTION = "blocks_0"


class SketchNetwork(TwoStreamNetwork):
    """Segments by one linear layer, which a few marks suffice to learn.

    Its inputs are maps of several scales: the bands of the image, the encoder's features at strides 2, 4, 8 and 16,
    and the bands of the auxiliary stream. A linear layer and bilinear upsampling can change places, so each map is
    multiplied by its part of the layer first, and only the logits are upsampled.

    Attributes:
        vision: EfficientNet-lite0 without its last stage.
        head: The linear layer.
    """

    PARTS: ClassVar = {"vision": "encoders"}
    LAST_LAYER = LAST_LAYERS["sketch"]

    def __init__(
        self, bands: int, auxiliary_bands: int, classes: int = 1, pretrained: str = ""
    ) -> None:
        """Builds the network.

        Args:
            bands: Bands of the image stream.
            auxiliary_bands: Bands of the auxiliary stream; 0: no such stream.
            classes: Logits per pixel; 1: sigmoid, more: softmax.
            pretrained: Weights of the encoder, see ``image_encoders.build_encoder``.

        Raises:
            JobError: If the pretrained weights cannot be used.
        """
        super().__init__(bands, auxiliary_bands)
        encoder = build_encoder(CPU_ENCODER, bands, pretrained)
        del encoder.stages[3]
        encoder.channels = encoder.channels[:3]
        self.vision = encoder
        self.pretrained_parts = ("vision",) if pretrained else ()
        half = encoder.stages[0].get_submodule(_HALF_RESOLUTION)
        channels = [m.out_channels for m in half.modules() if isinstance(m, nn.Conv2d)]
        self.channels = (bands, channels[-1], *encoder.channels)
        if auxiliary_bands:
            self.channels = (*self.channels, auxiliary_bands)
        self.head = nn.Conv2d(sum(self.channels), classes, 1)

    def set_head(self, weight: Tensor, bias: Tensor) -> None:
        """Replaces the linear layer by one with a weight (K, C) and a bias (K,)."""
        self.head = pixel_layer(weight, bias)

    def _encode(self, image: Tensor) -> list[Tensor]:
        """The encoder's features at strides 2, 4, 8 and 16."""
        first, *others = self.vision.stages
        x, found = image, []
        for name, layer in first.items():  # type: ignore[operator]
            x = layer(x)
            if name == _HALF_RESOLUTION:
                found.append(x)
        found.append(x)
        for stage in others:
            x = stage(x)
            found.append(x)
        return found

    def maps(self, pixel_values: Tensor, auxiliary_values: Tensor | None = None) -> list[Tensor]:
        """The inputs of the linear layer, each on its own grid over the footprint of the tile.

        Args:
            pixel_values: (B, Ci, H, W), physical values of the image, NaN where missing; H and W multiples of 32.
            auxiliary_values: (B, Ca, h, w), physical values of the auxiliary stream over the same footprint, NaN where
                missing; None: all are missing, which counts as their mean. Any h and w.

        Returns:
            Maps (B, channels[i], h_i, w_i).

        Raises:
            JobError: As ``forward``.
        """
        self.check(pixel_values, auxiliary_values)
        image = self.image_normalisation(pixel_values)
        found = [image, *self._encode(image)]
        if count := self.auxiliary_normalisation.bands:
            if auxiliary_values is None:
                auxiliary_values = image.new_full((image.shape[0], count, 1, 1), torch.nan)
            found.append(self.auxiliary_normalisation(auxiliary_values))
        return found

    def forward(self, pixel_values: Tensor, auxiliary_values: Tensor | None = None) -> Outputs:
        """Computes the logits of a batch of tiles; the arguments are those of ``maps``.

        Returns:
            ``logits``, (B, K, H, W) in fp32.

        Raises:
            JobError: If H or W is not a multiple of 32, a stream has another number of bands than the network, or
                the network has no auxiliary stream.
        """
        maps = self.maps(pixel_values, auxiliary_values)
        size = pixel_values.shape[-2:]
        weights = torch.split(self.head.weight, [*self.channels], dim=1)
        bias, logits = self.head.bias, pixel_values.new_zeros(1, dtype=torch.float32)
        for values, weight in zip(maps, weights, strict=True):
            part = F.conv2d(values, weight, bias).float()
            logits = logits + F.interpolate(part, size, mode="bilinear", align_corners=False)
            bias = None  # it belongs to one of the parts
        return {"logits": logits}
