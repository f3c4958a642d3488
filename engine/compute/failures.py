"""Converts an exception to the event that reports it."""

from __future__ import annotations

import traceback

from ..contract.errors import EngineError
from ..contract.protocol import Failed
from ..contract.translation import tr, tr_noop

_OUT_OF_MEMORY = tr_noop(
    "There is not enough memory. Try a smaller batch size; for training, a smaller tile size or "
    "encoder helps too."
)


def failed_event(error: Exception) -> Failed:
    """The event for an exception; only a defect of the engine has details."""
    if isinstance(error, EngineError):
        return Failed(str(error))
    from .memory import is_out_of_memory  # imports torch

    if is_out_of_memory(error):
        return Failed(tr(_OUT_OF_MEMORY))
    text = tr(
        "DualStream's engine has a defect: {}: {}. Please report it with the lines below."
    ).format(type(error).__name__, error)
    return Failed(text, "".join(traceback.format_exception(error)))
