"""The version of the plugin and the engine, which only ``metadata.txt`` states."""

from __future__ import annotations

import configparser
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def engine_version() -> str:
    """The version, such as ``0.1.0``."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(Path(__file__).resolve().parents[2] / "metadata.txt", encoding="utf-8")
    return parser.get("general", "version", fallback="unknown")
