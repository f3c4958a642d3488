"""The checks of a graphics card: skipped without one, run in small on a processor, and a table of what they find."""

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

from tests.gpu.table import Result, Value, at_least, at_most, markdown
from tests.gpu.trace import summary

#: Number of checks.
CHECKS = 20


def run(root: Path, output: Path, *options: str) -> tuple[int, list[dict[str, Any]]]:
    """Runs the checks while no card is visible; returns the exit code and the results."""
    command = [sys.executable, "-m", "pytest", "-m", "gpu", "tests/gpu", "-p", "no:cacheprovider"]
    settings = {"OMP_NUM_THREADS": "1", **os.environ, "CUDA_VISIBLE_DEVICES": ""}
    ended = subprocess.run(
        [*command, "--output", str(output), *options],
        cwd=root,
        env=settings,
        capture_output=True,
        text=True,
    )
    results = json.loads(output.with_name(f"{output.name}.json").read_text("utf-8"))
    return ended.returncode, results["checks"]


@pytest.mark.slow
def test_everything_runs_in_small_on_a_processor(root: Path, tmp_path: Path) -> None:
    output = tmp_path / "found" / "gpu-check"
    code, checks = run(root, output, "--device", "cpu", "--minutes", "60")
    assert code == 0 and len(checks) == CHECKS, checks
    assert all(check["outcome"] == "passed" and check["values"] for check in checks)
    table = output.with_name("gpu-check.md").read_text("utf-8")
    assert table.count("| passed |") == CHECKS and "- torch: " in table


def test_without_a_card_every_check_is_skipped_with_the_reason(root: Path, tmp_path: Path) -> None:
    code, checks = run(root, tmp_path / "found")
    assert code == 0 and len(checks) == CHECKS
    assert {check["outcome"] for check in checks} == {"skipped"}
    assert all(check["error"].startswith("There is no usable GPU.") for check in checks)


def test_checks_for_which_no_time_is_left_fail(root: Path, tmp_path: Path) -> None:
    code, checks = run(root, tmp_path / "found", "--device", "cpu", "--minutes", "0")
    assert code == 1 and len(checks) == CHECKS
    assert {check["error"] for check in checks} == {"left out: the time was over"}


def test_a_value_beyond_its_limit_fails_its_check_and_the_others_run(
    root: Path, tmp_path: Path
) -> None:
    (tmp_path / "conftest.py").write_text((root / "tests/gpu/conftest.py").read_text("utf-8"))
    (tmp_path / "test_x.py").write_text(
        "from tests.gpu.table import Value, at_least\n"
        "def test_bad(found):\n    'One that fails.'\n    found.append(at_least('share', 0.5, 0.9))\n"
        "def test_broken(found):\n    'One that breaks.'\n    raise ValueError('no such thing')\n"
        "def test_good(found):\n    'One that passes.'\n    found.append(Value('speed', 3, 'm/s'))\n"
    )
    command = [sys.executable, "-m", "pytest", "-c", str(root / "pyproject.toml"), str(tmp_path)]
    options = ["--device", "cpu", "--output", str(tmp_path / "found"), "-p", "no:cacheprovider"]
    ended = subprocess.run([*command, *options], cwd=root, capture_output=True, text=True)
    table = (tmp_path / "found.md").read_text("utf-8")
    assert ended.returncode == 1 and "1 of 3 checks passed." in table
    bad = "share: 0.5 (at least 0.9 FAILED)<br>beyond the limit: share"
    assert f"| One that fails | **failed** | 0 | {bad} |" in table
    assert "| One that breaks | **failed** | 0 | ValueError: no such thing |" in table
    assert "| One that passes | passed | 0 | speed: 3 m/s |" in table


def test_a_table_has_one_row_a_check() -> None:
    good, bad = at_most("a", 1.0, 2.0, "s"), at_least("b", 0.5, 0.9)
    results = [
        Result("x", "X", "failed", 1.0, (good, bad), "b | c"),
        Result("y", "Y", "passed", 1.0, (Value("c", "reported"),)),
    ]
    table = markdown({"torch": "2"}, results)
    assert "- torch: 2" in table and "1 of 2 checks passed." in table
    row = "| X | **failed** | 1 | a: 1 s (at most 2)<br>b: 0.5 (at least 0.9 FAILED)<br>b / c |"
    assert row in table and "| Y | passed | 1 | c: reported |" in table


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
