"""JSON from any source: parsed strictly, read field by field with checks, or hashed."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from typing import Any

from .errors import join_choices
from .plain_text import shorten, text_flaw
from .translation import tr, tr_noop

#: Deepest nesting of lists and objects; no file of this program reaches ten.
_MAX_DEPTH = 32

#: Digits of the largest whole number of 64 bits.
_MAX_DIGITS = 20

_TOO_DEEP = tr_noop("its lists and objects are more than {} deep")

#: Default of a field that must be present.
_REQUIRED: Any = object()


def parse_json(text: str) -> Any:
    """The value of a JSON document.

    Stricter than ``json``: also refuses repeated keys, NaN and infinity, numbers beyond 64 bits, and deep nesting.

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
        raise ValueError(tr(_TOO_DEEP).format(_MAX_DEPTH)) from error
    level = [value]
    for _ in range(_MAX_DEPTH):
        level = [child for item in level for child in _children(item)]
        if not level:
            return value
    raise ValueError(tr(_TOO_DEEP).format(_MAX_DEPTH))


def json_digest(value: Any) -> str:
    """The SHA-256 of a JSON-able value, 64 hexadecimal digits; the order of keys does not matter.

    Interrupted runs, caches and finished masks are identified by it: a change of the hashed text orphans them.
    """
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


class Fields:
    """The fields of a JSON object, read one by one with their types and ranges checked.

    All methods raise ``ValueError`` with a text that names the field.

    Args:
        record: The object.
        name: Its name in error messages; empty for the document itself.

    Attributes:
        record: The object.
    """

    def __init__(self, record: dict[str, Any], name: str = "") -> None:
        self.record, self._name = record, name
        self._known: set[str] = set()

    def text(self, name: str, max_length: int, default: str = _REQUIRED) -> str:
        """A printable text."""
        value = self._take(name, default)
        if not isinstance(value, str):
            raise self._wrong(name, value, tr("a text"))
        if flaw := text_flaw(value, max_length):
            raise ValueError(tr("{} is {}: {}").format(self._path(name), shorten(value), flaw))
        return value

    def whole(self, name: str, minimum: int, maximum: int, default: int = _REQUIRED) -> int:
        """A whole number from ``minimum`` to ``maximum``."""
        value = self._take(name, default)
        if not _is_whole(value) or not minimum <= value <= maximum:
            raise self._wrong(
                name, value, tr("a whole number from {} to {}").format(minimum, maximum)
            )
        return int(value)

    def number(self, name: str, default: float = _REQUIRED) -> float:
        """A number."""
        value = self._take(name, default)
        if not _is_number(value):
            raise self._wrong(name, value, tr("a number"))
        return float(value)

    def check_score(self, name: str) -> None:
        """Makes sure that a field is a number, null or absent."""
        value = self._take(name, None)
        if value is not None and not _is_number(value):
            raise self._wrong(name, value, tr("a number or null"))

    def texts(self, name: str, counts: tuple[int, ...], max_length: int) -> tuple[str, ...]:
        """Printable texts; their number is one of ``counts``."""
        kind = tr("a list of texts")
        values = self._tuple(name, counts, lambda value: isinstance(value, str), kind)
        for value in values:
            if flaw := text_flaw(value, max_length):
                raise ValueError(tr("{} has {}: {}").format(self._path(name), shorten(value), flaw))
        return values

    def numbers(self, name: str, counts: tuple[int, ...]) -> tuple[float, ...]:
        """Numbers; their number is one of ``counts``."""
        return tuple(map(float, self._tuple(name, counts, _is_number, tr("a list of numbers"))))

    def wholes(
        self, name: str, counts: tuple[int, ...], minimum: int, maximum: int
    ) -> tuple[int, ...]:
        """Whole numbers from ``minimum`` to ``maximum``; their number is one of ``counts``."""
        kind = tr("a list of whole numbers from {} to {}").format(minimum, maximum)
        return self._tuple(name, counts, lambda v: _is_whole(v) and minimum <= v <= maximum, kind)

    def object(self, name: str, is_optional: bool = False) -> Fields:
        """An object inside this one."""
        value = self._take(name, {} if is_optional else _REQUIRED)
        if not isinstance(value, dict):
            raise self._wrong(name, value, tr("an object"))
        return Fields(value, name)

    def objects(self, name: str) -> list[Any]:
        """A list."""
        value = self._take(name, _REQUIRED)
        if not isinstance(value, list):
            raise self._wrong(name, value, tr("a list"))
        return value

    def close(self) -> None:
        """Refuses fields that no method has read."""
        for name in self.record:
            if name not in self._known:
                raise ValueError(tr("it has the unknown key {}").format(self._path(shorten(name))))

    def _tuple(
        self, name: str, counts: tuple[int, ...], is_valid: Callable[[Any], bool], kind: str
    ) -> tuple[Any, ...]:
        value = self._take(name, [])
        if not isinstance(value, list) or not all(map(is_valid, value)):
            raise self._wrong(name, value, kind)
        if len(value) not in counts:
            needed = join_choices([*map(str, dict.fromkeys(counts))])
            raise ValueError(
                tr("{} has {} values, and must have {}").format(
                    self._path(name), len(value), needed
                )
            )
        return tuple(value)

    def _take(self, name: str, default: Any) -> Any:
        self._known.add(name)
        if name not in self.record and default is _REQUIRED:
            raise ValueError(tr("it has no {}").format(self._path(name)))
        return self.record.get(name, default)

    def _path(self, name: str) -> str:
        """The field's name with that of its object, as it is in all languages."""
        return f"{self._name}.{name}" if self._name else name

    def _wrong(self, name: str, value: Any, kind: str) -> ValueError:
        text = tr("{} is {}, and must be {}")
        return ValueError(text.format(self._path(name), shorten(value), kind))


def _is_whole(value: Any) -> bool:
    return type(value) is int


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _children(value: Any) -> list[Any]:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [item for item in items if isinstance(item, (dict, list))]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(tr("it has the key {} twice").format(shorten(repeated)))
    return record


def _constant(name: str) -> Any:
    raise ValueError(tr("it holds {}, which is not a number").format(name))


def _decimal(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(
            tr("it holds the number {}, which is too large").format(shorten(text)[1:-1])
        )
    return number


def _whole(text: str) -> int:
    # Checked before int(), which is slow for many digits and has a different limit.
    digits = len(text.lstrip("-"))
    if digits > _MAX_DIGITS:
        raise ValueError(tr("it holds a number of {} digits, which is too large").format(digits))
    return int(text)
