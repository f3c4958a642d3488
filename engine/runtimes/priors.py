"""How long a network takes that was never measured on this machine.

The numbers are medians of ``python -m benchmarks.segment`` on AMD EPYC processors; what is measured here replaces them.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..contract.model_card import Card
from .runtime_config import COMPILED, ONNX_RUNTIME, ONNX_RUNTIME_GPU, OPENVINO, TORCH, RuntimeConfig

#: CPU seconds per million pixels of a tile with torch in fp32, by the family of the network.
_SECONDS = {"dualstream": 3.7, "cmx": 4.0, "segformer": 3.7, "smp": 2.5}

#: The same of any other network.
_OTHER_SECONDS = 3.0

#: Time of a pass in relation to torch in fp32.
_BF16, _GRAPH = 0.6, 1.05

#: Seconds until the first tile is computed in a process that has imported nothing.
_STARTS = {TORCH: 6.0, COMPILED: 60.0, ONNX_RUNTIME: 1.0, ONNX_RUNTIME_GPU: 4.0, OPENVINO: 2.0}


def seconds_per_tile(
    config: RuntimeConfig, card: Card, threads: int, known: Mapping[RuntimeConfig, float]
) -> float:
    """The time that a tile is expected to take in a configuration.

    Args:
        config: The configuration.
        card: The model's card.
        threads: Number of threads.
        known: Measured seconds per tile of other configurations.
    """
    if known:
        base = min(seconds / _ratio(other) for other, seconds in known.items())
    else:
        family = card.architecture.split(":")[0]
        pixels = card.tile_size**2 / 1e6
        base = _SECONDS.get(family, _OTHER_SECONDS) * pixels / threads
    return base * _ratio(config)


def start_seconds(runtime: str, known: Mapping[str, float]) -> float:
    """The time until a network is ready to compute in a new process.

    Args:
        runtime: A name of ``RUNTIMES``.
        known: Measured seconds of starts by runtime.
    """
    return known.get(runtime, _STARTS[runtime])


def _ratio(config: RuntimeConfig) -> float:
    """Time of a pass in relation to torch in fp32."""
    if config.precision == "bf16":
        return _BF16
    return 1.0 if config.runtime in (TORCH, COMPILED) else _GRAPH
