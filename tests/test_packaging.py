"""The plugin's zip has the right files, is reproducible, and can be installed by QGIS."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from benchmarks import package

ALGORITHMS = {"dualstream:train", "dualstream:segment"}


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("dist") / "dualstream_qgis.zip"
    package.write(target)
    return target


def names(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        return opened.namelist()


def test_zip_has_one_folder_with_all_files(archive):
    inside = names(archive)
    assert {name.split("/")[0] for name in inside} == {"dualstream_qgis"}
    for name in ["__init__.py", "metadata.txt", "LICENSE", "README.md", "engine/__main__.py"]:
        assert f"dualstream_qgis/{name}" in inside
    assert "dualstream_qgis/engine/requirements.txt" in inside


def test_zip_is_small(archive):
    assert archive.stat().st_size < package.MAX_BYTES


def test_zip_has_no_forbidden_file(archive):
    forbidden = {".pyc", ".so", ".dll", ".pyd", ".pth", ".pt", ".pkl", ".safetensors", ".tif"}
    for name in names(archive):
        path = PurePosixPath(name)
        assert path.suffix not in forbidden, name
        assert not {"tests", "benchmarks", "__pycache__"} & set(path.parts), name
        assert not any(part.startswith(".") for part in path.parts), name


def test_zip_leaves_out_libraries_and_caches(tmp_path):
    for name in ["dualstream_qgis/__init__.py", "engine/__pycache__/a.pyc", "engine/x.so",
                 "resources/.cache/a.png", "resources/icon.svg"]:  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    inside = set(package.members(tmp_path)) - {f"dualstream_qgis/{name}" for name in package.FILES}
    assert inside == {"dualstream_qgis/__init__.py", "dualstream_qgis/resources/icon.svg"}


def test_zip_is_reproducible(archive, tmp_path):
    again = tmp_path / "again.zip"
    package.write(again)
    assert again.read_bytes() == archive.read_bytes()


def test_readme_pictures_are_in_the_zip(archive, root):
    readme = (root / "README.md").read_text("utf-8")
    inside = names(archive)
    for picture in (root / "resources" / "images").glob("*.png"):
        assert picture.stat().st_size < 300_000, picture
        if picture.name in readme:
            assert f"dualstream_qgis/resources/images/{picture.name}" in inside


def test_qgis_installs_the_zip_and_lists_the_algorithms(archive, tmp_path):
    qgis = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
    if qgis is None:
        pytest.skip("no qgis_process on PATH: make setup installs QGIS")
    plugins = tmp_path / "profiles" / "default" / "python" / "plugins"
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(plugins)
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    environment = {
        **os.environ,
        "QGIS_CUSTOM_CONFIG_PATH": str(tmp_path),
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": str(runtime),
    }
    environment.pop("QGIS_PLUGINPATH", None)

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [qgis, *arguments],
            env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip

    call("plugins", "enable", "dualstream_qgis")
    found = json.loads(call("--json", "list").stdout)["providers"]["dualstream"]["algorithms"]
    assert set(found) >= ALGORITHMS
