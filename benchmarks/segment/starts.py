"""How soon a process maps: the first tile of three networks, and a first scene. Standard library only."""

from __future__ import annotations

import sys
from collections import defaultdict
from statistics import median

from ..processes import Run, run
from .bench import Bench
from .cases import TILE, Case
from .environments import python_of
from .rounds import Samples

#: The networks whose start is measured.
NETWORKS = ("dualstream", "unet", "dualstream-b1", "cmx-b0")

#: The networks of the first scene, and its side in px: as many pixels as 4096 x 2048.
FIRST, FIRST_SIDE = ("unet", "dualstream-b1"), 2896


def startup(bench: Bench) -> str:
    """Measures the seconds to the first finished tile, with and without torch, and those that making a graph takes."""
    texts = []
    for name in NETWORKS:
        case = bench.case(name, side=TILE)
        settings = prepared(bench, case)
        found: dict[str, list[Run]] = defaultdict(list)
        for _ in range(bench.runs):
            for runtime in ("auto", "torch"):
                command = bench.command(case, "dualstream", runtime, "--precision", "fp32")
                found[runtime].append(run(command, settings))
            found["making"].append(_make_graph(bench, case, str(bench.cache / "made")))
        light, torch = (_seconds(found[runtime]) for runtime in ("auto", "torch"))
        making = median(each.cpu for each in found["making"])
        texts.append(
            f"{name} {light} prepared, {torch} with torch; its graph in {making:.1f} CPU s"
        )
    return f"From the start of the process to the first finished tile: {'; '.join(texts)}."


def first_scene(bench: Bench) -> str:
    """Measures whole processes on a first scene: a fresh install's choice, ONNX Runtime, and a window loop."""
    python = python_of("onnx", bench.cache)
    texts = []
    for name in FIRST:
        case = bench.case(name, side=FIRST_SIDE)
        bench.graph(case)
        samples: Samples = defaultdict(list)
        walls: dict[str, list[Run]] = defaultdict(list)
        for _ in range(bench.runs):
            for runtime in ("auto", "onnxruntime"):
                settings = prepared(bench, case)
                walls[runtime].append(run(bench.command(case, runtime, runtime), settings))
            samples["peer"].append(bench.peer(case, "onnx", python))
        used = walls["auto"][0].outputs
        choice = f"{used['runtime_used']}, {used['precision']}"
        peer = median(sample.whole for sample in samples["peer"])
        texts.append(
            f"{name}: the choice of a fresh install ({choice}) {_whole(walls['auto'], peer)}, ONNX Runtime in fp32 "
            f"{_whole(walls['onnxruntime'], peer)}, a window loop with ONNX Runtime {peer:.1f} s"
        )
    return f"Whole processes on a first scene of {FIRST_SIDE} x {FIRST_SIDE} px, a prepared model: {'; '.join(texts)}."


def prepared(bench: Bench, case: Case) -> dict[str, str]:
    """Returns the environment of processes that know the prepared model."""
    kept = bench.cache / "prepared" / case.model.name
    if not [*kept.glob("graph-*")]:
        _make_graph(bench, case, str(kept))
    return {**bench.settings, "DUALSTREAM_CACHE": str(kept)}


def _make_graph(bench: Bench, case: Case, cache: str) -> Run:
    """Runs a process that makes the graph of a model, and keeps it in a cache."""
    command = [sys.executable, "-m", "benchmarks.segment.prepare", str(case.weights)]
    return run(command, {**bench.settings, "DUALSTREAM_CACHE": cache})


def _seconds(runs: list[Run]) -> str:
    wall, cpu = median(each.first_batch[0] for each in runs), median(each.cpu for each in runs)
    return f"{wall:.1f} s (CPU {cpu:.1f} s)"


def _whole(runs: list[Run], peer: float) -> str:
    wall, cpu = median(each.wall for each in runs), median(each.cpu for each in runs)
    peak = median(each.peak for each in runs)
    return f"{wall:.1f} s ({wall / peer:.2f} x the loop's; CPU {cpu:.1f} s, {peak:.0f} MiB)"
