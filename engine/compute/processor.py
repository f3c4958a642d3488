"""The processor of this machine: its name, and whether it computes in bf16."""

from __future__ import annotations

import platform
import sys
from functools import lru_cache
from pathlib import Path

from .gpu_driver import has_torch

_CPUINFO = "/proc/cpuinfo"

#: Flags of processors with bf16 instructions, as Linux names them: Intel and AMD, then ARM.
_BF16_FLAGS = frozenset(("amx_bf16", "avx512_bf16", "bf16", "svebf16"))

#: The same in torch's names.
_TORCH_BF16_FLAGS = ("amx_bf16", "avx512_bf16", "sve_bf16", "bf16")


def has_fast_bf16() -> bool:
    """Whether this CPU has bf16 instructions; others emulate them, several times slower than fp32."""
    if sys.platform == "linux":
        facts = _cpuinfo()
        flags = facts.get("flags") or facts.get("Features") or ""
        return not _BF16_FLAGS.isdisjoint(flags.split())
    if not has_torch():  # only torch computes in bf16
        return False
    import torch

    get_capabilities = getattr(torch.cpu, "get_capabilities", dict)  # since torch 2.10
    capabilities = get_capabilities()
    return any(capabilities.get(name) for name in _TORCH_BF16_FLAGS)


def processor_name() -> str:
    """The model name of this machine's CPU."""
    return _cpuinfo().get("model name") or platform.processor() or platform.machine()


@lru_cache(maxsize=1)
def _cpuinfo() -> dict[str, str]:
    """Linux's facts about the first processor; empty on other systems."""
    try:
        first = Path(_CPUINFO).read_text("utf-8", errors="replace").split("\n\n")[0]
    except OSError:
        return {}
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}
