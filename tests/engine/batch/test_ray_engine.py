"""The engine as a program with a Ray: packaged, on a running cluster, killed."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from tests.engine.synthetic import read_band
from tools import package

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed"),
]

RAY = Path(sys.executable).with_name("ray")


@pytest.fixture
def options(
    make_model: Callable[..., str], write_raster: Callable[..., str], tmp_path: Path
) -> Callable[..., list[str]]:
    """``options(count, height)``: the options of ``segment-folder`` for ``count`` scenes."""

    def make(count: int, height: int) -> list[str]:
        noise = np.random.default_rng(0)
        for number in range(count):
            image = noise.integers(1, 3000, (4, height, 100)).astype(np.uint16)
            write_raster(f"scenes/{number}.tif", image)
        scenes, masks = str(tmp_path / "scenes"), str(tmp_path / "masks")
        words = ["--model", make_model(auxiliary=0), "--scenes", scenes, "--output_folder", masks]
        return [*words, "--overlap", "8", "--runtime", "torch", "--batch_size", "2"]

    return make


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """The folder of the installed plugin."""
    package.write(tmp_path / "plugin.zip", package.members())
    with zipfile.ZipFile(tmp_path / "plugin.zip") as archive:
        archive.extractall(tmp_path / "plugins")
    return tmp_path / "plugins" / package.PLUGIN


def start(options: list[str], folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    environment.pop("PYTHONPATH", None)
    return subprocess.Popen(
        [sys.executable, "-m", "engine", "segment-folder", "--events", "json", *options],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def last(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The last event; each line of a run's output is an event."""
    out, err = process.communicate(timeout=300)
    events = [json.loads(line) for line in out.splitlines()]
    assert events, err
    assert events[0]["event"] == "started" and "ray" not in err.lower(), err
    return events[-1]


def masks(folder: Path) -> dict[str, bytes]:
    paths = sorted((folder / "masks").glob("?.tif"))
    return {path.name: read_band(path).tobytes() for path in paths}


def test_a_killed_engine_leaves_no_process(
    options: Callable[..., list[str]], root: Path, tmp_path: Path
) -> None:
    pool = ["--on", "ray", "--workers", "2", "--cores", "1"]
    words = [*options(6, 3000), *pool]
    process = start(words, root)
    engine = psutil.Process(process.pid)
    family: list[psutil.Process] = []
    while sum("ray::Actor.run" in name(child) for child in family) < 2:
        assert process.poll() is None, process.communicate()
        family = engine.children(recursive=True)
        time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    _, alive = psutil.wait_procs(family, timeout=15)
    # Two helper processes of Ray try for a minute to report the end.
    helpers = {"ray::DashboardAgent", "ray::RuntimeEnvAgent"}
    assert {name(child).strip() for child in alive} <= helpers
    assert not psutil.wait_procs(alive, timeout=75)[1]
    done = last(start(words, root))  # the next run goes on from their rows
    assert done["event"] == "done" and len(masks(tmp_path)) == 6


def name(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


@pytest.fixture
def address() -> Iterator[str]:
    """A cluster of one machine without the engine."""
    folder = tempfile.mkdtemp(prefix="ray-", dir="/tmp")
    environment = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled"}
    port, client = 36379, 30001
    words = ["--head", f"--port={port}", f"--ray-client-server-port={client}", "--num-cpus=2"]
    words += ["--include-dashboard=false", f"--temp-dir={folder}", "--node-ip-address=127.0.0.1"]
    process = subprocess.Popen(
        [RAY, "start", "--block", *words], cwd=folder, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    for line in process.stdout or ():
        if "Ray runtime started" in line:
            break
    yield f"127.0.0.1:{port} ray://127.0.0.1:{client}"
    process.terminate()
    process.communicate(timeout=60)
    shutil.rmtree(folder, ignore_errors=True)


def test_a_running_cluster_computes_for_the_packaged_plugin(
    options: Callable[..., list[str]], plugin: Path, tmp_path: Path, address: str
) -> None:
    words = options(4, 300)
    done = last(start(words, plugin))
    assert done["event"] == "done", done
    expected = masks(tmp_path)
    assert len(expected) == 4
    for on in address.split():
        shutil.rmtree(tmp_path / "masks")
        done = last(start([*words, "--on", on, "--workers", "2", "--cores", "1"], plugin))
        assert done["event"] == "done", done
        assert masks(tmp_path) == expected
    shutil.rmtree(tmp_path / "masks")
    relative = [word.replace(str(tmp_path), "../..") for word in words]
    done = last(start([*relative, "--on", "ray", "--workers", "2", "--cores", "1"], plugin))
    assert done["event"] == "done", done
    assert masks(tmp_path) == expected


def test_no_cluster_answers(options: Callable[..., list[str]], root: Path) -> None:
    failed = last(start([*options(1, 70), "--on", "ray://127.0.0.1:9"], root))
    assert failed["event"] == "failed"
    assert "No Ray cluster answers at ray://127.0.0.1:9" in failed["message"]
