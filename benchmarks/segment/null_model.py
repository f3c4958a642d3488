"""Adds the null model, a 1 x 1 convolution, to the engine; the time of its run is almost only overhead.

``python -m benchmarks.segment.null_model`` takes the same commands and options as ``python -m engine``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import torch.nn.functional as F
from torch import Tensor, nn

from engine.contract.architectures import ARCHITECTURES
from engine.models import model_file
from engine.models.logits import Outputs
from engine.models.two_stream_network import TwoStreamNetwork


class NullModel(TwoStreamNetwork):
    """One 1 x 1 convolution for each stream; the coarse result is repeated over the image's pixels."""

    PARTS: ClassVar[dict[str, str]] = {}

    def __init__(self, bands: int, auxiliary_bands: int, classes: int) -> None:
        super().__init__(bands, auxiliary_bands)
        self.image_layer = nn.Conv2d(bands, classes, 1)
        self.auxiliary_layer = nn.Conv2d(auxiliary_bands, classes, 1) if auxiliary_bands else None

    def forward(self, pixel_values: Tensor, auxiliary_values: Tensor | None = None) -> Outputs:
        """Returns logits (B, K, H, W) of tiles (B, C, H, W)."""
        self.check(pixel_values, auxiliary_values)
        logits = self.image_layer(self.image_normalisation(pixel_values))
        if auxiliary_values is not None and self.auxiliary_layer is not None:
            coarse = self.auxiliary_layer(self.auxiliary_normalisation(auxiliary_values))
            logits = logits + F.interpolate(coarse, logits.shape[-2:])
        return {"logits": logits.float()}


def install() -> None:
    """Registers the architecture ``null`` for model files in this process."""
    original: Callable[..., nn.Module] = model_file.build_model

    def build(architecture: str, **options: Any) -> nn.Module:
        if architecture != "null":
            return original(architecture, **options)
        return NullModel(options["bands"], options["auxiliary_bands"], options["classes"])

    model_file.build_model = build
    ARCHITECTURES["null"] = replace(ARCHITECTURES["dualstream-dformer"], family="null")


if __name__ == "__main__":
    from engine.__main__ import exit_process, main

    install()
    exit_process(main(sys.argv[1:]))
