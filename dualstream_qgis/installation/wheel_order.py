"""The content of the folder of packages for another computer: its system, its graphics card, its Python. Free of Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..engine.contract.translation import tr
from . import torch_builds, uv_program
from .computer import Computer
from .engine_python import VERSIONS
from .errors import InstallationError
from .package_download import Save

#: The systems with uv's names for their platforms. Python 3.11 has packages for macOS 14 and later.
SYSTEMS = {
    "windows": (Computer("windows", "x86_64"), "x86_64-pc-windows-msvc"),
    "macos": (Computer("macos", "aarch64", 14), "aarch64-apple-darwin"),
    "linux": (Computer("linux", "x86_64", libc="gnu"), "x86_64-manylinux_2_28"),
    "linux-arm": (Computer("linux", "aarch64", libc="gnu"), "aarch64-manylinux_2_28"),
}
#: The graphics cards of the other computer: none, NVIDIA with a driver for CUDA 13, an older one, AMD.
CARDS = ("none", "nvidia", "nvidia-older", "amd")
#: Versions of Python for which a folder can be made; "" stands for the one that Set up would take.
PYTHONS = tuple(sorted(VERSIONS))


@dataclass(frozen=True)
class Order:
    """A request for a download: what to download, and how.

    Attributes:
        folder: The folder; created if it does not exist.
        system: One of ``SYSTEMS``.
        builds: Builds of PyTorch; the first one that is available is taken; for the light engine ``LIGHT`` alone.
        home: The engine's home on this computer, for uv's cache.
        fetch: Returns the bytes at an address.
        save: Downloads an address into a file.
        python: One of ``PYTHONS``; "" for the one that Set up takes.
        index: Address of the package index; "" for the ordinary one.
        variables: Environment variables for uv, with the proxy and the certificates.
    """

    folder: Path
    system: str
    builds: tuple[str, ...]
    home: Path
    fetch: uv_program.Fetch
    save: Save
    python: str = ""
    index: str = ""
    variables: Mapping[str, str] | None = None

    @property
    def computer(self) -> Computer:
        """The other computer."""
        return SYSTEMS[self.system][0]

    @property
    def python_name(self) -> str:
        """The full name of its Python."""
        parts = self.computer.python.split("-")
        return "-".join([parts[0], self.python or parts[1], *parts[2:]])


def builds_for(system: str, card: str) -> tuple[str, ...]:
    """Returns the builds of PyTorch to try for a system and a graphics card.

    Raises:
        InstallationError: If PyTorch has none for them.
    """
    computer = SYSTEMS[system][0]
    if card == "none":
        return tuple(torch_builds.builds_to_try(torch_builds.AUTOMATIC, computer))
    kinds = {"nvidia": {"cuda": (13, 0)}, "nvidia-older": {"cuda": (12, 6)}}
    if card == "amd" and system == "linux":
        computer = replace(computer, has_rocm=True)
    elif card in kinds and system != "macos":
        computer = replace(computer, **kinds[card])
    else:
        raise InstallationError(
            tr(
                "PyTorch has no packages for the graphics card {} on the system {}. Choose none: the processor is "
                "used then, and on a Mac Apple's graphics as well."
            ).format(card, system)
        )
    fitting = torch_builds.builds_to_try(torch_builds.AUTOMATIC, computer)
    # The ordinary build would not use the card, where it is not the one that fits.
    return tuple(build for build in fitting if build != torch_builds.ORDINARY) or tuple(fitting)
