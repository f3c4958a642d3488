"""Runs checks one after another in one process: ``python -m benchmarks.gpu_check.worker DEVICE SIZE FOLDER CHECK...``.

It prints a line of JSON with the facts about the machine, then one for each check. After an error it ends, because a
failed CUDA process computes no more: whoever started it starts another for the rest.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import torch

from engine.compute.machine import describe_machine
from engine.compute.malloc import keep_freed_memory
from engine.contract.version import engine_version

from .catalogue import CHECKS, Check
from .results import Result
from .setting import Setting, cores


def main() -> None:
    """Runs the checks that the command line names."""
    device, size, folder, *names = sys.argv[1:]
    setting = Setting(device, size == "small", Path(folder))
    if not setting.is_gpu:
        keep_freed_memory()
    _print({"facts": _facts(setting)})
    for check in [check for check in CHECKS if check.name in names]:
        result = _run(check, setting)
        _print(result.record())
        if result.error:
            return


def _run(check: Check, setting: Setting) -> Result:
    start, cpu = time.perf_counter(), _cpu_seconds()
    module, function = check.target.split(":")
    values, error = (), ""
    try:
        run = getattr(importlib.import_module(f".{module}", __package__), function)
        values = tuple(run(setting, *check.arguments))
    except Exception as failure:  # whatever a check raises is its result
        lines = str(failure).strip().splitlines()
        error = f"{type(failure).__name__}: {lines[0] if lines else 'no message'}"
    used = time.perf_counter() - start, _cpu_seconds() - cpu
    return Result(check.name, check.title, *used, values, error)


def _cpu_seconds() -> float:
    """CPU seconds of this process and of its children that have ended."""
    return sum(os.times()[:4])


def _facts(setting: Setting) -> dict[str, Any]:
    """The machine and the versions of everything that matters."""
    facts: dict[str, Any] = {"engine": engine_version(), **describe_machine()}
    facts |= {"cores": cores(), "memory GiB": round(psutil.virtual_memory().total / 2**30, 1)}
    if setting.is_gpu and torch.cuda.is_available():
        properties = torch.cuda.get_device_properties(setting.device)
        facts["device memory GiB"] = round(properties.total_memory / 2**30, 1)
        facts["compute capability"] = f"{properties.major}.{properties.minor}"
        facts["cuDNN"] = torch.backends.cudnn.version()
    return facts | {"sizes": "small" if setting.small else "full", "device asked": setting.device}


def _print(record: dict[str, Any]) -> None:
    # Not through sys.stdout, where a library may have left half a line.
    os.write(1, f"\n{json.dumps(record)}\n".encode())


if __name__ == "__main__":
    main()
