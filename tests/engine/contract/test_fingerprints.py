"""Hashes by which runs, caches and finished masks are found again stay what they are."""

from __future__ import annotations

from pathlib import Path

from engine.contract.paths import file_state
from engine.contract.strict_json import json_digest


def test_a_digest_never_changes() -> None:
    value = {"b": [1, 2.5, None, float("inf")], "a": ("Gebäude", True)}
    assert json_digest(value) == "a2821e15d145828d28d2a24006eb92ee91235f371a4d04526773cb4396c5f0aa"
    assert json_digest(dict(reversed([*value.items()]))) == json_digest(value)


def test_the_state_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    assert file_state(path) == (0, 0)
    path.write_bytes(b"12345")
    assert file_state(path) == (5, path.stat().st_mtime_ns)
    assert file_state("a\0b") == (0, 0)
