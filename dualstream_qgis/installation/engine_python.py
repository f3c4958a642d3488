"""Makes the engine's environment on a Python of uv's own or, where Linux cannot have that, on the system's. Free of Qt."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..engine.contract.protocol import Progress
from ..engine.contract.translation import tr
from . import wheel_folder
from .computer import Computer
from .errors import NOT_AVAILABLE, InstallationError
from .step import Step

#: Folders in which Linux has its Pythons; another one, such as conda's, may vanish at any time.
SYSTEM_FOLDERS = "/usr/bin:/usr/local/bin"
#: The versions for which all packages exist, the one that uv would bring first.
VERSIONS = ("3.12", "3.13", "3.11", "3.14")
#: What a Python of uv's own takes on the disk, bytes.
_BYTES = 0.11e9


def create(
    uv: Path, environment: Path, computer: Computer, wheels: Path | None, step: Step
) -> Iterator[Progress]:
    """Makes the environment.

    Args:
        uv: The program.
        environment: Folder of the environment.
        computer: This computer.
        wheels: Folder of packages that may hold the Python; None: it is downloaded.
        step: Runs the programs.

    Raises:
        InstallationError: If there is no Python.
        CancelledError: If the user cancels.
    """
    yield Progress(0.03, tr("Creating a Python environment for the engine"))
    failed = tr("Python for the engine could not be installed.")
    wanted = wheel_folder.python_in(wheels, computer) if wheels else computer.python
    command = [str(uv), "venv", "--no-project", "--clear"]
    system = system_python([wanted.split("-")[1]] if wheels else VERSIONS, computer)
    if wheels is None or wheel_folder.has_python(wheels):
        managed = [*command, "--managed-python", "--python", wanted, str(environment)]
        try:
            yield from step.run(failed, managed, 0.03, 0.08, expected=_BYTES)
            return
        except InstallationError as error:
            if not system or error.cause not in NOT_AVAILABLE:
                raise
        yield Progress(
            0.05, tr("Python cannot be downloaded: using the system's, {}").format(system)
        )
    elif not system:
        raise InstallationError(_missing(wheels, wanted, computer), "no package")
    else:
        yield Progress(
            0.05, tr("The folder holds no Python: using the system's, {}").format(system)
        )
    yield from step.run(failed, [*command, "--python", system, str(environment)], 0.05, 0.08)


def system_python(versions: Iterable[str], computer: Computer) -> str:
    """Returns the first Python of one of the versions that Linux has, "" for none and on other systems.

    Its name holds the version, so an upgrade of the system removes it: then the environment is known to be broken.
    """
    if computer.system != "linux":
        return ""
    found = (shutil.which(f"python{version}", path=SYSTEM_FOLDERS) for version in versions)
    return next((path for path in found if path), "")


def _missing(wheels: Path, wanted: str, computer: Computer) -> str:
    version = wanted.split("-")[1]
    if computer.system != "linux":
        return tr(
            "The folder {} holds no Python {}, without which nothing can be installed here. Run Download for another "
            "computer again where its server can be reached: what was downloaded is kept."
        ).format(wheels, version)
    return tr(
        "The folder {} holds no Python, its packages are made for Python {}, and this computer has none of that version "
        "in {}. Install it from the system's packages, or fill the folder again for a Python that is there."
    ).format(wheels, version, SYSTEM_FOLDERS.replace(":", ", "))
