"""Exports a network as an ONNX graph, and compares the graph's probabilities with the network's.

The inputs of a graph are physical values, NaN where missing: ``image`` (B, C, T, T) and, with two streams,
``auxiliary`` (B, Ca, t, t). Its output is ``probabilities`` (B, K, T, T); with one logit, that of the second class.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ..compute.memory import is_out_of_memory
from ..contract.errors import EngineError, JobError, ModelFileError, first_line
from ..contract.model_card import Card
from ..contract.translation import tr
from ..models.logits import probabilities

if TYPE_CHECKING:
    import onnx

#: The operator set and its file format, which programs of 2023 and later read.
_OPSET, _IR_VERSION = 18, 8

#: The maximum size of a protocol buffer, bytes.
_MAX_FILE_BYTES = 2**31 - 1

#: Name of the output that every exported graph has.
PROBABILITIES = "probabilities"

#: By how much a graph's probabilities may differ from the network's, and the share of pixels that may differ more.
_TOLERANCE, _MAX_OUTLIERS = 1e-3, 1e-4

#: Runs a graph: arrays by input name to probabilities.
GraphRunner = Callable[[dict[str, NDArray[np.float32]]], NDArray[np.float32]]


class ProbabilityNetwork(nn.Module):
    """A network that returns probabilities instead of logits."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor, auxiliary: Tensor | None = None) -> Tensor:
        """Probabilities (B, K, T, T) of tiles (B, C, T, T) and, of two streams, (B, Ca, t, t)."""
        return probabilities(self.model(image, auxiliary)["logits"])


def check_finite(values: Tensor, name: str, precision: str = "fp32") -> None:
    """Refuses a network whose probabilities are not finite: they would become a mask of one class.

    Missing pixels are no cause: networks take them for the mean of their band.

    Args:
        values: Probabilities (B, K, T, T).
        name: The model's name, for the message.
        precision: The precision of the computation: fp32, bf16 or fp16.

    Raises:
        ModelFileError: With a possible cause.
    """
    if bool(torch.isfinite(values).all()):
        return
    if precision == "fp32":
        raise ModelFileError(
            tr(
                "The network of {} gives probabilities that are no numbers (NaN): its weights are "
                "damaged, or its training went wrong. Take another model file, or train the model "
                "again."
            ).format(name)
        )
    raise ModelFileError(
        tr(
            "The network of {} gives probabilities that are no numbers (NaN) in {}: its values "
            "may be beyond what 16 bits hold. Choose the precision fp32; if that does not help, "
            "its weights are damaged."
        ).format(name, precision)
    )


def check_size(model: nn.Module, path: str) -> None:
    """Refuses a network whose weights do not fit into one ONNX file.

    Raises:
        JobError: If they do not fit.
    """
    size = sum(value.numel() * value.element_size() for value in model.state_dict().values())
    if size > _MAX_FILE_BYTES:
        raise JobError(
            tr(
                "The weights of {} have {:.1f} GiB, and one ONNX file holds 2 GiB at most: take a "
                "model with a smaller encoder."
            ).format(path, size / 2**30)
        )


def random_tiles(card: Card, batch: int, fused: bool = True) -> dict[str, Tensor]:
    """Random tiles of each stream by input name; one pixel in fifty is missing.

    Args:
        card: The model's card.
        batch: Number of tiles; also the seed.
        fused: Whether to make tiles of the auxiliary stream, if the network has one.
    """
    rng = torch.Generator().manual_seed(batch)
    low, high = (torch.tensor(ends) for ends in (card.image.low or 0.0, card.image.high or 1.0))
    shape = (batch, card.image.bands, card.tile_size, card.tile_size)
    spread = (high - low).view(1, -1, 1, 1)
    values = {"image": torch.rand(shape, generator=rng) * spread + low.view(1, -1, 1, 1)}
    stream = card.auxiliary
    if stream.bands and fused:
        mean, std = (torch.tensor(m or d) for m, d in ((stream.mean, 0.0), (stream.std, 1.0)))
        noise = torch.randn(batch, stream.bands, stream.tile_size, stream.tile_size, generator=rng)
        values["auxiliary"] = noise * std.view(1, -1, 1, 1) + mean.view(1, -1, 1, 1)
    for value in values.values():
        value[torch.rand(value.shape, generator=rng) < 0.02] = torch.nan
    return values


def export_network(
    network: nn.Module, card: Card, fused: bool = True, outputs: Sequence[str] = (PROBABILITIES,)
) -> onnx.ModelProto:
    """Exports a network to ONNX, with its weights and for any batch size.

    Args:
        network: Maps physical values to probabilities, in evaluation mode on the CPU.
        card: The model's card.
        fused: Whether the graph takes the auxiliary stream, if the network has one; else it computes the image alone.
        outputs: Names of what the network returns: the probabilities, then what else it gives.

    Raises:
        EngineError: If the network uses an operation that ONNX does not have.
        ModelFileError: If the network's probabilities are not finite.
        MemoryError: If the memory did not suffice.
    """
    # A batch of two: torch takes a size of one for a constant.
    values = random_tiles(card, 2, fused)
    with torch.inference_mode():  # before the export, which takes long
        name = tr("{} with {}").format(card.architecture, card.encoder)
        found = network(*values.values())
        check_finite(found if isinstance(found, Tensor) else found[0], name)
    batch = torch.export.Dim("batch")
    try:
        with _quiet(), torch.no_grad():
            program: Any = torch.onnx.export(
                network,
                tuple(values.values()),
                input_names=[*values],
                output_names=[*outputs],
                dynamic_shapes={name: {0: batch} for name in values},
                opset_version=_OPSET,
                dynamo=True,
                verbose=False,
            )
    except Exception as error:  # the exporter raises errors of many kinds
        if is_out_of_memory(error):
            raise MemoryError(first_line(error)) from error
        raise EngineError(
            tr(
                "The network {} cannot be written as ONNX: it uses what ONNX does not have ({})."
            ).format(name, first_line(error))
        ) from error
    proto: onnx.ModelProto = program.model_proto
    for part in (*proto.graph.node, *proto.graph.value_info):
        del part.metadata_props[:]  # stack traces, with paths of this machine
    proto.ir_version = _IR_VERSION
    return proto


def max_difference(
    network: Callable[..., Tensor],
    card: Card,
    run: GraphRunner,
    fused: bool = True,
    tolerance: float = _TOLERANCE,
) -> float:
    """The largest difference between a graph's and its network's probabilities, on random tiles.

    Args:
        network: As in ``export_network``, or a function with the same arguments.
        card: As in ``export_network``.
        run: Runs the graph.
        fused: As in ``export_network``.
        tolerance: By how much they may differ.

    Raises:
        EngineError: If they differ on more than single pixels.
    """
    largest = 0.0
    for batch in (1, 2):
        values = random_tiles(card, batch, fused)
        with torch.inference_mode():
            expected: NDArray[np.float32] = network(**values).numpy()
        actual = run({name: value.numpy() for name, value in values.items()})
        difference = np.abs(actual - expected).max(axis=1)
        # Not ">": a difference of NaN must count too.
        if np.mean(~(difference <= tolerance)) > _MAX_OUTLIERS:
            raise EngineError(
                tr(
                    "As ONNX the network {} gives other probabilities, by up to {:.3g}: it is not used. "
                    "Please report this with the model's card."
                ).format(card.architecture, difference.max())
            )
        largest = max(largest, float(difference.max()))
    return largest


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Hides the exporter's output and warnings, about which a user can do nothing."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
