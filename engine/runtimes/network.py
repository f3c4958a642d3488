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
from ..compute.malloc import keep_freed_memory
from ..compute.memory import free_memory, is_out_of_memory
from ..contract.errors import DeviceError
from ..contract.eta import PREPARING
from ..contract.model_card import Card
from ..contract.protocol import Metric, Progress, Warned
from ..models.model_file import file_identity
from .autotune import MIN_TILES, Autotuner, Choice, Emit
from .backends import Backend, BackendFactory, pad_batch
from .onnx_export import check_numbers
from .runtime_config import COMPILED, RuntimeConfig, check_runtime, resume_config

#: How many networks stay loaded in one process, if a run does not use more of them in turn.
_CACHED_NETWORKS = 4

#: The reason of a setup with fewer tiles at a time than were chosen.
_SCARCE = ", all that the memory suffices for"

#: The reason of a setup that an earlier run had.
_CONTINUED = ", as in the run before"


class Network:
    """A network on its device. When memory runs out it takes fewer tiles at a time, and warns.

    Args:
        card: What the model was trained on.
        device: Where the network runs.
        config: How it runs.
        run: A pass of that setup.
        why: The reason of that setup, as the end of a sentence.
        rebuild: Makes a pass of a setup with fewer lanes; only where there are several.
        name: The model's name in messages.

    Attributes:
        card: As given.
        has_halved: Whether memory ran out, so that it takes fewer tiles than before.
    """

    def __init__(
        self,
        card: Card,
        device: Device,
        config: RuntimeConfig,
        run: Backend,
        why: str = "",
        rebuild: Callable[[RuntimeConfig], Backend] | None = None,
        name: str = "the model",
    ) -> None:
        self.card, self.has_halved, self._rebuild = card, False, rebuild
        self._name, self._is_checked = name, False
        self._device, self._config, self._run, self._why = device, config, run, why
        self._emit: Emit = lambda event: None  # until ``report``
        self._active_calls, self._change = 0, threading.Condition()

    @property
    def runtime(self) -> str:
        """The runtime that computes it, a name of ``RUNTIMES``."""
        return self._config.runtime

    @property
    def batch(self) -> int:
        """Tiles per forward pass; a call may reduce them."""
        return self._config.batch

    @property
    def lanes(self) -> int:
        """How many threads should call it at the same time; a call may reduce them."""
        return self._config.lanes

    @property
    def precision(self) -> str:
        """fp32, bf16 or fp16: the device's, or the faster one where the job leaves it open."""
        return self._config.precision

    def record(self) -> dict[str, Any]:
        """How it runs now; given to ``get_network`` as ``before``, it runs so again."""
        return self._config.record()

    def report(self, emit: Emit) -> None:
        """Begins a run: sends an event that says how it runs; the run's first probabilities will be checked.

        Args:
            emit: Callback for metric and warning events, now and in calls.
        """
        self._emit, self._is_checked = emit, False
        emit(Metric(f"Runtime: {self._config}{self._why}.", self.record()))

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
            with self._lane() as config:
                place = slice(begin, begin + config.batch)
                part = self._run_batch(
                    images[place], None if auxiliary is None else auxiliary[place]
                )
            if part is None:
                self._free_or_halve(config)
                continue
            if not self._is_checked:  # of a run: later tiles cost nothing
                check_numbers(part, self._name, config.precision)
                self._is_checked = True
            parts.append(part)
            begin += len(part)
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    @contextmanager
    def _lane(self) -> Iterator[RuntimeConfig]:
        """Waits until fewer passes than ``lanes`` run; yields the setup of the pass that may begin."""
        with self._change:
            self._change.wait_for(lambda: self._active_calls < self.lanes)
            self._active_calls += 1
            config = self._config
        try:
            yield config
        finally:
            with self._change:
                self._active_calls -= 1
                self._change.notify_all()

    def _run_batch(self, images: Tensor, auxiliary: Tensor | None) -> Tensor | None:
        """One pass; None if the memory did not suffice."""
        count = len(images)
        if self.runtime == COMPILED:  # for one shape only
            images = pad_batch(images, self.batch)
            auxiliary = None if auxiliary is None else pad_batch(auxiliary, self.batch)
        try:
            return self._run(images, auxiliary)[:count]
        except Exception as error:  # each runtime has errors of its own
            if not is_out_of_memory(error):
                raise
        # Not in the handler: the error refers to the tensors that the pass made.
        return None

    def _free_or_halve(self, config: RuntimeConfig) -> None:
        """Makes room: unloads the other networks, or else halves the tiles at a time from now on.

        Args:
            config: The setup that was too large. Where it is no longer in use, another thread has made room.
        """
        with self._change:
            if config != self._config:
                return
            are_released = _release_others(self)
            if self._device.torch_device.type == "cuda":
                torch.cuda.empty_cache()
            if not are_released:
                self._halve()

    def _halve(self) -> None:
        before = self._config.tiles_in_flight
        if before == 1:
            raise DeviceError(
                f"The memory of {self._device.name} does not suffice for one tile of "
                f"{self.card.tile_size} px: close other programs, choose another device, or train a model "
                "with a smaller encoder or smaller tiles."
            )
        part = "lanes" if self.lanes > 1 else "batch"
        fewer = getattr(self._config, part) // 2
        self._config, self._why = replace(self._config, **{part: fewer}), _SCARCE
        # So that the remaining lanes use the cores of the lost ones.
        if part == "lanes" and self._rebuild:
            try:
                self._run = self._rebuild(self._config)
            except Exception as error:  # each runtime has errors of its own
                if not is_out_of_memory(error):
                    raise
        self.has_halved = True
        self._emit(
            Warned(
                f"The memory did not suffice for {before} tiles at a time: the run goes on with "
                f"{self._config.tiles_in_flight}."
            )
        )


#: The loaded networks, the last used last; and whether their setups are final, see ``Choice``.
_network_cache: OrderedDict[tuple[Any, ...], tuple[Network, bool]] = OrderedDict()


def get_network(
    path: str,
    device: Device,
    runtime: str,
    batch_size: int,
    tiles: int,
    fused: bool,
    emit: Emit,
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
        emit: Callback for progress, metric and warning events.
        before: The ``Network.record`` of an earlier run that this one continues. The network then runs in the
            same way, so that it gives the same numbers.
        tiles_in_flight: How many networks the run uses: they all stay loaded, and share the memory.

    Raises:
        ModelFileError: If the file cannot be read.
        DeviceError: As ``check_runtime``, or if the runtime of the earlier run is no longer installed.
        JobError: If ``before`` is not a ``Network.record``.
    """
    check_runtime(runtime, device)
    given = None if before is None else resume_config(before)
    if device.torch_device.type == "cpu":
        keep_freed_memory()
    key = _key(path, device, runtime, batch_size, fused, given)
    network, is_final = _network_cache.pop(key, (None, False))
    # A network that ran out of memory is made anew for the next run: there may be more by now.
    if network is None or (tiles and network.has_halved) or (tiles >= MIN_TILES and not is_final):
        emit(Progress(PREPARING, f"loading {Path(path).name}"))
        network = None  # before loading: its weights would be in memory twice
        while len(_network_cache) >= max(_CACHED_NETWORKS, together):
            _network_cache.popitem(last=False)
        factory = BackendFactory(path, device, fused)
        # The memory is shared: the networks of a run compute at the same time.
        autotuner = Autotuner(factory, device, batch_size, free_memory() // together, emit)
        choice = Choice(given, _CONTINUED, True) if given else autotuner.choose(runtime, tiles)
        network, is_final = (
            _build_network(factory, autotuner, device, choice, emit),
            choice.is_final,
        )
    _network_cache[key] = network, is_final
    network.report(emit)
    return network


def _build_network(
    factory: BackendFactory, autotuner: Autotuner, device: Device, choice: Choice, emit: Emit
) -> Network:
    """The network with the chosen setup, or with fewer tiles at a time if the memory is short."""
    config, why = choice.config, choice.reason
    run = factory.make(config)
    fitting = autotuner.fit(config, run)
    if fitting != config:
        emit(
            Warned(
                f"The free memory does not suffice for {config.tiles_in_flight} tiles at a time: "
                f"{fitting.tiles_in_flight} {'are' if fitting.tiles_in_flight > 1 else 'is'} taken."
            )
        )
        why = _SCARCE
    if fitting.lanes < config.lanes:  # a lane has all cores now
        run = factory.make(fitting)
    rebuild = factory.make if fitting.lanes > 1 else None
    return Network(factory.card, device, fitting, run, why, rebuild, factory.name)


def _release_others(network: Network) -> bool:
    """Unloads all networks but one; whether there were any."""
    others = [key for key, (other, _) in [*_network_cache.items()] if other is not network]
    gone = [_network_cache.pop(key, None) for key in others]  # another thread may unload them too
    return any(gone)


def _key(path: str, device: Device, *asked: object) -> tuple[Any, ...]:
    """All that must be the same for a loaded network to be used again."""
    file = file_identity(path) if Path(path).is_file() else (path,)
    where = (
        str(device.torch_device),
        device.precision,
        device.is_precision_auto,
        torch.get_num_threads(),
    )
    return (*file, *where, *asked)
