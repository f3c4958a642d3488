"""Loads the network of a model file in the configuration that the rule chooses, and keeps it for the next scenes.

A model whose graph is in the cache, and an ONNX network, are loaded without torch.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..compute.devices import Device
from ..compute.eta import PREPARING
from ..compute.malloc import keep_freed_memory
from ..compute.memory import free_memory
from ..compute.threads import thread_count
from ..contract.file_identity import file_identity
from ..contract.protocol import Emit, Progress, Warned
from ..contract.translation import tr
from .backends import BackendFactory
from .memory_fit import fitting
from .network import Network
from .rule import Choice, choose
from .runtime_config import RuntimeConfig, check_runtime, resume_config

#: Networks that stay loaded in one process, unless a run uses more of them in turn.
_CACHED_NETWORKS = 4


class _Loaded(NamedTuple):
    """A network, the configuration that was chosen for it, and what makes it again in another one."""

    network: Network
    config: RuntimeConfig
    factory: BackendFactory


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
        runtime: A name of ``RUNTIMES`` or ``RETIRED_RUNTIMES``, or auto.
        batch_size: Tiles per forward pass; 0: as many as suit the device.
        tiles: Number of tiles of the run; 0: they were counted before, and a loaded network stays as it is.
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
    loaded = _loaded.pop(key, None)
    if loaded is None or (tiles and loaded.network.has_halved):
        emit(Progress(PREPARING, tr("Loading {}").format(Path(path).name)))
        loaded = None  # else its weights would be in memory twice
        while len(_loaded) >= max(_CACHED_NETWORKS, networks):
            _loaded.popitem(last=False)
        factory = BackendFactory(path, device, fused)
    else:
        factory = loaded.factory
    if loaded is None or tiles:
        choice = _choice(factory, runtime, batch_size, tiles, resumed)
        if loaded is None or loaded.config != choice.config:
            # The memory is shared: the networks of a run compute at the same time.
            loaded = _load(factory, choice, free_memory() // networks, emit, resumed is None)
    _loaded[key] = loaded
    loaded.network.report(emit)
    return loaded.network


def _choice(
    factory: BackendFactory,
    runtime: str,
    batch_size: int,
    tiles: int,
    resumed: RuntimeConfig | None,
) -> Choice:
    if resumed:
        return Choice(resumed, tr("The run before used the same."))
    return choose(factory, runtime, batch_size, tiles)


def _load(
    factory: BackendFactory, choice: Choice, budget: int, emit: Emit, may_compare: bool
) -> _Loaded:
    """The network with the chosen configuration, or with fewer tiles at a time if the memory is short.

    With ``may_compare`` its first tile is compared with fp32 where the rule chose 16 bits.
    """
    config, reason = choice
    backend = factory.make(config)
    fit = fitting(config, factory, backend, budget)
    if fit != config:
        text = tr("There is not enough free memory for {} tiles at a time: the run uses {}.")
        emit(Warned(text.format(config.tiles_in_flight, fit.tiles_in_flight)))
        reason = tr("There is not enough memory for more.")
    if fit.lanes < config.lanes:  # a lane has all cores now
        backend = factory.make(fit)
    network = Network(
        factory.card,
        factory.device,
        fit,
        backend,
        reason,
        factory.make,
        factory.name,
        _release_others,
        compares=may_compare and config.precision != factory.device.precision,
    )
    return _Loaded(network, config, factory)


def _release_others(network: Network) -> bool:
    """Unloads all networks but one; whether there were any."""
    others = [key for key, other in [*_loaded.items()] if other.network is not network]
    released = [_loaded.pop(key, None) for key in others]  # another thread may unload too
    return any(released)


def _cache_key(path: str, device: Device, *options: object) -> tuple[Any, ...]:
    """All that must be the same for a loaded network to be used again."""
    file = file_identity(path) if Path(path).is_file() else (path,)
    return (*file, device, thread_count(), *options)
