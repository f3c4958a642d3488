"""The device of a process, alone and as a rank of a distributed training."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine.compute.devices import choose_device
from engine.compute.transfers import send, send_indices
from engine.contract.errors import DeviceError


@pytest.fixture
def second_of_four(monkeypatch: pytest.MonkeyPatch) -> None:
    """Environment of rank 3 of 4, the second on a machine with two GPUs."""
    for name, value in {"RANK": "3", "LOCAL_RANK": "1", "WORLD_SIZE": "4"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "NVIDIA H200")


def test_all_is_refused_outside_a_distributed_training() -> None:
    with pytest.raises(DeviceError, match="all is for training.*segment-folder"):
        choose_device("all")


def test_each_rank_has_the_gpu_of_its_local_rank(second_of_four: None) -> None:
    for name in ("auto", "all", "cuda"):
        device = choose_device(name, "bf16")
        assert device.torch_device == torch.device("cuda", 1) and device.name == "4 x NVIDIA H200"
    device = choose_device("cpu")
    assert device.kind == "cpu" and device.name.startswith("4 x CPU (")


def test_a_single_device_is_refused_for_several_ranks(
    second_of_four: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DeviceError, match="'cuda:0' is a single one.*4 processes"):
        choose_device("cuda:0")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(DeviceError, match="this machine has 1.*--nproc-per-node 1"):
        choose_device("auto", "bf16")


def test_ranks_without_gpus_use_the_cpu(
    second_of_four: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto").kind == "cpu"
    with pytest.raises(DeviceError, match="no usable GPU"):
        choose_device("all")


def test_values_are_sent_in_the_type_of_the_target() -> None:
    target = torch.zeros(2, dtype=torch.float32)
    assert send(torch.tensor([0.5], dtype=torch.float64), target).dtype == torch.float32
    assert send_indices(torch.tensor([1]), target).dtype == torch.int64


def test_only_pinned_memory_is_copied_without_waiting(root: Path) -> None:
    """Apple's GPUs may read a temporary after its memory is freed, and have no float64."""
    sources = {path: path.read_text("utf-8") for path in (root / "engine").rglob("*.py")}
    asynchronous = {path.name for path, text in sources.items() if "non_blocking=True" in text}
    assert asynchronous == {"data_loader.py", "predictor.py"}
    assert not [path for path, text in sources.items() if '.to("cpu", torch.float64)' in text]
