"""The check of a graphics card: it runs in small on a processor, tells what fails, and goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from torch.autograd import DeviceType

from benchmarks.gpu_check.catalogue import CHECKS
from benchmarks.gpu_check.results import Result, Value, at_least, at_most, markdown
from benchmarks.gpu_check.trace import summary


def run(root: Path, output: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.gpu_check", "--output", str(output), *options]
    settings = {"OMP_NUM_THREADS": "1", **os.environ, "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.run(command, cwd=root, env=settings, capture_output=True, text=True)


@pytest.mark.slow
def test_everything_runs_in_small_on_a_processor(root: Path, tmp_path: Path) -> None:
    output = tmp_path / "found" / "gpu-check"
    ended = run(root, output, "--device", "cpu", "--small", "--minutes", "60")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    record = json.loads(output.with_name("gpu-check.json").read_text("utf-8"))
    assert [check["check"] for check in record["checks"]] == [check.name for check in CHECKS]
    assert all(check["passed"] and check["values"] for check in record["checks"])
    assert record["facts"]["device"].startswith("CPU") and record["facts"]["torch"]
    table = output.with_name("gpu-check.md").read_text("utf-8")
    assert table.count("| yes |") == len(CHECKS) and "**no**" not in table


@pytest.mark.slow
def test_a_check_that_fails_is_told_and_the_others_go_on(root: Path, tmp_path: Path) -> None:
    """No card is visible: two checks fail, each in a process of its own."""
    chosen = ("--only", "augmentation", "layouts")
    ended = run(root, tmp_path / "found", "--small", *chosen)
    checks = json.loads((tmp_path / "found.json").read_text("utf-8"))["checks"]
    assert ended.returncode == 1 and [check["passed"] for check in checks] == [False, False]
    assert all("There is no usable GPU" in check["error"] for check in checks)
    assert "\n" not in checks[0]["error"] and "Failed: " in ended.stdout


def test_checks_for_which_no_time_is_left_are_told(root: Path, tmp_path: Path) -> None:
    ended = run(root, tmp_path / "found", "--device", "cpu", "--small", "--minutes", "0")
    checks = json.loads((tmp_path / "found.json").read_text("utf-8"))["checks"]
    assert ended.returncode == 1 and len(checks) == len(CHECKS)
    assert {check["error"] for check in checks} == {"left out: the time was over"}


def test_a_result_passes_if_every_value_keeps_its_limit() -> None:
    good, bad = at_most("a", 1.0, 2.0, "s"), at_least("b", 0.5, 0.9)
    assert Result("x", "X", 1.0, 2.0, (good, Value("c", "told"))).has_passed
    assert not Result("x", "X", 1.0, 2.0, (good, bad)).has_passed
    failed = Result("x", "X", 1.0, 2.0, (good,), "RuntimeError: no")
    assert not failed.has_passed and Result.from_record(failed.record()) == failed
    table = markdown({"torch": "2"}, [Result("x", "X", 1.0, 2.0, (good, bad)), failed])
    assert "| X | **no** | 1 | 2 | a: 1 s (at most 2)<br>b: 0.5 (at least 0.9 FAILED) |" in table
    assert "0 of 2 checks passed." in table and "RuntimeError: no" in table


def event(name: str, start: int, end: int, device: DeviceType = DeviceType.CUDA) -> Any:
    span = SimpleNamespace(start=start, end=end)
    return SimpleNamespace(name=name, device_type=device, time_range=span)


def test_a_trace_tells_copies_and_what_they_overlap() -> None:
    """Microseconds: kernels from 0 to 4, 5 to 8 and 20 to 30, copies to the device from 3 to 6 and 25 to 26."""
    found = summary(
        [
            event("gemm", 5, 8),
            event("gemm", 0, 3),
            event("cudnn::convolution", 2, 4),
            event("softmax", 20, 30),
            event("Memcpy HtoD (Pinned -> Device)", 3, 6),
            event("Memcpy HtoD (Pageable -> Device)", 25, 26),
            event("Memcpy DtoH (Device -> Pageable)", 26, 28),
            event("Memset (Device)", 31, 32),
            event("aten::conv2d", 0, 99, DeviceType.CPU),
        ]
    )
    assert found.count == 2
    spans = found.kernels, found.copies, found.pinned, found.overlapped
    assert spans == pytest.approx((17e-6, 4e-6, 3e-6, 3e-6))
