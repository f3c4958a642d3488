"""Facts about this computer that Set up needs: system, processor, graphics card and disk. Free of Qt."""

from __future__ import annotations

import functools
import os
import platform
import re
import shutil
import subprocess  # always a list, never a shell  # nosec B404
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..engine.contract.translation import tr
from ..engine_process.child_process import clean_environment, hidden_window_options

SYSTEMS = {"win32": "windows", "darwin": "macos"}
PROCESSORS = {"amd64": "x86_64", "x64": "x86_64", "arm64": "aarch64"}
#: The oldest macOS for which onnxruntime publishes wheels, and the oldest for which rasterio does for Python 3.12.
OLDEST_MACOS, OLDEST_MACOS_OF_PYTHON_312 = 14, 15
QUERY_SECONDS = 10
#: Where Linux lists the processors that AMD's ROCm can use.
AMD_NODES = Path("/sys/class/kfd/kfd/topology/nodes")
#: Architectures for which PyTorch's ROCm builds have kernels, as ``gfx_target_version`` states them: not the graphics
#: units inside processors.
AMD_TARGETS = {90008, 90010, 90402, 90500, 100300, 110000, 110001, 110002, 120000, 120001}


@dataclass(frozen=True)
class Computer:
    """A computer on which the engine is installed.

    Attributes:
        system: ``windows``, ``macos`` or ``linux``.
        processor: ``x86_64`` or ``aarch64``; on a Mac that of the computer, not of a translated program.
        macos: The major version of macOS; 0 elsewhere.
        libc: ``gnu`` or ``musl`` on Linux, else ``none``.
        cuda: The newest CUDA that the NVIDIA driver supports, ``(0, 0)`` without one.
        compute_capability: The lowest of the NVIDIA cards; 0.0 if unknown.
        has_rocm: Whether there is an AMD card that PyTorch's ROCm builds support.
    """

    system: str
    processor: str
    macos: int = 0
    libc: str = "none"
    cuda: tuple[int, int] = (0, 0)
    compute_capability: float = 0.0
    has_rocm: bool = False

    @property
    def python(self) -> str:
        """The full name of the Python for the engine, so that uv takes none for another processor."""
        version = "3.11" if 0 < self.macos < OLDEST_MACOS_OF_PYTHON_312 else "3.12"
        # Windows on ARM runs x86-64 programs, for which all packages exist.
        processor = "x86_64" if self.system == "windows" else self.processor
        return f"cpython-{version}-{self.system}-{processor}-{self.libc}"

    def refusal(self) -> str:
        """Returns why the engine cannot be installed here, "" if it can."""
        if self.system == "macos" and self.processor != "aarch64":
            return tr(
                "DualStream's engine cannot be installed on a Mac with an Intel processor: PyTorch has no package for "
                "it any more. Use a Mac with an Apple processor, Windows or Linux; nothing was downloaded."
            )
        if 0 < self.macos < OLDEST_MACOS:
            return tr(
                "DualStream's engine needs macOS {} or later, and this is macOS {}. Update macOS in System Settings > "
                "General > Software Update and run this again; nothing was downloaded."
            ).format(OLDEST_MACOS, self.macos)
        is_known = self.system in {"windows", "macos", "linux"} and self.libc != "musl"
        if not is_known or self.processor not in {"x86_64", "aarch64"}:
            return tr(
                "DualStream's engine cannot be installed on this system, {}: PyTorch has no package for it. It has "
                "packages for Windows, macOS on Apple processors, and Linux with glibc on x86-64 and ARM64; nothing "
                "was downloaded."
            ).format(f"{self.system} {self.processor} {self.libc}".strip())
        return ""


@functools.lru_cache(maxsize=1)
def this_computer() -> Computer:
    """Returns this computer; it is asked once, because a driver may take a second to answer."""
    system = SYSTEMS.get(sys.platform, sys.platform)
    machine = platform.machine().lower()
    cuda, capability = nvidia(clean_environment())
    return Computer(
        system=system,
        processor="aarch64" if _is_apple(system) else PROCESSORS.get(machine, machine),
        macos=_macos_version() if system == "macos" else 0,
        libc=_libc() if system == "linux" else "none",
        cuda=cuda,
        compute_capability=capability,
        has_rocm=system == "linux" and has_rocm(AMD_NODES),
    )


def nvidia(variables: Mapping[str, str]) -> tuple[tuple[int, int], float]:
    """Returns the newest CUDA that the driver supports and the lowest compute capability of the cards.

    Args:
        variables: Environment variables; ``nvidia-smi`` is looked for on their ``PATH``.
    """
    program = shutil.which("nvidia-smi", path=variables.get("PATH"))
    if not program:
        return (0, 0), 0.0
    stated = re.search(r"CUDA Version:\s*(\d+)\.(\d+)", _output([program], variables))
    if stated is None:
        return (0, 0), 0.0
    query = [program, "--query-gpu=compute_cap", "--format=csv,noheader"]
    found = re.findall(r"^\s*(\d+\.\d+)\s*$", _output(query, variables), re.MULTILINE)
    return (int(stated[1]), int(stated[2])), min(map(float, found), default=0.0)


def has_rocm(nodes: Path) -> bool:
    """Returns whether Linux lists an AMD card in ``nodes`` that PyTorch's ROCm builds support."""
    for properties in nodes.glob("*/properties"):
        try:
            target = re.search(r"gfx_target_version (\d+)", properties.read_text(encoding="ascii"))
        except (OSError, ValueError):
            continue
        if target and int(target[1]) in AMD_TARGETS:
            return True
    return False


def free_bytes(folder: Path) -> int:
    """Returns the free space on the disk of a folder that need not exist yet, bytes."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(existing).free


def _is_apple(system: str) -> bool:
    """Returns whether the processor is Apple's; a translated QGIS and its Python report Intel's."""
    return system == "macos" and (
        platform.machine() == "arm64"
        or _output(["/usr/sbin/sysctl", "-n", "hw.optional.arm64"]) == "1"
    )


def _macos_version() -> int:
    """Returns the major version; Python alone reports 10.16 if it was built for an old macOS."""
    stated = _output(["/usr/bin/sw_vers", "-productVersion"], {"SYSTEM_VERSION_COMPAT": "0"})
    major = (stated or platform.mac_ver()[0]).split(".")[0]
    return int(major) if major.isdigit() else 0


def _libc() -> str:
    try:
        return "gnu" if "glibc" in (os.confstr("CS_GNU_LIBC_VERSION") or "") else "musl"
    except (AttributeError, OSError, ValueError):
        return "musl"


def _output(command: list[str], variables: Mapping[str, str] | None = None) -> str:
    """Returns what a short program prints, "" if it fails."""
    try:
        done = subprocess.run(  # a list, never a shell  # nosec B603
            command,
            env={**os.environ, **variables} if variables else None,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=QUERY_SECONDS,
            check=True,
            **hidden_window_options(),
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
