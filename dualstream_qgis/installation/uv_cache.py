"""Removes packages from uv's cache that no environment uses any more, so that it does not grow for ever. Free of Qt.

uv keeps for each package a folder of small files and links, ``wheels-v8/pypi/torch/2.15.0-cp312-...``, which point to
the unpacked package; ``uv cache prune`` removes packages to which nothing points.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..engine.contract.file_replacement import remove_file


def forget_unused(cache: Path, environments: Iterable[Path]) -> int:
    """Removes what points to versions of packages that no environment has.

    Args:
        cache: uv's cache.
        environments: All environments that are kept.

    Returns:
        The number of package versions that ``uv cache prune`` will remove.
    """
    used = {package for folder in environments for package in _installed(folder)}
    if not used:
        return 0  # these environments are built in a way that is unknown here
    forgotten = set()
    for pointer in cache.glob("wheels-v*/**/*-*-*-*"):
        package = _normal(pointer.parent.name), pointer.name.split("-")[0]
        if package in used or (pointer.is_dir() and not pointer.is_symlink()):
            continue
        try:
            remove_file(pointer, is_patient=False)
        except OSError:
            continue  # a scanner holds it: it goes the next time
        if pointer.suffix not in {".msgpack", ".lock"}:
            forgotten.add(package)
    return len(forgotten)


def _installed(environment: Path) -> Iterator[tuple[str, str]]:
    """Yields name and version of each package in an environment."""
    for pattern in ("lib/python*/site-packages/*.dist-info", "Lib/site-packages/*.dist-info"):
        for folder in environment.glob(pattern):
            name, _, version = folder.name[: -len(".dist-info")].partition("-")
            yield _normal(name), version


def _normal(name: str) -> str:
    """Returns a package's name in the form in which all its spellings are equal (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
