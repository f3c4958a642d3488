"""Folders that tools and benchmarks use. Standard library only, because the system's Python imports it too."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

#: The checkout.
ROOT = Path(__file__).resolve().parents[1]

#: The real test data: the folder of ``DUALSTREAM_DATA``, by default ``shared/data`` beside the checkout.
DATA = Path(os.environ.get("DUALSTREAM_DATA") or ROOT.parent / "shared" / "data")


def cache_folder() -> Path:
    """Returns the default folder of environments, scenes and models, which later runs reuse."""
    return Path(os.environ.get("XDG_CACHE_HOME") or tempfile.gettempdir()) / "dualstream-bench"
