"""Standardisation of physical values, inside the network: the statistics are saved with the weights."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..contract.errors import JobError, format_count
from ..contract.model_card import deviation_flaw
from ..contract.translation import tr

#: Standardised values are clamped to this, so that one defective detector line cannot dominate a tile.
LIMIT = 10.0


class Normalisation(nn.Module):
    """Standardises every band: ``(x - mean) / std``, clamped to +-10; NaN and infinity become 0, the band's mean.

    It always computes in fp32, also under autocast: digital numbers of rasters do not fit into 16 bits.

    Attributes:
        mean: Mean of every band, (C,), in the raster's units; 0 until ``set``.
        std: Standard deviation of every band, (C,), in the raster's units; 1 until ``set``.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, bands: int, stream: str = "image") -> None:
        """Builds the layer for a number of bands; error messages call its stream ``stream``."""
        super().__init__()
        self.bands = bands
        self.stream = stream
        self.register_buffer("mean", torch.zeros(bands))
        self.register_buffer("std", torch.ones(bands))

    def set(self, mean: Tensor | Sequence[float], std: Tensor | Sequence[float]) -> None:
        """Sets the statistics of the training data.

        Args:
            mean: Mean of every band, (C,).
            std: Standard deviation of every band, (C,).

        Raises:
            JobError: If the numbers do not fit the bands, or a deviation is out of range.
        """
        mean = torch.as_tensor(mean, dtype=torch.float32)
        std = torch.as_tensor(std, dtype=torch.float32)
        for name, values in ((f"{self.stream}.mean", mean), (f"{self.stream}.std", std)):
            if values.shape != (self.bands,):
                raise JobError(
                    tr("{} must hold {} numbers, not {}.").format(name, self.bands, values.numel())
                )
            if not bool(values.isfinite().all()):
                raise JobError(tr("{} must hold finite numbers.").format(name))
        if flaw := deviation_flaw(f"{self.stream}.std", std.tolist()):
            raise JobError(f"{flaw}.")
        self.mean.copy_(mean)
        self.std.copy_(std)

    def forward(self, x: Tensor) -> Tensor:
        """Standardises ``x`` (B, C, H, W) to (B, C, H, W) in fp32.

        Raises:
            JobError: If ``x`` has another number of bands.
        """
        if x.shape[1] != self.bands:  # else one band would be broadcast to many
            raise JobError(
                tr("The {} stream has {}, but the network expects {}.").format(
                    self.stream, format_count(x.shape[1], "{} band", "{} bands"), self.bands
                )
            )
        with torch.autocast(x.device.type, enabled=False):
            shape = (1, -1, 1, 1)
            values = (x.float() - self.mean.view(shape)).div_(self.std.view(shape))
            # In place, and not with torch.where, which takes ten times as long.
            return values.nan_to_num_(0.0, posinf=0.0, neginf=0.0).clamp_(-LIMIT, LIMIT)
