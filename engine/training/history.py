"""The history of a training: losses, scores and time of every epoch, kept in its state and at last beside the model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..contract.output_writer import write_output
from ..contract.protocol import replace_non_finite
from ..contract.training_files import history_path
from ..contract.translation import tr

#: The metrics of a card that the history has for every validated epoch.
_KEPT = ("loss", "validation_loss", "miou", "pixel_accuracy", "iou")


def history_entry(
    metrics: Mapping[str, Any], learning_rate: float, seconds: float
) -> dict[str, Any]:
    """An epoch of the history.

    Args:
        metrics: The metrics of the epoch; without scores if it was not validated.
        learning_rate: Learning rate of the decoder in its last step.
        seconds: Time of the whole training until its end, s.
    """
    kept = {name: metrics[name] for name in _KEPT if name in metrics}
    return {"epoch": metrics["epoch"], "learning_rate": learning_rate, "seconds": seconds, **kept}


def write_history(output: str, best_epoch: int, epochs: Sequence[Mapping[str, Any]]) -> None:
    """Writes the history of a finished training beside its model file, as JSON; missing numbers are null.

    Raises:
        JobError: If it cannot be written.
    """
    path = history_path(output)
    record = {"format": 1, "best_epoch": best_epoch, "epochs": [dict(epoch) for epoch in epochs]}
    text = json.dumps(replace_non_finite(record), indent=1)
    write_output(path, text.encode(), tr("history"))
