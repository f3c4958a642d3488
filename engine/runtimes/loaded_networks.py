"""Loads the network of a model file in the configuration that suits a run, and keeps it for the next scenes.

The runtime and the batch size are those whose run ends first on this machine (``autotune.py``), or the job's. A model
whose graph is in the cache, and an ONNX network, are loaded without torch.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..compute.devices import Device, choose_device
from ..compute.eta import PREPARING
from ..compute.malloc import keep_freed_memory
from ..compute.memory import free_memory
from ..compute.threads import thread_count
from ..contract.file_identity import file_identity
from ..contract.protocol import Emit, Progress, Warned
from ..contract.translation import tr
from .autotune import Autotuner, Choice
from .backends import BackendFactory
from .network import Network
from .runtime_config import (
    ONNX_RUNTIME_GPU,
    RuntimeConfig,
    check_runtime,
    resume_config,
)

#: Networks that stay loaded in one process, unless a run uses more of them in turn.
_CACHED_NETWORKS = 4


class _Loaded(NamedTuple):
    """A network, and what chose its configuration; None if nothing is left to choose."""

    network: Network
    config: RuntimeConfig
    factory: BackendFactory
    autotuner: Autotuner | None


#: The loaded networks, the most recently used last.
_loaded: OrderedDict[tuple[Any, ...], _Loaded] = OrderedDict()


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
    if runtime == ONNX_RUNTIME_GPU:  # its tiles are in the processor's memory
        device = choose_device("cpu", "fp32")
    if device.kind == "cpu":
        keep_freed_memory()
    key = _cache_key(path, device, runtime, batch_size, fused, resumed)
    loaded = _loaded.pop(key, None)
    if loaded is None or (tiles and loaded.network.has_halved):
        emit(Progress(PREPARING, tr("Loading {}").format(Path(path).name)))
        loaded = None  # else its weights would be in memory twice
        while len(_loaded) >= max(_CACHED_NETWORKS, networks):
            _loaded.popitem(last=False)
        factory = BackendFactory(path, device, fused)
        # The memory is shared: the networks of a run compute at the same time.
        budget = free_memory() // networks
        loaded = _load(factory, batch_size, runtime, tiles, budget, resumed, emit)
    elif loaded.autotuner and tiles:
        loaded = _choose_again(loaded, loaded.autotuner, runtime, tiles, emit)
    _loaded[key] = loaded
    loaded.network.report(emit)
    return loaded.network


def _load(
    factory: BackendFactory,
    batch_size: int,
    runtime: str,
    tiles: int,
    budget: int,
    resumed: RuntimeConfig | None,
    emit: Emit,
) -> _Loaded:
    autotuner = Autotuner(factory, factory.device, batch_size, budget, emit)
    if resumed:
        choice = Choice(resumed, tr("The run before used the same."), True)
    else:
        choice = autotuner.choose(runtime, tiles)
    return _build(factory, autotuner, choice, emit, compare=resumed is None)


def _choose_again(
    loaded: _Loaded, autotuner: Autotuner, runtime: str, tiles: int, emit: Emit
) -> _Loaded:
    """The loaded network, or one in another configuration if that suits this run better."""
    choice = autotuner.choose(runtime, tiles)
    if choice.config == loaded.config:
        return loaded._replace(autotuner=None if choice.is_final else autotuner)
    return _build(loaded.factory, autotuner, choice, emit)


def _build(
    factory: BackendFactory,
    autotuner: Autotuner,
    choice: Choice,
    emit: Emit,
    compare: bool = True,
) -> _Loaded:
    """The network with the chosen configuration, or with fewer tiles at a time if the memory is short.

    With ``compare`` its first tile is compared with fp32 where the precision was left open.
    """
    config, reason = choice.config, choice.reason
    was_ready, begin = factory.is_ready(config.runtime), time.perf_counter()
    backend = factory.make(config)
    if not was_ready:
        autotuner.note_start(config.runtime, time.perf_counter() - begin)
    fitting = autotuner.fit(config, backend)
    if fitting != config:
        text = tr("The free memory does not suffice for {} tiles at a time: the run takes {}.")
        emit(Warned(text.format(config.tiles_in_flight, fitting.tiles_in_flight)))
        reason = tr("The memory does not suffice for more.")
    if fitting.lanes < config.lanes:  # a lane has all cores now
        backend = factory.make(fitting)
    network = Network(
        factory.card,
        factory.device,
        fitting,
        backend,
        reason,
        factory.make,
        factory.name,
        _release_others,
        autotuner.refuse if compare and autotuner.is_guess(config) else None,
    )
    return _Loaded(network, config, factory, None if choice.is_final else autotuner)


def _release_others(network: Network) -> bool:
    """Unloads all networks but one; whether there were any."""
    others = [key for key, other in [*_loaded.items()] if other.network is not network]
    released = [_loaded.pop(key, None) for key in others]  # another thread may unload too
    return any(released)


def _cache_key(path: str, device: Device, *options: object) -> tuple[Any, ...]:
    """All that must be the same for a loaded network to be used again."""
    file = file_identity(path) if Path(path).is_file() else (path,)
    return (*file, device, thread_count(), *options)
