"""Reports why a pool has no worker yet: it is still starting, or the cluster has no room for it."""

from __future__ import annotations

from dataclasses import replace

from ..contract.protocol import Emit, Metric, Warned
from ..contract.translation import tr
from .pool_size import Plan
from .ray_cluster import Cluster


class FirstWorker:
    """Reports, once each, what the first worker of a pool waits for.

    Ray calls an actor pending in both cases, but an actor that is starting already has its cores.

    Args:
        cluster: The cluster, before the first worker is requested.
        plan: The resources of a worker.
        emit: Callback for events.
    """

    def __init__(self, cluster: Cluster, plan: Plan, emit: Emit) -> None:
        self._cluster = cluster
        self._plan = plan
        self._emit = emit
        self._before = cluster.used_resources()
        self._has_resources = self._is_reported = False

    def mark_started(self) -> None:
        """Notes that a worker runs: nothing is reported any more."""
        self._has_resources = self._is_reported = True

    def report(self) -> None:
        """Reports why no worker has answered, unless that is reported already."""
        if not self._has_resources and self._is_allocated():
            self.mark_started()
            self._emit(
                Metric(tr("The first worker is still starting: it loads the engine's libraries."))
            )
        if not self._is_reported:
            self._is_reported = True
            self._emit(
                Warned(
                    tr(
                        "The cluster has no room yet for {}: the run waits until it has. Ask for fewer "
                        "cores, or end what else is computed there."
                    ).format(replace(self._plan, workers=1))
                )
            )

    def _is_allocated(self) -> bool:
        """Whether the cluster has allocated the resources of a worker."""
        now, before = self._cluster.used_resources(), self._before
        has_gpu = not self._plan.has_gpu or now.gpus > before.gpus
        return has_gpu and now.cores - before.cores >= self._plan.cores
