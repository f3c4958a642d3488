"""The free space on the disk, as the tests of the row journal need it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest


@pytest.fixture
def set_free_space(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """``set_free_space(bytes)`` on all disks."""

    def apply(free: int) -> None:
        usage = SimpleNamespace(total=10**9, used=0, free=free)
        monkeypatch.setattr("engine.outputs.row_journal.shutil.disk_usage", lambda _: usage)

    return apply
