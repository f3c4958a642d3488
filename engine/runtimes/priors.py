"""How long a network takes that was never measured on this machine.

The numbers are medians of forward passes on one thread of an Intel Xeon with bf16 instructions, of DualStream with
SegFormer-B1 and EfficientNet-lite0, CMX-B0 and a U-Net with ResNet-18; what is measured here replaces them.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..contract.model_card import Card
from .runtime_config import COMPILED, ONNX_RUNTIME, ONNX_RUNTIME_GPU, OPENVINO, TORCH, RuntimeConfig

#: CPU seconds per million pixels of a tile with torch in fp32: 0.9 to 1.8, and more with larger encoders.
_SECONDS = 1.6

#: Time of a pass in relation to torch in fp32, with a convolutional encoder and with a transformer (mit-b0 to b5):
#: in bf16 0.32 to 0.76 and 0.50 to 0.72; as a graph 0.85 to 0.96, which counts as equal, and 1.18 to 1.38.
_BF16, _GRAPH = (0.6, 0.65), (1.0, 1.3)

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
        base = min(seconds / _ratio(other, card) for other, seconds in known.items())
    else:
        base = _SECONDS * card.tile_size**2 / 1e6 / threads
    return base * _ratio(config, card)


def start_seconds(runtime: str, known: Mapping[str, float]) -> float:
    """The time until a network is ready to compute in a new process.

    Args:
        runtime: A name of ``RUNTIMES``.
        known: Measured seconds of starts by runtime.
    """
    return known.get(runtime, _STARTS[runtime])


def _ratio(config: RuntimeConfig, card: Card) -> float:
    """Time of a pass in relation to torch in fp32."""
    is_transformer = card.encoder.startswith(("mit-", "mit_"))
    if config.precision == "bf16":
        return _BF16[is_transformer]
    return 1.0 if config.runtime in (TORCH, COMPILED) else _GRAPH[is_transformer]
