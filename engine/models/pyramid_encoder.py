"""The base class of encoders, whose four stages can be called one by one."""

from __future__ import annotations

from torch import Tensor, nn


class PyramidEncoder(nn.Module):
    """An encoder of four stages, each but the first of stride 2.

    The strides of an image encoder's maps are 4, 8, 16 and 32; the encoder of an auxiliary stream on a grid of its own
    chooses that of its first stage.

    Attributes:
        stages: Four stages; ``stages[i]`` maps (B, C, H, W) to (B, channels[i], H', W').
        channels: Channels of each stage's output.
        heads: Attention heads of each stage of MiT, and of a fusion with a stage's output; image encoders only.
    """

    stages: nn.ModuleList
    channels: tuple[int, ...]
    heads: tuple[int, ...]

    def forward(self, x: Tensor) -> list[Tensor]:
        """(B, bands, H, W) to the maps of the four stages, finest first: (B, channels[i], H', W')."""
        features = []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features

    def check_tile(self, tile_size: int) -> None:
        """Makes sure that the encoder takes tiles of ``tile_size`` px, which some encoders of timm do not.

        Raises:
            JobError: If it does not.
        """
