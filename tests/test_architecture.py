"""Holds the rules about who may import whom, by reading the sources; nothing is imported.

``ROOMS`` is the map of the engine: a room imports from rooms on lower floors, and only the libraries of its line.
Each rule is a function from sources (path -> text) to complaints, tried below on sources made to break it.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: The rooms of the engine: floor, and the libraries that they may import besides the standard library.
ROOMS = {
    "contract": (1, ""),
    "rasters": (2, "numpy rasterio affine"),
    "compute": (2, "numpy torch psutil array_api_compat"),
    "scores": (2, "numpy scipy"),
    "models": (
        2,
        "torch safetensors transformers timm segmentation_models_pytorch huggingface_hub numpy onnx google",
    ),
    "datasets": (3, "numpy rasterio pyogrio shapely"),
    "outputs": (3, "numpy rasterio affine pyogrio shapely scipy PIL"),
    "reports": (3, "numpy jinja2 markupsafe matplotlib PIL"),
    "runtimes": (3, "numpy torch onnx onnxscript onnxruntime"),
    "sampling": (4, "numpy torch scipy kornia"),
    "inference": (4, "numpy torch"),
    "losses": (4, "torch segmentation_models_pytorch"),
    "planning": (5, "torch"),
    "training": (6, "numpy torch accelerate torchmetrics safetensors"),
    "assessment": (7, "numpy torch sklearn"),
    "batch": (5, "numpy torch ray"),
    "active_learning": (5, "numpy torch"),
    "sketching": (5, "numpy torch scipy"),
    "foreign": (5, "numpy torch transformers rasterio onnx"),
    "commands": (8, "numpy torch shapely onnx"),
    "command_line": (9, "tyro"),
}
OPENS_RASTERS = ["engine/rasters/source_files.py", "engine/outputs/geotiff.py"]

#: The plugin's floors from the bottom up; a file not named here is on the lowest.
PLUGIN_FLOORS = {
    "engine_process": 1,
    "environment": 2,
    "installation": 2,
    "algorithms": 3,
    "message_bar": 3,
    "dialogs": 4,
    "label_panel": 4,
    "menu": 4,
    "provider": 4,
    "plugin": 5,
    "__init__": 6,
}

#: What only the engine's process may import, but for the plugin's room that makes scenes with QGIS's numpy.
ENGINE_ONLY = {"torch", "torchvision", "transformers", "numpy", "rasterio"}
DRAWS_SCENES = "sample_scenes"

Sources = dict[str, str]


# Reading imports ----------------------------------------------------------------------------------


def imports(path: str, text: str) -> Iterator[tuple[str, bool]]:
    """Every module that a source imports, absolute, and whether the import was a relative one.

    ``from . import a`` counts as importing ``package.a``; ``from .a import b`` as ``package.a``.
    """
    package = list(PurePosixPath(path).parts[:-1])
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, False) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module), False
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1]
            if node.module and not is_package([*base, node.module]):
                yield ".".join([*base, node.module]), True
            else:
                inner = [*base, node.module] if node.module else base
                yield from ((".".join([*inner, alias.name]), True) for alias in node.names)


def is_package(parts: list[str]) -> bool:
    """Whether a relative import names a folder of modules: the engine or one of its rooms."""
    return parts[-1] in {"engine", *ROOMS} and parts[-2:-1] in ([], ["engine"], ["dualstream_qgis"])


def python_files(sources: Sources, folder: str) -> Iterator[tuple[str, str, str]]:
    """Path, first name below ``folder`` (a room, or a file of its own) and text of every Python source."""
    for path, text in sources.items():
        if path.startswith(f"{folder}/") and path.endswith(".py"):
            yield path, path.split("/")[1].removesuffix(".py"), text


def room_of(module: str) -> str | None:
    """The room of a dotted name: ``engine.models.cmx`` is in ``models``; None outside the engine."""
    parts = module.removeprefix("dualstream_qgis.").split(".")
    return (parts[1] if len(parts) > 1 else "") if parts[0] == "engine" else None


def floor_of(room: str) -> int:
    """The floor of a room; ``engine/__main__.py`` stands above all."""
    return ROOMS.get(room, (0 if room in {"", "__init__"} else 10, ""))[0]


# The rules ----------------------------------------------------------------------------------------


def files_without_room(sources: Sources) -> list[str]:
    return [
        f"{path} stands in no room: put it into one of {', '.join(ROOMS)}"
        for path, room, _ in python_files(sources, "engine")
        if room not in {*ROOMS, "__init__", "__main__"} or path.count("/") > 2
    ]


def upward_imports(sources: Sources) -> list[str]:
    found = []
    for path, room, text in python_files(sources, "engine"):
        for name, relative in imports(path, text):
            target = room_of(name)
            if target is None:
                continue
            if not relative:
                found.append(f"{path} imports {name} by its absolute name: use a relative import")
            if target != room and floor_of(target) >= floor_of(room):
                found.append(f"{path} imports {name}, which is not on a lower floor")
    return found


def import_circles(sources: Sources) -> list[str]:
    graph: dict[str, set[str]] = {}
    for path, _, text in python_files(sources, "engine"):
        module = ".".join(PurePosixPath(path).with_suffix("").parts).removesuffix(".__init__")
        targets = {name for name, _ in imports(path, text) if room_of(name) is not None}
        graph[module] = targets - {module}

    def reaches(start: str, goal: str, seen: set[str]) -> bool:
        seen.add(start)
        return any(
            target == goal or (target not in seen and reaches(target, goal, seen))
            for target in graph.get(start, ())
        )

    return [f"{m} imports itself by way of others" for m in graph if reaches(m, m, set())]


def commands_importing_commands(sources: Sources) -> list[str]:
    """What two commands need lies in a room below."""
    return [
        f"{path} imports {name}: commands never import each other"
        for path, room, text in python_files(sources, "engine")
        for name, _ in imports(path, text)
        if room == "commands" and room_of(name) == "commands"
    ]


def foreign_libraries(sources: Sources) -> list[str]:
    found = []
    for path, room, text in python_files(sources, "engine"):
        allowed = {*sys.stdlib_module_names, "engine", *ROOMS.get(room, (0, "tyro"))[1].split()}
        tops = {name.split(".")[0] for name, relative in imports(path, text) if not relative}
        found += [f"{path} imports {name}: {room} may not" for name in sorted(tops - allowed)]
        if "pickle" in tops:
            found.append(f"{path} imports pickle: weights are safetensors, which cannot run code")
        if re.search(r"\brasterio\.open\(", text) and path not in OPENS_RASTERS:
            found.append(f"{path} opens rasters: that is the work of {' and '.join(OPENS_RASTERS)}")
    return found


def plugin_rules(sources: Sources) -> list[str]:
    found = []
    for path, module, text in python_files(sources, "dualstream_qgis"):
        floor = PLUGIN_FLOORS.get(module, 0)
        for name, relative in imports(path, text):
            room, top = room_of(name), name.split(".")[0]
            if room is not None and (room != "contract" or not relative):
                found.append(f"{path} imports {name}: of the engine only contract, relatively")
            elif room is None and relative and PLUGIN_FLOORS.get(name.split(".")[1], 0) > floor:
                found.append(f"{path} imports {name}, which is above it")
            elif top in ENGINE_ONLY - ({"numpy"} if module == DRAWS_SCENES else set()):
                found.append(f"{path} imports {name}: only the engine's process may")
            elif top in {"PyQt5", "PyQt6", "PySide2", "PySide6", "sip"}:
                found.append(f"{path} imports {name}: Qt comes through qgis.PyQt only")
            elif module == "engine_process" and top == "qgis":
                found.append(f"{path} imports {name}: what runs the engine knows no Qt")
    return found


#: Folders that are not in the plugin's zip, and those whose code must work without them.
OUTSIDE = {"engine": {"benchmarks", "tests", "tools"}, "tools": {"benchmarks", "tests"}}
OUTSIDE["dualstream_qgis"] = OUTSIDE["engine"]


def imports_from_outside(sources: Sources) -> list[str]:
    """The product imports no program of its makers, and a tool no benchmark."""
    return [
        f"{path} imports {name}: {folder}/ works without {'/, '.join(sorted(forbidden))}/"
        for folder, forbidden in OUTSIDE.items()
        for path, _, text in python_files(sources, folder)
        for name, relative in imports(path, text)
        if not relative and name.split(".")[0] in forbidden
    ]


#: The files that remove files and folders for all others.
REMOVERS = ["engine/contract/file_replacement.py", "engine/contract/clean_up.py"]
#: Calls that remove, or may fail while they clean up, and what takes their place.
REMOVALS = {"unlink", "rmdir", "rmtree", "removedirs", "TemporaryDirectory", "ExitStack"}
FAILING = {"remove_file", "replace_file"}
CLOSING = {"close", "join", "kill", "shutdown", "stop", "terminate", "wait"}


def clean_ups_that_may_fail(sources: Sources) -> list[str]:
    """A clean-up that fails would replace the error that is under way."""
    found = []
    for folder in ("engine", "dualstream_qgis"):
        for path, _, text in python_files(sources, folder):
            if path in REMOVERS:
                continue
            tree = ast.parse(text)
            found += [
                f"{path}:{line} calls {name}: take remove_file, discard_file, temporary_folder or CleanUp"
                for name, line in calls([tree])
                if name in REMOVALS or name == "os.remove"
            ]
            found += [
                f"{path}:{line} calls {name} in a clean-up: take discard_file, or a step of CleanUp"
                for statements, forbidden in clean_ups(tree)
                for name, line in calls(statements)
                if name.lstrip("_") in forbidden
            ]
    return found


def calls(nodes: Sequence[ast.AST]) -> Iterator[tuple[str, int]]:
    """Name and line of every call in some nodes; not of a method of a literal, such as ``", ".join``.

    A function of os has its module's name, because lists have a ``remove`` too.
    """
    for node in (inner for outer in nodes for inner in ast.walk(outer)):
        function = node.func if isinstance(node, ast.Call) else None
        if isinstance(function, ast.Name):
            yield function.id, function.lineno
        elif isinstance(function, ast.Attribute) and not isinstance(function.value, ast.Constant):
            module = function.value.id if isinstance(function.value, ast.Name) else ""
            yield (
                f"os.{function.attr}"
                if (module, function.attr) == ("os", "remove")
                else function.attr,
                function.lineno,
            )


def clean_ups(tree: ast.AST) -> Iterator[tuple[Sequence[ast.AST], set[str]]]:
    """The statements that may run while an error is under way, and what they must not call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Try):
            yield node.finalbody, FAILING | CLOSING
            yield node.handlers, FAILING
        elif isinstance(node, ast.FunctionDef) and node.name == "__exit__":
            yield node.body, FAILING | CLOSING


# Spelled in pieces, so that this file passes its own rule.
FORBIDDEN = {
    "a path of one machine": r"(?<![\w.])/(work|root|farm)/",
    "a registry's address": r"--(extra-)?index-url|--find-links[= ]|"
    r"https?://(\w+\.)*(pypi\.org|pythonhosted\.org|pytorch\.org/whl|conda\.anaconda\.org)",
    "an open end": r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b",
}


def forbidden_words(sources: Sources) -> list[str]:
    return [
        f"{path}:{number}: {what}: {line.strip()[:80]}"
        for path, text in sources.items()
        for number, line in enumerate(text.splitlines(), 1)
        for what, pattern in FORBIDDEN.items()
        if re.search(pattern, line)
    ]


RULES = [files_without_room, upward_imports, import_circles, commands_importing_commands,
         foreign_libraries, plugin_rules, imports_from_outside, clean_ups_that_may_fail, forbidden_words]  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_project_keeps(rule):
    """Every text file that git tracks or would."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [path for name in listing.stdout.splitlines() if (path := ROOT / name).is_file()]
    binary = {".png", ".pyc", ".tif", ".safetensors"}
    named = {p.relative_to(ROOT).as_posix(): p for p in paths if p.suffix not in binary}
    sources = {name: path.read_text("utf-8", errors="replace") for name, path in named.items()}
    assert {"engine/contract/jobs.py", "tests/test_architecture.py", "Makefile"} <= sources.keys()
    if complaints := rule(sources):
        pytest.fail("\n".join(complaints), pytrace=False)


BROKEN = [
    (files_without_room, "engine/helpers.py", ""),
    (upward_imports, "engine/contract/jobs.py", "from ..rasters.grid import Grid"),
    (upward_imports, "engine/sampling/survey.py", "from ..inference import blending"),
    (upward_imports, "engine/models/cmx.py", "from .. import commands"),
    (upward_imports, "engine/commands/train.py", "from engine.contract.jobs import TrainJob"),
    (commands_importing_commands, "engine/commands/train.py", "from .evaluate import score"),
    (import_circles, "engine/rasters/grid.py", "from .raster import Raster"),
    (foreign_libraries, "engine/contract/scene.py", "import numpy as np"),
    (foreign_libraries, "engine/commands/train.py", "from qgis.core import Qgis"),
    (foreign_libraries, "engine/rasters/raster.py", "import torch"),
    (foreign_libraries, "engine/models/model_file.py", "def load():\n    import pickle"),
    (foreign_libraries, "engine/datasets/labels.py", "import rasterio\nrasterio.open(path)"),
    (plugin_rules, "dualstream_qgis/styling.py", "import numpy"),
    (plugin_rules, "dualstream_qgis/engine_process/worker.py", "from ..engine.rasters.raster import Raster"),
    (plugin_rules, "dualstream_qgis/engine_process/worker.py", "from engine.contract.protocol import decode"),
    (plugin_rules, "dualstream_qgis/engine_process/worker.py", "from qgis.core import QgsTask"),
    (plugin_rules, "dualstream_qgis/settings.py", "from .algorithms.train import Train"),
    (plugin_rules, "dualstream_qgis/algorithms/train.py", "from ..dialogs.widgets import X"),
    (plugin_rules, "dualstream_qgis/plugin.py", "from PyQt5.QtGui import QIcon"),
    (imports_from_outside, "dualstream_qgis/styling.py", "from tools.locations import ROOT"),
    (imports_from_outside, "tools/demo/log.py", "from benchmarks.processes import run"),
    (clean_ups_that_may_fail, "engine/outputs/geotiff.py", "from pathlib import Path\nPath('x').unlink()"),
    (clean_ups_that_may_fail, "dualstream_qgis/styling.py", "import shutil\nshutil.rmtree('x')"),
    (clean_ups_that_may_fail, "engine/outputs/geotiff.py", "try:\n    f()\nfinally:\n    remove_file('x')"),
    (clean_ups_that_may_fail, "engine/outputs/geotiff.py", "try:\n    f()\nexcept OSError:\n    remove_file('x')"),
    (clean_ups_that_may_fail, "engine/outputs/geotiff.py", "try:\n    f()\nfinally:\n    thread.join()"),
    (clean_ups_that_may_fail, "engine/outputs/geotiff.py", "class A:\n    def __exit__(self):\n        self.close()"),
    (forbidden_words, "README.md", "see " + "/root" + "/scene.tif"),
    (forbidden_words, "Makefile", "pip install --index" + "-url x"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "path", "text"), BROKEN)
def test_rule_can_fail(rule, path, text):
    back = {"engine/rasters/raster.py": "from .grid import Grid"}
    assert rule({path: text, **(back if rule is import_circles else {})})
