"""Consoles: one with few letters, as Korean Windows redirects it, and Ctrl+C in one of Windows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.command_line.registry import INTERRUPTED
from engine.contract.protocol import Failed, decode

#: Letters of which the Korean code page 949 has the first two only.
MODEL = "모델 ü 🛰.safetensors"


def run(root: Path, *words: object) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of an engine whose console has code page 949."""
    # The path is UTF-8 in any locale of the computer.
    consoles = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "cp949", "LC_ALL": "C.UTF-8"}
    settings = {**os.environ, **consoles}
    command = [sys.executable, "-m", "engine", *map(str, words)]
    ended = subprocess.run(command, cwd=root, env=settings, capture_output=True)
    return ended.returncode, ended.stdout.decode("cp949"), ended.stderr.decode("cp949")


def test_a_console_without_some_letters_shows_their_numbers(root: Path, tmp_path: Path) -> None:
    code, _, told = run(root, "info", "--model", tmp_path / MODEL)
    assert code == 2 and "Traceback" not in told
    assert "모델 \\xfc \\U0001f6f0.safetensors" in told


def test_the_protocol_has_all_letters_in_any_console(root: Path, tmp_path: Path) -> None:
    code, lines, _ = run(root, "info", "--model", tmp_path / MODEL, "--events", "json")
    last = decode(lines.splitlines()[-1])
    assert code == 2 and isinstance(last, Failed) and MODEL in last.message


#: Starts the engine in its own console, waits until it works, and presses Ctrl+C there.
PRESS_CTRL_C = """
import ctypes, re, signal, subprocess, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
engine = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True)
for line in engine.stdout:
    print(line, end="", flush=True)
    if re.search("ile [2-9][0-9] of", line):
        ctypes.windll.kernel32.GenerateConsoleCtrlEvent(0, 0)
        break
for line in engine.stdout:
    print(line, end="", flush=True)
sys.exit(engine.wait())
"""


@pytest.mark.skipif(sys.platform != "win32", reason="a console of Windows; see test_sigterm.py")
def test_ctrl_c_keeps_finished_rows(make_model, write_raster, root: Path, tmp_path: Path) -> None:
    noise = np.random.default_rng(0)
    image = write_raster("b.tif", noise.integers(1, 3000, (4, 3000, 100)).astype(np.uint16))
    output = tmp_path / "지도.tif"
    words = ["segment", "--model", make_model(auxiliary=0), "--image", image, "--output", output]
    command = [sys.executable, "-m", "engine", *map(str, words), "--batch_size", "1"]
    ended = subprocess.run(
        [sys.executable, "-c", PRESS_CTRL_C, *command, "--runtime", "torch", "--events", "json"],
        cwd=root,
        capture_output=True,
        text=True,
        encoding="utf-8",
        creationflags=subprocess.CREATE_NO_WINDOW,
    )
    assert ended.returncode == INTERRUPTED, ended.stdout + ended.stderr
    assert decode(ended.stdout.splitlines()[-1]) == Failed("Interrupted.")
    left = {path.name.split("-")[0] for path in tmp_path.glob("지도*")}
    assert left == {"지도.tif.part", "지도.tif.part.json"}, "finished rows, and how many"
