"""A loaded model file: computes probabilities from tiles of physical values.

The runtime and the batch size are the fastest on this machine (``autotune.py``) or the job's.
Networks stay loaded for the next scenes of the same process.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..compute.arrays import Array
from ..compute.devices import Device
from ..compute.malloc import keep_freed_memory
from ..compute.memory import free_cached_memory, free_memory, is_out_of_memory
from ..compute.threads import thread_count
from ..contract.errors import DeviceError
from ..contract.eta import PREPARING
from ..contract.file_identity import file_identity
from ..contract.model_card import Card
from ..contract.protocol import Emit, Metric, Progress, Warned
from ..contract.translation import tr, tr_noop
from .autotune import MIN_TILES, Autotuner, Choice
from .backends import Backend, BackendFactory, pad_batch
from .onnx_export import check_finite
from .runtime_config import COMPILED, RuntimeConfig, check_runtime, resume_config
from .timings import count_tiles

T = TypeVar("T")

#: Networks that stay loaded in one process, unless a run uses more of them in turn.
_CACHED_NETWORKS = 4

#: Reasons of a configuration.
_LITTLE_MEMORY = tr_noop("The memory does not suffice for more.")
_RESUMED = tr_noop("The run before used the same.")


class Network:
    """A network on its device. When memory runs out, it warns and takes fewer tiles at a time.

    Args:
        card: The model's card.
        device: Device of the network.
        config: The runtime configuration.
        backend: The forward pass in that configuration.
        reason: The sentence on why this configuration was chosen; empty: none.
        rebuild: Makes the forward pass of a configuration with fewer lanes; None if there is one lane.
        name: The model's name in messages; empty: "the model".

    Attributes:
        card: The model's card.
        has_halved: Whether memory ran out, so that it takes fewer tiles at a time than before.
    """

    def __init__(
        self,
        card: Card,
        device: Device,
        config: RuntimeConfig,
        backend: Backend,
        reason: str = "",
        rebuild: Callable[[RuntimeConfig], Backend] | None = None,
        name: str = "",
    ) -> None:
        self.card, self.has_halved = card, False
        self._device, self._config, self._backend = device, config, backend
        self._reason, self._rebuild, self._name = reason, rebuild, name or tr("the model")
        self._emit: Emit = lambda event: None  # until ``report``
        self._is_checked = False
        self._active_calls, self._change = 0, threading.Condition()

    @property
    def runtime(self) -> str:
        """A name of ``RUNTIMES``."""
        return self._config.runtime

    @property
    def batch(self) -> int:
        """Tiles per forward pass; a call may reduce them."""
        return self._config.batch

    @property
    def lanes(self) -> int:
        """Number of threads that should call it at the same time; a call may reduce it."""
        return self._config.lanes

    @property
    def precision(self) -> str:
        """fp32, bf16 or fp16."""
        return self._config.precision

    def record(self) -> dict[str, Any]:
        """The configuration as JSON can hold it; ``get_network`` takes it to run in the same way again."""
        return self._config.record()

    def report(self, emit: Emit) -> None:
        """Begins a run: sends its configuration; ``emit`` also gets the warnings of its calls."""
        self._emit, self._is_checked = emit, False
        text = tr("Runtime: {}.").format(self._config)
        emit(Metric(f"{text} {self._reason}".rstrip(), self.record()))

    def to_device(self, array: NDArray[Any]) -> Array:
        """The array as this network takes it: a tensor on its device; the copy to a GPU is asynchronous."""
        tensor = torch.from_numpy(array)
        if self._device.kind == "cuda":
            return tensor.pin_memory().to(self._device.torch_device, non_blocking=True)
        if self._device.kind == "mps" and array.dtype == np.float64:
            tensor = tensor.float()  # Apple's GPUs have no float64
        return tensor.to(self._device.torch_device)

    @torch.no_grad()
    def __call__(self, images: Tensor, auxiliary: Tensor | None = None) -> Tensor:
        """Computes the probabilities of a batch of tiles.

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
                batch = slice(begin, begin + config.batch)
                second = None if auxiliary is None else auxiliary[batch]
                part = self._run_batch(images[batch], second)
            if part is None:
                self._free_or_halve(config)
                continue
            if not self._is_checked:  # once a run
                check_finite(part, self._name, config.precision)
                self._is_checked = True
            parts.append(part)
            begin += len(part)
        return parts[0] if len(parts) == 1 else torch.cat(parts)

    @contextmanager
    def _lane(self) -> Iterator[RuntimeConfig]:
        """Waits until fewer than ``lanes`` passes run; yields the configuration for the next one."""
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
        """The probabilities of one pass; None if memory ran out."""
        count = len(images)
        if self.runtime == COMPILED:  # for one shape only
            images = pad_batch(images, self.batch)
            auxiliary = None if auxiliary is None else pad_batch(auxiliary, self.batch)
        probabilities = _none_if_out_of_memory(self._backend, images, auxiliary)
        return None if probabilities is None else probabilities[:count]

    def _free_or_halve(self, config: RuntimeConfig) -> None:
        """Unloads the other networks; if there are none, halves the tiles at a time from now on."""
        with self._change:
            if config != self._config:  # another thread has halved them already
                return
            are_released = _release_others(self)
            free_cached_memory(None if self._device.kind == "cpu" else self._device.torch_device)
            if not are_released:
                self._halve()

    def _halve(self) -> None:
        before = self._config.tiles_in_flight
        if before == 1:
            raise DeviceError(
                tr(
                    "The memory of {} does not suffice for one tile of {} px: close other programs, "
                    "choose another device, or train a model with a smaller encoder or smaller tiles."
                ).format(self._device.name, self.card.tile_size)
            )
        if self.lanes > 1:
            self._config = replace(self._config, lanes=self.lanes // 2)
            if self._rebuild:  # so that the remaining lanes use the cores of the lost ones
                backend = _none_if_out_of_memory(self._rebuild, self._config)
                self._backend = backend or self._backend
        else:
            self._config = replace(self._config, batch=self.batch // 2)
        self.has_halved, self._reason = True, tr(_LITTLE_MEMORY)
        text = tr("The memory did not suffice for {} tiles at a time: the run goes on with {}.")
        self._emit(Warned(text.format(before, self._config.tiles_in_flight)))


def _none_if_out_of_memory(call: Callable[..., T], *args: Any) -> T | None:
    """The result of a call; None if memory ran out."""
    try:
        return call(*args)
    except Exception as error:  # each runtime raises its own errors
        if not is_out_of_memory(error):
            raise
    # Not in the handler: the error refers to the tensors that the call made.
    return None


#: The loaded networks, the most recently used last; with the name of the timings until all are measured.
_network_cache: OrderedDict[tuple[Any, ...], tuple[Network, str]] = OrderedDict()


def get_network(
    path: str,
    device: Device,
    runtime: str,
    batch_size: int,
    tiles: int,
    fused: bool,
    emit: Emit,
    resume_from: Mapping[str, Any] | None = None,
    networks: int = 1,
) -> Network:
    """Loads the network of a model file, or takes it from the cache.

    Args:
        path: The model file.
        device: The device and the precision.
        runtime: A name of ``RUNTIMES``, or auto: the fastest one here.
        batch_size: Tiles per forward pass; 0: the fastest number here.
        tiles: Number of tiles of the run, see ``MIN_TILES``; 0: they were counted before.
        fused: Whether the caller has an auxiliary stream.
        emit: Callback for progress, metric and warning events.
        resume_from: The ``Network.record`` of the unfinished run that this one continues, for the same numbers.
        networks: Number of networks that the run uses: they all stay loaded and share the memory.

    Raises:
        ModelFileError: If the file cannot be read.
        DeviceError: As ``check_runtime``, or if the runtime of the unfinished run is no longer installed.
        JobError: If ``resume_from`` is not a ``Network.record``.
    """
    check_runtime(runtime, device)
    resumed = None if resume_from is None else resume_config(resume_from)
    if device.kind == "cpu":
        keep_freed_memory()
    key = _cache_key(path, device, runtime, batch_size, fused, resumed)
    network, timings = _network_cache.pop(key, (None, ""))
    if network is None or _is_outdated(network, timings, tiles):
        emit(Progress(PREPARING, tr("Loading {}").format(Path(path).name)))
        network = None  # else its weights would be in memory twice
        while len(_network_cache) >= max(_CACHED_NETWORKS, networks):
            _network_cache.popitem(last=False)
        factory = BackendFactory(path, device, fused)
        device = factory.device
        # The memory is shared: the networks of a run compute at the same time.
        autotuner = Autotuner(factory, device, batch_size, free_memory() // networks, emit)
        choice = (
            Choice(resumed, tr(_RESUMED), True) if resumed else autotuner.choose(runtime, tiles)
        )
        network = _build_network(factory, autotuner, device, choice, emit)
        timings = "" if choice.is_final else autotuner.name
    _network_cache[key] = network, timings
    network.report(emit)
    return network


def _is_outdated(network: Network, timings: str, tiles: int) -> bool:
    """Whether the next run may use more memory than was free before, or has the tiles for a measurement."""
    if not tiles:
        return False
    return network.has_halved or (timings != "" and count_tiles(timings, tiles).tiles >= MIN_TILES)


def _build_network(
    factory: BackendFactory, autotuner: Autotuner, device: Device, choice: Choice, emit: Emit
) -> Network:
    """The network with the chosen configuration, or with fewer tiles at a time if the memory is short."""
    config, reason = choice.config, choice.reason
    backend = factory.make(config)
    fitting = autotuner.fit(config, backend)
    if fitting != config:
        text = tr("The free memory does not suffice for {} tiles at a time: the run takes {}.")
        emit(Warned(text.format(config.tiles_in_flight, fitting.tiles_in_flight)))
        reason = tr(_LITTLE_MEMORY)
    if fitting.lanes < config.lanes:  # a lane has all cores now
        backend = factory.make(fitting)
    rebuild = factory.make if fitting.lanes > 1 else None
    return Network(factory.card, device, fitting, backend, reason, rebuild, factory.name)


def _release_others(network: Network) -> bool:
    """Unloads all networks but one; whether there were any."""
    others = [key for key, (other, _) in [*_network_cache.items()] if other is not network]
    released = [_network_cache.pop(key, None) for key in others]  # another thread may unload too
    return any(released)


def _cache_key(path: str, device: Device, *options: object) -> tuple[Any, ...]:
    """All that must be the same for a loaded network to be used again."""
    file = file_identity(path) if Path(path).is_file() else (path,)
    precision = device.precision, device.is_precision_auto
    return (*file, device.kind, device.index, *precision, thread_count(), *options)
