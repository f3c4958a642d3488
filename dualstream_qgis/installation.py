"""Builds the engine's Python environment with uv, so that the user needs no terminal. Free of Qt.

uv (``uv_program.py``) fetches a Python of its own, makes an environment of it in the engine's home (``engine_home.py``)
and installs ``engine/requirements.txt`` with the build of PyTorch that fits the computer (``torch_builds.py``). The
environment is used from the moment at which all of it is there and PyTorch can be loaded.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from . import engine_home, requirement_lines, torch_builds, uv_program, wheel_folder
from .computer import Computer, free_bytes
from .engine.contract.file_lock import try_lock
from .engine.contract.protocol import Progress
from .engine_home import python_of_environment
from .folder_growth import folder_size
from .installation_errors import InstallationError
from .installation_step import Step

#: Causes after which the next build of PyTorch is tried, or another Python: their source cannot be used.
_NOT_AVAILABLE = {"proxy", "certificate", "network", "refused", "no package"}
#: What a repaired or changed environment adds to the disk at least, bytes.
_LEAST_BYTES = 1_000_000_000
#: Loading these finds missing system libraries, such as the Visual C++ runtime.
_TRIAL = "import torch, torchvision, transformers, rasterio, pyogrio, onnxruntime"

_FULL = (
    "The installation needs about {:.1f} GB on the disk of {}, and {:.1f} GB are free. Free some space and run "
    "this again; what was downloaded is kept."
)
_TAKEN = "DualStream is being set up by another window of QGIS. Wait until that is done."


@dataclass(frozen=True)
class Order:
    """What is to be installed, and from where.

    Attributes:
        home: The engine's home.
        computer: This computer.
        fetch: Downloads an address through QGIS's network.
        choice: One of ``torch_builds.CHOICES``.
        index: Address of the package index; "" for the ordinary one.
        wheels: Folder with all packages, so that no network is needed; None: they are downloaded.
        variables: Environment variables for uv, with the proxy and the certificates.
    """

    home: Path
    computer: Computer
    fetch: uv_program.Fetch
    choice: str = torch_builds.AUTOMATIC
    index: str = ""
    wheels: Path | None = None
    variables: Mapping[str, str] | None = None


def build(order: Order, cancelled: Callable[[], bool]) -> Iterator[Progress]:
    """Builds an environment beside the one in use and then uses it.

    Args:
        order: What to install.
        cancelled: Returns whether to stop; called about ten times a second.

    Yields:
        The progress, each with a line for the log, at least every five seconds.

    Raises:
        InstallationError: If a step fails, or the engine cannot be installed on this computer.
        CancelledError: If ``cancelled`` returned true; the next run reuses what was downloaded.
    """
    refusal = order.computer.refusal()
    if refusal:
        raise InstallationError(refusal)
    if order.wheels is not None:
        wheel_folder.python_in(order.wheels, order.computer)
    _check_disk(order, _builds(order)[0])
    order.home.mkdir(parents=True, exist_ok=True)
    with try_lock(order.home / "setup.lock") as is_free:
        if not is_free:
            raise InstallationError(_TAKEN)
        reached = 0.0
        for event in _build(order, cancelled):
            reached = max(reached, event.fraction)  # a second attempt starts again
            yield Progress(reached, event.message)


def _build(order: Order, cancelled: Callable[[], bool]) -> Iterator[Progress]:
    engine_home.remove_unused(order.home)
    yield Progress(
        0.0, f"Getting uv {uv_program.VERSION}, the program that installs Python packages"
    )
    folder = order.home / "uv"
    uv = uv_program.get(folder, order.computer, order.index, order.fetch, order.wheels)
    yield Progress(0.03, "uv is verified")
    environment = engine_home.new_folder(order.home)
    step = Step(order.home, _variables(order), cancelled)
    try:
        yield from _create(uv, environment, order, step)
        installed = yield from _install_packages(uv, environment, order, step)
        yield from _compile(environment, step)
        yield Progress(0.96, "Loading PyTorch for the first time")
        trial = [str(python_of_environment(environment)), "-c", _TRIAL]
        yield from step.run("PyTorch was installed but cannot be loaded", trial, 0.96, 0.99)
        engine_home.switch(order.home, environment, installed)
        # The one before stays until the next time: a training in another window may be using it.
    except BaseException:
        # Also after a cancel: what was downloaded stays in the cache.
        engine_home.remove(environment)
        raise


def _builds(order: Order) -> list[str]:
    """Returns the builds of PyTorch to try; a folder of packages holds one."""
    if order.wheels is not None:
        return [wheel_folder.build_in(order.wheels)]
    return torch_builds.builds_to_try(order.choice, order.computer)


def _check_disk(order: Order, build: str) -> None:
    wanted = torch_builds.size(build, order.computer)[1] * 1e9
    wanted = max(_LEAST_BYTES, wanted - folder_size(order.home / "cache"))
    free = free_bytes(order.home)
    if free < wanted:
        raise InstallationError(_FULL.format(wanted / 1e9, order.home, free / 1e9), "full disk")


def _variables(order: Order) -> dict[str, str]:
    """Returns uv's environment variables: certificates of the system, and all its files in the engine's home."""
    variables = {
        **(order.variables or {}),
        "UV_CACHE_DIR": str(order.home / "cache"),
        "UV_PYTHON_INSTALL_DIR": str(order.home / "python"),
        "UV_PYTHON_INSTALL_BIN": "0",
        "UV_PYTHON_INSTALL_REGISTRY": "0",
        # uv knows only Mozilla's certificates otherwise; the second name is that of older versions.
        "UV_SYSTEM_CERTS": "1",
        "UV_NATIVE_TLS": "1",
        "UV_HTTP_TIMEOUT": "60",
        "PYTHONUNBUFFERED": "1",
    }
    variables.pop("UV_TORCH_BACKEND", None)
    if order.index:
        variables["UV_DEFAULT_INDEX"] = order.index
    if order.wheels is not None:
        variables["UV_PYTHON_INSTALL_MIRROR"] = (order.wheels / "python").resolve().as_uri()
    return variables


def _create(uv: Path, environment: Path, order: Order, step: Step) -> Iterator[Progress]:
    """Makes the environment on a Python of uv's own or, where Linux cannot download one, on the system's."""
    yield Progress(0.03, "Creating a Python environment for the engine")
    failed = "Python for the engine could not be installed"
    python = order.computer.python
    if order.wheels is not None:
        python = wheel_folder.python_in(order.wheels, order.computer)
    command = [str(uv), "venv", "--no-project", "--clear"]
    managed = [*command, "--managed-python", "--python", python, str(environment)]
    try:
        yield from step.run(failed, managed, 0.03, 0.08, expected=0.11e9)
    except InstallationError as error:
        system = (
            shutil.which("python3", path="/usr/bin") if order.computer.system == "linux" else None
        )
        if system is None or error.cause not in _NOT_AVAILABLE:
            raise
        # The name with the version, which an upgrade of the system removes: then the environment is known to be broken.
        system = str(Path(system).resolve())
        yield Progress(0.05, f"Python cannot be downloaded: using the system's, {system}")
        yield from step.run(failed, [*command, "--python", system, str(environment)], 0.05, 0.08)


def _install_packages(uv: Path, environment: Path, order: Order, step: Step) -> Iterator[Progress]:
    """Installs the packages with the first build of PyTorch that can be had, and returns that build."""
    builds = _builds(order)
    for build, following in zip(builds, [*builds[1:], ""]):
        _check_disk(order, build)
        yield Progress(0.08, f"Installing PyTorch for {torch_builds.title(build, order.computer)}")
        command = _install_command(uv, environment, build, order)
        expected = torch_builds.size(build, order.computer)[1] * 1e9
        try:
            failed = "The packages could not be installed"
            yield from step.run(failed, command, 0.08, 0.85, expected=expected)
            return build
        except InstallationError as error:
            if not following or error.cause not in _NOT_AVAILABLE:
                raise
            other = torch_builds.title(following, order.computer)
            download, _ = torch_builds.size(following, order.computer)
            reason = f"That build of PyTorch cannot be downloaded ({error.cause})"
            yield Progress(0.08, f"{reason}: taking the one for {other}, about {download:g} GB")
    raise AssertionError  # there is at least one build


def _install_command(uv: Path, environment: Path, build: str, order: Order) -> list[str]:
    requirements = engine_home.REQUIREMENTS
    command = [str(uv), "pip", "install", "--only-binary", ":all:"]
    command += ["--python", str(python_of_environment(environment))]
    if order.wheels is not None:
        command += ["--no-index", "--find-links", str(order.wheels)]
    if build == torch_builds.ORDINARY:
        if requirement_lines.has_hashes(requirements):
            command.append("--require-hashes")
        return [*command, "--requirement", str(requirements)]
    special = order.home / "requirements.txt"
    special.write_text(requirement_lines.for_special_build(requirements), encoding="utf-8")
    command += ["--requirement", str(special)]
    return command if order.wheels is not None else [*command, "--torch-backend", build]


def _compile(environment: Path, step: Step) -> Iterator[Progress]:
    """Compiles the packages once; otherwise the first start of the engine would do it for minutes."""
    folder = environment / ("Lib" if sys.platform == "win32" else "lib")
    total = sum(1 for _ in folder.rglob("*.py"))
    yield Progress(0.85, f"Preparing {total:,} Python files for a fast start")
    command = [str(python_of_environment(environment)), "-m", "compileall", "-j", "0", str(folder)]
    # Some packages carry templates that are no valid Python: a file that cannot be compiled is no failure.
    yield from step.run_counted(command, "Compiling", total, 0.85, 0.96)
