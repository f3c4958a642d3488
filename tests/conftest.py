"""Fixtures for all tests. It imports neither torch nor qgis, because the Pythons of both programs read it."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

# The engine does this at its start too. It must be done before torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
if sys.platform == "win32":
    os.add_dll_directory(sys.prefix)
    # For Pythons that tests start without the engine: torch looks there last.
    os.environ["PATH"] = os.pathsep.join([sys.prefix, os.environ["PATH"]])

# No test may download weights, and none may wait for a model hub. Engines that tests start inherit it.
os.environ["HF_HUB_OFFLINE"] = "1"

# Tests read English sentences, whatever language a developer has chosen.
os.environ.pop("DUALSTREAM_LANGUAGE", None)

ROOT = Path(__file__).resolve().parents[1]


def pytest_collection_finish() -> None:
    """Spares the garbage collector the million objects that imports have made: each look took half a second."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # some libraries complain of what is left at the end


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keeps prepared models in a temporary folder, not in the user's cache."""
    os.environ["DUALSTREAM_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def data() -> Callable[[str], Path]:
    """``data("water/vs_sn")``: returns a path in the real test data, or skips the test if it does not exist.

    The data are in the folder of ``DUALSTREAM_DATA``, by default ``shared/data`` beside the checkout.
    """
    folder = Path(os.environ.get("DUALSTREAM_DATA") or ROOT.parent / "shared" / "data")

    def find(name: str = "") -> Path:
        path = folder / name
        if not path.exists():
            pytest.skip(f"no real data at {path}: set DUALSTREAM_DATA to the folder that holds it")
        return path

    return find
