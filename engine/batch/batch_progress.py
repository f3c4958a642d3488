"""How far a run over many scenes is: what each scene's worker says, seen from the whole run."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..contract.errors import format_count, join_names
from ..contract.eta import SEGMENTING, Stopwatch
from ..contract.protocol import Event, Metric, Progress, Warned
from .scene_task import DONE, FAILED, KEPT, SceneRecord, SceneTask

Emit = Callable[[Event], None]

#: Classes that a line of the log names.
_NAMED = 4


class BatchProgress:
    """Knows what became of the scenes so far, and tells it.

    Args:
        count: All scenes of the run.
        emit: Is told progress over all of them, a line a scene, and warnings.

    Attributes:
        records: What became of the scenes that are finished, by name.
    """

    def __init__(self, count: int, emit: Emit) -> None:
        self._count, self._emit = count, emit
        self.records: dict[str, SceneRecord] = {}
        self._stopwatch = Stopwatch()
        self._kept = 0
        self._made, self._pixels = 0, 0.0
        self._within: dict[str, float] = {}
        self._emit_once = deduplicate_metrics(emit)

    @property
    def has_new_records(self) -> bool:
        """Whether any scene was finished in this run."""
        return len(self.records) > self._kept

    def keep(self, records: Iterable[SceneRecord]) -> None:
        """Takes the records of an earlier run."""
        self.records.update((record.name, record) for record in records)
        self._kept = len(self.records)
        self._stopwatch.begun = self._kept / self._count
        if self._kept:
            text = (
                f"Finished already and kept: {self._kept} of {format_count(self._count, 'scene')}."
            )
            self._emit(Metric(text, {"scenes_kept": self._kept}))
            self._report()

    def take(self, record: SceneRecord) -> None:
        """Takes the record of a scene, once."""
        if record.name in self.records:
            return
        self.records[record.name] = record
        self._within.pop(record.name, None)
        self._made += record.status == DONE
        self._pixels += record.megapixels if record.status == DONE else 0.0
        if record.status == FAILED:
            self._emit(Warned(f"The scene {record.name} failed. {record.sentence}"))
        else:
            self._emit(_line(record))
        self._report()

    def advance(self, name: str, share: float, message: str = "") -> None:
        """Takes how far a scene is that is not finished.

        Args:
            name: The scene.
            share: What is done of it, 0..1.
            message: What is being done.
        """
        if name not in self.records:
            self._within[name] = max(share, self._within.get(name, 0.0))
            self._report(f": {name}{', ' * bool(message)}{message}")

    def prepare(self, event: Event) -> None:
        """Passes on what is done before the next scene, see ``ProgressIterator``."""
        if isinstance(event, Progress):
            self._report(f": {event.message}")

    def emit_for_scene(self, task: SceneTask) -> Emit:
        """What listens to a scene while it is computed here."""

        def forward(event: Event) -> None:
            if isinstance(event, Progress):  # without the time that is left of this scene
                # Loading and measuring say nothing about the time that scenes take.
                share = event.fraction if event.fraction > SEGMENTING else 0.0
                self.advance(task.name, share, event.message.split(",")[0])
            else:
                self.forward_event(event)

        return forward

    def forward_event(self, event: Event) -> None:
        """Passes on what is said besides progress; what is the same for every scene only once."""
        if isinstance(event, Warned):
            self._emit(event)
        elif isinstance(event, Metric) and "tiles" not in event.values:
            self._emit_once(event)

    def _report(self, place: str = "") -> None:
        """Tells how far all scenes are, and how long those take that are not kept."""
        finished = len(self.records) + sum(self._within.values())
        share, pixels = finished / self._count, self._pixels
        rate = f", {pixels:.4g} million pixels, {pixels / max(self._stopwatch.seconds, 1e-9):.3g} a second"
        text = f"{len(self.records)} of {format_count(self._count, 'scene')}{rate * bool(self._made)}{self._stopwatch.time_left(share)}{place}"
        self._emit(Progress(share, text))


def deduplicate_metrics(emit: Emit) -> Emit:
    """Callback that passes on events, but no metric with the words of an earlier one.

    How the models run is found anew for each scene, and is mostly the same for all.
    """
    told: set[str] = set()

    def emit_once(event: Event) -> None:
        if isinstance(event, Metric):
            if event.message in told:
                return
            told.add(event.message)
        emit(event)

    return emit_once


def _line(record: SceneRecord) -> Metric:
    """A scene's line in the log."""
    ranked = sorted(record.shares.items(), key=lambda item: -item[1])
    shares = [f"{name} {100 * share:.3g} %" for name, share in ranked if share > 0]
    shown = join_names(shares, _NAMED) if shares else "no pixel has a value"
    again = " (kept)" if record.status == KEPT else ""
    return Metric(
        f"{record.name}{again}: {record.megapixels:.3g} Mpx in {record.seconds:.3g} s ({record.rate:.3g} Mpx/s), "
        f"{shown}",
        {
            "scene": record.name,
            "mpx": record.megapixels,
            "seconds": record.seconds,
            "mpx_per_second": record.rate,
            "shares": dict(record.shares),
        },
    )
