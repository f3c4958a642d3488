"""Model files: weights and a card that describes them, in one ``.safetensors`` file.

Loading executes no code of a file and trusts none of its values: the card is checked when it is read (``card_reader``),
and the names and shapes of the weights are compared with the card's network before that takes memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from ..contract.architectures import ONNX, architecture
from ..contract.card_reader import parse_card
from ..contract.card_weights import STATISTICS, weights_error
from ..contract.errors import JobError, ModelFileError, join_names
from ..contract.file_identity import file_identity
from ..contract.model_card import CARD_KEY, Card, deviation_flaw
from ..contract.output_writer import write_output
from ..contract.safetensors_header import Header, read_header
from ..contract.translation import tr
from ..contract.unlike import LAND_WEIGHT, has_land_summary
from .factory import build_model, build_on_meta
from .graph_file import card_json, unreadable
from .land_summary import LandSummary

#: Types of stored weights; networks always compute in fp32.
_FLOATS = ("F16", "BF16", "F32", "F64")

#: Largest distance of the training's values from the mean, in standard deviations: trainings have 3, imports some tens.
_MAX_SCALED = 1e4

#: Largest relative difference of a number and its nearest one in fp32, twice.
_FP32_ROUNDING = 2.0**-23

#: Types of stored counters (batch norms' ``num_batches_tracked``).
_COUNTERS = ("I64", "I32")


def build_network(card: Card, pretrained: str = "") -> nn.Module:
    """Builds the network of a card, with random weights or a pretrained encoder."""
    return build_model(
        card.architecture,
        encoder=card.encoder,
        bands=card.image.bands,
        auxiliary_bands=card.auxiliary.bands,
        classes=card.logits,
        tile_size=card.tile_size,
        auxiliary_tile_size=card.auxiliary.tile_size,
        pretrained=pretrained,
    )


def save_model(path: str | Path, model: nn.Module, card: Card) -> None:
    """Writes a model file atomically.

    Raises:
        JobError: If it cannot be written.
    """
    weights = {
        name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()
    }
    # Not save_file: it makes files that only their owner can read.
    write_output(path, save(weights, metadata={CARD_KEY: card_json(card)}), tr("model file"))


def load_model(path: str | Path) -> tuple[nn.Module, Card]:
    """Loads a network, in evaluation mode on the CPU, and its card.

    Raises:
        ModelFileError: As ``read_card`` and ``check_weights``, or if weights are missing or have another shape.
        JobError: If the file holds an ONNX graph, which torch cannot compute.
    """
    header = read_header(path)
    card = parse_card(header, path)
    if card.architecture == ONNX:
        raise JobError(tr("An ONNX network runs with ONNX Runtime, and cannot be trained further."))
    check_weights(path)
    model = _fitting_network(card, header, path)
    try:
        model.load_state_dict(dict(_tensors(path)), strict=True)
    except RuntimeError as error:
        raise weights_error(path, " ".join(str(error).split())[:300]) from error
    return model.eval(), card


def check_weights(path: str | Path) -> None:
    """Checks that all weights of a model file are finite; once while the file does not change.

    Raises:
        ModelFileError: As ``read_card``, or with the names of weights that are not finite.
    """
    read_header(path)
    _check_weights(*file_identity(path))


@lru_cache(maxsize=256)
def _check_weights(path: str, *_: int) -> None:
    header = read_header(path)
    tensors = header.tensors
    for name, entry in tensors.items():
        if entry.dtype not in (*_FLOATS, *_COUNTERS):
            raise ModelFileError(
                tr(
                    "The weights {} in {} are stored as {}: a model file holds floating-point numbers "
                    "({}). Take the file that Train DualStream wrote."
                ).format(name, path, entry.dtype, ", ".join(_FLOATS))
            )
    broken, statistics = [], {}
    for name, value in _tensors(path):
        if not _is_finite(value):
            broken.append(name)
        elif name in STATISTICS:
            statistics[name] = value.double()
    if broken:
        raise ModelFileError(
            tr(
                "The model file {} is damaged, or its training went wrong: {} of its {} tensors "
                "contain NaN or infinity ({}). Take another file, or train the model again."
            ).format(path, len(broken), len(tensors), join_names(broken, 3))
        )
    _check_scaling(parse_card(header, path), statistics, path)


def _check_scaling(card: Card, statistics: Mapping[str, Tensor], path: str) -> None:
    """Checks that the values of the training, scaled, are of moderate size; beyond the clamp all would look alike.

    Args:
        card: The card, with the range of each band's values in training.
        statistics: The tensors of ``STATISTICS``.
        path: The model file.

    Raises:
        ModelFileError: If not.
    """
    stream = card.auxiliary
    ranges = {"image": (card.image.low, card.image.high), "auxiliary": (stream.mean, stream.mean)}
    for name, (low, high) in ranges.items():
        mean, std = (statistics.get(f"{name}_normalisation.{part}") for part in ("mean", "std"))
        if mean is None or std is None:
            continue
        flaw = deviation_flaw(f"{name}_normalisation.std", std.tolist())
        if not flaw and len(low) == len(high) == len(mean):
            distances = (torch.tensor([low, high], dtype=torch.float64) - mean).abs()
            # The card's numbers have more digits than the tensor.
            distances = (distances - _FP32_ROUNDING * mean.abs()).clamp(min=0.0) / std
            farthest = float(distances.max()) if distances.numel() else 0.0
            if farthest > _MAX_SCALED:
                flaw = tr(
                    "values of the {} stream lie {:.3g} standard deviations from the mean"
                ).format(name, farthest)
        if flaw:
            raise weights_error(path, flaw)


def _is_finite(value: Tensor) -> bool:
    """Whether all values are finite in fp32; one pass without a copy."""
    if not value.is_floating_point() or not value.numel():
        return True
    minimum, maximum = torch.aminmax(value.float() if value.dtype == torch.float64 else value)
    return bool(torch.isfinite(minimum) & torch.isfinite(maximum))


def _tensors(path: str | Path) -> Iterator[tuple[str, Tensor]]:
    """Yields the weights with their names."""
    try:
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118 - not a dict
                yield name, file.get_tensor(name)
    except (SafetensorError, OSError) as error:
        raise unreadable(path, error) from error


def _fitting_network(card: Card, header: Header, path: str | Path) -> nn.Module:
    """Builds the network of a card, if the file has its weights.

    Networks that take their sizes from the card's texts can have any: they are built on the meta device first.
    """
    for name in STATISTICS:  # else the number of bands would depend on the card alone
        if name not in header.tensors:
            raise weights_error(path, tr("{} is missing").format(name))
    build = partial(_build_with_land, card, header)
    # Our networks with MiT have few sizes; encoders of timm and networks of smp and SegFormer have any.
    family = architecture(card.architecture).family
    is_mit = card.encoder.startswith("mit-") and family not in ("smp", "segformer")
    try:
        network = build() if is_mit else build_on_meta(build)
    except JobError as error:
        raise ModelFileError(
            tr("The network in {} cannot be built: {}").format(path, error)
        ) from error
    _check_shapes(network.state_dict(), header, path)
    if not any(value.is_meta for value in network.state_dict().values()):
        return network
    return network.to_empty(device="cpu") if _is_all_in_state_dict(network) else build()


def _build_with_land(card: Card, header: Header) -> nn.Module:
    """Builds the network of a card, with a land summary of the size in the file if it has one."""
    network = build_network(card)
    if has_land_summary(card):
        network.land_summary = LandSummary(*header.tensors[LAND_WEIGHT].shape)
    return network


def _is_all_in_state_dict(network: nn.Module) -> bool:
    """Whether the state dict has all tensors of a network: no other buffers, no tensors as plain attributes."""
    tensors = {id(value) for value in (*network.parameters(), *network.buffers())}
    saved = {id(value) for value in network.state_dict(keep_vars=True).values()}
    attributes = (value for module in network.modules() for value in vars(module).values())
    return tensors == saved and not any(isinstance(value, Tensor) for value in attributes)


def _check_shapes(expected: Mapping[str, Tensor], header: Header, path: str | Path) -> None:
    for name in dict.fromkeys((*expected, *header.tensors)):
        value, entry = expected.get(name), header.tensors.get(name)
        if value is None or entry is None:
            text = tr("{} is missing") if entry is None else tr("{} is unknown")
            raise weights_error(path, text.format(name))
        if tuple(value.shape) != entry.shape:
            raise weights_error(
                path, tr("{} is {}, not {}").format(name, entry.shape, tuple(value.shape))
            )
        if value.is_floating_point() != (entry.dtype in _FLOATS):
            raise weights_error(path, tr("{} is stored as {}").format(name, entry.dtype))
