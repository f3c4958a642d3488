"""The device of a process, alone and as a rank of a distributed training."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from engine.compute.arrays import send, send_indices
from engine.compute.devices import choose_device
from engine.compute.processor import has_fast_bf16, processor_name
from engine.compute.rank_info import RankInfo
from engine.compute.threads import thread_count
from engine.contract.errors import DeviceError


@pytest.fixture
def second_of_four(monkeypatch: pytest.MonkeyPatch) -> RankInfo:
    """Rank 3 of 4, the second on a machine with two GPUs."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "NVIDIA H200")
    return RankInfo(3, 1, 4)


def test_all_is_refused_outside_a_distributed_training() -> None:
    with pytest.raises(DeviceError, match="all is for training.*segment-folder"):
        choose_device("all")


def test_each_rank_has_the_gpu_of_its_local_rank(second_of_four: RankInfo) -> None:
    for name in ("auto", "all", "cuda"):
        device = choose_device(name, "bf16", second_of_four)
        assert device.torch_device == torch.device("cuda", 1) and device.name == "4 x NVIDIA H200"
    device = choose_device("cpu", ranks=second_of_four)
    assert device.kind == "cpu" and device.name.startswith("4 x CPU (")


def test_a_single_device_is_refused_for_several_ranks(
    second_of_four: RankInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DeviceError, match="'cuda:0' is a single one.*4 processes"):
        choose_device("cuda:0", ranks=second_of_four)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(DeviceError, match="this machine has 1.*--nproc-per-node 1"):
        choose_device("auto", "bf16", second_of_four)


def test_ranks_without_gpus_use_the_cpu(
    second_of_four: RankInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto", ranks=second_of_four).kind == "cpu"
    with pytest.raises(DeviceError, match="no usable GPU"):
        choose_device("all", ranks=second_of_four)


def test_values_are_sent_in_the_type_of_the_target() -> None:
    target = torch.zeros(2, dtype=torch.float32)
    assert send(torch.tensor([0.5], dtype=torch.float64), target).dtype == torch.float32
    assert send_indices(torch.tensor([1]), target).dtype == torch.int64


def test_only_pinned_memory_is_copied_without_waiting(root: Path) -> None:
    """Apple's GPUs may read a temporary after its memory is freed, and have no float64."""
    sources = {path: path.read_text("utf-8") for path in (root / "engine").rglob("*.py")}
    asynchronous = {path.name for path, text in sources.items() if "non_blocking=True" in text}
    assert asynchronous == {"data_loader.py", "torch_backends.py"}
    assert not [path for path, text in sources.items() if '.to("cpu", torch.float64)' in text]


def answers(root: Path, *lines: str, **environment: str) -> list[str]:
    """What a fresh interpreter without torch prints."""
    code = "\n".join(["import os, sys", f"os.environ.update({environment!r})", *lines])
    command = [sys.executable, "-c", code]
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.splitlines()


def test_torch_is_not_loaded_for_the_processor(root: Path) -> None:
    """Not even by the parts of this room that others need: memory, lanes, tiles, failures."""
    lines = (
        "import numpy as np",
        "from engine.compute import failures, malloc, memory, process_state",
        "from engine.compute.cpu_lanes import lane_executor",
        "from engine.compute.devices import choose_device",
        "from engine.compute.tile_transforms import apply_symmetry, resize_tile",
        "print(choose_device('cpu').name)",
        "with lane_executor(2) as pool, process_state.preserve_process_state():",
        "    tile = np.ones((1, 5, 5), np.float32)",
        "    print(pool.submit(resize_tile, apply_symmetry(tile, 5), 3).result().sum())",
        "memory.free_cached_memory()",
        "print(failures.failed_event(MemoryError()).message, failures.failed_event(OSError(1)).details)",
        "print([n for n in ('torch', 'array_api_compat', 'scipy', 'rasterio') if n in sys.modules])",
    )
    device, total, failure, *_, loaded = answers(root, *lines, OMP_NUM_THREADS="1,1")
    assert (device, total, loaded) == ("CPU (1 thread)", "9.0", "[]")
    assert failure.startswith("There is not enough memory")


def test_a_light_engine_computes_on_the_processor_in_fp32(root: Path) -> None:
    lines = (
        "sys.modules['torch'] = None  # as if it was not installed",
        "from engine.compute.devices import choose_device",
        "from engine.compute.machine import describe_machine",
        "from engine.contract.errors import DeviceError",
        "def tried(*asked):",
        "    try:",
        "        device = choose_device(*asked)",
        "    except DeviceError as error:",
        "        print(error)",
        "    else:",
        "        print(device.kind, device.precision)",
        "for asked in (), ('cpu', 'fp32'), ('cuda:0',), ('mps',), ('cpu', 'bf16'): tried(*asked)",
        "print(describe_machine()['torch'])",
    )
    auto, cpu, cuda, mps, bf16, version = answers(root, *lines)
    assert auto == cpu == "cpu fp32" and not version
    assert cuda.startswith("The device cuda:0 needs PyTorch") and "Set up" in cuda
    assert mps.startswith("The device mps needs PyTorch")
    assert bf16.startswith("The precision bf16 needs PyTorch") and "Set up" in bf16


def test_the_number_of_threads_is_that_of_torch(root: Path) -> None:
    code = (
        "from engine.compute.threads import thread_count",
        "before = thread_count()",
        "import torch",
        "print(before == torch.get_num_threads() == thread_count())",
    )
    assert answers(root, "os.environ.pop('OMP_NUM_THREADS', None)", *code) == ["True"]
    assert answers(root, *code, OMP_NUM_THREADS="1000") == ["True"]
    before = torch.get_num_threads()
    torch.set_num_threads(before + 1)
    counted = thread_count()
    torch.set_num_threads(before)
    assert counted == before + 1


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere torch itself is asked")
def test_the_processor_is_known_without_torch() -> None:
    capabilities = torch.cpu.get_capabilities()
    names = ("amx_bf16", "avx512_bf16", "sve_bf16", "bf16")
    assert has_fast_bf16() == any(capabilities.get(name) for name in names)
    assert processor_name()
