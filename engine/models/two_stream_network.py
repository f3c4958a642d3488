"""What all networks have in common, of two streams or one: their face to training and segmentation."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn

from ..contract.errors import JobError
from .normalisation import Normalisation


class TwoStreamNetwork(nn.Module):
    """A network called as ``model(pixel_values, air_values)``, and with one stream without the latter.

    Attributes:
        PARTS: The parameter group, ``encoders`` or ``fusion``, of each part by its dotted name;
            everything else is the ``decoder``.
        pretrained_parts: Names of the parts that were built from pretrained weights.
        find_unused: Whether it may have weights that it does not use.
        image_normalisation: Standardises ``pixel_values``.
        auxiliary_normalisation: Standardises ``air_values``; has no bands in an image-only network.
    """

    PARTS: ClassVar[dict[str, str]]
    pretrained_parts: tuple[str, ...] = ()
    find_unused: ClassVar[bool] = False

    def __init__(self, bands: int, auxiliary_bands: int) -> None:
        """The common parts for so many bands of each stream; no auxiliary bands: no such stream."""
        super().__init__()
        self.image_normalisation = Normalisation(bands, "image")
        self.auxiliary_normalisation = Normalisation(auxiliary_bands, "auxiliary")

    def check(self, pixel_values: Tensor, air_values: Tensor | None) -> None:
        """Refuses tiles that the network cannot take.

        Raises:
            JobError: If H or W of ``pixel_values`` (B, Ci, H, W) is no multiple of 32, or the
                network has one stream and is given two.
        """
        height, width = pixel_values.shape[-2:]
        if height % 32 or width % 32:
            raise JobError(
                f"A tile of {height} x {width} px cannot be segmented: its sides must be multiples of 32."
            )
        if air_values is not None and not self.auxiliary_normalisation.bands:
            raise JobError("This network was built without an auxiliary stream.")

    def parameter_groups(self) -> dict[str, list[nn.Parameter]]:
        """All parameters, each in one of ``encoders``, ``fusion`` and ``decoder``, frozen or not."""
        groups: dict[str, list[nn.Parameter]] = {"encoders": [], "fusion": [], "decoder": []}
        for name, parameter in self.named_parameters():
            found = (group for part, group in self.PARTS.items() if name.startswith(f"{part}."))
            groups[next(found, "decoder")].append(parameter)
        return groups

    def frozen_parameters(self) -> list[nn.Parameter]:
        """The parameters that warm-up freezes and that ``encoder_rate`` slows down.

        These are the encoders' that started from pretrained weights; where none did, all encoders'.
        """
        if not self.pretrained_parts:
            return self.parameter_groups()["encoders"]
        return [p for part in self.pretrained_parts for p in self.get_submodule(part).parameters()]

    def freeze_encoders(self, frozen: bool) -> None:
        """Stops the encoders' ``frozen_parameters`` from learning, or lets them learn again.

        Of encoders without batch statistics, withholding gradient is enough; drop path keeps working.
        A network whose encoders have some overrides this.
        """
        for parameter in self.frozen_parameters():
            parameter.requires_grad_(not frozen)
