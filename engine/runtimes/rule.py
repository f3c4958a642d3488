"""The rule that chooses how a network is run on this machine; nothing is measured.

A GPU computes with torch. A processor with bf16 instructions computes with torch in bf16 where the run is long enough to
pay for the start of torch. Else the prepared graph runs in ONNX Runtime; without one torch computes in fp32.

The reason: bf16 is a property of the processor, not of a network, and ONNX Runtime saves the start of torch, 6 s. Measuring
took 17 to 45 CPU s a network and gained 10 % of a tile at most. CPU s on one thread of an AMD EPYC with ``avx512_bf16``, of a tile of 512 px
and of the process that maps a first scene of 25 tiles with a prepared model:

================================  =====  =============  ==========  ===============  =====================
network                           graph  torch in bf16  torch fp32  scene, as graph  scene, torch in bf16
================================  =====  =============  ==========  ===============  =====================
U-Net, EfficientNet-lite0           .26            .14         .28              8.0                   11.0
DualStream, EfficientNet-lite0      .30            .17         .32              8.5                   12.4
DualStream, SegFormer-B1            .56            .32         .53             18.8                   20.5
CMX-B0                              .40            .25         .40             12.8                   16.1
================================  =====  =============  ==========  ===============  =====================

With torch limited to AVX2, which has no bf16: graph .26, .23, .58, .41, torch in fp32 .30, .28, .57, .39.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from ..compute.cpu_lanes import max_lanes
from ..compute.devices import Device
from ..compute.malloc import keep_freed_memory
from ..compute.processor import has_fast_bf16
from ..compute.threads import thread_count
from ..contract.errors import DeviceError
from ..contract.inference_options import RETIRED_RUNTIMES
from ..contract.quantities import format_pixels
from ..contract.translation import tr
from .backends import BackendFactory
from .runtime_config import AUTO, ONNX_RUNTIME, TORCH, RuntimeConfig, is_installed

#: Million pixels of tiles for each thread from which bf16 pays: for the start of torch, where a graph would start sooner
#: (by the table 9 to 16); for the comparison of the first tile with fp32, where torch computes anyway.
TORCH_START, COMPARISON = 14.0, 1.5

#: Tiles per forward pass of torch, by type of device.
_BATCH = {"cpu": 4, "cuda": 8, "mps": 4}


class Choice(NamedTuple):
    """The configuration that a network runs with.

    Attributes:
        config: The configuration.
        reason: The sentence on why it was chosen; empty: it needs none.
    """

    config: RuntimeConfig
    reason: str = ""


def choose(factory: BackendFactory, runtime: str, batch_size: int, tiles: int) -> Choice:
    """Chooses the configuration of a run.

    Args:
        factory: Makes the forward passes of the network.
        runtime: The job's runtime, auto or one of an earlier version, which counts as auto.
        batch_size: The job's batch size; 0: any.
        tiles: Number of tiles of the run; 0: unknown, which counts as few.

    Raises:
        DeviceError: If the runtime cannot run an ONNX network.
    """
    reason = ""
    if runtime in RETIRED_RUNTIMES:
        text = tr("DualStream no longer has the runtime {}: it chose this one automatically.")
        runtime, reason = AUTO, text.format(runtime)
    if factory.is_onnx:
        return Choice(_of_onnx_network(factory, runtime, batch_size), reason)
    device, is_open = factory.device, runtime == AUTO
    if is_open:
        runtime = ONNX_RUNTIME if _has_graph(factory) else TORCH
    if (is_open or runtime == TORCH) and _may_use_bf16(device):
        needed = TORCH_START if runtime == ONNX_RUNTIME else COMPARISON
        if tiles * factory.card.tile_size**2 >= needed * 1e6 * thread_count():
            runtime, device = TORCH, replace(device, precision="bf16")
            reason = reason or tr(
                "This run is long enough for bf16, which is faster on this processor. Shorter runs compute in fp32, so "
                "single pixels of their masks may differ: the precision fp32 gives the same mask in every run."
            )
    return Choice(_config(runtime, device, batch_size), reason)


def describe_precision(device: Device) -> str:
    """The precision in which a device computes, and when it computes in bf16 instead."""
    if not _may_use_bf16(device):
        return device.precision
    sizes = [format_pixels(needed * 1e6 * thread_count()) for needed in (COMPARISON, TORCH_START)]
    text = tr(
        "{}; bf16 to map {} or more in one run (with a prepared model {}), and to train networks whose convolutions "
        "are all dense"
    )
    return text.format(device.precision, *sizes)


def _of_onnx_network(factory: BackendFactory, runtime: str, batch_size: int) -> RuntimeConfig:
    if runtime not in (AUTO, ONNX_RUNTIME):
        text = tr("An ONNX network runs with {}, not with {}: use the runtime auto.")
        raise DeviceError(text.format(ONNX_RUNTIME, runtime))
    # A network that declares its batch size computes that many tiles in every pass.
    declared = factory.graph.batch if factory.graph else 0
    return _config(ONNX_RUNTIME, factory.device, batch_size or (declared if declared > 1 else 0))


def _has_graph(factory: BackendFactory) -> bool:
    """Whether ONNX Runtime can compute the network at once; making a graph takes longer than it saves in a run."""
    is_exact = factory.device.kind == "cpu" and factory.device.precision == "fp32"
    return is_exact and is_installed(ONNX_RUNTIME) and factory.graph is not None


def _may_use_bf16(device: Device) -> bool:
    """Whether this processor computes faster in bf16, and the user left the precision open."""
    is_open = device.kind == "cpu" and device.is_precision_auto
    return is_open and has_fast_bf16() and is_installed(TORCH)


def _config(runtime: str, device: Device, batch_size: int) -> RuntimeConfig:
    """The configuration of a runtime: how many tiles it computes at a time."""
    kind = device.kind
    config = RuntimeConfig(runtime, batch_size or 1, kind != "mps", device.precision)
    # Where freed memory goes back to the system, several tiles at a time cost more than they gain.
    if batch_size or (kind == "cpu" and not keep_freed_memory()):
        return config
    if kind == "cpu" and (lanes := max_lanes(thread_count())) > 1:
        return replace(config, lanes=lanes)
    # On one thread ONNX Runtime takes 1.1 times as long for each of four tiles, and 400 MiB more.
    return config if runtime == ONNX_RUNTIME else replace(config, batch=_BATCH[kind])
