"""Checks of forward passes alone, in both memory formats."""

from __future__ import annotations

import pytest

from engine.runtimes.runtime_config import TORCH, RuntimeConfig
from tests.gpu.forward_passes import seconds_per_tile
from tests.gpu.inputs import model_file
from tests.gpu.setting import DeviceMemory, Setting
from tests.gpu.table import Value

pytestmark = pytest.mark.gpu


def test_layouts(setting: Setting, found: list[Value]) -> None:
    """Channels last."""
    model, precision = model_file(setting), setting.choose().precision
    for channels_last in (False, True):
        config = RuntimeConfig(TORCH, setting.batch, channels_last, precision)
        name = "channels last" if channels_last else "contiguous"
        with DeviceMemory(setting) as memory:
            seconds = seconds_per_tile(setting, model, config)
        found.append(Value(f"{name}, {precision}", 1000 * seconds, "ms a tile"))
        found.append(Value(f"{name}: device memory", memory.mib, "MiB"))
