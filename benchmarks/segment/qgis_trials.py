"""Measures the cost of a scene in QGIS: ten processes of one scene each. Standard library only."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from statistics import median

from ..processes import run
from .bench import Bench
from .cases import OVERLAP, TILE, Case
from .starts import prepared

#: Number of processes.
_SCENES = 10


def calls(bench: Bench) -> str:
    """Segments ten scenes of one tile in a QGIS process each, with a prepared model."""
    case = bench.case("unet", side=TILE)
    settings = prepared(bench, case)
    seconds = [_seconds(bench, case, settings) for _ in range(_SCENES)]
    return (
        f"Ten QGIS processes that segment a scene of {TILE} x {TILE} px each (U-Net, prepared): {median(seconds):.2f} s "
        f"for the algorithm (at most {max(seconds):.2f} s), beside the start of QGIS."
    )


def _seconds(bench: Bench, case: Case, settings: dict[str, str]) -> float:
    """Segments a copy of a case's scene in a QGIS process and returns the seconds of the algorithm."""
    folder = bench.mask(case, "call").with_suffix("")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    image, job = folder / "scene.tif", folder / "job.json"
    shutil.copyfile(case.scene, image)
    options = {"MODEL": [str(case.weights)], "IMAGE": str(image), "OVERLAP": OVERLAP}
    job.write_text(json.dumps({**options, "OUTPUT": str(folder / "mask.tif")}), "utf-8")
    python = os.environ.get("DUALSTREAM_QGIS_PYTHON") or "/usr/bin/python3"
    done = run([python, "-m", "benchmarks.segment.qgis_call", str(job)], _qgis(settings, folder))
    shutil.rmtree(folder)
    return float(done.answer["seconds"])


def _qgis(settings: dict[str, str], folder: Path) -> dict[str, str]:
    """Returns the environment of a QGIS without a screen and with an own profile."""
    private = folder / "run"
    private.mkdir(mode=0o700)
    own = {
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": str(private),
        "QGIS_CUSTOM_CONFIG_PATH": str(folder / "profile"),
        "DUALSTREAM_PYTHON": sys.executable,
    }
    return {**settings, **own}
