"""The builds of PyTorch: which one fits a computer, and how large it is. Free of Qt."""

from __future__ import annotations

from ..engine.contract.translation import tr
from ..engine_home import LIGHT
from .computer import Computer

AUTOMATIC = "automatic"
#: The package index's own build: CPU on Windows and macOS (with Apple's graphics), CUDA 13 on Linux.
ORDINARY = "default"
#: The parameter's choices; all but the first two are names of uv's option ``--torch-backend``.
CHOICES = (
    AUTOMATIC,
    ORDINARY,
    "cpu",
    "cu126",
    "cu128",
    "cu130",
    "cu132",
    "rocm6.4",
    "rocm7.2",
    "xpu",
)

#: CUDA builds, the newest first, with the CUDA that the driver must support.
CUDA_BUILDS = {"cu132": (13, 2), "cu130": (13, 0), "cu128": (12, 8), "cu126": (12, 6)}
ROCM_BUILDS = ("rocm7.2", "rocm7.1", "rocm7.0", "rocm6.4")
#: CUDA 12.8 and later have no kernels for cards older than this compute capability (Turing).
OLDEST_CAPABILITY = 7.5

#: GB to download and GB on the disk, with all other packages and Python. Of the ordinary builds and Linux's CPU
#: build they are measured or added up from the packages; the others are estimates.
_SIZES = {"cpu": (0.5, 1.8), "cuda": (3.4, 6.9), "rocm": (4.5, 16.0), "xpu": (2.0, 6.0)}
#: The same of the light engine: the disk as measured on Linux, and an estimate of uv's Python.
LIGHT_SIZE = (0.2, 0.8)


def builds_to_try(choice: str, computer: Computer) -> list[str]:
    """Returns builds in the order in which they are tried.

    Which CUDA and ROCm builds exist of one version of PyTorch is known to its index only, so the next older is tried
    where one does not exist. If the choice is automatic the ordinary build is last: it exists everywhere, also where
    the office's network bars the special index.

    Args:
        choice: One of ``CHOICES``, or ``LIGHT``.
        computer: The computer.
    """
    if choice != AUTOMATIC:
        return [choice]
    special = _fitting(computer)
    return [*special, ORDINARY] if ORDINARY not in special else special


def _fitting(computer: Computer) -> list[str]:
    if computer.system == "macos":
        return [ORDINARY]
    if computer.cuda >= CUDA_BUILDS["cu126"]:
        return _cuda_builds(computer)
    if computer.has_rocm:
        return list(ROCM_BUILDS)
    return ["cpu"] if computer.system == "linux" else [ORDINARY]


def _cuda_builds(computer: Computer) -> list[str]:
    if 0 < computer.compute_capability < OLDEST_CAPABILITY:
        return ["cu126"]
    if computer.system == "linux" and computer.cuda >= (13, 0):
        # CUDA 13.x runs on every driver for CUDA 13, and the ordinary build's hashes are known.
        return [ORDINARY]
    return [build for build, cuda in CUDA_BUILDS.items() if cuda <= computer.cuda]


def size(build: str, computer: Computer) -> tuple[float, float]:
    """Returns the GB to download and the GB on the disk."""
    if build == LIGHT:
        return LIGHT_SIZE
    if build == ORDINARY:
        build = "cu" if computer.system == "linux" else "cpu"
    kind = {"cp": "cpu", "cu": "cuda", "ro": "rocm", "xp": "xpu"}[build[:2]]
    return _SIZES[kind]


def title(build: str, computer: Computer) -> str:
    """Returns what a build computes on, such as ``NVIDIA graphics cards (CUDA 12.8)``."""
    if build == ORDINARY and computer.system == "linux":
        return tr("NVIDIA graphics cards (CUDA {})").format("13")
    if build == ORDINARY and computer.system == "macos":
        return tr("Apple's processor and graphics")
    if build.startswith("cu"):
        return tr("NVIDIA graphics cards (CUDA {})").format(f"{build[2:-1]}.{build[-1]}")
    if build.startswith("rocm"):
        return tr("AMD graphics cards (ROCm {})").format(build[4:])
    if build == "xpu":
        return tr("Intel graphics cards")
    return tr("the processor, without graphics cards")


def reason(computer: Computer) -> str:
    """Returns the sentence that says why the automatic choice is what it is."""
    cuda = "{}.{}".format(*computer.cuda)
    if computer.system == "macos":
        return tr("PyTorch for Macs uses Apple's graphics by itself.")
    if computer.cuda >= CUDA_BUILDS["cu126"]:
        return tr("The NVIDIA driver of this computer supports CUDA {}.").format(cuda)
    if computer.cuda > (0, 0):
        return tr(
            "The NVIDIA driver of this computer supports only CUDA {}, and PyTorch needs 12.6: update the driver "
            "and run this again to use the graphics card."
        ).format(cuda)
    if computer.has_rocm:
        return tr("This computer has an AMD graphics card that PyTorch supports.")
    return tr("No graphics card that PyTorch supports was found.")
