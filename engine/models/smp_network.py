"""Single-stream networks of ``segmentation-models-pytorch``."""

from __future__ import annotations

import difflib
import warnings
from typing import ClassVar

import segmentation_models_pytorch as smp
import timm
import torch
from segmentation_models_pytorch.base import SegmentationModel
from torch import Tensor, nn
from torch.func import functional_call

from ..contract.errors import JobError, first_line, join_choices
from ..contract.model_card import LAST_LAYERS
from ..contract.translation import tr
from .batch_norms import use_running_stats_for_single_values
from .land_summary import STRIDE, with_decoder
from .logits import Outputs
from .pretrained_encoders import encoder_weights
from .two_stream_network import TwoStreamNetwork


class SmpNetwork(TwoStreamNetwork):
    """Segments an image with any architecture and encoder of segmentation-models-pytorch.

    It has the interface of the two-stream networks, and refuses an auxiliary stream.

    Attributes:
        network: The library's network; its weights keep the library's names.
    """

    PARTS: ClassVar = {"network.encoder": "encoders"}
    LAST_LAYER = LAST_LAYERS["smp"]
    find_unused = True  # some networks of the library do not use all their weights

    def __init__(
        self,
        architecture: str,
        encoder: str,
        bands: int = 3,
        classes: int = 1,
        pretrained: str = "",
        tile_size: int = 512,
    ) -> None:
        """Builds the network.

        Args:
            architecture: The library's name of the architecture, such as Unet; case does not matter.
            encoder: The library's name of the encoder, such as resnet50, or tu- followed by a timm name.
            bands: Bands of the image.
            classes: Logits per pixel; 1: sigmoid, more: softmax.
            pretrained: Weights of the encoder, see ``encoder_weights``; empty: random weights.
            tile_size: Side of a tile in px; some networks cannot take every multiple of 32.

        Raises:
            JobError: If a name is unknown, the encoder or the tile size does not fit the architecture, or the
                pretrained weights cannot be used.
        """
        super().__init__(bands, 0)
        self.network = _build_checked(architecture, encoder, bands, classes)
        name = tr("{} with {}").format(architecture, encoder)
        _check_tile(self.network, name, bands, classes, tile_size)
        if pretrained:
            weights = encoder_weights(pretrained, encoder, self._encoder, bands)
            self._encoder.load_state_dict(weights)
            self.pretrained_parts = ("network.encoder",)
        use_running_stats_for_single_values(self)
        # All but DPT, whose encoder has no pyramid.
        self.gives_features = type(self.network).forward is SegmentationModel.forward

    @property
    def _encoder(self) -> nn.Module:
        return self.network.get_submodule("encoder")

    def forward(self, pixel_values: Tensor, auxiliary_values: Tensor | None = None) -> Outputs:
        """Computes the logits of a batch of tiles.

        Args:
            pixel_values: (B, C, H, W), physical values of the image, NaN where missing; H and W multiples of 32.
            auxiliary_values: Must be None: the network has no auxiliary stream.

        Returns:
            ``logits``, (B, K, H, W) in fp32, and without training ``features`` of the encoder's first map at stride 8, if
            it has one, and of the decoder.

        Raises:
            JobError: If the image has another number of bands than the network, H or W is not a multiple of 32, or
                an auxiliary stream is given.
        """
        self.check(pixel_values, auxiliary_values)
        image = self.image_normalisation(pixel_values)
        if not self.gives_features:
            whole: Tensor = self.network(image)
            return {"logits": whole.float()}
        features: list[Tensor] = self._encoder(image)
        decoded = self.network.get_submodule("decoder")(features)
        logits: Tensor = self.network.get_submodule("segmentation_head")(decoded)
        outputs: Outputs = {"logits": logits.float()}
        side = image.shape[-1] // STRIDE
        for found in features:
            if found.shape[-1] == side and not self.training and "features" not in outputs:
                outputs["features"] = with_decoder(found, decoded)
        return outputs


def _build_checked(architecture: str, encoder: str, bands: int, classes: int) -> nn.Module:
    """Builds the library's network with random weights; raises a JobError if the library cannot."""
    kind = _architecture(architecture)
    try:
        return _build(kind, encoder, bands, classes)
    except Exception as error:  # the library and timm raise many kinds
        if isinstance(error, KeyError) or "Unknown model" in str(error):
            raise JobError(_unknown_encoder_message(encoder)) from error
        raise JobError(
            tr(
                "segmentation-models-pytorch cannot build {} with the encoder {}: {}. Choose another "
                "encoder."
            ).format(architecture, encoder, first_line(error))
        ) from error


def _architecture(name: str) -> type[nn.Module]:
    known: dict[str, type[nn.Module]] = smp.MODEL_ARCHITECTURES_MAPPING
    if name.lower() not in known:
        names = ", ".join(kind.__name__ for kind in known.values())
        raise JobError(
            tr("segmentation-models-pytorch has no architecture {!r}; it has {}.").format(
                name, names
            )
        )
    return known[name.lower()]


def _build(kind: type[nn.Module], encoder: str, bands: int, classes: int) -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library deprecates its own timm- names
        return kind(encoder_name=encoder, encoder_weights=None, in_channels=bands, classes=classes)


def _unknown_encoder_message(name: str) -> str:
    names = [*smp.encoders.get_encoder_names(), *(f"tu-{model}" for model in timm.list_models())]
    similar = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    known = tr(
        "It has resnet50, densenet161, efficientnet-b4 and others, {} with those of timm, whose names begin "
        "with tu-."
    ).format(len(names))
    if not similar:
        text = tr("segmentation-models-pytorch has no encoder {!r}. {}")
        return text.format(name, known)
    text = tr("segmentation-models-pytorch has no encoder {!r}. Did you mean {}? {}")
    return text.format(name, join_choices(similar), known)


def _check_tile(network: nn.Module, names: str, bands: int, classes: int, tile_size: int) -> None:
    """Refuses a tile size for which the forward pass fails or its logits have another size."""
    # The meta device computes shapes only, without memory or arithmetic.
    tensors = (*network.named_parameters(), *network.named_buffers())
    weights = {name: value.to("meta") for name, value in tensors}
    tile = torch.empty(1, bands, tile_size, tile_size, device="meta")
    network.eval()
    try:
        with torch.no_grad():
            logits = functional_call(network, weights, (tile,))
    except Exception as error:  # each architecture raises its own errors
        reason = first_line(error)
    else:
        if logits.shape == (1, classes, tile_size, tile_size):
            return
        reason = tr("its output has {} x {} px").format(*logits.shape[-2:])
    finally:
        network.train()
    raise JobError(
        tr(
            "The network {} cannot take tiles of {} px: {}. Choose another tile size or network."
        ).format(names, tile_size, reason)
    )
