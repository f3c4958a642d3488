"""What is free, what a call takes, and which errors mean that nothing is left."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from engine import memory
from engine.memory import free_memory, is_exhausted, peak_growth


def test_which_errors_mean_that_memory_ran_out() -> None:
    with pytest.raises(RuntimeError) as real:
        torch.empty(2**58)
    for error in (
        real.value,
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("bad allocation"),
        RuntimeError("[ONNXRuntimeError] : 6 : Failed to allocate memory for requested buffer"),
        RuntimeError("Exception from src/inference: std::bad_alloc"),
    ):
        assert is_exhausted(error), error
    for other in (
        RuntimeError("shape [2, 3] is invalid for input of size 4"),
        ValueError("out of memory"),
        KeyError("image"),
    ):
        assert not is_exhausted(other), other


def test_free_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = Path("/proc/meminfo")
    if report.exists():
        known = re.search(r"MemAvailable:\s+(\d+) kB", report.read_text())
        assert known and free_memory() < int(known[1]) * 1024 * 1.1 + memory.idle_memory()
    most, current = tmp_path / "max", tmp_path / "current"
    monkeypatch.setattr(memory, "_CONTAINERS", ((str(most), str(current)),))
    monkeypatch.setattr(memory, "idle_memory", lambda: 5)
    current.write_text("60000000\n")
    most.write_text("100000000\n")
    assert free_memory() == 40_000_005, "a container's limit counts"
    most.write_text("max\n")
    assert free_memory() > 100_000_000


def test_peak_growth() -> None:
    def call() -> None:
        np.ones(30_000_000).sum()  # 240 MB

    assert 200e6 < peak_growth(call) < 320e6
    with pytest.raises(ZeroDivisionError):
        peak_growth(lambda: 1 // 0)
