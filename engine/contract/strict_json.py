"""JSON that anybody may have written: read strictly, or refused with the reason."""

from __future__ import annotations

import json
import math
from typing import Any

from .plain_text import shorten

#: Lists and objects inside each other: no file of this program has as many as ten.
MAX_DEPTH = 32

#: The digits of the largest whole number of 64 bits.
_DIGITS = 20

_TOO_DEEP = f"its lists and objects are more than {MAX_DEPTH} deep"


def parse_json(text: str) -> Any:
    """The value that a JSON document describes.

    Besides what is no JSON it refuses what ``json`` takes: a key that an object has twice, NaN and
    infinity, numbers beyond 64 bits, and deep nesting, on which whatever walks through the value would fail.

    Raises:
        ValueError: With the reason, to follow a colon.
    """
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_float=_decimal,
            parse_int=_whole,
        )
    except RecursionError as error:
        raise ValueError(_TOO_DEEP) from error
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for item in level for child in _children(item)]
        if not level:
            return value
    raise ValueError(_TOO_DEEP)


def _children(value: Any) -> list[Any]:
    """The lists and objects in a value."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [item for item in inside if isinstance(item, (dict, list))]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"it has the key {shorten(twice)} twice")
    return found


def _constant(name: str) -> Any:
    raise ValueError(f"it holds {name}, which is no number")


def _decimal(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"it holds the number {shorten(text)[1:-1]}, which is too large")
    return number


def _whole(text: str) -> int:
    # Before int() sees it: that takes long for many digits, and has a limit of its own.
    if len(text.lstrip("-")) > _DIGITS:
        raise ValueError(f"it holds a number of {len(text.lstrip('-'))} digits, which is too large")
    return int(text)
