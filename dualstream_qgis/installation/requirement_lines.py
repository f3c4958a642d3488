"""Reads ``requirements.txt`` as uv writes it, to leave out what another build of PyTorch brings itself. Free of Qt."""

from __future__ import annotations

import re
from pathlib import Path

#: Packages of the ordinary build on Linux, which other builds replace or do not need.
_OF_ORDINARY_BUILD = re.compile(r"(?:nvidia|cuda)-|triton\b")
#: Packages that every build has under the same version with another content.
_OF_EVERY_BUILD = re.compile(r"(?:torch|torchvision)==")


def entries(text: str) -> list[str]:
    """Returns the requirements of a file, each with its hashes, without comments."""
    lines = (
        line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    )
    return re.sub(r"\\\n\s+", " ", "\n".join(lines)).splitlines()


def has_hashes(file: Path) -> bool:
    """Returns whether a file states the hashes of all its packages."""
    return all("--hash=" in entry for entry in entries(file.read_text(encoding="utf-8")))


def for_special_build(file: Path) -> str:
    """Returns the requirements for a build from PyTorch's own index.

    That index has packages of other content, so PyTorch's hashes are left out; uv checks those of all others.
    """
    kept = [
        entry.partition(" --hash=")[0] if _OF_EVERY_BUILD.match(entry) else entry
        for entry in entries(file.read_text(encoding="utf-8"))
        if not _OF_ORDINARY_BUILD.match(entry)
    ]
    return "\n".join(kept) + "\n"
