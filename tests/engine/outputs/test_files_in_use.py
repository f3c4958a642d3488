"""Files that another program has open: Windows then replaces and removes none of them."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from engine.commands.segment import segment
from engine.contract import file_replacement
from engine.contract.errors import JobError
from engine.contract.jobs import SegmentJob
from engine.contract.output_files import check_writable, remove_leftovers, rows_path
from engine.runtimes import user_cache

on_windows = pytest.mark.skipif(sys.platform != "win32", reason="elsewhere nothing is refused")

HOLD = """
import sys
with open(sys.argv[1], "rb"):
    print(flush=True)
    sys.stdin.read()
"""

Hold = Callable[[Path], AbstractContextManager[None]]


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> Hold:
    """``with hold(path)``: another program has the file open for reading, longer than anybody waits."""
    monkeypatch.setattr(file_replacement, "ATTEMPTS", 2)

    @contextmanager
    def held(path: Path) -> Iterator[None]:
        command = [sys.executable, "-c", HOLD, str(path)]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
            assert process.stdout is not None
            process.stdout.readline()
            yield
            process.communicate()

    return held


@on_windows
def test_an_output_that_is_open_is_refused_before_the_run(hold: Hold, tmp_path: Path) -> None:
    mask = tmp_path / "지도.tif"
    mask.write_bytes(b"old")
    with hold(mask), pytest.raises(JobError, match="is the file open in QGIS"):
        check_writable(mask)
    assert mask.read_bytes() == b"old" and [*tmp_path.iterdir()] == [mask]
    check_writable(mask)


def test_a_model_and_an_image_may_be_open(
    hold: Hold, make_model: Any, write_raster: Any, events: Any, tmp_path: Path
) -> None:
    model, output = make_model(auxiliary=0), tmp_path / "mask.tif"
    image = write_raster("image.tif", np.full((4, 80, 90), 500, np.uint16))
    with hold(Path(model)), hold(Path(image)):
        segment(SegmentJob(model=(model,), image=image, output=str(output)), events)
    with rasterio.open(output) as file:
        assert file.read(1).shape == (80, 90)


@on_windows
def test_rows_that_are_open_stay_and_the_others_go(hold: Hold, tmp_path: Path) -> None:
    mask = tmp_path / "mask.tif"
    rows = rows_path(mask, "0123456789")
    rows.write_bytes(b"rows")
    with hold(rows):
        remove_leftovers([mask])
        assert rows.exists()
    remove_leftovers([mask])
    assert not rows.exists()


@on_windows
def test_an_entry_of_the_cache_that_is_open_stays_as_it_is(
    hold: Hold, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(user_cache.VARIABLE, str(tmp_path))
    user_cache.write_entry("graph", b"old")
    with hold(tmp_path / "graph"):
        user_cache.write_entry("graph", b"new")
        assert user_cache.read_entry("graph").content == b"old"
    user_cache.write_entry("graph", b"new")
    assert user_cache.read_entry("graph").content == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["graph"]


@on_windows
def test_an_output_that_is_read_only_is_refused_before_the_run(tmp_path: Path) -> None:
    mask = tmp_path / "mask.tif"
    mask.write_bytes(b"old")
    mask.chmod(stat.S_IREAD)
    with pytest.raises(JobError, match=r"mask\.tif could not be written"):
        check_writable(mask)
    mask.chmod(stat.S_IREAD | stat.S_IWRITE)
    assert mask.read_bytes() == b"old"


WRITE = """
import sys
from engine.runtimes import user_cache
letter = sys.argv[1].encode()
for number in range(60):
    user_cache.write_entry("graph", letter * 300_000)
    entry = user_cache.read_entry("graph")
    content = entry and entry.content
    assert content in (None, b"a" * 300_000, b"b" * 300_000), content[:9]
    print(content is not None)
"""


def test_two_engines_share_a_cache(root: Path, tmp_path: Path) -> None:
    """Neither sees half an entry, and one of them always gets its own through."""
    settings = {**os.environ, user_cache.VARIABLE: str(tmp_path)}
    engines = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE, letter],
            cwd=root,
            env=settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for letter in "ab"
    ]
    for engine in engines:
        printed, error = engine.communicate(timeout=300)
        assert engine.returncode == 0, error
        assert printed.split().count("True") > 30
    assert [path.name for path in tmp_path.iterdir()] == ["graph"]
