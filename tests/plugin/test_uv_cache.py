"""uv's cache loses what no environment uses, and nothing else; with the real uv and tiny wheels."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from dualstream_qgis import engine_home
from dualstream_qgis.installation import uv_cache
from tests.plugin import tiny_index
from tests.plugin.test_installation_real_uv import UV, build, installed, tiny_order

pytestmark = [
    pytest.mark.skipif(not Path(UV).exists(), reason="uv is not there: make setup"),
    pytest.mark.skipif(sys.platform == "win32", reason="its Python is the system's, by a script"),
]


def versions(order, name) -> list[str]:
    """The versions of a package that are unpacked in the cache."""
    found = (order.home / "cache").glob(f"archive-v*/*/{name}-*.dist-info")
    return sorted(folder.name.removesuffix(".dist-info").split("-")[1] for folder in found)


def test_packages_of_the_environment_before_last_are_removed(tmp_path, monkeypatch):
    make, wheels = tiny_order(tmp_path, monkeypatch), tmp_path / "wheels"

    def update(version):
        for old in wheels.glob("rasterio-*.whl"):
            old.unlink()
        tiny_index.write_wheel(wheels, "rasterio", version, f"CONTENT = '{version}'\n")
        tiny_index.write_requirements(engine_home.REQUIREMENTS, wheels)
        shutil.rmtree(wheels / "simple", ignore_errors=True)
        with tiny_index.serve(wheels) as index:
            order = make(index=index)
            messages = build(order)
            engine_home.remove_unused(order.home).join()
        return order, messages

    update("1.0")
    order, _ = update("2.0")
    assert versions(order, "rasterio") == ["1.0", "2.0"], "a training may use the one before"
    order, messages = update("3.0")
    assert versions(order, "rasterio") == ["2.0", "3.0"]
    assert any("Removing 1 packages" in message for message in messages)
    assert set(versions(order, "torch")) == {"1.0"}
    assert installed(order, "rasterio") == "3.0"


def test_an_environment_that_is_built_in_another_way_removes_nothing(tmp_path):
    pointer = tmp_path / "cache" / "wheels-v9" / "pypi" / "torch" / "1.0-py3-none-any.http"
    pointer.parent.mkdir(parents=True)
    pointer.touch()
    (tmp_path / "e1").mkdir()
    assert uv_cache.forget_unused(tmp_path / "cache", [tmp_path / "e1"]) == 0
    assert pointer.exists()
