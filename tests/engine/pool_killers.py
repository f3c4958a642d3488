"""Actors for tests: with a network that loads at once, and killing its process as often as names of scenes say."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from engine.batch.ray_actor import Actor, Outcome, Work
from engine.inference.ensemble import RuntimeRecords
from engine.outputs.row_journal import Journal
from tests.engine.small_network import WholeTileNetwork, use_small_networks

#: Strips on disk when the process dies.
STRIPS = 2


class SmallActor(Actor):
    """Computes with small networks, as the test's own process does."""

    def __init__(self, *arguments: Any) -> None:
        use_small_networks(pytest.MonkeyPatch(), WholeTileNetwork)
        super().__init__(*arguments)


class Killer(SmallActor):
    """Dies once in each scene called once-..., in its first part if it has parts; always in scenes called always-..."""

    def run(self, work: Work, runtime_records: RuntimeRecords) -> Outcome:
        kind, deaths = work.task.name.split("-")[0], Path(f"{work.task.output}.deaths")
        is_main_process = not work.parts or work.parts[0].begin == 0
        if kind == "always":
            _die_after(0, deaths)  # else it would finish after a few restarts
        elif kind == "once" and is_main_process and not deaths.exists():
            _die_after(STRIPS, deaths)
        return super().run(work, runtime_records)


def _die_after(strips: int, deaths: Path) -> None:
    """Makes this process kill itself when ``strips`` strips are on disk."""
    append, left = Journal.append, [strips]

    def append_or_die(self: Journal, parts: Any) -> None:
        if not left[0]:
            self._stop()  # waits for the disk
            with deaths.open("a") as file:
                file.write(f"{self.kept}\n")
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        append(self, parts)

    Journal.append = append_or_die  # type: ignore[method-assign]
