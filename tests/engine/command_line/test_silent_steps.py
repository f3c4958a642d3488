"""A step that reports nothing for long is told, with how long it takes, and nothing is told once the run has ended."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from engine.command_line.silent_steps import with_reminders
from engine.contract.protocol import Event, Metric, Progress


def test_a_silent_step_is_told_more_and_more_rarely() -> None:
    events: list[Event] = []
    with with_reminders(events.append, 0.1) as emit:
        emit(Progress(0.3, "Reading the polygons"))
        time.sleep(0.5)
    count = len(events)
    assert 3 <= count <= 4, "after 0.1, 0.2 and 0.4 s"
    assert {event.fraction for event in events} == {0.3}
    assert events[1].message == "Reading the polygons (still working after 0 s)"
    time.sleep(0.2)
    assert len(events) == count, "the run has ended"


def test_a_step_that_reports_is_not_interrupted() -> None:
    events: list[Event] = []
    with with_reminders(events.append, 0.5) as emit:
        for number in range(12):
            emit(Metric("a line", {"number": number}))
            time.sleep(0.05)
    assert len(events) == 12


def test_without_any_progress_there_is_a_word_too() -> None:
    events: list[Event] = []
    with with_reminders(events.append, 0.05):
        time.sleep(0.1)
    assert events[0] == Progress(0.0, "Still working after 0 s")


def test_a_run_needs_no_thread_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", fail)
    events: list[Event] = []
    with with_reminders(events.append, 0.01) as emit:
        emit(Progress(0.5, "Step"))
    assert events == [Progress(0.5, "Step")]


def test_a_failed_run_is_not_told_any_more() -> None:
    events: list[Event] = []
    with pytest.raises(KeyError), with_reminders(events.append, 0.05):
        raise KeyError
    time.sleep(0.15)
    assert not events
