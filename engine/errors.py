"""Errors that are sentences: what is wrong, which value, what to do about it."""

from __future__ import annotations


class EngineError(Exception):
    """A problem the user can act on; ``str(error)`` is shown to the user as it is.

    Anything that is not an ``EngineError`` is a defect of the engine and is reported as one.
    """

    exit_code = 2


class JobError(EngineError):
    """The job itself is wrong: an unknown option, a missing or impossible value."""


class RasterError(EngineError):
    """A raster cannot be opened, read, aligned or written."""


class LabelError(EngineError):
    """Labels cannot be read, or hold classes that cannot be trained."""


class LayoutError(EngineError):
    """A training folder or scenes table is incomplete or inconsistent."""


class ModelFileError(EngineError):
    """A model file cannot be read, or does not fit the streams it is given."""


class DeviceError(EngineError):
    """The device or precision that was asked for cannot be used."""
