"""Errors whose text is a sentence for the user, and the grammar of such sentences."""

from __future__ import annotations

from collections.abc import Sequence

from .translation import tr


def first_line(error: BaseException) -> str:
    """The first line of an error's text without its full stop, to quote in a sentence."""
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")


def format_count(count: int, one: str, many: str) -> str:
    """A count with its noun in the user's language: "1 scene", "3 scenes".

    Args:
        count: The number.
        one: The text for 1, such as "{} scene", as a literal.
        many: The text for other numbers, such as "{} scenes", as a literal.
    """
    return tr(one if count == 1 else many).format(count)


def format_bytes(count: float) -> str:
    """A size in the unit that people can picture: "1.5 GB", "40 MB", and "0.3 MB" for little."""
    if count >= 1e9:
        return f"{count / 1e9:,.1f} GB"
    return f"{count / 1e6:.{0 if count >= 1e7 else 1}f} MB"


def join_names(names: Sequence[str], maximum: int) -> str:
    """The first names and the count of the others: "a, b and 3 more".

    Args:
        names: All names.
        maximum: How many of them are listed.
    """
    listed, rest = ", ".join(names[:maximum]), len(names) - maximum
    return tr("{} and {} more").format(listed, rest) if rest > 0 else listed


def join_choices(names: Sequence[str]) -> str:
    """Names of which one is chosen: "a", "a or b", "a, b or c"."""
    if len(names) < 2:
        return ", ".join(names)
    return tr("{} or {}").format(", ".join(names[:-1]), names[-1])


class EngineError(Exception):
    """A problem that the user can solve; its text is shown to the user.

    Every other exception is reported as a defect of the engine.
    """

    exit_code = 2


class JobError(EngineError):
    """The job itself is wrong: an unknown option, a missing or impossible value."""


class RasterError(EngineError):
    """A raster cannot be opened, read, aligned or written."""


class LabelError(EngineError):
    """Labels cannot be read, or have classes that cannot be trained."""


class LayoutError(EngineError):
    """A training folder or scenes table is incomplete or inconsistent."""


class ModelFileError(EngineError):
    """A model file cannot be read, or does not fit the input."""


class DeviceError(EngineError):
    """The device or precision of the job cannot be used."""
