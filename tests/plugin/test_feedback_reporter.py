"""The log throttles runs over hundreds of scenes and shows everything of short ones."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

pytest.importorskip("qgis.core", reason="PyQGIS is not installed for this Python")

from dualstream_qgis.engine.contract import protocol

from dualstream_qgis.algorithms import feedback_reporter
from dualstream_qgis.algorithms.feedback_reporter import UNTHROTTLED_LINES, FeedbackReporter
from tests.plugin.recording import Log

COUNT = 300


@pytest.fixture
def clock(monkeypatch):
    """``clock[0]``: the current time, s."""
    now = [1000.0]
    monkeypatch.setattr(feedback_reporter, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def run(log, clock, scenes, pause, warned=False):
    """Reports a line for each scene, ``pause`` seconds apart."""
    reporter = FeedbackReporter(log)
    for number in range(scenes):
        clock[0] += pause
        told = f"scene {number}"
        reporter.report(
            protocol.Warned(told) if warned else protocol.Metric(told, {"scene": f"s{number}"})
        )
        reporter.report(
            protocol.Progress(
                (number + 1) / scenes,
                f"{number + 1} of {scenes} scenes",
                {"scenes_finished": number + 1},
            )
        )
    reporter.report(protocol.Done("All done."))
    return reporter


def test_fast_scenes_are_throttled(clock):
    log = Log()
    reporter = run(log, clock, COUNT, 0.01)
    scenes = [line for line in log.lines if line.startswith("scene ")]
    assert scenes == [f"scene {number}" for number in range(UNTHROTTLED_LINES)]
    hidden = f"Lines about scenes that are not shown here: {COUNT - UNTHROTTLED_LINES}."
    assert log.lines[-2].startswith(hidden)
    assert log.lines[-1] == "All done."
    assert reporter.progress == {"scenes_finished": COUNT}, "known although it was not shown"
    assert len(log.percents) >= 100, "the bar moves all the same"


def test_slow_scenes_have_a_line_each(clock):
    log = Log()
    run(log, clock, COUNT, 6.0)
    assert len([line for line in log.lines if line.startswith("scene ")]) == COUNT
    assert not [line for line in log.lines if "not shown" in line]


def test_only_hundreds_of_warnings_are_throttled(clock):
    log = Log()
    run(log, clock, UNTHROTTLED_LINES, 0.0, warned=True)
    assert len(log.warnings) == UNTHROTTLED_LINES
    assert not [line for line in log.lines if "not shown" in line]
    log = Log()
    run(log, clock, COUNT, 1.0, warned=True)
    later = (COUNT - UNTHROTTLED_LINES) // 5
    assert len(log.warnings) == UNTHROTTLED_LINES + later
    assert f"not shown here: {COUNT - UNTHROTTLED_LINES - later}." in log.lines[-2]


def test_other_numbers_are_always_shown(clock):
    log = Log()
    reporter = FeedbackReporter(log)
    for epoch in range(COUNT):
        reporter.report(protocol.Metric(f"epoch {epoch}", {"loss": 0.5}))
    assert len(log.lines) == COUNT


def test_the_start_and_each_new_step_are_shown_at_once(clock):
    log = Log()
    reporter = FeedbackReporter(log)
    reporter.start()
    assert log.percents == [feedback_reporter.START_PERCENT] and log.lines == [
        "Starting the engine…"
    ]
    reporter.report(protocol.Started("segment", "1", 1))
    steps = [
        "Loading a.safetensors",
        "measuring how fast PyTorch is here",
        "tile 1 of 90, 2 h left",
    ]
    for step in steps:
        reporter.report(protocol.Progress(0.0, step))
    reporter.report(protocol.Progress(0.5, "tile 45 of 90, 3 min left"))
    assert log.lines[2:] == steps, "what differs in its numbers alone is shown now and then"
    clock[0] += feedback_reporter.SECONDS_BETWEEN_LINES
    reporter.report(protocol.Progress(0.6, "tile 54 of 90, 2 min left"))
    assert log.lines[-1] == "tile 54 of 90, 2 min left"
    reporter.report(protocol.Progress(0.2, "tile 1 of 90"))
    assert log.percents == [feedback_reporter.START_PERCENT, 50, 60], "the bar never goes back"


def test_the_start_of_a_warm_engine_is_not_shown(clock):
    log = Log()
    reporter = FeedbackReporter(log)
    reporter.start(is_warm=True)
    reporter.report(protocol.Started("segment", "1", 1))
    assert log.lines == [] and log.percents == [feedback_reporter.START_PERCENT]


def test_hundreds_of_steps_are_throttled_too(clock):
    log = Log()
    reporter = FeedbackReporter(log)
    for number in range(COUNT):
        reporter.report(protocol.Progress(0.0, "a" * number))
    assert len(log.lines) <= UNTHROTTLED_LINES + 1
