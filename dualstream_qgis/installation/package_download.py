"""Downloads packages into a folder, each checked by its hash. Free of Qt."""

from __future__ import annotations

import gzip
import hashlib
import re
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..engine.contract.errors import format_bytes
from ..engine.contract.file_replacement import remove_file
from ..engine.contract.protocol import Progress
from ..engine.contract.translation import tr
from ..engine_process.child_process import CancelledError
from .computer import free_bytes
from .errors import InstallationError
from .step import SILENCE_SECONDS
from .uv_program import with_account

#: Bytes that are read at a time, so that a cancel need not wait.
_BLOCK = 1 << 22

#: ``save(address, file, on_bytes)`` adds what a file still lacks to it, and reports its size again and again; it raises
#: InstallationError, or CancelledError if the user cancels.
Save = Callable[[str, Path, Callable[[int], None]], None]


@dataclass(frozen=True)
class Package:
    """A wheel that uv's lock names.

    Attributes:
        address: Where it is.
        sha256: Its hash; "" if the index states none.
        size: Its bytes; 0 if unknown.
    """

    address: str
    sha256: str = ""
    size: int = 0

    @property
    def name(self) -> str:
        """The name of its file."""
        return unquote(urlsplit(self.address).path.rpartition("/")[2])


def packages_of(lock: str, index: str = "") -> list[Package]:
    """Returns the packages that a lock file of uv (pylock.toml) names, each once.

    Args:
        lock: The content of the file, in whose addresses uv leaves out user and password.
        index: Address of the package index, with user and password if it needs them.
    """
    packages = {}
    for address, details in re.findall(r'url = "([^"]+\.whl)"([^}]*)', lock):
        sha256 = re.search(r'sha256 = "([0-9a-f]{64})"', details)
        size = re.search(r"\bsize = (\d+)", details)
        packages[address] = Package(
            with_account(address, index), sha256[1] if sha256 else "", int(size[1]) if size else 0
        )
    return sorted(packages.values(), key=lambda package: package.name)


class PackageDownload:
    """Downloads packages one after another, and reports the progress by bytes at least every five seconds.

    Args:
        folder: Their folder; created if it does not exist. What is there already is only checked.
        packages: The packages.
        save: Downloads an address into a file.
        report: Takes the progress, some of it without a message.
        cancelled: Returns whether to stop.
    """

    def __init__(
        self,
        folder: Path,
        packages: list[Package],
        save: Save,
        report: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self._folder = folder
        self._packages = packages
        self._save = save
        self._report = report
        self._cancelled = cancelled
        self._total = sum(package.size for package in packages)
        self._done = 0
        self._told = time.monotonic()

    def run(self) -> None:
        """Downloads what is missing, after a look at the disk.

        Raises:
            InstallationError: If the disk is too full, or a package is not what it should be.
            CancelledError: If the user cancels.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        here = sum(self._size_of(package) for package in self._packages)
        free, missing = free_bytes(self._folder), max(self._total - here, 0)
        if self._total:
            told = tr(
                "{} files of {:,.0f} MB in all; {:,.0f} MB are there already, and {} are free"
            )
            sizes = self._total / 1e6, here / 1e6, format_bytes(free)
            self._say(told.format(len(self._packages), *sizes))
        if missing > free:
            sentence = tr(
                "The download needs {} on the disk of {}, and {} are free. Free some space or choose "
                "another folder, and run this again; what was downloaded is kept."
            )
            raise InstallationError(
                sentence.format(format_bytes(missing), self._folder, format_bytes(free)),
                "full disk",
            )
        for package in self._packages:
            size = self._get(package).stat().st_size
            self._total += size - package.size  # an index need not state the size
            self._done += size

    def _get(self, package: Package) -> Path:
        """Returns the file of a package, downloaded if it is not there and checked."""
        file = self._folder / package.name
        is_old = file.is_file()
        if not is_old:
            self._say(tr("Downloading {}").format(package.name))
            part = _part(file)
            if not package.size or self._size_of(package) != package.size:
                self._save(package.address, part, self._tell)
            part.replace(file)
        if not self._is_right(package, file):
            if is_old and not package.sha256:  # an earlier version has kept it unchecked
                remove_file(file)
                return self._get(package)
            remove_file(file)
            raise InstallationError(
                tr(
                    "{} is not the file that DualStream was made for: its content was changed on the way, by a mirror, "
                    "a proxy or a broken disk. It was removed; run this again."
                ).format(file.name),
                "changed package",
            )
        return file

    def _is_right(self, package: Package, file: Path) -> bool:
        """Returns whether a file has the hash of its package, or, without one, is a complete archive."""
        if package.sha256:
            return self._hash(file) == package.sha256
        return not file.name.endswith(".gz") or self._is_complete(file)

    def _is_complete(self, file: Path) -> bool:
        """Returns whether a gzip file can be read to its end; a proxy's page or half a file cannot."""
        try:
            with file.open("rb") as packed, gzip.open(packed) as opened:
                while opened.read(_BLOCK):
                    if self._cancelled():
                        raise CancelledError
                    self._tell(packed.tell())
        except (gzip.BadGzipFile, EOFError, zlib.error):
            return False
        return True

    def _hash(self, file: Path) -> str:
        digest = hashlib.sha256()
        with file.open("rb") as opened:
            while block := opened.read(_BLOCK):
                if self._cancelled():
                    raise CancelledError
                digest.update(block)
                self._tell(opened.tell())
        return digest.hexdigest()

    def _tell(self, size: int) -> None:
        """Reports the bytes of the package that is being downloaded or checked."""
        if time.monotonic() - self._told < SILENCE_SECONDS:
            self._report(Progress(self._fraction(size)))
            return
        done = (self._done + size) / 1e6
        told = tr("{:,.0f} of {:,.0f} MB are there") if self._total else tr("{:,.0f} MB are there")
        self._say(told.format(done, self._total / 1e6), size)

    def _say(self, message: str, size: int = 0) -> None:
        self._told = time.monotonic()
        self._report(Progress(self._fraction(size), message))

    def _fraction(self, size: int) -> float:
        return 0.03 + 0.93 * min((self._done + size) / max(self._total, 1), 1.0)

    def _size_of(self, package: Package) -> int:
        file = self._folder / package.name
        found = next((path for path in (file, _part(file)) if path.is_file()), None)
        return found.stat().st_size if found else 0


def _part(file: Path) -> Path:
    """Returns the path of a file that is not complete."""
    return file.with_name(f"{file.name}.part")
