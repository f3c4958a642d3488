"""Checks for texts from files and users, and safe ways to show them in sentences and pages."""

from __future__ import annotations

import re
from typing import Any

from .translation import tr

#: Characters that no name may have: control characters, surrogates and noncharacters.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

#: Characters that XML 1.0 forbids, escaped or not.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def text_flaw(text: str, max_length: int) -> str:
    """Why a text of at most ``max_length`` characters cannot be a name, to follow a colon; empty if it can."""
    if len(text) > max_length:
        return _too_long(text, max_length)
    if match := _UNPRINTABLE.search(text):
        return tr("it holds the character U+{:04X}, which cannot be written or shown").format(
            ord(match[0])
        )
    return ""


def path_flaw(text: str, max_length: int = 32_767) -> str:
    """Why a text cannot be a path or another value of a job, to follow a colon; empty if it can.

    Surrogates that encode undecodable bytes are allowed: on Linux a file name may have any bytes.
    """
    if len(text) > max_length:
        return _too_long(text, max_length)
    if match := re.search("[\0\ud800-\udc7f\udd00-\udfff]", text):
        return tr("it holds the character U+{:04X}, which no path can hold").format(ord(match[0]))
    return ""


def _too_long(text: str, max_length: int) -> str:
    return tr("it has {} characters, and at most {} are allowed").format(len(text), max_length)


def is_valid_xml_text(text: str) -> bool:
    """Whether a text can be in an XML 1.0 file, such as a style or a virtual raster."""
    return _NOT_XML.search(text) is None


def replace_invalid_xml(text: str) -> str:
    """A text for people in a page or an XML file, with forbidden characters replaced."""
    return _NOT_XML.sub("\ufffd", text)


def one_line(text: str, max_length: int) -> str:
    """A text for people on one line of at most ``max_length`` characters, without unprintable ones."""
    line = " ".join(_UNPRINTABLE.sub(" ", text).split())
    return line if len(line) <= max_length else f"{line[: max_length - 3]}..."


def shorten(value: Any, max_length: int = 60) -> str:
    """A value of any type for a sentence: on one line and not long."""
    if isinstance(value, str) and len(value) > max_length:
        return tr("{!r}... of {} characters").format(value[:max_length], len(value))
    if isinstance(value, (dict, list, tuple)) and (len(value) > 6 or any(map(_is_large, value))):
        if isinstance(value, dict):
            return tr("an object of {} values").format(len(value))
        return tr("a list of {} values").format(len(value))
    if isinstance(value, dict):
        parts = (f"{shorten(name)}: {shorten(item)}" for name, item in value.items())
        return f"{{{', '.join(parts)}}}"
    return repr(value)


def _is_large(value: Any) -> bool:
    return isinstance(value, (dict, list, tuple)) or (isinstance(value, str) and len(value) > 60)
