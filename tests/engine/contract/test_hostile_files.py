"""Whatever is wrong with a file that somebody hands over: one sentence, exit code 2, and nothing is left behind."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import torch
from torch import nn

from engine.__main__ import main
from engine.contract.card_reader import read_card
from engine.contract.errors import ModelFileError
from engine.models.factory import build_model
from engine.models.model_file import load_model
from tests.engine.hostile_files import (
    BANDS,
    Case,
    ModelFile,
    cases,
    model_file,
    small_build,
    written,
)

#: The longest sentence of an error, in characters; the paths of a test's files are in it.
_LONGEST = 900

_TABLE = cases()

needs_pipes = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pipes and devices in folders"
)


@pytest.fixture
def image(write_raster) -> str:
    pixels = np.random.default_rng(0).integers(1, 255, (BANDS, 40, 48)).astype(np.uint8)
    return write_raster("image.tif", pixels)


@pytest.fixture
def run(monkeypatch, capsys) -> Callable[[str, Path], tuple[int, str]]:
    """``run("segment", job_file)``: the exit code, and what stands on stderr, of a small network."""
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    monkeypatch.setattr("engine.models.model_file.build_model", small_build)

    def once(verb: str, job: Path) -> tuple[int, str]:
        capsys.readouterr()
        code = main([verb, "--config", str(job)])
        return code, capsys.readouterr().err

    return once


def sentence_in(stderr: str) -> str:
    """The only sentence of a run that was refused."""
    assert "Traceback" not in stderr
    lines = [line for line in stderr.splitlines() if not line.startswith("Runtime: ")]
    errors = [line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")]
    assert len(errors) == 1 and lines[-1] == f"Error: {errors[0]}", stderr
    assert errors[0].endswith((".", "?")) and len(errors[0]) < _LONGEST and errors[0].isprintable()
    return errors[0]


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.mark.parametrize("case", _TABLE, ids=lambda case: case.name)
def test_a_hostile_file_is_refused_in_a_sentence(case, run, image, tmp_path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    job = written(case, folder, image)
    before = files_in(folder)
    code, stderr = run(case.verb, job)
    assert case.says in sentence_in(stderr)
    assert code == 2 and files_in(folder) == before


def test_the_files_are_refused_for_what_is_wrong_in_them_only(run, image, tmp_path) -> None:
    good = (
        Case("model", ""),
        Case("two-streams", "", auxiliary=2, job={"image_alone": True}),
        Case("half", "", model=_stored_as(torch.float16)),
        Case("bfloat", "", model=_stored_as(torch.bfloat16)),
        Case("double", "", model=_stored_as(torch.float64)),
        Case("ensemble", "", ensemble='{"members": [{"model": "MODEL", "weight": 2}]}'),
        Case("table", "", table="image,name\nIMAGE,a\n", verb="segment-folder"),
        Case("table-wide", "", table='image,name,\n"IMAGE",a,,\n', verb="segment-folder"),
    )
    for case in good:
        folder = tmp_path / case.name
        folder.mkdir()
        code, stderr = run(case.verb, written(case, folder, image))
        assert code == 0, stderr
        assert [*(folder / "out").glob("*.tif")], case.name
    assert len({case.name for case in _TABLE}) == len(_TABLE) >= 200


def _stored_as(kind: torch.dtype) -> Callable[[ModelFile], None]:
    def change(file: ModelFile) -> None:
        floats = {n: v.to(kind) for n, v in file.tensors.items() if v.is_floating_point()}
        file.tensors.update(floats)

    return change


def test_model_files_of_older_versions_are_read(tmp_path) -> None:
    path = tmp_path / "old.safetensors"
    file = model_file(2)
    file.card.update(format=1)
    for key in ("threshold", "metrics", "provenance"):
        del file.card[key]
    del file.card["image"]["ground"]
    for stream in ("image", "auxiliary"):
        for key in ("chosen", "of", "band_names"):
            del file.card[stream][key]
    path.write_bytes(file.bytes())
    card = read_card(path)
    assert card.threshold == 0.5 and card.image.ground == 0.0 and card.auxiliary.chosen == ()
    null = model_file()
    null.card["metrics"].update(miou=None, pixel_accuracy=None, iou={"land": None})
    null.card["provenance"]["job"] = {"image": "caf\udce9.tif", "classes": [["a", "b"]]}
    path.write_bytes(null.bytes())
    assert read_card(path).metrics["miou"] is None


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (".", "it is a folder, not a file"),
        pytest.param("fifo", "it is a named pipe (FIFO), not a file", marks=needs_pipes),
        pytest.param("/dev/zero", "it is a device, not a file", marks=needs_pipes),
        ("nowhere", "There is no model file"),
        ("x" * 300, "longer than this system allows"),
        ("model.safetensors/x", "There is no model file"),
    ],
)
def test_paths_that_are_no_files(path, says, run, image, tmp_path) -> None:
    job = written(Case("x", ""), tmp_path, image)
    if path == "fifo":
        os.mkfifo(tmp_path / "fifo")
    fields = json.loads(job.read_text())
    job.write_text(json.dumps({**fields, "model": str(tmp_path / path)}))
    before = files_in(tmp_path)
    code, stderr = run("segment", job)
    assert says in sentence_in(stderr)
    assert code == 2 and files_in(tmp_path) == before


VERBS: tuple[tuple[str, str, str, Callable[[ModelFile], object]], ...] = (
    ("info", "threshold", "threshold", lambda file: file.card.update(threshold=2)),
    ("info", "tile", "tile size", lambda file: file.card.update(tile_size=33)),
    ("info", "metrics", "miou", lambda file: file.card["metrics"].update(miou="0.5")),
    ("info", "deep", "deep", lambda file: file.card["metrics"].update(x=_nested(100))),
    ("export", "nan", "head.bias", lambda file: file.tensors["head.bias"].fill_(torch.nan)),
    (
        "export",
        "spread",
        "std",
        lambda file: file.tensors["image_normalisation.std"].zero_(),
    ),
    (
        "export",
        "output",
        "probabilities",
        lambda file: file.tensors["norm.running_var"].fill_(-1),
    ),
    ("predict-folder", "nan", "head.bias", lambda f: f.tensors["head.bias"].fill_(torch.inf)),
    ("predict-folder", "name", "U+0000", lambda f: f.card["classes"][0].update(name="a\0")),
    ("segment-folder", "nan", "head.bias", lambda f: f.tensors["head.bias"].fill_(torch.nan)),
)


def _nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("verb", "name", "says", "damage"), VERBS, ids=[f"{verb}-{name}" for verb, name, *_ in VERBS]
)
def test_the_other_verbs_refuse_them_too(verb, name, says, damage, run, image, tmp_path) -> None:
    folder = tmp_path / "run"
    images = folder / "images"
    images.mkdir(parents=True)
    shutil.copy(image, images / "scene.tif")
    file, path = model_file(), folder / "model.safetensors"
    damage(file)
    path.write_bytes(file.bytes())
    results = folder / "out" / "results"
    results.mkdir(parents=True)
    (results / "scene.png").write_text("an earlier run's")
    fields = {
        "info": {"model": str(path)},
        "export": {"model": str(path), "output": str(folder / "m.onnx")},
        "predict-folder": {
            "checkpoint": str(path),
            "dataset": str(images),
            "output": str(folder / "out"),
        },
        "segment-folder": {
            "model": str(path),
            "scenes": str(images),
            "output_folder": str(folder / "new"),
        },
    }
    job = folder / "job.json"
    job.write_text(json.dumps(fields[verb]))
    before = files_in(folder)
    code, stderr = run(verb, job)
    assert says in sentence_in(stderr)
    assert code == 2 and files_in(folder) == before


@pytest.mark.parametrize(
    ("classes", "says"),
    [
        ("[" * 5000 + "]" * 5000, "deep"),
        ('[{"value": 0, "name": "a\\u0000", "colour": "#000000"}]', "U+0000"),
        ('[{"value": 0, "name": "a"}]', "a value, a name, a colour"),
        ("7", "is damaged"),
    ],
)
def test_masks_with_a_damaged_class_table_are_refused(
    classes, says, run, write_raster, tmp_path
) -> None:
    mask = write_raster("mask.tif", np.ones((8, 8), np.uint8))
    with rasterio.open(mask, "r+") as file:
        file.update_tags(DUALSTREAM_CLASSES=classes)
    for verb, fields in (
        ("evaluate", {"mask": mask, "labels": mask}),
        ("polygons", {"mask": mask, "output": str(tmp_path / "p.gpkg")}),
    ):
        job = tmp_path / "job.json"
        job.write_text(json.dumps(fields))
        code, stderr = run(verb, job)
        assert code == 2 and says in sentence_in(stderr)
    assert not (tmp_path / "p.gpkg").exists()


def _nan_everywhere(file: ModelFile) -> None:
    file.tensors["norm.running_var"].fill_(-1)


def _infinite_for_bright_pixels(file: ModelFile) -> None:
    """Logits overflow for values above those of the training, so not for the tiles with which graphs are tried."""
    file.card["image"]["high"] = [1.0] * BANDS
    file.tensors["head.weight"].fill_(2.5e38)


@pytest.mark.parametrize("damage", [_nan_everywhere, _infinite_for_bright_pixels])
@pytest.mark.parametrize("runtime", ["torch", "onnxruntime"])
def test_no_runtime_takes_a_network_that_gives_no_numbers(
    runtime, damage, run, image, tmp_path
) -> None:
    job = written(Case("x", "", model=damage, job={"runtime": runtime}), tmp_path, image)
    before = files_in(tmp_path)
    code, stderr = run("segment", job)
    assert "probabilities that are not numbers" in sentence_in(stderr)
    assert code == 2 and files_in(tmp_path) == before


NETWORKS = (
    ("smp:os.system:resnet18", "resnet18", "no architecture 'os.system'"),
    ("smp:Unet:no-such-encoder", "no-such-encoder", "no encoder 'no-such-encoder'"),
    ("smp:Unet:tu-hf-hub:timm/resnet18", "resnet18", "must name an architecture and an encoder"),
    ("smp:Unet:tu-hf_hub/timm", "tu-hf_hub/timm", "must name an architecture and an encoder"),
    ("smp:Unet:../../resnet18", "../../resnet18", "must name an architecture and an encoder"),
    ("smp:Unet:tu-vit_giant_patch14_224", "tu-vit_giant_patch14_224", "cannot be built"),
    ("smp:Unet:tu-convnext_xxlarge", "tu-convnext_xxlarge", "do not fit its card"),
    ("dualstream-dformer", "mit-b9", "mit-b9"),
    ("dualstream-dformer", "mit-b0", "do not fit its card"),
)


@pytest.mark.parametrize(("architecture", "encoder", "says"), NETWORKS, ids=lambda text: str(text))
def test_networks_that_a_card_only_names_are_refused(
    architecture, encoder, says, image, tmp_path, monkeypatch
) -> None:
    places: list[torch.device] = []

    def build(*names: Any, **options: Any) -> nn.Module:
        places.append(torch.get_default_device())
        return build_model(*names, **options)

    monkeypatch.setattr("engine.models.model_file.build_model", build)
    file = model_file()
    file.card.update(architecture=architecture, encoder=encoder)
    path = tmp_path / "model.safetensors"
    path.write_bytes(file.bytes())
    with pytest.raises(ModelFileError) as error:
        load_model(path)
    assert says in str(error.value) and "\n" not in str(error.value)
    if architecture.startswith("smp:"):  # encoders of any size
        assert {*places} <= {torch.device("meta")}
