"""What a scene costs in QGIS: ten in one process, and ten processes of one. Standard library only."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from statistics import median

from .bench import Bench
from .cases import OVERLAP, TILE, Case, tile_starts
from .processes import run
from .starts import prepared

#: Number of scenes, and their side in px when one process segments them all.
_SCENES, _SIDE = 10, 1024


def batch(bench: Bench) -> str:
    """Segments ten scenes in one QGIS process and measures the cost of each beyond its forward passes."""
    case = bench.case("unet", "uint8-tiled", _SIDE)
    tiles = len(tile_starts("dualstream", _SIDE)) ** 2
    forward = bench.bare(case, "engine:torch", tiles).wall
    # torch, as the forward passes
    first, *others = _seconds(bench, case, _SCENES, bench.settings, RUNTIME="torch")
    overhead = [each - forward for each in others]
    return (
        f"Ten scenes of {_SIDE} x {_SIDE} px in one QGIS process (U-Net): the first took {first:.1f} s, "
        f"the others {median(others):.2f} s each, of which {forward:.2f} s are forward passes: "
        f"{median(overhead):.2f} s beyond them (at most {max(overhead):.2f} s)."
    )


def calls(bench: Bench) -> str:
    """Segments ten scenes of one tile in a QGIS process each, with a prepared model."""
    case = bench.case("unet", side=TILE)
    settings = prepared(bench, case)
    seconds = [_seconds(bench, case, 1, settings)[0] for _ in range(_SCENES)]
    return (
        f"Ten QGIS processes that segment a scene of {TILE} x {TILE} px each (U-Net, prepared): {median(seconds):.2f} s "
        f"for the algorithm (at most {max(seconds):.2f} s), beside the start of QGIS."
    )


def _seconds(
    bench: Bench, case: Case, scenes: int, settings: dict[str, str], **options: object
) -> list[float]:
    """Segments copies of a case's scene in one QGIS process and returns the seconds of each."""
    folder = bench.mask(case, "batch").with_suffix("")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    images = [folder / f"scene-{number}.tif" for number in range(scenes)]
    for image in images:
        shutil.copyfile(case.scene, image)
    job = {
        "model": str(case.weights),
        "images": [*map(str, images)],
        "folder": str(folder),
        "options": {"OVERLAP": OVERLAP, **options},
    }
    path = folder / "job.json"
    path.write_text(json.dumps(job), "utf-8")
    python = os.environ.get("DUALSTREAM_QGIS_PYTHON") or "/usr/bin/python3"
    done = run([python, "-m", "benchmarks.segment.qgis_batch", str(path)], _qgis(settings, folder))
    shutil.rmtree(folder)
    seconds: list[float] = done.answer["seconds"]
    return seconds


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
