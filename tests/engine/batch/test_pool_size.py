"""How many workers a pool has, and how many cores each, for machines of all kinds."""

from __future__ import annotations

import pytest

from engine.batch.pool_size import Machine, Plan, plan_pool
from engine.contract.errors import JobError

GB = 2**30
LAPTOP, SERVER, BIG = Machine(2, 0, 8 * GB), Machine(16, 0, 64 * GB), Machine(64, 0, 16 * GB)
GPUS = Machine(32, 4, 256 * GB)


@pytest.mark.parametrize(
    ("workers", "cores", "device", "machines", "expected"),
    [
        # No number requested: four cores each, or all if there are fewer.
        (0, 0, "auto", [SERVER], Plan(4, 4)),
        (0, 0, "auto", [LAPTOP], Plan(1, 2)),
        (0, 0, "cpu", [SERVER, LAPTOP], Plan(4, 4)),
        # 16 GB suffice for five workers of 3 GB, whatever the cores.
        (0, 0, "auto", [BIG], Plan(5, 4)),
        (0, 0, "auto", [Machine(8, 0, GB)], Plan(1, 4)),
        (0, 0, "auto", [Machine(8)], Plan(2, 4)),
        # A number of workers: they share all cores.
        (2, 0, "auto", [LAPTOP], Plan(2, 1)),
        (3, 0, "auto", [SERVER], Plan(3, 5)),
        (3, 0, "auto", [SERVER, SERVER], Plan(3, 8)),
        (5, 0, "auto", [LAPTOP], Plan(5, 1)),
        (20, 0, "auto", [BIG], Plan(20, 3)),
        # A number of cores.
        (0, 8, "auto", [SERVER], Plan(2, 8)),
        (0, 1, "auto", [LAPTOP], Plan(2, 1)),
        (0, 32, "auto", [SERVER], Plan(1, 32)),
        (2, 1, "auto", [SERVER], Plan(2, 1)),
        # GPUs.
        (0, 0, "auto", [GPUS], Plan(4, 8, True)),
        (0, 0, "cuda", [GPUS, Machine(12, 2)], Plan(6, 6, True)),
        (2, 0, "auto", [GPUS, SERVER], Plan(2, 8, True)),
        (0, 3, "auto", [GPUS], Plan(4, 3, True)),
        (0, 0, "cpu", [GPUS], Plan(8, 4)),
        (0, 0, "auto", [Machine(2, 4)], Plan(4, 1, True)),
        # A cluster without machines yet, which grows.
        (0, 0, "auto", [], Plan(1, 4)),
        (8, 0, "auto", [], Plan(8, 4)),
        (0, 0, "cuda", [Machine(2)], Plan(1, 1, True)),
        (0, 0, "auto", [Machine(0)], Plan(1, 4)),
    ],
)
def test_plans(
    workers: int, cores: int, device: str, machines: list[Machine], expected: Plan
) -> None:
    assert plan_pool(workers, cores, device, machines, 3 * GB) == expected


def test_impossible_pools() -> None:
    with pytest.raises(JobError, match="the device cuda:1 cannot be used there: use cuda or auto"):
        plan_pool(0, 0, "cuda:1", [GPUS], 0)


def test_plan_as_text() -> None:
    assert str(Plan(1, 1)) == "1 worker with 1 core"
    assert str(Plan(4, 8, True)) == "4 workers with a GPU and 8 cores each"
