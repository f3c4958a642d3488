"""What the checks have found: values with their units and limits, as JSON and as a table. Standard library only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

Number = int | float | str


@dataclass(frozen=True)
class Value:
    """One result of a check.

    Attributes:
        name: What was measured.
        value: A number, or a text.
        unit: Unit of a number.
        limit: What the value has to be, in words; empty: it is only told.
        is_good: Whether the value keeps the limit.
    """

    name: str
    value: Number
    unit: str = ""
    limit: str = ""
    is_good: bool = True

    def __str__(self) -> str:
        number = f"{self.value:.4g}" if isinstance(self.value, float) else str(self.value)
        text = f"{self.name}: {number} {self.unit}".rstrip()
        mark = "" if self.is_good else " FAILED"
        return f"{text} ({self.limit}{mark})" if self.limit else text


def at_least(name: str, value: float, limit: float, unit: str = "") -> Value:
    """Returns a value that has a lower limit."""
    return Value(name, float(value), unit, f"at least {limit:g}", value >= limit)


def at_most(name: str, value: float, limit: float, unit: str = "") -> Value:
    """Returns a value that has an upper limit."""
    return Value(name, float(value), unit, f"at most {limit:g}", value <= limit)


def required(name: str, is_good: bool, limit: str) -> Value:
    """Returns a fact that has to be true; ``limit`` says in words what has to be."""
    return Value(name, "yes" if is_good else "no", "", limit, is_good)


@dataclass(frozen=True)
class Result:
    """The result of one check.

    Attributes:
        check: The check's name.
        title: What it tries.
        seconds: How long it took.
        cpu: CPU seconds of its process and of those that it has started and awaited.
        values: What it found.
        error: First line of the error that ended it; empty: none.
    """

    check: str
    title: str
    seconds: float
    cpu: float = 0.0
    values: tuple[Value, ...] = ()
    error: str = ""

    @property
    def has_passed(self) -> bool:
        """Whether it came to its end and every value keeps its limit."""
        return not self.error and all(value.is_good for value in self.values)

    def record(self) -> dict[str, Any]:
        """The result as JSON can hold it."""
        return {**asdict(self), "passed": self.has_passed}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Result:
        """The result of a ``record``."""
        known = {name: record[name] for name in ("check", "title", "seconds", "cpu", "error")}
        return cls(**known, values=tuple(Value(**value) for value in record["values"]))


def markdown(facts: dict[str, Any], results: Sequence[Result]) -> str:
    """Returns the facts about the machine and a table of all results."""
    lines = ["# Check of a graphics card", ""]
    lines += [f"- {name}: {value}" for name, value in facts.items() if value != ""]
    passed = sum(result.has_passed for result in results)
    lines += ["", f"{passed} of {len(results)} checks passed.", ""]
    lines += ["| check | passed | s | CPU s | found |", "|---|---|---|---|---|"]
    for result in results:
        found = "<br>".join([*map(str, result.values), *([result.error] if result.error else [])])
        mark = "yes" if result.has_passed else "**no**"
        cell = found.replace("|", "/").replace("\n", " ")
        lines.append(
            f"| {result.title} | {mark} | {result.seconds:.0f} | {result.cpu:.0f} | {cell} |"
        )
    return "\n".join([*lines, ""])
