"""The cache returns what was written or nothing, and stays small."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pytest

from engine.contract.prepared_models import hash_key
from engine.runtimes import user_cache as cache


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.parametrize(
    ("system", "variables", "expected"),
    [
        ("linux", {}, "home/.cache/dualstream"),
        ("linux", {"XDG_CACHE_HOME": "elsewhere"}, "elsewhere/dualstream"),
        ("darwin", {"XDG_CACHE_HOME": "elsewhere"}, "home/Library/Caches/dualstream"),
        ("win32", {"LOCALAPPDATA": "local"}, "local/dualstream"),
        ("win32", {}, "home/AppData/Local/dualstream"),
        ("win32", {cache.VARIABLE: "mine", "LOCALAPPDATA": "local"}, "mine"),
    ],
)
def test_the_folder_of_each_system(
    system: str, variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (cache.VARIABLE, "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(Path, "home", lambda: Path("home"))
    assert cache.cache_folder() == Path(expected)


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_without_a_home_nothing_is_kept(
    system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in (cache.VARIABLE, "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(Path, "home", home)
    assert cache.cache_folder() is None
    cache.write_entry("a", b"graph")
    cache.write_json("b", {"seconds": 0.5})
    assert cache.read_entry("a") is None and cache.read_json("b") == {}
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    assert cache.cache_folder() == (None if system == "darwin" else tmp_path / "dualstream")


def test_entries_come_back(folder: Path) -> None:
    assert cache.read_entry("a") is None and cache.read_json("b") == {}
    cache.write_entry("a", b"graph")
    cache.write_json("b", {"seconds": 0.5})
    entry = cache.read_entry("a")
    assert entry == (b"graph", hashlib.sha256(b"graph").hexdigest())
    assert cache.read_json("b") == {"seconds": 0.5}
    cache.discard_entry("a")
    cache.discard_entry("a")
    assert cache.read_entry("a") is None
    cache.write_entry("a", b"graph")
    assert sorted(path.name for path in folder.iterdir()) == ["a", "b"]


@pytest.mark.parametrize("damage", [b"", b"short", None])
def test_a_damaged_entry_is_none(damage: bytes | None, folder: Path) -> None:
    cache.write_json("a", {"seconds": 0.5})
    whole = bytearray((folder / "a").read_bytes())
    whole[-2] ^= 1  # one bit: another number
    (folder / "a").write_bytes(whole if damage is None else damage)
    assert cache.read_entry("a") is None and cache.read_json("a") == {}


@pytest.mark.parametrize("content", [b"not JSON", b"\xff", b"[1]", b"[" * 10_000])
def test_an_entry_that_is_not_json_is_missing(content: bytes, folder: Path) -> None:
    cache.write_entry("a", content)
    assert cache.read_json("a") == {}


def test_where_nothing_can_be_written(folder: Path) -> None:
    folder.write_text("a file, where the folder should be")
    cache.write_entry("a", b"graph")
    assert cache.read_entry("a") is None


def test_the_least_recently_used_entries_are_removed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_MAX_CACHE_BYTES", 450)
    key = hash_key({})
    new, middle, old, last, half = names = [
        f"graph-{key}.onnx",
        f"speed-{key}.json",
        f"check-{key}.json",
        f"graph-{key[::-1]}.onnx",
        f"speed-{key[::-1]}.json.part",  # left by a killed run
    ]
    folder.mkdir()
    others = ["holiday.jpg", "graph-7.onnx", "notes/page", f"graph-{key}.onnx.backup"]
    for name in others:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(bytes(1000))
        os.utime(folder / name, (1e8, 1e8))
    for age, name in enumerate((new, middle, old)):
        cache.write_entry(name, bytes(100))
        os.utime(folder / name, (1e9 - age, 1e9 - age))
    (folder / half).write_bytes(bytes(100))
    os.utime(folder / half, (1e8, 1e8))
    assert cache.read_entry(old) is not None, "reading it is using it"
    cache.write_entry(last, bytes(100))
    found = {name for name in (*names, *others) if (folder / name).exists()}
    assert found == {last, new, old, *others}, "files with other names stay"


def test_names_depend_on_every_fact() -> None:
    one = hash_key({"a": 1, "b": 2})
    assert one == hash_key({"b": 2, "a": 1}) != hash_key({"a": 1, "b": 3})
