"""What is the same for many scenes is told once."""

from __future__ import annotations

from engine.batch.batch_progress import BatchProgress, without_repeats
from engine.contract.protocol import Event, Metric, Progress, Warned


def test_a_warning_that_all_scenes_share_is_told_once() -> None:
    events: list[Event] = []
    emit = without_repeats(events.append)
    for event in [Warned("alone"), Metric("fast"), Progress(0.5, "a"), Warned("other")] * 2:
        emit(event)
    assert len(events) == 5 and events.count(Progress(0.5, "a")) == 2
    events.clear()
    progress = BatchProgress(2, events.append)
    for _ in range(199):
        progress.forward_event(Warned("alone"))
    assert events == [Warned("alone")]


def test_loading_models_does_not_enter_the_time_left() -> None:
    now, events = [0.0], list[Event]()
    progress = BatchProgress(2, events.append, clock=lambda: now[0])

    def advance(seconds: float, share: float) -> str:
        now[0] += seconds
        progress.advance("a", share)
        (last,) = [event for event in events if isinstance(event, Progress)][-1:]
        return last.message

    assert "left" not in advance(8, 0.0), "the models are loading"
    assert "left" not in advance(1, 0.02), "the first tile alone"
    assert "left" not in advance(2, 0.1), "too early"
    # The pace since the first tile: 24 % of both scenes in 6 s, 75 % are left.
    assert ", 19 s left" in advance(4, 0.5)
