"""The base class of all networks, with one stream or two: their interface to training and segmentation."""

from __future__ import annotations

from typing import ClassVar, Self

import torch
from torch import Tensor, nn

from ..contract.errors import JobError
from ..contract.translation import tr
from .batch_norms import batch_norms
from .land_summary import LandSummary
from .normalisation import Normalisation


class TwoStreamNetwork(nn.Module):
    """A network called as ``model(pixel_values, auxiliary_values)``, or with one stream as ``model(pixel_values)``.

    Attributes:
        PARTS: The parameter group, ``encoders`` or ``fusion``, of each submodule by its dotted name, the image
            encoder first; everything else is the ``decoder``.
        LAST_LAYER: Dotted name of the last layer, or of the head that contains it.
        freezes_norms: Whether the batch norms of trained encoders stay in evaluation mode in training, too.
        pretrained_parts: Names of the submodules that were built from pretrained weights.
        freezes_all_encoders: Whether warm-up freezes encoders without pretrained weights beside those that have some.
        find_unused: Whether DistributedDataParallel must search for weights without a gradient.
        gives_features: Whether its outputs have ``features``.
        image_normalisation: Standardises ``pixel_values``.
        auxiliary_normalisation: Standardises ``auxiliary_values``; without bands in a network of one stream.
        land_summary: Computes how unlike the training a place is; None: the model has no summary.
    """

    PARTS: ClassVar[dict[str, str]]
    LAST_LAYER: ClassVar[str]
    pretrained_parts: tuple[str, ...] = ()
    freezes_all_encoders: bool = False
    freezes_norms: bool = False
    find_unused: ClassVar[bool] = False
    gives_features: bool = False

    def __init__(self, bands: int, auxiliary_bands: int) -> None:
        """Builds the normalisations for each stream's number of bands; 0: no auxiliary stream."""
        super().__init__()
        self._is_frozen = False
        self.image_normalisation = Normalisation(bands, "image")
        self.auxiliary_normalisation = Normalisation(auxiliary_bands, "auxiliary")
        self.land_summary: LandSummary | None = None

    def check(self, pixel_values: Tensor, auxiliary_values: Tensor | None) -> None:
        """Checks the shapes of tiles (B, Ci, H, W) and (B, Ca, h, w).

        Raises:
            JobError: If H or W is not a multiple of 32, or a network of one stream is given two.
        """
        height, width = pixel_values.shape[-2:]
        if height % 32 or width % 32:
            raise JobError(
                tr(
                    "A tile of {} x {} px cannot be segmented: its sides must be multiples of 32."
                ).format(height, width)
            )
        if auxiliary_values is not None and not self.auxiliary_normalisation.bands:
            raise JobError(tr("This network was built without an auxiliary stream."))

    @property
    def last_layer(self) -> nn.Conv2d | None:
        """The last convolution, whose outputs are the logits before they are upsampled; None without one."""
        head = self.get_submodule(self.LAST_LAYER)
        convolutions = [layer for layer in head.modules() if isinstance(layer, nn.Conv2d)]
        return convolutions[-1] if convolutions else None

    @torch.no_grad()
    def scale_logits(
        self, factor: float, pixel_values: Tensor, auxiliary_values: Tensor | None
    ) -> bool:
        """Multiplies the logits by a factor, in the weights and the bias of the last layer.

        First halves them to see whether this halves the logits, as it does if only linear operations follow the
        last layer; powers of two are exact in every precision.

        Args:
            factor: The factor, above 0.
            pixel_values: Tiles (B, Ci, H, W) for this trial.
            auxiliary_values: Their auxiliary stream (B, Ca, h, w), or None.

        Returns:
            Whether the logits are multiplied; if not, the network has not changed.
        """
        if self.last_layer is None:
            return False
        weights = [(weight, weight.clone()) for weight in self.last_layer.parameters()]
        self.eval()
        before: Tensor = self(pixel_values, auxiliary_values)["logits"]
        for weight, _ in weights:
            weight.mul_(0.5)
        halved: Tensor = self(pixel_values, auxiliary_values)["logits"]
        limit = 1e-4 * float(before.abs().max())
        is_linear = bool(((2 * halved - before).abs() <= limit).all())
        for weight, original in weights:
            weight.copy_(original * factor if is_linear else original)
        return is_linear

    def image_features(self, pixel_values: Tensor) -> Tensor:
        """Features of whole tiles (B, Ci, H, W) by the image encoder: the mean (B, C) of its last features."""
        encoder = self.get_submodule(next(iter(self.PARTS)))
        last: Tensor = encoder(self.image_normalisation(pixel_values))[-1]
        return last.float().mean(dim=(2, 3))

    def parameter_groups(self) -> dict[str, list[nn.Parameter]]:
        """All parameters in the groups ``encoders``, ``fusion`` and ``decoder``, frozen or not."""
        groups: dict[str, list[nn.Parameter]] = {"encoders": [], "fusion": [], "decoder": []}
        for name, parameter in self.named_parameters():
            matches = (group for part, group in self.PARTS.items() if name.startswith(f"{part}."))
            groups[next(matches, "decoder")].append(parameter)
        return groups

    def auxiliary_encoder_parameters(self) -> list[nn.Parameter]:
        """The parameters of the auxiliary stream's encoder; none in a network of one stream."""
        modules = dict(self.named_modules())
        return [
            parameter
            for name in self._encoders[1:]
            for parameter in (modules[name].parameters() if name in modules else ())
        ]

    def frozen_parameters(self) -> list[nn.Parameter]:
        """The parameters that warm-up freezes and that ``encoder_rate`` applies to.

        These are the parameters of the pretrained encoders or, if there are none or ``freezes_all_encoders``, of all
        encoders.
        """
        return [parameter for part in self._frozen_parts() for parameter in part.parameters()]

    def freeze_encoders(self, frozen: bool) -> None:
        """Freezes or unfreezes the encoders' ``frozen_parameters`` and the running statistics of their batch norms.

        Drop path keeps working.
        """
        for parameter in self.frozen_parameters():
            parameter.requires_grad_(not frozen)
        self._is_frozen = frozen
        self.train(self.training)

    def train(self, mode: bool = True) -> Self:
        """Sets training or evaluation mode; batch norms of frozen encoders stay in evaluation mode, see ``freezes_norms``."""
        super().train(mode)
        if self._is_frozen or self.freezes_norms:
            for part in self._frozen_parts():
                for norm in batch_norms(part):
                    norm.eval()
        return self

    @property
    def _encoders(self) -> tuple[str, ...]:
        """Names of the encoders, that of the image first."""
        return tuple(part for part, group in self.PARTS.items() if group == "encoders")

    def _frozen_parts(self) -> list[nn.Module]:
        """The encoders that warm-up freezes."""
        chosen = () if self.freezes_all_encoders else self.pretrained_parts
        names, modules = chosen or self._encoders, dict(self.named_modules())
        return [modules[name] for name in names if name in modules]
