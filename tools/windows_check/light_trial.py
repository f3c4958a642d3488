"""The light engine end to end, here and on Windows: the same files from the same job.

Folders and files have Korean names with blanks, as in the offices for which it is made.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import onnx
import pyogrio
import rasterio
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from rasterio.transform import from_origin

from ..locations import ROOT
from .outcomes import FAILED, PASSED, Outcome
from .windows_root import LIGHT, TRIALS, WindowsRoot, windows_path

PART = "light engine, as on Linux"

_FOLDER = "서울 시청"
_CLASSES = ("하늘", "물", "숲")
#: Longest run of a command, s.
_TIMEOUT = 900.0

Run = Callable[..., dict[str, Any]]


@dataclass(frozen=True)
class _Place:
    """Where one of the two engines works: its folder from here, and a function that gives its own name of a path in it."""

    folder: Path
    named: Callable[[str], str]
    run: Run


def try_light_engine(root: WindowsRoot, light_python: Path) -> Iterator[Outcome]:
    """Runs every command of the light engine here and on Windows, and compares what they wrote.

    Args:
        root: Where Windows is.
        light_python: The Python of the light engine of this computer.
    """
    here, there = _linux(root, light_python), _windows(root)
    for place in (here, there):
        _write_inputs(place.folder)
    for name, options, compare in _TRIALS:
        found = []
        try:
            for place in (here, there):
                given = [place.named(o[1:]) if o.startswith("@") else o for o in options]
                found.append(place.run(*given))
            problem = compare(here.folder, there.folder) or _compare_outputs(*found)
        except (OSError, ValueError, RuntimeError) as error:
            problem = str(error)
        result = FAILED if problem else PASSED
        yield Outcome(PART, name, result, problem)


def _linux(root: WindowsRoot, python: Path) -> _Place:
    folder = root.path(TRIALS) / "linux" / _FOLDER

    def run(*arguments: str) -> dict[str, Any]:
        command = [str(python), "-m", "engine", *arguments, "--events", "json"]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        return _outputs(ended.returncode, ended.stdout + ended.stderr)

    return _Place(folder, lambda name: str(folder / name), run)


def _windows(root: WindowsRoot) -> _Place:
    inside = TRIALS / "windows" / _FOLDER
    log = root.path(TRIALS) / "light.log"

    def run(*arguments: str) -> dict[str, Any]:
        command = [root.python(LIGHT), "-m", "engine", *arguments, "--events", "json"]
        code = root.run(command, log, _TIMEOUT)
        return _outputs(code, log.read_text("utf-8", "replace"))

    return _Place(root.path(inside), lambda name: windows_path(inside / PurePosixPath(name)), run)


def _outputs(code: int, printed: str) -> dict[str, Any]:
    events = [json.loads(line) for line in printed.splitlines() if line.startswith('{"event"')]
    done = [event for event in events if event["event"] == "done"]
    if code or not done:
        said = events[-1].get("message", "") if events else printed[-300:]
        raise RuntimeError(f"exit code {code}: {said}".replace("\n", " "))
    return dict(done[-1]["outputs"])


def _write_inputs(folder: Path) -> None:
    """Two scenes and a network that sees 5 x 5 px around each pixel."""
    (folder / "장면").mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(5)
    for number, name in enumerate(("가 나.tif", "다.tif")):
        coarse = rng.integers(0, 255, (3, 26, 32)).astype(np.uint8)
        pixels = np.kron(coarse, np.ones((1, 10, 10), np.uint8))
        with rasterio.open(folder / "장면" / name, "w", driver="GTiff", count=3, height=260,
                           width=320, dtype="uint8", crs="EPSG:5186",
                           transform=from_origin(200_000 + 4000 * number, 550_000, 10, 10)) as file:  # fmt: skip
            file.write(pixels)
    onnx.save(_network(rng), folder / "신경망.onnx")


def _network(rng: np.random.Generator) -> onnx.ModelProto:
    stored = [
        numpy_helper.from_array(rng.normal(0, 0.3, (16, 3, 3, 3)).astype(np.float32), "a"),
        numpy_helper.from_array(rng.normal(0, 0.3, (3, 16, 3, 3)).astype(np.float32), "b"),
    ]
    nodes = [
        helper.make_node("Conv", ["image", "a"], ["x"], pads=[1] * 4),
        helper.make_node("Relu", ["x"], ["y"]),
        helper.make_node("Conv", ["y", "b"], ["z"], pads=[1] * 4),
        helper.make_node("Softmax", ["z"], ["scores"], axis=1),
    ]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3, 64, 64])
        for name in ("image", "scores")
    ]
    graph = helper.make_graph(nodes, "network", ends[:1], ends[1:], stored)
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8)


# Comparing ----------------------------------------------------------------------------------------


def _compare_outputs(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """The numbers that differ in two results: paths and times differ by nature."""
    for name, value in one.items():
        is_number = isinstance(value, (int, float)) and "second" not in name
        if is_number and not np.isclose(value, other.get(name, np.nan), rtol=1e-9):
            return f"{name} is {other.get(name)} on Windows and {value} on Linux"
    return ""


def _same_rasters(*names: str, tolerance: int = 0) -> Callable[[Path, Path], str]:
    def compare(here: Path, there: Path) -> str:
        for name in names:
            one, other = _pixels(here / name), _pixels(there / name)
            apart = np.abs(one.astype(int) - other.astype(int)) > tolerance
            if apart.any():
                return f"{name}: {apart.mean():.2%} of the pixels differ"
        return ""

    return compare


def _pixels(path: Path) -> NDArray[Any]:
    with rasterio.open(path) as file:
        pixels: NDArray[Any] = file.read()
    return pixels


def _same_features(name: str) -> Callable[[Path, Path], str]:
    def compare(here: Path, there: Path) -> str:
        one, other = (pyogrio.raw.read(folder / name, layer=0) for folder in (here, there))
        same_shapes = len(one[2]) == len(other[2]) and all(
            a == b for a, b in zip(one[2], other[2], strict=True)
        )
        return "" if same_shapes else f"{name}: other polygons"

    return compare


def _same_page(name: str) -> Callable[[Path, Path], str]:
    def compare(here: Path, there: Path) -> str:
        sizes = [(folder / name).stat().st_size for folder in (here, there)]
        return "" if abs(sizes[0] - sizes[1]) < 0.05 * sizes[0] else f"{name}: {sizes} bytes"

    return compare


#: Name, options ("@" begins a path of the trial's folder), and what is compared.
_TRIALS: tuple[tuple[str, tuple[str, ...], Callable[[Path, Path], str]], ...] = (
    ("import", ("import", "--weights", "@신경망.onnx", "--output", "@모델.safetensors", "--mean",
                "0.5", "0.4", "0.3", "--std", "0.2", "0.25", "0.3", "--class_names",
                *(f"{i}={name}" for i, name in enumerate(_CLASSES))), lambda here, there: ""),
    ("segment", ("segment", "--model", "@모델.safetensors", "--image", "@장면/가 나.tif", "--output",
                 "@지도.tif", "--confidence", "@확신.tif"), _same_rasters("지도.tif")),
    ("confidence", ("segment", "--model", "@모델.safetensors", "--image", "@장면/가 나.tif",
                    "--output", "@둘.tif", "--confidence", "@둘확신.tif", "--tta", "flips"),
     _same_rasters("둘.tif", "둘확신.tif", tolerance=1)),
    ("segment-folder", ("segment-folder", "--model", "@모델.safetensors", "--scenes", "@장면",
                        "--output_folder", "@지도들"),
     _same_rasters("지도들/가 나.tif", "지도들/다.tif")),
    ("polygons", ("polygons", "--mask", "@지도.tif", "--output", "@윤곽.gpkg", "--split"),
     _same_features("윤곽.gpkg")),
    ("evaluate", ("evaluate", "--mask", "@지도.tif", "--labels", "@둘.tif", "--report",
                  "@평가.html"), _same_page("평가.html")),
    ("suggest", ("suggest", "--image", "@장면/다.tif", "--output", "@다음.gpkg", "--count", "3",
                 "--size", "320", "--model", "@모델.safetensors"), _same_features("다음.gpkg")),
    ("info", ("info", "--model", "@모델.safetensors", "--report", "@모델.html"),
     _same_page("모델.html")),
)  # fmt: skip
