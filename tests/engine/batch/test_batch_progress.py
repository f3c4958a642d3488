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
