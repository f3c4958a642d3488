"""The light engine: the same commands in an environment without PyTorch, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import torch
from numpy.typing import NDArray
from segmentation_models_pytorch import create_model

from engine.commands.export_model import export_model
from engine.commands.import_model import import_model
from engine.commands.segment import segment
from engine.contract.file_jobs import ExportJob, ImportJob
from engine.contract.jobs import SegmentJob
from engine.contract.light_engine import LIGHT_ENGINE, NEEDS_FULL_ENGINE
from engine.contract.protocol import Done, decode
from engine.contract.unlike import UNLIKE_PERCENT
from tests.engine.onnx_networks import MEAN, STD, class_names, network, scores, write
from tests.engine.small_network import add_land_summary

Light = Callable[..., subprocess.CompletedProcess[str]]

#: What the light engine says of a network that it imports.
NETWORK = ("--mean", *map(str, MEAN), "--std", *map(str, STD), "--class_names", *class_names(3))


@pytest.fixture(scope="session")
def light(root: Path) -> Light:
    """``light("segment", "--model", ...)`` runs a command of the light engine; ``ok=False``: it is to fail."""
    default = root / ".venv" / "light" / "bin" / "python"
    python = Path(os.environ.get("DUALSTREAM_LIGHT_PYTHON") or default)
    if not python.exists():
        pytest.skip("the light engine's environment is missing: run make setup")

    def run(*arguments: object, ok: bool = True) -> subprocess.CompletedProcess[str]:
        command = [str(python), "-m", "engine", *map(str, arguments)]
        answer = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300)
        assert (answer.returncode == 0) == ok, answer.stderr
        return answer

    return run


@pytest.fixture(scope="session")
def model(light: Light, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A model file that the light engine has made of an ONNX network."""
    folder = tmp_path_factory.mktemp("light")
    weights, output = write(folder / "net.onnx", network()), folder / "net.safetensors"
    answer = light("import", "--weights", weights, "--output", output, *NETWORK)
    assert "is the ONNX network net.onnx with 3 bands" in answer.stdout
    return str(output)


@pytest.fixture
def image(write_raster: Callable[..., str]) -> str:
    pixels = np.random.default_rng(0).integers(0, 255, (3, 150, 200)).astype(np.uint8)
    return write_raster("image.tif", pixels)


def outputs(answer: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The outputs of a run with ``--events json``."""
    done = decode(answer.stdout.splitlines()[-1])
    assert isinstance(done, Done)
    return done.outputs


def read(path: str | Path) -> NDArray[Any]:
    with rasterio.open(path) as file:
        pixels: NDArray[Any] = file.read()
    return pixels


@pytest.fixture
def mask(light: Light, model: str, image: str, tmp_path: Path) -> str:
    output = tmp_path / "mask.tif"
    light("segment", "--model", model, "--image", image, "--output", output)
    return str(output)


def test_an_onnx_model_segments(image: str, mask: str) -> None:
    assert np.array_equal(read(mask)[0], scores(read(image), 3).argmax(axis=0))


def test_confidence_ensembles_and_all_views(
    light: Light, model: str, image: str, mask: str, tmp_path: Path
) -> None:
    one, more = tmp_path / "one.tif", tmp_path / "confidence.tif"
    other = tmp_path / "other.safetensors"
    other.write_bytes(Path(model).read_bytes())
    light("segment", "--model", model, other, "--image", image, "--output", one, "--tta", "flips",
          "--confidence", more)  # fmt: skip
    assert np.array_equal(read(one), read(mask)), "the network sees single pixels"
    assert 33 <= read(more).min() and read(more).max() <= 100


def test_an_exported_model_tells_what_is_unlike_its_training(
    light: Light,
    feature_networks: None,
    make_model: Callable[..., str],
    write_raster: Callable[..., str],
    tmp_path: Path,
) -> None:
    noise = np.random.default_rng(0)
    trained = add_land_summary(make_model(3, auxiliary=0), noise.normal(900, 200, (8, 3, 64, 64)))
    pixels = noise.normal(900, 200, (3, 200, 150))
    pixels[:, 100:] += 4000
    image = write_raster("image.tif", pixels.astype(np.uint16))
    graph, model, raster = (tmp_path / name for name in ("m.onnx", "light.safetensors", "u.tif"))
    export_model(ExportJob(model=trained, output=str(graph)), lambda event: None)
    light("import", "--weights", graph, "--output", model)
    found = light("segment", "--model", model, "--image", image, "--output", tmp_path / "m.tif",
                  "--unlike", raster, "--events", "json")  # fmt: skip
    assert 30 < outputs(found)["unlike_percent"] < 80
    unlike = read(raster)[0]
    assert (unlike[130:] > UNLIKE_PERCENT).all() and (unlike[:60] > UNLIKE_PERCENT).mean() < 0.2


def test_many_scenes(light: Light, model: str, image: str, mask: str, tmp_path: Path) -> None:
    scenes = [tmp_path / "scenes" / f"{name}.tif" for name in "ab"]
    for scene in scenes:
        scene.parent.mkdir(exist_ok=True)
        scene.write_bytes(Path(image).read_bytes())
    output = tmp_path / "masks"
    answer = light("segment-folder", "--model", model, "--images", *scenes,
                   "--output_folder", output, "--events", "json")  # fmt: skip
    assert outputs(answer)["scenes_done"] == 2
    masks = sorted(output.rglob("*.tif"))
    assert [np.array_equal(read(found), read(mask)) for found in masks] == [True, True]


def test_polygons_evaluation_and_page(light: Light, mask: str, tmp_path: Path) -> None:
    outlines, page = tmp_path / "outlines.gpkg", tmp_path / "page.html"
    found = light("polygons", "--mask", mask, "--output", outlines, "--split", "--events", "json")
    assert outputs(found)["polygons"] > 100 and outlines.exists()
    found = light(
        "evaluate", "--mask", mask, "--labels", mask, "--report", page, "--events", "json"
    )
    assert outputs(found)["miou"] == 1.0
    assert "<svg" in page.read_text("utf-8")


def test_suggestions_with_a_model_and_without(
    light: Light, model: str, image: str, tmp_path: Path
) -> None:
    for number, options in enumerate([("--model", model), ()]):
        squares = tmp_path / f"{number}.gpkg"
        answer = light("suggest", "--image", image, "--output", squares, "--count", 2,
                       "--size", 320, *options)  # fmt: skip
        assert "has 2 squares to label next" in answer.stdout and squares.exists()
        assert "compared by brightness and texture" in answer.stderr


def test_a_model_is_described(light: Light, model: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    answer = light("info", "--model", model, "--report", page)
    assert "an ONNX network, tile 64 px" in answer.stdout and page.exists()


def test_doctor_says_which_engine_it_is(light: Light) -> None:
    found = json.loads(light("doctor", "--json").stdout)
    assert found["light"] == LIGHT_ENGINE
    assert found["torch"] == found["gpu"] == "" and found["device"].startswith("CPU (")
    assert LIGHT_ENGINE in light("doctor").stdout


@pytest.mark.parametrize("verb", ["train", "plan", "export", "info", "import"])
def test_what_needs_the_full_engine_is_one_sentence(
    light: Light, model: str, image: str, tmp_path: Path, verb: str
) -> None:
    weights, output = tmp_path / "w.pth", tmp_path / "out"
    weights.write_bytes(b"PK")
    options: dict[str, tuple[object, ...]] = {
        "train": ("--image", image, "--labels", image, "--output", f"{output}.safetensors"),
        "plan": ("--image", image, "--labels", image),
        "export": ("--model", model, "--output", f"{output}.onnx"),
        "info": ("--architecture", "cmx-b0"),
        "import": ("--weights", weights, "--output", f"{output}.safetensors"),
    }
    answer = light(verb, *options[verb], ok=False)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.strip() == f"Error: {NEEDS_FULL_ENGINE}"


@pytest.fixture
def trained(make_model: Callable[..., str], write_raster: Callable[..., str]) -> tuple[str, str]:
    """A model of ours, and an image for it."""
    pixels = np.random.default_rng(1).integers(0, 2000, (4, 150, 200)).astype(np.uint16)
    return make_model(auxiliary=0), write_raster("trained.tif", pixels)


def test_a_model_without_a_graph_is_refused_in_a_sentence(
    light: Light, trained: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUALSTREAM_CACHE", str(tmp_path))  # other tests make graphs of such models
    job = ("--model", trained[0], "--image", trained[1], "--output", tmp_path / "mask.tif")
    refused = light("segment", *job, ok=False)
    assert refused.returncode == 2 and "Traceback" not in refused.stderr
    assert "Set up DualStream" in refused.stderr and len(refused.stderr.splitlines()) == 1


@pytest.mark.prepares
def test_weights_that_the_full_engine_has_imported_are_prepared(
    light: Light, events: Any, tmp_path: Path, image: str
) -> None:
    weights, model = tmp_path / "weights.pth", str(tmp_path / "m.safetensors")
    torch.save(create_model("Unet", "resnet18", None).state_dict(), weights)
    job = ImportJob(str(weights), output=model, architecture="smp:Unet:resnet18", tile_size=64,
                    class_names=("0=ground", "1=building"), normalisation="imagenet")  # fmt: skip
    import_model(job, events)
    full, mask = str(tmp_path / "full.tif"), tmp_path / "mask.tif"
    segment(SegmentJob(model=(model,), image=image, output=full, runtime="torch"), events)
    light("segment", "--model", model, "--image", image, "--output", mask)
    assert (read(mask) != read(full)).mean() < 0.01 and len(np.unique(read(mask))) == 2


@pytest.mark.slow
def test_a_model_with_a_graph_gives_the_bytes_of_the_full_engine(
    light: Light, trained: tuple[str, str], events: Any, tmp_path: Path
) -> None:
    model, image = trained
    full, mask = str(tmp_path / "full.tif"), tmp_path / "mask.tif"
    job = SegmentJob(model=(model,), image=image, output=full, runtime="onnxruntime", device="cpu")
    segment(job, events)
    light("segment", "--model", model, "--image", image, "--output", mask)
    assert np.array_equal(read(mask), read(full))
