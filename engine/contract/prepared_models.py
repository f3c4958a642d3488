"""Models whose graph is in the user's cache: the light engine, without PyTorch, can map with these."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from .file_identity import file_hash
from .strict_json import json_digest
from .version import engine_version

#: The environment variable for another cache folder.
CACHE_VARIABLE = "DUALSTREAM_CACHE"

#: Each system's cache folder: its environment variable, and the default below the home folder.
_SYSTEM_FOLDERS = {"win32": ("LOCALAPPDATA", "AppData/Local"), "darwin": ("", "Library/Caches")}


def cache_folder() -> Path | None:
    """The cache folder, which need not exist: ``DUALSTREAM_CACHE``, or below the system's cache folder.

    None where the system has no such folder, as in a container whose user has no home.
    """
    if folder := os.environ.get(CACHE_VARIABLE):
        return Path(folder)
    variable, below_home = _SYSTEM_FOLDERS.get(sys.platform, ("XDG_CACHE_HOME", ".cache"))
    if folder := os.environ.get(variable):
        return Path(folder) / "dualstream"
    try:
        return Path.home() / below_home / "dualstream"
    except RuntimeError:
        return None


def hash_key(facts: dict[str, Any]) -> str:
    """A hash of facts, for the name of an entry that depends on them."""
    return json_digest(facts)[:32]


def graph_name(path: str, fused: bool) -> str:
    """The cache entry for the graph of a model file, with or without the auxiliary stream."""
    facts = {"model": file_hash(path), "fused": fused, "engine": engine_version()}
    return f"graph-{hash_key(facts)}.onnx"


def is_prepared(path: str) -> bool:
    """Whether the cache has a graph of a model file, which may be damaged; False if the file cannot be read."""
    folder = cache_folder()
    if folder is None:
        return False
    try:
        return any((folder / graph_name(path, fused)).is_file() for fused in (True, False))
    except OSError:
        return False
