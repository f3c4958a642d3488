"""Which device a process gets: alone, and as one of several of a training."""

from __future__ import annotations

import pytest
import torch

from engine.compute.devices import choose_device
from engine.contract.errors import DeviceError


@pytest.fixture
def second_of_four(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process as torchrun would start it on a machine of two GPUs, the second of them."""
    for name, value in {"RANK": "3", "LOCAL_RANK": "1", "WORLD_SIZE": "4"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda place: "NVIDIA H200")


def test_all_is_for_training_alone() -> None:
    with pytest.raises(DeviceError, match="all is for training.*segment-folder"):
        choose_device("all")


def test_each_process_has_the_gpu_of_its_number(second_of_four: None) -> None:
    for asked in ("auto", "all", "cuda"):
        found = choose_device(asked, "bf16")
        assert found.torch_device == torch.device("cuda", 1) and found.name == "4 x NVIDIA H200"
    assert choose_device("cpu").torch_device.type == "cpu"
    assert choose_device("cpu").name.startswith("4 x CPU (")


def test_one_device_is_not_for_several_processes(
    second_of_four: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DeviceError, match="'cuda:0' is a single one.*4 processes"):
        choose_device("cuda:0")
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(DeviceError, match="this machine has 1.*--nproc-per-node 1"):
        choose_device("auto", "bf16")


def test_without_gpus_several_processes_share_the_processor(
    second_of_four: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto").torch_device.type == "cpu"
    with pytest.raises(DeviceError, match="no usable GPU"):
        choose_device("all")
