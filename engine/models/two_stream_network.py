"""The base class of all networks, with one stream or two: their interface to training and segmentation."""

from __future__ import annotations

from typing import ClassVar, Self

from torch import Tensor, nn

from ..contract.errors import JobError
from .batch_norms import batch_norms
from .normalisation import Normalisation


class TwoStreamNetwork(nn.Module):
    """A network called as ``model(pixel_values, air_values)``, or with one stream as ``model(pixel_values)``.

    Attributes:
        PARTS: The parameter group, ``encoders`` or ``fusion``, of each submodule by its dotted name;
            everything else is the ``decoder``.
        pretrained_parts: Names of the submodules that were built from pretrained weights.
        find_unused: Whether DistributedDataParallel must search for weights without a gradient.
        image_normalisation: Standardises ``pixel_values``.
        auxiliary_normalisation: Standardises ``air_values``; without bands in a network of one stream.
    """

    PARTS: ClassVar[dict[str, str]]
    pretrained_parts: tuple[str, ...] = ()
    find_unused: ClassVar[bool] = False

    def __init__(self, bands: int, auxiliary_bands: int) -> None:
        """Builds the normalisations for each stream's number of bands; 0: no auxiliary stream."""
        super().__init__()
        self._is_frozen = False
        self.image_normalisation = Normalisation(bands, "image")
        self.auxiliary_normalisation = Normalisation(auxiliary_bands, "auxiliary")

    def check(self, pixel_values: Tensor, air_values: Tensor | None) -> None:
        """Checks the shapes of tiles (B, Ci, H, W) and (B, Ca, h, w).

        Raises:
            JobError: If H or W is not a multiple of 32, or a network of one stream is given two.
        """
        height, width = pixel_values.shape[-2:]
        if height % 32 or width % 32:
            raise JobError(
                f"A tile of {height} x {width} px cannot be segmented: its sides must be multiples of 32."
            )
        if air_values is not None and not self.auxiliary_normalisation.bands:
            raise JobError("This network was built without an auxiliary stream.")

    def parameter_groups(self) -> dict[str, list[nn.Parameter]]:
        """All parameters in the groups ``encoders``, ``fusion`` and ``decoder``, frozen or not."""
        groups: dict[str, list[nn.Parameter]] = {"encoders": [], "fusion": [], "decoder": []}
        for name, parameter in self.named_parameters():
            matches = (group for part, group in self.PARTS.items() if name.startswith(f"{part}."))
            groups[next(matches, "decoder")].append(parameter)
        return groups

    def frozen_parameters(self) -> list[nn.Parameter]:
        """The parameters that warm-up freezes and that ``encoder_rate`` applies to.

        These are the parameters of the pretrained encoders or, if there are none, of all encoders.
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
        """Sets training or evaluation mode; the batch norms of frozen encoders stay in evaluation mode."""
        super().train(mode)
        if self._is_frozen:
            for part in self._frozen_parts():
                for norm in batch_norms(part):
                    norm.eval()
        return self

    def _frozen_parts(self) -> list[nn.Module]:
        """The pretrained encoders or, if there are none, all encoders."""
        encoders = tuple(part for part, group in self.PARTS.items() if group == "encoders")
        names, modules = self.pretrained_parts or encoders, dict(self.named_modules())
        return [modules[name] for name in names if name in modules]
