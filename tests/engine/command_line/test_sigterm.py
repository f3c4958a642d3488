"""SIGTERM, which schedulers send, ends a run as Ctrl-C does: with its last event, and with nothing half written."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.batch import ray_cluster
from engine.command_line.registry import INTERRUPTED
from engine.contract.protocol import Failed, Progress, Started, Warned, decode

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no process is asked there")


def run(root: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "engine", *words, "--events", "json"]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=root, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def test_it_ends_a_run_over_scenes_with_a_summary_and_rows_to_go_on_from(
    make_model, write_raster, root, tmp_path
) -> None:
    """In the middle of the second scene, which is large."""
    noise = np.random.default_rng(0)
    for name, height in (("a", 80), ("b", 3000)):
        image = noise.integers(1, 3000, (4, height, 100)).astype(np.uint16)
        write_raster(f"in/{name}.tif", image)
    out = tmp_path / "out"
    words = ("--model", make_model(auxiliary=0), "--scenes", str(tmp_path / "in"))
    options = ("--output_folder", str(out), "--batch_size", "1", "--runtime", "torch")
    with run(root, "segment", *words, *options) as process:
        for line in process.stdout:
            event = decode(line)
            if isinstance(event, Progress) and "b, tile 12 of" in event.message:
                break
        process.send_signal(signal.SIGTERM)
        events = [decode(line) for line in process.communicate(timeout=60)[0].splitlines()]
        assert process.returncode == INTERRUPTED == 130
    assert events[-1] == Failed("Interrupted.")
    assert any(isinstance(e, Warned) and "rows; the same command" in e.message for e in events)
    assert "this list lacks 1 scene." in (out / "summary.html").read_text()
    left = sorted(path.name for path in out.iterdir() if not path.name.startswith("b.tif.part-"))
    kept = ["b.tif.part.json", "summary.csv", "summary.html"]
    assert left == ["a.qml", "a.tif", "a.tif.aux.xml", *kept]
    assert len([*out.glob("b.tif.part-*")]) == 1, "the finished rows"


def test_it_ends_an_engine_that_waits_or_loads(root) -> None:
    with run(root, "serve") as process:
        process.stdin.write('{"verb":"info","job":{"bands":3}}\n')
        process.stdin.flush()
        assert isinstance(decode(process.stdout.readline()), Started)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == INTERRUPTED  # with its input still open
        assert [decode(line) for line in process.stdout] == [Failed("Interrupted.")]


def test_ray_does_not_take_the_signal_over() -> None:
    """Its own answer ends the process at once, also while it starts."""
    before = signal.getsignal(signal.SIGTERM)
    with ray_cluster._restored_sigterm():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(15))
    assert signal.getsignal(signal.SIGTERM) is before
    with pytest.raises(KeyboardInterrupt), ray_cluster._restored_sigterm():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(15))
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
