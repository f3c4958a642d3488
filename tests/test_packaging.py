"""The plugin's zip has the right files, is reproducible, and can be installed by QGIS."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path, PurePosixPath

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from tools import package, package_checks
from tools.starter_model import store_in_half

ALGORITHMS = {"dualstream:train", "dualstream:segment"}


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("dist") / "dualstream_qgis.zip"
    model = tmp_path_factory.mktemp("model") / "starter-model.safetensors"
    model.write_bytes(b"weights")
    package.write(target, {**package.members(), package.STARTER: model})
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
    assert "dualstream_qgis/engine/requirements-light.txt" in inside
    assert "dualstream_qgis/resources/i18n/dualstream_ko.ts" in inside


def test_zip_has_no_forbidden_file(archive):
    forbidden = {".pyc", ".so", ".dll", ".pyd", ".pth", ".pt", ".pkl", ".safetensors", ".tif"}
    for name in sorted({*names(archive)} - {package.STARTER}):
        path = PurePosixPath(name)
        assert path.suffix not in forbidden, name
        assert not {"tests", "benchmarks", "tools", "__pycache__"} & set(path.parts), name
        assert not any(part.startswith(".") for part in path.parts), name


def test_zip_leaves_out_libraries_and_caches(tmp_path):
    for name in ["dualstream_qgis/__init__.py", "engine/__pycache__/a.pyc", "engine/x.so",
                 "resources/.cache/a.png", "resources/icon.svg"]:  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    inside = set(package.members(tmp_path)) - {f"dualstream_qgis/{name}" for name in package.FILES}
    assert inside == {"dualstream_qgis/__init__.py", "dualstream_qgis/resources/icon.svg"}


def test_zip_is_reproducible(archive, tmp_path):
    files = package.members()
    first, again = tmp_path / "first.zip", tmp_path / "again.zip"
    package.write(first, files)
    package.write(again, files)
    assert again.read_bytes() == first.read_bytes()


@pytest.mark.slow
def test_the_hub_would_take_the_zip(archive):
    assert package.size_problems(archive) == []
    assert package.code_problems(archive) == []


def test_bandit_finds_nothing_in_the_zip(archive, tmp_path):
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path)
    assert package_checks.bandit_problems(tmp_path / package.PLUGIN) == []


def test_placeholders_are_for_drafts_only(tmp_path, root):
    shutil.copy(root / "metadata.txt", tmp_path)
    (tmp_path / "resources" / "icons").mkdir(parents=True)
    (tmp_path / "resources" / "icons" / "dualstream.svg").touch()
    assert package_checks.metadata_problems(tmp_path, is_draft=True) == []
    (problem,) = package_checks.metadata_problems(tmp_path, is_draft=False)
    assert "email, homepage, repository, tracker in metadata.txt are placeholders" in problem
    assert "DRAFT=1" in problem


def test_missing_metadata_is_named(tmp_path):
    (tmp_path / "metadata.txt").write_text("[general]\nname=DualStream\nicon=gone.svg\n")
    found = package_checks.metadata_problems(tmp_path, is_draft=True)
    assert "metadata.txt lacks version." in found
    assert "metadata.txt names the icon gone.svg, which is not in the zip." in found


def test_findings_of_any_severity_and_secrets_are_refused(tmp_path):
    (tmp_path / "a.py").write_text("import subprocess\n")
    assert "B404" in package_checks.bandit_problems(tmp_path)[0]
    secret = "".join(f"{i * 37 % 16:x}" for i in range(40)).replace("0", "f")
    (tmp_path / "b.py").write_text(f'TOKEN = "{secret}"\n')
    assert any("b.py:1" in problem for problem in package_checks.secret_problems(tmp_path))


def test_a_model_in_half_precision_keeps_its_card_and_its_vectors(tmp_path):
    tensors = {
        "kernel": torch.linspace(-1, 1, 12).reshape(3, 4),
        "mean": torch.tensor([140_000.0]),
        "counter": torch.tensor(7),
    }
    trained, stored = tmp_path / "trained", tmp_path / "stored"
    save_file(tensors, trained, metadata={"card": "text"})
    store_in_half(trained, stored)
    found = load_file(stored)
    assert {name: value.dtype for name, value in found.items()} == {
        "kernel": torch.float16,
        "mean": torch.float32,
        "counter": torch.int64,
    }
    assert torch.equal(found["mean"], tensors["mean"])
    assert torch.allclose(found["kernel"].float(), tensors["kernel"], atol=1e-3)
    with safe_open(stored, framework="pt") as file:
        assert file.metadata() == {"card": "text"}


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
