"""Further measurements: memory, strips, resume, GPU, and those of other modules. Standard library only.

Each function takes the test bench and returns a text for docs/benchmarks.md.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from statistics import median

from ..locations import ROOT
from .bench import Bench, Sample
from .cases import MODELS, TILE, Case
from .processes import Run, emit, run
from .qgis_trials import batch, calls
from .rounds import measure
from .starts import first_scene, startup

#: Sides of the scenes whose peak memory is compared, px.
SIDES = (10_000, 20_000)
#: The networks of real use; the null models measure the cost of everything else.
NETWORKS = ("dualstream-b1", "cmx-b2", "unet")
_KILLS, _QUICK_SIDE, _RESUME_SIDE = 10, 1024, 4096


def memory(bench: Bench) -> str:
    """Measures the peak memory at two sizes of the scene, with both streams and confidence, and of a real network."""
    sides = SIDES if bench.side > _QUICK_SIDE else (2048, 4096)
    peaks = []
    for side in sides:
        case = _large_case(bench, side)
        runs = [_with_confidence(bench, case) for _ in range(bench.runs)]
        peaks.append(median(each.peak for each in runs))
        emit(f"  {side} x {side} px, null model of two streams: peak {peaks[-1]:.0f} MiB")
        shutil.rmtree(case.scene.parent)
    real = _with_confidence(bench, bench.case("dualstream-b1", side=2048), "--batch_size", 4)
    last, first = sides[-1], sides[0]
    return (
        f"Peak memory, both streams and confidence on, a null model: {peaks[0]:.0f} MiB at {first} x {first} px, "
        f"{peaks[-1]:.0f} MiB at {last} x {last} px ({peaks[-1] / peaks[0] - 1:+.1%}). DualStream-b1 with "
        f"batches of 4: {real.peak:.0f} MiB."
    )


def _large_case(bench: Bench, side: int) -> Case:
    case = Case(MODELS["null-both"], "uint16-tiled", side, bench.cache / "large")
    if not case.scene.exists():
        emit(f"  making a scene of {side} x {side} px ...")
        bench.make("scenes", case.scene.parent, side, "--large")
    weights = bench.case("null-both", side=TILE).weights
    case.weights.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(weights, case.weights)
    return case


def _with_confidence(bench: Bench, case: Case, *options: object) -> Run:
    confidence = bench.mask(case, "confidence")
    confidence.unlink(missing_ok=True)
    measured = bench.segment(case, "dualstream", "torch", "--confidence", confidence, *options)
    confidence.unlink()
    bench.mask(case, "dualstream").unlink()
    return measured


def strips(bench: Bench) -> str:
    """Measures wall seconds on strip-organised files over those on tiled files of the same pixels."""
    pairs = (("dualstream-b1", "uint16"), ("unet", "uint8"))
    texts = []
    for model, kind in pairs:
        cases = [bench.case(model, f"{kind}-{layout}") for layout in ("tiled", "strip")]
        rows = [measure(bench, case, ["dualstream"], compare=False)[-1] for case in cases]
        tiled, strip = (row.wall or 0.0 for row in rows)
        texts.append(f"{model} {strip:.1f} s against {tiled:.1f} s ({strip / tiled:.2f} x)")
    return f"Strip-organised files against tiled ones of the same pixels: {'; '.join(texts)}."


def resume(bench: Bench) -> str:
    """Kills runs at random times, starts them again, and compares their masks with that of an uninterrupted run."""
    case = bench.case("unet", "uint8-tiled", min(bench.side, _RESUME_SIDE))
    whole = bench.segment(case, "dualstream", "torch")
    output = bench.mask(case, "dualstream")
    expected, rng = _digest(output), random.Random(0)  # noqa: S311 (no secret)
    same, restarts = 0, []
    command = bench.command(case, "dualstream", "torch")
    for _ in range(_KILLS):
        output.unlink(missing_ok=True)
        seconds = rng.uniform(0.0, whole.wall)
        _run_and_kill(command, bench.settings, seconds)
        restarts.append(_reported_tiles(run(command, bench.settings)))
        is_same = _digest(output) == expected
        same += is_same
        emit(f"  killed after {seconds:.1f} s, then {restarts[-1]}: {_same(is_same)}")
    return (
        f"Killed at {_KILLS} random moments of {whole.wall:.1f} s and started again: {same} of {_KILLS} "
        f"masks are the uninterrupted run's, byte for byte. The last starts reported {'; '.join(restarts)}."
    )


def _run_and_kill(command: list[str], settings: dict[str, str], seconds: float) -> None:
    """Runs a command and kills it after some seconds."""
    null = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=null, stderr=null)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()


def _reported_tiles(again: Run) -> str:
    """Returns which tiles a run reported as done, from its first message to its last."""
    messages = (event.get("message", "") for _, event in again.lines)
    tiles = [
        match.groups() for text in messages if (match := re.match(r"tile (\d+) of (\d+)", text))
    ]
    return f"tiles {tiles[0][0]} to {tiles[-1][0]} of {tiles[-1][1]}" if tiles else "no tile"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _same(is_same: bool) -> str:
    return "the same bytes" if is_same else "OTHER BYTES"


def gpu(bench: Bench) -> str:
    """Measures DualStream on a GPU against bare forward passes timed by CUDA events, and the reading alone."""
    texts = []
    for name in NETWORKS:
        case = bench.case(name)
        samples: list[Sample] = [bench.dualstream(case, "dualstream") for _ in range(bench.runs)]
        tiles = samples[-1].tiles
        bare = median(bench.bare(case, "engine:auto", tiles).wall for _ in range(bench.runs))
        wall = median(one.wall - one.first + one.first_tiles * bare / tiles for one in samples)
        texts.append(
            f"{name} {case.pixels / wall:.1f} Mpx/s, {wall / bare:.2f} x bare forwards; reading alone "
            f"{case.pixels / _reading(bench, case):.0f} Mpx/s"
        )
    return f"On {bench.device} ({bench.precision}): {'; '.join(texts)}."


def _reading(bench: Bench, case: Case) -> float:
    """Returns the seconds of a run with the null model, which are those of reading and writing."""
    null = bench.case("null-both" if case.model.bands == 4 else "null", case.raster)
    runs = [bench.dualstream(null, "dualstream") for _ in range(bench.runs)]
    return median(each.wall - each.first for each in runs)


TRIALS: dict[str, Callable[[Bench], str]] = {
    "startup": startup,
    "first": first_scene,
    "strips": strips,
    "resume": resume,
    "batch": batch,
    "calls": calls,
    "memory": memory,
}
