"""Gets uv, the program that installs Python and packages: one version, known by its hash. Free of Qt.

uv's wheel is a zip that holds the program, so no Python is needed to unpack it. The wheel is kept and the program
unpacked again for each installation, so a changed program is never run.
"""

from __future__ import annotations

import hashlib
import html
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from ..engine.contract.clean_up import CleanUp
from ..engine.contract.file_replacement import atomic_rewrite, discard_file
from ..engine.contract.translation import tr
from .computer import Computer
from .errors import InstallationError

VERSION = "0.13.9"
#: Tags and SHA-256 of uv's wheels, by system and processor, as the Python Package Index states them.
WHEELS = {
    ("windows", "x86_64"): (
        "win_amd64",
        "6a44b2ed8111d2f60d2b92627c5dccda3f7ed7570b18ce115e569cd68c28246b",  # pragma: allowlist secret
    ),
    ("windows", "aarch64"): (
        "win_arm64",
        "eeb92051c2123b9730c46b04cc843cfa4bc7d7b0aec56df431a2215ef4cb0273",  # pragma: allowlist secret
    ),
    ("macos", "aarch64"): (
        "macosx_11_0_arm64",
        "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63",  # pragma: allowlist secret
    ),
    ("linux", "x86_64"): (
        "manylinux_2_17_x86_64.manylinux2014_x86_64",
        "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",  # pragma: allowlist secret
    ),
    ("linux", "aarch64"): (
        "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
        "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",  # pragma: allowlist secret
    ),
}
#: The host of the Python Package Index, if the user names no other index.
ORDINARY_HOST = "pypi.org"

#: Returns the bytes at an address; raises InstallationError.
Fetch = Callable[[str], bytes]


def wheel_name(computer: Computer) -> str:
    """Returns the file name of uv's wheel for a computer."""
    return f"uv-{VERSION}-py3-none-{WHEELS[computer.system, computer.processor][0]}.whl"


def wheel(folder: Path, computer: Computer, index: str, fetch: Fetch) -> Path:
    """Returns the wheel in ``folder``, downloaded if it is not there and verified.

    Args:
        folder: Folder of the wheel; created if it does not exist.
        computer: The computer on which uv is to run.
        index: Address of the package index; "" for the ordinary one.
        fetch: Downloads an address.

    Raises:
        InstallationError: If it cannot be downloaded, or is not the file that it should be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    index, name = index or f"https://{ORDINARY_HOST}/simple", wheel_name(computer)
    kept = folder / name
    if not kept.is_file():
        with atomic_rewrite(kept) as new:
            new.write_bytes(fetch(_address(index, name, fetch)))
    if not _is_right(kept, computer):
        discard_file(kept)
        raise InstallationError(
            tr(
                "The file {} is not the one that DualStream was made for: its content was changed on the way or on "
                "this disk. It was removed. Run this again; if the same is said then, the package index {} hands out "
                "other files: ask who looks after it."
            ).format(kept, _without_password(index))
        )
    return kept


def wheel_of_folder(wheels: Path, computer: Computer) -> Path:
    """Returns the wheel in a folder of packages, verified.

    Raises:
        InstallationError: If it is not there, or is not the file that it should be.
    """
    kept = wheels / wheel_name(computer)
    if not kept.is_file():
        raise InstallationError(
            tr("The folder {} does not contain {}. Fill it again.").format(wheels, kept.name)
        )
    if not _is_right(kept, computer):
        raise InstallationError(
            tr(
                "The file {} is not the one that DualStream was made for: its content was changed on the way or on "
                "this disk. Copy the folder again, or fill it again."
            ).format(kept)
        )
    return kept


def unpack(wheel: Path, folder: Path, computer: Computer) -> Path:
    """Unpacks a verified wheel and returns the program.

    Args:
        wheel: The wheel.
        folder: Folder of the program; created if it does not exist.
        computer: The computer on which uv is to run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = "uv.exe" if computer.system == "windows" else "uv"
    program = folder / name
    with zipfile.ZipFile(wheel) as archive:
        inside = next(entry for entry in archive.namelist() if entry.endswith(f"/scripts/{name}"))
        with atomic_rewrite(program) as new, archive.open(inside) as source, CleanUp() as end:
            shutil.copyfileobj(source, end.enter_context(new.open("wb")))
    program.chmod(0o755)
    return program


def with_account(address: str, page: str) -> str:
    """Returns an address with the user and password of the page that links to it, if it has the same host and port."""
    link, own = urlsplit(address), urlsplit(page)
    is_own = (link.hostname, link.port) == (own.hostname, own.port)
    return link._replace(netloc=own.netloc).geturl() if is_own else address


def _is_right(kept: Path, computer: Computer) -> bool:
    known = WHEELS[computer.system, computer.processor][1]
    return hashlib.sha256(kept.read_bytes()).hexdigest() == known


def _address(index: str, name: str, fetch: Fetch) -> str:
    """Returns the address of a file that a simple index (PEP 503) lists."""
    page = f"{index.rstrip('/')}/uv/"
    for link in re.findall(
        r"""href\s*=\s*["']([^"']+)["']""", fetch(page).decode("utf-8", "replace")
    ):
        address = with_account(urljoin(page, html.unescape(link)), page)
        if unquote(urlsplit(address).path).endswith(f"/{name}"):
            return address.partition("#")[0]
    raise InstallationError(
        tr(
            "The package index {} does not offer {}. Ask who looks after it to add it, or remove the other index in "
            "Options > Processing > Providers > DualStream."
        ).format(_without_password(index), name)
    )


def _without_password(address: str) -> str:
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
