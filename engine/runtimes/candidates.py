"""The configurations of a network on a device: the default one, and those that are worth measuring."""

from __future__ import annotations

from dataclasses import replace

from ..compute.cpu_lanes import max_lanes
from ..compute.devices import Device
from ..compute.malloc import keep_freed_memory
from ..compute.processor import has_fast_bf16
from ..compute.threads import thread_count
from ..contract.errors import DeviceError, join_choices
from ..contract.translation import tr
from .runtime_config import (
    AUTO,
    COMPILED,
    GRAPH_RUNTIMES,
    MULTI_LANE,
    ONNX_RUNTIME,
    OPENVINO,
    TORCH,
    RuntimeConfig,
    is_installed,
)

#: The batch sizes that are measured, by type of device; larger ones gained nothing.
_BATCHES = {"cpu": (1, 4), "cuda": (4, 8, 16), "mps": (1, 4)}

#: The batch size of a run that measures nothing.
_DEFAULT_BATCH = {"cpu": 4, "cuda": 8, "mps": 4}


def runtimes_for(runtime: str, device: Device, has_graph: bool) -> list[str]:
    """The runtimes that a job may run a trained network with, the default one first.

    Args:
        runtime: The job's runtime, or auto.
        device: Device of the network.
        has_graph: Whether the network is translated to ONNX already: that takes longer than it saves in one run.
    """
    if runtime != AUTO:
        return [runtime]
    is_torch = is_installed(TORCH)
    graphs = has_graph and device.kind == "cpu" and device.precision == "fp32"
    found = [name for name in (ONNX_RUNTIME, OPENVINO) if graphs and is_installed(name)]
    return [TORCH, *found] if is_torch or not found else found


def graph_runtimes(runtime: str) -> list[str]:
    """The runtimes that a job may run an ONNX network with, the default one first.

    Args:
        runtime: The job's runtime, or auto.

    Raises:
        DeviceError: If it cannot run ONNX networks.
    """
    if runtime == AUTO:
        return [name for name in (ONNX_RUNTIME, OPENVINO) if is_installed(name)]
    if runtime not in GRAPH_RUNTIMES:
        raise DeviceError(
            tr("An ONNX network runs with {}, not with {}: use the runtime auto.").format(
                join_choices([*GRAPH_RUNTIMES]), runtime
            )
        )
    return [runtime]


def default_config(runtime: str, device: Device, batch_size: int) -> RuntimeConfig:
    """The configuration of a runtime that was not measured.

    Args:
        runtime: A name of ``RUNTIMES``.
        device: Device of the network.
        batch_size: The job's batch size; 0: any.
    """
    kind = device.kind
    config = RuntimeConfig(runtime, batch_size or 1, kind != "mps", device.precision)
    # Where freed memory goes back to the system, several tiles at a time cost more than they gain.
    if batch_size or (kind == "cpu" and not keep_freed_memory()):
        return config
    if (lanes := _max_lanes(runtime, device, batch_size)) > 1:
        return replace(config, lanes=lanes)
    return config if _is_single(runtime, kind) else replace(config, batch=_DEFAULT_BATCH[kind])


def candidates(runtime: str, device: Device, batch_size: int) -> list[RuntimeConfig]:
    """The configurations of a runtime that are worth measuring, the one that takes the least memory first.

    Args:
        runtime: A name of ``RUNTIMES``.
        device: Device of the network.
        batch_size: The job's batch size; 0: any.
    """
    kind = device.kind
    batches = (batch_size,) if batch_size else _BATCHES[kind]
    if _is_single(runtime, kind) and not batch_size:
        batches = (1,)
    base = replace(default_config(runtime, device, batch_size), lanes=1)
    found = [replace(base, batch=batch) for batch in batches]
    if runtime == COMPILED:  # compiling for each batch size takes minutes
        return found[:1]
    if (lanes := _max_lanes(runtime, device, batch_size)) > 1:
        found.insert(1, replace(found[0], lanes=lanes))
    if runtime != TORCH or kind != "cpu":
        return found
    variants = [*found, *(replace(config, channels_last=False) for config in found)]
    if device.is_precision_auto and has_fast_bf16():
        variants += [replace(config, precision="bf16") for config in found]
    return variants


def _is_single(runtime: str, kind: str) -> bool:
    """Whether one tile at a time is best: ONNX Runtime takes 1.1 times as long for each of four on a thread, and 400 MiB more."""
    return runtime == ONNX_RUNTIME and kind == "cpu"


def _max_lanes(runtime: str, device: Device, batch_size: int) -> int:
    """Number of parallel forward passes that is worth measuring; 1 if they cannot run in parallel."""
    if runtime not in MULTI_LANE or device.kind != "cpu" or batch_size:
        return 1
    return max_lanes(thread_count())
