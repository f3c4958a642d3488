"""Holds the rules about who may import whom, by reading the sources; nothing is imported.

``LEVELS`` is the map of the engine: a new file is given its level here, or the tests fail. Each rule
is a function from sources (path -> text) to complaints, tried below on sources made to break it.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: Every engine module by level; a module imports from lower levels, or from its own up to level 2.
LEVELS = {
    0: [
        "protocol",
        "config",
        "file_jobs",
        "job_file",
        "architectures",
        "errors",
        "windows",
        "classes",
        "plain_text",
        "strict_json",
        "json_fields",
        "safetensors_header",
        "model_card",
        "card_reader",
        "manner",
        "courses",
        "scene_tasks",
        "ensemble_file",
        "locks",
        "outputs",
        "legend",
        "footprint_style",
        "pace",
        "fingerprints",
        "console",
        "version",
        "paths",
    ],
    1: [
        "gdal_settings",
        "vrt_sources",
        "source_files",
        "physical",
        "grids",
        "rasters",
        "row_bands",
        "device_pixels",
        "symmetries",
        "decisions",
        "extents",
        "ground",
        "bands",
        "alignment",
        "value_range",
        "label_colours",
        "class_values",
        "polygons",
        "competition_tables",
        "mask_writer",
        "pyramid",
        "journal",
        "kept_rows",
        "losses",
        "loss_spec",
        "metrics",
        "blending",
        "class_counts",
        "pool_plan",
        "ranks",
        "window_loader",
        "failures",
        "decoded",
        "optimisation",
        "resampling",
        "surroundings",
        "devices",
        "allocator",
        "memory",
        "runtime_cache",
        "setups",
        "lanes",
        "models",
        "pictures",
        "run_lengths",
        "metres",
        "right_angles",
        "simplifying",
        "footprints",
        "sample_land",
        "sample_plumes",
        "sample_scenes",
    ],
    2: [
        "class_mask",
        "capacity",
        "finished",
        "mosaic",
        "scene_tables",
        "scene_run",
        "scene_worker",
        "scene_plan",
        "part_plan",
        "scene_parts",
        "planning",
        "folder_progress",
        "summary",
        "pool_actor",
        "pool_start",
        "ray_cluster",
        "ray_pool",
        "outlines",
        "tidying",
        "model_file",
        "training_card",
        "training_checks",
        "deepness",
        "onnx_graph",
        "graph_store",
        "passes",
        "speed_notes",
        "candidates",
        "contest",
        "runtimes",
        "labels",
        "scenes",
        "cloud_layout",
        "competition_layout",
        "run_length_labels",
        "polygon_classes",
        "submissions",
        "competition_scores",
        "layouts",
        "class_choice",
        "blocks",
        "survey",
        "training_blocks",
        "batch_size",
        "checkpoints",
        "epochs",
        "trainer",
        "training_state",
        "torchrun",
        "voice",
        "augment",
        "geometric",
        "photometric",
        "copy_paste",
        "window_reader",
        "dataset",
        "scaling",
        "tiles",
        "streams",
        "block_cache",
        "read_ahead",
        "mapping",
        "agreement",
        "ensemble",
        "validation",
        "learner",
    ],
    3: [
        "train",
        "segment",
        "segment_folder",
        "predict_folder",
        "evaluate",
        "polygonise",
        "import_weights",
        "export_onnx",
        "info",
        "doctor",
    ],
    4: ["verbs", "serve", "cli", "__main__"],
}
LEVEL_OF = {name: level for level, names in LEVELS.items() for name in names} | {"": 0}
LEVEL_OF["__init__"] = 0
VERBS = LEVELS[3]
OPENS_RASTERS = ["source_files", "mask_writer"]

#: The plugin's rooms from the bottom up; a file not named here is a bottom one.
PLUGIN_LEVELS = {"algorithms": 1, "provider": 2, "plugin": 3, "__init__": 4}

LONGEST_FILE = 300
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
            if node.module:
                yield ".".join([*base, node.module]), True
            else:
                yield from ((".".join([*base, alias.name]), True) for alias in node.names)


def engine_files(sources: Sources) -> Iterator[tuple[str, str, str]]:
    """Path, module (``rasters``, ``models``) and text of every engine source."""
    for path, text in sources.items():
        if path.startswith("engine/") and path.endswith(".py"):
            yield path, path.split("/")[1].removesuffix(".py"), text


def plugin_files(sources: Sources) -> Iterator[tuple[str, str, str]]:
    """Path, module and text of every plugin source."""
    for path, text in sources.items():
        if path.startswith("dualstream_qgis/") and path.endswith(".py"):
            yield path, path.split("/")[1].removesuffix(".py"), text


def inner(module: str) -> str | None:
    """The engine module that a dotted name means: ``engine.models.cmx`` is ``models``."""
    parts = module.removeprefix("dualstream_qgis.").split(".")
    return (parts[1] if len(parts) > 1 else "") if parts[0] == "engine" else None


def outer(module: str) -> str:
    """The top-level package of a dotted name."""
    return module.split(".")[0]


# The rules ----------------------------------------------------------------------------------------


def unknown_files(sources: Sources) -> list[str]:
    return [
        f"{path} has no level: add {module!r} to LEVELS in tests/test_architecture.py"
        for path, module, _ in engine_files(sources)
        if module not in LEVEL_OF
    ]


def upward_imports(sources: Sources) -> list[str]:
    found = []
    for path, module, text in engine_files(sources):
        for name, relative in imports(path, text):
            target = inner(name)
            if target is None:
                continue
            if not relative:
                found.append(f"{path} imports {name} by its absolute name: use a relative import")
            if LEVEL_OF.get(target, 0) > LEVEL_OF.get(module, 4):
                found.append(f"{path} imports {target}, which is above it")
    return found


def verbs_importing_verbs(sources: Sources) -> list[str]:
    return [
        f"{path} imports {inner(name)}: verbs never import each other"
        for path, module, text in engine_files(sources)
        for name, _ in imports(path, text)
        if module in VERBS and inner(name) in VERBS
    ]


def import_cycles(sources: Sources) -> list[str]:
    graph: dict[str, set[str]] = {}
    for path, module, text in engine_files(sources):
        targets = {inner(name) for name, _ in imports(path, text)} - {module, None, ""}
        graph.setdefault(module, set()).update(str(target) for target in targets)

    def reaches(start: str, goal: str, seen: set[str]) -> bool:
        seen.add(start)
        return any(
            target == goal or (target not in seen and reaches(target, goal, seen))
            for target in graph.get(start, ())
        )

    return [f"engine/{m} imports itself by way of others" for m in graph if reaches(m, m, set())]


def heavy_level_0(sources: Sources) -> list[str]:
    return [
        f"{path} imports {name}: level 0 uses the standard library only"
        for path, module, text in engine_files(sources)
        for name, relative in imports(path, text)
        if LEVEL_OF.get(module) == 0
        and not relative
        and outer(name) not in {*sys.stdlib_module_names, "engine"}
    ]


def strangers(sources: Sources) -> list[str]:
    found = []
    for path, module, text in engine_files(sources):
        names = [name for name, _ in imports(path, text)]
        tops = {outer(name) for name in names}
        if tops & {"qgis", "PyQt5", "PyQt6", "dualstream_qgis"}:
            found.append(f"{path} imports QGIS or the plugin: the engine knows neither")
        if LEVEL_OF.get(module) == 1 and {"rasterio", "torch"} <= tops:
            found.append(f"{path} imports both rasterio and torch: one heavy library a file")
        if module == "rasters" and "torch" in tops:
            found.append(f"{path} imports torch: rasters are numpy only")
        if module == "models" and {inner(name) for name in names} & {"rasters", "dataset"}:
            found.append(f"{path} imports rasters or dataset: models see tensors only")
        if tops & {"pickle", "dill", "joblib", "cloudpickle"}:
            found.append(f"{path} imports a pickle: weights are safetensors")
        if re.search(r"\brasterio\.open\(", text) and module not in OPENS_RASTERS:
            found.append(f"{path} opens rasters: that is the work of {' and '.join(OPENS_RASTERS)}")
    return found


def plugin_rules(sources: Sources) -> list[str]:
    found = []
    for path, module, text in plugin_files(sources):
        level = PLUGIN_LEVELS.get(module, 0)
        for name, relative in imports(path, text):
            target = inner(name)
            if target is not None and (LEVEL_OF.get(target, 4) > 0 or not relative):
                found.append(f"{path} imports {name}: of the engine only level 0, relatively")
            elif target is None and relative and PLUGIN_LEVELS.get(name.split(".")[1], 0) > level:
                found.append(f"{path} imports {name}, which is above it")
            elif outer(name) in {"torch", "torchvision", "transformers", "numpy", "rasterio"}:
                found.append(f"{path} imports {name}: only the engine's process may")
            elif outer(name) in {"PyQt5", "PyQt6", "PySide2", "PySide6", "sip"}:
                found.append(f"{path} imports {name}: Qt comes through qgis.PyQt only")
            elif module == "worker" and outer(name) == "qgis":
                found.append(f"{path} imports {name}: the worker knows no Qt")
    return found


def long_files(sources: Sources) -> list[str]:
    return [
        f"{path} has {text.count(chr(10))} lines, more than {LONGEST_FILE}: it holds two ideas"
        for path, text in sources.items()
        if path.endswith(".py")
        and not path.startswith("tests/")
        and text.count("\n") > LONGEST_FILE
    ]


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


RULES = [
    unknown_files,
    upward_imports,
    verbs_importing_verbs,
    import_cycles,
    heavy_level_0,
    strangers,
    plugin_rules,
    long_files,
    forbidden_words,
]


# The project keeps them ---------------------------------------------------------------------------


def project_sources() -> Sources:
    """Every text file that git tracks or would; without git, the folders that hold sources."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    paths = [ROOT / name for name in listing.stdout.splitlines()]
    if listing.returncode:
        tops = ("engine", "dualstream_qgis", "tests", "benchmarks", "resources")
        paths = [path for top in tops for path in (ROOT / top).rglob("*")]
        paths += [path for path in ROOT.iterdir() if path.is_file()]
    sources = {}
    for path in paths:
        if path.is_file() and path.suffix not in {".png", ".pyc", ".tif", ".safetensors"}:
            sources[path.relative_to(ROOT).as_posix()] = path.read_text("utf-8", errors="replace")
    return sources


@pytest.fixture(scope="module")
def sources() -> Sources:
    return project_sources()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_project_keeps(rule, sources):
    if complaints := rule(sources):
        pytest.fail("\n".join(complaints), pytrace=False)


def test_sources_are_found(sources):
    assert {"engine/config.py", "tests/test_architecture.py", "Makefile"} <= sources.keys()


# Each rule can fail -------------------------------------------------------------------------------

BROKEN = [
    (unknown_files, "engine/helpers.py", ""),
    (upward_imports, "engine/config.py", "from .dataset import Dataset"),
    (upward_imports, "engine/dataset.py", "from . import train"),
    (upward_imports, "engine/models/cmx.py", "from ..model_file import load"),
    (upward_imports, "engine/train.py", "from engine.config import TrainJob"),
    (verbs_importing_verbs, "engine/train.py", "from .evaluate import score"),
    (heavy_level_0, "engine/windows.py", "import numpy as np"),
    (strangers, "engine/train.py", "from qgis.core import Qgis"),
    (strangers, "engine/rasters.py", "import torch"),
    (strangers, "engine/losses.py", "import torch, rasterio"),
    (strangers, "engine/models/fusion.py", "from ..rasters import Raster"),
    (strangers, "engine/models/fusion.py", "from .. import dataset"),
    (strangers, "engine/model_file.py", "def load():\n    import pickle"),
    (strangers, "engine/labels.py", "import rasterio\nrasterio.open(path)"),
    (plugin_rules, "dualstream_qgis/styling.py", "import numpy"),
    (plugin_rules, "dualstream_qgis/worker.py", "from .engine.rasters import Raster"),
    (plugin_rules, "dualstream_qgis/worker.py", "from engine.protocol import decode"),
    (plugin_rules, "dualstream_qgis/worker.py", "from qgis.core import QgsTask"),
    (plugin_rules, "dualstream_qgis/settings.py", "from .algorithms.train import Train"),
    (plugin_rules, "dualstream_qgis/algorithms/train.py", "from ..provider import Provider"),
    (plugin_rules, "dualstream_qgis/plugin.py", "from PyQt5.QtGui import QIcon"),
    (long_files, "engine/train.py", "x = 1\n" * (LONGEST_FILE + 1)),
    (forbidden_words, "README.md", "see " + "/root" + "/scene.tif"),
    (forbidden_words, "Makefile", "pip install --index" + "-url x"),
    (forbidden_words, "engine/train.py", "# TO" + "DO: seeds"),
]


@pytest.mark.parametrize(("rule", "path", "text"), BROKEN)
def test_rule_can_fail(rule, path, text):
    assert rule({path: text})


def test_cycles_are_found():
    pair = {
        "engine/labels.py": "from .dataset import a",
        "engine/dataset.py": "from . import labels",
    }
    assert import_cycles(pair)


def test_good_sources_pass_every_rule():
    good = {
        "engine/train.py": "import torch\nfrom .config import TrainJob\nfrom .models import build",
        "engine/dataset.py": "import torch\nfrom .labels import Labels\nfrom .rasters import Raster",
        "engine/models/cmx.py": "import torch\nfrom .fusion import Gate\nfrom ..errors import JobError",
        "dualstream_qgis/worker.py": "import json\nfrom .engine.protocol import decode",
        "dualstream_qgis/algorithms/train.py": "from ..worker import run\nfrom ..engine import config",
    }
    assert not [complaint for rule in RULES for complaint in rule(good)]
