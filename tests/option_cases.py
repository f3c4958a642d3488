"""Random values of all options, inside and outside of their limits and of wrong types, for tests of engine and plugin."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, NamedTuple, get_args, get_type_hints

#: Texts that are no number, and characters that no value may have.
_WORDS = ("many", "true", "nan", "inf", "-inf", "1.5.1", "0x10")
_TEXTS = ("banana", "a b", "8+10=thin cloud", "C:/maps/town.tif", "a\0b", "x" * 40_000)


class Case(NamedTuple):
    """A value of an option: as a person writes it, and as a value of JSON."""

    name: str
    text: str
    value: Any


def random_cases(kind: Any, names: list[str], count: int, seed: int) -> list[Case]:
    """Values of the options of a job's class: the same number for each option, in random order.

    Args:
        kind: The job's class.
        names: The options.
        count: The number of cases.
        seed: Fixes the cases.
    """
    draw, hints = random.Random(seed), get_type_hints(kind)
    defaults = {field.name: field.default for field in fields(kind)}
    options = {field.name: field.metadata.get("option") for field in fields(kind)}
    streams = [_cases(draw, name, hints[name], defaults[name], options[name]) for name in names]
    found = [next(streams[index % len(streams)]) for index in range(count)]
    draw.shuffle(found)
    return found


def _cases(draw: random.Random, name: str, hint: Any, default: Any, option: Any) -> Iterator[Case]:
    items = get_args(hint)
    while True:
        if items:
            values = [_value(draw, items[0], (), option) for _ in range(draw.randint(1, 3))]
            yield Case(name, ",".join(map(_text, values)), values)
        else:
            value = _value(draw, hint, default, option)
            yield Case(name, _text(value), value)


def _value(draw: random.Random, hint: Any, default: Any, option: Any) -> Any:
    if hint is bool:
        return draw.choice([True, False, "yes", "off", "perhaps"])
    if hint is str:
        choices = (*option.choices, *option.examples) if option else ()
        return draw.choice([text for text in (*choices, *_TEXTS) if "," not in text])
    low, high = (option.low, option.high) if option else (0, 10)
    low, high = max(low, -1000), min(high, 1e6)
    span = high - low
    numbers = [low, high, low - 1, high + 1, low - 0.001, high + 0.001, low + 0.001, high - 0.001]
    numbers += [draw.uniform(low, high), low + span // 3, default or 0, -1, 0, 1e30, 5_000_000_000]
    number = draw.choice([*numbers, *_WORDS])
    # A whole number is written without a point, by people and in JSON.
    return int(number) if not isinstance(number, str) and number == int(number) < 1e20 else number


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
