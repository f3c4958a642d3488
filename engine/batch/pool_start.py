"""Why a pool has no worker yet: it is still starting, or there is no room for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..contract.protocol import Event, Metric, Warned
from .pool_size import Plan
from .ray_cluster import Cluster


class FirstWorker:
    """Says, once each, what the first worker of a pool waits for.

    Ray calls an actor pending in both cases; but one that is starting has been given its cores.

    Args:
        cluster: Where it is to work, before any worker was asked for.
        plan: What it needs.
        emit: Callback for events.
    """

    def __init__(self, cluster: Cluster, plan: Plan, emit: Callable[[Event], None]) -> None:
        self._cluster, self._plan, self._emit = cluster, plan, emit
        self._before = cluster.used_resources()
        self._has_place = self._is_told = False

    def mark_started(self) -> None:
        """Notes that a worker runs: nothing has to be said any more."""
        self._has_place = self._is_told = True

    def report(self) -> None:
        """Says what is not known yet of why no worker has answered."""
        if not self._has_place and self._is_placed():
            self.mark_started()
            self._emit(
                Metric("The first worker is still starting: it loads the engine's libraries.")
            )
        if not self._is_told:
            self._is_told = True
            self._emit(
                Warned(
                    f"The cluster has no room yet for {replace(self._plan, workers=1)}: the run waits until it "
                    "has. Ask for fewer cores, or end what else is computed there."
                )
            )

    def _is_placed(self) -> bool:
        """Whether a worker has been given its share of a machine."""
        now, before = self._cluster.used_resources(), self._before
        has_gpu = not self._plan.has_gpu or now.gpus > before.gpus
        return has_gpu and now.cores - before.cores >= self._plan.cores
