"""Fixtures for all tests. Two interpreters read this file: it imports neither torch nor qgis."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

# As the engine's own start does, and before torch is loaded: waiting threads sleep.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is found out about runtimes stays in a folder of the tests, not in the user's cache."""
    os.environ["DUALSTREAM_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def data() -> Callable[[str], Path]:
    """``data("water/vs_sn")``: a path in the real test data, or a skip where it is absent.

    ``DUALSTREAM_DATA`` says where the data lie; default: ``shared/data`` beside the checkout.
    """
    folder = Path(os.environ.get("DUALSTREAM_DATA") or ROOT.parent / "shared" / "data")

    def find(name: str = "") -> Path:
        path = folder / name
        if not path.exists():
            pytest.skip(f"no real data at {path}: set DUALSTREAM_DATA to the folder that holds it")
        return path

    return find
