"""The measuring place: makes what a run needs, and runs one tool once. Standard library only."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..locations import ROOT
from .cases import MODELS, OVERLAP, TILE, Case, Model, made_folder
from .processes import BenchmarkError, Run, engine, environment, run, say

#: The tools besides the bare forward passes: ours with the runtime and precision of its choice, and as the
#: others compute, with torch in fp32; others.
OURS = {"ours": ("auto", "auto"), "ours-torch": ("torch", "fp32")}
PEERS = ("loop", "geoai", "terratorch", "onnx")

#: Tiles at a time of tools that take several; they all take four by default, or more.
_BATCH = 4


@dataclass(frozen=True)
class Sample:
    """One run of one tool.

    Attributes:
        wall: Seconds of the work; of ours, of the whole process.
        cpu: CPU seconds of the same.
        whole: Seconds of the whole process.
        peak: Peak memory, MiB.
        tiles: Tiles that the network was shown.
        first: Of ours, seconds until the first tiles were done.
        first_tiles: How many these were.
        one_cpu: Of ours, CPU seconds of a whole process that maps a single tile.
        runtime: Of ours, what computed the network, and how precisely.
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
    """The measuring place: where things lie, on which cores, how often.

    Attributes:
        cache: Where environments, scenes and models are kept.
        cores: The cores that all processes share.
        runs: Rounds.
        side: Width and height of the scenes, px.
        device: Where the engine computes.
        precision: How precisely.
    """

    cache: Path
    cores: Sequence[int]
    runs: int
    side: int
    device: str = "cpu"
    precision: str = "auto"

    @property
    def folder(self) -> Path:
        """Where scenes, models and references lie."""
        return made_folder(self.cache)

    @property
    def settings(self) -> dict[str, str]:
        """The environment variables of all measured processes."""
        return environment(self.cache, len(self.cores))

    def case(self, model: Model | str, raster: str = "", side: int = 0) -> Case:
        """A model on a raster; all files that it needs are made where they are missing."""
        chosen = MODELS[model] if isinstance(model, str) else model
        case = Case(chosen, raster or chosen.rasters[0], side or self.side, self.folder)
        if not case.scene.exists():
            say(f"Making scenes of {case.side} x {case.side} px ...")
            self.make("scenes", case.scene.parent, case.side)
        if not case.weights.exists():
            say(f"Making the model {chosen.name} ...")
            self.make("models", chosen.name, case.weights)
        return case

    def graph(self, case: Case) -> None:
        """Writes the case's ONNX file where it is missing."""
        if not case.graph.exists():
            say(f"Exporting the model {case.model.name} ...")
            words = ["--model", str(case.weights), "--output", str(case.graph)]
            run(engine(case.model.module, "export", words), self.settings)

    def settle(self, case: Case, tool: str) -> str:
        """Lets the engine find what is fastest for a tool of ours; what it said."""
        if self.device != "cpu":
            return ""
        return self.make("autotune", self.job(case, self.mask(case, tool)), *OURS[tool]).strip()

    def difference(self, case: Case, mask: Path, begins: list[int]) -> dict[str, float]:
        """How a mask differs from the dense reference, which is made where it is missing."""
        if not case.reference.exists():
            say(f"Making the dense reference {case.reference.name} ...")
            self.make("reference", "make", self.job(case, mask), case.reference)
        places = ",".join(map(str, begins))
        words = ["compare", case.reference, mask, TILE, places]
        found: dict[str, float] = json.loads(self.make("reference", *words))
        return found

    def make(self, module: str, *words: object) -> str:
        """Runs one of this benchmark's own programs, such as that which makes scenes; what it printed.

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
        """The job file of a measured process."""
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
        """Where a tool writes its mask."""
        folder = self.cache / "masks"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{case.model.name}-{case.raster}-{case.side}-{tool}.tif"

    def command(self, case: Case, tool: str, runtime: str, *options: object) -> list[str]:
        """Our segment as a shell starts it."""
        words = [*case.options(self.mask(case, tool)), "--runtime", runtime]
        words += ["--device", self.device, "--precision", self.precision]
        return engine(case.model.module, "segment", [*words, *(str(word) for word in options)])

    def segment(self, case: Case, tool: str, runtime: str, *options: object) -> Run:
        """Runs our segment; nothing of an earlier run is left."""
        self.mask(case, tool).unlink(missing_ok=True)
        return run(self.command(case, tool, runtime, *options), self.settings)

    def ours(self, case: Case, tool: str) -> Sample:
        """Our segment on the case and, to know its start-up, on a single tile under the same runtime."""
        runtime, precision = OURS[tool]
        options = [] if precision == "auto" else ["--precision", precision]
        whole = self.segment(case, tool, runtime, *options)
        used, how = (str(whole.outputs[name]) for name in ("runtime_used", "precision"))
        one = self.segment(self.case(case.model, case.raster, TILE), tool, used, *options)
        at, first = whole.first_batch
        # By then each lane has done its first tiles.
        startup = (at, max(first, whole.together), one.cpu)
        tiles, told = int(whole.outputs["tiles"]), f"{used}, {how}"
        return Sample(whole.wall, whole.cpu, whole.wall, whole.peak, tiles, *startup, told)

    def peer(self, case: Case, tool: str, python: str) -> Sample:
        """A peer, in its own environment."""
        job = self.job(case, self.mask(case, tool))
        return self._timed([python, "-m", "benchmarks.segment.peers", tool, str(job)])

    def bare(self, case: Case, runtime: str, tiles: int, precision: str = "auto") -> Sample:
        """The forward passes of so many tiles, under a runtime as ``bare.py`` names it."""
        job = self.job(case, self.mask(case, "bare"))
        words = [runtime, str(job), str(tiles), "--device", self.device]
        words += ["--precision", self.precision if precision == "auto" else precision]
        return self._timed([sys.executable, "-m", "benchmarks.segment.bare", *words])

    def _timed(self, command: list[str]) -> Sample:
        found = run(command, self.settings)
        told = found.answer
        return Sample(told["wall"], told["cpu"], found.wall, found.peak, told["tiles"])
