"""Progress over many scenes, from the events of each scene's worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..compute.eta import SEGMENTING, Stopwatch, format_duration
from ..contract.errors import format_count
from ..contract.protocol import Emit, Event, Metric, Progress, Warned
from ..contract.quantities import describe_classes, format_pixels
from ..contract.translation import tr
from .scene_task import DONE, FAILED, KEPT, SceneRecord, SceneTask

#: Maximum number of classes in a line of the log.
_NAMED = 4


class BatchProgress:
    """Collects the records of the scenes and reports the progress of the run.

    Args:
        count: Number of scenes of the run.
        emit: Callback for progress over all scenes, one metric per scene, and warnings.
        clock: Returns a time in seconds that only increases; by default the machine's.

    Attributes:
        records: The records of the finished scenes by name.
    """

    def __init__(self, count: int, emit: Emit, clock: Callable[[], float] | None = None) -> None:
        self._count, self._emit, self._clock = count, emit, clock
        self.records: dict[str, SceneRecord] = {}
        self._stopwatch = Stopwatch(clock=clock)
        self._pace: Stopwatch | None = None
        self._kept = 0
        self._megapixels = 0.0
        self._unfinished: dict[str, float] = {}
        self._emit_once = without_repeats(emit)

    @property
    def has_new_records(self) -> bool:
        """Whether any scene was finished in this run."""
        return len(self.records) > self._kept

    def add_kept(self, records: Iterable[SceneRecord]) -> None:
        """Adds the records of an earlier run."""
        self.records.update((record.name, record) for record in records)
        self._kept = len(self.records)
        if self._kept:
            text = tr("Finished before and kept: {} of {}.").format(self._kept, self._scenes)
            self._emit(Metric(text, {"scenes_kept": self._kept}))
            self._report()

    def add(self, record: SceneRecord) -> None:
        """Adds the record of a scene; a second record of the same scene is ignored."""
        if record.name in self.records:
            return
        self.records[record.name] = record
        self._unfinished.pop(record.name, None)
        if record.status == DONE:
            self._megapixels += record.megapixels
        if record.status == FAILED:
            self._emit(Warned(tr("The scene {} failed. {}").format(record.name, record.sentence)))
        else:
            self._emit(_scene_metric(record))
        self._report()

    def advance(self, name: str, share: float, message: str = "") -> None:
        """Reports the progress of an unfinished scene.

        Args:
            name: The scene.
            share: The share that is done, 0..1.
            message: The current step.
        """
        if name not in self.records:
            self._unfinished[name] = max(share, self._unfinished.get(name, 0.0))
            self._report(f": {name}{', ' * bool(message)}{message}")

    def report_step(self, event: Event) -> None:
        """Reports a step before the next scene, see ``ProgressIterator``."""
        if isinstance(event, Progress):
            self._report(f": {event.message}")

    def emit_for_scene(self, task: SceneTask) -> Emit:
        """Callback for the events of a scene that is computed in this process."""

        def forward(event: Event) -> None:
            """Passes an event on, progress as that of the scene."""
            if isinstance(event, Progress):
                # Loading must not enter the estimate of the time that scenes take.
                share = event.fraction if event.fraction > SEGMENTING else 0.0
                step = event.message.split(",")[0]  # without the time left of this scene
                step = step[:1].lower() + step[1:]  # it stands behind the scene's name
                self.advance(task.name, share, step)
            else:
                self.forward_event(event)

        return forward

    def forward_event(self, event: Event) -> None:
        """Passes on warnings and metrics that are not equal to an earlier one."""
        is_metric = isinstance(event, Metric) and "tiles" not in event.values
        if is_metric or isinstance(event, Warned):
            self._emit_once(event)

    @property
    def _scenes(self) -> str:
        """Number of all scenes, as text."""
        return format_count(self._count, "{} scene", "{} scenes")

    def _report(self, step: str = "") -> None:
        """Emits the progress over all scenes, with the time left for those that are not kept."""
        share = (len(self.records) + sum(self._unfinished.values())) / self._count
        text = tr("{} of {}").format(len(self.records), self._scenes)
        if pixels := self._megapixels:
            rate = pixels / max(self._stopwatch.seconds, 1e-9)
            text += tr(", {}, about {} a second").format(
                format_pixels(1e6 * pixels), format_pixels(1e6 * rate)
            )
        values = {"scenes_finished": len(self.records), "scenes": self._count}
        self._emit(Progress(share, f"{text}{self._time_left(share)}{step}", values))

    def _time_left(self, share: float) -> str:
        """The time left, by the pace since the first tile: loading models and starting processes happens once."""
        if share <= self._kept / self._count:
            return ""
        self._pace = self._pace or Stopwatch(begun=None, clock=self._clock)
        return self._pace.time_left(share)


def without_repeats(emit: Emit) -> Emit:
    """Callback that passes on events, except metrics and warnings with the message of an earlier one.

    The runtime of the models and a missing second stream are reported for each scene, and mostly the same for all.
    """
    messages: set[str] = set()

    def emit_once(event: Event) -> None:
        if isinstance(event, (Metric, Warned)):
            if event.message in messages:
                return
            messages.add(event.message)
        emit(event)

    return emit_once


def _scene_metric(record: SceneRecord) -> Metric:
    """The line of a scene in the log."""
    shown = describe_classes(record.shares, record.areas, _NAMED) or tr("no pixel has a value")
    text = tr("{} (kept): {}; {} in {}") if record.status == KEPT else tr("{}: {}; {} in {}")
    return Metric(
        text.format(
            record.name, shown, format_pixels(record.pixels), format_duration(record.seconds)
        ),
        {
            "scene": record.name,
            "mpx": record.megapixels,
            "seconds": record.seconds,
            "mpx_per_second": record.rate,
            "shares": dict(record.shares),
            "areas_m2": dict(record.areas),
        },
    )
