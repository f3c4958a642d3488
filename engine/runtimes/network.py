"""A model file as a network that is ready to run: raw tiles in, probabilities out.

The runtime and the batch size are the fastest on this machine (``autotune.py``) or those that the job asks for.
Networks stay loaded for the next scenes of the same process.
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

from ..compute.devices import Device
from ..compute.malloc import keep_memory
from ..compute.memory import free_memory, is_exhausted
from ..contract.errors import DeviceError
from ..contract.eta import PREPARING
from ..contract.model_card import Card
from ..contract.protocol import Metric, Progress, Warned
from ..models.model_file import identity
from .autotune import MIN_TILES, Choice, Contest, Say
from .backends import Maker, Pass, padded
from .onnx_export import check_numbers
from .runtime_config import COMPILED, Setup, check_runtime, continued

#: How many networks stay loaded in one process, if a run does not use more of them in turn.
_READY = 4

#: The reason of a setup with fewer tiles at a time than were chosen.
_SCARCE = ", all that the memory suffices for"

#: The reason of a setup that an earlier run had.
_CONTINUED = ", as in the run before"


class Network:
    """A network on its device. When memory runs out it takes fewer tiles at a time, and warns.

    Args:
        card: What the model was trained on.
        device: Where the network runs.
        setup: How it runs.
        run: A pass of that setup.
        why: The reason of that setup, as the end of a sentence.
        remake: Makes a pass of a setup with fewer lanes; only where there are several.
        name: The model's name in messages.

    Attributes:
        card: As given.
        has_halved: Whether memory ran out, so that it takes fewer tiles than before.
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
        self._say: Say = lambda event: None  # until ``tell``
        self._going_on, self._change = 0, threading.Condition()

    @property
    def runtime(self) -> str:
        """The runtime that computes it, a name of ``RUNTIMES``."""
        return self._setup.runtime

    @property
    def batch(self) -> int:
        """Tiles per forward pass; a call may reduce them."""
        return self._setup.batch

    @property
    def lanes(self) -> int:
        """How many threads should call it at the same time; a call may reduce them."""
        return self._setup.lanes

    @property
    def precision(self) -> str:
        """fp32, bf16 or fp16: the device's, or the faster one where the job leaves it open."""
        return self._setup.precision

    def record(self) -> dict[str, Any]:
        """How it runs now; given to ``ready`` as ``before``, it runs so again."""
        return self._setup.record()

    def tell(self, say: Say) -> None:
        """Begins a run: sends an event that says how it runs; the run's first probabilities will be checked.

        Args:
            say: Callback for metric and warning events, now and in calls.
        """
        self._say, self._is_checked = say, False
        say(Metric(f"Runtime: {self._setup}{self._why}.", self.record()))

    @torch.inference_mode()
    def __call__(self, images: Tensor, auxiliary: Tensor | None = None) -> Tensor:
        """The probabilities of a batch of tiles.

        Args:
            images: (B, C, T, T) physical values in fp32 on the device, NaN where missing.
            auxiliary: (B, Ca, t, t) likewise, or None.

        Returns:
            (B, K, T, T) in fp32 on the device; with one logit, the probability of the second class.

        Raises:
            DeviceError: If the memory does not suffice for a single tile.
            ModelFileError: If the first probabilities of a run are not finite.
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
        """Waits until fewer passes than ``lanes`` run; yields the setup of the pass that may begin."""
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
        # Not in the handler: the error refers to the tensors that the pass made.
        return None

    def _make_do(self, setup: Setup) -> None:
        """Makes room: unloads the other networks, or else halves the tiles at a time from now on.

        Args:
            setup: The setup that was too large. Where it is no longer in use, another thread has made room.
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
        # So that the remaining lanes use the cores of the lost ones.
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


#: The loaded networks, the last used last; and whether their setups are final, see ``Choice``.
_networks: OrderedDict[tuple[Any, ...], tuple[Network, bool]] = OrderedDict()


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
        runtime: A name of ``RUNTIMES``, or auto: the fastest one here.
        batch_size: Tiles per forward pass; 0: the fastest number here.
        tiles: How many tiles the run has, see ``MIN_TILES``; 0: nothing is measured.
        fused: Whether the auxiliary stream is going to be given.
        say: Callback for progress, metric and warning events.
        before: The ``Network.record`` of an earlier run that this one continues. The network then runs in the
            same way, so that it gives the same numbers.
        together: How many networks the run uses: they all stay loaded, and share the memory.

    Raises:
        ModelFileError: If the file cannot be read.
        DeviceError: As ``check_runtime``, or if the runtime of the earlier run is no longer installed.
        JobError: If ``before`` is not a ``Network.record``.
    """
    check_runtime(runtime, device)
    given = None if before is None else continued(before)
    if device.place.type == "cpu":
        keep_memory()
    key = _key(path, device, runtime, batch_size, fused, given)
    network, is_final = _networks.pop(key, (None, False))
    # A network that ran out of memory is made anew for the next run: there may be more by now.
    if network is None or (tiles and network.has_halved) or (tiles >= MIN_TILES and not is_final):
        say(Progress(PREPARING, f"loading {Path(path).name}"))
        network = None  # before loading: its weights would be in memory twice
        while len(_networks) >= max(_READY, together):
            _networks.popitem(last=False)
        maker = Maker(path, device, fused)
        # The memory is shared: the networks of a run compute at the same time.
        contest = Contest(maker, device, batch_size, free_memory() // together, say)
        choice = Choice(given, _CONTINUED, True) if given else contest.choose(runtime, tiles)
        network, is_final = _made(maker, contest, device, choice, say), choice.is_final
    _networks[key] = network, is_final
    network.tell(say)
    return network


def _made(maker: Maker, contest: Contest, device: Device, choice: Choice, say: Say) -> Network:
    """The network with the chosen setup, or with fewer tiles at a time if the memory is short."""
    setup, why = choice.setup, choice.reason
    run = maker.make(setup)
    fitting = contest.fit(setup, run)
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


def _release_others(network: Network) -> bool:
    """Unloads all networks but one; whether there were any."""
    others = [key for key, (other, _) in [*_networks.items()] if other is not network]
    gone = [_networks.pop(key, None) for key in others]  # another thread may unload them too
    return any(gone)


def _key(path: str, device: Device, *asked: object) -> tuple[Any, ...]:
    """All that must be the same for a loaded network to be used again."""
    file = identity(path) if Path(path).is_file() else (path,)
    where = (str(device.place), device.precision, device.is_open, torch.get_num_threads())
    return (*file, *where, *asked)
