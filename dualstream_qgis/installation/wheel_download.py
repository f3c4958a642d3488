"""Fills the folder of packages for a computer without internet (``wheel_folder.py``). Free of Qt.

uv resolves the requirements for the other system. Its packages, uv and a Python are downloaded one after another, and
each is checked by its hash. What is there already is not downloaded again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .. import engine_home
from ..engine.contract.file_replacement import remove_file
from ..engine.contract.protocol import Progress
from ..engine.contract.translation import tr
from . import requirement_lines, torch_builds, uv_program, wheel_folder
from .errors import NOT_AVAILABLE, InstallationError
from .installer import other_build
from .package_download import Package, PackageDownload, packages_of
from .step import Step, variables_for_uv
from .wheel_order import SYSTEMS, Order


def fill(
    order: Order, uv: Path, report: Callable[[Progress], None], cancelled: Callable[[], bool]
) -> str:
    """Fills the folder.

    Args:
        order: What to download.
        uv: The program, for this computer.
        report: Takes the progress, some of it without a message.
        cancelled: Returns whether to stop; called about ten times a second.

    Returns:
        A warning if the folder holds no Python, which only a Linux with its own can do without; else "".

    Raises:
        InstallationError: If something cannot be downloaded, or is not the file that it should be.
        CancelledError: If the user cancels; what was downloaded is kept.
    """
    order.home.mkdir(parents=True, exist_ok=True)
    order.folder.mkdir(parents=True, exist_ok=True)
    variables = variables_for_uv(order.home, order.index, order.variables or {})
    # The oldest macOS with packages, which all later ones can use.
    variables["MACOSX_DEPLOYMENT_TARGET"] = "14.0"
    step = Step(order.home, variables, cancelled)
    packages = _resolved(order, uv, step, report)
    PackageDownload(order.folder, packages, order.save, report, cancelled).run()
    _remove_other_torch(order.folder, packages)
    uv_program.wheel(order.folder, order.computer, order.index, order.fetch)
    # Set up takes the folder from here on; a missing Python is reported.
    marker = order.folder / wheel_folder.SYSTEM_FILE
    marker.write_text(f"{order.python_name}\n", encoding="utf-8")
    address = _address_of_python(order, uv, step)
    # Under the names by which uv looks for it; uv checks its hash when it installs it.
    date = unquote(urlsplit(address).path.split("/")[-2])
    folder = order.folder / wheel_folder.PYTHON_FOLDER / date
    try:
        PackageDownload(folder, [Package(address)], order.save, report, cancelled).run()
    except InstallationError as error:
        # A proxy may answer with a page of its own; Linux can do without this Python.
        is_page = error.cause == "changed package" and order.computer.system == "linux"
        if error.cause not in NOT_AVAILABLE and not is_page:
            raise
        return _without_python(order, urlsplit(address).hostname or address)
    return ""


def _remove_other_torch(folder: Path, packages: list[Package]) -> None:
    """Removes the PyTorch of an earlier download for another graphics card, because Set up reads the build from it."""
    named = {package.name for package in packages}
    for wheel in folder.glob("torch*-*.whl"):
        if wheel.name not in named:
            remove_file(wheel)


def _resolved(
    order: Order, uv: Path, step: Step, report: Callable[[Progress], None]
) -> list[Package]:
    """Returns the packages with the first build of PyTorch that can be had."""
    for build, following in zip(order.builds, [*order.builds[1:], ""]):
        report(Progress(0.0, _choosing(build, order)))
        lock = order.home / "pylock.download.toml"
        remove_file(lock)
        failed = tr("The packages for the other computer could not be found.")
        try:
            command = _resolve_command(order, uv, build, lock)
            for event in step.run(failed, command, 0.0, 0.03, expected=1e8):
                report(event)
            return packages_of(lock.read_text(encoding="utf-8"), order.index)
        except InstallationError as error:
            if not following or error.cause not in NOT_AVAILABLE:
                raise
            report(Progress(0.0, other_build(following, order.computer)))
    raise AssertionError  # there is at least one build


def _choosing(build: str, order: Order) -> str:
    """Returns which packages are being looked for."""
    if build == torch_builds.LIGHT:
        return tr("Choosing the packages of the light engine, without PyTorch")
    title = torch_builds.title(build, order.computer)
    return tr("Choosing the packages with PyTorch for {}").format(title)


def _resolve_command(order: Order, uv: Path, build: str, lock: Path) -> list[str]:
    requirements, backend = engine_home.requirements_of(build), list[str]()
    if build not in (torch_builds.ORDINARY, torch_builds.LIGHT):
        text = requirement_lines.for_special_build(requirements)
        requirements = order.home / "requirements.download.txt"
        requirements.write_text(text, encoding="utf-8")
        backend = ["--torch-backend", build]
    version = order.python_name.split("-")[1]
    return [
        *(str(uv), "pip", "compile", str(requirements), "--output-file", str(lock), *backend),
        *("--python-platform", SYSTEMS[order.system][1], "--python-version", version),
        *("--format", "pylock.toml", "--only-binary", ":all:", "--no-header", "--quiet"),
    ]


def _address_of_python(order: Order, uv: Path, step: Step) -> str:
    """Returns from where uv would download the Python.

    Raises:
        InstallationError: If uv knows none.
    """
    command = [str(uv), "python", "list", "--all-platforms", "--managed-python", "--only-downloads"]
    command += ["--output-format", "json", order.python_name]
    listed = step.output(tr("uv does not know this Python."), command)
    address = next((str(entry["url"]) for entry in json.loads(listed) if entry["url"]), "")
    if not address:
        raise InstallationError(
            tr(
                "The packages are complete, but uv has no download of Python {} for the other computer. Choose another "
                "version as Python of the other computer and run this again: what was downloaded is kept."
            ).format(order.python_name.split("-")[1]),
            "no package",
        )
    return address


def _without_python(order: Order, host: str) -> str:
    """Returns the warning for Linux; Windows and macOS need the Python.

    Raises:
        InstallationError: On Windows and macOS.
    """
    version = order.python_name.split("-")[1]
    if order.computer.system == "linux":
        return tr(
            "Python {} could not be downloaded, because {} cannot be reached from here. The packages are complete: the "
            "folder works on a computer whose Linux has its own Python {}, the file /usr/bin/python{}. If it has another "
            "version, 3.11 to 3.14, choose that as Python of the other computer and run this again."
        ).format(version, host, version, version)
    raise InstallationError(
        tr(
            "The packages are complete, but Python {} could not be downloaded, because {} cannot be reached from here, "
            "and without it Set up cannot work on the other computer. Run this again where that address is allowed: what "
            "was downloaded is kept."
        ).format(version, host),
        "network",
    )
