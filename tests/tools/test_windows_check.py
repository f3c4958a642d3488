"""The check under Wine: what counts as passed, failed, skipped, and as a lack of Wine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.windows_check import outcomes
from tools.windows_check.outcomes import FAILED, LACK, MODULE, PASSED, SKIPPED, Outcome

REPORT = """<testsuites><testsuite>
<testcase classname="tests.engine.a" name="test_good"/>
<testcase classname="tests.engine.a" name="test_bad"><failure message="no&#10;more">...</failure></testcase>
<testcase classname="tests.engine.a" name="test_known"><error message="crash">...</error></testcase>
<testcase classname="tests.engine.a" name="test_healed"/>
<testcase classname="tests.engine.a" name="test_fork"><skipped message="no fork"/></testcase>
<testcase classname="" name="tests.engine.b">
<skipped message="collection skipped">('b.py', 3, 'Skipped: no QGIS')</skipped></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Outcome]:
    lacks = {"engine.a::test_known": "no crealf", "engine.a::test_healed": "no clock"}
    monkeypatch.setattr(outcomes, "LACKS", lacks)
    (tmp_path / "a.xml").write_text(REPORT)
    return outcomes.read_outcomes("engine/a", tmp_path / "a.xml", 1)


def test_outcomes_have_their_reasons(found: list[Outcome]) -> None:
    assert [(outcome.result, outcome.reason) for outcome in found] == [
        (PASSED, ""),
        (FAILED, "no"),
        (LACK, "no crealf"),
        (PASSED, ""),
        (SKIPPED, "no fork"),
        (MODULE, "no QGIS"),
    ]


def test_the_table_counts_tests_and_names_the_others(found: list[Outcome]) -> None:
    lines = outcomes.table(found).splitlines()
    assert lines[2:4] == ["| engine/a | 5 | 4 | 2 | 1 | 1 |", "| **all** | 5 | 4 | 2 | 1 | 1 |"]
    assert "- engine.a::test_bad: no" in lines
    assert "- engine.a::test_known: no crealf" in lines
    assert "- 1: no fork" in lines and "- 1: no QGIS" in lines
    assert lines[-1] == "No lack any more: engine.a::test_healed"


def test_a_run_without_a_report_has_failed(tmp_path: Path) -> None:
    (outcome,) = outcomes.read_outcomes("engine/a", tmp_path / "none.xml", 124)
    assert outcome.result == FAILED and "exit code 124" in outcome.reason
