"""The launcher: events of its processes arrive, and no process outlives the training."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import torch

from engine.commands import train
from engine.compute.torchrun_launcher import (
    _crash_error,
    _failure_error,
    count_processes,
    train_distributed,
    why_single_process,
)
from engine.contract.errors import EngineError
from engine.contract.jobs import TrainJob
from engine.contract.protocol import Done, Failed, Metric, Progress, Started
from tests.engine.synthetic import squares

needs_torchrun = pytest.mark.skipif(
    sys.platform == "win32", reason="on Windows torch starts no processes that train together"
)

#: A custom loss that fails on rank 1 in the way of the environment variable ``FATE``.
LOSS_MODULE = """
import os, signal
import torch.nn.functional as F

def loss(logits, target):
    if os.environ["RANK"] == "1" and os.environ.get("FATE") == "refuse":
        raise ValueError("no luck")
    if os.environ["RANK"] == "1" and os.environ.get("FATE") == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    return F.binary_cross_entropy_with_logits(logits[:, 0], target.float())
"""


@pytest.fixture
def job(
    write_raster: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> TrainJob:
    """A small training with a custom loss, for two processes of this machine."""
    (tmp_path / "own.py").write_text(LOSS_MODULE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    noise = np.random.default_rng(0)
    labels = squares(noise, 8)
    image = (noise.normal(60, 10, (1, 128, 128)) + 90.0 * labels).astype(np.uint8)
    return TrainJob(
        encoder="mit-b0",
        image=write_raster("image.tif", image),
        labels=write_raster("labels.tif", labels),
        output=str(tmp_path / "out" / "m.safetensors"),
        tile_size=32,
        epochs=1,
        batch_size=2,
        augmentation="none",
        loss="own:loss",
        device="cpu",
    )


@pytest.mark.slow
@needs_torchrun
def test_two_processes_train_to_the_end(
    job: TrainJob, events: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    done = train_distributed(2, job, events)
    assert not [*(tmp_path / "temporary").glob("torchelastic*")], "torchrun's folder for logs"
    assert done.outputs["device_used"].startswith("2 x CPU") and Path(job.output).is_file()
    assert not any(isinstance(event, (Started, Done, Failed)) for event in events.heard)
    shares = [event.fraction for event in events.of(Progress)]
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1)


@pytest.mark.slow
def test_an_error_of_one_process_is_reported_and_ends_all(
    job: TrainJob, events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FATE", "refuse")
    with pytest.raises(EngineError, match="own:loss.*failed.*no luck") as raised:
        train_distributed(2, job, events)
    assert raised.value.exit_code == 2 and not Path(job.output).exists()
    assert not children()


@pytest.mark.slow
def test_a_killed_process_is_a_sentence(
    job: TrainJob, events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FATE", "die")
    with pytest.raises(EngineError, match="memory ran out"):
        train_distributed(2, job, events)
    assert not children()


@needs_torchrun
def test_events_of_two_processes_arrive_and_killing_the_run_ends_both(
    job: TrainJob, tmp_path: Path, root: Path
) -> None:
    """As QGIS cancels: the launcher is killed and cannot clean up."""
    (tmp_path / "job.json").write_text(json.dumps({**asdict(job), "epochs": 500}))
    program = (
        "from engine.compute.torchrun_launcher import train_distributed; "
        "from engine.contract.job_json import read_job; from engine.contract.jobs import TrainJob; "
        f"train_distributed(2, read_job(TrainJob, {str(tmp_path / 'job.json')!r}), "
        "lambda event: print(event, flush=True))"
    )
    command = [sys.executable, "-c", program]
    run = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    try:
        assert run.stdout is not None
        lines: list[str] = []
        while "epoch 1 of 500" not in "".join(lines):
            lines.append(run.stdout.readline())
            assert lines[-1], "it has ended"
        assert not [line for line in lines if line.startswith(("Started", "Done", "Failed"))]
        assert sum("2 processes x batch 2 = 4 tiles a step." in line for line in lines) == 1
        processes = psutil.Process(run.pid).children(recursive=True)
        assert len(processes) >= 3  # torchrun and two ranks
    finally:
        run.send_signal(signal.SIGKILL)
        run.wait()
    _, alive = psutil.wait_procs(processes, timeout=20)
    assert not alive, alive


def children() -> list[psutil.Process]:
    """Running processes that the test has started."""
    return [
        c for c in psutil.Process().children(recursive=True) if "torch" in " ".join(c.cmdline())
    ]


@needs_torchrun
def test_all_means_every_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    assert count_processes("all") == 4 and count_processes("auto") == 1
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("LOCAL_RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert count_processes("all") == 1, "torchrun has started them already"
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.delenv("WORLD_SIZE")
    assert count_processes("all") == 1


def test_a_defect_keeps_its_traceback_and_exit_code() -> None:
    error = _failure_error(Failed("A defect: x.", "Traceback ...\nKeyError: 'x'"))
    assert str(error).endswith("KeyError: 'x'") and error.exit_code == 1
    assert _failure_error(Failed("Too small.")).exit_code == 2


REPORT = """
E0101 10:00:00.000000 77 torch/distributed/elastic/multiprocessing/api.py:1006] failed (exitcode: {code}) local_rank: 1 (pid: 78) of binary: python
Traceback (most recent call last):
  File "<frozen runpy>", line 198, in _run_module_as_main
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
Root Cause (first observed failure):
  rank      : 1 (local_rank: 1)
  exitcode  : {code} (pid: 78)
"""


def test_a_crash_quotes_the_last_lines_of_the_processes() -> None:
    lines = ["one", "two", "three", "libcuda: four", *REPORT.format(code=-11).splitlines()]
    error = _crash_error(1, [line for line in lines if line.strip()])
    assert str(error) == (
        "One of the training's processes stopped before it had finished (exit code -11). Its last output: "
        "two | three | libcuda: four"
    )
    assert error.exit_code == 1
    killed = _crash_error(1, REPORT.format(code=-9).splitlines())
    assert "memory ran out" in str(killed)
    assert "(exit code 3)." in str(_crash_error(3, []))


@needs_torchrun
def test_the_device_all_starts_a_process_for_each_gpu(
    job: TrainJob, events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[int, str]] = []

    def note(processes: int, job: TrainJob, emit: Any) -> Done:
        started.append((processes, job.device))
        return Done("")

    monkeypatch.setattr(train, "train_distributed", note)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    job = replace(job, device="all", loss="ce")
    assert train.train(job, events) == Done("") and started == [(3, "all")]
    with pytest.raises(EngineError, match="validation_share"):
        train.train(replace(job, validation_share=2.0), events)
    assert len(started) == 1, "the job is checked before any process is started"


def test_with_one_gpu_or_none_the_device_all_is_auto(
    job: TrainJob, events: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(EngineError, match="nowhere"):
        train.train(replace(job, device="all", loss="ce", image="nowhere.tif"), events)
    first, second = events.messages(Metric)[:2]
    assert first.startswith("The device all: ") and "Training on CPU" in second


def test_on_windows_the_device_all_is_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    monkeypatch.setattr("engine.compute.torchrun_launcher._IS_WINDOWS", True)
    assert count_processes("all") == 1
    assert why_single_process() == "On Windows torch starts no processes that train together."
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert why_single_process() == "This machine has no usable NVIDIA GPU."
