"""How many workers a pool has and what each gets of the machines: numbers in, numbers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..contract.errors import JobError, format_count

#: Cores of a worker where nobody has chosen. One network on more cores gains less and less by each, and on
#: fewer every worker's own copy of the network fills the memory.
_USUAL_CORES = 4


@dataclass(frozen=True)
class Machine:
    """What a machine of the pool has.

    Attributes:
        cores: Processor cores.
        gpus: NVIDIA GPUs.
        memory: Bytes; 0 where they are not known.
    """

    cores: int
    gpus: int = 0
    memory: int = 0


@dataclass(frozen=True)
class Plan:
    """The workers of a pool.

    Attributes:
        workers: How many there are, if the machines have room for them.
        cores: Processor cores of each, and threads of its network on the processor.
        has_gpu: Whether each has a GPU of its own.
    """

    workers: int
    cores: int
    has_gpu: bool = False

    def __str__(self) -> str:
        share = "a GPU and " * self.has_gpu
        each = " each" * (self.workers > 1)
        return f"{format_count(self.workers, 'worker')} with {share}{format_count(self.cores, 'core')}{each}"


def plan_pool(
    workers: int, cores: int, device: str, machines: Sequence[Machine], need: int
) -> Plan:
    """What a pool looks like on these machines.

    What was asked for is planned even where there is no room for it now: a cluster may grow, and until then
    fewer workers do the work.

    Args:
        workers: How many were asked for; 0: one for each GPU, or for every few cores.
        cores: Cores of each that were asked for; 0: as many as there are for it.
        device: The job's device.
        machines: What there is now; a cluster that grows on demand may have nothing yet.
        need: Bytes that a worker on processors needs; who asks for a number of workers has thought of that.

    Raises:
        JobError: If a number is negative, or the device is one that workers cannot share.
    """
    for name, value in (("workers", workers), ("cores", cores)):
        if value < 0:
            raise JobError(
                f"The option {name} must be at least 1, or 0 to choose it here, not {value}."
            )
    if _may_use_gpus(device):
        gpus = sum(machine.gpus for machine in machines)
        if gpus or device == "cuda":
            return Plan(workers or max(gpus, 1), cores or _cores_beside_gpus(machines), True)
    cores = cores or _cores_for(workers, machines)
    return Plan(workers or max(_fitting(machines, cores, need), 1), cores)


def _may_use_gpus(device: str) -> bool:
    if device.startswith("cuda:"):
        raise JobError(
            f"The workers of a pool have a GPU each, so the device {device} is none for them: use cuda or auto."
        )
    return device in ("auto", "cuda")


def _cores_beside_gpus(machines: Sequence[Machine]) -> int:
    """What every GPU's worker can have of its machine."""
    return max(min((m.cores // m.gpus for m in machines if m.gpus), default=1), 1)


def _cores_for(workers: int, machines: Sequence[Machine]) -> int:
    """The most cores that so many workers can have each; the usual where nobody has said how many there are."""
    largest = max((machine.cores for machine in machines), default=0) or _USUAL_CORES
    if not workers or not any(machine.cores for machine in machines):
        return min(_USUAL_CORES, largest)
    rooms = (cores for cores in range(largest, 0, -1) if _fitting(machines, cores) >= workers)
    return next(rooms, 1)


def _fitting(machines: Sequence[Machine], cores: int, need: int = 0) -> int:
    """How many workers of so many cores and bytes the machines have room for."""
    return sum(
        min(machine.cores // cores, _by_memory(machine, cores, need)) for machine in machines
    )


def _by_memory(machine: Machine, cores: int, need: int) -> int:
    """How many workers a machine's memory suffices for; one is always worth trying."""
    if not need or not machine.memory:
        return machine.cores // cores
    return max(machine.memory // need, 1)


def actor_options(plan: Plan, environment: Mapping[str, str], retries: int) -> dict[str, Any]:
    """How Ray is to run an actor of a pool.

    Args:
        plan: What it gets.
        environment: What its process needs besides.
        retries: How many times it is given a task again that its process died of.
    """
    variables = {
        **environment,
        "OMP_NUM_THREADS": str(plan.cores),
        "OMP_WAIT_POLICY": "PASSIVE",  # as for a run of its own, see ``__main__``
    }
    if not plan.has_gpu:
        variables["CUDA_VISIBLE_DEVICES"] = ""
    return {
        "num_cpus": plan.cores,
        "num_gpus": int(plan.has_gpu),
        "max_restarts": -1,
        "max_task_retries": retries,
        "runtime_env": {"env_vars": variables},
    }
