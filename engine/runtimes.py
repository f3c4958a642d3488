"""A model file as a network that is ready to run: raw tiles in, probabilities out.

The runtime and the batch size are what is fastest on this machine (``contest.py``) or what was asked for.
Networks stay ready for the next scenes of the same process.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .allocator import keep_memory
from .contest import Contest, Say
from .devices import Device
from .errors import DeviceError
from .memory import free_memory, is_exhausted
from .model_card import Card
from .model_file import identity
from .onnx_graph import check_numbers
from .pace import PREPARING
from .passes import Maker, Pass, padded
from .protocol import Metric, Progress, Warned
from .setups import COMPILED, Setup, check_runtime, continued

#: How many networks stay ready in one process, if a run does not use more in turn.
_READY = 4

#: Why a network takes fewer tiles at a time than it was meant to.
_SCARCE = ", all that the memory suffices for"


class Network:
    """A model's network on its device. When memory runs out it takes fewer tiles at a time, and says so.

    Args:
        card: What the model was trained on.
        device: Where it runs.
        setup: How it runs.
        run: What runs it so.
        why: Why it runs so, to follow the setup in a sentence.
        remake: Makes what runs it in fewer lanes, where it has several.
        name: What messages call it.

    Attributes:
        card: As given.
        has_halved: Whether it takes fewer tiles than before, since memory ran out.
    """

    def __init__(
        self,
        card: Card,
        device: Device,
        setup: Setup,
        run: Pass,
        why: str = "",
        remake: Callable[[Setup], Pass] | None = None,
        name: str = "the model",
    ) -> None:
        self.card, self.has_halved, self._remake = card, False, remake
        self._name, self._is_checked = name, False
        self._device, self._setup, self._run, self._why = device, setup, run, why
        self._say: Say = lambda event: None  # until somebody listens
        self._going_on, self._change = 0, threading.Condition()

    @property
    def runtime(self) -> str:
        """What computes it, a name of ``RUNTIMES``."""
        return self._setup.runtime

    @property
    def batch(self) -> int:
        """Tiles per forward pass; may become less in a call."""
        return self._setup.batch

    @property
    def lanes(self) -> int:
        """How many calls, each from a thread of its own, the machine is fastest with; may become less."""
        return self._setup.lanes

    @property
    def precision(self) -> str:
        """fp32, bf16 or fp16: the device's, or what was faster where that was left open."""
        return self._setup.precision

    def record(self) -> dict[str, Any]:
        """How it runs now, for ``ready`` to make it run so again."""
        return self._setup.record()

    def tell(self, say: Say) -> None:
        """Says how it runs, and will say what changes about that; the first probabilities are checked anew."""
        self._say, self._is_checked = say, False
        say(Metric(f"Runtime: {self._setup}{self._why}.", self.record()))

    @torch.inference_mode()
    def __call__(self, images: Tensor, auxiliary: Tensor | None = None) -> Tensor:
        """The probabilities of a batch of tiles.

        Args:
            images: (B, C, T, T) physical values in fp32 on the device, NaN where missing.
            auxiliary: (B, Ca, t, t) likewise, or None.

        Returns:
            (B, K, T, T) in fp32 on the device; of one logit that of the second class.

        Raises:
            DeviceError: If the memory does not suffice for a single tile.
            ModelFileError: If the first probabilities of a run are no numbers.
        """
        parts: list[Tensor] = []
        begin = 0
        while begin < len(images):
            with self._lane() as setup:
                place = slice(begin, begin + setup.batch)
                part = self._passed(images[place], None if auxiliary is None else auxiliary[place])
            if part is None:
                self._make_do(setup)
                continue
            if not self._is_checked:  # of a run: later tiles cost nothing
                check_numbers(part, self._name, setup.precision)
                self._is_checked = True
            parts.append(part)
            begin += len(part)
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    @contextmanager
    def _lane(self) -> Iterator[Setup]:
        """A lane to pass in, once one is free; yields how the network runs."""
        with self._change:
            self._change.wait_for(lambda: self._going_on < self.lanes)
            self._going_on += 1
            setup = self._setup
        try:
            yield setup
        finally:
            with self._change:
                self._going_on -= 1
                self._change.notify_all()

    def _passed(self, images: Tensor, auxiliary: Tensor | None) -> Tensor | None:
        """One pass; None if the memory did not suffice."""
        count = len(images)
        if self.runtime == COMPILED:  # for one shape only
            images = padded(images, self.batch)
            auxiliary = None if auxiliary is None else padded(auxiliary, self.batch)
        try:
            return self._run(images, auxiliary)[:count]
        except Exception as error:  # each runtime has errors of its own
            if not is_exhausted(error):
                raise
        # Not above: the error holds on to what the pass had got so far.
        return None

    def _make_do(self, setup: Setup) -> None:
        """Makes room: of other networks that are ready, else by taking half as many tiles from now on.

        Args:
            setup: What the memory did not suffice for; another lane may have made do already.
        """
        with self._change:
            if setup != self._setup:
                return
            are_released = _release_others(self)
            if self._device.place.type == "cuda":
                torch.cuda.empty_cache()
            if not are_released:
                self._halve()

    def _halve(self) -> None:
        before = self._setup.together
        if before == 1:
            raise DeviceError(
                f"The memory of {self._device.name} does not suffice for one tile of "
                f"{self.card.tile_size} px: close other programs, choose another device, or train a model "
                "with a smaller encoder or smaller tiles."
            )
        part = "lanes" if self.lanes > 1 else "batch"
        fewer = getattr(self._setup, part) // 2
        self._setup, self._why = replace(self._setup, **{part: fewer}), _SCARCE
        # Else the cores of the lost lanes would have nothing to do.
        if part == "lanes" and self._remake:
            try:
                self._run = self._remake(self._setup)
            except Exception as error:  # each runtime has errors of its own
                if not is_exhausted(error):
                    raise
        self.has_halved = True
        self._say(
            Warned(
                f"The memory did not suffice for {before} tiles at a time: the run goes on with "
                f"{self._setup.together}."
            )
        )


#: The networks that are ready, the last used last; the tiles after which choosing anew pays, and those seen.
_networks: OrderedDict[tuple[Any, ...], tuple[Network, float, int]] = OrderedDict()


def ready(
    path: str,
    device: Device,
    runtime: str,
    batch_size: int,
    tiles: int,
    fused: bool,
    say: Say,
    before: Mapping[str, Any] | None = None,
    together: int = 1,
) -> Network:
    """The network of a model file, ready to run.

    Args:
        path: The model file.
        device: Where it runs, and how precisely.
        runtime: A name of ``RUNTIMES``, or auto: what is fastest here.
        batch_size: Tiles per forward pass; 0: what is fastest here.
        tiles: How many tiles the run has; measuring what is fastest must pay off. 0: nothing is measured.
        fused: Whether the auxiliary stream is going to be given.
        say: Callback for progress, and for how the network runs.
        before: What ``Network.record`` gave in an earlier run that this one continues: then it runs as
            it did there, and gives the same numbers.
        together: How many networks the run uses: as many stay ready, sharing the memory.

    Raises:
        ModelFileError: If the file cannot be read.
        DeviceError: As ``check_runtime``, or if what ran the earlier run is no longer installed.
        JobError: If ``before`` is nothing that ``Network.record`` gives.
    """
    check_runtime(runtime, device)
    given = None if before is None else continued(before)
    if device.place.type == "cpu":
        keep_memory()
    key = _key(path, device, runtime, batch_size, fused, given)
    network, pays_from, seen = _networks.pop(key, (None, 0.0, 0))
    seen += tiles
    # What ran out of memory is made anew for the next run: there may be more by now.
    if network is None or (tiles and (network.has_halved or seen >= pays_from)):
        say(Progress(PREPARING, f"loading {Path(path).name}"))
        network = None  # now: its weights would be in memory twice
        while len(_networks) >= max(_READY, together):
            _networks.popitem(last=False)
        maker = Maker(path, device, fused)
        room = free_memory() // together  # their passes go on side by side
        contest = Contest(maker, path, device, batch_size, room, say)
        if given is None:
            setup, why, pays_from = contest.settle(runtime, seen)
        else:
            setup, why, pays_from = given, ", as in the run before", float("inf")
        network, seen = _made(maker, contest, device, setup, why, say), 0
    _networks[key] = network, pays_from, seen
    network.tell(say)
    return network


def _release_others(network: Network) -> bool:
    """Makes all networks but one no longer ready; whether there were any."""
    others = [key for key, (other, *_) in [*_networks.items()] if other is not network]
    gone = [_networks.pop(key, None) for key in others]  # another lane may make room as well
    return any(gone)


def _made(
    maker: Maker, contest: Contest, device: Device, setup: Setup, why: str, say: Say
) -> Network:
    run = maker.make(setup)
    fitting = contest.fitting(setup, run)
    if fitting != setup:
        say(
            Warned(
                f"The free memory does not suffice for {setup.together} tiles at a time: "
                f"{fitting.together} {'are' if fitting.together > 1 else 'is'} taken."
            )
        )
        why = _SCARCE
    if fitting.lanes < setup.lanes:  # a lane has all cores now
        run = maker.make(fitting)
    remake = maker.make if fitting.lanes > 1 else None
    return Network(maker.card, device, fitting, run, why, remake, maker.name)


def _key(
    path: str,
    device: Device,
    runtime: str,
    batch_size: int,
    fused: bool,
    given: Setup | None,
) -> tuple[Any, ...]:
    """What must be the same for a network to be used again."""
    file = identity(path) if Path(path).is_file() else (path,)
    where = (str(device.place), device.precision, device.is_open, torch.get_num_threads())
    return (*file, *where, runtime, batch_size, fused, given)
