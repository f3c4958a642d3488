"""What is free, what a call takes, and which errors mean that nothing is left."""

from __future__ import annotations

import errno
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, RuntimeException

from engine.compute import failures, memory
from engine.compute.failures import is_out_of_memory
from engine.compute.memory import free_memory, measure_peak_memory

ROOT = Path(__file__).resolve().parents[3]


def test_out_of_memory_errors_of_all_libraries() -> None:
    with pytest.raises(RuntimeError) as real:
        torch.empty(2**58)
    for error in (
        real.value,
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("bad allocation"),
        RuntimeException(
            "[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Non-zero status code returned while running Conv "
            "node. bfc_arena.cc:360 AllocateRawInternal Failed to allocate memory for requested buffer of "
            "size 4294967296"
        ),
        Fail("[ONNXRuntimeError] : 1 : FAIL : std::bad_alloc"),
        RuntimeError("Exception from src/inference: std::bad_alloc"),
        RuntimeError("could not create a primitive"),
        RuntimeError("could not create a memory object"),
        RuntimeError("could not execute a primitive"),
        RuntimeError("can't start new thread"),
        ImportError("libtorch_cpu.so: failed to map segment from shared object"),
        ImportError(
            "DLL load failed: The paging file is too small for this operation to complete."
        ),
        OSError(errno.ENOMEM, "No memory"),
    ):
        assert is_out_of_memory(error), error
    for other in (
        RuntimeError("shape [2, 3] is invalid for input of size 4"),
        RuntimeError("could not create a primitive descriptor for a convolution forward primitive"),
        ValueError("out of memory"),
        Fail("[ONNXRuntimeError] : 1 : FAIL : Load model failed: no such file"),
        KeyError("image"),
        ImportError("libtorch_cpu.so: cannot open shared object file: No such file or directory"),
    ):
        assert not is_out_of_memory(other), other


@pytest.mark.skipif(not hasattr(os, "ST_NOEXEC"), reason="Linux only")
def test_a_library_on_a_disk_without_programs_is_no_lack_of_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error = ImportError("libtorch_cpu.so: failed to map segment from shared object")
    monkeypatch.setattr(os, "statvfs", lambda folder: SimpleNamespace(f_flag=os.ST_NOEXEC))
    assert not is_out_of_memory(error)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux")
def test_a_run_without_memory_for_its_libraries_ends_in_one_sentence() -> None:
    """They would end the process: OpenBLAS with its own words, or as if it was interrupted."""
    limited = (
        "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_AS, (150 * 2**20,) * 2);"
        "sys.argv = ['engine', 'segment', '--model', 'm', '--image', 'i', '--output', 'o'];"
        "runpy.run_module('engine', run_name='__main__')"
    )
    run = subprocess.run(
        [sys.executable, "-c", limited], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 2 and re.fullmatch("Error: There is not enough memory.*\n", run.stderr)


def test_a_defect_without_memory_is_lack_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries that run out of memory raise errors of any kind."""
    error = RuntimeError("Unable to instantiate PyTypeObject")
    assert failures.failed_event(error).details
    monkeypatch.setattr(failures, "_START_BYTES", 2**60)
    assert failures.failed_event(error).message.startswith("There is not enough memory")


def test_free_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = Path("/proc/meminfo")
    if report.exists():
        available = re.search(r"MemAvailable:\s+(\d+) kB", report.read_text())
        assert available and free_memory() < int(available[1]) * 1024 * 1.1
    limit, current, statistics = tmp_path / "max", tmp_path / "current", tmp_path / "stat"
    files = ((str(limit), str(current), str(statistics), "inactive_file"),)
    monkeypatch.setattr(memory, "_CGROUPS", files)
    current.write_text("60000000\n")
    limit.write_text("100000000\n")
    assert free_memory() == 40_000_000, "a container's limit counts"
    statistics.write_text(
        "anon 5\ninactive_file_of_others 3\ninactive_file 7000000\nactive_file 9\n"
    )
    assert free_memory() == 47_000_000, "the system drops cached files when memory is needed"
    limit.write_text("max\n")
    assert free_memory() > 100_000_000


def test_peak_memory_of_a_call() -> None:
    def call() -> None:
        np.ones(30_000_000).sum()  # 240 MB

    assert 200e6 < measure_peak_memory(call) < 320e6
    with pytest.raises(ZeroDivisionError):
        measure_peak_memory(lambda: 1 // 0)


#: In a process that keeps freed memory: prints the peak of a call's second run, and the resident memory before and
#: after ``free_memory``.
PROGRAM = """
import numpy as np, psutil
from engine.compute.malloc import keep_freed_memory
from engine.compute.memory import free_memory, measure_peak_memory

def call():
    np.ones(30_000_000).sum()  # 240 MB

assert keep_freed_memory()
call()
print(measure_peak_memory(call))
print(psutil.Process().memory_info().rss)
free_memory()
print(psutil.Process().memory_info().rss)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_kept_memory_counts_as_free_and_in_the_peak(root: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=root, capture_output=True, text=True, check=True
    )
    growth, before, after = map(int, answer.stdout.split())
    assert 200e6 < growth < 320e6, "memory that is used again counts in the peak"
    assert before - after > 200e6, "unused memory is returned to the system"
