"""Raw physical values to network input, inside the model: its statistics travel with its weights."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..contract.errors import JobError, format_count

#: Standardised values are cut here: one defective detector line must not drown a whole tile.
LIMIT = 10.0


class Normalisation(nn.Module):
    """Standardises every band: ``(x - mean) / std``, cut to +-10; what is not finite becomes 0.

    Zero is the band's mean after standardising, so a missing value says nothing. Always computed
    in fp32, whatever the autocast: raw digital numbers do not fit into 16 bits.

    Attributes:
        mean: Mean of every band, (C,), in the raster's units; 0 until ``set``.
        std: Standard deviation of every band, (C,), in the raster's units; 1 until ``set``.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, bands: int, stream: str = "image") -> None:
        """Normalises ``bands`` bands of the stream that error messages call ``stream``."""
        super().__init__()
        self.bands = bands
        self.stream = stream
        self.register_buffer("mean", torch.zeros(bands))
        self.register_buffer("std", torch.ones(bands))

    def set(self, mean: Tensor | Sequence[float], std: Tensor | Sequence[float]) -> None:
        """Takes over the statistics of the training data.

        Args:
            mean: Mean of every band, (C,).
            std: Standard deviation of every band, (C,).

        Raises:
            JobError: If the numbers do not fit the bands, or a deviation is not above zero.
        """
        new_mean = torch.as_tensor(mean, dtype=torch.float32)
        new_std = torch.as_tensor(std, dtype=torch.float32)
        for name, values in (("means", new_mean), ("standard deviations", new_std)):
            if values.shape != (self.bands,):
                raise JobError(
                    f"The {self.stream} stream has {format_count(self.bands, 'band')}, but not as many {name}: {values.numel()}."
                )
            if not bool(values.isfinite().all()):
                raise JobError(f"The {name} of the {self.stream} stream must be finite numbers.")
        if not bool((new_std > 0).all()):
            band = int((new_std <= 0).nonzero()[0]) + 1
            raise JobError(
                f"Band {band} of the {self.stream} stream has no spread: its standard deviation must be above 0."
            )
        self.mean.copy_(new_mean)
        self.std.copy_(new_std)

    def forward(self, x: Tensor) -> Tensor:
        """Standardised values of ``x`` (B, C, H, W), in fp32.

        Raises:
            JobError: If ``x`` has another number of bands.
        """
        if x.shape[1] != self.bands:
            # Broadcasting would otherwise turn one band into many without a word.
            raise JobError(
                f"The {self.stream} stream has {format_count(x.shape[1], 'band')}, but the network expects {self.bands}."
            )
        with torch.autocast(x.device.type, enabled=False):
            shape = (1, -1, 1, 1)
            values = (x.float() - self.mean.view(shape)).div_(self.std.view(shape))
            # In place, and not by choosing where values are finite: that takes ten times as long.
            return values.nan_to_num_(0.0, posinf=0.0, neginf=0.0).clamp_(-LIMIT, LIMIT)
