"""Table of what the checks of a graphics card find: values with their units and limits, as JSON and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

Number = int | float | str


@dataclass(frozen=True)
class Value:
    """One result of a check.

    Attributes:
        name: What was measured.
        value: A number, or a text.
        unit: Unit of a number.
        limit: What the value has to be, in words; empty: it is only reported.
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
        check: The test's name.
        title: What it tries.
        outcome: passed, failed or skipped.
        seconds: How long it took.
        values: What it found.
        error: First line of the error that ended it, or of the reason why it was skipped; empty: none.
    """

    check: str
    title: str
    outcome: str
    seconds: float
    values: tuple[Value, ...] = ()
    error: str = ""


@dataclass
class Table:
    """Plugin of pytest that writes the results so far after each check, so that a crash loses none.

    Attributes:
        output: Path of both files, without a suffix.
        facts: The machine and the versions of everything that matters.
        results: The results so far.
    """

    output: Path
    facts: dict[str, Any] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Function) -> Iterator[None]:
        """Adds the result of a check, which may have ended in its preparation."""
        report: Any = yield  # type: ignore[misc] # what pytest sends
        if report.when == "call" or (report.when == "setup" and not report.passed):
            values = tuple(item.funcargs.get("found", ()))
            error = "" if report.passed else _first_line(report)
            title = (item.function.__doc__ or "").split("\n")[0].rstrip(".")
            if arguments := getattr(item, "callspec", None):
                title += f" ({', '.join(map(str, arguments.params.values()))})"
            self.results.append(
                Result(item.name, title, report.outcome, report.duration, values, error)
            )
            self._write()
        return report

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Prints where the table is."""
        terminalreporter.write_line(f"Written: {self.output}.json and {self.output}.md")

    def _write(self) -> None:
        record = {"facts": self.facts, "checks": [asdict(result) for result in self.results]}
        self.output.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(record, indent=1, ensure_ascii=False)
        self.output.with_name(f"{self.output.name}.json").write_text(text, "utf-8")
        table = markdown(self.facts, self.results)
        self.output.with_name(f"{self.output.name}.md").write_text(table, "utf-8")


def markdown(facts: dict[str, Any], results: list[Result]) -> str:
    """Returns the facts about the machine and a table of all results."""
    lines = ["# Check of a graphics card", ""]
    lines += [f"- {name}: {value}" for name, value in facts.items() if value != ""]
    passed = sum(result.outcome == "passed" for result in results)
    lines += ["", f"{passed} of {len(results)} checks passed.", ""]
    lines += ["| check | outcome | s | found |", "|---|---|---|---|"]
    for result in results:
        found = "<br>".join([*map(str, result.values), *([result.error] if result.error else [])])
        outcome = "**failed**" if result.outcome == "failed" else result.outcome
        cell = found.replace("|", "/").replace("\n", " ")
        lines.append(f"| {result.title} | {outcome} | {result.seconds:.0f} | {cell} |")
    return "\n".join([*lines, ""])


def _first_line(report: Any) -> str:
    """Returns the sentence of a failure, or the reason for which a check was skipped."""
    if report.skipped:
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    return (
        str(crash.message if crash else report.longrepr)
        .strip()
        .split("\n")[0]
        .removeprefix("Failed: ")
    )
