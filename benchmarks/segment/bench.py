"""The test bench: makes the files of a case and runs one tool once. Standard library only."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.locations import ROOT

from ..processes import BenchmarkError, Run, emit, engine, environment, run
from .cases import MODELS, OVERLAP, TILE, Case, Model, data_folder

#: DualStream's runs: runtime and precision by name. In the first the engine chooses, the second computes as the other
#: tools do.
DUALSTREAM_RUNS = {"dualstream": ("auto", "auto"), "dualstream-torch": ("torch", "fp32")}
PEERS = ("loop", "geoai", "terratorch", "onnx")

#: Batch size for tools that have this option; their defaults are four or more.
_BATCH = 4


@dataclass(frozen=True)
class Sample:
    """One run of one tool.

    Attributes:
        wall: Seconds of the work; for DualStream, of the whole process.
        cpu: CPU seconds of the same.
        whole: Seconds of the whole process.
        peak: Peak memory, MiB.
        tiles: Number of tiles that the network computed.
        first: For DualStream, seconds until the first tiles were done.
        first_tiles: Number of these first tiles.
        one_cpu: For DualStream, CPU seconds of a whole process that maps a single tile.
        runtime: For DualStream, the runtime and precision that were used.
    """

    wall: float
    cpu: float
    whole: float
    peak: float
    tiles: int
    first: float = 0.0
    first_tiles: int = 0
    one_cpu: float = 0.0
    runtime: str = ""


@dataclass(frozen=True)
class Bench:
    """The test bench: folders, cores, number of rounds.

    Attributes:
        cache: Where environments, scenes and models are kept.
        cores: The cores that all processes share.
        runs: Number of rounds.
        side: Width and height of the scenes, px.
    """

    cache: Path
    cores: Sequence[int]
    runs: int
    side: int

    @property
    def folder(self) -> Path:
        """The folder of scenes, models and references."""
        return data_folder(self.cache)

    @property
    def settings(self) -> dict[str, str]:
        """The environment variables of all measured processes."""
        return environment(self.cache, len(self.cores))

    def case(self, model: Model | str, raster: str = "", side: int = 0) -> Case:
        """Returns the case of a model and a raster, and makes the files of it that are missing."""
        chosen = MODELS[model] if isinstance(model, str) else model
        case = Case(chosen, raster or chosen.rasters[0], side or self.side, self.folder)
        if not case.scene.exists():
            emit(f"Making scenes of {case.side} x {case.side} px ...")
            self.make("scenes", case.scene.parent, case.side)
        if not case.weights.exists():
            emit(f"Making the model {chosen.name} ...")
            self.make("models", chosen.name, case.weights)
        return case

    def graph(self, case: Case) -> None:
        """Writes the case's ONNX file if it is missing."""
        if not case.graph.exists():
            emit(f"Exporting the model {case.model.name} ...")
            words = ["--model", str(case.weights), "--output", str(case.graph)]
            run(engine(case.model.module, "export", words), self.settings)

    def difference(self, case: Case, mask: Path, tile_starts: list[int]) -> dict[str, float]:
        """Returns how a mask differs from the dense reference, which it makes if it is missing."""
        if not case.reference.exists():
            emit(f"Making the dense reference {case.reference.name} ...")
            self.make("reference", "make", self.job(case, mask), case.reference)
        places = ",".join(map(str, tile_starts))
        words = ["compare", case.reference, mask, TILE, places]
        found: dict[str, float] = json.loads(self.make("reference", *words))
        return found

    def make(self, module: str, *words: object) -> str:
        """Runs a module of this benchmark as a program, such as ``scenes``, and returns its output.

        Raises:
            BenchmarkError: If it fails.
        """
        command = [
            sys.executable,
            "-m",
            f"benchmarks.segment.{module}",
            *(str(word) for word in words),
        ]
        done = subprocess.run(
            command, cwd=ROOT, env=self.settings, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise BenchmarkError(f"{' '.join(command[2:])} failed: {done.stderr[-2000:]}")
        return done.stdout

    def job(self, case: Case, output: Path) -> Path:
        """Writes the job file of a measured process and returns its path."""
        model = case.model
        values = {
            "model": str(case.weights),
            "graph": str(case.graph),
            "image": str(case.scene),
            "auxiliary": str(case.auxiliary or ""),
            "stacked": str(case.stacked),
            "bands": model.bands,
            "auxiliary_bands": model.auxiliary_bands,
            "auxiliary_tile": model.auxiliary_tile,
            "classes": model.classes,
            "output": str(output),
            "tile": TILE,
            "overlap": OVERLAP,
            "batch": _BATCH,
            "threads": len(self.cores),
        }
        path = self.mask(case, "job").with_suffix(".json")
        path.write_text(json.dumps(values), "utf-8")
        return path

    def mask(self, case: Case, tool: str) -> Path:
        """Returns the path of a tool's mask."""
        folder = self.cache / "masks"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{case.model.name}-{case.raster}-{case.side}-{tool}.tif"

    def command(self, case: Case, tool: str, runtime: str, *options: object) -> list[str]:
        """Returns the command line of DualStream's segment."""
        words = [*case.options(self.mask(case, tool)), "--runtime", runtime]
        words += ["--device", "cpu"]
        return engine(case.model.module, "segment", [*words, *(str(word) for word in options)])

    def segment(self, case: Case, tool: str, runtime: str, *options: object) -> Run:
        """Runs DualStream's segment, after it has removed the mask of an earlier run."""
        self.mask(case, tool).unlink(missing_ok=True)
        return run(self.command(case, tool, runtime, *options), self.settings)

    def dualstream(self, case: Case, tool: str) -> Sample:
        """Measures DualStream's segment on the case and, for its start-up, on a single tile."""
        runtime, precision = DUALSTREAM_RUNS[tool]
        options = [] if precision == "auto" else ["--precision", precision]
        whole = self.segment(case, tool, runtime, *options)
        used, how = (str(whole.outputs[name]) for name in ("runtime_used", "precision"))
        one = self.segment(self.case(case.model, case.raster, TILE), tool, used, "--precision", how)
        at, first = whole.first_batch
        # At that time every lane has computed its first tiles.
        startup = (at, max(first, whole.tiles_in_flight), one.cpu)
        tiles, runtime = int(whole.outputs["tiles"]), f"{used}, {how}"
        return Sample(whole.wall, whole.cpu, whole.wall, whole.peak, tiles, *startup, runtime)

    def peer(self, case: Case, tool: str, python: str) -> Sample:
        """Measures a peer in its own environment."""
        job = self.job(case, self.mask(case, tool))
        return self._time_per_tile([python, "-m", "benchmarks.segment.peers", tool, str(job)])

    def bare(self, case: Case, runtime: str, tiles: int, precision: str = "auto") -> Sample:
        """Measures the forward passes of so many tiles; see ``bare.py`` for the names of runtimes."""
        job = self.job(case, self.mask(case, "bare"))
        words = [runtime, str(job), str(tiles), "--precision", precision]
        return self._time_per_tile([sys.executable, "-m", "benchmarks.segment.bare", *words])

    def _time_per_tile(self, command: list[str]) -> Sample:
        found = run(command, self.settings)
        answer = found.answer
        return Sample(answer["wall"], answer["cpu"], found.wall, found.peak, answer["tiles"])
