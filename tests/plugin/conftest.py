"""Fixtures of the plugin's tests, such as a fake engine that runs a given script."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

# PyQGIS finds Processing only where QGIS keeps its own plugins.
for folder in ("/usr/share/qgis/python/plugins", "/usr/share/qgis/python"):
    if Path(folder).is_dir() and folder not in sys.path:
        sys.path.append(folder)
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


PREAMBLE = """
import json, os, subprocess, sys, threading, time

def say(event, **values):
    print(json.dumps({"event": event, **values}), flush=True)

verb = sys.argv[1]
job = {}
if verb == "serve":
    request = json.loads(sys.stdin.readline())
    verb, job = request["verb"], request["job"]

def jobs():  # a body that does not ask for more ends with its first job
    yield job
    for line in sys.stdin:
        yield json.loads(line)["job"]

if "--config" in sys.argv:
    with open(sys.argv[sys.argv.index("--config") + 1], encoding="utf-8") as file:
        job = json.load(file)
"""


@pytest.fixture(scope="session", autouse=True)
def english() -> None:
    """Tests read English sentences, whatever the language of the computer: QGIS takes its own from here."""
    try:
        from qgis.PyQt.QtCore import QLocale
    except ImportError:  # no QGIS: its tests skip themselves
        return
    QLocale.setDefault(QLocale("en_US"))


@pytest.fixture
def make_engine(tmp_path: Path) -> Callable[[str], Path]:
    """``make_engine(body)``: a folder in which ``python -m engine`` runs ``body``."""

    def make(body: str) -> Path:
        package = tmp_path / "root" / "engine"
        package.mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").touch()
        (package / "__main__.py").write_text(PREAMBLE + textwrap.dedent(body), encoding="utf-8")
        return package.parent

    return make


@pytest.fixture
def engine(
    make_engine: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], None]]:
    """``engine(body)``: makes algorithms run this fake engine."""
    from dualstream_qgis import environment
    from dualstream_qgis.algorithms import base_algorithm
    from dualstream_qgis.engine_process import warm_engine

    def make(body: str) -> None:
        monkeypatch.setattr(base_algorithm, "ROOT", make_engine(body))
        monkeypatch.setattr(environment, "find", lambda: sys.executable)

    yield make
    warm_engine.ENGINES.stop()


@pytest.fixture(scope="session")
def processing_ready(qgis_app: object, qgis_processing: object) -> object:
    """QGIS with Processing and the plugin's provider."""
    from qgis.core import QgsApplication

    from dualstream_qgis.provider import DualStreamProvider

    provider = DualStreamProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    return provider


@pytest.fixture(scope="session")
def click(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., object]]:
    """``click(algorithm, parameters, *rasters)``: the result of Run in a dialog of a real QGIS window."""
    from tests.plugin.qgis_window import QgisWindow

    window = QgisWindow(tmp_path_factory.mktemp("window"))
    yield window.click
    window.close()


@pytest.fixture
def project(qgis_app: object) -> Iterator[object]:
    """The project, empty before and after."""
    from qgis.core import QgsProject

    found = QgsProject.instance()
    found.clear()
    yield found
    found.clear()


@pytest.fixture
def context(project: object) -> Iterator[object]:
    """A context with the project."""
    from qgis.core import QgsProcessingContext

    context = QgsProcessingContext()
    context.setProject(project)
    yield context
    # Rasters that outlive QGIS crash the interpreter at its end.
    context.temporaryLayerStore().removeAllMapLayers()


def pytest_unconfigure(config: pytest.Config) -> None:
    """pytest-qgis keeps a QGIS profile in the checkout; every run starts with a fresh one."""
    shutil.rmtree(config.rootpath / ".qgis-settings", ignore_errors=True)
