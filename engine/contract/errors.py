"""Errors that are sentences: what is wrong, which value, what to do about it."""

from __future__ import annotations

from collections.abc import Sequence


def first_line(error: BaseException) -> str:
    """The first line of an error's text, for a sentence: what follows are a library's own hints."""
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")


def format_count(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun: "1 scene", "3 scenes".

    Args:
        count: How many.
        noun: What one is called.
        plural: What several are called; empty: the noun with an s.
    """
    return f"{count} {noun if count == 1 else plural or f'{noun}s'}"


def join_names(
    names: Sequence[str], maximum: int, other: str = "more", others: str = "more"
) -> str:
    """The first names for a sentence, and how many there are besides: "a, b and 3 more".

    Args:
        names: All of them.
        maximum: How many the sentence names.
        other: What one that it does not name is called.
        others: What several are called.
    """
    more = (
        f" and {format_count(len(names) - maximum, other, others)}" if len(names) > maximum else ""
    )
    return f"{', '.join(names[:maximum])}{more}"


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
