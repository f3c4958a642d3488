"""Variants of an exported graph: with the class map as a second output, and in 16 bits; how they are checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..compute.failures import is_out_of_memory
from ..contract.class_table import nodata_value
from ..contract.errors import EngineError, first_line
from ..contract.model_card import Card
from ..contract.translation import tr
from ..contract.unlike import UNLIKE
from ..models.graph_file import PROBABILITIES, output_names
from ..models.logits import predicted_classes
from .graph_runners import GraphRunner
from .half_precision import to_half
from .onnx_export import export_network
from .random_tiles import random_tiles
from .torch_backends import ProbabilityNetwork

if TYPE_CHECKING:
    import onnx

#: Name of the output with the classes.
CLASSES = "classes"

#: Largest share of pixels of random tiles whose class a variant may change.
_MAX_CHANGED = 0.01


class MaskNetwork(nn.Module):
    """A network that returns probabilities, and the class of each pixel as masks have it.

    Attributes:
        values: (K) the classes' values.
        nodata: (1) the value where no band of the image has one.
    """

    values: Tensor
    nodata: Tensor

    def __init__(self, network: ProbabilityNetwork, card: Card) -> None:
        """Adds the card's threshold and class values to a network."""
        super().__init__()
        self.network, self._threshold = network, card.threshold
        nodata = nodata_value(card.classes)
        dtype = torch.uint8 if nodata <= 255 else torch.int32
        values = [entry.value for entry in card.classes]
        self.register_buffer("values", torch.tensor(values, dtype=dtype))
        self.register_buffer("nodata", torch.tensor([nodata], dtype=dtype))

    def forward(self, image: Tensor, auxiliary: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Probabilities (B, K, T, T), and class values (B, T, T), uint8 or, with many classes, int32."""
        found = self.network(image, auxiliary)
        is_single = found.shape[1] == 1
        index = (found[:, 0] > self._threshold).long() if is_single else found.argmax(dim=1)
        is_missing = torch.isnan(image).all(dim=1)
        return found, torch.where(is_missing, self.nodata, self.values[index])


def variant(
    network: ProbabilityNetwork, card: Card, is_half: bool, with_classes: bool
) -> onnx.ModelProto:
    """Exports a network to ONNX, as ``export_network`` does.

    Args:
        network: The network, in evaluation mode on the CPU; in 16 bits or with classes one without a land summary.
        card: The model's card.
        is_half: Whether the graph computes in 16 bits.
        with_classes: Whether its second output is the class map.

    Raises:
        EngineError: If ONNX, or ONNX in 16 bits, does not have what the network does.
    """
    if with_classes:
        masks = MaskNetwork(network, card).eval()
        proto = export_network(masks, card, outputs=(PROBABILITIES, CLASSES))
    else:
        proto = export_network(network, card, outputs=output_names(card))
        hide_unlike(proto)
    if is_half:
        _to_half(proto, card)
    return proto


def hide_unlike(proto: onnx.ModelProto) -> None:
    """Removes ``unlike`` from a graph's outputs, not from the graph: Deepness takes every output for probabilities.

    ``onnx_form.completed`` makes it an output again.
    """
    kept = [value for value in proto.graph.output if value.name != UNLIKE]
    del proto.graph.output[:]
    proto.graph.output.extend(kept)


def _to_half(proto: onnx.ModelProto, card: Card) -> None:
    """Makes a graph compute in 16 bits, and loads it for a trial."""
    try:
        to_half(proto, _logits(proto))
        _session(proto)
    except Exception as error:  # onnxruntime raises errors of many kinds
        if is_out_of_memory(error):
            raise MemoryError(first_line(error)) from error
        raise EngineError(
            tr("The network {} cannot be written in 16 bits ({}): export it in fp32.").format(
                card.architecture, first_line(error)
            )
        ) from error


def graph_record(card: Card, is_half: bool, with_classes: bool) -> dict[str, Any]:
    """The outputs and the precision of a graph, for its metadata; the arguments are those of ``variant``."""
    precision = "fp16" if is_half else "fp32"
    if not with_classes:
        return {"precision": precision, "outputs": [PROBABILITIES]}
    return {
        "precision": precision,
        "outputs": [PROBABILITIES, CLASSES],
        **({"threshold": card.threshold} if card.logits == 1 else {}),
        "values": [entry.value for entry in card.classes],
        "nodata": nodata_value(card.classes),
    }


def logit_difference(network: ProbabilityNetwork, card: Card, proto: onnx.ModelProto) -> float:
    """The largest difference between the logits of a graph of 16 bits and those of its network, on random tiles.

    Raises:
        EngineError: If more than one pixel in a hundred changes its class.
    """
    name = _logits(proto).removesuffix("_float")  # before its cast to 32 bits
    output = proto.graph.output.add(name=name)
    output.type.tensor_type.elem_type = 10  # FLOAT16
    session = _session(proto)
    proto.graph.output.remove(output)
    largest = 0.0
    for batch in (1, 2):
        tiles = random_tiles(card, batch)
        with torch.inference_mode():
            expected = network.model(*map(torch.from_numpy, tiles.values()))["logits"].float()
        found = session.run([name], tiles)[0]
        actual = torch.from_numpy(found.astype(np.float32))
        changed = predicted_classes(actual, card.threshold) != predicted_classes(
            expected, card.threshold
        )
        if not bool(actual.isfinite().all()) or changed.double().mean() > _MAX_CHANGED:
            raise EngineError(
                tr(
                    "In 16 bits the network {} gives other classes, on {:.2g} % of random pixels: export it in fp32."
                ).format(card.architecture, 100 * changed.double().mean())
            )
        largest = max(largest, float((actual - expected).abs().max()))
    return largest


def check_classes(card: Card, proto: onnx.ModelProto) -> None:
    """Makes sure that the classes of a graph follow from its probabilities, on random tiles.

    Raises:
        EngineError: If they do not.
    """
    tiles = random_tiles(card, 2)
    tiles["image"][0, :, :2] = np.nan
    probability, found = _session(proto).run([PROBABILITIES, CLASSES], tiles)
    if card.logits == 1:
        index = (probability[:, 0] > card.threshold).astype(int)
    else:
        index = probability.argmax(axis=1)
    expected = np.array([entry.value for entry in card.classes])[index]
    expected[np.isnan(tiles["image"]).all(axis=1)] = nodata_value(card.classes)
    if (found != expected).any():
        raise EngineError(
            tr(
                "As ONNX the network {} gives other classes than its probabilities say: it is not used. Please report "
                "this with the model's card."
            ).format(card.architecture)
        )


def runner(path: Path) -> GraphRunner:
    """A function that runs a written file with ONNX Runtime, and gives its probabilities."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

    def run(values: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        probabilities: NDArray[np.float32] = session.run([PROBABILITIES], values)[0]
        return probabilities

    return run


def _session(proto: onnx.ModelProto) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(
        proto.SerializeToString(), providers=["CPUExecutionProvider"]
    )


def _logits(proto: onnx.ModelProto) -> str:
    """Name of the tensor of the logits in an exported graph, which ends as ``models.logits.probabilities`` does."""
    makers = {name: node for node in proto.graph.node for name in node.output}
    zeros = makers[makers[PROBABILITIES].input[1]]
    return str(zeros.input[0])
