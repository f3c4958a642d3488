"""``export``: a model file becomes one ONNX file, for other programs.

Its inputs are raw values: ``image`` (B, C, T, T) and, of two streams, ``auxiliary`` (B, Ca, t, t). Its
output is ``probabilities`` (B, K, T, T), of one logit that of the second class. Not a number means missing.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from .classes import to_records
from .deepness import deepness_metadata
from .errors import EngineError, JobError, first_line
from .file_jobs import ExportJob
from .model_file import Card, load_model
from .models import probabilities
from .outputs import check_writable, published
from .protocol import Done, Event, Progress, finite

Say = Callable[[Event], None]

#: The operator set and the file format that goes with it, which programs of 2023 and later read.
_OPSET, _IR_VERSION = 18, 8

#: A file of protocol buffers cannot be larger, bytes.
_LARGEST = 2**31 - 1

#: What the written file may differ in from the network: in probability, and on what share of pixels more.
_TOLERANCE, _PIXELS = 1e-3, 1e-4


class _Probabilities(nn.Module):
    """A network whose output is probabilities instead of logits."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor, auxiliary: Tensor | None = None) -> Tensor:
        return probabilities(self.model(image, auxiliary)["logits"])


def export_onnx(job: ExportJob, say: Say) -> Done:
    """Writes a model as ONNX and compares the written file with the model.

    Args:
        job: The model file and the ONNX file to write.
        say: Is told progress.

    Raises:
        EngineError: If the model cannot be read, is too large, or gives other probabilities as ONNX;
            then nothing is written.
    """
    for name in ("model", "output"):
        if not getattr(job, name):
            raise JobError(f"The option {name} is missing: export needs model and output.")
    check_writable(job.output, (".onnx",))
    model, card = load_model(job.model)
    _check_size(model, job)
    network = _Probabilities(model).eval()
    say(Progress(0.05, "translating the network"))
    proto = _translated(network, card)
    proto.ir_version = _IR_VERSION
    for name, value in _metadata(card).items():
        proto.metadata_props.add(key=name, value=value)
    with published(job.output) as part:
        part.write_bytes(proto.SerializeToString())
        say(Progress(0.8, "comparing the file with the model"))
        largest = _compare(network, card, part)
    return Done(
        f"The file {Path(job.output)} gives the probabilities of {Path(job.model).name}: on random tiles "
        f"they differ by at most {largest:.1g}.{_deepness_note(card)}",
        {"output": job.output, "inputs": [*_inputs(card, 1)], "difference": largest},
    )


def _check_size(model: nn.Module, job: ExportJob) -> None:
    size = sum(value.numel() * value.element_size() for value in model.state_dict().values())
    if size > _LARGEST:
        raise JobError(
            f"The weights of {job.model} have {size / 2**30:.1f} GiB, and one ONNX file holds 2 GiB at "
            "most: export a model with a smaller encoder."
        )


def _inputs(card: Card, batch: int) -> dict[str, Tensor]:
    """Random tiles of both streams by input name, about one in fifty pixels missing."""
    chance = torch.Generator().manual_seed(batch)
    low, high = (torch.tensor(ends) for ends in (card.image.low or 0.0, card.image.high or 1.0))
    shape = (batch, card.image.bands, card.tile_size, card.tile_size)
    spread = (high - low).view(1, -1, 1, 1)
    values = {"image": torch.rand(shape, generator=chance) * spread + low.view(1, -1, 1, 1)}
    stream = card.auxiliary
    if stream.bands:
        mean, std = (torch.tensor(m or d) for m, d in ((stream.mean, 0.0), (stream.std, 1.0)))
        coarse = torch.randn(
            batch, stream.bands, stream.tile_size, stream.tile_size, generator=chance
        )
        values["auxiliary"] = coarse * std.view(1, -1, 1, 1) + mean.view(1, -1, 1, 1)
    for value in values.values():
        value[torch.rand(value.shape, generator=chance) < 0.02] = torch.nan
    return values


def _translated(network: nn.Module, card: Card) -> onnx.ModelProto:
    """The network as ONNX, its weights inside, its batch size free."""
    # A batch of two: torch takes a size of one for a constant.
    values = _inputs(card, 2)
    batch = torch.export.Dim("batch")
    try:
        with _quiet(), torch.no_grad():
            program: Any = torch.onnx.export(
                network,
                tuple(values.values()),
                input_names=[*values],
                output_names=["probabilities"],
                dynamic_shapes={name: {0: batch} for name in values},
                opset_version=_OPSET,
                dynamo=True,
                verbose=False,
            )
    except Exception as error:  # the exporter raises whatever an operator leads it to
        raise EngineError(
            f"The network {card.architecture} with {card.encoder} cannot be written as ONNX: it uses what "
            f"ONNX does not have ({first_line(error)})."
        ) from error
    proto: onnx.ModelProto = program.model_proto
    for part in (*proto.graph.node, *proto.graph.value_info):
        del part.metadata_props[:]  # the exporter's traces, with paths of this machine
    return proto


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keeps what the exporter prints and warns of from the user, who can do nothing about it."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _metadata(card: Card) -> dict[str, str]:
    """The card as JSON, as in the model file, and what Deepness reads."""
    record = {**asdict(card), "classes": to_records(card.classes)}
    own = {"dualstream": json.dumps(finite(record), ensure_ascii=False)}
    return {**own, **deepness_metadata(card)}


def _compare(network: nn.Module, card: Card, path: Path) -> float:
    """The largest difference of the file's probabilities from the network's, on random tiles.

    Raises:
        EngineError: If they differ on more than single pixels.
    """
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    largest = 0.0
    for batch in (1, 2):
        values = _inputs(card, batch)
        with torch.inference_mode():
            expected: NDArray[np.float32] = network(**values).numpy()
        found = session.run(None, {name: value.numpy() for name, value in values.items()})[0]
        difference = np.abs(found - expected).max(axis=1)
        # Not "above": a difference that is no number must count too.
        if np.mean(~(difference <= _TOLERANCE)) > _PIXELS:
            raise EngineError(
                f"As ONNX the network {card.architecture} gives other probabilities, by up to "
                f"{difference.max():.3g}: nothing was written. Please report this with the model's card."
            )
        largest = max(largest, float(difference.max()))
    return largest


def _deepness_note(card: Card) -> str:
    if card.auxiliary.bands:
        return " It has two inputs, image and auxiliary; the QGIS plugin Deepness takes one."
    return " The QGIS plugin Deepness, from version 0.6, reads it as a Segmentor."
