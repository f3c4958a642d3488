"""Folders that several benchmarks share. Standard library only: the packaging program imports it too."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

#: The checkout.
ROOT = Path(__file__).resolve().parents[1]

#: The real test data; a folder ``shared/data`` beside the checkout unless ``DUALSTREAM_DATA`` names another.
DATA = Path(os.environ.get("DUALSTREAM_DATA") or ROOT.parent / "shared" / "data")


def cache_folder() -> Path:
    """Returns the default folder for environments, scenes and models that are kept between runs."""
    return Path(os.environ.get("XDG_CACHE_HOME") or tempfile.gettempdir()) / "dualstream-bench"
