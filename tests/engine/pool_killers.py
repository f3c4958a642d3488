"""A process of a pool that dies in the middle of scenes, as often as their names say."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from engine.batch.ray_actor import Actor, Outcome, RuntimeRecords, Work
from engine.outputs.row_journal import Journal

#: Strips that are on disk when it dies.
STRIPS = 2


class Killer(Actor):
    """Dies once of each scene called once-..., in its first part if it has parts; of those called always-... always."""

    def run(self, work: Work, settled: RuntimeRecords) -> Outcome:
        kind, deaths = work.task.name.split("-")[0], Path(f"{work.task.output}.deaths")
        is_main_process = not work.parts or work.parts[0].begin == 0
        if kind == "always":
            _die_after(0, deaths)  # or it would be done in a few lives
        elif kind == "once" and is_main_process and not deaths.exists():
            _die_after(STRIPS, deaths)
        return super().run(work, settled)


def _die_after(strips: int, deaths: Path) -> None:
    """Lets this process kill itself once so many strips are on disk."""
    append, left = Journal.append, [strips]

    def format_count(self: Journal, parts: Any) -> None:
        if not left[0]:
            self._stop()  # as if the disk had been given time
            with deaths.open("a") as file:
                file.write(f"{self.kept}\n")
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        append(self, parts)

    Journal.append = format_count  # type: ignore[method-assign]
