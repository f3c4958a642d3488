"""Converts an exception to the event that reports it."""

from __future__ import annotations

import traceback

from ..contract.errors import EngineError
from ..contract.protocol import Failed

_OUT_OF_MEMORY = (
    "There is not enough memory. Try a smaller batch size; for training, a smaller tile size or "
    "encoder helps too."
)


def failed_event(error: Exception) -> Failed:
    """The event for an exception; only a defect of the engine has details."""
    if isinstance(error, EngineError):
        return Failed(str(error))
    from .memory import is_out_of_memory  # imports torch

    if is_out_of_memory(error):
        return Failed(_OUT_OF_MEMORY)
    return Failed(
        f"DualStream's engine has a defect: {type(error).__name__}: {error}. Please report it with the "
        "lines below.",
        "".join(traceback.format_exception(error)),
    )
