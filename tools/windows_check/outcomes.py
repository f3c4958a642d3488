"""The outcome of each test, and the table of all."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # nosec B405
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .lacks import LACKS

PASSED, FAILED, SKIPPED, LACK = "passed", "failed", "skipped", "lack"
#: A module of tests that skips itself as a whole: how many tests it has is not known.
MODULE = "module"

#: Exit codes of pytest after its last test: all passed, some failed, there was none.
_FINISHED = (0, 1, 5)


@dataclass(frozen=True)
class Outcome:
    """The outcome of one test or trial.

    Attributes:
        part: The row of the table.
        name: The test, as pytest names it, or what was tried.
        result: One of ``PASSED``, ``FAILED``, ``SKIPPED``, ``LACK``, ``MODULE``.
        reason: Why, unless it passed.
    """

    part: str
    name: str
    result: str
    reason: str = ""


def read_outcomes(part: str, report: Path, exit_code: int) -> list[Outcome]:
    """The outcomes of a run of pytest.

    Args:
        part: The row of the table.
        report: The report that it was to write, as JUnit's XML.
        exit_code: Its exit code; without a report the whole run is one failure.
    """
    if not report.exists():
        return [Outcome(part, "the run", FAILED, f"ended with exit code {exit_code}, see its log")]
    found = [_outcome(part, case) for case in ET.parse(report).iter("testcase")]  # noqa: S314 (ours)
    if exit_code not in _FINISHED:
        found.append(Outcome(part, "the run", FAILED, f"ended early, with exit code {exit_code}"))
    return found


def _outcome(part: str, case: ET.Element) -> Outcome:
    name = f"{case.get('classname', '').removeprefix('tests.')}::{case.get('name')}"
    for child in case:
        said = (child.get("message") or "").split("\n")[0]
        if said == "collection skipped":
            return Outcome(part, name, MODULE, (child.text or "").partition("Skipped: ")[2][:-2])
        if child.tag == "skipped":
            return Outcome(part, name, SKIPPED, said)
        if child.tag in ("failure", "error"):
            lack = LACKS.get(name)
            return Outcome(part, name, LACK, lack) if lack else Outcome(part, name, FAILED, said)
    return Outcome(part, name, PASSED)


def table(outcomes: Sequence[Outcome]) -> str:
    """The table of all parts, then every failure and lack, and the reasons of what was skipped."""
    parts = list(dict.fromkeys(outcome.part for outcome in outcomes))
    rows = [_row(part, [o for o in outcomes if o.part == part]) for part in parts]
    lines = [
        "| part | tests | ran | passed | failed | lacks of Wine |",
        "|---|---|---|---|---|---|",
    ]
    lines += [*rows, _row("**all**", outcomes), ""]
    for result, title in ((FAILED, "Failed"), (LACK, "Lacks of Wine")):
        found = [f"- {o.name}: {o.reason}" for o in outcomes if o.result == result]
        lines += [f"{title}:", *found, ""] if found else []
    for result, title in ((SKIPPED, "Skipped tests"), (MODULE, "Skipped modules")):
        reasons = Counter(o.reason for o in outcomes if o.result == result)
        found = [f"- {count}: {reason}" for reason, count in reasons.most_common()]
        lines += [f"{title}, with their own reasons:", *found, ""] if found else []
    lines += [f"No lack any more: {name}" for name in sorted(_passing_lacks(outcomes))]
    return "\n".join(lines)


def _row(part: str, outcomes: Sequence[Outcome]) -> str:
    counts = Counter(outcome.result for outcome in outcomes)
    tests = len(outcomes) - counts[MODULE]
    ran = tests - counts[SKIPPED]
    numbers = (tests, ran, counts[PASSED], counts[FAILED], counts[LACK])
    return f"| {part} | " + " | ".join(map(str, numbers)) + " |"


def _passing_lacks(outcomes: Iterable[Outcome]) -> set[str]:
    return {o.name for o in outcomes if o.result == PASSED and o.name in LACKS}
