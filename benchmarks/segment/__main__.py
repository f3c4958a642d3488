"""Measures how fast segmenting is, against the network's bare forward passes and against other tools.

    python -m benchmarks.segment [--quick] [--runs 3] [--side 4096] [--cores 0 1] [--docs]
        [--only table startup first calls] [--models ...] [--rasters ...] [--tools ...]

All tools get the same model, raster, tile size (512 px) and overlap (64 px). Every run is a separate process. All
processes use the same cores and run one after the other, in rounds; the tables show medians. It measures

- bare forward passes of the same number of tiles, on data in memory: by plain torch and ONNX Runtime, and as
  DualStream runs them; "x bare" compares with those of ONNX Runtime in fp32;
- DualStream's command ``segment``, with the runtime and precision that its rule chooses
  and with torch in fp32: the whole process without the start-up, which is the time until the first
  tiles are done minus their forward passes;
- a plain rasterio loop, geoai-py, terratorch and ONNX Runtime in a window loop, see ``peers.py``: from
  opening the raster to the written mask; start-up is the rest of the process: imports and the network.

The scenes are synthetic, and the networks are trained for a minute on another such scene, see ``scenes.py`` and
``models.py``. Masks are compared with a dense reference, see ``reference.py``. Environments, scenes and models stay
in the folder of ``--cache``, which needs some gigabytes.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from engine.compute.processor import processor_name
from engine.contract.errors import format_count
from engine.contract.version import engine_version
from tools.locations import ROOT, cache_folder

from ..processes import emit, pin
from .bench import Bench
from .cases import MODELS, RASTERS
from .qgis_trials import calls
from .rounds import TOOLS, measure
from .starts import first_scene, startup
from .table import Row, cells, column_titles, format_aligned, format_markdown, write_page

_PAGE = ROOT / "docs" / "benchmarks.md"

#: What is measured beside the tables, by name: functions that return a text for the page.
TRIALS = {"startup": startup, "first": first_scene, "calls": calls}


def main() -> None:
    """Runs the measurements that the command line selects."""
    options = _options()
    cores = pin(options.cores)
    runs, side = (1, 1024) if options.quick else (options.runs, options.side)
    bench = Bench(options.cache.absolute(), cores, runs, side)
    bench.cache.mkdir(parents=True, exist_ok=True)
    emit(_machine(cores))
    parts = [_head(cores, runs, side)]
    for part in _parts(bench, options):
        parts.append(part)
        if options.docs:  # after each part, because a run takes hours
            write_page(_PAGE, "\n\n".join(parts))


def _parts(bench: Bench, options: argparse.Namespace) -> Iterator[str]:
    """Measures part by part, prints each text and yields it."""
    if "table" in options.only:
        yield from _tables(bench, options)
    for name, trial in TRIALS.items():
        if name in options.only:
            emit(f"\n== {name}")
            yield _print(trial(bench))


def _print(text: str) -> str:
    emit(text)
    return text


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    every = ["table", *TRIALS]
    parser.add_argument("--quick", action="store_true", help="1024 px, one round: to try it out")
    parser.add_argument("--runs", type=int, default=3, help="rounds")
    parser.add_argument("--side", type=int, default=4096, help="of the scenes, px, times 512")
    parser.add_argument("--cores", type=int, nargs="*", default=[], help="default: all")
    parser.add_argument("--only", nargs="+", choices=every, default=every)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--rasters", nargs="+", choices=RASTERS, default=list(RASTERS))
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=list(TOOLS))
    parser.add_argument("--cache", type=Path, default=cache_folder())
    parser.add_argument(
        "--docs", action="store_true", help="put the result into docs/benchmarks.md"
    )
    return parser.parse_args()


def _tables(bench: Bench, options: argparse.Namespace) -> Iterator[str]:
    """Yields a table in Markdown for each model and raster, and prints it."""
    for name in options.models:
        for raster in (one for one in MODELS[name].rasters if one in options.rasters):
            case = bench.case(name, raster)
            title = f"{case.model.title}; {RASTERS[raster]}; {case.side} x {case.side} px"
            emit(f"\n== {title}")
            rows = measure(bench, case, options.tools)
            lines = [cells(row) for row in rows]
            emit(format_aligned(column_titles(), lines))
            text = f"**{title}**\n\n{format_markdown(column_titles(), lines)}"
            if name == "null":
                text += f"\n\n{_print(_overhead(rows, case.pixels))}"
            yield text


def _overhead(rows: list[Row], pixels: float) -> str:
    """Returns the CPU seconds of each tool outside the network: with the null model that is nearly all of them."""
    texts = (
        f"{row.tool} {row.cpu / pixels:.3f}"
        for row in rows
        if row.cpu is not None and not row.tool.startswith("bare")
    )
    return (
        f"CPU seconds per million pixels with the null model, its own included: {', '.join(texts)}."
    )


def _machine(cores: list[int]) -> str:
    """Returns the processor, its cores, and the versions of the software."""
    code = "import torch, rasterio; print(torch.__version__, rasterio.__version__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    torch, rasterio = done.stdout.split()
    return (
        f"{processor_name()}, {len(cores)} of {format_count(os.cpu_count() or 1, '{} core', '{} cores')}, Python {platform.python_version()}, "
        f"torch {torch}, rasterio {rasterio}, DualStream {engine_version()}"
    )


def _head(cores: list[int], runs: int, side: int) -> str:
    """Returns the text above the tables of docs/benchmarks.md: date, machine and method."""
    command = " ".join(["python -m benchmarks.segment", *sys.argv[1:]])
    return (
        f"Measured on {datetime.datetime.now(datetime.timezone.utc):%d %B %Y} on {_machine(cores)}; scenes of "
        f"{side} x {side} px, medians of {format_count(runs, '{} round', '{} rounds')}: `{command}`. Wall and CPU seconds are without "
        'start-up. "x bare": wall seconds over those of the network\'s forward passes alone, by ONNX Runtime '
        'in fp32. "Differs": pixels of another class than in a dense reference, within 32 px of a tool\'s '
        'own seams and of the scene\'s edge. "Changes on seams": class changes across seam columns over '
        'those across the median column; "the scene\'s own there": the same of the dense reference, whose '
        "tiles join elsewhere. DualStream's own choice of runtime and precision follows its rule (device, "
        "processor, length of the run, prepared model); the other tools compute in fp32."
    )


if __name__ == "__main__":
    main()
