"""Checks with processes of their own: torchrun, a warm engine beside a training, sentences about a missing card."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any

import pytest
import torch

from engine.compute.torchrun_launcher import train_distributed
from engine.contract.errors import EngineError, first_line
from engine.contract.jobs import TrainJob
from engine.contract.protocol import Done, Event, Failed, Metric, Request, decode, encode_request
from tests.gpu.inputs import compared_scene, model_file, train_job
from tests.gpu.setting import Setting
from tests.gpu.table import Value, at_most, required
from tools.locations import ROOT

pytestmark = pytest.mark.gpu

#: The driver that the false nvidia-smi reports.
_OLD_DRIVER = "340.108"


def test_torchrun_with_one_process(setting: Setting, found: list[Value]) -> None:
    """Torchrun with one process."""
    found += _distributed(1, _small_job(setting, "one"))


def test_torchrun_with_two_processes(setting: Setting, found: list[Value]) -> None:
    """Torchrun with two processes, which one card for both refuses in a sentence."""
    job = _small_job(setting, "two")
    if not setting.is_gpu or torch.cuda.device_count() > 1:
        found += _distributed(2, job)
        return
    with pytest.raises(EngineError, match="more processes than GPUs") as caught:
        train_distributed(2, job, lambda event: None)
    found += [
        Value("sentence", first_line(caught.value)),
        Value("exit code", caught.value.exit_code),
    ]


def _small_job(setting: Setting, name: str) -> TrainJob:
    """The job of a training of seconds."""
    small = replace(setting, is_small=True)
    fields = {"output": str(setting.folder / f"{name}.safetensors"), "epochs": 1}
    job = train_job(small, "dualstream-b1", "auto", **fields)
    return replace(job, device="auto" if setting.is_gpu else "cpu")


def _distributed(processes: int, job: TrainJob) -> list[Value]:
    events: list[Event] = []
    start = time.perf_counter()
    done = train_distributed(processes, job, events.append)
    losses = [e.values["loss"] for e in events if isinstance(e, Metric) and "loss" in e.values]
    is_finite = bool(losses) and all(map(math.isfinite, losses))
    return [
        Value("device", str(done.outputs["device_used"])),
        Value("with the start of the processes", time.perf_counter() - start, "s"),
        required("loss", is_finite, "told and finite"),
    ]


def test_warm_engine(setting: Setting, found: list[Value]) -> None:
    """A warm engine beside a training: the first mask, the second, and one while a training runs."""
    fields = {**compared_scene(setting), "model": (str(model_file(setting)),)}
    fields |= {"device": setting.device, "runtime": "torch"}
    job = replace(_small_job(setting, "beside"), epochs=60 if setting.is_gpu else 3)
    config = setting.folder / "beside.json"
    config.write_text(json.dumps(asdict(job)), "utf-8")
    with _engine("serve") as served:
        seconds = [_ask(served, setting, fields, number) for number in range(2)]
        with _engine("train", "--config", str(config)) as training:
            begun = _wait_for(training, "Learning from")
            seconds.append(_ask(served, setting, fields, 2))
            is_beside = training.poll() is None
            last = _last_event(training)
    found += [
        Value("first mask", seconds[0], "s"),
        Value("second mask", seconds[1], "s"),
        Value("mask beside a training", seconds[2], "s"),
        at_most("second mask over first", seconds[1] / seconds[0], 1.0),
        required("training began", begun, "before the third mask"),
        Value("training still ran after the third mask", "yes" if is_beside else "no"),
        required("training ended well", isinstance(last, Done), "with a model"),
    ]


@contextmanager
def _engine(verb: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """An engine process that answers in the worker protocol, and ends with the block."""
    command = [sys.executable, "-m", "engine", verb, *options, "--events", "json"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _ask(
    served: subprocess.Popen[str], setting: Setting, fields: dict[str, Any], number: int
) -> float:
    """Seconds until a serving engine has written a mask."""
    start = time.perf_counter()
    job = {**fields, "output": str(setting.folder / f"served-{number}.tif")}
    stream = _pipe(served.stdin)
    stream.write(encode_request(Request("segment", job)) + "\n")
    stream.flush()
    last = _last_event(served)
    if not isinstance(last, Done):
        raise EngineError(f"the serving engine answered: {last}")
    return time.perf_counter() - start


def _events(process: subprocess.Popen[str]) -> Iterator[Event]:
    for line in _pipe(process.stdout):
        if line.startswith("{"):
            yield decode(line)


def _last_event(process: subprocess.Popen[str]) -> Event | None:
    """The event that ends a run; None if the process ends without one."""
    return next((event for event in _events(process) if isinstance(event, (Done, Failed))), None)


def _wait_for(process: subprocess.Popen[str], text: str) -> bool:
    """Waits for a message that begins with ``text``; whether it came."""
    return any(getattr(event, "message", "").startswith(text) for event in _events(process))


def _pipe(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise AssertionError("started without pipes")
    return stream


def test_missing_card(setting: Setting, found: list[Value]) -> None:
    """Sentences about a missing card: none is visible, or its driver is too old for this torch."""
    folder = setting.folder / "driver"
    _write_false_driver(folder)
    path = os.pathsep.join([str(folder), os.environ.get("PATH", "")])
    plain = _refusal(setting, {})
    old = _refusal(setting, {"PATH": path})
    # A torch for processors has no card to offer whatever the driver is.
    expected = _OLD_DRIVER if torch.version.cuda else "built for the CPU only"
    found += [
        *_sentence("no card is visible", plain, "There is no usable GPU."),
        *_sentence("an old driver", old, expected),
    ]


def _write_false_driver(folder: Path) -> None:
    """Writes an nvidia-smi that reports an old driver."""
    folder.mkdir(exist_ok=True)
    if sys.platform == "win32":
        (folder / "nvidia-smi.bat").write_text(f"@echo {_OLD_DRIVER}\n")
        return
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\necho {_OLD_DRIVER}\n")
    program.chmod(0o755)


def _refusal(setting: Setting, variables: Mapping[str, str]) -> tuple[int, str]:
    """Exit code and last message of a run that asks for a card while none is visible."""
    hidden = {**os.environ, "CUDA_VISIBLE_DEVICES": "", **variables}
    fields = {**compared_scene(setting), "model": [str(model_file(setting))], "device": "cuda"}
    config = setting.folder / "refused.json"
    config.write_text(json.dumps({**fields, "output": str(setting.folder / "refused.tif")}))
    command = [sys.executable, "-m", "engine", "segment", "--config", str(config)]
    run = subprocess.run(
        [*command, "--events", "json"],
        cwd=ROOT,
        env=hidden,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    lines = [line for line in run.stdout.splitlines() if line.startswith("{")]
    return run.returncode, getattr(decode(lines[-1]), "message", "") if lines else ""


def _sentence(name: str, found: tuple[int, str], part: str) -> list[Value]:
    code, text = found
    return [
        Value(f"{name}: exit code", code, "", "2", code == 2),
        Value(f"{name}: sentence", text, "", f"has {part!r}", part in text),
    ]
