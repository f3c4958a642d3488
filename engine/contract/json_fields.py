"""The fields of a JSON object, each taken with its type and range checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .plain_text import shorten, text_flaw

#: Stands for a value that has to be there.
_REQUIRED: Any = object()


class Fields:
    """An object of a JSON document. What is wrong in it is a ``ValueError`` whose text names the field.

    Args:
        record: The object.
        name: What it is called in sentences; empty for the document itself.

    Attributes:
        record: As given.
    """

    def __init__(self, record: dict[str, Any], name: str = "") -> None:
        self.record, self._name = record, name
        self._known: set[str] = set()

    def text(self, name: str, max_length: int, default: str = _REQUIRED) -> str:
        """A text that can be shown."""
        value = self._take(name, default)
        if not isinstance(value, str):
            raise self._wrong(name, value, "a text")
        if flaw := text_flaw(value, max_length):
            raise ValueError(f"{self._called(name)} is {shorten(value)}: it {flaw}")
        return value

    def whole(self, name: str, minimum: int, maximum: int, default: int = _REQUIRED) -> int:
        """A whole number from ``minimum`` to ``maximum``."""
        value = self._take(name, default)
        if not _is_whole(value) or not minimum <= value <= maximum:
            raise self._wrong(name, value, f"a whole number from {minimum} to {maximum}")
        return int(value)

    def number(self, name: str, default: float = _REQUIRED) -> float:
        """A number."""
        value = self._take(name, default)
        if not _is_number(value):
            raise self._wrong(name, value, "a number")
        return float(value)

    def score(self, name: str) -> None:
        """Makes sure that a field is a number, or is not known."""
        value = self._take(name, None)
        if value is not None and not _is_number(value):
            raise self._wrong(name, value, "a number or null")

    def texts(self, name: str, counts: tuple[int, ...], max_length: int) -> tuple[str, ...]:
        """Texts that can be shown, so many or so many."""
        values = self._several(name, counts, lambda value: isinstance(value, str), "texts")
        for value in values:
            if flaw := text_flaw(value, max_length):
                raise ValueError(f"{self._called(name)} has {shorten(value)}: it {flaw}")
        return values

    def numbers(self, name: str, counts: tuple[int, ...]) -> tuple[float, ...]:
        """Numbers, so many or so many."""
        return tuple(map(float, self._several(name, counts, _is_number, "numbers")))

    def wholes(
        self, name: str, counts: tuple[int, ...], minimum: int, maximum: int
    ) -> tuple[int, ...]:
        """Whole numbers from ``minimum`` to ``maximum``, so many or so many."""

        def fits(value: Any) -> bool:
            return _is_whole(value) and minimum <= value <= maximum

        return self._several(name, counts, fits, f"whole numbers from {minimum} to {maximum}")

    def object(self, name: str, is_optional: bool = False) -> Fields:
        """An object inside this one."""
        value = self._take(name, {} if is_optional else _REQUIRED)
        if not isinstance(value, dict):
            raise self._wrong(name, value, "an object")
        return Fields(value, name)

    def objects(self, name: str) -> list[Any]:
        """A list."""
        value = self._take(name, _REQUIRED)
        if not isinstance(value, list):
            raise self._wrong(name, value, "a list")
        return value

    def close(self) -> None:
        """Refuses an object with fields that nobody has taken."""
        for name in self.record:
            if name not in self._known:
                place = f" in {self._name}" if self._name else ""
                raise ValueError(f"it has the unknown key {shorten(name)}{place}")

    def _several(
        self, name: str, counts: tuple[int, ...], fits: Callable[[Any], bool], kind: str
    ) -> tuple[Any, ...]:
        value = self._take(name, [])
        if not isinstance(value, list) or not all(map(fits, value)):
            raise self._wrong(name, value, f"a list of {kind}")
        if len(value) not in counts:
            needed = " or ".join(map(str, dict.fromkeys(counts)))
            raise ValueError(
                f"{self._called(name)} has {len(value)} values, and must have {needed}"
            )
        return tuple(value)

    def _take(self, name: str, default: Any) -> Any:
        self._known.add(name)
        if name not in self.record and default is _REQUIRED:
            raise ValueError(f"it has no {self._called(name)}")
        return self.record.get(name, default)

    def _called(self, name: str) -> str:
        return f"{name} in {self._name}" if self._name else name

    def _wrong(self, name: str, value: Any, kind: str) -> ValueError:
        return ValueError(f"{self._called(name)} is {shorten(value)}, and must be {kind}")


def _is_whole(value: Any) -> bool:
    return type(value) is int


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)
