"""Recognises the network that weights of another program belong to, by the names of the tensors, and reads it.

A new kind of weights: a module that makes a ``ForeignNetwork`` of them, and a branch in ``read_foreign_network``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from torch import Tensor, nn

from ..contract.architectures import architecture as find_architecture
from ..contract.architectures import parse_smp_name
from ..contract.errors import JobError, join_names
from ..contract.translation import tr
from ..models.factory import build_model, build_on_meta
from ..models.weight_files import (
    MAX_NAMES,
    fill_counters,
    first_convolution,
    last_convolution,
    read_state,
)
from ..models.weight_names import prefixes, to_smp_name, without_prefix
from .foreign_network import ForeignNetwork

#: Names in the weights of the program that DualStream-DFormer comes from; its layers are not those of ours.
_FIRST_DUALSTREAM = ("visual_encoder.", "air_encoder.")

#: Beginnings of names by which to recognise segmentation-models-pytorch, CMX, and the SegFormer of transformers, of now and before.
_SMP = "segmentation_head."
_CMX = "backbone.extra_patch_embed"
_SEGFORMER = ("segformer.stages.", "segformer.encoder.")

#: Beginnings of names that a program keeps beside its network and that no output depends on: the loss and scores.
_ASIDE = ("criterion", "loss", "metric", "train_metric", "val_metric", "test_metric")

#: A file in a folder that transformers saved.
_CONFIG = "config.json"


def read_foreign_network(weights: str, architecture: str, tile_size: int) -> ForeignNetwork:
    """The network of a file or a folder of weights.

    Args:
        weights: A file of weights, or a folder of ``SegformerForSemanticSegmentation`` or a file in it.
        architecture: The network's name; needed only for weights of segmentation-models-pytorch, else "" will do.
        tile_size: Side of a tile in px, for networks that do not take all sizes.

    Raises:
        JobError: If the weights cannot be read, are those of no known network, or do not fit it.
    """
    path = Path(weights)
    is_folder = path.is_dir() or path.name == _CONFIG
    landmark, state, left_out = _network_part({} if is_folder else read_state(weights), weights)
    # Imported here, because transformers takes seconds.
    if is_folder or landmark in _SEGFORMER:
        from .segformer_folder import read_segformer_folder

        found = read_segformer_folder(path if path.is_dir() else path.parent, state, weights)
    elif landmark == _CMX:
        from .cmx_names import read_cmx

        found = read_cmx(weights, state)
    else:
        found = _read_others(weights, state, architecture, tile_size)
    known = find_architecture(found.architecture)
    if architecture not in ("", found.architecture, known.family):
        raise JobError(
            tr(
                "The weights {} are those of the network {}, not {}: leave the architecture out."
            ).format(weights, found.architecture, architecture)
        )
    return replace(found, left_out=left_out)


def _network_part(
    state: Mapping[str, Tensor], weights: str
) -> tuple[str, dict[str, Tensor], tuple[str, ...]]:
    """The part of a state dict that is the network, without the prefix of the program that wraps it.

    Returns:
        The landmark by which the network is known, or ""; its weights; the names that are outside of it.

    Raises:
        JobError: If the state dict holds several such networks.
    """
    kept = {name: value for name, value in state.items() if not name.startswith(_ASIDE)}
    for landmark in (_SMP, _CMX, *_SEGFORMER):
        found = prefixes(kept, landmark)
        if len(found) > 1:
            raise JobError(
                tr(
                    "The weights {} hold several networks ({}): save the weights of one of them alone, with "
                    "torch.save(model.state_dict(), path)."
                ).format(weights, join_names([prefix or landmark for prefix in found], MAX_NAMES))
            )
        if found:
            outside = tuple(name for name in kept if not name.startswith(found[0]))
            return landmark, without_prefix(kept, found[0]), outside
    return "", kept, ()


def _read_others(
    weights: str, state: Mapping[str, Tensor], architecture: str, tile_size: int
) -> ForeignNetwork:
    """The network of a file that does not contain its name."""
    if all(any(n.startswith(prefix) for n in state) for prefix in _FIRST_DUALSTREAM):
        raise JobError(
            tr(
                "The weights {} are those of the first DualStream-DFormer, whose layers ({}) the network "
                "dualstream-dformer does not have: train it again, with the preset dualstream."
            ).format(weights, join_names(_layers(state), MAX_NAMES))
        )
    if architecture and find_architecture(architecture).family != "smp":
        raise JobError(
            tr(
                "The weights {} are not those of {}: their names are {}. Leave the architecture out for CMX and "
                "SegFormer, and name another network as smp:Architecture:encoder."
            ).format(weights, architecture, join_names([*state], MAX_NAMES))
        )
    if not architecture and any(name.startswith("segmentation_head.") for name in state):
        raise JobError(
            tr(
                "The weights {} are of segmentation-models-pytorch and do not name their network: give the architecture, "
                "such as unet-resnet50 or smp:FPN:efficientnet-b4."
            ).format(weights)
        )
    if not architecture:
        raise JobError(
            tr(
                "The weights {} do not belong to a network that import knows (CMX, SegFormer and those of "
                "segmentation-models-pytorch): their names are {}. The program that made them can export ONNX, which "
                "import takes."
            ).format(weights, join_names([*state], MAX_NAMES))
        )
    return _read_smp(weights, state, architecture, tile_size)


def _layers(state: Mapping[str, Tensor]) -> list[str]:
    """The outermost names of a state dict, in its order."""
    return [*dict.fromkeys(name.split(".")[0] for name in state)]


def _read_smp(
    weights: str, state: Mapping[str, Tensor], architecture: str, tile_size: int
) -> ForeignNetwork:
    """A network of segmentation-models-pytorch; its first and last convolution show its bands and logits."""
    name, encoder = parse_smp_name(architecture)

    def refuse(reason: str) -> JobError:
        return JobError(
            tr(
                "The weights {} are not those of {} with the encoder {} ({}): name the architecture that they were trained "
                "with."
            ).format(weights, name, encoder, reason)
        )

    # For three bands; without memory.
    outline = build_on_meta(
        lambda: build_model(architecture, bands=3, auxiliary_bands=0, tile_size=tile_size)
    ).get_submodule("network")
    expected = outline.state_dict()
    # Older versions of the library had other names for the weights of some encoders.
    renamed = {to_smp_name(n, expected, "encoder."): value for n, value in state.items()}
    bands, logits = _smp_sizes(renamed, outline, refuse)
    return ForeignNetwork(
        architecture, Path(weights), renamed, refuse, bands, logits, part="network"
    )


def _smp_sizes(
    state: dict[str, Tensor], outline: nn.Module, refuse: Callable[[str], JobError]
) -> tuple[int, int]:
    """Bands and logits per pixel, from the shapes of the first and the last convolution."""
    first = f"encoder.{first_convolution(outline.get_submodule('encoder'), 3)}"
    last = f"segmentation_head.{last_convolution(outline.get_submodule('segmentation_head'))}"
    if any(name not in state or state[name].ndim != 4 for name in (first, last)):
        fill_counters(state, outline.state_dict(), refuse)  # names all weights that do not fit
    return state[first].shape[1], state[last].shape[0]
