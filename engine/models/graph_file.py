"""Model files that hold an ONNX graph instead of weights; nothing here needs torch.

The graph has the form of an exported model: inputs ``image`` (B, C, T, T) and, of two streams, ``auxiliary``
(B, Ca, t, t) with physical values, NaN where missing; output ``probabilities`` (B, K, T, T) and, with a land summary,
``unlike`` (B, 1, T, T), see ``land_summary``. The batch size is free, or a fixed number.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from ..contract.card_weights import GRAPH
from ..contract.errors import ModelFileError
from ..contract.model_card import CARD_KEY, Card, card_to_dict
from ..contract.output_writer import write_output
from ..contract.protocol import replace_non_finite
from ..contract.translation import tr
from ..contract.unlike import UNLIKE, has_land_summary

#: Names of the inputs and of the first output.
IMAGE, AUXILIARY, PROBABILITIES = "image", "auxiliary", "probabilities"


def output_names(card: Card) -> tuple[str, ...]:
    """Names of the outputs of a model's graph, in their order."""
    return (PROBABILITIES, UNLIKE) if has_land_summary(card) else (PROBABILITIES,)


def save_graph(path: str | Path, graph: bytes, card: Card) -> None:
    """Writes a model file with the bytes of an ONNX file atomically.

    Raises:
        JobError: If it cannot be written.
    """
    content = save({GRAPH: np.frombuffer(graph, np.uint8)}, metadata={CARD_KEY: card_json(card)})
    write_output(path, content, tr("model file"))


def read_graph(path: str | Path) -> bytes:
    """The bytes of the ONNX file in a model file.

    Raises:
        ModelFileError: If it cannot be read.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            graph: bytes = file.get_tensor(GRAPH).tobytes()
    except (SafetensorError, OSError) as error:
        raise unreadable(path, error) from error
    return graph


def card_json(card: Card) -> str:
    """A card as the metadata of a model file hold it."""
    record = replace_non_finite(card_to_dict(card))
    text = json.dumps(record, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # the job has a path that is not UTF-8
        return json.dumps(record)
    return text


def unreadable(path: str | Path, error: Exception) -> ModelFileError:
    """The error for a model file whose tensors cannot be read."""
    return ModelFileError(
        tr("The weights of the model file {} cannot be read ({}).").format(path, error)
    )
