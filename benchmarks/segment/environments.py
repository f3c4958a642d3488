"""Makes the peers' virtual environments with uv and keeps them between runs. Standard library only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.locations import ROOT

#: The packages that the network itself needs, in the engine's own versions.
_NETWORK = ("torch", "rasterio", "safetensors", "transformers", "segmentation-models-pytorch")

#: Of each tool, the measured package first, then the other packages it needs.
PACKAGES = {
    "loop": ("rasterio", *_NETWORK),
    "geoai": ("geoai-py", *_NETWORK),
    "terratorch": ("terratorch", *_NETWORK),
    "onnx": ("onnxruntime", "rasterio", "numpy"),
}

_PINS = ROOT / "engine" / "requirements.txt"


class Unavailable(Exception):  # noqa: N818 (no error: the table says so)
    """A peer cannot be installed here; the message says why."""


def python_of(tool: str, cache: Path) -> str:
    """Returns the Python of a tool's environment, and makes the environment if it is missing.

    Raises:
        Unavailable: If it cannot be made.
    """
    folder = cache / "environments" / tool
    python, stamp = folder / "bin" / "python", folder / ".ready"
    wanted = f"{sys.version_info[:2]} {PACKAGES[tool]}"
    if stamp.is_file() and stamp.read_text() == wanted:
        return str(python)
    print(f"Making the environment of {tool} in {folder} ...", flush=True)
    _uv("venv", "--clear", "--python", sys.executable, str(folder))
    install = ("pip", "install", "--python", str(python), *PACKAGES[tool])
    pinned = ("--constraint", str(_PINS))
    # First the CPU build of torch, whose hashes are not those of the requirements, then the default build, both in the
    # engine's versions; last the tool's own.
    cpu = ("--torch-backend", "cpu", "--no-verify-hashes")
    for extra in ((*cpu, *pinned), pinned, ()):
        try:
            _uv(*install, *extra)
            break
        except Unavailable as error:
            reason = error
    else:
        raise reason
    stamp.write_text(wanted)
    return str(python)


def version_of(tool: str, python: str) -> str:
    """Returns the measured package and its version."""
    name = PACKAGES[tool][0]
    code = f"from importlib.metadata import version; print(version({name!r}))"
    answer = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return f"{name} {answer.stdout.strip()}"


def _uv(*words: str) -> None:
    uv = shutil.which("uv") or str(ROOT / ".venv" / "tools" / "bin" / "uv")
    # A folder of wheels set on the machine may hold a torch that does not fit the rest.
    settings = {**os.environ, "UV_FIND_LINKS": "", "PIP_FIND_LINKS": ""}
    try:
        done = subprocess.run(
            [uv, *words, "-q"], env=settings, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise Unavailable(f"there is no uv ({error})") from error
    if done.returncode:
        raise Unavailable(
            " ".join(done.stderr.split())[-300:] or f"uv ended with {done.returncode}"
        )
