"""Texts from elsewhere: what is wrong with one that is to be a name, and how a sentence or a page shows it."""

from __future__ import annotations

import re
from typing import Any

#: What no name may hold: control characters, halves of characters, and what Unicode says is no character.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

#: What XML 1.0 has no place for, escaped or not.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

#: Stands for a character that cannot be shown.
_REPLACEMENT = "\ufffd"


def text_flaw(text: str, max_length: int) -> str:
    """Why a text cannot be a name, to follow the word "it"; empty if it can.

    Args:
        text: The text.
        max_length: How many characters it may have.
    """
    if len(text) > max_length:
        return f"has {len(text)} characters, and {max_length} are the most"
    found = _UNPRINTABLE.search(text)
    if found is None:
        return ""
    return f"holds the character U+{ord(found[0]):04X}, which cannot be written or shown"


def path_flaw(text: str, max_length: int = 32_767) -> str:
    """Why no system takes a text for a path or another value of a job, to follow "it"; empty if one may.

    Bytes that are no text are right: on Linux names of files may hold any.
    """
    if len(text) > max_length:
        return f"has {len(text)} characters, and {max_length} are the most"
    found = re.search("[\0\ud800-\udc7f\udd00-\udfff]", text)
    return f"holds the character U+{ord(found[0]):04X}, which no path can hold" if found else ""


def fits_xml(text: str) -> bool:
    """Whether XML 1.0, and so a style, a virtual raster or a legend file, can hold a text."""
    return _NOT_XML.search(text) is None


def for_xml(text: str) -> str:
    """A text for a page or an XML file in which it only tells people something."""
    return _NOT_XML.sub(_REPLACEMENT, text)


def one_line(text: str, max_length: int) -> str:
    """A text from elsewhere as a name that only tells people something: what cannot be shown is left out."""
    line = " ".join(_UNPRINTABLE.sub(" ", text).split())
    return line if len(line) <= max_length else f"{line[: max_length - 3]}..."


def shorten(value: Any, max_length: int = 60) -> str:
    """A value as a sentence shows it, whatever it is: on one line, and not long."""
    if isinstance(value, str) and len(value) > max_length:
        return f"{value[:max_length]!r}... of {len(value)} characters"
    if isinstance(value, (dict, list, tuple)) and (len(value) > 6 or any(map(_is_large, value))):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)} values"
    if isinstance(value, dict):
        parts = (f"{shorten(name)}: {shorten(item)}" for name, item in value.items())
        return f"{{{', '.join(parts)}}}"
    return repr(value)


def _is_large(value: Any) -> bool:
    return isinstance(value, (dict, list, tuple)) or (isinstance(value, str) and len(value) > 60)
