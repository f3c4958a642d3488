"""Plans the number of workers of a pool, and the cores and GPUs of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..contract.errors import JobError, format_count
from ..contract.translation import tr

#: Default cores of a worker. With more cores a network gains less by each; with fewer, more copies of the network
#: fill the memory.
_DEFAULT_CORES = 4


@dataclass(frozen=True)
class Machine:
    """The resources of a machine.

    Attributes:
        cores: Processor cores.
        gpus: NVIDIA GPUs.
        memory: Bytes; 0 if unknown.
    """

    cores: int
    gpus: int = 0
    memory: int = 0


@dataclass(frozen=True)
class Plan:
    """The workers of a pool.

    Attributes:
        workers: Number of workers, if the machines have room for them.
        cores: Processor cores of each worker, and threads of its network on the CPU.
        has_gpu: Whether each worker has one GPU.
    """

    workers: int
    cores: int
    has_gpu: bool = False

    def __str__(self) -> str:
        cores = format_count(self.cores, "{} core", "{} cores")
        if self.workers == 1:
            text = tr("1 worker with a GPU and {}") if self.has_gpu else tr("1 worker with {}")
            return text.format(cores)
        text = (
            tr("{} workers with a GPU and {} each")
            if self.has_gpu
            else tr("{} workers with {} each")
        )
        return text.format(self.workers, cores)


def plan_pool(
    workers: int, cores: int, device: str, machines: Sequence[Machine], need: int
) -> Plan:
    """The plan of a pool on these machines.

    A requested number is planned even if there is no room for it now: a cluster may grow, and until then
    fewer workers compute.

    Args:
        workers: Requested workers; 0: one per GPU, or as many as cores and memory allow.
        cores: Requested cores of each worker; 0: the share of a worker.
        device: The job's device.
        machines: The present machines; a cluster that grows on demand may have none yet.
        need: Memory of a worker on CPUs, bytes; not checked for a requested number of workers.

    Raises:
        JobError: If the device is a numbered GPU.
    """
    if device.startswith("cuda:"):
        raise JobError(
            tr(
                "Each worker of a pool has one GPU, so the device {} cannot be used there: use cuda "
                "or auto."
            ).format(device)
        )
    if device in ("auto", "cuda"):
        gpus = sum(machine.gpus for machine in machines)
        if gpus or device == "cuda":
            share = min((m.cores // m.gpus for m in machines if m.gpus), default=1)
            return Plan(workers or max(gpus, 1), cores or max(share, 1), True)
    cores = cores or _cores_for(workers, machines)
    return Plan(workers or max(_capacity(machines, cores, need), 1), cores)


def _cores_for(workers: int, machines: Sequence[Machine]) -> int:
    """The maximum of cores for each of ``workers`` workers; the default if no number is requested."""
    largest = max((machine.cores for machine in machines), default=0) or _DEFAULT_CORES
    if not workers or not any(machine.cores for machine in machines):
        return min(_DEFAULT_CORES, largest)
    fitting = (cores for cores in range(largest, 0, -1) if _capacity(machines, cores) >= workers)
    return next(fitting, 1)


def _capacity(machines: Sequence[Machine], cores: int, need: int = 0) -> int:
    """Number of workers with ``cores`` cores and ``need`` bytes for which the machines have room."""
    count = 0
    for machine in machines:
        by_cores = machine.cores // cores
        if need and machine.memory:
            by_cores = min(by_cores, max(machine.memory // need, 1))  # one is always tried
        count += by_cores
    return count


def actor_options(plan: Plan, environment: Mapping[str, Any], retries: int) -> dict[str, Any]:
    """Ray's options for an actor of a pool.

    Args:
        plan: Its resources.
        environment: The runtime environment with which its process finds the engine.
        retries: How many times Ray repeats a task whose process died.
    """
    variables = {
        **environment.get("env_vars", {}),
        "OMP_NUM_THREADS": str(plan.cores),
        "OMP_WAIT_POLICY": "PASSIVE",  # as without a pool, see ``__main__``
    }
    if not plan.has_gpu:
        variables["CUDA_VISIBLE_DEVICES"] = ""
    return {
        "num_cpus": plan.cores,
        "num_gpus": int(plan.has_gpu),
        "max_restarts": -1,
        "max_task_retries": retries,
        "runtime_env": {**environment, "env_vars": variables},
    }
