"""Which setup runs a network fastest here: measured, remembered, and only where that pays.

What is measured belongs to a kind of network on a machine, not to a model file: another training of the
same network is as fast. A run that measures nothing takes what was fastest on the machines we know.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import replace

import torch

from . import graph_store
from .allocator import keep_memory
from .devices import Device, has_fast_bf16
from .errors import first_line
from .lanes import most_lanes, threads_of
from .memory import is_exhausted, peak_growth
from .onnx_graph import random_tiles
from .pace import PREPARING
from .passes import Maker, Pass
from .protocol import Event, Metric, Progress
from .setups import (
    COMPILED,
    GRAPHS,
    LANED,
    ONNX_RUNTIME,
    OPENVINO,
    RUNTIMES,
    TORCH,
    Setup,
    is_installed,
)
from .speed_notes import keep_notes, name_of, read_notes

Say = Callable[[Event], None]

#: All finding out together takes at most this share of all runs of a network so far: where nothing is gained,
#: no more is lost, and what is gained is gained for good. Many short runs pay for it as one long one does.
_SHARE = 1 / 5

#: What translating a network for other runtimes and checking the graph takes at most, in passes of one tile
#: (U-Net, DualStream and CMX: 20 to 60).
_TRANSLATING = 60

#: Passes of each setup, the first to warm up.
_PASSES = 3

#: The batch sizes that are tried, by kind of device; more tiles at a time gained nothing.
_BATCHES = {"cpu": (1, 4), "cuda": (4, 8, 16), "mps": (1, 4)}

#: The batch size of a run that measures nothing.
_USUAL = {"cpu": 4, "cuda": 8, "mps": 4}

#: Of setups that are as good as equally fast, the first counts: they are ordered by their memory.
_EQUAL = 1.03

#: The share of the free memory that passes may take.
_USABLE = 0.8

#: What a tile takes at least, in numbers of fp32 a pixel.
_LEAST = 100


#: What did not fit into the memory, by the notes' names: another time it may, so it stays in this process.
_too_large: dict[str, set[Setup]] = {}


class Contest:
    """Chooses how a network is run.

    Args:
        maker: Makes what is measured.
        path: The model file.
        device: Where it runs.
        batch_size: The batch size that was asked for; 0: any.
        budget: Bytes that may be used.
        say: Is told what is being done.
    """

    def __init__(
        self, maker: Maker, path: str, device: Device, batch_size: int, budget: int, say: Say
    ) -> None:
        self._maker, self._path, self._device = maker, path, device
        self._batch_size, self._budget, self._say = batch_size, budget, say
        self._name = name_of(maker.card, maker.fused, device, batch_size)
        self.found = read_notes(self._name)
        self._too_large = _too_large.setdefault(self._name, set())

    def usual(self, runtime: str) -> Setup:
        """The setup of a runtime that nothing was measured of."""
        place = self._device.place.type
        setup = Setup(runtime, self._batch_size or 1, place != "mps", self._device.precision)
        # Where freed memory goes back to the system, it is got anew for several tiles at a time.
        if self._batch_size or (place == "cpu" and not keep_memory()):
            return setup
        lanes = self._lanes(runtime)
        return replace(setup, lanes=lanes) if lanes > 1 else replace(setup, batch=_USUAL[place])

    def settle(self, runtime: str, tiles: int) -> tuple[Setup, str, float]:
        """Chooses, after measuring what pays.

        Args:
            runtime: The runtime that was asked for, or auto.
            tiles: How many tiles are going to be looked at; 0: nothing is measured.

        Returns:
            The setup; why, to follow it in a sentence; how many tiles more would pay for choosing anew.
        """
        self.found.tiles += tiles
        first = TORCH if runtime == "auto" else runtime
        names = [first, *(self._others() if runtime == "auto" else [])]
        pays_from = float("inf")
        for name in names:
            if not self._new(name):
                continue
            cost = self._cost(name, self._known([first]), runtime == "auto")
            missing = (self.found.spent + cost) / _SHARE - self.found.tiles
            if tiles and missing <= 0:
                self.found.spent += cost
                self._measure(name)
            else:
                pays_from = min(pays_from, max(missing, 0.0))
        keep_notes(self._name, self.found)
        known = self._known(names)
        if not known:
            why = "" if pays_from == float("inf") else " (too few tiles to measure others)"
            return self.usual(first), why, pays_from
        best = min(known.values())
        setup = next(setup for setup, seconds in known.items() if seconds <= best * _EQUAL)
        return setup, _reason(setup, known), pays_from

    def _new(self, runtime: str) -> list[Setup]:
        """The setups of a runtime that nothing is known of."""
        setups = self._setups(runtime)
        return [s for s in setups if s not in self.found.seconds and s not in self._too_large]

    def _cost(self, runtime: str, known: dict[Setup, float], is_free: bool) -> float:
        """What measuring the new setups of a runtime takes, in passes of one tile; infinite: in vain."""
        if len(self._setups(runtime)) == 1 and not (is_free and self._others()):
            return float("inf")  # there is nothing to choose
        cost = sum(setup.together for setup in self._new(runtime)) * _PASSES
        if not is_free or runtime not in GRAPHS:
            return cost
        if not known:
            return float("inf")  # torch comes first
        if graph_store.is_kept(self._path, self._maker.fused):
            return cost
        return cost + _TRANSLATING

    def fitting(self, setup: Setup, run: Pass) -> Setup:
        """The setup with as many tiles at a time, at most its own, as the free memory suffices for."""
        if self._device.place.type != "cpu" or setup.together == 1 or setup.runtime == COMPILED:
            return setup
        if setup.runtime not in self.found.memory:
            self._weigh(setup.runtime, run)
        most = max(1, self._fitting(setup.runtime))
        if setup.lanes > 1:
            return setup if most >= setup.together else replace(setup, lanes=1)
        return replace(setup, batch=min(setup.batch, most))

    def _fitting(self, runtime: str) -> int:
        return int(self._budget * _USABLE / self.found.memory[runtime])

    def _weigh(self, runtime: str, run: Pass) -> None:
        """Learns what a tile takes, from the memory that the first pass of one tile needs."""
        growth = peak_growth(lambda: run(*self._tiles(1)))
        least = 4 * _LEAST * self._maker.card.tile_size**2
        self.found.memory[runtime] = max(growth, least)
        keep_notes(self._name, self.found)

    def _measure(self, runtime: str) -> None:
        """Times the setups of a runtime that were not."""
        for setup in self._new(runtime):
            self._say(Progress(PREPARING, f"measuring how fast {RUNTIMES[runtime]} is here"))
            try:
                self.found.seconds[setup] = self._timed(setup)
            except Exception as error:  # each runtime has errors of its own
                if is_exhausted(error):
                    self._too_large.add(setup)
                    continue
                if runtime not in GRAPHS:
                    raise
                self.found.seconds[setup] = float("inf")
                self._say(Metric(f"{RUNTIMES[runtime]} is not used: {first_line(error)}."))
            keep_notes(self._name, self.found)

    def _timed(self, setup: Setup) -> float:
        """Seconds a tile, the best of some passes: what else the machine does only ever adds.

        Raises:
            MemoryError: If the memory would not suffice.
        """
        run = self._maker.make(setup)
        if self._device.place.type == "cpu" and setup.runtime not in self.found.memory:
            self._weigh(setup.runtime, run)
        if self._device.place.type == "cpu" and setup.together > max(
            1, self._fitting(setup.runtime)
        ):
            raise MemoryError
        tiles = self._tiles(setup.batch)

        def look(_: int = 0) -> None:
            run(*tiles).flatten()[0].item()  # looking at a value waits for a GPU to finish

        best = float("inf")
        # cuDNN remembers what is fastest for the thread that found it: a single lane is this one.
        with threads_of(setup.lanes) if setup.lanes > 1 else nullcontext() as pool:
            looks = (lambda: [*pool.map(look, range(setup.lanes))]) if pool else look
            for _ in range(_PASSES):
                start = time.perf_counter()
                looks()
                best = min(best, time.perf_counter() - start)
        return best / setup.together

    def _tiles(self, batch: int) -> tuple[torch.Tensor, torch.Tensor | None]:
        values = random_tiles(self._maker.card, batch, self._maker.fused)
        placed = {name: value.to(self._device.place) for name, value in values.items()}
        return placed["image"], placed.get("auxiliary")

    def _setups(self, runtime: str) -> list[Setup]:
        """What is tried of a runtime, that with the least memory first."""
        place = self._device.place.type
        batches = (self._batch_size,) if self._batch_size else _BATCHES[place]
        usual = [replace(self.usual(runtime), batch=batch, lanes=1) for batch in batches]
        if (lanes := self._lanes(runtime)) > 1:
            usual.insert(1, replace(usual[0], lanes=lanes))
        if runtime != TORCH or place != "cpu":
            return usual[: 1 if runtime == COMPILED else None]
        tried = [*usual, *(replace(setup, channels_last=False) for setup in usual)]
        if self._device.is_open and has_fast_bf16():
            tried += [replace(setup, precision="bf16") for setup in usual]
        return tried

    def _lanes(self, runtime: str) -> int:
        """How many passes at a time are tried; 1: no more."""
        if runtime not in LANED or self._device.place.type != "cpu" or self._batch_size:
            return 1
        return most_lanes(torch.get_num_threads())

    def _others(self) -> list[str]:
        """The runtimes besides torch that could run the network here."""
        if self._device.place.type != "cpu" or self._device.precision != "fp32":
            return []
        return [name for name in (ONNX_RUNTIME, OPENVINO) if is_installed(name)]

    def _known(self, runtimes: Iterable[str]) -> dict[Setup, float]:
        """Seconds of the setups that were measured and run, in the order in which they are preferred."""
        setups = [setup for name in runtimes for setup in self._setups(name)]
        known = {setup: self.found.seconds.get(setup, float("inf")) for setup in setups}
        return {setup: seconds for setup, seconds in known.items() if seconds < float("inf")}


def _reason(setup: Setup, known: dict[Setup, float]) -> str:
    best: dict[str, float] = {}
    for other, seconds in known.items():
        if other.runtime != setup.runtime:
            best[other.runtime] = min(seconds, best.get(other.runtime, seconds))
    others = ", ".join(f"{RUNTIMES[name]} {seconds:.2g} s" for name, seconds in best.items())
    return f": {known[setup]:.2g} s a tile{f' ({others})' if others else ''}"
