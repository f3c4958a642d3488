"""Runs all tools in several rounds and computes the rows of a table from the medians. Standard library only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import median

from ..processes import BenchmarkError, emit
from .bench import DUALSTREAM_RUNS, PEERS, Bench, Sample
from .cases import Case, tile_starts
from .environments import Unavailable, python_of, version_of
from .table import Row

#: Titles of the tools in the table; peers from packages get their version in front.
NAMES = {
    "dualstream": "DualStream",
    "dualstream-torch": "DualStream, RUNTIME torch, PRECISION fp32",
    "loop": "plain rasterio loop",
    "geoai": "semantic_inference_on_geotiff",
    "terratorch": "tiled_inference",
    "onnx": "ONNX Runtime, window loop",
}
TOOLS = (*DUALSTREAM_RUNS, *PEERS)

#: The bare forward passes: "x bare" in every row is a multiple of their time.
REFERENCE = "onnxruntime"

Samples = dict[str, list[Sample]]


def measure(bench: Bench, case: Case, tools: Sequence[str], compare: bool = True) -> list[Row]:
    """Runs every tool on the case, round by round, and returns the rows of its table.

    Args:
        bench: The test bench.
        case: Model and raster.
        tools: Names from ``TOOLS``.
        compare: Whether the masks are compared with the dense reference.
    """
    pythons, notes = _prepare(bench, case, tools)
    samples: Samples = defaultdict(list)
    for number in range(bench.runs):
        _round(bench, case, [tool for tool in tools if tool not in notes], pythons, samples, notes)
        emit(f"  round {number + 1} of {bench.runs}: {_walls(samples)}")
    rows = [_bare_row(case, base, samples) for base in _bases(samples)]
    for tool in tools:
        name = _name(tool, pythons.get(tool, ""))
        if tool in notes:
            rows.append(Row(name, note=notes[tool]))
            continue
        row = row_of(case, name, samples, tool)
        rows.append(_compare(bench, case, tool, row) if compare else row)
    return rows


def _prepare(
    bench: Bench, case: Case, tools: Iterable[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Returns the Python of each peer, and the reason for each peer that cannot be measured."""
    pythons, notes = {}, {}
    for tool in tools:
        if tool not in PEERS:
            continue
        try:
            pythons[tool] = python_of(tool, bench.cache)
            if tool == "onnx":
                bench.graph(case)
        except Unavailable as error:
            notes[tool] = f"cannot be installed here: {error}"
        except BenchmarkError as error:
            notes[tool] = f"cannot run this model: {_short(error)}"
    return pythons, notes


def _round(
    bench: Bench,
    case: Case,
    tools: Iterable[str],
    pythons: dict[str, str],
    samples: Samples,
    notes: dict[str, str],
) -> None:
    """Runs each tool once, then the bare forward passes that they are compared with."""
    for tool in tools:
        found = _run_once(bench, case, tool, pythons.get(tool, ""), notes)
        if found is not None:
            samples[tool].append(found)
    for base in _bases(samples):
        runtime, _, precision = base.partition(" ")
        samples[base].append(bench.bare(case, runtime, _min_tiles(samples), precision or "auto"))


def _run_once(
    bench: Bench, case: Case, tool: str, python: str, notes: dict[str, str]
) -> Sample | None:
    """Runs a tool once; after a failure it stores the reason in ``notes`` and returns None."""
    try:
        return (
            bench.dualstream(case, tool)
            if tool in DUALSTREAM_RUNS
            else bench.peer(case, tool, python)
        )
    except BenchmarkError as error:
        notes[tool] = f"failed: {_short(error)}"
        emit(f"  {tool} failed: {error}")
    return None


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[-200:]


def _name(tool: str, python: str) -> str:
    if tool in ("geoai", "terratorch", "onnx") and python:
        return f"{version_of(tool, python)}: {NAMES[tool]}"
    return NAMES[tool]


def base_of(tool: str) -> str:
    """Returns the name of the bare forward passes with the same runtime and precision as a tool."""
    if tool in DUALSTREAM_RUNS:
        runtime, precision = DUALSTREAM_RUNS[tool]
        return f"engine:{runtime}" if precision == "auto" else f"engine:{runtime} {precision}"
    return "onnxruntime" if tool == "onnx" else "torch"


def _bases(samples: Samples) -> list[str]:
    found = (base_of(tool) for tool in TOOLS if samples.get(tool))
    return list(dict.fromkeys(found))


def _min_tiles(samples: Samples) -> int:
    """Returns the number of tiles of DualStream, or the smallest number of the peers."""
    own = [samples[tool][-1].tiles for tool in DUALSTREAM_RUNS if samples.get(tool)]
    return min(own or [found[-1].tiles for tool, found in samples.items() if tool in PEERS])


def _walls(samples: Samples) -> str:
    return ", ".join(f"{tool} {found[-1].wall:.1f} s" for tool, found in samples.items())


def _reference_seconds(samples: Samples, base: str) -> float:
    """Returns the wall seconds of the reference's passes, or those of ``base`` if it was not measured."""
    return median(each.wall for each in samples.get(REFERENCE) or samples[base])


def _bare_row(case: Case, base: str, samples: Samples) -> Row:
    found = samples[base]
    wall, cpu = (median(getattr(each, name) for each in found) for name in ("wall", "cpu"))
    name = base.replace("engine:", "as DualStream runs them, RUNTIME ").replace(
        " fp32", ", PRECISION fp32"
    )
    row = Row(f"bare forward passes, {name}", wall, cpu, case.pixels / wall, found[0].tiles)
    ratio = wall / _reference_seconds(samples, base)
    return replace(row, ratio=ratio, peak=median(each.peak for each in found))


def row_of(case: Case, name: str, samples: Samples, tool: str) -> Row:
    """Returns the medians of a tool's samples; those of DualStream exclude the time before the first tile."""
    found = samples[tool]
    base = samples[base_of(tool)]
    bare = median(each.wall for each in base)
    wall, cpu, whole = (
        median(getattr(each, field) for each in found) for field in ("wall", "cpu", "whole")
    )
    startup = whole - wall
    if tool in DUALSTREAM_RUNS:
        a_tile = bare / base[0].tiles
        startup = median(each.first - each.first_tiles * a_tile for each in found)
        wall -= startup
        tile_cpu = median(each.cpu for each in base) / base[0].tiles
        cpu -= median(each.one_cpu for each in found) - tile_cpu
        name += f" ({found[-1].runtime})" if tool == "dualstream" else ""
    peak = median(each.peak for each in found)
    rate = case.pixels / wall
    ratio = wall / _reference_seconds(samples, base_of(tool))
    return Row(name, wall, cpu, rate, found[-1].tiles, ratio, startup, peak)


def _compare(bench: Bench, case: Case, tool: str, row: Row) -> Row:
    kind = "dualstream" if tool in DUALSTREAM_RUNS else tool
    found = bench.difference(case, bench.mask(case, tool), tile_starts(kind, case.side))
    if found["largest_class"] > 0.9:
        emit(f"  The reference is {found['largest_class']:.0%} one class: seams hardly show in it.")
    columns = ("near_seams", "at_edge", "seam_changes", "scene_changes")
    return replace(row, **{name: found[name] for name in columns})
